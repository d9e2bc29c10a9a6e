/**
 * Serves a WSGI application from a TypeScript program.
 *
 * ```sh
 * deno run -A examples/embed.ts
 * ```
 */

import { startServer } from "../mod.ts";

const server = await startServer({
  entryPoint: `${import.meta.dirname}/hello.wsgi`,
  host: "127.0.0.1",
  port: 0,
  processes: 1,
  threads: 5,
});

const stop = async () => {
  await server.stop();
  Deno.exit(0);
};
Deno.addSignalListener("SIGTERM", stop);
Deno.addSignalListener("SIGINT", stop);

console.log(`serving ${server.url}`);

const response = await fetch(server.url);
console.log(`${response.status}: ${(await response.text()).trim()}`);
