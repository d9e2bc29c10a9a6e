/**
 * Job objects of Windows: child processes that can't outlive this one.
 * https://learn.microsoft.com/windows/win32/procthread/job-objects
 *
 * @module
 */

const SYMBOLS = {
  CreateJobObjectW: {
    parameters: [
      "pointer", // LPSECURITY_ATTRIBUTES lpJobAttributes
      "pointer", // LPCWSTR lpName
    ],
    result: "pointer", // HANDLE
  },
  SetInformationJobObject: {
    parameters: [
      "pointer", // HANDLE hJob
      "i32", // JOBOBJECTINFOCLASS JobObjectInformationClass
      "buffer", // LPVOID lpJobObjectInformation
      "u32", // DWORD cbJobObjectInformationLength
    ],
    result: "i32", // BOOL
  },
  AssignProcessToJobObject: {
    parameters: [
      "pointer", // HANDLE hJob
      "pointer", // HANDLE hProcess
    ],
    result: "i32", // BOOL
  },
  OpenProcess: {
    parameters: [
      "u32", // DWORD dwDesiredAccess
      "i32", // BOOL bInheritHandle
      "u32", // DWORD dwProcessId
    ],
    result: "pointer", // HANDLE
  },
  CloseHandle: {
    parameters: [
      "pointer", // HANDLE hObject
    ],
    result: "i32", // BOOL
  },
} as const satisfies Deno.ForeignLibraryInterface;

const JobObjectExtendedLimitInformation = 9;
const JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE = 0x2000;
const PROCESS_TERMINATE = 0x0001;
const PROCESS_SET_QUOTA = 0x0100;

/** `sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION)` on 64-bit Windows; `LimitFlags` stands behind two LARGE_INTEGERs. */
const LIMIT_INFORMATION_SIZE = 144;
const LIMIT_FLAGS_OFFSET = 16;

/**
 * A job whose processes are ended when its handle is closed, which the system does when this process ends, however that
 * comes about. Children of the processes in it belong to it too.
 */
export class JobObject {
  #library = Deno.dlopen("kernel32.dll", SYMBOLS);
  #handle: Deno.PointerValue;

  /** @throws {Error} where the system refuses. */
  constructor() {
    const { symbols } = this.#library;
    this.#handle = symbols.CreateJobObjectW(null, null);
    const limits = new Uint8Array(LIMIT_INFORMATION_SIZE);
    new DataView(limits.buffer).setUint32(
      LIMIT_FLAGS_OFFSET,
      JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
      true,
    );
    const done = this.#handle !== null && symbols.SetInformationJobObject(
          this.#handle,
          JobObjectExtendedLimitInformation,
          limits,
          limits.length,
        ) !== 0;
    if (!done) {
      this.close();
      throw new Error("Windows makes no job object");
    }
  }

  /** Puts a process into the job. Returns false where that can't be done; most likely it has ended already. */
  add(pid: number): boolean {
    const { symbols } = this.#library;
    const process = symbols.OpenProcess(PROCESS_TERMINATE | PROCESS_SET_QUOTA, 0, pid);
    if (process === null) return false;
    const done = symbols.AssignProcessToJobObject(this.#handle, process) !== 0;
    symbols.CloseHandle(process);
    return done;
  }

  /** Ends all processes of the job. */
  close(): void {
    if (this.#handle !== null) this.#library.symbols.CloseHandle(this.#handle);
    this.#handle = null;
    this.#library.close();
  }
}
