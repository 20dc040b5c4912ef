-- wrk: asks for the paths of a file in turn, from a number on; counts answers that are bad, and connections that failed.
-- Of "pictures" an answer is bad that is no whole PNG with status 200, of "anything" one of another status alone.
local paths, at, bad, pictures = {}, 0, 0, true
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  at = tonumber(args[2])
  pictures = args[3] == "pictures"
end

function request()
  at = at % #paths + 1
  return wrk.format("GET", paths[at])
end

function response(status, headers, body)
  -- The static body is a picture in its first and last bytes alone.
  if status ~= 200 or pictures and (body:sub(2, 4) ~= "PNG" or body:sub(-8, -5) ~= "IEND") then
    bad = bad + 1
    wrk.thread:set("bad", bad)
    wrk.thread:set("status", status)
  end
end

function done(summary, latency, requests)
  local all, last, e = 0, 0, summary.errors
  for _, thread in ipairs(threads) do
    all = all + (thread:get("bad") or 0)
    last = math.max(last, thread:get("status") or 0)
  end
  io.write(string.format("RESULT %d %d %d %d %d %.3f %.3f %.3f %.3f %d\n", summary.requests, summary.duration, all, last,
    e.connect + e.read + e.write + e.timeout, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    latency.mean / 1000, latency.max / 1000, summary.bytes))
end
