"""A small service manager: a notify socket, listening sockets that it passes on, one service.

Takes its settings as JSON in the first argument and orders as lines of JSON on standard input; tells
what happens as lines of JSON on standard output. The service writes to standard error.
"""

import json
import os
import signal
import socket
import struct
import sys
import threading

settings = json.loads(sys.argv[1])
lock = threading.Lock()


def tell(**facts):
    with lock:
        print(json.dumps(facts), flush=True)


def listener():
    if settings.get("listen") == "datagram":
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    if settings.get("listen") == "tcp":
        made = socket.create_server(("127.0.0.1", 0))
    else:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.bind(settings["listen"])
        made.listen()
    return made


def receive():
    while True:
        data, ancillary, _, _ = notify.recvmsg(4096, 256)
        sender = [struct.unpack("iii", value)[0] for _, kind, value in ancillary
                  if kind == socket.SCM_CREDENTIALS]
        lines = [line.split("=", 1) for line in data.decode("utf-8").split("\n")]
        tell(message=dict(lines), sender=sender[0])


def start(words, env):
    pid = os.fork()
    if pid != 0:
        tell(started=pid)
        wait = threading.Thread(target=lambda: tell(exited=os.waitpid(pid, 0)[1], pid=pid))
        wait.daemon = True
        wait.start()
        return pid
    environment = dict(os.environ, **env)
    if notify is not None:
        environment["NOTIFY_SOCKET"] = settings["notify"]
        environment["WATCHDOG_USEC"] = str(settings["watchdog"])
        environment["WATCHDOG_PID"] = str(os.getpid())
    for number, made in enumerate(listeners):
        os.dup2(made.fileno(), 3 + number)
    environment["LISTEN_FDS"] = str(len(listeners))
    environment["LISTEN_PID"] = str(os.getpid() + (1 if settings.get("wrong_pid") else 0))
    environment["LISTEN_FDNAMES"] = ":".join(["http"] * len(listeners))
    os.dup2(2, 1)
    os.execve(words[0], words, environment)


# Descriptors that are passed on must not be in the way of each other.
for number in range(3, 10):
    os.open(os.devnull, os.O_RDONLY)
notify = None
if settings.get("notify"):
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    notify.bind(settings["notify"].replace("@", "\0"))
    threading.Thread(target=receive, daemon=True).start()
listeners = [listener() for _ in range(settings.get("sockets", 0))]
if settings.get("listen") == "tcp":
    tell(port=listeners[0].getsockname()[1])
service = None
for line in sys.stdin:
    order = json.loads(line)
    if "start" in order:
        service = start(order["start"], order["env"])
    else:
        os.kill(service, getattr(signal, order["signal"]))
try:
    os.kill(service, signal.SIGKILL)
except (ProcessLookupError, TypeError):
    pass
