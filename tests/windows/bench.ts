/**
 * The Windows bench as tests on Linux see it: `run.sh` sets `WSGI_EXPRESS_WINDOWS_DRIVE` to drive C:, and
 * `WSGI_EXPRESS_COMMAND` to the program under wine. Drive Z: is the root of this machine.
 */
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

/** Drive C: as this machine sees it; undefined where these tests don't run on the bench. */
export const DRIVE = Deno.env.get("WSGI_EXPRESS_WINDOWS_DRIVE");

/** Minor versions of the CPythons of the bench. */
export const VERSIONS = ["3.11", "3.12", "3.13", "3.14"];

/** Path of the application that tells what it sees of its Python. */
export const FACTS = fileURLToPath(new URL("../apps/facts.wsgi", import.meta.url));

/** Path of an application of these tests. On the bench it counts from the root of the current drive, which is Z:. */
export function app(name: string): string {
  return `${FOLDER}/apps/${name}`;
}

/** A path of this machine as Windows sees it. */
export function onZ(path: string): string {
  return `Z:${path.replaceAll("/", "\\")}`;
}

/** A path of drive C: as this machine sees it. */
export function fromC(path: string): string {
  return `${DRIVE}/${path.replace(/^C:\\/, "").replaceAll("\\", "/")}`;
}

/** The environment with Flask and Django that belongs to a version. */
export function environmentOf(version: string): string {
  return `C:\\venvs\\${version.replace(".", "")}`;
}

/** The installation of a version. */
export function pythonOf(version: string): string {
  return `C:\\Python${version.replace(".", "")}`;
}

/** Whether nobody listens at an address any more. */
export async function isRefused(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  try {
    (await Deno.connect({ hostname, port: Number(port) })).close();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.ConnectionRefused;
  }
}

/** A test that runs on the bench only. */
export function benchTest(name: string, test: (t: Deno.TestContext) => Promise<void>): void {
  Deno.test({ name: `Windows: ${name}`, ignore: DRIVE === undefined, fn: test });
}
