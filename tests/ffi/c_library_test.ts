import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { socketPair } from "../../ffi/socket_pair.ts";
import { socketCalls } from "../../ffi/sockets.ts";

/** Runs `action` as on a system whose C library is musl: none of glibc's names is found. */
function withMusl<Result>(action: () => Result): Result {
  const { dlopen } = Deno;
  try {
    Deno.dlopen = ((name: string, symbols: Deno.ForeignLibraryInterface) => {
      if (!name.startsWith("libc.musl-")) throw new Error(`${name}: no such file`);
      return dlopen("libc.so.6", symbols);
    }) as typeof Deno.dlopen;
    return action();
  } finally {
    Deno.dlopen = dlopen;
  }
}

Deno.test({
  name: "the calls of the C library are found where it is musl",
  ignore: Deno.build.os !== "linux",
  // The C library is never unloaded.
  sanitizeResources: false,
  fn() {
    const ends = withMusl(socketPair);
    const calls = withMusl(socketCalls);
    for (const end of ends) assert.equal(calls.close(end), 0);
  },
});

Deno.test("the names of the C library are in one module", () => {
  const folder = fileURLToPath(new URL("../../ffi", import.meta.url));
  const modules = readdirSync(folder, { encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const named = modules.filter((name) =>
    /"(libc\.|libSystem\.)/.test(readFileSync(`${folder}/${name}`, "utf8"))
  );
  assert.deepEqual(named, ["c_library.ts"]);
});
