"""Reads a request body in pieces of 64 KiB and answers how many bytes came."""


def application(environ, start_response):
    stream = environ["wsgi.input"]
    received = 0
    while True:
        piece = stream.read(65536)
        if not piece:
            break
        received += len(piece)
    body = b"%d" % received
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
