/**
 * Loaded before the tests (`deno test --preload`): tests whose names begin as a line of the file does that
 * `WSGI_EXPRESS_TEST_EXCLUDED` names are ignored, and are counted as such.
 */

const file = Deno.env.get("WSGI_EXPRESS_TEST_EXCLUDED");
const beginnings = file === undefined ? [] : Deno.readTextFileSync(file).split(/\r?\n/)
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split("\t")[0]!);

const define = Deno.test;

function test(...args: unknown[]): void {
  const name =
    args.map((arg) =>
      typeof arg === "string"
        ? arg
        : typeof arg === "object" && arg !== null && "name" in arg
        ? String(arg.name)
        : ""
    ).find((text) => text !== "") ?? "";
  if (beginnings.some((beginning) => name.startsWith(beginning))) {
    define.ignore(name, () => {});
  } else {
    (define as (...args: unknown[]) => void)(...args);
  }
}

Object.assign(test, define);
Object.defineProperty(Deno, "test", { value: test, configurable: true, writable: true });
