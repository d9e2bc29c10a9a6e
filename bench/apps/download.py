"""Streams as many bytes as the query string says in pieces of 64 KiB, from a generator."""

from urllib.parse import parse_qs

PIECE = b"x" * 65536


def pieces(remaining):
    while remaining > 0:
        yield PIECE if remaining >= len(PIECE) else PIECE[:remaining]
        remaining -= len(PIECE)


def application(environ, start_response):
    size = int(parse_qs(environ.get("QUERY_STRING", "")).get("size", ["0"])[0])
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(size))])
    return pieces(size)
