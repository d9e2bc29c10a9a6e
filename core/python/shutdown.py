"""The end of the process: callbacks, running requests, and the watchdog that bounds it all."""

from __future__ import annotations

import os
import sys

from .stacks import describe_threads
from .threads import start_new_thread


def stop(process, reason: str) -> None:
    """Runs the callbacks, then waits until no request is running. Python's own end (the join of
    non-daemon threads, ``atexit``) comes after this, when the interpreter is finalised."""
    arm_watchdog(process)
    process.stop_watching()
    process.events.publish_stopping(reason)
    process.stopping = True
    process.inbox.stop()
    for worker in process.workers:
        if worker.request is None:
            worker.channel.stop_receiving()
    for worker in process.workers:
        while not worker.left.acquire(timeout=0.05):
            if worker.request is None:
                worker.channel.stop_receiving()
    process.inbox.refuse_rest()


def arm_watchdog(process) -> None:
    """Ends the process when it has not ended by itself after the shutdown timeout, and says what
    it was waiting for."""
    try:
        start_new_thread(_watch, (process, process.plan["shutdownTimeout"]))
    except RuntimeError as error:  # no thread to be had: the server ends the process then
        process.log.text(
            "warn", "mod_wsgi (pid=%d): No shutdown watchdog: %s." % (os.getpid(), error)
        )


def disarm_watchdog(process) -> None:
    """Ends the watchdog's thread, without which a sub-interpreter can't be ended. To be called when
    nothing is left to be waited for."""
    process.is_over.release()


def _watch(process, timeout: float) -> None:
    if process.is_over.acquire(timeout=timeout):
        return
    try:
        if process.before_abort is not None:
            process.before_abort()
        process.log.text("error", _complaint(process, timeout))
    finally:
        os._exit(1)


def _complaint(process, timeout: float) -> str:
    blocking = {worker.thread_id for worker in process.workers if worker.request is not None}
    what = ["request in worker thread %d" % w.number for w in process.workers if w.request]
    threading = sys.modules.get("threading")
    if threading is not None:
        main = threading.main_thread()
        for thread in threading.enumerate():
            if thread.daemon or thread is main or thread.ident in process.workers_by_thread:
                continue
            blocking.add(thread.ident)
            what.append("thread %r" % thread.name)
    if not blocking and threading is not None:
        blocking.add(threading.main_thread().ident)
        what.append("main thread")
    return (
        "mod_wsgi (pid=%d): Aborting process, which did not stop within %g seconds, waiting for %s."
        "\n%s" % (os.getpid(), timeout, ", ".join(what), describe_threads(process, blocking))
    )
