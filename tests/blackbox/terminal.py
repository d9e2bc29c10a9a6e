"""Runs a command on a pseudo-terminal of its own, driven by lines of JSON on standard input.

    python terminal.py ROWS COLUMNS COMMAND ARGUMENT ...

{"write": "\u0003"} types characters, {"resize": [rows, columns]} changes the size of the window,
{"hangup": true} closes the terminal. What the command prints goes to standard output as it is. The end
of standard input kills the command. The exit status is the command's, or 128 plus the signal's number.
The first line of standard error is "pid N", the process that runs the command.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios


def resize(descriptor, rows, columns):
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    rows, columns, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    pid, master = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    resize(master, rows, columns)
    os.write(2, b"pid %d\n" % pid)
    pending = b""
    sources = [0, master]
    while master in sources:
        readable, _, _ = select.select(sources, [], [])
        if 0 in readable:
            data = os.read(0, 65536)
            if not data:
                sources.remove(0)
                os.kill(pid, signal.SIGKILL)
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                order = json.loads(line)
                if "write" in order:
                    os.write(master, order["write"].encode())
                if "resize" in order:
                    resize(master, *order["resize"])
                if "hangup" in order:
                    sources.remove(master)
                    os.close(master)
        if master in readable and master in sources:
            try:
                data = os.read(master, 65536)
            except OSError:
                data = b""
            if data:
                os.write(1, data)
            else:
                sources.remove(master)
    _, status = os.waitpid(pid, 0)
    sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


main()
