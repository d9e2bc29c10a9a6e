"""Which threads run what: no request on the main thread."""

import asyncio
import os
import signal
import threading
import time

from routing import arguments, as_json, note, routes, text, wait_for_file

IMPORTED_ON = threading.current_thread()
lock = threading.Lock()
running = 0
most = 0
beside = 0


def attempt(function, *arguments):
    try:
        function(*arguments)
        return "no error"
    except Exception as error:
        return type(error).__name__


def threads(environ, start_response):
    current, main = threading.current_thread(), threading.main_thread()
    return as_json(
        start_response,
        {
            "on main": current is main,
            "main ident": main.ident,
            "main name": main.name,
            "main alive": main.is_alive(),
            "imported on main": IMPORTED_ON is main,
            "current ident": current.ident,
            "get_ident": threading.get_ident(),
            "set_wakeup_fd": attempt(signal.set_wakeup_fd, -1),
            "count": threading.active_count(),
        },
    )


def event_loop(environ, start_response):
    async def work():
        await asyncio.sleep(0)
        return "from a coroutine"

    return text(start_response, asyncio.run(work()))


def own_signal(environ, start_response):
    """mod_wsgi ignores an application's own signal handlers, with a warning in the log."""
    before = signal.getsignal(signal.SIGUSR2)
    result = attempt(signal.signal, signal.SIGUSR2, lambda number, frame: None)
    return as_json(start_response, {"result": result, "unchanged": signal.getsignal(signal.SIGUSR2) == before})


def background(environ, start_response):
    done = threading.Event()
    threading.Thread(target=done.set).start()
    return text(start_response, str(done.wait(10)))


def concurrency(environ, start_response):
    """Sleeps; tells how many requests ran here at once at most, and how many began beside another."""
    return counted(start_response, lambda: time.sleep(float(arguments(environ).get("seconds", "0.2"))))


def together(environ, start_response):
    """The same, until the test makes the file `go`."""
    note("together", str(os.getpid()))
    return counted(start_response, lambda: wait_for_file("go"))


def counted(start_response, work):
    global running, most, beside
    with lock:
        beside += running > 0
        running += 1
        most = max(most, running)
    work()
    with lock:
        running -= 1
    return as_json(start_response, {"most": most, "beside": beside, "pid": os.getpid(), "ident": threading.get_ident()})


local = threading.local()


def per_thread(environ, start_response):
    local.count = getattr(local, "count", 0) + 1
    return as_json(start_response, {"count": local.count, "ident": threading.get_ident()})


def total(environ, start_response):
    return text(start_response, str(environ["mod_wsgi.total_requests"]))


application = routes(
    {
        "/threads": threads,
        "/event-loop": event_loop,
        "/own-signal": own_signal,
        "/background": background,
        "/concurrency": concurrency,
        "/together": together,
        "/per-thread": per_thread,
        "/total": total,
    }
)
