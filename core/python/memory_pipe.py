"""The trunk within one process: two rings of bytes in memory that TypeScript sees too.

The layout, and what each count and mark means, is told in `core/net/memory_stream.ts`. In the place
of a socket for what `Inbox` asks of one.
"""

from __future__ import annotations

import os
from time import sleep

from .threads import allocate_lock

# Indices of the counts and marks.
_IN_WRITTEN = 0
_IN_READ = 16
_OUT_WRITTEN = 32
_OUT_READ = 48
_READER_WAITS = 64
_LOOP_WAITS = 80

_HEADER_SIZE = 512
_IN_SIZE = 262144
_IN_MASK = _IN_SIZE - 1
_OUT_SIZE = 262144
_OUT_MASK = _OUT_SIZE - 1
_IN_AT = _HEADER_SIZE
_OUT_AT = _IN_AT + _IN_SIZE + 16

_COUNT_MASK = 0xFFFFFFFF
_ONE = (1).to_bytes(8, "little")
_FULL_DELAY = 0.0001  # seconds


class MemoryPipe:
    """One thread at a time receives; any may send. ``memory`` is the shared memory, ``reader_bell``
    and ``loop_bell`` are descriptors (eventfd) that wake the receiver here and the event loop."""

    def __init__(self, memory: memoryview, reader_bell: int, loop_bell: int) -> None:
        self._words = memory[:_HEADER_SIZE].cast("I")
        self._in = memory[_IN_AT : _IN_AT + _IN_SIZE]
        self._out = memory[_OUT_AT : _OUT_AT + _OUT_SIZE]
        self._read = 0
        self._written = 0
        self._reader_bell = reader_bell
        self._loop_bell = loop_bell
        # Taking and releasing a lock orders what is before and after it in memory.
        self._fence = allocate_lock()
        self._sending = allocate_lock()
        self._ended = False

    def receive_now(self) -> bytes:
        """All that has come; empty when that is nothing."""
        start = self._read
        end = self._words[_IN_WRITTEN]
        if start == end:
            return b""
        at = start & _IN_MASK
        size = (end - start) & _COUNT_MASK
        if at + size <= _IN_SIZE:
            data = self._in[at : at + size].tobytes()
        else:
            data = self._in[at:].tobytes() + self._in[: at + size - _IN_SIZE].tobytes()
        self._words[_IN_READ] = self._read = end
        return data

    def recv(self, size: int) -> bytes:
        """All that has come, after waiting for it; empty at the end. ``size`` means nothing."""
        words = self._words
        while True:
            data = self.receive_now()
            if data or self._ended:
                return data
            words[_READER_WAITS] = 1
            with self._fence:
                pass
            if words[_IN_WRITTEN] == self._read and not self._ended:
                os.read(self._reader_bell, 8)
            words[_READER_WAITS] = 0

    def room(self) -> int:
        """How many bytes can be sent without waiting."""
        return _OUT_SIZE - ((self._written - self._words[_OUT_READ]) & _COUNT_MASK)

    def sendall(self, data: bytes) -> None:
        """Sends all of ``data``; waits where the event loop is behind."""
        words = self._words
        with self._sending:
            written = self._written
            size = len(data)
            at = written & _OUT_MASK
            end = at + size
            written += size
            if end <= _OUT_SIZE and written - words[_OUT_READ] & _COUNT_MASK <= _OUT_SIZE:
                self._out[at:end] = data
                words[_OUT_WRITTEN] = self._written = written & _COUNT_MASK
            else:
                self._send_parts(data)
        if words[_LOOP_WAITS]:
            self._wake_loop()

    def _send_parts(self, data: bytes) -> None:
        words = self._words
        while data:
            at = self._written & _OUT_MASK
            size = min(len(data), self.room(), _OUT_SIZE - at)
            self._out[at : at + size] = data[:size]
            words[_OUT_WRITTEN] = self._written = self._written + size & _COUNT_MASK
            data = data[size:]
            if data and not self.room():
                if words[_LOOP_WAITS]:
                    self._wake_loop()
                sleep(_FULL_DELAY)

    def _wake_loop(self) -> None:
        self._words[_LOOP_WAITS] = 0
        os.write(self._loop_bell, _ONE)

    def shutdown(self, how: int) -> None:
        """Wakes the thread that receives; from now on it finds the end."""
        self._ended = True
        os.write(self._reader_bell, _ONE)

    def close(self) -> None:
        """After a fork, in the child: the memory is a copy, and a thread that held the lock doesn't
        exist."""
        self._sending = allocate_lock()
