"""A Flask view that answers JSON, with a path parameter and a query parameter."""

from flask import Flask, jsonify, request

application = Flask(__name__)


@application.get("/users/<int:number>")
def user(number):
    return jsonify(
        id=number,
        name="Ada Lovelace",
        tags=["analyst", "metaphysician"],
        page=request.args.get("page", 1, type=int),
    )
