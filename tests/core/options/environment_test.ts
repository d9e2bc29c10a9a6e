import assert from "node:assert/strict";
import { byteString } from "../../../core/options/environment.ts";
import { linux, planOf } from "./fixtures.ts";

Deno.test("the environ template is that of mod_wsgi-express in daemon mode", () => {
  assert.deepEqual(planOf().environ, {
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_SOFTWARE: "wsgi-express",
    SERVER_ADMIN: "[no address given]",
    SERVER_SIGNATURE: "",
    DOCUMENT_ROOT: "/tmp/mod_wsgi-localhost:8000:1000/htdocs",
    CONTEXT_PREFIX: "",
    CONTEXT_DOCUMENT_ROOT: "/tmp/mod_wsgi-localhost:8000:1000/htdocs",
    "mod_wsgi.process_group": "localhost:8000",
    "mod_wsgi.application_group": "",
    "mod_wsgi.callable_object": "handle_request",
    "mod_wsgi.request_handler": "wsgi-handler",
    "mod_wsgi.handler_script": "/tmp/mod_wsgi-localhost:8000:1000/handler.wsgi",
    "mod_wsgi.script_reloading": "1",
    "mod_wsgi.listener_host": "",
    "mod_wsgi.listener_port": "8000",
    "mod_wsgi.enable_sendfile": "0",
    "mod_wsgi.ignore_activity": "0",
  });
});

Deno.test("the environ template has no process group and no reloading in embedded mode", () => {
  const { environ } = planOf({ embeddedMode: true, host: "::1", applicationGroup: "a" });
  assert.equal(environ["mod_wsgi.process_group"], "");
  assert.equal(environ["mod_wsgi.script_reloading"], "0");
  assert.equal(environ["mod_wsgi.listener_host"], "::1");
  assert.equal(environ["mod_wsgi.application_group"], "a");
});

Deno.test("the environ template has what --setenv and --passenv name, --passenv before --setenv", () => {
  const host = linux({ environment: { TOKEN: "t", COLOUR: "red" } });
  const { environ, osEnviron } = planOf({
    passenv: ["TOKEN", "COLOUR", "MISSING", "OTHER"],
    setenv: [["COLOUR", "blue"], ["MISSING", "set"], ["SERVER_ADMIN", "ann@example.com"], [
      "E",
      "",
    ]],
  }, host);
  assert.equal(environ.TOKEN, "t");
  assert.equal(environ.COLOUR, "red");
  assert.equal(environ.SERVER_ADMIN, "ann@example.com");
  assert.equal(environ.E, "");
  assert.equal(environ.MISSING, "set");
  assert.equal("OTHER" in environ, false);
  assert.equal("TOKEN" in osEnviron, false);
});

Deno.test("byteString() gives the UTF-8 bytes as latin-1 characters, as PEP 3333 wants them", () => {
  assert.equal(byteString("plain"), "plain");
  assert.equal(byteString("é€"), "\xc3\xa9\xe2\x82\xac");
  assert.equal(planOf({ setenv: [["NAME", "é"]] }).environ.NAME, "\xc3\xa9");
});

Deno.test("os.environ has the names of mod_wsgi-express, and the flags only when they are on", () => {
  assert.deepEqual(planOf().osEnviron, {
    LANG: "en_GB.UTF-8",
    LC_ALL: "en_GB.UTF-8",
    PYTHON_EGG_CACHE: "/tmp/mod_wsgi-localhost:8000:1000/python-eggs",
    MOD_WSGI_EXPRESS: "true",
    MOD_WSGI_SERVER_NAME: "localhost",
    MOD_WSGI_SERVER_ALIASES: "",
    MOD_WSGI_SERVER_ROOT: "/tmp/mod_wsgi-localhost:8000:1000",
    MOD_WSGI_WORKING_DIRECTORY: "/srv/site",
    MOD_WSGI_LISTENER_HOST: "localhost",
    MOD_WSGI_HTTP_PORT: "8000",
  });
  const { osEnviron } = planOf({
    enableDebugger: true,
    enableCoverage: true,
    enableProfiler: true,
    enableRecorder: true,
    enableGdb: true,
    reloadOnChanges: true,
    serverName: "www.example.com",
    serverAlias: ["a", "b"],
    pythonEggs: "eggs",
  });
  assert.deepEqual(Object.keys(osEnviron).filter((name) => name.startsWith("MOD_WSGI")), [
    "MOD_WSGI_EXPRESS",
    "MOD_WSGI_SERVER_NAME",
    "MOD_WSGI_SERVER_ALIASES",
    "MOD_WSGI_SERVER_ROOT",
    "MOD_WSGI_WORKING_DIRECTORY",
    "MOD_WSGI_LISTENER_HOST",
    "MOD_WSGI_HTTP_PORT",
    "MOD_WSGI_DEBUG_MODE",
    "MOD_WSGI_DEBUGGER_ENABLED",
    "MOD_WSGI_COVERAGE_ENABLED",
    "MOD_WSGI_PROFILER_ENABLED",
    "MOD_WSGI_RECORDER_ENABLED",
    "MOD_WSGI_GDB_ENABLED",
  ]);
  assert.equal(osEnviron.MOD_WSGI_SERVER_NAME, "www.example.com");
  assert.equal(osEnviron.MOD_WSGI_SERVER_ALIASES, "a b");
  assert.equal(osEnviron.PYTHON_EGG_CACHE, "/srv/site/eggs");
  const bound = planOf({ host: "127.0.0.1" }).osEnviron;
  assert.equal(bound.MOD_WSGI_SERVER_NAME, "127.0.0.1");
  assert.equal(bound.MOD_WSGI_LISTENER_HOST, "127.0.0.1");
  assert.equal(planOf({ reloadOnChanges: true }).osEnviron.MOD_WSGI_RELOADER_ENABLED, "true");
});
