-- wrk: asks for the paths of a file in turn; counts answers that are no PNG with status 200.
local paths, at, bad = {}, 0, 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  at = tonumber(args[2] or "0")
end

function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end

function response(status, headers, body)
  if status ~= 200 then bad = bad + 1 end
  wrk.thread:set("bad", bad)
end

function done(summary, latency, requests)
  local all = 0
  for _, thread in ipairs(threads) do all = all + (thread:get("bad") or 0) end
  io.write(string.format("RESULT %d %d %d %.3f %.3f %.3f %d\n", summary.requests, summary.duration, all,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000, summary.bytes))
end
