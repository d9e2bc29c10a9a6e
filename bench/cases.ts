/** What is measured: each case has the servers compared and the measurement made of each. */

import type { Measurement } from "./measurement.ts";
import { idleConnections } from "./measurements/idle_connections.ts";
import { latency } from "./measurements/latency.ts";
import { startUp } from "./measurements/start_up.ts";
import { throughput } from "./measurements/throughput.ts";
import { download, upload } from "./measurements/transfer.ts";
import {
  bjoern,
  freeThreaded,
  granian,
  gunicorn,
  modWsgi,
  ours,
  type Server,
  uwsgi,
  waitress,
} from "./servers.ts";

export interface Case {
  name: string;
  text: string;
  measurement: Measurement;
  servers: Server[];
  /** Rounds unless `--rounds` says otherwise. */
  rounds?: number;
}

const USER = "/users/7?page=3";

/** About 5 ms of CPython on a machine of 2026. */
const CPU_LOOPS = 110_000;
/** The same of a free-threaded CPython 3.13, which runs a single thread slower. */
const FREE_THREADED_CPU_LOOPS = 40_000;

/** The servers that frameworks are compared on. */
const framework = (): Server[] => [
  ours("daemon", 1, 5),
  ours("embedded", 1, 1),
  ours("embedded", 1, 5),
  modWsgi("daemon", 1, 5),
  modWsgi("embedded", 1, 1, "prefork"),
  modWsgi("embedded", 1, 5, "worker"),
  gunicorn("gthread", 1, 5, ["--keep-alive", "60"]),
  granian(1, 1),
  granian(1, 5),
  waitress(5),
  bjoern(),
];

const NO_BODY_LIMIT = ["--limit-request-body", "0"];

const transfer = (): Server[] => [
  ours("daemon", 1, 5, NO_BODY_LIMIT),
  ours("embedded", 1, 1, NO_BODY_LIMIT),
  ours("embedded", 1, 5, NO_BODY_LIMIT),
  modWsgi("daemon", 1, 5, undefined, NO_BODY_LIMIT),
  modWsgi("embedded", 1, 5, "worker", NO_BODY_LIMIT),
  gunicorn("gthread", 1, 5),
  granian(1, 1),
  granian(1, 5),
  waitress(5),
];

const KEEP_IDLE = ["--keep-alive-timeout", "60", "--max-clients", "1100"];

export const CASES: readonly Case[] = [
  {
    name: "hello-daemon",
    text: "hello world, the application in processes of its own: 1 process, 5 threads",
    measurement: throughput("hello", "/"),
    servers: [
      ours("daemon", 1, 5),
      modWsgi("daemon", 1, 5),
      gunicorn("gthread", 1, 5, ["--keep-alive", "60"]),
      granian(1, 5),
      waitress(5),
      uwsgi(1, 5),
    ],
  },
  {
    name: "hello-embedded",
    text: "hello world, the application in the processes that accept connections",
    measurement: throughput("hello", "/"),
    servers: [
      ours("embedded", 1, 1),
      ours("embedded", 1, 5),
      ours("daemon", 1, 5),
      modWsgi("embedded", 1, 1, "prefork"),
      modWsgi("embedded", 1, 3, "worker"),
      modWsgi("embedded", 1, 5, "worker"),
      modWsgi("daemon", 1, 5),
      granian(1, 1),
      granian(1, 5),
      bjoern(),
    ],
  },
  {
    name: "flask-json",
    text: "a Flask view that answers JSON",
    measurement: throughput("flask_json", USER),
    servers: framework(),
  },
  {
    name: "django-view",
    text: "a Django view that answers JSON",
    measurement: throughput("django_view", USER),
    servers: framework(),
  },
  {
    name: "hello-latency",
    text: "hello world at the same load for all, some 6,000 requests a second",
    measurement: latency("hello", "/", 2),
    servers: framework(),
  },
  {
    name: "flask-latency",
    text: "the Flask view at the same load for all, some 1,000 requests a second",
    measurement: latency("flask_json", USER, 14),
    servers: framework(),
  },
  {
    name: "django-latency",
    text: "the Django view at the same load for all, some 1,000 requests a second",
    measurement: latency("django_view", USER, 14),
    servers: framework(),
  },
  {
    name: "cpu-bound",
    text: "about 5 ms of pure Python a request, 1 process and 2 processes",
    measurement: throughput("cpu", `/?loops=${CPU_LOOPS}`),
    servers: [
      ours("embedded", 1, 1),
      ours("embedded", 2, 1),
      ours("daemon", 1, 5),
      ours("daemon", 2, 5),
      gunicorn("sync", 1, 1),
      gunicorn("sync", 2, 1),
      granian(1, 1),
      granian(2, 1),
    ],
  },
  {
    name: "free-threading",
    text: "the same without the global interpreter lock: 1 thread, 2 threads, 2 processes",
    measurement: throughput("cpu", `/?loops=${FREE_THREADED_CPU_LOOPS}`),
    servers: [
      freeThreaded("embedded", 1, 1),
      freeThreaded("embedded", 1, 2),
      freeThreaded("embedded", 2, 1),
      freeThreaded("daemon", 1, 1),
      freeThreaded("daemon", 1, 2),
      freeThreaded("daemon", 2, 1),
    ],
  },
  {
    name: "upload",
    text: "request bodies of 64 MiB, read in pieces of 64 KiB",
    measurement: upload(64),
    servers: transfer(),
  },
  {
    name: "download",
    text: "response bodies of 256 MiB, streamed in pieces of 64 KiB",
    measurement: download(256),
    servers: transfer(),
  },
  {
    name: "idle-connections",
    text: "1,000 idle keep-alive connections beside 16 busy ones, hello world",
    measurement: idleConnections(1000),
    servers: [
      ours("daemon", 1, 5, KEEP_IDLE),
      ours("embedded", 1, 1, KEEP_IDLE),
      ours("embedded", 1, 5, KEEP_IDLE),
      gunicorn("gthread", 1, 5, ["--keep-alive", "60", "--worker-connections", "1100"]),
      granian(1, 1),
      granian(1, 5),
      // Its `select` ends at descriptor 1,023.
      waitress(5, ["--connection-limit", "1100", "--asyncore-use-poll"]),
    ],
  },
  {
    name: "start-up",
    text: "time from the command to the first response, hello world",
    measurement: startUp("hello", "/"),
    rounds: 7,
    servers: [
      ours("daemon", 1, 5),
      ours("embedded", 1, 1),
      modWsgi("daemon", 1, 5),
      modWsgi("embedded", 1, 5, "worker"),
      granian(1, 5),
      gunicorn("gthread", 1, 5),
    ],
  },
];
