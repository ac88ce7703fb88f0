"""A plugin in Python: counts the boxes of every plan, and shows that the sandbox holds for Python's own ways out."""

import json
import os
import socket

import componentize_py_types
import wit_world.exports
from wit_world.imports import files, invocation
from wit_world.imports.types import Failure, Outcome

BOX = ("- [ ]", "- [x]", "- [~]")


class Plugin(wit_world.exports.Plugin):
    def run(self) -> Outcome:
        try:
            entries = files.snapshot("conductor", ["**/plan.md"], 1 << 20)
        except componentize_py_types.Err as error:
            refusal = error.value
            raise componentize_py_types.Err(Failure(refusal.code, refusal.message, None, [], ""))
        counts = {entry.path: count(entry.content) for entry in entries}
        text = [("plain", f"{path}: {boxes} boxes\n") for path, boxes in counts.items()]
        text += [("dim", f"{what}\n") for what in ways_out()]
        arguments = json.loads(invocation.arguments())
        return Outcome(text, json.dumps({"counts": counts, "arguments": arguments}), None)


def count(content) -> int:
    text = content.value.decode("utf-8", "replace")
    return sum(line.startswith(BOX) for line in text.splitlines())


def ways_out():
    """What Python can reach beside the imports of a plugin: nothing."""
    for name, attempt in [
        ("folder", lambda: os.listdir("/")),
        ("file", lambda: open("/etc/passwd").read()),
        ("socket", lambda: socket.create_connection(("127.0.0.1", 80), 1)),
        ("name", lambda: socket.getaddrinfo("example.org", 80)),
    ]:
        try:
            attempt()
            yield f"{name}: open"
        except Exception:
            yield f"{name}: closed"
    yield f"environment: {sum(1 for name in os.environ)}"
