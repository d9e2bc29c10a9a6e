/**
 * The constant part of the environ, and what application processes find in `os.environ`.
 *
 * @module
 */

import type { ApplicationPlan, ServerPlan } from "../plan.ts";
import type { Host } from "./host.ts";
import { absolutePath, joinPath } from "./paths.ts";
import * as rules from "./rules.ts";
import type { Settings } from "./table.ts";

/**
 * The part of the environ that is the same for each request of a process. Every value is a text of
 * latin-1 characters that stand for bytes (PEP 3333, "Unicode Issues").
 */
export function environTemplate(
  settings: Settings,
  host: Host,
  application: ApplicationPlan,
  server: ServerPlan,
): Record<string, string> {
  const environ: Record<string, string> = {
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_SOFTWARE: "wsgi-express",
    SERVER_ADMIN: "[no address given]",
    SERVER_SIGNATURE: "",
    DOCUMENT_ROOT: server.documentRoot,
    CONTEXT_PREFIX: "",
    CONTEXT_DOCUMENT_ROOT: server.documentRoot,
    "mod_wsgi.process_group": application.processGroup,
    "mod_wsgi.application_group": application.applicationGroup,
    // mod_wsgi-express wraps the application in an object of this name in the handler script.
    "mod_wsgi.callable_object": "handle_request",
    "mod_wsgi.request_handler": "wsgi-handler",
    "mod_wsgi.handler_script": server.handlerScript,
    "mod_wsgi.script_reloading": application.reloading ? "1" : "0",
    "mod_wsgi.listener_host": settings.host ?? "",
    "mod_wsgi.listener_port": String(settings.port),
    "mod_wsgi.enable_sendfile": "0",
    "mod_wsgi.ignore_activity": "0",
  };
  for (const [name, value] of settings.setenv) environ[name] = value;
  for (const name of settings.passenv) {
    const value = host.environment[name];
    if (value !== undefined) environ[name] = value;
  }
  return Object.fromEntries(
    Object.entries(environ).map(([name, value]) => [byteString(name), byteString(value)]),
  );
}

/** What application processes have in `os.environ` beside the server's own environment. */
export function osEnviron(settings: Settings, host: Host): Record<string, string> {
  const { system, workingDirectory } = host;
  const { lang, locale } = rules.locales(settings, host);
  const listenerHost = settings.host ?? "localhost";
  const enabled = (on: boolean, name: string) => on ? { [name]: "true" } : {};
  return {
    LANG: lang,
    LC_ALL: locale,
    PYTHON_EGG_CACHE: settings.pythonEggs === null
      ? joinPath(system, rules.serverRoot(settings, host), "python-eggs")
      : absolutePath(system, workingDirectory, settings.pythonEggs),
    MOD_WSGI_EXPRESS: "true",
    MOD_WSGI_SERVER_NAME: settings.serverName ?? listenerHost,
    MOD_WSGI_SERVER_ALIASES: settings.serverAlias.join(" "),
    // What mod_wsgi-express puts into the environment of its Apache.
    MOD_WSGI_SERVER_ROOT: rules.serverRoot(settings, host),
    MOD_WSGI_WORKING_DIRECTORY: absolutePath(
      system,
      workingDirectory,
      settings.workingDirectory ?? ".",
    ),
    MOD_WSGI_LISTENER_HOST: listenerHost,
    MOD_WSGI_HTTP_PORT: String(settings.port),
    ...enabled(
      rules.isReloading(settings) && settings.reloadOnChanges,
      "MOD_WSGI_RELOADER_ENABLED",
    ),
    ...enabled(rules.isDebugMode(settings), "MOD_WSGI_DEBUG_MODE"),
    ...enabled(settings.enableDebugger, "MOD_WSGI_DEBUGGER_ENABLED"),
    ...enabled(settings.enableCoverage, "MOD_WSGI_COVERAGE_ENABLED"),
    ...enabled(settings.enableProfiler, "MOD_WSGI_PROFILER_ENABLED"),
    ...enabled(settings.enableRecorder, "MOD_WSGI_RECORDER_ENABLED"),
    ...enabled(settings.enableGdb, "MOD_WSGI_GDB_ENABLED"),
  };
}

/** The UTF-8 bytes of a text, each as the character of the same number. */
export function byteString(text: string): string {
  // deno-lint-ignore no-control-regex -- the range is all of ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}
