/** `wsgi-express version`, `wsgi-express --version` */

import { VERSION } from "../../core/version.ts";

/** Prints the version. */
export function run(): Promise<number> {
  console.log(`wsgi-express ${VERSION}`);
  return Promise.resolve(0);
}
