/** Versions that the program and its applications see. */

import manifest from "../deno.json" with { type: "json" };

/** Version of wsgi-express. */
export const VERSION: string = manifest.version;

/** The version of mod_wsgi whose command line and module are offered. */
export const MOD_WSGI_VERSION: readonly [number, number, number] = [4, 8, 0];
