/**
 * Plans for the two who ask for one: a command line, and a program that starts a server by itself.
 *
 * @module
 */

import type { Plan } from "../plan.ts";
import { checkFiles } from "./check_files.ts";
import { currentHost, type Host } from "./host.ts";
import { makePlan } from "./make_plan.ts";
import { refuseNotCarriedOut, startWarnings } from "./refusals.ts";
import { environmentLayer, programLayer, resolveSettings, type SettingsLayer } from "./resolve.ts";
import type { Settings } from "./table.ts";

/** A plan, and what is to be said before it is carried out, one line each. */
export interface PlanWithWarnings {
  readonly plan: Plan;
  readonly warnings: readonly string[];
}

/** The plan for settings of one origin, upon environment and defaults. Throws as `makePlan` and `checkFiles` do. */
export function planForLayer(layer: SettingsLayer, host: Host): PlanWithWarnings {
  const resolved = resolveSettings(environmentLayer(host.environment), layer);
  const plan = makePlan(resolved.settings, host);
  refuseNotCarriedOut(resolved, host);
  checkFiles(plan);
  return { plan, warnings: startWarnings(resolved, host) };
}

/**
 * The plan for a program's own settings, named as the options are: `{ entryPoint: "app.wsgi",
 * port: 0, threads: 2 }`.
 *
 * Throws `UsageError` for a setting that doesn't exist or a value it doesn't take, and
 * `ConfigurationError` for settings that can't be carried out.
 */
export function createPlan(
  settings: Partial<Settings>,
  host: Host = currentHost(),
): PlanWithWarnings {
  return planForLayer(programLayer(settings), host);
}
