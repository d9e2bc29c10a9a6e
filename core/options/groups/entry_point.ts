/** What is served, and where it listens. */

import { choice, flag, integer, list, path, string } from "../option.ts";

/** Options of the group "Entry point and listeners". */
export const entryPoint = {
  applicationType: choice("--application-type", "TYPE", ["script", "module", "paste", "static"], {
    default: "script",
    since: "4.3.0",
    text: "What the entry point is: the path of a Python file (script), a module that can be " +
      "imported (module), a paste.deploy configuration file (paste), or a folder of files to be " +
      "served without an application (static).",
    note: "paste and static are not carried out in this version and end in a configuration error",
  }),
  entryPoint: string("--entry-point", "FILE-PATH|MODULE", {
    since: "4.4.21",
    text: "The entry point by name; wins over the one given as an argument.",
  }),
  host: string("--host", "IP-ADDRESS", {
    since: "4.1.0",
    defaultText: "all interfaces",
    text:
      "Address of the network interface to listen on, or a name of it, which is looked up once. " +
      "Without it all interfaces are listened on, and URLs and the process group name say localhost.",
  }),
  port: integer("--port", "NUMBER", {
    default: 8000,
    minimum: 0,
    maximum: 65535,
    since: "4.1.0",
    text: "Port for HTTP. 0 lets the system choose a free one, which the start-up banner shows.",
  }),
  http2: flag("--http2", {
    effect: "none-yet",
    since: "4.5.7",
    text: "Offer HTTP/2.",
    note: "over TLS only",
  }),
  httpsPort: integer("--https-port", "NUMBER", {
    aliases: ["--ssl-port"],
    minimum: 0,
    maximum: 65535,
    effect: "refused-yet",
    since: "4.4.2",
    text: "Port for HTTPS, beside the one for HTTP.",
    note: "a server name is not required",
  }),
  serverName: string("--server-name", "HOSTNAME", {
    effect: "none-yet",
    since: "4.3.0",
    text:
      "The host name of the site; requests for another host are refused. With www.example.com " +
      "a request for example.com is redirected to it.",
  }),
  serverAlias: list(string("--server-alias", "HOSTNAME", {
    effect: "none-yet",
    since: "4.3.0",
    text: "Another host name of the site; may contain * as a wildcard.",
  })),
  allowLocalhost: flag("--allow-localhost", {
    effect: "none-yet",
    since: "4.3.0",
    text: "With --server-name, accept requests for localhost too.",
  }),
  callableObject: string("--callable-object", "NAME", {
    default: "application",
    since: "4.1.0",
    text: "Name of the WSGI application in the script or module.",
  }),
  mountPoint: string("--mount-point", "URL-PATH", {
    default: "/",
    since: "4.2.7",
    text: "URL path below which the application is found (SCRIPT_NAME).",
  }),
  python: path("--python", "PATH", {
    defaultText: "VIRTUAL_ENV, .venv beside the application, python3 on PATH",
    text: "The Python to host the application in: an interpreter, the folder of a virtual " +
      "environment, or a Python library (libpython). The command doctor shows what would be used.",
  }),
};
