/** Environment variables, folders, and the Python interpreter. */

import { flag, list, number, pairs, path, string } from "../option.ts";

/** Options of the group "Environment, paths and Python". */
export const environment = {
  envvarsScript: path("--envvars-script", "FILE-PATH", {
    platform: "unix",
    effect: "none-yet",
    since: "4.1.0",
    text: "Shell script that sets environment variables before the start.",
    note: "run through the shell, and what it exports is taken",
  }),
  lang: string("--lang", "NAME", {
    hidden: true,
    since: "4.1.0",
    text: "Environment variable LANG of the application processes; the default of --locale.",
  }),
  locale: string("--locale", "NAME", {
    defaultText: "the environment's",
    since: "4.1.0",
    text: "Environment variable LC_ALL of the application processes. C and POSIX are replaced by " +
      "a locale with UTF-8 unless given here. In daemon mode, and in service scripts, all " +
      "categories of the locale are set; in embedded and debug mode LC_CTYPE alone.",
  }),
  setenv: pairs("--setenv", ["KEY", "VALUE"], {
    since: "4.3.0",
    text: "Put a variable into the environ of each request.",
  }),
  passenv: list(string("--passenv", "KEY", {
    since: "4.3.0",
    text: "Put an environment variable of the server into the environ of each request; wins over " +
      "--setenv where the variable is set.",
  })),
  workingDirectory: path("--working-directory", "DIRECTORY-PATH", {
    defaultText: "the current folder",
    since: "4.1.0",
    text: "Working directory of the application processes, and first entry of Python's path.",
  }),
  pidFile: path("--pid-file", "FILE-PATH", {
    defaultText: "httpd.pid in the server root",
    since: "4.1.0",
    text: "File for the process id of the server.",
  }),
  serverRoot: path("--server-root", "DIRECTORY-PATH", {
    defaultText: "a folder for host, port and user in the temporary folder",
    since: "4.1.0",
    text: "Folder for the files that the server makes.",
  }),
  pythonPath: list(path("--python-path", "DIRECTORY-PATH", {
    since: "4.4.0",
    text: "Folder to search for Python modules first; its .pth files are read. Several may be " +
      "joined as in PATH.",
  })),
  pythonEggs: path("--python-eggs", "DIRECTORY-PATH", {
    defaultText: "python-eggs in the server root",
    since: "4.1.0",
    text: "Folder for unpacked Python eggs (PYTHON_EGG_CACHE).",
  }),
  pythonWarnings: list(string("--python-warnings", "FILTER", {
    since: "6.0.0",
    text: "Python warning filter, as python -W takes it.",
  })),
  switchInterval: number("--switch-interval", "SECONDS", {
    minimum: 0,
    since: "6.0.0",
    defaultText: "Python's own",
    text: "How long a Python thread may keep the interpreter from the others, a floating-point " +
      "number (sys.setswitchinterval).",
  }),
  freeThreading: flag("--free-threading", {
    since: "6.0.0",
    text: "Run a free-threaded Python without the global interpreter lock, which such a Python " +
      "keeps otherwise. An error with any other Python.",
  }),
  orphanInterpreter: flag("--orphan-interpreter", {
    since: "4.9.1",
    text: "End a process without destroying its Python interpreter, for extension modules that " +
      "hang there.",
  }),
  shellExecutable: path("--shell-executable", "FILE-PATH", {
    platform: "unix",
    effect: "none-yet",
    defaultText: "the first bash or sh on PATH",
    since: "4.6.6",
    text: "Shell of the control script that setup-server makes.",
  }),
  httpdExecutable: path("--httpd-executable", "FILE-PATH", {
    platform: "unix",
    effect: "not-applicable",
    since: "4.1.0",
    text: "The Apache server program.",
    note: "there is no Apache here",
  }),
  modulesDirectory: path("--modules-directory", "DIRECTORY-PATH", {
    effect: "not-applicable",
    since: "4.1.0",
    text: "Folder of Apache's modules.",
    note: "there are no Apache modules",
  }),
};
