/** What an application sees of the module `mod_wsgi`, next to the output of mod_wsgi 4.8.0. */

import assert from "node:assert/strict";
import { forEachPython, startServer } from "./harness.ts";

/** The names of 4.8.0 with their types or values, and the later ones that come along. */
const NAMES = {
  FileWrapper: "type:builtins.type",
  RequestTimeout: "type:builtins.type",
  active_requests: {},
  application_group: "",
  event_callbacks: [],
  maximum_processes: 1,
  process_group: "",
  process_metrics: "function",
  request_data: "function",
  request_metrics: "function",
  server: "type:builtins.module",
  server_metrics: "function",
  shutdown_callbacks: [],
  start_recording_metrics: "function",
  subscribe_events: "function",
  subscribe_shutdown: "function",
  threads_per_process: 5,
  version: [4, 8, 0],
};

forEachPython("the module mod_wsgi has the names and types of 4.8.0", async (python) => {
  await using server = await startServer({ app: "module.wsgi", python: python.executable });
  const shown = (await server.request("/x/../")).json;
  const port = new URL(server.url).port;
  const found = { ...shown.mod_wsgi };
  for (const [name, value] of Object.entries(NAMES)) {
    if (value === "function") {
      assert.equal(shown.callables[name], true, name);
      continue;
    }
    if (name === "active_requests") {
      assert.equal(Object.keys(found[name]).length, 1);
      continue;
    }
    const expected = name === "process_group" ? `127.0.0.1:${port}` : value;
    assert.deepEqual(found[name], expected, name);
  }
  assert.deepEqual(
    Object.keys(found).filter((name) => !(name in NAMES)),
    [],
    "further names",
  );
  for (
    const name of [
      "build_date",
      "description",
      "maximum_processes",
      "mpm_name",
      "threads_per_process",
      "version",
    ]
  ) assert.ok(name in shown.apache, name);
  assert.deepEqual(Object.keys(shown.server).sort(), ["start", "start_reloader", "track_changes"]);
  assert.deepEqual(shown.loaded, {
    "on the main thread": true,
    "request_data outside a request": "RuntimeError",
  });
  assert.deepEqual(shown["first request_metrics"], {});
  assert.equal(shown.server_metrics, null);
  assert.equal(shown.name, "__wsgi__");
  assert.deepEqual(shown.modules, ["__wsgi__", "mod_wsgi"]);
  assert.deepEqual(shown.argv, ["mod_wsgi"]);
  assert.equal(shown.main, false);
});

/** Types of the environ's own entries in mod_wsgi 4.8.0, daemon mode. */
const ENVIRON: Record<string, RegExp | "number" | "list" | boolean> = {
  "apache.version": "list",
  "mod_wsgi.application_group": /^$/,
  "mod_wsgi.callable_object": /^handle_request$/,
  "mod_wsgi.daemon_connects": /^1$/,
  "mod_wsgi.daemon_restarts": /^0$/,
  "mod_wsgi.daemon_start": /^\d{16}$/,
  "mod_wsgi.enable_sendfile": /^0$/,
  "mod_wsgi.handler_script": /handler\.wsgi$/,
  "mod_wsgi.ignore_activity": /^0$/,
  "mod_wsgi.listener_host": /^127\.0\.0\.1$/,
  "mod_wsgi.listener_port": /^\d+$/,
  "mod_wsgi.path_info": /^$/,
  "mod_wsgi.process_group": /^127\.0\.0\.1:\d+$/,
  "mod_wsgi.queue_start": /^\d{16}$/,
  "mod_wsgi.request_handler": /^wsgi-handler$/,
  "mod_wsgi.request_id": /^.{11}$/,
  "mod_wsgi.request_start": /^\d{16}$/,
  "mod_wsgi.script_name": /^\/$/,
  "mod_wsgi.script_reloading": /^1$/,
  "mod_wsgi.script_start": /^\d{16}$/,
  "mod_wsgi.thread_id": "number",
  "mod_wsgi.thread_requests": "number",
  "mod_wsgi.total_requests": "number",
  "mod_wsgi.version": "list",
  "wsgi.errors": /^type:_io\.TextIOWrapper$/,
  "wsgi.file_wrapper": /^type:builtins\.type$/,
  "wsgi.input": /^type:mod_wsgi\.Input$/,
  "wsgi.input_terminated": true,
  "wsgi.multiprocess": false,
  "wsgi.multithread": true,
  "wsgi.run_once": false,
  "wsgi.url_scheme": /^http$/,
  "wsgi.version": "list",
};

forEachPython("the environ has the entries of 4.8.0 with their types", async (python) => {
  await using server = await startServer({ app: "module.wsgi", python: python.executable });
  const { environ } = (await server.request("/")).json;
  for (const [name, expected] of Object.entries(ENVIRON)) {
    const value = environ[name];
    if (expected instanceof RegExp) assert.match(value, expected, name);
    else if (expected === "number") assert.equal(typeof value, "number", name);
    else if (expected === "list") assert.ok(Array.isArray(value), name);
    else assert.equal(value, expected, name);
  }
});
