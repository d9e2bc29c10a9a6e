"""The smallest application: what a request costs with it is the server's."""

_BODY = b"Hello world!"


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "12")])
    return [_BODY]
