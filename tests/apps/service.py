"""A service script that tells of its life in the log and in the test's folder."""

import atexit
import os
import signal
import sys
import threading
import time

import mod_wsgi
from routing import note

MODE = os.environ.get("SERVICE_MODE", "")

print("service: started %s" % mod_wsgi.process_group)
note(
    "service",
    "%d main=%s group=%r shutdown=%s stdin=%r argv=%s metrics=%s uid=%d" % (
        os.getpid(),
        threading.current_thread() is threading.main_thread(),
        mod_wsgi.application_group,
        hasattr(mod_wsgi, "subscribe_shutdown"),
        sys.stdin.read(),
        sys.argv,
        mod_wsgi.server_metrics(),
        os.getuid() if hasattr(os, "getuid") else -1,
    ),
)
atexit.register(print, "service: atexit")
if MODE == "returns":
    sys.stderr.write("service: returns\n")
elif MODE == "fails":
    raise ValueError("a service that fails")
elif MODE == "signals":
    got = []
    signal.signal(signal.SIGUSR2, lambda number, frame: got.append(number))
    os.kill(os.getpid(), signal.SIGUSR2)
    while not got:
        time.sleep(0.01)
    note("signals", "handled")
    while True:
        time.sleep(1)
elif MODE == "leaves":

    def leave(number, frame):
        print("service: leaving")
        # Long enough for another signal to come in the middle.
        time.sleep(0.3)
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)
    note("signals", "set")
    while True:
        time.sleep(1)
elif MODE == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note("signals", "ignored")
    while True:
        time.sleep(1)
else:
    try:
        while True:
            time.sleep(1)
    except SystemExit as error:
        print("service: SystemExit %s" % error.code)
        raise
