/**
 * The file that `mod_wsgi.handler_script` of the environ names. mod_wsgi-express starts an application from it; this
 * server does not read it, but an application that looks there finds what is served, under the names of 4.8.0.
 *
 * @module
 */
import type { Plan } from "./plan.ts";

/** First line of a file that this program has made. */
export const HANDLER_SCRIPT_MARK = "# Made by wsgi-express at each start.";

/** Text of the file: a WSGI script whose `handle_request` is the application. */
export function handlerScript({ application }: Plan): string {
  // A text of JSON is a literal of Python too.
  const literal = (text: string) => JSON.stringify(text);
  return `${HANDLER_SCRIPT_MARK} The server does not read it.

working_directory = ${literal(application.workingDirectory)}
entry_point = ${literal(application.entryPoint)}
application_type = ${literal(application.type)}
callable_object = ${literal(application.callable)}
mount_point = ${literal(application.mountPoint || "/")}

if application_type == "module":
    from importlib import import_module

    handle_request = getattr(import_module(entry_point), callable_object)
else:
    from runpy import run_path

    handle_request = run_path(entry_point, run_name="__wsgi__")[callable_object]
`;
}
