"""Frames of a channel, the stream socket between a Python thread and the gateway.

A frame is ``u8 type, u32 payload length, payload``. All integers are little endian.
"""

from __future__ import annotations

from struct import Struct

# Thread to gateway.
HELLO = ord("I")
WANT_BODY = ord("W")
HEAD = ord("H")
DATA = ord("D")
FINISH = ord("F")
ABORT = ord("A")
NOT_TAKEN = ord("Q")
TAKE = ord("T")
PARKED = ord("Z")
PACE = ord("L")

# Gateway to thread.
REQUEST = ord("R")
SHAPE = ord("S")
PROMOTE = ord("P")
VISIT = ord("V")
ABANDON = ord("X")
BODY = ord("B")
END_OF_BODY = ord("E")

# On the server's connection to a process, both ways: a JSON object.
MESSAGE = ord("J")

# Kinds of body in a request frame.
NO_BODY = 0
WHOLE_BODY = 1
STREAMED_BODY = 2

# Causes in an end-of-body frame.
COMPLETE = 0
CLIENT_GONE = 1
TIMED_OUT = 2
MALFORMED = 3
TOO_LARGE = 4

# Flags of a head frame.
WHOLE_RESPONSE = 1
CLOSE_CONNECTION = 2
GIVEN_DATE = 4
GIVEN_SERVER = 8
LINGERS = 16  # the thread is not free yet: a finish frame follows

FRAME = Struct("<BI")  # type, payload length
REQUEST_PREFIX = Struct("<BIIIB")  # frame, number, environ length, kind of body
HEAD_PREFIX = Struct("<BIHqBI")  # frame, status, content length, flags, head length
HEAD_FIELDS = HEAD_PREFIX.size - FRAME.size  # bytes of a head's payload before the head itself

WANT_BODY_FRAME = FRAME.pack(WANT_BODY, 0)
FINISH_FRAME = FRAME.pack(FINISH, 0)
PARKED_FRAME = FRAME.pack(PARKED, 0)

_HELLO = Struct("<BI32sIII")
_TAKE = Struct("<BII")
_ABORT = Struct("<BIH")


def hello_frame(secret: str, instance: int, thread: int, native_id: int) -> bytes:
    """The first frame on a connection: the secret of this launch (32 ASCII characters), the number
    of the process, the number of the thread (from 1; 0 for the trunk) and the system's number of a
    thread that keeps others of its process from running (0 for one that doesn't)."""
    return _HELLO.pack(HELLO, 44, secret.encode("ascii"), instance, thread, native_id)


def take_frame(number: int) -> bytes:
    """The frames that follow belong to the request of this number."""
    return _TAKE.pack(TAKE, 4, number)


def pace_frame(long: bool) -> bytes:
    """Whether requests take long, in a process whose threads don't keep each other from running."""
    return FRAME.pack(PACE, 1) + bytes((long,))


def abort_frame(status: int) -> bytes:
    """Ends the request without (the rest of) a response; ``status`` is for the error page."""
    return _ABORT.pack(ABORT, 2, status)


def not_taken_frame(reason: str) -> bytes:
    """Gives the request back: the application has not been called for it."""
    payload = reason.encode("ascii")
    return FRAME.pack(NOT_TAKEN, len(payload)) + payload
