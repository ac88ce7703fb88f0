#!/usr/bin/env python3
"""Makes every call of `plugins/gastown` on the real tools, and keeps what they answer for the tests there.

usage: tests/real/record.py [TOOLS]     TOOLS as for town.sh; writes plugins/gastown/tests/recorded/CALL.SCENE.json anew

Two towns are made, one after the other, and taken away again: one as the tests have it, and one without the bridge between gt and bd,
as a person has it. The command lines are those of the library: `cargo run --example calls` prints them. Takes five minutes.

A recording: {"call": its name, "argv": its template, "values": what was put into it, "status": the exit code, "stdout", "stderr"}.
Paths of the machine are `<TOWN>`, `<PROJECT>`, `<REMOTE>`, `<HOME>`, `<FOLDER>`; nothing else is changed.
"""

import json
import os
import re
import shutil
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


class Town:
    """A town of `town.sh`, and the calls that are made in it."""

    def __init__(self, calls, *keys):
        self.calls = calls
        self.folder = Path(tempfile.mkdtemp(prefix="town-"))
        self.keeper = subprocess.Popen(
            ["bash", HERE / "town.sh", self.folder, f"TOOLS={TOOLS}", *keys], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
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
        values = {name: value if isinstance(value, list) else [value] for name, value in values.items()}
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
        holes = [hole[1] for text in [template["cwd"], *template["argv"], *template.get("env", {}).values()] for hole in HOLE.finditer(text)]
        lists = {name: values[name] if isinstance(values[name], list) else [values[name]] for name in dict.fromkeys(holes)}
        recording = {"call": call, "argv": template["argv"], "values": lists, "status": process.returncode, "stdout": stdout, "stderr": stderr}
        print(f"{call}.{scene}: {process.returncode}", flush=True)
        if expect is not None and (process.returncode == 0) != expect:
            sys.exit(f"{call}.{scene}: another end was expected\n{stdout}{stderr}")
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
        if call == "sling-to-crew":
            values = {name: value for name, value in values.items() if name not in ("raw", "no_merge")}
        return self.record(call, scene, expect, where, path, bead=bead, **values)

    def symbolic(self, value):
        if isinstance(value, dict):
            return {key: self.symbolic(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.symbolic(part) for part in value]
        if not isinstance(value, str):
            return value
        names = ["TOWN", "PROJECT", "REMOTE", "HOME"]
        pairs = [(str(self.folder / "value"), "<FILE>"), *((self.env[name], f"<{name}>") for name in names), (str(self.folder), "<FOLDER>"), (str(TOOLS), "<TOOLS>")]
        for path, name in pairs:
            value = value.replace(path, name)
        value = value.replace("/tmp/", "<TMP>/").replace(f"127.0.0.1:{self.env['DOLT_PORT']}", "127.0.0.1:<PORT>")
        for private in [os.uname().nodename, str(Path.home())]:
            if private in value:
                sys.exit(f"a name of this machine is in: {value}")
        return value


def graph(track, titles):
    task = lambda title: {"key": title, "title": title, "type": "task", "priority": 2, "labels": ["conductor"], "metadata": {"conductor_track": track, "conductor_key": f"{track}/phase1/{title}"}}
    return json.dumps({"commit_message": track, "nodes": [task(title) for title in titles], "edges": []})


def made(answer):
    return json.loads(answer)["ids"]


def beads(town):
    """What bd is asked and told in the rig."""
    town.record("rig-where", "there")
    ids = made(town.record("rig-create", "made", graph=graph("views_20260301", ["count", "show"])))
    count, show = ids["count"], ids["show"]
    town.record("rig-create", "unknown-key", expect=False, graph=json.dumps({"nodes": json.loads(graph("x", ["a"]))["nodes"], "edges": [{"from_key": "a", "to_key": "nobody", "type": "blocks"}]}))
    town.record("rig-of-track", "made", track="views_20260301")
    town.record("rig-of-track", "none", track="nothing_20260301")
    town.record("rig-name", "named", bead=count, title="Count the views", track="views_20260301", key="views_20260301/phase1/task1", phase="phase1")
    town.record("rig-keep", "kept", bead=count, key="conductor_commit", value="0123456789abcdef0123456789abcdef01234567")
    town.record("rig-note", "noted", bead=count, note="Two views of one person within an hour are one.")
    town.record("rig-note", "unknown", expect=False, bead="sp-zzzz", note="x")
    town.record("rig-status", "set", bead=show, status="blocked")
    town.record("rig-close", "closed", bead=show, reason="not wanted any more")
    town.record("rig-close", "again", bead=show, reason="not wanted any more")
    town.record("rig-close", "unknown", expect=False, bead="sp-zzzz", reason="x")
    town.record("rig-reopen", "opened", bead=show, reason="wanted again")
    town.record("rig-reopen", "open", bead=show, reason="wanted again")
    town.record("rig-reopen", "unknown", expect=False, bead="sp-zzzz", reason="x")
    return count, show


def convoys(town, count, show):
    town.record("convoys", "none")
    town.record("convoy-stage", "fresh", beads=[count], title="Conductor: views_20260301")
    staged = town.record("convoy-stage", "more", beads=[count, show], title="Conductor: views_20260301")
    convoy = json.loads(staged)["convoy_id"]
    town.record("convoy-stage", "unknown", expect=False, beads=[count, "sp-zzzz"], title="x")
    town.record("convoys", "staged")
    other = made(town.run("bd", "create", "--graph", town.filled("<g:tempfile>", {"g": [graph("other_20260301", ["one"])]}), "--json", where=town.town / RIG))["one"]
    town.record("convoy-add", "added", convoy=convoy, beads=[other])
    town.record("convoy-add", "unknown", expect=False, convoy="hq-cv-zzzzz", beads=[other])
    town.record("convoy-watch", "watched", convoy=convoy, address="mayor/")
    town.record("convoy-watch", "again", convoy=convoy, address="mayor/")
    town.record("convoy-watch", "unknown", expect=False, convoy="hq-cv-zzzzz", address="mayor/")
    town.record("town-beads", "staged")
    town.record("convoy-close", "closed", convoy=convoy, reason="the track is done")
    town.record("convoy-close", "again", convoy=convoy, reason="the track is done")
    town.record("convoy-close", "unknown", expect=False, convoy="hq-cv-zzzzz", reason="x")
    town.run("gt", "convoy", "create", "by hand", other)
    town.record("convoy-stage", "in-open-convoy", expect=False, beads=[other], title="x")


def refusals(town, bead, closed):
    """Slings that come to nothing before a worker is made."""
    town.sling("sp-zzzz", "unknown", False)
    town.sling(bead, "no-town", False, where=town.env["HOME"])
    town.sling(bead, "unknown-rig", False, rig="nosuch")
    town.run("bd", "update", bead, "--status", "deferred", where=town.town / RIG)
    town.sling(bead, "deferred", False)
    town.run("bd", "update", bead, "--status", "open", where=town.town / RIG)
    town.run("bd", "close", closed, "--reason", "done", where=town.town / RIG)
    town.sling(closed, "closed", False)
    town.run("gt", "rig", "park", RIG)
    town.record("rigs", "parked")
    town.sling(bead, "parked", False)
    town.run("gt", "rig", "unpark", RIG)


def other_prefix(town, bead):
    """A rig as `gt rig add --prefix` of 1.2.1 leaves it: ids begin with the rig's name, and nothing is routed by that."""
    town.run("gt", "rig", "add", "depot", f"file://{town.env['REMOTE']}", "--prefix", "dp")
    depot = town.town / "depot"
    town.record("rig-where", "other-prefix", rig="depot", where=depot)
    town.record("rig-prefix", "other-prefix", rig="depot", where=depot)
    lost = json.loads(town.run("bd", "create", "--title=lost", "--json", where=depot))["id"]
    town.sling(lost, "other-prefix", False, rig="depot")
    town.record("convoy-stage", "other-prefix", expect=False, beads=[lost], title="x")
    town.record("rig-init-database", "set-right", rig="depot")
    town.record("rig-prefix", "set-right", rig="depot", where=depot)
    town.sling(bead, "other-rig", False, rig="depot")


def without_tmux(town):
    """A search path on which all is but tmux."""
    folder = town.folder / "without-tmux"
    folder.mkdir()
    for place in ["/bin", "/usr/bin", "/usr/local/bin"]:
        for program in Path(place).iterdir():
            if program.name != "tmux" and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return f"{town.folder}/bin:{TOOLS}/bin:{folder}"


def workers(town, ids):
    """Slings to polecats, and what becomes of these."""
    town.tell(ids["die"], "die")
    town.sling(ids["die"], "died", False)
    town.sling(ids["die"], "no-tmux", False, path=without_tmux(town))

    town.tell(ids["wait"], "wait", "src/wait.txt")
    town.sling(ids["wait"], "fresh")
    town.sling(ids["wait"], "again")
    town.run("bd", "update", ids["wait"], "--status", "in_progress", where=town.town / RIG)
    town.sling(ids["wait"], "again-in-progress")
    town.sling(ids["wait"], "held", False, rig="depot")
    polecat = town.worker(ids["wait"])
    status = town.record("polecat-status", "working", polecat=polecat)
    town.record("polecat-status", "unknown", expect=False, polecat="nobody")
    town.record("polecat-git-state", "clean", polecat=polecat)
    town.record("polecat-git-state", "unknown", expect=False, polecat="nobody")
    town.record("polecat-heartbeat", "kept-alive", polecat=polecat, session=json.loads(status)["session_id"])
    town.record("rig-worktrees", "working")
    town.record("town-status", "working")

    town.tell(ids["twice"], "hang")
    values = {"bead": ids["twice"], "rig": RIG, "raw": "false", "no-merge": "false", "force": "false", "args": "x"}
    both = [town.start("sling", values) for _ in range(2)]
    while all(process.poll() is None for process in both):
        time.sleep(0.05)
    both.sort(key=lambda process: process.poll() is None)
    town.keep("sling", "twice-at-once", values, both[0], False)
    both[1].communicate()
    stalled = town.worker(ids["twice"])
    town.record("release", "released", bead=ids["twice"], reason="its worker does nothing")
    town.record("release", "unknown", expect=False, bead="sp-zzzz", reason="x")
    branch = f"polecat/{stalled}/{ids['twice']}"
    branch = next(line.split("refs/heads/", 1)[1] for line in town.run("git", "--git-dir=.repo.git", "worktree", "list", "--porcelain", where=town.town / RIG).splitlines() if branch in line)
    town.record("polecat-nuke", "nuked", polecat=stalled)
    town.record("polecat-nuke", "unknown", polecat="nobody")
    town.run("git", "push", "--quiet", "origin", f"HEAD:refs/heads/{branch}", where=town.places["project"])
    town.record("rig-delete-branch", "removed", branch=branch)
    town.record("rig-delete-branch", "not-there", branch=branch)

    town.tell(ids["nothing"], "nothing")
    town.run("gt", "sling", ids["nothing"], RIG, "--no-boot", "--no-convoy")
    town.until_closed(ids["nothing"])
    town.until(lambda: json.loads(town.run("gt", "polecat", "status", f"{RIG}/{town.worker(ids['nothing'])}", "--json"))["state"] == "idle", "idle")
    town.tell(ids["no-merge"], "work")
    town.sling(ids["no-merge"], "reused", no_merge="true")
    town.until_closed(ids["no-merge"])

    town.tell(ids["raw"], "hang")
    town.sling(ids["raw"], "raw", raw="true")
    town.run("git", "push", "--quiet", "origin", "HEAD:refs/heads/half-done", where=town.places["project"])
    town.tell(ids["from-branch"], "hang")
    town.sling(ids["from-branch"], "fresh", call="sling-from-branch", base="half-done")


def merge(town, ids):
    """From a worker that has handed in to a commit on the target that is another one than the worker's."""
    bead = ids["wait"]
    (town.folder / f"ctl/{bead}.go").touch()
    town.until_closed(bead)
    request, branch, sha = town.request_of(bead)
    project = town.places["project"]
    (project / "src").mkdir(exist_ok=True)
    (project / "src/wait.txt.about").write_text("somebody else\n")
    town.run("git", "add", "--", "src", where=project)
    town.run("git", "commit", "--quiet", "--message", "docs: what it is about", where=project)
    town.run("git", "push", "--quiet", "origin", "main", where=project)
    town.run("git", "--git-dir=.repo.git", "fetch", "--quiet", "origin", where=town.town / RIG)
    town.record("rig-work", "handed-in")
    town.record("rig-changes", "apart", target="main", branch=branch)
    town.record("rig-is-on-target", "not-yet", expect=None, sha=sha, target="main")
    town.record("rig-commits", "handed-in", sha=sha, target="main")
    (town.folder / "ctl/refinery-dies").touch()
    refinery = {"GT_RIG": RIG, "GT_ROLE": f"{RIG}/refinery", "BD_ACTOR": f"{RIG}/refinery", "GT_TOWN_ROOT": str(town.town), "GT_ROOT": str(town.town)}
    town.run("refinery", "--once", where=town.town / RIG / "refinery/rig", env=refinery, may_fail=True)
    (town.folder / "ctl/refinery-dies").unlink()
    town.record("rig-commits", "rebased", sha=sha, target="main")
    town.record("post-merge", "merged", request=request)
    town.record("post-merge", "unknown", expect=False, request="sp-zzzz")
    head = town.run("git", "--git-dir=.repo.git", "rev-parse", "origin/main", where=town.town / RIG).strip()
    town.record("rig-is-on-target", "there", sha=head, target="main")
    town.record("rig-is-on-target", "unknown", expect=False, sha="0123456789abcdef0123456789abcdef01234567", target="main")
    town.record("rig-commits", "unknown", expect=False, sha="0123456789abcdef0123456789abcdef01234567", target="main")
    town.record("remotes", "origin")
    town.record("remote-tip", "there", remote="origin", branch="main")
    town.record("remote-tip", "no-branch", expect=False, remote="origin", branch="nobody")
    town.record("remote-tip", "no-remote", expect=False, remote="nowhere", branch="main")


def reopened(town, bead):
    """A bead that was handed in and is opened again, while its worker's session is there."""
    town.tell(bead, "work")
    town.run("gt", "sling", bead, RIG, "--no-boot", "--no-convoy")
    town.until_closed(bead)
    request, _, _ = town.request_of(bead)
    town.run("gt", "mq", "reject", RIG, request, "--reason", "not what was asked for")
    town.run("bd", "reopen", bead, where=town.town / RIG)
    town.tell(bead, "hang")
    town.sling(bead, "reopened", False)
    town.sling(bead, "forced", force="true")


def crew(town, bead, other, held):
    town.record("crew-start", "started", crew="ada")
    town.record("crew-start", "again", crew="ada")
    town.record("crew-start", "unknown-rig", expect=False, rig="nosuch", crew="ada")
    town.sling(bead, "given", call="sling-to-crew", crew="ada")
    town.sling(bead, "again", expect=None, call="sling-to-crew", crew="ada")
    town.sling(other, "no-session", False, call="sling-to-crew", crew="bob")
    town.sling(held, "held", False, call="sling-to-crew", crew="ada")


def rigs(town, bead):
    town.record("rigs", "running")
    town.record("rig-init-database", "there")
    town.record("refinery-start", "started")
    town.record("refinery-start", "again")
    town.record("refinery-start", "unknown-rig", expect=False, rig="nosuch")
    town.record("escalate", "told", severity="high", reason="It has no merge request.", bead=bead, what="--views: nobody knows what became of it")
    town.run("gt", "config", "set", "scheduler.max_polecats", "1")
    town.sling(bead, "scheduled")
    town.sling(bead, "scheduled-again")


def down(town, bead):
    """With the database server stopped, and outside of a town."""
    town.run("gt", "dolt", "stop")
    town.sling(bead, "dolt-down", False)
    town.record("convoys", "dolt-down", expect=False)
    town.record("convoy-stage", "dolt-down", expect=False, beads=[bead], title="x")
    town.record("rig-of-track", "dolt-down", expect=False, track="views_20260301")
    town.record("rig-close", "dolt-down", expect=False, bead=bead, reason="x")
    town.record("rigs", "dolt-down")
    town.record("release", "dolt-down", expect=False, bead=bead, reason="x")
    town.record("escalate", "dolt-down", expect=None, severity="high", reason="x", bead=bead, what="x")
    home = town.env["HOME"]
    town.record("convoys", "no-town", expect=False, where=home)
    town.record("convoy-stage", "no-town", expect=False, where=home, beads=[bead], title="x")
    town.record("rigs", "no-town", expect=False, where=home)
    town.record("polecat-status", "no-town", expect=False, where=home, polecat="nobody")
    town.record("release", "no-town", expect=False, where=home, bead=bead, reason="x")
    town.record("rig-where", "no-workspace", expect=False, where=home)
    town.record("rig-worktrees", "no-rig", expect=False, where=home)


def unbridged(town):
    """What a person has today: a gt and a bd that misunderstand each other."""
    ids = made(town.run("bd", "create", "--graph", town.filled("<g:tempfile>", {"g": [graph("views_20260301", ["count"])]}), "--json", where=town.town / RIG))
    town.tell(ids["count"], "hang")
    town.sling(ids["count"], "no-formula", False)
    town.sling(ids["count"], "raw-unbridged", raw="true")
    town.run("gt", "convoy", "stage", ids["count"], "--json", "--title", "Conductor: views_20260301")
    town.record("convoys", "counts-nothing")


def main():
    printed = subprocess.run(["cargo", "run", "--quiet", "--example", "calls"], cwd=LIBRARY, check=True, capture_output=True, text=True)
    calls = json.loads(printed.stdout)
    shutil.rmtree(RECORDED, ignore_errors=True)
    RECORDED.mkdir(parents=True)
    with Town(calls) as town:
        count, show = beads(town)
        convoys(town, count, show)
        titles = ["die", "wait", "twice", "nothing", "no-merge", "raw", "from-branch", "crew", "reopened"]
        ids = made(town.run("bd", "create", "--graph", town.filled("<g:tempfile>", {"g": [graph("work_20260301", titles)]}), "--json", where=town.town / RIG))
        refusals(town, count, show)
        other_prefix(town, count)
        workers(town, ids)
        merge(town, ids)
        reopened(town, ids["reopened"])
        crew(town, ids["crew"], count, ids["raw"])
        rigs(town, count)
        down(town, ids["die"])
    with Town(calls, "BRIDGE=0") as town:
        unbridged(town)


if __name__ == "__main__":
    main()
