"""What every Python thread is doing, as text for the log."""

from __future__ import annotations

import sys
from itertools import dropwhile
from time import monotonic


def describe_threads(process, thread_ids: set[int] | None = None) -> str:
    """Name, request and stack of all threads or of those given, without the frames of wsgi-express
    that lead to the application."""
    import threading
    import traceback

    names = {thread.ident: thread for thread in threading.enumerate()}
    parts = []
    for thread_id, frame in sys._current_frames().items():
        if thread_ids is not None and thread_id not in thread_ids:
            continue
        thread = names.get(thread_id)
        worker = process.workers_by_thread.get(thread_id)
        if worker is not None:
            title = "worker thread %d" % worker.number
            if worker.request is not None:
                title += " serving %s %s for %.3f seconds" % (
                    worker.field("REQUEST_METHOD"),
                    worker.field("REQUEST_URI"),
                    monotonic() - worker.started,
                )
        elif thread is not None:
            title = "thread %r" % thread.name
            if thread.daemon:
                title += " (daemon)"
        else:
            title = "thread"
        frames = traceback.extract_stack(frame)
        inner = list(dropwhile(_is_ours, frames))
        if not inner and (worker is None or worker.request is None):
            if worker is not None:
                parts.append("Thread %#x, %s, idle" % (thread_id, title))
            continue  # a thread of the server's own
        stack = "".join(traceback.format_list(inner or frames)).rstrip("\n")
        parts.append("Thread %#x, %s\n%s" % (thread_id, title, stack))
    return "\n".join(parts)


def _is_ours(frame) -> bool:
    return frame.filename.startswith("<wsgi-express>")
