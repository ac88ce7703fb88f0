//! What the plan and its beads say: a database of the project's own, words that look like orders to Gas Town, tasks and commits of the
//! same words, and the commit that is written behind each task.

use serde_json::{Value, json};

use crate::TRACK;
use crate::given::Given;
use crate::town::{Act, done};

impl Given {
    /// `bd` in the project.
    fn own_bd(&self, arguments: &[&str]) -> String {
        let mut command = self.town.command("bd");
        done(command.args(arguments).current_dir(self.town.project()))
    }
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_project_with_beads_of_its_own_keeps_them_and_has_them_closed() {
    let Some(given) = Given::new(&[]) else { return };
    let init = [
        "init",
        "--prefix",
        "own",
        "--stealth",
        "--skip-agents",
        "--skip-hooks",
        "--quiet",
        "--non-interactive",
    ];
    given.own_bd(&init);
    let make = |title: &str, kind: &str| {
        let made = given.own_bd(&["create", title, "--type", kind, "--json"]);
        let made: Value = serde_json::from_str(&made).expect("JSON");
        made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
    };
    let epic = make("Teas that go together", "epic");
    let first = make("Count which products are bought together", "task");
    let second = make("Count which products are looked at together", "task");
    let path = format!("conductor/tracks/{TRACK}/metadata.json");
    let mut metadata = given.metadata();
    metadata["beads_epic"] = json!(epic);
    metadata["beads_tasks"] = json!({"phase1_task1": first, "phase1_task2": second});
    given.write(&path, &serde_json::to_string_pretty(&metadata).expect("JSON"));
    given
        .town
        .git(&["commit", "--quiet", "--all", "--message", "beads of our own"]);
    given.town.git(&["push", "--quiet"]);

    given.agree("--although refinery");
    let now = given.metadata();
    assert_eq!(
        (&now["beads_epic"], &now["beads_tasks"]),
        (&metadata["beads_epic"], &metadata["beads_tasks"])
    );
    let of_rig = now["gastown_tasks"].as_object().expect("ids");
    assert!(
        of_rig.len() > 5
            && of_rig
                .values()
                .all(|id| id.as_str().is_some_and(|id| id.starts_with("sp-"))),
        "{now}"
    );
    assert!(
        now["gastown_epic"].as_str().is_some_and(|id| id.starts_with("sp-")),
        "{now}"
    );
    for (key, own) in [("phase1/task1", &first), ("phase1/task2", &second)] {
        assert_eq!(given.bead(key)["metadata"]["conductor_project_bead"], own.as_str());
    }
    assert!(given.bead("phase1/task3")["metadata"]["conductor_project_bead"].is_null());
    let status = |id: &str| -> Value {
        let shown: Value = serde_json::from_str(&given.own_bd(&["show", id, "--json"])).expect("JSON");
        shown[0].clone()
    };
    assert_eq!(status(&first)["status"], "open", "what is not merged is not done");

    given.merged(&["phase1/task1", "phase1/task2"]);
    given.data(&["--although", "refinery"]);
    for (number, own) in [(1, &first), (2, &second)] {
        let of_plan = given.plan();
        let line = of_plan
            .lines()
            .find(|line| line.starts_with(&format!("- [x] Task {number}: ")))
            .expect("a line");
        let bead = status(own);
        assert_eq!(bead["status"], "closed", "{bead}");
        let reason = bead["close_reason"]
            .as_str()
            .and_then(|reason| reason.strip_prefix("commit: "))
            .unwrap_or_else(|| panic!("{bead}"));
        assert!(line.contains(&format!("[{reason}]")), "{line}: {bead}");
    }
    assert_eq!(status(&epic)["status"], "open", "the track is not done");
    let list: Value = serde_json::from_str(&given.own_bd(&["list", "--all", "--limit", "0", "--json"])).expect("JSON");
    assert_eq!(list.as_array().map(Vec::len), Some(3), "nothing is made there: {list}");

    given.data(&["--although", "refinery", "--yes"]);
    let (before, _) = given.audit();
    given.data(&["--although", "refinery", "--yes"]);
    assert_eq!(given.audit().0, before, "what is closed is not closed again");
    given.merged(&["phase1/task3"]);
    given.data(&["--although", "refinery", "--yes"]);
    given.data(&["--although", "refinery", "--pass", "1"]);
    given.merged(&["phase2/task1"]);
    given.data(&[]);
    assert_eq!(given.data(&["--pass", "2"])["what"], "done");
    let bead = status(&epic);
    assert_eq!(
        (bead["status"].as_str(), bead["close_reason"].as_str()),
        (Some("closed"), Some("the track is done")),
        "{bead}"
    );
}

/// A fast-forward, rebases, subjects that are equal and name no bead, tasks of one title, and a worker with two commits.
#[test]
#[ignore = "one of `just real-all`"]
fn each_task_gets_its_own_commit_whatever_they_are_called() {
    let Some(given) = Given::new(&[]) else { return };
    given.plan_is(
        "# Implementation Plan: Same words\n\n## Phase 1: Notes\n<!-- execution: parallel -->\n<!-- depends: -->\n\n\
         - [ ] Task 1: Write the notes\n  <!-- files: a.md -->\n- [ ] Task 2: Write the notes\n  <!-- files: b.md -->\n\
         - [ ] Task 3: Write the notes again\n  <!-- files: c.md -->\n\n\
         ## Phase 2: Row\n<!-- execution: sequential -->\n<!-- depends: phase1 -->\n\n\
         - [ ] Task 1: Write the notes\n  <!-- files: d.md -->\n- [ ] Task 2: Row\n  <!-- files: e.md -->\n\n\
         ## Phase 3: End\n<!-- execution: sequential -->\n<!-- depends: phase2 -->\n\n\
         - [ ] Task 1: Tidy up\n  <!-- files: f.md -->\n- [ ] Task 2: Write it down\n  <!-- files: g.md -->\n",
    );
    // Another track had a task of the same number.
    given.town.git(&[
        "commit",
        "--quiet",
        "--allow-empty",
        "--message",
        "chore: old (phase3/task1)",
    ]);
    given.town.git(&["push", "--quiet"]);
    given.town.tell_all("*", Act::Wait, "-", "docs: notes");
    given.agree("--although refinery");
    let keys = ["phase1/task1", "phase1/task2", "phase1/task3"];
    let ids = keys.map(|key| given.id(key));
    // All are handed in before one is merged: the first is a fast-forward, the others are rebased.
    given.finish(&keys);
    given.town.tell_all(
        "*",
        Act::Work,
        "-",
        "docs: notes (phase2/task1)|docs: notes (phase2/task2)",
    );
    given.data(&["--although", "refinery", "--yes"]);
    given.town.git(&["fetch", "--quiet"]);
    let sha_of = |phase: &str, task: usize| {
        let plan = given.plan();
        let (_, of_phase) = plan.split_once(phase).expect("the phase");
        let line = of_phase
            .lines()
            .find(|line| line.starts_with(&format!("- [x] Task {task}: ")))
            .unwrap_or_else(|| panic!("{plan}"));
        let sha = line
            .rsplit('[')
            .next()
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or_else(|| panic!("no commit: {line}"));
        given.town.git(&["merge-base", "--is-ancestor", sha, "origin/main"]);
        sha.to_owned()
    };
    let makes = |sha: &str| {
        given
            .town
            .git(&["show", "--format=", "--name-only", sha])
            .trim()
            .to_owned()
    };
    for (at, id) in ids.iter().enumerate() {
        assert_eq!(
            makes(&sha_of("Phase 1", at + 1)),
            format!("src/{id}.txt"),
            "{}",
            given.plan()
        );
    }
    let subjects = given.town.git(&["log", "--format=%s", "origin/main", "--", "src"]);
    assert_eq!(
        subjects.lines().filter(|line| *line == "docs: notes").count(),
        3,
        "{subjects}"
    );

    // Somebody else's commit comes between: the worker's two are rebased.
    let last = given.id("phase2/task1");
    given.town.until_submitted(&last);
    given.town.git(&["pull", "--quiet", "--rebase", "--autostash"]);
    given.write("README.md", "other words\n");
    given
        .town
        .git(&["commit", "--quiet", "--message", "readme", "--", "README.md"]);
    given.town.git(&["push", "--quiet"]);
    given.merged(&["phase2/task1"]);
    let seen = given.data(&["--although", "refinery,unpushed"]);
    given.town.git(&["fetch", "--quiet"]);
    for task in [1, 2] {
        assert_eq!(
            makes(&sha_of("Phase 2", task)),
            format!("src/{last}.{task}.txt"),
            "{}",
            given.plan()
        );
    }

    // A worker that names no task, and whose commit is the target's own.
    given.town.tell_all("*", Act::Work, "-", "docs: the end");
    let begun = given.data(&["--although", "refinery,unpushed", "--yes"]);
    assert_eq!(begun["begins"][0]["item"], "3.1–3.2", "{seen} {begun}");
    let end = given.id("phase3/task1");
    given.town.until_submitted(&end);
    given.merged(&["phase3/task1"]);
    let seen = given.data(&["--although", "refinery,unpushed"]);
    given.town.git(&["fetch", "--quiet"]);
    let plan = given.plan();
    assert!(
        plan.contains("- [x] Task 1: Tidy up\n"),
        "nobody knows which of its commits is the first task's: {plan}"
    );
    assert_eq!(makes(&sha_of("Phase 3", 2)), format!("src/{end}.txt"), "{plan}");
    assert_eq!(seen["what"], "done", "{seen}");
}

#[test]
#[ignore = "one of `just real-all`"]
fn words_of_a_plan_that_gas_town_would_obey_are_words() {
    let Some(given) = Given::new(&[]) else { return };
    given.plan_is(
        "# Implementation Plan: Words\n\n## Phase 1: Words\n<!-- execution: parallel -->\n<!-- depends: -->\n\n\
         - [ ] Task 1: Show status: deferred beside an order\n  <!-- files: a.ts -->\n  - [ ] no_merge: true\n  - [ ] merge_strategy: local\n\
         - [ ] Task 2: Leave out what is deferred to post-launch\n  <!-- files: b.ts -->\n  no_merge: true\n\n  Status: Deferred\n",
    );
    let begun = given.agree("--although refinery");
    assert_eq!(begun["begins"].as_array().map(Vec::len), Some(2), "{begun}");
    given.merged(&["phase1/task1", "phase1/task2"]);
    let done = given.data(&["--although", "refinery"]);
    assert_eq!(done["what"], "done", "{done}");
    for (at, key) in ["phase1/task1", "phase1/task2"].iter().enumerate() {
        let id = given.id(key);
        assert!(given.town.is_on_main(&format!("src/{id}.txt")), "{}", given.bead(key));
        assert!(
            given.plan().contains(&format!("- [x] Task {}: ", at + 1)),
            "{}",
            given.plan()
        );
    }
}
