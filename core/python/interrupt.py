"""Raises ``mod_wsgi.RequestTimeout`` in a thread that serves a request (PyThreadState_SetAsyncExc:
https://docs.python.org/3/c-api/init.html)."""

from __future__ import annotations

from .module import RequestTimeout


def interrupt(worker, request: tuple[int, int]) -> bool:
    """Interrupts the request, given by the numbers of its worker and of the worker's requests, as
    soon as its thread executes Python code. False where this Python can't.

    The GIL has only just been taken by the calling thread, so that the request does not end between
    the look at it and the call; if it has ended all the same, the next one is not to suffer.
    """
    try:
        from ctypes import c_ulong, py_object, pythonapi

        set_exception = pythonapi.PyThreadState_SetAsyncExc
    except (ImportError, AttributeError):
        return False
    thread_id = c_ulong(worker.thread_id)
    if _serves(worker, request):
        set_exception(thread_id, py_object(RequestTimeout))
        if not _serves(worker, request):
            set_exception(thread_id, None)
    return True


def _serves(worker, request: tuple[int, int]) -> bool:
    return worker.request is not None and (worker.number, worker.taken) == request
