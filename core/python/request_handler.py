"""The path of a request through Python (PEP 3333, "The Server/Gateway Side").

What is not needed by every request is done elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from sys import getrefcount
from time import monotonic, time_ns

from . import frames
from .channel import CAN_SEND_FILE
from .file_wrapper import FileWrapper, regular_file
from .input import Input, InputError
from .loader import ApplicationNotLoaded
from .log import format_exception
from .module import RequestTimeout
from .response import Response, check_item
from .streams import RequestStreams


class RequestHandler:
    """Serves requests, one after the other, on one thread. Attributes other threads may read:

    ``number`` of the thread (from 1); ``request``: environ text of the request being served or
    None; ``started``: when it began (`time.monotonic`); ``taken`` and ``finished``: number of
    requests; ``busy``: seconds spent in finished requests.
    """

    __slots__ = (
        "number",
        "request",
        "started",
        "taken",
        "finished",
        "busy",
        "data",
        "channel",
        "printed",
        "ended",
        "_process",
        "_inbox",
        "_scheme",
        "_setters",
        "_is_daemon",
        "_loader",
        "_template",
        "_templates",
        "_callbacks",
        "_metrics",
        "_next_total",
        "_errors",
        "_no_body",
        "_response",
        "_response_references",
        "_request_id",
        "_rest",
        "_served",
    )

    def __init__(self, process, number: int, channel) -> None:
        self.number = number
        self.request: str | None = None
        self.started = 0.0
        self.taken = self.finished = 0
        self.busy = 0.0
        self.data: dict | None = None
        self.channel = channel
        self.printed: list = []  # unfinished lines of sys.stdout and sys.stderr
        self.ended = 0.0  # when the last request did
        self._process = process
        self._inbox = process.inbox
        self._setters = process.shapes.setters
        self._is_daemon = process.is_daemon
        self._loader = process.loader
        # Each thread has its own: without the GIL, copying takes the dictionary's lock.
        self._template = dict(process.shapes.template)
        self._templates = process.shapes.templates
        # Where the configuration tells it; else it is that of the request.
        self._scheme = self._template["wsgi.url_scheme"]
        self._callbacks = process.events.callbacks
        self._metrics = process.metrics
        self._next_total = process.next_total
        self._errors = RequestStreams(process.log, self)
        # There is nothing in it that a request could leave for the next.
        self._no_body = Input(channel, 0, b"")
        self._renew_response()
        # What is left of an iterable whose response is complete already, see `handle`.
        self._rest: Iterator | None = None
        self._served: tuple | None = None  # what `_end` needs to know of that request

    def handle(self, text: str, kind: int, body: bytes) -> bytes | None:
        """Serves one request and returns the frame that ends it, not yet sent; None when the
        channel has broken. ``text``, ``kind`` and ``body`` are as in the request frame.

        Where the iterable may have something to do behind its last item, the frame only completes
        the response. It is to be sent at once, and `serve_rest` to be called then."""
        now = time_ns() // 1000
        loader = self._loader
        if loader.watches and loader.is_outdated(now):
            return frames.not_taken_frame("script_reload")
        channel = self.channel
        values = text.split("\0")
        marker = values[-1]
        environ = self._templates.get(marker, self._template).copy()
        set_values = self._setters.get(marker)
        if set_values is None:
            environ.update(self._process.shapes.values(text))
        else:
            set_values(environ, values)
        errors = self._errors
        environ["wsgi.input"] = source = Input(channel, kind, body) if kind else self._no_body
        environ["wsgi.errors"] = errors.stream
        environ["wsgi.url_scheme"] = self._scheme or environ["REQUEST_SCHEME"]
        environ["mod_wsgi.script_start"] = stamp = str(now)
        if self._is_daemon:
            environ["mod_wsgi.daemon_start"] = stamp
        environ["mod_wsgi.thread_id"] = self.number
        environ["mod_wsgi.thread_requests"] = taken = self.taken
        environ["mod_wsgi.total_requests"] = self._process.total_requests
        self.taken = taken + 1
        self._request_id = request_id = environ["mod_wsgi.request_id"]
        self._process.active_requests[request_id] = self.data = {}
        self.started = monotonic()
        self.request = text
        if self._callbacks or self._metrics.recording:
            observation = self._process.observe(self, environ, kind, body, now)
            source = observation.source
            response = observation.response
        else:
            observation = None
            if getrefcount(self._response) != self._response_references:
                self._renew_response()
            response = self._response
            response.begin_request(environ["REQUEST_METHOD"] == "HEAD")
        result = None
        try:
            application = loader.application
            if application is None:
                application = loader.load()
            if observation is not None:
                application = observation.start(application)
            result = application(environ, response.start_response)
            if type(result) is list or type(result) is tuple:
                frame = response.whole(result)
            else:
                frame = self._stream(result, response, kind)
        except BaseException as error:
            frame = self._failed(error, response, observation)
            self._rest = None
        environ = None
        if self._rest is None:
            return self._end(frame, result, response, source, observation, kind)
        self._served = (result, response, source, observation, kind)
        return frame

    @property
    def is_observed(self) -> bool:
        """Whether somebody wants to know when the response that `handle` has completed is sent."""
        return self._served[3] is not None

    def serve_rest(self, frame: bytes | None) -> bytes | None:
        """Goes on with the request whose response `handle` has completed; gives ``frame``, or None
        when it has been sent."""
        result, response, source, observation, kind = self._served
        self._served = None
        if observation is not None:
            response.sent_all()
        rest, self._rest = self._rest, None
        try:
            for item in rest:
                check_item(item)
        except BaseException as error:
            self._failed(error, response, observation)
        rest = None
        return self._end(frame, result, response, source, observation, kind)

    def _end(self, frame, result, response, source, observation, kind: int) -> bytes | None:
        """Ends the request; gives ``frame``, or None when it has been sent."""
        response.ended = True
        if result is not None and type(result) is not list:
            self._close(result, observation)
        if kind == 2 or observation is not None:
            frame = self._finish(frame, source, observation)
        result = None
        self._errors.end_request()
        for pending in self.printed:
            if pending.parts:
                pending.flush()
        self.request = None
        self.data = None
        self.finished += 1
        self.ended = ended = monotonic()
        self.busy += ended - self.started
        self._process.total_requests = self._next_total()
        self._process.active_requests.pop(self._request_id, None)
        return frame

    def _renew_response(self) -> None:
        self._response = Response(self.channel)
        # As long as nobody else has it, or a method of it, it can serve the next request too.
        self._response_references = getrefcount(self._response)

    def _stream(self, result, response: Response, kind: int) -> bytes | None:
        """Sends what an iterable yields, each item before the next is asked for. The frame that
        ends the response, None when it has ended."""
        if type(result) is FileWrapper and CAN_SEND_FILE and not response.begun:
            found = regular_file(result)
            if found is not None:
                response.put_file(*found)
                return response.finish()
        items = iter(result)
        for item in items:
            if type(item) is not bytes:
                check_item(item)
            if not item:
                continue
            # A body that is not here may still be asked for, on the channel, where the answer must
            # end then.
            head = None if kind == 2 else response.complete(item)
            if head is not None:
                self._rest = items
                return head.early + item
            response.put(item)
            if response.is_bodiless:
                break
        return response.finish()

    def _failed(self, error: BaseException, response: Response, observation) -> bytes | None:
        """Reports an exception of the application; the frame that ends the request."""
        if isinstance(error, RequestTimeout):
            self.channel.release_locks()
        if isinstance(error, ApplicationNotLoaded):
            return frames.abort_frame(error.status)
        if type(error) is BrokenPipeError and self.channel.broken:
            return None  # the client has gone, which is no fault of the application
        if observation is not None:
            observation.exception(error)
        self._log_exception(error)
        if isinstance(error, InputError):
            return frames.abort_frame(error.status)
        return frames.abort_frame(504 if isinstance(error, RequestTimeout) else 500)

    def _log_exception(self, error: BaseException) -> None:
        if isinstance(error, SystemExit):
            event = "SystemExit exception raised by WSGI script '%s' ignored."
        else:
            event = "Exception occurred processing WSGI script '%s'."
        self._log(
            "error",
            "mod_wsgi (pid=%d): %s\n%s"
            % (os.getpid(), event % self._loader.entry_point, format_exception(error)),
        )

    def _close(self, result, observation) -> None:
        """Calls ``close()`` of the iterable, if it has one."""
        try:
            close = getattr(result, "close", None)
            if close is not None:
                close()
        except BaseException as error:
            if observation is not None:
                observation.exception(error)
            self._log_exception(error)

    def _finish(self, frame: bytes | None, source: Input, observation) -> None:
        """Sends the last frame at once, for requests that have something to do after it."""
        channel = self.channel
        source.expire()
        if channel.bound:
            channel.finish(frame)
        elif frame is not None:
            self._inbox.answer(channel.request_number, frame, monotonic(), 1.0)
        channel.drop_body()
        if observation is not None:
            observation.finish()

    def _log(self, level: str, message: str) -> None:
        self._process.log.text(level, message, self.remote())

    def field(self, name: str) -> str:
        """A value of the request being served as it came from the gateway, or an empty text."""
        try:
            return self._process.shapes.values(self.request or "").get(name, "")
        except KeyError:  # another thread asks, and the request has ended meanwhile
            return ""

    def remote(self) -> str:
        """``address:port`` of the client of the request being served, empty outside one."""
        if self.request is None:
            return ""
        return "%s:%s" % (self.field("REMOTE_ADDR"), self.field("REMOTE_PORT"))
