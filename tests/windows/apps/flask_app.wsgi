from flask import Flask, jsonify, request
from markupsafe import escape

application = Flask(__name__)


@application.route("/hello/<name>")
def hello(name):
    return "Hello %s" % escape(name)


@application.route("/upload", methods=["POST"])
def upload():
    data = request.files["file"].read()
    return jsonify(length=len(data), name=request.files["file"].filename)
