/** The servers compared: ours and its peers, and the command that starts each. */

/** Where things are during a run. */
export interface Workspace {
  /** The folder that `setup-peers.sh` filled. */
  peers: string;
  /** The benchmark applications, where any user can read them. */
  apps: string;
  /** A folder for logs and generated files; removed at the end. */
  scratch: string;
  /** The Python that wsgi-express is told to use. */
  python: string;
  /** A compiled wsgi-express to measure in place of `cli/main.ts`. */
  program?: string;
}

/** One start of a server. */
export interface Launch extends Workspace {
  /** An application's file name without `.py`. */
  app: string;
  port: number;
}

export interface Command {
  arguments: string[];
  environment?: Record<string, string>;
  /** Default: the applications' folder. */
  directory?: string;
}

export interface Server {
  /** As in the table and in `--only`: the product, how it runs, processes x threads. */
  name: string;
  ours: boolean;
  command(launch: Launch): Command;
  /** Why it can't be run, or undefined when it can. */
  missing(workspace: Workspace): string | undefined;
}

/** Options that a case adds to a server's command. */
export type Extra = string[];

const CLI = decodeURIComponent(new URL("../cli/main.ts", import.meta.url).pathname);

/** wsgi-express in daemon or embedded mode. */
export function ours(
  mode: "daemon" | "embedded",
  processes: number,
  threads: number,
  extra: Extra = [],
): Server {
  return {
    name: `ours-${mode}-${processes}x${threads}`,
    ours: true,
    missing: ({ program, python }) =>
      missingFile(program ?? CLI, "wsgi-express") ?? missingFile(python, "the Python of --python"),
    command: ({ program, python, apps, app, port }) => ({
      arguments: [
        ...(program === undefined ? [Deno.execPath(), "run", "-A", CLI] : [program]),
        ...[
          "start-server",
          `${apps}/${app}.py`,
          "--host",
          "127.0.0.1",
          "--port",
          `${port}`,
          "--log-to-terminal",
        ],
        ...["--processes", `${processes}`, "--threads", `${threads}`, "--python", python],
        ...(mode === "embedded" ? ["--embedded-mode"] : []),
        ...extra,
      ],
    }),
  };
}

/** wsgi-express without the global interpreter lock, on the free-threaded Python that `FREE_THREADED_PYTHON` names. */
export function freeThreaded(
  mode: "daemon" | "embedded",
  processes: number,
  threads: number,
): Server {
  const server = ours(mode, processes, threads, ["--free-threading"]);
  const python = Deno.env.get("FREE_THREADED_PYTHON") ?? "";
  return {
    ...server,
    name: `ours-free-${mode}-${processes}x${threads}`,
    missing: (workspace) =>
      python === ""
        ? "FREE_THREADED_PYTHON names no free-threaded Python (3.13t or later)"
        : server.missing({ ...workspace, python }),
    command: (launch) => server.command({ ...launch, python }),
  };
}

/** mod_wsgi-express 4.8.0 with Apache. */
export function modWsgi(
  mode: "daemon" | "embedded",
  processes: number,
  threads: number,
  mpm?: "prefork" | "worker",
  extra: Extra = [],
): Server {
  const program = "mod_wsgi/bin/mod_wsgi-express";
  return {
    name: `mod_wsgi-${mode}-${processes}x${threads}`,
    ours: false,
    missing: ({ peers }) => missingFile(`${peers}/${program}`, "mod_wsgi-express"),
    command: ({ peers, apps, app, port, scratch }) => ({
      arguments: [
        ...[
          `${peers}/${program}`,
          "start-server",
          `${apps}/${app}.py`,
          "--host",
          "127.0.0.1",
          "--port",
          `${port}`,
        ],
        ...[
          "--processes",
          `${processes}`,
          "--threads",
          `${threads}`,
          "--log-to-terminal",
          "--locale",
          "C.UTF-8",
        ],
        ...["--server-root", `${scratch}/mod_wsgi-${port}`],
        ...(mode === "embedded" ? ["--embedded-mode"] : []),
        ...(mpm === undefined ? [] : ["--server-mpm", mpm]),
        ...apacheUser(),
        ...extra,
      ],
    }),
  };
}

/** gunicorn with its `gthread` or `sync` workers. */
export function gunicorn(
  worker: "gthread" | "sync",
  processes: number,
  threads: number,
  extra: Extra = [],
): Server {
  return peer(`gunicorn-${worker}-${processes}x${threads}`, "gunicorn", ({ app, port }) => [
    ...["--worker-class", worker, "--workers", `${processes}`, "--threads", `${threads}`],
    ...["--bind", `127.0.0.1:${port}`, "--log-level", "warning", "--no-control-socket"],
    ...[...extra, `${app}:application`],
  ]);
}

/** granian's WSGI server. */
export function granian(processes: number, threads: number, extra: Extra = []): Server {
  return peer(`granian-${processes}x${threads}`, "granian", ({ app, port }) => [
    ...[
      "--interface",
      "wsgi",
      "--host",
      "127.0.0.1",
      "--port",
      `${port}`,
      "--http",
      "1",
      "--log-level",
      "warning",
    ],
    ...[
      "--workers",
      `${processes}`,
      "--blocking-threads",
      `${threads}`,
      ...extra,
      `${app}:application`,
    ],
  ]);
}

/** waitress: always one process. */
export function waitress(threads: number, extra: Extra = []): Server {
  return peer(`waitress-1x${threads}`, "waitress-serve", ({ app, port }) => [
    ...[
      "--host",
      "127.0.0.1",
      "--port",
      `${port}`,
      "--threads",
      `${threads}`,
      ...extra,
      `${app}:application`,
    ],
  ]);
}

/**
 * uWSGI behind its own HTTP router. With `--http11-socket` a thread would stay with one connection: five of the sixteen
 * would be served fast and the others never.
 */
export function uwsgi(processes: number, threads: number): Server {
  return peer(`uwsgi-${processes}x${threads}`, "uwsgi", ({ app, port }) => [
    ...[
      "--http",
      `127.0.0.1:${port}`,
      "--http-keepalive=60",
      "--master",
      "--die-on-term",
      "--need-app",
    ],
    ...["--processes", `${processes}`, "--threads", `${threads}`, "--disable-logging"],
    ...["--module", `${app}:application`],
  ]);
}

/** bjoern: one process, one thread, C. */
export function bjoern(): Server {
  const server = peer(
    "bjoern-1x1",
    "python",
    ({ apps, app, port }) => [`${apps}/serve_bjoern.py`, app, `${port}`],
  );
  return {
    ...server,
    missing: ({ peers }) =>
      bjoernModule(peers) ? undefined : `bjoern is not installed in ${peers}/python`,
  };
}

/** A server whose command is in the peers' common environment. */
function peer(name: string, program: string, options: (launch: Launch) => string[]): Server {
  return {
    name,
    ours: false,
    missing: ({ peers }) => missingFile(`${peers}/python/bin/${program}`, program),
    command: (launch) => ({
      arguments: [`${launch.peers}/python/bin/${program}`, ...options(launch)],
      environment: { PYTHONPATH: launch.apps },
    }),
  };
}

function missingFile(path: string, what: string): string | undefined {
  return exists(path) ? undefined : `${what} is not there: ${path}`;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function bjoernModule(peers: string): boolean {
  try {
    for (const { name: version } of Deno.readDirSync(`${peers}/python/lib`)) {
      if (exists(`${peers}/python/lib/${version}/site-packages/bjoern.py`)) return true;
    }
  } catch {
    // No such environment.
  }
  return false;
}

/** Apache refuses to serve as root. */
function apacheUser(): string[] {
  if (Deno.uid() !== 0) return [];
  const users = new Set(
    Deno.readTextFileSync("/etc/passwd").split("\n").map((line) => line.split(":")[0]),
  );
  const user = ["www-data", "apache", "nobody"].find((name) => users.has(name)) ?? "nobody";
  return ["--user", user, "--group", user === "nobody" && !hasGroup("nobody") ? "nogroup" : user];
}

function hasGroup(name: string): boolean {
  return Deno.readTextFileSync("/etc/group").split("\n").some((line) =>
    line.startsWith(`${name}:`)
  );
}
