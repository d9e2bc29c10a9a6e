/**
 * `wsgi-express doctor`: what would be used, and what stands in the way. Takes the words of
 * `start-server`, so that a command line that fails can be looked into by changing the command.
 */

import { ServerError } from "../../core/errors.ts";
import { lockOptions } from "../../core/free_threading.ts";
import { processIdentity } from "../../core/identity.ts";
import { checkFiles } from "../../core/options/check_files.ts";
import { currentHost, type Host } from "../../core/options/host.ts";
import { makePlan } from "../../core/options/make_plan.ts";
import { refuseNotCarriedOut, startWarnings } from "../../core/options/refusals.ts";
import {
  environmentLayer,
  type ResolvedSettings,
  resolveSettings,
} from "../../core/options/resolve.ts";
import { optionEntries } from "../../core/options/table.ts";
import type { Plan } from "../../core/plan.ts";
import { VERSION } from "../../core/version.ts";
import { type PythonInfo, surveyPythons } from "../../ffi/discovery.ts";
import { type CommandUser, thisHost } from "../../ffi/discovery/host.ts";
import { PythonNotUsableError } from "../../ffi/errors.ts";
import { requireOwnGil } from "../../ffi/sub_interpreter.ts";
import { serverArguments } from "../arguments.ts";
import { doctorReport, type Findings } from "../doctor_report.ts";

/** Prints the report. The exit status is that of the error a start would end with. */
export async function run(words: readonly string[]): Promise<number> {
  const host = currentHost();
  const layer = serverArguments(words, host);
  if (layer === null) {
    const { helpOf } = await import("./help.ts");
    console.log(helpOf("doctor"));
    return 0;
  }
  const resolved = resolveSettings(environmentLayer(host.environment), layer);
  const { problem, plan, user } = tryPlan(resolved, host);
  const survey = await surveyPythons({
    applicationFolder: plan?.python.applicationFolder ?? host.workingDirectory,
    python: resolved.settings.python ?? undefined,
  }, thisHost(user));
  const unfit = survey.python && plan ? unfitness(survey.python, plan) : null;
  const problems = [problem, unfit].filter((error) => error !== null);
  console.log(doctorReport({
    program: programFacts(),
    survey,
    settings: changedSettings(resolved),
    problems: problems.map(({ message }) => message),
    warnings: startWarnings(resolved, host),
  }));
  return (problem ?? survey.error ?? unfit)?.exitStatus ?? 0;
}

interface Attempt {
  /** What a start with these settings ends with. */
  readonly problem: ServerError | null;
  /** Null where the settings are too wrong to make one, or no application is named. */
  readonly plan: Plan | null;
  /** Who looks at Python. */
  readonly user: CommandUser | undefined;
}

function tryPlan(resolved: ResolvedSettings, host: Host): Attempt {
  let plan: Plan | null = null;
  let user: CommandUser | undefined;
  // To look at Python alone, no application needs to be named.
  if (resolved.settings.entryPoint === null) return { problem: null, plan, user };
  try {
    plan = makePlan(resolved.settings, host);
    refuseNotCarriedOut(resolved, host);
    checkFiles(plan);
    user = processIdentity(plan.server, host.uid).change ?? undefined;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    return { problem: error, plan, user };
  }
  return { problem: null, plan, user };
}

/** Why this Python, which can be used, can't be used as it was asked for. */
function unfitness(python: PythonInfo, plan: Plan): PythonNotUsableError | null {
  const { applicationGroup, applicationGroupGil } = plan.application;
  try {
    lockOptions(python, plan.python.freeThreading);
    if (applicationGroup !== "" && applicationGroupGil === "own") requireOwnGil(python);
  } catch (error) {
    if (!(error instanceof PythonNotUsableError)) throw error;
    return error;
  }
  return null;
}

function programFacts(): Findings["program"] {
  const { version, build } = Deno;
  const kind = build.standalone ? "compiled into this program" : Deno.execPath();
  return [
    ["wsgi-express", VERSION],
    ["Deno", `${version.deno} (${kind})`],
    ["V8", version.v8],
    ["TypeScript", version.typescript],
    ["System", `${build.os} ${Deno.osRelease()} ${build.arch}`],
  ];
}

function changedSettings({ settings, origins }: ResolvedSettings): Findings["settings"] {
  return optionEntries.filter(([name]) => origins[name] !== "default").map(([name, option]) => ({
    flag: option.flag,
    value: option.kind === "flag" ? "" : valueText(settings[name]),
    origin: origins[name],
  }));
}

function valueText(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return value.map((one) => Array.isArray(one) ? one.join(" ") : String(one)).join(", ");
}
