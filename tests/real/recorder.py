"""A town of `town.sh` in which calls are made the way the host makes them, and what they answer is kept.

A recording: {"call": its name, "argv": its template, "values": what was put into it, "status": the exit code, "stdout", "stderr"}.
Paths of the machine are `<TOWN>`, `<PROJECT>`, `<REMOTE>`, `<HOME>`, `<FOLDER>`, `<FILE>`, `<TMP>`; nothing else is changed.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parent.parent / "plugins" / "gastown"
RECORDED = LIBRARY / "tests" / "recorded"
TOOLS = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("CONDUCTOR_REAL") or Path.home() / ".cache/conductor-ci/town")
HOLE = re.compile(r"<([a-z-]+)(…?):([^<>]+)>")
RIG = "shop"
PATIENCE_S = 120


class OtherEnd(Exception):
    """A call succeeded that was expected to fail, or the other way round."""


class Town:
    """A town of `town.sh`, and the calls that are made in it."""

    def __init__(self, calls, *keys):
        self.calls = calls
        self.folder = Path(tempfile.mkdtemp(prefix="town-"))
        command = ["bash", HERE / "town.sh", self.folder, f"TOOLS={TOOLS}", *keys]
        self.keeper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.keeper.stdout.readline() != "ready\n":
            sys.exit("town.sh made no town")
        self.env = dict(line.split("=", 1) for line in (self.folder / "env").read_text().splitlines())
        self.town = Path(self.env["TOWN"])
        self.places = {"town": self.town, "town/<rig:id>": self.town / RIG, "project": Path(self.env["PROJECT"])}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.keeper.stdin.close()
        self.keeper.wait()

    # What is done without being kept.

    def run(self, *argv, where=None, may_fail=False, env=None):
        done = subprocess.run(
            argv, cwd=where or self.town, env=self.env | (env or {}), stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        if done.returncode and not may_fail:
            sys.exit(f"{argv}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def make(self, track, titles):
        """Beads in the rig: their ids by title."""
        file = self.filled("<graph:tempfile>", {"graph": [graph(track, titles)]})
        return made(self.run("bd", "create", "--graph", file, "--json", where=self.town / RIG))

    def bead(self, bead):
        return json.loads(self.run("bd", "list", "--all", "--limit", "0", "--id", bead, "--json", where=self.town / RIG))[0]

    def worker(self, bead):
        return self.bead(bead)["assignee"].rsplit("/", 1)[-1]

    def until_closed(self, bead):
        self.until(lambda: self.bead(bead)["status"] == "closed", f"{bead} closed")

    def until(self, is_so, what):
        end = time.monotonic() + PATIENCE_S
        while not is_so():
            if time.monotonic() > end:
                sys.exit(f"{what}: not in {PATIENCE_S} s")
            time.sleep(0.2)

    def tell(self, bead, act, file="-"):
        with (self.folder / "ctl/acts").open("a") as acts:
            acts.write(f"{bead}\t{act}\t{file}\t-\n")

    def request_of(self, bead):
        """The merge request of a bead, with its branch and the worker's last commit."""
        listed = self.run("bd", "list", "--all", "--limit", "0", "--label", "gt:merge-request", "--json", where=self.town / RIG)
        for request in json.loads(listed):
            fields = dict(line.split(": ", 1) for line in request["description"].splitlines() if ": " in line)
            if fields.get("source_issue") == bead:
                return request["id"], fields["branch"], fields["commit_sha"]
        sys.exit(f"no merge request of {bead}")

    # What is kept.

    def start(self, call, values, where=None, path=None):
        """Starts a call the way the host does, and keeps nothing yet."""
        template = self.calls[call]
        values = lists(values)
        env = self.env | {name: self.filled(text, values) for name, text in template.get("env", {}).items()}
        if path:
            env["PATH"] = path
        return subprocess.Popen(
            [argument for text in template["argv"] for argument in self.arguments(text, values)],
            cwd=where or self.places[template["cwd"]],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def arguments(self, text, values):
        hole = HOLE.fullmatch(text)
        if hole and hole[2]:
            return values[hole[1]]
        return [self.filled(text, values)]

    def filled(self, text, values):
        def value(hole):
            content = values[hole[1]][0]
            if hole[3] != "tempfile":
                return content
            file = self.folder / "value"
            file.write_text(content)
            return str(file)

        return HOLE.sub(value, text)

    def keep(self, call, scene, values, process, expect):
        stdout, stderr = process.communicate()
        template = self.calls[call]
        recording = {"call": call, "argv": template["argv"], "values": lists(values)}
        recording |= {"status": process.returncode, "stdout": stdout, "stderr": stderr}
        print(f"{call}.{scene}: {process.returncode}", flush=True)
        if expect is not None and (process.returncode == 0) != expect:
            raise OtherEnd(f"{call}.{scene}: another end was expected\n{stdout}{stderr}")
        text = json.dumps(self.symbolic(recording), indent=1, ensure_ascii=False) + "\n"
        (RECORDED / f"{call}.{scene}.json").write_text(text)
        return stdout

    def record(self, call, scene, expect=True, where=None, path=None, **values):
        values = {name.replace("_", "-"): value for name, value in values.items()}
        if "rig" not in values and any("<rig:id>" in text for text in [self.calls[call]["cwd"], *self.calls[call]["argv"]]):
            values["rig"] = RIG
        return self.keep(call, scene, values, self.start(call, values, where, path), expect)

    def sling(self, bead, scene, expect=True, call="sling", path=None, where=None, **more):
        values = {"raw": "false", "no_merge": "false", "force": "false", "args": f"Read {bead}."} | more
        without = {"sling-to-crew": ("raw", "no_merge"), "sling-with-formula": ("raw",)}.get(call, ())
        values = {name: value for name, value in values.items() if name not in without}
        return self.record(call, scene, expect, where, path, bead=bead, **values)

    def symbolic(self, value):
        if isinstance(value, dict):
            return {key: self.symbolic(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.symbolic(part) for part in value]
        if not isinstance(value, str):
            return value
        # What lies in another comes before it.
        paths = [("FILE", self.folder / "value")]
        paths += [(name, self.env[name]) for name in ["TOWN", "PROJECT", "REMOTE", "HOME"]]
        paths += [("FOLDER", self.folder), ("TOOLS", TOOLS)]
        for name, path in paths:
            value = value.replace(str(path), f"<{name}>")
        value = value.replace("/tmp/", "<TMP>/").replace(f"127.0.0.1:{self.env['DOLT_PORT']}", "127.0.0.1:<PORT>")
        for private in [re.escape(os.uname().nodename), re.escape(str(Path.home()))]:
            if re.search(rf"(?<!\w){private}(?!\w)", value):
                sys.exit(f"a name of this machine is in: {value}")
        return value


def lists(values):
    return {name: value if isinstance(value, list) else [value] for name, value in values.items()}


def graph(track, titles, edges=()):
    """Tasks of a track, and which of them waits for which."""
    node = {"type": "task", "priority": 2, "labels": ["conductor"]}
    of = lambda title: {"conductor_track": track, "conductor_key": f"{track}/phase1/{title}"}
    nodes = [node | {"key": title, "title": title, "metadata": of(title)} for title in titles]
    edges = [{"from_key": waits, "to_key": waits_for, "type": "blocks"} for waits, waits_for in edges]
    return json.dumps({"commit_message": f"conductor: {track}", "nodes": nodes, "edges": edges})


def made(answer):
    return json.loads(answer)["ids"]
