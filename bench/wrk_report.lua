-- The argument: milliseconds that a connection waits before a request, on the average.
function init(arguments)
  local pause = tonumber(arguments[1]) or 0
  if pause > 0 then
    local least, most = math.ceil(pause / 2), math.floor(pause * 3 / 2)
    function delay() return math.random(least, most) end
  end
end

-- Prints what wrk measured as one line of JSON; wrk's own text rounds it.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"microseconds":%d,"requests":%d,"p50":%d,"p99":%d,"max":%d,' ..
      '"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}\n',
    summary.duration, summary.requests,
    latency:percentile(50), latency:percentile(99), latency.max,
    errors.connect, errors.read, errors.write, errors.timeout, errors.status))
end
