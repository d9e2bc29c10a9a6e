/**
 * What ends a start before it begins, and what is worth one line to the person who starts it.
 *
 * @module
 */

import { ConfigurationError, UsageError } from "../errors.ts";
import type { OperatingMode } from "../plan.ts";
import type { Host } from "./host.ts";
import type { Option } from "./option.ts";
import type { ResolvedSettings } from "./resolve.ts";
import { operatingMode, processLayout } from "./rules.ts";
import { optionEntries, optionTable, type SettingName, type Settings } from "./table.ts";

/**
 * Throws `ConfigurationError` for an option that was given and is not carried out, where a server
 * without it would not be the one asked for: in this version, or on this system.
 */
export function refuseNotCarriedOut({ settings, origins }: ResolvedSettings, host: Host): void {
  const given = (name: SettingName) => origins[name] !== "default";
  for (const [name, option] of optionEntries) {
    if (given(name) && option.effect === "refused-yet" && settings[name] !== false) {
      throw new ConfigurationError(
        `${option.flag} is not carried out in this version, and a server without it would not be ` +
          `the one asked for; leave ${option.flag} out`,
      );
    }
  }
  const embedded = operatingMode(settings) === "embedded";
  if (host.system === "windows" && embedded && processLayout(settings).count > 1) {
    throw new ConfigurationError(
      "--embedded-mode is one process on Windows, where a listening socket can't be shared; leave " +
        "out --embedded-mode or --processes",
    );
  }
}

/**
 * Throws when there can be no plan: `UsageError` without an application, `ConfigurationError` for
 * settings that contradict each other or name what isn't there.
 */
export function refuseContradictions(settings: Settings): void {
  refuseApplicationType(settings);
  refuseUnknownServices(settings);
  refuseApplicationGroup(settings);
}

function refuseApplicationGroup({ applicationGroup, applicationGroupGil }: Settings): void {
  if (applicationGroup === "%{GLOBAL}") {
    if (applicationGroupGil === "shared") return;
    throw new ConfigurationError(
      "--application-group-gil own is for a sub-interpreter, and the application runs in the main " +
        "interpreter; name one with --application-group",
    );
  }
  if (applicationGroup === "" || applicationGroup.startsWith("%{")) {
    throw new ConfigurationError(
      `--application-group '${applicationGroup}' is neither %{GLOBAL} nor a plain name`,
    );
  }
}

function refuseApplicationType(settings: Settings): void {
  const { applicationType, entryPoint } = settings;
  if (applicationType === "static" || applicationType === "paste") {
    throw new ConfigurationError(
      `--application-type ${applicationType} is not carried out in this version; ` +
        "use script or module",
    );
  }
  if (entryPoint === null || entryPoint === "") {
    throw new UsageError(
      "no application to serve: name a Python script with a WSGI application, or with " +
        "--application-type module a module",
    );
  }
}

function refuseUnknownServices(settings: Settings): void {
  const names = settings.serviceScript.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ConfigurationError(`--service-script names the service '${twice}' twice`);
  }
  for (const name of ["serviceUser", "serviceGroup", "serviceLogFile"] as const) {
    for (const [service] of settings[name]) {
      if (names.includes(service)) continue;
      throw new ConfigurationError(
        `${optionTable[name].flag} is for a service '${service}' that no --service-script names`,
      );
    }
  }
}

/** One line for each thing that was asked for and has no effect, or is better done otherwise. */
export function startWarnings({ settings, origins }: ResolvedSettings, host: Host): string[] {
  const warnings: string[] = [];
  const mode = operatingMode(settings);
  for (const [name, option] of optionEntries) {
    if (origins[name] === "default") continue;
    const text = withoutEffect(option, host) ?? withoutEffectIn(mode, option, settings[name]);
    if (text !== null) warnings.push(text);
  }
  if (host.uid === 0 && settings.user === null) {
    warnings.push(
      "started by root without --user: the application runs as root; name a user with --user",
    );
  }
  if (host.system === "unix" && host.uid !== 0) {
    for (const name of ["user", "group"] as const) {
      if (origins[name] !== "command line") continue;
      warnings.push(`${optionTable[name].flag} has no effect: the server is not started by root`);
    }
  }
  if (mode === "debug" && settings.embeddedMode) {
    warnings.push("--embedded-mode has no effect in debug mode");
  }
  if (mode === "daemon" && settings.reloadOnChanges && settings.disableReloading) {
    warnings.push("--reload-on-changes has no effect with --disable-reloading");
  }
  return warnings;
}

function withoutEffect(option: Option, { system }: Host): string | null {
  if (option.effect === "none-yet") {
    return `${option.flag} is accepted and has no effect in this version`;
  }
  if (option.effect === "not-applicable") {
    return `${option.flag} is accepted and has no effect: ${option.note}`;
  }
  if (option.onWindows !== undefined && system === "windows") {
    return `${option.flag} is accepted and has no effect on Windows: ${option.onWindows}`;
  }
  return null;
}

function withoutEffectIn(mode: OperatingMode, option: Option, value: unknown): string | null {
  // What is switched off is off in every mode.
  if (value === false || value === 0 || option.modes?.includes(mode) !== false) return null;
  return `${option.flag} has no effect in ${mode} mode`;
}
