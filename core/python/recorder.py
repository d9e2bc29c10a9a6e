"""Records each request and its response in seven files.

``<microseconds>-<process id>-<count>`` and: ``.iheaders`` the environ, ``.icontent`` what was read
of the body, ``.oheaders`` the arguments of each ``start_response``, ``.ocontent`` the body of the
response; ``.oaexcept``, ``.orexcept``, ``.ofexcept`` tracebacks of exceptions from the call of the
application, from its iterable and from ``close()``, empty where there was none.
"""

from __future__ import annotations

import traceback
from itertools import count
from pprint import pprint

from .debugging import new_file


class Recorder:
    """The WSGI application that records."""

    def __init__(self, application, directory: str) -> None:
        self._application = application
        self._directory = directory
        self._numbers = count(1)

    def __call__(self, environ, start_response):
        record = Record(new_file(self._directory, "-%d" % next(self._numbers)))
        pprint(environ, stream=record.text("iheaders"))
        environ["wsgi.input"] = RecordedInput(environ["wsgi.input"], record.binary("icontent"))
        output = record.binary("ocontent")
        heads = record.text("oheaders")
        failures = [record.text(name) for name in ("oaexcept", "orexcept", "ofexcept")]

        def recorded_start_response(status, headers, *exc_info):
            pprint((status, headers) + exc_info, stream=heads)
            write = start_response(status, headers, *exc_info)

            def recorded_write(data):
                output.write(data)
                return write(data)

            return recorded_write

        try:
            result = self._application(environ, recorded_start_response)
        except BaseException:
            traceback.print_exc(file=failures[0])
            record.close()
            raise
        return RecordedResult(result, record, output, failures[1], failures[2])


class Record:
    """The files of one request."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._files: list = []

    def text(self, kind: str):
        path = "%s.%s" % (self._path, kind)
        return self._keep(open(path, "w", encoding="utf-8", errors="replace"))

    def binary(self, kind: str):
        return self._keep(open("%s.%s" % (self._path, kind), "wb"))

    def _keep(self, file):
        self._files.append(file)
        return file

    def close(self) -> None:
        for file in self._files:
            file.close()


class RecordedInput:
    """``wsgi.input`` that writes down what is read."""

    def __init__(self, source, file) -> None:
        self._source = source
        self._file = file

    def _note(self, data: bytes) -> bytes:
        if not self._file.closed:
            self._file.write(data)
        return data

    def read(self, *size) -> bytes:
        return self._note(self._source.read(*size))

    def readline(self, *size) -> bytes:
        return self._note(self._source.readline(*size))

    def readlines(self, *hint) -> list:
        lines = self._source.readlines(*hint)
        self._note(b"".join(lines))
        return lines

    def __iter__(self):
        return self

    def __next__(self) -> bytes:
        return self._note(next(self._source))

    def close(self) -> None:
        self._source.close()


class RecordedResult:
    """The response's iterable."""

    def __init__(self, result, record: Record, output, iteration, closing) -> None:
        self._result = result
        self._record = record
        self._output = output
        self._iteration = iteration
        self._closing = closing

    def __iter__(self):
        try:
            for item in self._result:
                if isinstance(item, bytes):
                    self._output.write(item)
                yield item
        except Exception:
            traceback.print_exc(file=self._iteration)
            raise

    def close(self) -> None:
        try:
            close = getattr(self._result, "close", None)
            if close is not None:
                close()
        except BaseException:
            traceback.print_exc(file=self._closing)
            raise
        finally:
            self._record.close()
