from wsgiref.validate import validator


def application(environ, start_response):
    body = b"Hello world!"
    start_response(
        "200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
    )
    return [body]


application = validator(application)
