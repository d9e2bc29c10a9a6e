/**
 * What an application process is told: at its start through the environment, then on its control connection.
 *
 * @module
 */
import type { PythonInfo } from "../../ffi/discovery/info.ts";
import type { ProcessIdentity } from "../identity.ts";
import type { LocalAddress } from "../net/transport.ts";
import type { Plan } from "../plan.ts";

/** Environment variable with the JSON of `Summons`; taken out before Python starts. */
export const SUMMONS_VARIABLE = "WSGI_EXPRESS_PROCESS";
/** First argument of an application process. */
export const APPLICATION_ROLE = "__application__";

/** How an application process finds the server process that started it. */
export interface Summons {
  /** Where the gateway listens. */
  readonly gateway: LocalAddress;
  /** 32 characters that only processes of this launch know. */
  readonly secret: string;
  /** Number of the process, never used twice in a launch. */
  readonly instance: number;
}

/** All that an application process needs to know. */
export interface ProcessSetup {
  readonly plan: Plan;
  readonly python: PythonInfo;
  /** Who the process becomes before it loads Python. */
  readonly identity: ProcessIdentity;
  /** Embedded mode: descriptor of the inherited listening socket. */
  readonly listenerFd: number | undefined;
}
