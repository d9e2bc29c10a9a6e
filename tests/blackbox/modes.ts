/**
 * Runs a test in every operating mode and on every CPython it applies to.
 *
 * `WSGI_EXPRESS_TEST_MODES` names the modes; all (`daemon,threaded,direct`) where it is not set.
 */

import { type TestPython, testPythons } from "../pythons.ts";

/** One way to run an application. */
export interface Mode {
  readonly name: "daemon" | "threaded" | "direct";
  /** Arguments of `start-server` that choose it. */
  readonly args: string[];
  readonly embedded: boolean;
  /** Python threads in each process. */
  readonly threads: number;
}

/** Every mode: daemon mode, embedded mode with several threads, embedded mode 1 × 1. */
export const MODES: readonly Mode[] = [
  { name: "daemon", args: [], embedded: false, threads: 5 },
  { name: "threaded", args: ["--embedded-mode"], embedded: true, threads: 5 },
  {
    name: "direct",
    args: ["--embedded-mode", "--processes", "1", "--threads", "1"],
    embedded: true,
    threads: 1,
  },
];

/** Modes that this run of the tests covers. */
export function modesUnderTest(): Mode[] {
  const named = (Deno.env.get("WSGI_EXPRESS_TEST_MODES") ?? "daemon,threaded,direct").split(",");
  const unknown = named.filter((name) => !MODES.some((mode) => mode.name === name));
  if (unknown.length > 0) throw new Error(`WSGI_EXPRESS_TEST_MODES: no mode ${unknown[0]}`);
  return MODES.filter((mode) => named.includes(mode.name));
}

/**
 * One test for each mode under test.
 *
 * @param needs What the test needs of a mode: at least this many threads; `embedded` true or false
 * when it is about one kind of mode only; `system` where it is about what only one can do.
 */
export function forEachMode(
  name: string,
  test: (mode: Mode, context: Deno.TestContext) => void | Promise<void>,
  needs: { threads?: number; embedded?: boolean; system?: typeof Deno.build.os } = {},
): void {
  const ignore = needs.system !== undefined && needs.system !== Deno.build.os;
  for (const mode of modesUnderTest()) {
    if (mode.threads < (needs.threads ?? 1)) continue;
    if (needs.embedded !== undefined && needs.embedded !== mode.embedded) continue;
    Deno.test({ name: `${name} [${mode.name}]`, ignore, fn: (context) => test(mode, context) });
  }
}

/** One test for each CPython found, oldest first. */
export function forEachPython(
  name: string,
  test: (
    python: TestPython,
    context: Deno.TestContext,
  ) => void | Promise<void>,
): void {
  for (const python of testPythons()) {
    Deno.test(`${name} [CPython ${python.minor}]`, (context) => test(python, context));
  }
}

/** One test for each CPython found in each mode under test that has what the test needs. */
export function forEachPythonAndMode(
  name: string,
  test: (python: TestPython, mode: Mode, context: Deno.TestContext) => void | Promise<void>,
  needs: { threads?: number; embedded?: boolean } = {},
): void {
  for (const python of testPythons()) {
    forEachMode(
      `${name} [CPython ${python.minor}]`,
      (mode, context) => test(python, mode, context),
      needs,
    );
  }
}
