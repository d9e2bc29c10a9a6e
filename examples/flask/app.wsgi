"""A Flask application with a form upload, a streamed response, a session and an error page.

    python3 -m venv .venv && .venv/bin/pip install flask
    deno run -A cli/main.ts start-server examples/flask/app.wsgi --python .venv
"""

import hashlib
import os
import time

import flask

application = flask.Flask(
    __name__, root_path=os.path.dirname(os.path.abspath(__file__))
)
# Signs the session cookie. Every process needs the same key; a real site keeps it secret.
application.secret_key = os.environ.get("SECRET_KEY", "only for this example")


class OutOfStock(Exception):
    """Raised by the shop when there is nothing left to sell."""


@application.get("/")
def index():
    flask.session["visits"] = flask.session.get("visits", 0) + 1
    return flask.render_template("index.html", visits=flask.session["visits"])


@application.post("/upload")
def upload():
    stored = flask.request.files["document"]
    checksum, size = hashlib.sha256(), 0
    while True:
        block = stored.stream.read(65536)
        if not block:
            break
        size += len(block)
        checksum.update(block)
    return flask.jsonify(
        name=stored.filename, size=size, sha256=checksum.hexdigest(), note=flask.request.form.get("note")
    )


@application.get("/countdown")
def countdown():
    """Sends one line after the other; the pause between them is seconds, as a query argument."""
    start = int(flask.request.args.get("from", "5"))
    pause = float(flask.request.args.get("pause", "1"))

    @flask.stream_with_context
    def lines():
        for number in range(start, 0, -1):
            yield "%d\n" % number
            time.sleep(pause)
        yield "Lift-off for %s!\n" % flask.request.host

    return flask.Response(lines(), mimetype="text/plain")


@application.get("/buy")
def buy():
    raise OutOfStock("the last one was sold")


@application.get("/bug")
def bug():
    return "never reached %d" % (1 // 0)


@application.errorhandler(OutOfStock)
def out_of_stock(error):
    return flask.render_template("sorry.html", reason=str(error)), 409


@application.errorhandler(404)
def nothing_here(error):
    return flask.render_template("sorry.html", reason="there is no such page"), 404
