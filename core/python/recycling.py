"""When the process is to be replaced: the rules, and the thread that looks at them.

The thread only exists where an option asks for it, and looks at most once a second unless something
is due before. Requests pay nothing for it: it reads what the workers note anyway.
"""

from __future__ import annotations

import os
from itertools import count
from math import log
from random import random
from time import monotonic

from .stacks import describe_threads
from .threads import allocate_lock, start_new_thread

LOOK_INTERVAL = 1.0  # seconds
SPREAD = 0.1  # part of --maximum-requests by which processes differ


def request_limit(seconds: float, threads: int) -> float:
    """How long a request may run: with more threads more of them may be slow at a time (the rule of
    mod_wsgi 6.0)."""
    return seconds * (1 + log(threads))


def request_maximum(maximum: int, processes: int, chance: float) -> int:
    """Number of requests after which one process is replaced. Where there are several, each gets a
    number of its own, so that they don't all leave together. ``chance`` is from [0, 1)."""
    if processes == 1:
        return maximum
    return max(1, maximum - int(maximum * SPREAD * chance))


def counter(maximum: int, reached):
    """A function that counts from 1 and calls ``reached()`` once, at ``maximum``."""
    number_of = count(1).__next__

    def next_number() -> int:
        number = number_of()
        if number == maximum:
            reached()
        return number

    return next_number


def last_activity(workers) -> float:
    """When a request last began or ended (`time.monotonic`); 0 where there has been none."""
    return max((max(w.started, w.ended) for w in workers if w.taken), default=0.0)


class Monitor:
    """Looks at running requests, at idleness and at the age of the process."""

    def __init__(self, process, rules: dict) -> None:
        """``rules``: seconds by ``requestTimeout``, ``interruptTimeout``, ``slowRequests``,
        ``startupTimeout``, ``inactivityTimeout`` and ``restartInterval``; 0 is off."""
        self._process = process
        self._request = rules.get("requestTimeout", 0)
        self._request_limit = request_limit(self._request, process.plan["threads"])
        self._interrupt = rules.get("interruptTimeout", 0)
        self._slow = rules.get("slowRequests", 0)
        self._startup = rules.get("startupTimeout", 0)
        self._inactivity = rules.get("inactivityTimeout", 0)
        self._interval = rules.get("restartInterval", 0)
        self._began = monotonic()
        self._asked = False
        self._told: set[tuple[int, int]] = set()  # slow requests that have been reported
        self._interrupted: dict[tuple[int, int], float] = {}  # until when that may take effect
        self._end = allocate_lock()
        self._end.acquire()

    @property
    def is_needed(self) -> bool:
        rules = (self._request, self._slow, self._startup, self._inactivity, self._interval)
        return any(rules)

    def start(self) -> None:
        if self.is_needed:
            start_new_thread(self._run, ())

    def stop(self) -> None:
        """Ends the thread. May be called once."""
        self._end.release()

    def _run(self) -> None:
        wait = LOOK_INTERVAL
        while not self._end.acquire(timeout=wait):
            wait = self.look(monotonic())

    def look(self, now: float) -> float:
        """Does what is due at ``now`` and gives the seconds until the next look."""
        if self._asked:
            return LOOK_INTERVAL
        due = [now + LOOK_INTERVAL]
        if self._slow:
            self._look_for_slow_requests(now, due)
        if self._request:
            self._look_at_requests(now, due)
        if self._startup:
            self._look_at_loading(now, due)
        if self._inactivity:
            self._look_at_activity(now, due)
        if self._interval:
            if now - self._began >= self._interval:
                self._ask("restart_interval")
            due.append(self._began + self._interval)
        return max(min(due) - now, 0.001)

    def _look_for_slow_requests(self, now: float, due: list) -> None:
        running = set()
        for worker in self._process.workers:
            if worker.request is None:
                continue
            request = (worker.number, worker.taken)
            running.add(request)
            end = worker.started + self._slow
            if request in self._told:
                continue
            if end > now:
                due.append(end)
                continue
            self._told.add(request)
            self._log(
                "Slow request (--slow-requests %g): %s." % (self._slow, _describe(worker, now)),
                "warn",
            )
        self._told &= running

    def _look_at_requests(self, now: float, due: list) -> None:
        expired = []
        running = set()
        for worker in self._process.workers:
            if worker.request is None:
                continue
            request = (worker.number, worker.taken)
            running.add(request)
            end = self._interrupted.get(request, worker.started + self._request_limit)
            if end > now:
                due.append(end)
            else:
                expired.append((worker, request))
        for request in set(self._interrupted) - running:
            del self._interrupted[request]
        if not expired:
            return
        self._report(expired, now)
        hopeless = False
        for worker, request in expired:
            if self._interrupt and request not in self._interrupted:
                from .interrupt import interrupt

                if interrupt(worker, request):
                    self._interrupted[request] = now + self._interrupt
                    due.append(now + self._interrupt)
                    continue
            hopeless = True
        if hopeless:
            self._ask("request_timeout")

    def _report(self, expired: list, now: float) -> None:
        what = ", ".join(_describe(worker, now) for worker, _ in expired)
        self._log(
            "Request timeout (%.3f seconds: --request-timeout %g with %d threads): %s. "
            "Stacks of all Python threads:\n%s"
            % (
                self._request_limit,
                self._request,
                len(self._process.workers),
                what,
                describe_threads(self._process),
            )
        )

    def _look_at_loading(self, now: float, due: list) -> None:
        since = self._process.loader.loading_since
        if not since:
            return
        due.append(since + self._startup)
        if now - since >= self._startup:
            self._log(
                "Startup timeout: the application has not loaded within --startup-timeout (%g "
                "seconds). Stacks of all Python threads:\n%s"
                % (self._startup, describe_threads(self._process))
            )
            self._ask("startup_timeout")

    def _look_at_activity(self, now: float, due: list) -> None:
        """A process that has never served anything has nothing to give back."""
        process = self._process
        if any(worker.request is not None for worker in process.workers):
            return
        activity = process.activity
        last = last_activity(process.workers) if activity is None else activity.last
        if not last:
            return
        due.append(last + self._inactivity)
        if now - last >= self._inactivity:
            self._ask("inactivity_timeout")

    def _ask(self, reason: str) -> None:
        self._asked = True
        self._process.restart(reason, handover=True)

    def _log(self, message: str, level: str = "error") -> None:
        self._process.log.text(level, "mod_wsgi (pid=%d): %s" % (os.getpid(), message))


def _describe(worker, now: float) -> str:
    return "worker thread %d has been serving %s %s for %.3f seconds" % (
        worker.number,
        worker.field("REQUEST_METHOD"),
        worker.field("REQUEST_URI"),
        now - worker.started,
    )


def apply(process, rules: dict) -> Monitor:
    """Prepares the process for its rules, before its workers are made. The monitor that it gives is
    to be started once the application is loaded."""
    maximum = rules.get("maximumRequests", 0)
    if maximum:
        maximum = request_maximum(maximum, process.plan["processes"], random())
        process.next_total = counter(
            maximum, lambda: process.restart("maximum_requests", handover=True)
        )
    if rules.get("inactivityTimeout", 0) and rules.get("ignoreActivity"):
        from .activity import Activity

        process.activity = Activity(rules["ignoreActivity"])
    return Monitor(process, rules)
