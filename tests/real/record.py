#!/usr/bin/env python3
"""Makes every call of `plugins/gastown` on the real tools, and keeps what they answer for the tests there.

usage: tests/real/record.py [TOOLS]     TOOLS as for town.sh; writes plugins/gastown/tests/recorded/CALL.SCENE.json anew

Three towns are made, one after the other, and taken away again: two as the tests have it, and one without the bridge between gt and
bd, as a person has it. The command lines are those of the library: `cargo run --example calls` prints them. Takes three minutes.
`recorder.py` says what is in a recording. After it `cargo test -p conductor-gastown` says what has changed.
"""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
from recorder import LIBRARY, RECORDED, RIG, TOOLS, OtherEnd, Town, graph, made


def beads(town):
    """What bd is asked and told in the rig."""
    town.record("rig-where", "there")
    ids = made(town.record("rig-create", "made", graph=graph("views_20260301", ["count", "show"])))
    count, show = ids["count"], ids["show"]
    town.record("rig-create", "unknown-key", expect=False, graph=graph("views_20260301", ["more"], [("more", "nobody")]))
    town.record("rig-of-track", "made", track="views_20260301")
    town.record("rig-of-track", "none", track="nothing_20260301")
    task = {"track": "views_20260301", "key": "views_20260301/phase1/task1", "phase": "phase1"}
    town.record("rig-name", "named", bead=count, title="Count the views", **task)
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
    other = town.make("other_20260301", ["one"])["one"]
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
    flag = town.make("flags_20260301", ["--verbose"])["--verbose"]
    town.sling(flag, "title-like-a-flag", False)
    town.sling(bead, "no-town", False, where=town.env["HOME"])
    town.sling(bead, "unknown-rig", False, rig="nosuch")
    town.run("bd", "update", bead, "--status", "deferred", where=town.town / RIG)
    town.sling(bead, "deferred", False)
    town.run("bd", "update", bead, "--status", "open", where=town.town / RIG)
    town.run("bd", "close", closed, "--reason", "done", where=town.town / RIG)
    town.sling(closed, "closed", False)
    town.run("gt", "rig", "park", RIG)
    town.record("rig-list", "parked")
    town.sling(bead, "parked", False)
    town.run("gt", "rig", "unpark", RIG)


def other_prefix(town, bead):
    """A rig as `gt rig add --prefix` of 1.2.1 leaves it: ids begin with the rig's name, and nothing is routed by that."""
    url = f"file://{town.env['REMOTE']}"
    town.record("rig-add", "added", rig="annex", url=url)
    town.record("rig-add", "there", expect=False, rig="annex", url=url)
    town.record("rig-add", "no-repository", expect=False, rig="nowhere", url=f"{url}.not")
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
    # An agent that ends a moment later, on a machine that is busy, is taken for one that works: then it is slung again.
    for _ in range(5):
        try:
            town.sling(ids["die"], "died", False)
            break
        except OtherEnd:
            continue
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
    town.record("polecat-nudge", "said", polecat=polecat, text="Your work is the bead sp-1")
    town.record("polecat-nudge", "unknown", expect=False, polecat="nobody", text="Your work is the bead sp-1")
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
    worktree = town.town / RIG / "polecats" / stalled / RIG
    (worktree / "saved.txt").write_text("committed\n")
    town.run("git", "add", "saved.txt", where=worktree)
    town.run("git", "commit", "--quiet", "--message", "wip: half of it", where=worktree)
    (worktree / "unsaved.txt").write_text("not committed\n")
    town.record("polecat-git-state", "unsaved", polecat=stalled)
    town.run("tmux", "-L", town.env["TMUX_SOCKET"], "kill-session", "-t", f"=sp-{stalled}")
    town.record("polecat-status", "stalled", polecat=stalled)
    town.sling(ids["twice"], "after-its-end")
    town.record("release", "released", bead=ids["twice"], reason="its worker does nothing")
    town.record("release", "again", expect=None, bead=ids["twice"], reason="its worker does nothing")
    town.record("release", "unknown", expect=False, bead="sp-zzzz", reason="x")
    branch = town.run("git", "branch", "--show-current", where=worktree).strip()
    town.record("polecat-nuke", "nuked", polecat=stalled)
    town.record("polecat-nuke", "unknown", polecat="nobody")
    town.record("rig-delete-branch", "removed", branch=branch)
    town.record("rig-delete-branch", "not-there", branch=branch)

    town.tell(ids["nothing"], "nothing")
    town.run("gt", "sling", ids["nothing"], RIG, "--no-boot", "--no-convoy")
    town.until_closed(ids["nothing"])
    idle = town.worker(ids["nothing"])
    town.until(lambda: json.loads(town.run("gt", "polecat", "status", f"{RIG}/{idle}", "--json"))["state"] == "idle", "idle")
    town.record("polecat-status", "idle", polecat=idle)
    town.tell(ids["no-merge"], "work")
    town.sling(ids["no-merge"], "reused", no_merge="true")
    town.until_closed(ids["no-merge"])

    town.tell(ids["raw"], "hang")
    town.sling(ids["raw"], "raw", raw="true")
    town.run("git", "push", "--quiet", "origin", "HEAD:refs/heads/half-done", where=town.places["project"])
    town.tell(ids["from-branch"], "hang")
    town.sling(ids["from-branch"], "fresh", call="sling-from-branch", base="half-done")


def formulas(town):
    """Slings with a formula that is bundled, and with one that is nowhere."""
    bundled = LIBRARY.parent / "formulas/src/bundled/conductor-task.formula.toml"
    shutil.copy(bundled, town.town / ".beads/formulas")
    ids = town.make("steps_20260301", ["by-steps", "by-none"])
    for title in ids:
        town.tell(ids[title], "hang")
    values = {"call": "sling-with-formula", "track": "steps_20260301"}
    town.sling(ids["by-none"], "unknown", False, formula="nowhere", **values)
    town.sling(ids["by-steps"], "fresh", formula="conductor-task", **values)


def merge(town, ids):
    """From a worker that has handed in to a commit on the target that is another one than the worker's."""
    bead = ids["wait"]
    worktree = town.town / RIG / "polecats" / town.worker(bead) / RIG
    # Commits of the same words within a second, as scripts make them.
    for part in ["one", "two"]:
        (worktree / f"{part}.txt").write_text(f"{part}\n")
        town.run("git", "add", "--", f"{part}.txt", where=worktree)
        town.run("git", "commit", "--quiet", "--message", "wip", "--date", "2026-03-01T12:00:00Z", where=worktree)
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
    role, root = f"{RIG}/refinery", str(town.town)
    refinery = {"GT_RIG": RIG, "GT_ROLE": role, "BD_ACTOR": role, "GT_TOWN_ROOT": root, "GT_ROOT": root}
    town.run("refinery", "--once", where=town.town / RIG / "refinery/rig", env=refinery, may_fail=True)
    (town.folder / "ctl/refinery-dies").unlink()
    town.record("rig-commits", "rebased", sha=sha, target="main")
    town.record("post-merge", "merged", request=request)
    town.record("post-merge", "again", expect=None, request=request)
    town.record("post-merge", "unknown", expect=False, request="sp-zzzz")
    head = town.run("git", "--git-dir=.repo.git", "rev-parse", "origin/main", where=town.town / RIG).strip()
    town.record("rig-is-on-target", "there", sha=head, target="main")
    town.record("rig-is-on-target", "unknown", expect=False, sha="0123456789abcdef0123456789abcdef01234567", target="main")
    town.record("rig-is-on-target", "unknown-target", expect=False, sha=head, target="nobody")
    town.record("rig-commits", "unknown-target", expect=False, sha=head, target="nobody")
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
    town.record("rig-list", "stopped")
    town.record("rig-init-database", "there")
    town.record("refinery-start", "started")
    town.record("rig-list", "running")
    town.record("refinery-start", "again")
    town.record("refinery-start", "unknown-rig", expect=False, rig="nosuch")
    what = "views_20260301: nobody knows what became of it"
    told = town.record("escalate", "told", severity="high", reason="It has no merge request.", bead=bead, what=what)
    answered(town, json.loads(told)["id"])
    other_rigs(town, bead)
    town.run("gt", "config", "set", "scheduler.max_polecats", "1")
    town.sling(bead, "scheduled")
    town.sling(bead, "scheduled-again")


def answered(town, escalation):
    """What the Mayor says to what it was told: by mail, and by closing it."""
    mayor = {"GT_ROLE": "mayor", "BD_ACTOR": "mayor"}
    inbox = json.loads(town.run("gt", "mail", "inbox", "mayor/", "--json", env=mayor))
    [about] = [mail["id"] for mail in inbox if mail["thread_id"] == escalation]
    town.run("gt", "mail", "reply", about, "-m", "Use the second API.", env=mayor)
    town.run("gt", "escalate", "ack", escalation, env=mayor)
    town.run("gt", "escalate", "close", escalation, "--reason", "the second API has it", env=mayor)
    town.record("town-beads", "answered")


def other_rigs(town, bead):
    """Beads that are asked for by their ids alone, as those of other rigs are."""
    of_town = json.loads(town.run("bd", "create", "Keys of the staging area", "--json"))["id"]
    town.record("rig-by-id", "there", ids=bead)
    town.record("rig-by-id", "none", ids="sp-zzzz")
    town.record("town-by-id", "there", ids=f"{of_town},hq-zzzz")
    town.record("town-by-id", "none", ids="hq-zzzz")


def down(town, bead):
    """With the database server stopped, and outside of a town."""
    town.run("gt", "dolt", "stop")
    town.sling(bead, "dolt-down", False)
    town.record("convoys", "dolt-down", expect=False)
    town.record("convoy-stage", "dolt-down", expect=False, beads=[bead], title="x")
    town.record("rig-of-track", "dolt-down", expect=False, track="views_20260301")
    town.record("rig-close", "dolt-down", expect=False, bead=bead, reason="x")
    town.record("rig-list", "dolt-down")
    town.record("town-status", "dolt-down")
    town.record("release", "dolt-down", expect=False, bead=bead, reason="x")
    town.record("rig-by-id", "dolt-down", expect=False, ids=bead)
    town.record("escalate", "dolt-down", expect=None, severity="high", reason="x", bead=bead, what="x")
    home = town.env["HOME"]
    town.record("convoys", "no-town", expect=False, where=home)
    town.record("convoy-stage", "no-town", expect=False, where=home, beads=[bead], title="x")
    town.record("rig-list", "no-town", expect=False, where=home)
    town.record("rig-add", "no-town", expect=False, where=home, rig="nowhere", url="file:///nowhere.git")
    town.record("polecat-status", "no-town", expect=False, where=home, polecat="nobody")
    town.record("release", "no-town", expect=False, where=home, bead=bead, reason="x")
    town.record("rig-where", "no-workspace", expect=False, where=home)
    town.record("rig-worktrees", "no-rig", expect=False, where=home)


def given_up(town):
    """What a worker leaves behind that gives up, and what is there of it once it has other work."""
    ids = town.make("gone_20260301", ["given up", "next"])
    town.tell(ids["given up"], "escalate")
    town.tell(ids["next"], "hang")
    town.run("gt", "sling", ids["given up"], RIG, "--no-boot", "--no-convoy")
    town.until_closed(ids["given up"])
    polecat = town.worker(ids["given up"])
    town.record("rig-worktrees", "given-up")
    worktree = town.town / RIG / "polecats" / polecat / RIG
    sha = town.run("git", "rev-parse", "HEAD", where=worktree).strip()
    town.record("polecat-reflog", "given-up", polecat=polecat)
    town.record("rig-rescue", "pushed", bead=ids["given up"], sha=sha)
    town.record("rig-rescue", "again", bead=ids["given up"], sha=sha)
    town.record("rig-rescue", "unknown", expect=False, bead=ids["next"], sha="0123456789abcdef0123456789abcdef01234567")
    # As `gt` reuses a worktree for other work.
    town.run("git", "checkout", "--quiet", "-b", f"polecat/{polecat}/{ids['next']}@mwx9zzzz", "origin/main", where=worktree)
    town.record("polecat-reflog", "moved-on", polecat=polecat)
    return ids["next"]


def resolved(town):
    """A branch that can't be merged as it is, mended in a worktree of its own. The worker is git alone."""
    rig, request = town.town / RIG, "sp-wisp-mr1"
    bare = ["git", "--git-dir=.repo.git"]
    base = town.run(*bare, "rev-parse", "refs/remotes/origin/main", where=rig).strip()
    work = town.folder / "work"
    town.run(*bare, "worktree", "add", "--quiet", "--detach", str(work), base, where=rig)

    def commit(text, message):
        (work / "same.txt").write_text(text)
        town.run("git", "add", "same.txt", where=work)
        town.run("git", "commit", "--quiet", "--message", message, where=work)
        return town.run("git", "rev-parse", "HEAD", where=work).strip()

    sha = commit("of the branch\n", "feat: one")
    town.run("git", "push", "--quiet", "origin", "HEAD:refs/heads/polecat/nux/sp-1@x", where=work)
    town.run("git", "checkout", "--quiet", "--detach", base, where=work)
    commit("of the target\n", "feat: two")
    town.run("git", "push", "--quiet", "origin", "HEAD:refs/heads/main", where=work)
    town.run(*bare, "fetch", "--quiet", "origin", where=rig)
    of = {"request": request}
    town.record("scratch-kept", "none", expect=None, **of)
    town.record("scratch-keep", "kept", sha=sha, **of)
    town.record("scratch-kept", "kept", **of)
    town.record("scratch-add", "made", sha=sha, **of)
    town.record("scratch-add", "there", expect=False, sha=sha, **of)
    town.record("scratch-commits", "apart", target="main", **of)
    town.record("scratch-rebase", "stopped", expect=False, side="histogram", target="main", **of)
    town.record("scratch-stopped", "stopped", **of)
    town.record("scratch-status", "stopped", **of)
    town.run("git", "rebase", "--abort", where=rig / ".conductor" / request)
    town.record("scratch-rebase", "unknown", expect=False, side="theirs", target="nobody", **of)
    town.record("scratch-rebase", "whole", side="theirs", target="main", **of)
    town.record("scratch-status", "clean", **of)
    town.record("scratch-stopped", "not", expect=False, **of)
    town.record("scratch-commits", "whole", target="main", **of)
    branch = {"branch": "polecat/nux/sp-1@x"}
    town.record("scratch-push", "moved", expect=False, lease=base, **branch, **of)
    town.record("scratch-push", "pushed", lease=sha, **branch, **of)
    town.record("scratch-remove", "removed", **of)
    town.record("scratch-remove", "not-there", expect=False, **of)
    town.record("scratch-forget", "forgotten", **of)
    town.record("scratch-forget", "again", expect=None, **of)


def launched(town, bead):
    """A convoy that `gt` gives out by itself. It starts witness and refinery."""
    town.tell(bead, "hang")
    staged = town.run("gt", "convoy", "stage", bead, "--json", "--title", "Conductor: gone_20260301")
    convoy = json.loads(staged)["convoy_id"]
    town.record("convoy-launch", "launched", convoy=convoy)
    town.record("convoys", "launched")
    town.record("convoy-launch", "again", convoy=convoy)
    town.record("convoy-launch", "unknown", expect=False, convoy="hq-cv-zzzzz")


def unbridged(town):
    """What a person has today: a gt and a bd that misunderstand each other."""
    ids = town.make("views_20260301", ["count"])
    town.tell(ids["count"], "hang")
    town.sling(ids["count"], "no-formula", False)
    town.sling(ids["count"], "raw-unbridged", raw="true")
    town.run("gt", "convoy", "stage", ids["count"], "--json", "--title", "Conductor: views_20260301")
    town.record("convoys", "counts-nothing")


def main():
    printed = subprocess.run(["cargo", "run", "--quiet", "--example", "calls"], cwd=LIBRARY, check=True, stdout=subprocess.PIPE)
    calls = json.loads(printed.stdout)
    shutil.rmtree(RECORDED, ignore_errors=True)
    RECORDED.mkdir(parents=True)
    with Town(calls) as town:
        count, show = beads(town)
        convoys(town, count, show)
        titles = ["die", "wait", "twice", "nothing", "no-merge", "raw", "from-branch", "crew", "reopened"]
        ids = town.make("work_20260301", titles)
        town.record("convoy-stage", "many", beads=list(ids.values()), title="Conductor: work_20260301")
        refusals(town, count, show)
        other_prefix(town, count)
        workers(town, ids)
        formulas(town)
        merge(town, ids)
        reopened(town, ids["reopened"])
        crew(town, ids["crew"], count, ids["raw"])
        rigs(town, count)
        down(town, ids["die"])
    with Town(calls) as town:
        resolved(town)
        launched(town, given_up(town))
    with Town(calls, "BRIDGE=0") as town:
        unbridged(town)


if __name__ == "__main__":
    main()
