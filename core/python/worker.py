"""A Python thread that serves requests until its process stops."""

from __future__ import annotations

import os
from time import monotonic

from . import frames
from .log import format_exception
from .module import RequestTimeout
from .request_handler import RequestHandler
from .threads import allocate_lock, get_ident, sleep

LONG_REQUEST = 0.02  # seconds; a thread that takes longer is no help for the others' requests

_RECONNECT_DELAYS = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0)  # seconds
_MOST_FAILURES = 20  # one after the other, after which a new process is asked for


class Worker(RequestHandler):
    """One thread. More attributes that other threads may read: ``thread_id`` of the running thread,
    0 before; ``left``: a lock that is free once it has ended.
    """

    __slots__ = ("thread_id", "left")

    def __init__(self, process, number: int, channel) -> None:
        super().__init__(process, number, channel)
        self.thread_id = 0
        self.left = allocate_lock()
        self.left.acquire()

    def _take_thread(self) -> None:
        self.thread_id = get_ident()
        self._process.workers_by_thread[self.thread_id] = self

    def run(self) -> None:
        """The body of the thread: serves until the process stops."""
        process = self._process
        self._take_thread()
        try:
            failures = 0
            while not process.stopping:
                try:
                    self.channel.connect()
                    failures = 0
                    self._serve()
                except BaseException as error:
                    failures += 1
                    if not isinstance(error, OSError):
                        self._log("error", "Worker thread failed.\n" + format_exception(error))
                    if failures == _MOST_FAILURES:
                        self._ask_for_process(error)
                self.channel.close()
                if not self.channel.can_reconnect:
                    break
                if failures:
                    sleep(_RECONNECT_DELAYS[min(failures, len(_RECONNECT_DELAYS)) - 1])
        finally:
            process.workers_by_thread.pop(self.thread_id, None)
            self.left.release()

    def _ask_for_process(self, error: BaseException) -> None:
        """Asks for a process in the place of this one, whose other threads serve until then."""
        process = self._process
        if process.stopping:
            return
        process.log.text(
            "error",
            "mod_wsgi (pid=%d): Worker thread %d can't connect to the server and takes no requests: "
            "%s." % (os.getpid(), self.number, error),
        )
        if process.lacks_threads.acquire(False):  # the first one
            process.restart("thread_failure", handover=True)

    def _serve(self) -> None:
        channel = self.channel
        process = self._process
        parked = self._inbox.parked
        while not process.stopping:
            parked.add(self.number)
            order = channel.wait()
            parked.discard(self.number)
            if not order:
                return
            self._work(order == frames.VISIT)
            if channel.broken:
                return
            channel.park()

    def _work(self, visits: bool) -> None:
        """Serves requests until there are none, or another thread waits for them already; who only
        ``visits``, until others serve short ones."""
        process = self._process
        channel = self.channel
        inbox = self._inbox
        next_request = inbox.next
        answer = inbox.answer
        handle = self.handle
        while True:
            request = next_request()
            if request is None:
                return
            number, text, kind, body = request
            if process.stopping:
                answer(number, frames.not_taken_frame("shutting_down"), 0.0, 1.0)
                continue
            channel.request_number = number
            try:
                frame = handle(text, kind, body)
                if self._rest is not None:
                    answer(number, frame, 0.0, 1.0)
                    frame = self.serve_rest(frames.FINISH_FRAME)
            except RequestTimeout:  # when the application had returned already
                frame = self._interrupted(504)
            except OSError:
                raise
            except BaseException as error:  # no fault of the application, but it must be answered
                self._log("error", "Worker thread failed.\n" + format_exception(error))
                frame = self._interrupted(500)
            if channel.bound:
                channel.finish(frame)
            elif frame is not None:
                answer(number, frame, self.ended, self.ended - self.started)
            elif channel.broken:
                answer(number, frames.abort_frame(500), 0.0, 1.0)
            if channel.closed or visits and self._is_spare():
                return

    def _is_spare(self) -> bool:
        """Whether another thread serves a request that is not a long one so far."""
        since = self.ended - LONG_REQUEST
        for worker in self._process.workers:
            if worker.request is not None and worker.started > since:
                return True
        return False

    def _interrupted(self, status: int) -> bytes:
        """Ends a request that was interrupted outside the application."""
        self.channel.release_locks()
        self._process.active_requests.pop(self.field("mod_wsgi.request_id"), None)
        self._rest = self._served = None
        self.request = None
        self.data = None
        self.finished += 1
        self.ended = monotonic()
        return frames.abort_frame(status)
