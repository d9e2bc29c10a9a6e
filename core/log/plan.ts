/**
 * What the plan says of logs.
 *
 * @module
 */
import type { LogLevelName } from "./levels.ts";

/** Where log lines go. */
export type LogTarget =
  | { readonly kind: "terminal"; readonly stream: "stdout" | "stderr" }
  | { readonly kind: "file"; readonly path: string };

/** Logs and their levels. */
export interface LogPlan {
  readonly level: LogLevelName;
  /** Level by part of the server, such as `wsgi`. */
  readonly partLevels: Readonly<Record<string, LogLevelName>>;
  readonly error: LogTarget;
  /** Null without an access log. */
  readonly access: (LogTarget & { readonly format: string }) | null;
}
