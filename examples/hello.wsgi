"""The smallest WSGI application.

    deno run -A cli/main.ts start-server examples/hello.wsgi
"""


def application(environ, start_response):
    body = b"Hello from wsgi-express!\n"
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]
