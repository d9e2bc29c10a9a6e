"""Does to processes what Windows does at an event of their console.

    python console_event.py EVENT PID ...

EVENT is 0 Ctrl-C, 1 Ctrl-Break, 2 close, 5 log-off, 6 shutdown. The processes are told one after the
other, on a thread in each of them, as the console does it. With 2, 5 and 6 a process whose function
has returned is ended, and so is one that has not ended within five seconds.
https://learn.microsoft.com/windows/console/handlerroutine
"""

import ctypes
import sys
import time
from ctypes import wintypes

CTRL_CLOSE_EVENT = 2
PROCESS_ALL_ACCESS = 0x1FFFFF
SECONDS = 5

kernel32 = ctypes.WinDLL("kernel32")
kernel32.OpenProcess.restype = wintypes.HANDLE
kernel32.GetModuleHandleW.restype = wintypes.HMODULE
kernel32.GetProcAddress.restype = ctypes.c_void_p
kernel32.GetProcAddress.argtypes = [wintypes.HMODULE, ctypes.c_char_p]
kernel32.CreateRemoteThread.restype = wintypes.HANDLE
kernel32.CreateRemoteThread.argtypes = [
    wintypes.HANDLE,
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_void_p,
    ctypes.c_void_p,
    wintypes.DWORD,
    ctypes.c_void_p,
]
kernel32.WaitForSingleObject.argtypes = [wintypes.HANDLE, wintypes.DWORD]
kernel32.TerminateProcess.argtypes = [wintypes.HANDLE, wintypes.UINT]


def has_ended(handle, milliseconds=0):
    return kernel32.WaitForSingleObject(handle, milliseconds) == 0


def tell(event, pid):
    process = kernel32.OpenProcess(PROCESS_ALL_ACCESS, False, pid)
    if not process:
        return "%d is gone" % pid
    # The same address in all processes.
    module = kernel32.GetModuleHandleW("kernel32.dll")
    routine = kernel32.GetProcAddress(module, b"CtrlRoutine")
    thread = kernel32.CreateRemoteThread(process, None, 0, routine, event, 0, None)
    if not thread:
        return "%d is ending" % pid if has_ended(process) else "%d can't be told" % pid
    if event < CTRL_CLOSE_EVENT:
        return "%d was told" % pid
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and not has_ended(process):
        # The end of a process is the end of its threads, which is seen a little earlier.
        if has_ended(thread) and not has_ended(process, 300):
            kernel32.TerminateProcess(process, 0xC000013A)
            return "%d returned, and was ended" % pid
        time.sleep(0.01)
    if has_ended(process):
        return "%d ended" % pid
    kernel32.TerminateProcess(process, 0xC000013A)
    return "%d was ended after %d s" % (pid, SECONDS)


for word in sys.argv[2:]:
    print(tell(int(sys.argv[1]), int(word)))
