"""The code of ``python -c`` for a service script: reads from standard input a length (4 bytes,
little endian) and a JSON object with ``bootstrap``, ``sources`` and ``plan``, and no more."""

import json
import os
import sys


def receive(size):
    data = b""
    while len(data) < size:
        part = os.read(0, size - len(data))
        if not part:
            sys.exit(1)  # the server is gone
        data += part
    return data


def main():
    message = json.loads(receive(int.from_bytes(receive(4), "little")).decode("utf-8"))
    if sys.path and sys.path[0] == "":
        del sys.path[0]  # of -c
    namespace = {"__name__": "bootstrap"}
    filename = "<wsgi-express>/bootstrap.py"
    exec(compile(message["bootstrap"], filename, "exec", dont_inherit=True), namespace)
    namespace["install"](message["sources"])
    from _wsgi_express.service import run

    run(message["plan"])


main()
