#!/usr/bin/env python3
"""Records what the real bd says to each call of plugins/beads: plugins/beads/tests/recorded/NAME.json.

    record-bd.py [FOLDER]       # FOLDER is the one that tests/real/install.sh filled, else its default

A recording is {"call", "values", "status", "stdout", "stderr"}. The command lines are those of the manifests; a status of null is a
call that was ended after the time that its manifest gives it. NAME is the call's name without `beads-`, then what was special, then
`bare` where BD_JSON_ENVELOPE was 0. All happens in temporary folders with a home of their own, whose paths are written <PROJECT> and
<HOME>; ids and times are as bd made them. It needs git and takes about two minutes, one of which is a call that waits for a lock.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "plugins/beads/tests/recorded"
TOOLS = Path(sys.argv[1] if len(sys.argv) > 1 else Path.home() / ".cache/conductor-ci/town") / "bin"
# As the manifests have it, but for the envelope.
ENVIRONMENT = {
    "BD_BACKUP_ENABLED": "false",
    "BD_DISABLE_METRICS": "1",
    "BD_NO_HOOKS": "1",
    "BEADS_ACTOR": "conductor",
    "DO_NOT_TRACK": "1",
}
TRACK = "auth_20260101"
UNKNOWN = "cd-none"


def commands():
    """The calls of plugins/beads that the manifests declare, by name."""
    found = {}
    for plugin in ["status", "dispatch"]:
        manifest = json.loads((ROOT / "plugins" / plugin / "plugin.json").read_text())
        found.update({name: call for name, call in manifest["commands"].items() if name.startswith("beads-")})
    return found


COMMANDS = commands()


def node(key, title, kind, phase="", **more):
    """A bead to make, its members in the order in which the client writes them."""
    metadata = {"conductor_key": key, "conductor_phase": phase, "conductor_title": title, "conductor_track": TRACK}
    whole = {"key": key, "title": title, "type": kind, "priority": 2, "labels": ["conductor"], "metadata": metadata}
    return {**whole, **more}


def graph(nodes, edges=()):
    """What `bd create --graph` reads, as the client writes it."""
    whole = {"commit_message": f"conductor: {TRACK}", "nodes": nodes, "edges": list(edges)}
    return json.dumps(whole, separators=(",", ":"))


PHASE, ONE, TWO, GATE = (f"{TRACK}/{key}" for key in ["phase1", "phase1/task1", "phase1/task2", "phase1/task3"])
GRAPH = graph(
    [
        node(TRACK, "Auth", "epic"),
        node(PHASE, "Phase 1: Parts", "epic", "Parts", parent_key=TRACK),
        node(ONE, "Table", "task", "Parts", parent_key=PHASE),
        node(TWO, "Form", "task", "Parts", parent_key=PHASE),
        node(GATE, "Verification", "gate", "Parts", parent_key=PHASE),
    ],
    [{"from_key": GATE, "to_key": ONE, "type": "blocks"}],
)
SMALL = graph([node(TRACK, "Auth", "epic")])
LINKED = graph([node(TRACK, "Auth", "epic")], [{"from_key": TRACK, "to_id": UNKNOWN, "type": "blocks"}])


def values_of(call, bead, text=SMALL):
    """Values for a call that is about one bead."""
    return {
        "beads-of-track": {"track": TRACK},
        "beads-by-id": {"ids": bead},
        "beads-create": {"graph": text},
        "beads-status": {"bead": bead, "status": "in_progress"},
        "beads-name": {"bead": bead, "track": TRACK, "key": ONE, "phase": "Parts", "title": "Table of users"},
        "beads-close": {"bead": bead, "reason": "commit: 1a2b3c4"},
        "beads-init": {"prefix": "cd"},
    }.get(call, {})


# `init` comes last, since it changes what is wrong.
ALL = sorted(COMMANDS, key=lambda call: (call == "beads-init", call))


class Place:
    """A project in a repository of its own, with a home of its own."""

    def __init__(self, top, envelope):
        self.top, self.envelope = Path(top), envelope
        self.home, self.project = self.top / "home", self.top / "project"
        self.home.mkdir()
        self.project.mkdir()
        path = f"{TOOLS}:/usr/bin:/bin"
        self.environment = {**ENVIRONMENT, "PATH": path, "HOME": str(self.home), "BD_JSON_ENVELOPE": envelope}
        for arguments in [
            ["init", "--quiet"],
            ["config", "user.name", "A Person"],
            ["config", "user.email", "person@example.invalid"],
        ]:
            self.run(["git", *arguments])

    def run(self, argv):
        """Prepares something; it has to go well."""
        return subprocess.run(argv, cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL, check=True, capture_output=True)

    def beads(self, *more):
        """Makes a workspace as the client does."""
        self.run([part.replace("<prefix:id>", "cd") for part in COMMANDS["beads-init"]["argv"]] + list(more))

    def argv(self, call, values):
        """The command line with its holes filled."""
        argv = []
        for part in COMMANDS[call]["argv"]:
            for name, value in values.items():
                if f"<{name}:tempfile>" in part:
                    file = self.home / "graph.json"
                    file.write_text(value)
                    value = str(file)
                part = re.sub(rf"<{name}:[^>]*>", lambda _: value, part)
            argv.append(part)
        return argv

    def record(self, call, special="", values=None, **environment):
        """Makes a call and writes down what came of it; gives its stdout."""
        values = values_of(call, UNKNOWN) if values is None else values
        process = subprocess.Popen(
            self.argv(call, values),
            cwd=self.project,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        try:
            stdout, stderr = process.communicate(timeout=COMMANDS[call]["timeout_ms"] / 1000)
            status = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            status = None
        recording = {"call": call, "values": values, "status": status, "stdout": stdout, "stderr": stderr}
        text = json.dumps(recording, indent=2, ensure_ascii=False)
        text = text.replace(str(self.project), "<PROJECT>").replace(str(self.home), "<HOME>")
        assert str(self.top) not in text, text
        name = "-".join([call.removeprefix("beads-"), *filter(None, [special, "" if self.envelope == "1" else "bare"])])
        (RECORDED / f"{name}.json").write_text(text + "\n")
        sys.stdout.write(f"{name}: {status}\n")
        return stdout


@contextlib.contextmanager
def place(envelope):
    """A place that is gone afterwards."""
    with tempfile.TemporaryDirectory() as top:
        yield Place(os.path.realpath(top), envelope)


@contextlib.contextmanager
def held(file):
    """Keeps a lock as another process of bd does."""
    with open(file, "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def well(envelope):
    """Everything that goes well, what is empty, and what bd does not find."""
    with place(envelope) as here:
        here.record("beads-init")
        here.record("beads-init", "again")
        for call in ["beads-open", "beads-ready", "beads-epics", "beads-of-track", "beads-by-id"]:
            here.record(call, "empty")
        made = json.loads(here.record("beads-create", values={"graph": GRAPH}))
        ids = made.get("data", made)["ids"]
        here.record("beads-status", values=values_of("beads-status", ids[ONE]))
        here.record("beads-name", values=values_of("beads-name", ids[ONE]))
        here.record("beads-close", values=values_of("beads-close", ids[TWO]))
        here.record("beads-close", "again", values=values_of("beads-close", ids[TWO]))
        for call in ["beads-where", "beads-open", "beads-ready", "beads-epics", "beads-of-track"]:
            here.record(call)
        here.record("beads-by-id", values={"ids": ",".join([ids[ONE], UNKNOWN, ids[GATE]])})
        for call in ["beads-status", "beads-name", "beads-close"]:
            here.record(call, "unknown-id")
        here.record("beads-create", "unknown-id", values={"graph": LINKED})


def no_database(envelope):
    """A project without a workspace."""
    with place(envelope) as here:
        for call in ALL[:-1]:
            here.record(call, "no-database")


def server(envelope):
    """A workspace in server mode: how it says where it is, and all calls when its server is stopped."""
    with place(envelope) as here:
        here.beads("--server")
        try:
            here.record("beads-where", "server")
        finally:
            here.run(["bd", "dolt", "stop"])
        for call in ALL:
            here.record(call, "server-down", BEADS_DOLT_AUTO_START="0")


def bad_metadata(envelope):
    """bd takes an empty database of another name, and answers."""
    with place(envelope) as here:
        here.beads()
        (here.project / ".beads/metadata.json").write_text("{")
        for call in ALL:
            here.record(call, "bad-metadata")


def bad_manifest(envelope):
    """The database itself can't be opened."""
    with place(envelope) as here:
        here.beads()
        (here.project / ".beads/embeddeddolt/cd/.dolt/noms/manifest").write_text("garbage\n")
        for call in ALL:
            here.record(call, "bad-manifest")


def locked(envelope):
    """Another process has the database: bd waits for it without an end. Only `init` says so."""
    with place(envelope) as here:
        folder = here.project / ".beads/embeddeddolt"
        folder.mkdir(parents=True, mode=0o700)
        folder.parent.chmod(0o700)
        with held(folder / ".lock"):
            here.record("beads-init", "locked")
        shutil.rmtree(folder.parent)
        here.beads()
        with held(folder / "cd/.dolt/noms/LOCK"):
            waiting = [threading.Thread(target=here.record, args=(call, "locked")) for call in ALL[:-1]]
            for thread in waiting:
                thread.start()
            for thread in waiting:
                thread.join()


def main():
    """Makes all recordings anew."""
    shutil.rmtree(RECORDED, ignore_errors=True)
    RECORDED.mkdir(parents=True)
    for state in [well, no_database, server, bad_metadata, bad_manifest]:
        for envelope in ["1", "0"]:
            state(envelope)
    # What it says there has no form of its own.
    locked("1")


if __name__ == "__main__":
    main()
