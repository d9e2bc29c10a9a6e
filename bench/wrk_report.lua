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
