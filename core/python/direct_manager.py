"""Embedded mode with one thread: Python listens to the server itself.

The thread that speaks HTTP calls the application, and hears nothing while a request runs. So the
manager thread reads the connection to the server in its place. What concerns Python it does at
once; then that thread learns of it, when it has time.
"""

from __future__ import annotations

import json
import os

import _socket

from . import frames
from .channel import readable
from .manager import Manager

_DIRECT_ANSWERS = ("pong", "server_metrics")  # what goes to the server without a detour
_RELAYED = ("drain", "stop")


class DirectManager(Manager):
    """A `Manager` that hears the server over the descriptor ``control``, which stays open."""

    def __init__(self, process, control: int) -> None:
        super().__init__(process)
        self._control = _socket.socket(fileno=os.dup(control))

    def send(self, message: dict) -> None:
        if message["type"] not in _DIRECT_ANSWERS:
            return super().send(message)
        data = json.dumps(message).encode("ascii")
        with self._lock:
            try:
                self._control.sendall(frames.FRAME.pack(frames.MESSAGE, len(data)) + data)
            except OSError:
                pass  # the server is gone, and this process will be

    def close(self) -> None:
        super().close()
        self._control.close()

    def _messages(self):
        data = b""
        while True:
            readable([self._control], None)
            try:
                part = self._control.recv(65536)
            except BlockingIOError:
                continue
            except OSError:
                part = b""
            if not part:
                os._exit(1)  # without its server the process has nothing to live for
            data += part
            while len(data) >= frames.FRAME.size:
                kind, size = frames.FRAME.unpack_from(data)
                end = frames.FRAME.size + size
                if len(data) < end:
                    break
                message = json.loads(data[frames.FRAME.size : end])
                data = data[end:]
                if message["type"] in _RELAYED:
                    super().send({"type": "relayed", "message": message})
                yield message
