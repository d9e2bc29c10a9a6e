"""Wakes a thread that waits for a socket, where the end of receiving does not (Windows).

On POSIX `shutdown(SHUT_RD)` makes a `recv` in another thread return; on Windows that `recv` goes on
waiting. There a thread waits for its socket and the bell at once, before it receives.
"""

from __future__ import annotations

import sys

import _socket

NEEDED = sys.platform == "win32"


class Bell:
    """A datagram socket connected to itself: nobody else can make it readable."""

    def __init__(self) -> None:
        self._socket = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.connect(self._socket.getsockname())

    def ring(self) -> None:
        """Wakes those that wait, now and from now on."""
        self._socket.send(b"!")

    def wait(self, connection: _socket.socket) -> bool:
        """Waits for something to receive. False when the bell rang and there is nothing. Raises
        OSError when ``connection`` is closed."""
        from select import select

        readable, _, _ = select([connection, self._socket], [], [])
        return connection in readable
