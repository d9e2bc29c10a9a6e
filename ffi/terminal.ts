/**
 * The settings of the terminal that is standard input (termios(3)).
 *
 * @module
 */
import { openCLibrary } from "./c_library.ts";

const SYMBOLS = {
  tcgetattr: {
    parameters: [
      "i32", // int fd
      "buffer", // struct termios *termios_p
    ],
    result: "i32",
  },
  tcsetattr: {
    parameters: [
      "i32", // int fd
      "i32", // int optional_actions
      "buffer", // const struct termios *termios_p
    ],
    result: "i32",
  },
  tcgetpgrp: {
    parameters: [
      "i32", // int fd
    ],
    result: "i32", // pid_t
  },
  getpgrp: { parameters: [], result: "i32" /* pid_t */ },
} as const satisfies Deno.ForeignLibraryInterface;

const STDIN = 0;
const TCSANOW = 0;
/** More than `struct termios` has on any system: 60 bytes on Linux, 72 on macOS. What is in it is the system's affair. */
const TERMIOS_SIZE = 256;

/**
 * Remembers how the terminal is set.
 *
 * @returns a function that sets it so again, unless another program has the terminal by then; undefined where standard
 * input is none.
 */
export function saveTerminal(): (() => void) | undefined {
  const { tcgetattr, tcsetattr, tcgetpgrp, getpgrp } = openCLibrary(SYMBOLS);
  const settings = new Uint8Array(TERMIOS_SIZE);
  if (tcgetattr(STDIN, settings) !== 0) return undefined;
  return () => {
    // The system stops a process in the background that changes the terminal.
    if (tcgetpgrp(STDIN) === getpgrp()) tcsetattr(STDIN, TCSANOW, settings);
  };
}
