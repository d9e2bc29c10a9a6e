/**
 * The end of a console of Windows: its window is closed, the user logs off, the machine goes down.
 *
 * Windows calls a function of the process for that, on a thread of its own, and ends the process as soon as this function
 * returns, or after five seconds (https://learn.microsoft.com/windows/console/handlerroutine). The function of
 * Deno.addSignalListener returns at once, before any listener has run. So there is another, which never returns; what it
 * was called for is told meanwhile, and the process is to end by itself. JavaScript can't be run on that thread, hence
 * machine code.
 *
 * @module
 */

const KERNEL32 = {
  CreateEventW: {
    parameters: [
      "pointer", // LPSECURITY_ATTRIBUTES lpEventAttributes
      "i32", // BOOL bManualReset
      "i32", // BOOL bInitialState
      "pointer", // LPCWSTR lpName
    ],
    result: "pointer", // HANDLE
  },
  WaitForSingleObject: {
    parameters: [
      "pointer", // HANDLE hHandle
      "u32", // DWORD dwMilliseconds
    ],
    result: "u32", // DWORD
    nonblocking: true,
  },
  GetModuleHandleA: { parameters: ["buffer" /* LPCSTR lpModuleName */], result: "pointer" },
  GetProcAddress: {
    parameters: [
      "pointer", // HMODULE hModule
      "buffer", // LPCSTR lpProcName
    ],
    result: "pointer", // FARPROC
  },
  VirtualAlloc: {
    parameters: [
      "pointer", // LPVOID lpAddress
      "usize", // SIZE_T dwSize
      "u32", // DWORD flAllocationType
      "u32", // DWORD flProtect
    ],
    result: "pointer", // LPVOID
  },
  VirtualProtect: {
    parameters: [
      "pointer", // LPVOID lpAddress
      "usize", // SIZE_T dwSize
      "u32", // DWORD flNewProtect
      "buffer", // PDWORD lpflOldProtect
    ],
    result: "i32", // BOOL
  },
  RtlMoveMemory: {
    parameters: [
      "pointer", // VOID *Destination
      "buffer", // const VOID *Source
      "usize", // SIZE_T Length
    ],
    result: "void",
  },
  SetConsoleCtrlHandler: {
    parameters: [
      "pointer", // PHANDLER_ROUTINE HandlerRoutine
      "i32", // BOOL Add
    ],
    result: "i32", // BOOL
  },
} as const satisfies Deno.ForeignLibraryInterface;

const MEM_COMMIT_AND_RESERVE = 0x3000;
const PAGE_READWRITE = 0x04;
const PAGE_EXECUTE_READ = 0x20;
const INFINITE = 0xffff_ffff;
const WAIT_OBJECT_0 = 0;

/** Where the values of `handlerCode` stand in it. */
const EVENT = 11;
const SET_EVENT = 21;
const SLEEP = 38;

/**
 * `BOOL HandlerRoutine(DWORD event) { if (event < CTRL_CLOSE_EVENT) return FALSE; SetEvent(handle); Sleep(INFINITE); }`
 * for x86-64. FALSE leaves Ctrl-C and Ctrl-Break to the next function, which is Deno's.
 */
function handlerCode(event: bigint, setEvent: bigint, sleep: bigint): Uint8Array<ArrayBuffer> {
  const code = Uint8Array.of(
    ...[0x83, 0xf9, 0x02], // cmp ecx, CTRL_CLOSE_EVENT
    ...[0x72, 0x2b], // jb to the end
    ...[0x48, 0x83, 0xec, 0x28], // sub rsp, 40
    ...[0x48, 0xb9, 0, 0, 0, 0, 0, 0, 0, 0], // mov rcx, event
    ...[0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0], // mov rax, SetEvent
    ...[0xff, 0xd0], // call rax
    ...[0xb9, 0xff, 0xff, 0xff, 0xff], // mov ecx, INFINITE
    ...[0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0], // mov rax, Sleep
    ...[0xff, 0xd0], // call rax
    ...[0x31, 0xc0], // xor eax, eax
    0xc3, // ret
  );
  const view = new DataView(code.buffer);
  view.setBigUint64(EVENT, event, true);
  view.setBigUint64(SET_EVENT, setEvent, true);
  view.setBigUint64(SLEEP, sleep, true);
  return code;
}

/**
 * From now on the end of the console waits for this process, and is told by the promise, which is pending for as long as
 * nothing happens and so keeps the event loop alive. To be called after signal listeners have been added: the newest
 * function is called first.
 *
 * @throws {Error} where that can't be done; then the end of the console ends this process at once.
 */
export async function consoleEnd(): Promise<void> {
  if (Deno.build.arch !== "x86_64") throw new Error("the code is for x86-64");
  // Never closed: the system calls into it.
  const { symbols } = Deno.dlopen("kernel32.dll", KERNEL32);
  const text = (name: string) => new TextEncoder().encode(`${name}\0`);
  const module = symbols.GetModuleHandleA(text("kernel32.dll"));
  const address = (name: string) =>
    Deno.UnsafePointer.value(symbols.GetProcAddress(module, text(name)));
  const event = symbols.CreateEventW(null, 0, 0, null);
  const code = handlerCode(
    Deno.UnsafePointer.value(event),
    address("SetEvent"),
    address("Sleep"),
  );
  const size = BigInt(code.length);
  const memory = symbols.VirtualAlloc(null, size, MEM_COMMIT_AND_RESERVE, PAGE_READWRITE);
  if (event === null || memory === null) throw new Error("Windows gives no event or no memory");
  symbols.RtlMoveMemory(memory, code, size);
  const done = symbols.VirtualProtect(memory, size, PAGE_EXECUTE_READ, new Uint8Array(4)) !== 0 &&
    symbols.SetConsoleCtrlHandler(memory, 1) !== 0;
  if (!done) throw new Error("Windows takes no function for the end of the console");
  if (await symbols.WaitForSingleObject(event, INFINITE) !== WAIT_OBJECT_0) {
    throw new Error("Windows does not tell of the end of the console");
  }
}
