/**
 * `wsgi-express doctor`: what would be used, and what stands in the way. Takes the words of
 * `start-server`, so that a command line that fails can be looked into by changing the command.
 */

import { ServerError } from "../../core/errors.ts";
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
import { VERSION } from "../../core/version.ts";
import { surveyPythons } from "../../ffi/discovery.ts";
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
  const { problem, applicationFolder } = tryPlan(resolved, host);
  const survey = await surveyPythons({
    applicationFolder,
    python: resolved.settings.python ?? undefined,
  });
  console.log(doctorReport({
    program: programFacts(),
    survey,
    settings: changedSettings(resolved),
    problems: problem === null ? [] : [problem.message],
    warnings: startWarnings(resolved, host),
  }));
  return survey.error?.exitStatus ?? problem?.exitStatus ?? 0;
}

/** Where the application is, and the error that a start with these settings ends with. */
function tryPlan(
  resolved: ResolvedSettings,
  host: Host,
): { problem: ServerError | null; applicationFolder: string } {
  let applicationFolder = host.workingDirectory;
  // To look at Python alone, no application needs to be named.
  if (resolved.settings.entryPoint === null) return { problem: null, applicationFolder };
  try {
    const plan = makePlan(resolved.settings, host);
    applicationFolder = plan.python.applicationFolder;
    refuseNotCarriedOut(resolved, host);
    checkFiles(plan);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    return { problem: error, applicationFolder };
  }
  return { problem: null, applicationFolder };
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
