import assert from "node:assert/strict";
import type { GatewayRequest } from "../../../core/gateway/request.ts";
import { WorkerRecords } from "../../../core/gateway/worker_records.ts";

function request(line: string, bytes = 0): GatewayRequest {
  return {
    describe: () => ({ client: "192.0.2.1", request: line, vhost: "localhost:8000", bytes }),
  } as Partial<GatewayRequest> as GatewayRequest;
}

Deno.test("a request takes the first free worker, and its end is counted there", () => {
  let now = 1000;
  const records = new WorkerRecords(() => now);
  assert.equal(records.start(11, request("GET /a")), 0);
  assert.equal(records.start(12, request("GET /b")), 1);
  now += 500;
  assert.equal(records.end(11), 0);
  assert.equal(records.end(11), -1);
  assert.equal(records.start(13, request("GET /c", 4)), 0);
  assert.equal(records.end(13), 0);
  assert.deepEqual(records.at(0), {
    busy: false,
    accesses: 2,
    bytes: 4,
    started: 1500,
    stopped: 1500,
    client: "192.0.2.1",
    request: "GET /c",
    vhost: "localhost:8000",
  });
  assert.equal(records.at(1)!.busy, true);
  assert.equal(records.at(2), undefined);
  assert.equal(records.records.length, 2);
});
