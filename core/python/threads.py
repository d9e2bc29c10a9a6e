"""Threads and what they wait with, as they are before the application is loaded.

gevent and eventlet put functions of their own into the standard modules. The threads that run the
process are real ones, whatever the application makes of its own.
"""

from __future__ import annotations

import select
from _thread import RLock, allocate_lock, get_ident, get_native_id, start_new_thread
from _thread import _local as local
from time import sleep

poll = getattr(select, "poll", None)  # not on Windows
wait_readable = select.select

__all__ = [
    "RLock",
    "allocate_lock",
    "get_ident",
    "get_native_id",
    "local",
    "poll",
    "sleep",
    "start_new_thread",
    "wait_readable",
]
