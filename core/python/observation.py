"""One observed request: times, counts and events. Only made while an application has subscribed to
events or metrics are recorded, so other requests pay nothing for it."""

from __future__ import annotations

from time import monotonic, time

from .head import Head
from .input import Input
from .response import Response

try:
    from resource import RUSAGE_THREAD, getrusage
except ImportError:
    getrusage = None


class MeasuredInput(Input):
    """An Input that counts. The nested calls of one read (as of ``readlines``) count as reads."""

    __module__ = "mod_wsgi"
    __slots__ = ("reads", "length", "time", "_depth")

    def __init__(self, channel, kind: int, data: bytes) -> None:
        super().__init__(channel, kind, data)
        self.reads = self.length = self._depth = 0
        self.time = 0.0

    def read(self, size: int | None = -1) -> bytes:
        return self._measure(super().read, size)

    def readline(self, size: int | None = -1) -> bytes:
        return self._measure(super().readline, size)

    def _measure(self, read, size: int | None) -> bytes:
        if self._depth:
            return read(size)
        self._depth = 1
        begin = monotonic()
        try:
            data = read(size)
        finally:
            self._depth = 0
            self.reads += 1
            self.time += monotonic() - begin
        self.length += len(data)
        return data


class MeasuredResponse(Response):
    """A Response that counts, and tells of `start_response`."""

    __slots__ = ("writes", "time", "_observation", "_whole_since")

    def __init__(self, channel, is_head: bool, observation) -> None:
        super().__init__(channel)
        self.begin_request(is_head)
        self.writes = 0
        self.time = 0.0
        self._observation = observation
        self._whole_since = 0.0

    def start_response(self, status: str, headers: list, exc_info=None):
        write = super().start_response(status, headers, exc_info)
        self._observation.publish(
            "response_started",
            response_status=status,
            response_headers=headers,
            exception_info=exc_info,
        )
        return write

    def whole(self, items) -> bytes | None:
        begin = monotonic()
        frame = super().whole(items)
        self.writes += 1
        self._whole_since = begin
        return frame

    def complete(self, item: bytes) -> Head | None:
        begin = monotonic()
        head = super().complete(item)
        if head is not None:
            self.writes += 1
            self._whole_since = begin
        return head

    def sent_all(self) -> None:
        """The frame of the whole response is sent, which is all that has been done since it was
        made."""
        if self._whole_since:
            self.time += monotonic() - self._whole_since
            self._whole_since = 0.0

    def put(self, data: bytes) -> None:
        begin = monotonic()
        try:
            super().put(data)
        finally:
            self.writes += 1
            self.time += monotonic() - begin


class Observation:
    """The measurements of one request and its events."""

    def __init__(self, worker, environ: dict, kind: int, body: bytes, now: int, process) -> None:
        self.source = environ["wsgi.input"] = MeasuredInput(worker.channel, kind, body)
        self.response = MeasuredResponse(worker.channel, environ["REQUEST_METHOD"] == "HEAD", self)
        self._events = process.events
        self._metrics = process.metrics
        self._worker = worker
        self._data = worker.data
        self._environ = environ
        self._request_id = environ["mod_wsgi.request_id"]
        self._connects = _number(environ, "mod_wsgi.daemon_connects")
        self._restarts = _number(environ, "mod_wsgi.daemon_restarts")
        self.request_start = _number(environ, "mod_wsgi.request_start") / 1e6
        self.queue_start = _number(environ, "mod_wsgi.queue_start") / 1e6
        self.daemon_start = now / 1e6 if self.queue_start else 0.0
        self.application_start = now / 1e6
        self.application_time = 0.0
        self._began = monotonic()
        self._usage = getrusage(RUSAGE_THREAD) if getrusage is not None else None

    def publish(self, name: str, **payload: object) -> dict:
        if not self._events.callbacks:
            return payload
        payload["request_id"] = self._request_id
        payload["request_data"] = self._data
        return self._events.publish(name, payload)

    def start(self, application):
        """``request_started``; returns the application to call, which a callback may replace."""
        self.application_start = time()
        self._began = monotonic()
        environ = self._environ
        environ["mod_wsgi.script_start"] = str(int(self.application_start * 1e6))
        payload = self.publish(
            "request_started",
            thread_id=self._worker.number,
            daemon_connects=self._connects,
            daemon_restarts=self._restarts,
            request_start=self.request_start,
            queue_start=self.queue_start,
            daemon_start=self.daemon_start,
            application_start=self.application_start,
            application_object=application,
            request_environ=environ,
        )
        return payload["application_object"] if "application_object" in payload else application

    def exception(self, error: BaseException) -> None:
        """``request_exception``."""
        self.publish("request_exception", exception_info=(type(error), error, error.__traceback__))

    def finish(self) -> None:
        """``request_finished``, and the request's part in the metrics. To be called when the last
        frame is sent."""
        self.response.sent_all()
        self.application_time = monotonic() - self._began
        if self._metrics.recording:
            self._metrics.record(self)
        if not self._events.callbacks:
            return
        source = self.source
        response = self.response
        payload = {
            "input_reads": source.reads,
            "input_length": source.length,
            "input_time": source.time,
            "output_writes": response.writes,
            "output_length": response.sent if response.begun else 0,
            "output_time": response.time,
            "application_finish": self.application_start + self.application_time,
            "application_time": self.application_time,
        }
        if self._usage is not None:
            usage = getrusage(RUSAGE_THREAD)
            payload["cpu_user_time"] = usage.ru_utime - self._usage.ru_utime
            payload["cpu_system_time"] = usage.ru_stime - self._usage.ru_stime
        self.publish("request_finished", **payload)

    @property
    def thread_number(self) -> int:
        return self._worker.number


def _number(environ: dict, name: str) -> int:
    try:
        return int(environ.get(name, 0))
    except ValueError:
        return 0
