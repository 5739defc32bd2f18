"""Serves reports: POST a text to /."""

import os

from bottle import Bottle, request

from report import report

app = Bottle()


@app.get("/")
def usage():
    return "POST a text, and get its words back.\n"


@app.post("/")
def words():
    text = request.body.read().decode("utf-8", "replace")
    return "".join(f"{count} {word}\n" for word, count in report(text))


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", "8000")))
