/** Runs the load generator `wrk`. */

import { track } from "./server_process.ts";

/** What `wrk_report.lua` prints. Times are microseconds. */
interface WrkReport {
  microseconds: number;
  requests: number;
  p50: number;
  p99: number;
  max: number;
  connect: number;
  read: number;
  write: number;
  timeout: number;
  status: number;
}

export interface Load {
  requests: number;
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Connections refused or broken, time-outs, and statuses of 400 and above. */
  errors: number;
}

const SCRIPT = decodeURIComponent(new URL("wrk_report.lua", import.meta.url).pathname);

/**
 * One thread, 16 connections.
 *
 * @param pauseMs what a connection waits before each request, on the average: from half to one and a half of it, by
 *   chance. With 0 a request is under way on each all the time.
 */
export async function wrk(
  port: number,
  path: string,
  seconds: number,
  pauseMs = 0,
): Promise<Load> {
  const child = new Deno.Command("wrk", {
    args: [
      ...["-t1", "-c16", `-d${seconds}s`, "--timeout", "10s", "--latency", "-s", SCRIPT],
      ...[`http://127.0.0.1:${port}${path}`, "--", `${pauseMs}`],
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const untrack = track(child.pid);
  const output = await child.output().finally(untrack);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!output.success) throw new Error(`wrk failed: ${text(output.stderr).trim()}`);
  return parseReport(text(output.stdout));
}

/** Finds the report in what wrk printed. */
export function parseReport(text: string): Load {
  const json = /^RESULT (.*)$/m.exec(text)?.[1];
  if (json === undefined) throw new Error(`wrk gave no result:\n${text}`);
  const report = JSON.parse(json) as WrkReport;
  return {
    requests: report.requests,
    requestsPerSecond: report.requests / (report.microseconds / 1e6),
    p50Ms: report.p50 / 1000,
    p99Ms: report.p99 / 1000,
    maxMs: report.max / 1000,
    errors: report.connect + report.read + report.write + report.timeout + report.status,
  };
}

/** @throws when `wrk` can't be started, with what to do. */
export async function requireWrk(): Promise<void> {
  try {
    await new Deno.Command("wrk", { args: ["-v"], stdout: "null", stderr: "null" }).output();
  } catch {
    throw new Error("wrk is not on PATH; bench/setup-peers.sh installs it");
  }
}
