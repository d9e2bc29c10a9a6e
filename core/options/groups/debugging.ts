/** Debugging tools. */

import { flag, path } from "../option.ts";

/** Options of the group "Debugging". */
export const debugging = {
  debugMode: flag("--debug-mode", {
    since: "4.3.0",
    text: "Run the application in one process with one thread, with the terminal as its standard " +
      "input and output.",
  }),
  enableDebugger: flag("--enable-debugger", {
    since: "4.4.0",
    text: "Enter Python's debugger after an exception. Implies --debug-mode.",
  }),
  debuggerStartup: flag("--debugger-startup", {
    since: "4.4.1",
    text: "With --enable-debugger, enter the debugger at the start as well.",
  }),
  enableCoverage: flag("--enable-coverage", {
    since: "4.4.0",
    text: "Make a code coverage report at the end. Implies --debug-mode.",
  }),
  coverageDirectory: path("--coverage-directory", "DIRECTORY-PATH", {
    defaultText: "htmlcov in the server root",
    since: "4.4.0",
    text: "Folder for the coverage report.",
  }),
  enableProfiler: flag("--enable-profiler", {
    since: "4.4.0",
    text: "Write what Python's profiler measured at the end. Implies --debug-mode.",
  }),
  profilerDirectory: path("--profiler-directory", "DIRECTORY-PATH", {
    defaultText: "pstats in the server root",
    since: "4.4.1",
    text: "Folder for the profiler's files.",
  }),
  enableRecorder: flag("--enable-recorder", {
    since: "4.4.1",
    text: "Record each request and response in files. Implies --debug-mode.",
  }),
  recorderDirectory: path("--recorder-directory", "DIRECTORY-PATH", {
    defaultText: "archive in the server root",
    since: "4.4.1",
    text: "Folder for the recorder's files.",
  }),
  enableGdb: flag("--enable-gdb", {
    platform: "unix",
    onWindows: "gdb is not started there",
    since: "4.4.6",
    text: "Run the application process under the debugger gdb. Implies --debug-mode.",
  }),
  gdbExecutable: path("--gdb-executable", "FILE-PATH", {
    platform: "unix",
    onWindows: "gdb is not started there",
    defaultText: "gdb",
    since: "4.4.6",
    text: "The program gdb.",
  }),
  setupOnly: flag("--setup-only", {
    platform: "unix",
    effect: "refused-yet",
    since: "4.2.4",
    text: "Make the files of the server and don't start it.",
  }),
  enableDocs: flag("--enable-docs", {
    effect: "none-yet",
    since: "4.1.0",
    text: "Serve the documentation at /__wsgi__/docs.",
    note: "our own documentation",
  }),
};
