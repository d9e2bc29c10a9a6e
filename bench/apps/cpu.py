"""A fixed amount of pure Python work, as many loops as the query string says, so every server does the same."""

from urllib.parse import parse_qs


def application(environ, start_response):
    loops = int(parse_qs(environ["QUERY_STRING"])["loops"][0])
    total = 0
    for number in range(loops):
        total += number * number % 7
    body = b"%d" % total
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
