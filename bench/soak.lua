-- wrk: asks for the paths of a file in turn; counts answers of another status than 200, and connections that failed.
local paths, at, bad, last = {}, 0, 0, 0
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
  if status ~= 200 then
    bad, last = bad + 1, status
    wrk.thread:set("bad", bad)
    wrk.thread:set("last", last)
  end
end

function done(summary, latency, requests)
  local all, kind, failed = 0, 0, summary.errors
  for _, thread in ipairs(threads) do
    all = all + (thread:get("bad") or 0)
    kind = math.max(kind, thread:get("last") or 0)
  end
  io.write(string.format("SOAK %d %d %d %d %.3f %.3f\n", summary.requests, all, kind,
    failed.connect + failed.read + failed.write + failed.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
