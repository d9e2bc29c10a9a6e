"""The connection over which TypeScript tells the process what to do: one JSON object a line."""

from __future__ import annotations

import json

from .channel import open_socket
from .log import format_exception
from .threads import allocate_lock, get_ident, start_new_thread

ANSWER_TIME = 2.0  # seconds that the server has for an answer


class Manager:
    """Sends and receives the lines. Sending is possible from every thread."""

    def __init__(self, process) -> None:
        self._process = process
        self._lock = allocate_lock()
        self._listening = False
        self._thread_id = 0
        self._asking = allocate_lock()
        self._answered = allocate_lock()
        self._answer: dict | None = None
        self._socket = open_socket(process.plan["manager"], 0)

    def send(self, message: dict) -> None:
        data = json.dumps(message).encode("ascii") + b"\n"
        with self._lock:
            try:
                self._socket.sendall(data)
            except OSError:
                pass  # its other end is this process: nobody is left to tell

    def server_metrics(self) -> dict | None:
        """Asks the server, which answers to the manager thread. None where it does not, in a
        callback of that thread itself, and while the application is loaded, before there is that
        thread."""
        if not self._listening or get_ident() == self._thread_id:
            return None
        with self._asking:
            self._answer = None
            self._answered.acquire(False)
            self.send({"type": "server_metrics"})
            self._answered.acquire(timeout=ANSWER_TIME)
            return self._answer

    def close(self) -> None:
        self._socket.close()

    def start(self) -> None:
        """Starts the manager thread."""
        self._listening = True  # it may run later than the threads that ask it
        start_new_thread(self.run, ())

    def run(self) -> None:
        """The body of the manager thread: until the stop, or the end of the connection."""
        process = self._process
        reason = ""
        self._thread_id = get_ident()
        try:
            for message in self._messages():
                kind = message.get("type")
                if kind == "dump":
                    from .stacks import describe_threads

                    process.log.text("error", describe_threads(process))
                elif kind == "ping":
                    # Answering takes the GIL: where another thread keeps it, there is no answer.
                    self.send({"type": "pong"})
                elif kind == "server_metrics":
                    self._answer = message.get("metrics")
                    if self._answered.locked():
                        self._answered.release()
                elif kind == "stop":
                    reason = message.get("reason", "")
                    break
            from .shutdown import stop

            stop(process, reason)
        except BaseException as error:
            process.log.text("error", "Manager thread failed.\n" + format_exception(error))
        self.send({"type": "stopped"})

    def _messages(self):
        data = b""
        while True:
            try:
                part = self._socket.recv(65536)
            except OSError:
                return
            if not part:
                return
            *lines, data = (data + part).split(b"\n")
            for line in lines:
                if line.strip():
                    yield json.loads(line)
