"""The application process as Python sees it: what there is, and the order in which it starts."""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import threading
from itertools import count
from time import time

from .channel import SocketChannel
from .inbox import Inbox, make_inbox
from .environ import EnvironShapes, environ_template
from .events import Events
from .loader import ApplicationNotLoaded, Loader
from .log import ErrorLog
from .manager import Manager
from .metrics import Metrics
from .module import install_modules
from .pace import Pace, has_gil, paced
from .recycling import Monitor, apply
from .search_path import prepare_interpreter, set_locale
from .shutdown import disarm_watchdog
from .signals import ForkSignals, dump_on_signal, intercept_signals
from .streams import Log, text_stream
from .threads import allocate_lock, start_new_thread
from .worker import Worker

RELOAD_INTERVAL = 0.5  # seconds between looks at the files of all modules


class Process:
    """Everything that exists once per process."""

    def __init__(self, plan: dict, memory: memoryview | None) -> None:
        """``plan`` is the JSON object of the application process's plan, ``memory`` what it shares
        with TypeScript."""
        self.plan = plan
        self.memory = memory
        self.log = ErrorLog(plan["log"], plan["logLevel"])
        self.stopping = False
        self.is_child = False  # forked, which must not return to TypeScript
        self.lacks_threads = allocate_lock()  # held: a new process has been asked for
        self.is_daemon = bool(plan["processGroup"])  # as opposed to embedded and debug mode
        self.total_requests = 0
        self.active_requests: dict[str, dict] = {}
        self.workers: list[Worker] = []
        self.workers_by_thread: dict[int, Worker] = {}
        self.events = Events(self.log)
        self.metrics = Metrics(self, plan["threads"], time())
        self.loader = Loader(plan, self.log)
        self.manager: Manager | None = None
        self.inbox: Inbox | None = None
        self.shapes = EnvironShapes(environ_template(plan))
        self.next_total = counter()
        self.activity = None  # an Activity, where not all requests count as such
        self.monitor: Monitor | None = None
        self.before_abort = None  # called before the process is cut
        self.is_over = allocate_lock()  # free once nothing is left to be waited for
        self.is_over.acquire()
        self._reloader = None

    def observe(self, worker: Worker, environ: dict, kind: int, body: bytes, now: int):
        """The Observation of a request, see there."""
        from .observation import Observation

        return Observation(worker, environ, kind, body, now, self)

    def reloader(self):
        """The Reloader, made when it is first used."""
        if self._reloader is None:
            from .reloader import Reloader

            self._reloader = Reloader(self.restart)
        return self._reloader

    def watch_files(self) -> None:
        """Reloading on changes. Called before the application is loaded: a failure names files."""
        reloader = self.reloader()
        self.loader.on_failure = reloader.track
        if self.loader.is_script:
            reloader.track(self.loader.entry_point)

    def stop_watching(self) -> None:
        """Ends the threads that look for reasons to restart."""
        if self.monitor is not None:
            self.monitor.stop()
        if self._reloader is not None:
            self._reloader.stop()

    def restart(self, reason: str, handover: bool = False) -> None:
        """Asks for a new process in the place of this one, which goes on until the new one is ready
        where ``handover`` says so."""
        self.manager.send({"type": "restart", "reason": reason, "handover": handover})

    def redirect_streams(self) -> None:
        if self.plan.get("debug") is None:
            sys.stdout = text_stream(Log(self.log, self.workers_by_thread, "<stdout>"))
        else:
            from .debugging import keep_standard_streams

            keep_standard_streams()
        sys.stderr = text_stream(Log(self.log, self.workers_by_thread, "<stderr>"))

    def debug_tools(self):
        """The tools of debug mode, between the loader and the application; None in other modes."""
        settings = self.plan.get("debug")
        if settings is None:
            return None
        from .debugging import Tools

        tools = Tools(self, settings)
        self.loader.wrap = tools.wrap
        self.before_abort = tools.restore_terminal
        return tools

    def make_workers(self) -> None:
        plan = self.plan
        if plan.get("direct"):
            self._make_direct_worker(plan["direct"]["function"])
            return
        self.inbox = make_inbox(self)
        kind = Worker
        if self.activity is not None:
            from .activity import ActivityWorker

            kind = ActivityWorker
        if not has_gil():
            kind = paced(kind, Pace(self.inbox))
        for number in range(1, plan["threads"] + 1):
            channel = SocketChannel(plan["gateway"], plan["secret"], plan["instance"], number)
            self.workers.append(kind(self, number, channel))

    def _make_direct_worker(self, address: int) -> None:
        from . import direct

        channel = direct.DirectChannel(address)
        self.inbox = direct.DirectInbox(channel)
        direct.worker = worker = direct.DirectWorker(self, 1, channel)
        self.workers.append(worker)

    def leave_interpreter(self) -> None:
        """At the end of a sub-interpreter: nothing of ours may outlive it. CPython 3.9 crashes when
        an open socket is found after the modules are gone."""
        disarm_watchdog(self)
        self._close_connections()

    def leave_to_child(self) -> None:
        """After a fork, in the child: the connections are the parent's, and must end with it."""
        self.stopping = self.is_child = True
        self.log.reset()
        self._close_connections()

    def leave_child(self) -> None:
        """Ends a forked child that comes back from the application's code."""
        if self.is_child:
            os._exit(0)

    def _close_connections(self) -> None:
        if self.inbox is not None:
            self.inbox.leave_to_child()
        for worker in self.workers:
            worker.channel.close()
        if self.manager is not None:
            self.manager.close()


def counter():
    """A function that counts its calls, from any thread."""
    step = count(1).__next__
    if has_gil():
        return step
    # Without the global interpreter lock two threads could get the same number.
    lock = allocate_lock()

    def locked_step() -> int:
        with lock:
            return step()

    return locked_step


def make_manager(process: Process) -> Manager:
    """The connection to TypeScript; where its thread may be busy, to the server too."""
    direct = process.plan.get("direct")
    if not direct:
        return Manager(process)
    from .direct_manager import DirectManager

    return DirectManager(process, direct["control"])


def start(plan_json: str, memory: memoryview | None) -> None:
    """Prepares the interpreter, loads the application and starts the threads, then returns. Called
    once, on the thread that initialised the interpreter, which is Python's main thread.

    An application that fails to load is logged and does not stop the process: requests try again.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("start() must be called on the main thread")
    signal.getsignal(signal.SIGINT)  # imported here, for the same reason as `threading`
    process = Process(json.loads(plan_json), memory)
    prepare_interpreter(process.plan)
    set_locale(process.plan, process.log)
    process.redirect_streams()
    install_modules(process)
    tools = process.debug_tools()
    if tools is None:
        intercept_signals(process.log)
    dump_on_signal(process.log.fileno())
    process.monitor = apply(process, process.plan.get("recycling", {}))
    process.make_workers()
    process.manager = make_manager(process)
    if process.plan["applicationGroup"]:
        # Registered first, so it is run last.
        atexit.register(process.leave_interpreter)
    if hasattr(os, "register_at_fork"):
        signals = ForkSignals()
        os.register_at_fork(
            before=signals.before,
            after_in_parent=signals.after_in_parent,
            after_in_child=signals.after_in_child,
        )
        os.register_at_fork(after_in_child=process.leave_to_child)
    if process.plan.get("reloadOnChanges"):
        process.watch_files()
    if tools is not None:
        tools.start()
    try:
        process.loader.load()
        loaded = True
    except ApplicationNotLoaded:
        loaded = False
    process.leave_child()
    if tools is not None:
        tools.loaded()
    process.manager.start()
    for worker in process.workers:
        if process.plan.get("direct"):
            worker.adopt_thread()
        else:
            start_new_thread(worker.run, ())
    process.monitor.start()
    if process.plan.get("reloadOnChanges"):
        process.reloader().start(RELOAD_INTERVAL)
    process.manager.send({"type": "ready", "loaded": loaded})
