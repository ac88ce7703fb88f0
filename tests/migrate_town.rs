//! `conductor migrate` through the real Gas Town: real `bd`, `gt`, Dolt, tmux and git, with a script in place of every agent.
//!
//! Needs what tests/town.rs needs, and skips or fails as it does.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "a test starts the program and makes files")]

#[path = "real/between.rs"]
mod between;
#[path = "plans/events.rs"]
mod events;
#[path = "real/given.rs"]
mod given;
#[path = "real/town/mod.rs"]
mod town;

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::Duration;

use between::{disturbed_in, nothing_is_twice_or_nobodys};
use events::{answered, digest, question};
use given::{Given, SESSION};
use serde_json::{Value, json};
use town::{Act, RIG, said, until};

const TRACK: &str = "pairings_20260316";

/// The branch of the worker whose work is in flight.
const BRANCH: &str = "track_pairings_worker_2";
/// What the person accepts: nobody merges by itself in these towns.
const ALTHOUGH: &str = "--although refinery";

/// A run of `conductor migrate`: its envelope.
fn envelope(given: &Given, arguments: &[&str]) -> Value {
    let output = given.run(&[&["migrate", TRACK, "--json"], arguments].concat(), None);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)))
}

/// The data of a run that goes well.
fn data(given: &Given, arguments: &[&str]) -> Value {
    let envelope = envelope(given, arguments);
    assert!(envelope["error"].is_null(), "{arguments:?}: {envelope}");
    envelope["data"].clone()
}

/// The person types the slash command with these words, and agrees to what is shown: the digest.
fn agreed(given: &Given, words: &str) -> String {
    agreed_to(given, &format!("{TRACK} {words}"))
}

/// The same with all that is typed behind the command.
fn agreed_to(given: &Given, typed: &str) -> String {
    let event = json!({"session_id": SESSION, "cwd": given.town.project(), "hook_event_name": "UserPromptExpansion",
        "command_name": "conductor:conductor-migrate", "command_args": typed});
    // What a run that was killed has started may still be at work in the town's database.
    let context = until("a plan that can be agreed to", || {
        let output = given.run(&["hook", "prompt"], Some(&event));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        let context = told["hookSpecificOutput"]["additionalContext"].as_str()?;
        context.contains("one question").then(|| context.to_owned())
    });
    let asked = question(&context);
    let label = asked["options"][0]["label"].as_str().expect("a yes").to_owned();
    given.run(&["hook", "answer"], Some(&answered(SESSION, &asked, &label)));
    digest(&asked)
}

/// The same, and it is moved.
fn moved(given: &Given, words: &str) -> Value {
    let digest = agreed(given, words);
    let words: Vec<&str> = words.split_whitespace().collect();
    let moved = data(given, &[&words[..], &["--apply", &digest]].concat());
    assert_eq!(moved["what"], "moved", "{moved}");
    moved
}

/// A track that was carried out natively as other tools do it: one worker is done and merged, one has two commits on a branch and a
/// file that is not committed in its worktree, one has left nothing. The last commit of the second.
fn under_way(given: &Given) -> String {
    let town = &given.town;
    let folder = town.project();
    fs::create_dir_all(folder.join("src")).expect("made");
    given.write("src/bought.ts", "done\n");
    town.git(&["add", "src/bought.ts"]);
    town.git(&["commit", "--quiet", "-m", "feat: count what is bought together"]);
    town.git(&["push", "--quiet", "origin", "HEAD:main"]);
    let done = town.git(&["rev-parse", "HEAD"]).trim().to_owned();
    town.git(&["worktree", "add", "--quiet", "-b", BRANCH, ".worktrees/w2"]);
    let tree = folder.join(".worktrees/w2");
    for (file, subject) in [("src/viewed.ts", "feat: views"), ("src/viewed.test.ts", "test: views")] {
        fs::write(tree.join(file), format!("{subject}\n")).expect("written");
        let at = tree.display().to_string();
        town.git(&["-C", &at, "add", file]);
        town.git(&["-C", &at, "commit", "--quiet", "-m", subject]);
    }
    fs::write(tree.join("src/half.ts"), "not committed\n").expect("written");
    let plan = given.plan();
    let plan = plan
        .replace(
            "- [ ] Task 1: Count which products are bought",
            "- [~] Task 1: Count which products are bought",
        )
        .replace("- [ ] Task 2: Count", "- [~] Task 2: Count")
        .replace("- [ ] Task 3: Leave", "- [~] Task 3: Leave");
    given.write(&format!("conductor/tracks/{TRACK}/plan.md"), &plan);
    let tracks = given.read("conductor/tracks.md");
    let tracks = tracks.replace("- [ ] **Track: Teas that go", "- [~] **Track: Teas that go");
    given.write("conductor/tracks.md", &tracks);
    let metadata = given.read(&format!("conductor/tracks/{TRACK}/metadata.json"));
    let metadata = metadata
        .replace("\"status\": \"new\"", "\"status\": \"in_progress\"")
        .replace(
            "shown\"\n}",
            "shown\",\n  \"execution_mode\": \"native-task\",\n  \"dispatched_at\": \"2026-03-17T09:00:00Z\"\n}",
        );
    assert!(metadata.contains("execution_mode"), "{metadata}");
    given.write(&format!("conductor/tracks/{TRACK}/metadata.json"), &metadata);
    let state = json!({"phase": "Phase 1: Signals", "execution_mode": "parallel", "started_at": "2026-03-17T09:00:00Z", "workers": [
        {"worker_id": "worker_1_bought", "task": "Task 1: Count which products are bought together", "task_index": 0,
            "status": "completed", "commit_sha": done[..7]},
        {"worker_id": "worker_2_viewed", "task": "Task 2: Count which products are looked at together", "task_index": 1,
            "worktree": ".worktrees/w2", "branch": BRANCH, "status": "timed_out"},
        {"worker_id": "worker_3_leave", "task": "Task 3: Leave out what is out of stock or was bought before", "task_index": 2,
            "status": "failed"}],
        "completed_workers": 7, "total_workers": 9});
    let state = serde_json::to_string_pretty(&state).expect("JSON");
    given.write(&format!("conductor/tracks/{TRACK}/parallel_state.json"), &state);
    town.git(&["rev-parse", BRANCH]).trim().to_owned()
}

/// Every file below `conductor/`.
fn files(given: &Given) -> BTreeMap<String, Vec<u8>> {
    let root = given.town.project().join("conductor");
    let mut left = vec![root.clone()];
    let mut files = BTreeMap::new();
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => left.push(path),
                path => {
                    let name = path.strip_prefix(&root).expect("below").display().to_string();
                    drop(files.insert(name, fs::read(&path).expect("a file")));
                }
            }
        }
    }
    files
}

/// Whether a polecat has what was in flight, byte for byte, and only that.
fn goes_on_from(given: &Given, sha: &str) {
    let bead = given.bead("phase1/task2");
    assert_eq!(bead["metadata"]["conductor_base"], BRANCH, "{bead}");
    let brief = bead["description"].as_str().expect("text");
    assert!(
        brief.contains(&format!("Continue from `{BRANCH}` (2 commits)")),
        "{brief}"
    );
    let polecat = given.town.polecat(bead["id"].as_str().expect("an id"));
    let trees = given.town.git_in_rig(&["worktree", "list", "--porcelain"]);
    let head = trees
        .split("\n\n")
        .find(|tree| tree.contains(&format!("refs/heads/polecat/{polecat}/")))
        .and_then(|tree| tree.lines().find_map(|line| line.strip_prefix("HEAD ")))
        .unwrap_or_else(|| panic!("{polecat}: {trees}"));
    given.town.git_in_rig(&["merge-base", "--is-ancestor", sha, head]);
    for file in ["src/viewed.ts", "src/viewed.test.ts"] {
        let theirs = given.town.git_in_rig(&["show", &format!("{head}:{file}")]);
        assert_eq!(theirs, given.read(&format!(".worktrees/w2/{file}")));
    }
}

#[test]
fn a_track_moves_to_gas_town_and_back_and_its_work_goes_on() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    let sha = under_way(&given);
    let before = files(&given);
    let state = before[&format!("tracks/{TRACK}/parallel_state.json")].clone();

    let shown = data(&given, &["--although", "refinery", "--dry-run"]);
    assert_eq!(
        (shown["what"].as_str(), shown["to"].as_str()),
        (Some("plan"), Some("gastown")),
        "{shown}"
    );
    let stands: Vec<&str> = shown["workers"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|worker| worker["stands"].as_str().expect("text"))
        .collect();
    assert_eq!(stands, ["done", "in flight", "lost"], "{shown}");
    assert_eq!(shown["workers"][1]["uncommitted"], 1, "{shown}");
    assert_eq!(files(&given), before, "a dry run changes nothing");

    moved(&given, ALTHOUGH);
    goes_on_from(&given, &sha);
    assert!(
        given.town.git(&["ls-remote", "origin", BRANCH]).starts_with(&sha),
        "its branch is on the remote under its own name"
    );
    assert_eq!(given.read(".worktrees/w2/src/half.ts"), "not committed\n");
    assert!(
        given
            .town
            .git(&["-C", ".worktrees/w2", "status", "--porcelain"])
            .contains("half.ts")
    );
    let now = files(&given);
    let kept = format!("tracks/{TRACK}/parallel_state.migrated.json");
    assert_eq!(now.get(&kept), Some(&state));
    assert_eq!(now.get(&format!("tracks/{TRACK}/parallel_state.json")), None);
    let beads: Value = serde_json::from_str(&given.read("conductor/beads.json")).expect("JSON");
    assert_eq!(
        (&beads["gastown"]["enabled"], &beads["epicPrefix"]),
        (&json!(true), &json!("conductor"))
    );
    let metadata = given.metadata();
    assert_eq!(metadata["execution_mode"], "gastown");
    assert!(metadata["gastown_convoy"].is_string(), "{metadata}");
    assert!(
        given
            .plan()
            .contains("- [x] Task 1: Count which products are bought together ["),
        "{}",
        given.plan()
    );

    // Run again it has nothing to do.
    let again = data(&given, &["--although", "refinery"]);
    assert_eq!(
        (again["what"].as_str(), again["changed"].as_array().map(Vec::len)),
        (Some("nothing"), Some(0)),
        "{again}"
    );
    assert_eq!(files(&given), now);

    // Back, while a polecat has work: the person says what becomes of it.
    assert_eq!(envelope(&given, &["--to", "native"])["error"]["code"], "under-way");
    let waits = data(&given, &["--to", "native", "--polecats", "finish"]);
    assert_eq!(waits["what"], "waits", "{waits}");
    given.finish(&["phase1/task2"]);
    moved(&given, "--to native");
    let metadata = given.metadata();
    assert_eq!(metadata["execution_mode"], "native-task");
    let plan = given.plan();
    assert!(
        plan.contains("- [x] Task 2: Count which products are looked at together ["),
        "{plan}"
    );
    // What differs from before is where the work went on.
    let unmarked = |text: &str| -> String {
        let lines = text.lines().map(|line| match line.split_once("] Task") {
            Some((_, rest)) => format!("Task{}", rest.rsplit_once(" [").map_or(rest, |(rest, _)| rest)),
            None => line.replace("[x]", "[ ]"),
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let old = |name: &str| String::from_utf8(before[name].clone()).expect("text");
    assert_eq!(unmarked(&plan), unmarked(&old(&format!("tracks/{TRACK}/plan.md"))));
    assert_eq!(given.read("conductor/tracks.md"), old("tracks.md"));
    assert_eq!(
        given.read(&format!("conductor/tracks/{TRACK}/metadata.json")),
        old(&format!("tracks/{TRACK}/metadata.json"))
    );
    let convoys = given.town.gt_json(&["convoy", "list", "--json", "--all"]);
    let open = convoys
        .as_array()
        .expect("a list")
        .iter()
        .filter(|convoy| convoy["status"] != "closed");
    assert_eq!(open.count(), 0, "{convoys}");
    // And it is carried out natively from there.
    let natively = given.data(&["--mode", "native", "--dry-run"]);
    assert_eq!(
        (natively["mode"].as_str(), natively["begins"][0]["item"].as_str()),
        (Some("native-task"), Some("1.3")),
        "{natively}"
    );
}

/// Each of the changes of a move, with the host killed while it is made; `conductor dispatch` goes on with it as well.
#[test]
#[ignore = "one of `just real-all`"]
fn a_move_that_is_killed_in_a_change_is_gone_on_with() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    let sha = under_way(&given);
    for pattern in [
        "bd create --graph*",
        "gt convoy stage*",
        "git push *",
        "bd update*conductor_base=*",
        "gt sling*",
    ] {
        let digest = agreed(&given, ALTHOUGH);
        disturbed_in(
            &given,
            "migrate",
            pattern,
            "during",
            &["--although", "refinery", "--apply", &digest],
        );
    }
    // All but the slings is done: a dispatch finds on the bead where it goes on.
    let shown = data(&given, &["--although", "refinery"]);
    if shown["what"] == "plan" {
        given.agree(ALTHOUGH);
    }
    until("1.2 has a polecat", || {
        (given.bead("phase1/task2")["status"] == "hooked" || given.bead("phase1/task2")["status"] == "in_progress")
            .then_some(())
    });
    goes_on_from(&given, &sha);
    nothing_is_twice(&given);
    let kept = given.read(&format!("conductor/tracks/{TRACK}/parallel_state.migrated.json"));
    assert!(kept.contains("worker_2_viewed"), "{kept}");
    assert_eq!(
        given.read(&format!("conductor/tracks/{TRACK}/parallel_state.migrated2.json")),
        ""
    );
}

/// The same on the way back, while a polecat has work.
#[test]
#[ignore = "one of `just real-all`"]
fn a_move_back_that_is_killed_in_a_change_is_gone_on_with() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    let sha = under_way(&given);
    moved(&given, ALTHOUGH);
    goes_on_from(&given, &sha);
    let polecat = given.town.polecat(&given.id("phase1/task2"));
    let words = "--to native --polecats release";
    for pattern in ["gt release*", "gt polecat nuke*", "gt convoy close*"] {
        let digest = agreed(&given, words);
        let words: Vec<&str> = words.split_whitespace().collect();
        disturbed_in(
            &given,
            "migrate",
            pattern,
            "during",
            &[&words[..], &["--apply", &digest]].concat(),
        );
        // What the killed run has started goes on for a while.
        thread::sleep(Duration::from_secs(5));
    }
    moved(&given, words);
    assert_eq!(given.metadata()["execution_mode"], "native-task");
    assert_eq!(given.bead("phase1/task2")["status"], "open");
    assert!(given.town.git(&["ls-remote", "origin"]).contains(&sha));
    let trees = given.town.git_in_rig(&["worktree", "list", "--porcelain"]);
    assert!(!trees.contains(&format!("refs/heads/polecat/{polecat}/")), "{trees}");
    let sessions = given.town.gt_json(&["polecat", "list", RIG, "--json"]);
    assert_eq!(sessions.as_array().map_or(0, Vec::len), 0, "{sessions}");
    nothing_is_twice(&given);
    assert_eq!(given.plan().matches("- [x] Task").count(), 1, "{}", given.plan());
}

fn nothing_is_twice(given: &Given) {
    // One task is done before the beads are made, and has none.
    nothing_is_twice_or_nobodys(given, 9);
}

/// A polecat at work gives its work back: what it has committed stays.
#[test]
#[ignore = "one of `just real-all`"]
fn work_is_taken_back_from_polecats_and_nothing_is_lost() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    let sha = under_way(&given);
    moved(&given, ALTHOUGH);
    goes_on_from(&given, &sha);
    let bead = given.id("phase1/task2");
    let polecat = given.town.polecat(&bead);
    let trees = given.town.git_in_rig(&["worktree", "list", "--porcelain"]);
    let own = trees
        .split("\n\n")
        .find(|tree| tree.contains(&format!("refs/heads/polecat/{polecat}/")))
        .expect("a worktree");
    let tree = own
        .lines()
        .find_map(|line| line.strip_prefix("worktree "))
        .expect("a path")
        .to_owned();
    fs::write(format!("{tree}/src/more.ts"), "more\n").expect("written");
    let words = "--to native --polecats release";
    let digest = agreed(&given, words);
    let refused = envelope(&given, &["--to", "native", "--polecats", "release", "--apply", &digest]);
    assert_eq!(refused["error"]["code"], "not-saved", "{refused}");
    assert!(
        fs::exists(format!("{tree}/src/more.ts")).expect("it can be told"),
        "nothing was removed"
    );
    given.town.git(&["-C", &tree, "add", "src/more.ts"]);
    given.town.git(&["-C", &tree, "commit", "--quiet", "-m", "feat: more"]);
    let more = given.town.git(&["-C", &tree, "rev-parse", "HEAD"]).trim().to_owned();
    let back = moved(&given, words);
    assert!(back["changed"].to_string().contains("is on `polecat/"), "{back}");
    let remote = given.town.git(&["ls-remote", "origin"]);
    assert!(remote.contains(&more), "{remote}");
    assert_eq!(given.metadata()["execution_mode"], "native-task");
    assert_eq!(given.bead("phase1/task2")["status"], "open");
}

/// A worker's branch with one commit, and what the state file says of the worker.
fn branch_of(given: &Given, worker: &str, file: &str, task: &str) -> Value {
    let town = &given.town;
    let tree = town.project().join(".worktrees").join(worker);
    let at = tree.display().to_string();
    town.git(&["worktree", "add", "--quiet", "-b", worker, &at]);
    fs::write(tree.join(file), format!("{worker}\n")).expect("written");
    town.git(&["-C", &at, "add", file]);
    town.git(&[
        "-C",
        &at,
        "commit",
        "--quiet",
        "-m",
        &format!("feat: begun by {worker}"),
    ]);
    json!({"worker_id": worker, "task": task, "branch": worker, "worktree": format!(".worktrees/{worker}"), "status": "failed"})
}

/// A run of `conductor migrate --all`: its data.
fn of_all(given: &Given, arguments: &[&str]) -> Value {
    let words = ["migrate", "--all", "--json", "--although", "refinery", "--stopped"];
    let output = given.run(&[&words, arguments].concat(), None);
    let envelope: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    assert!(envelope["error"].is_null(), "{arguments:?}: {envelope}");
    envelope["data"].clone()
}

/// Tracks that are under way move with one yes; of one item two workers had begun each a part.
#[test]
#[ignore = "one of `just real-all`"]
fn all_tracks_that_are_under_way_move_with_one_yes() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    let sha = under_way(&given);
    let path = format!("conductor/tracks/{TRACK}/parallel_state.json");
    let mut state: Value = serde_json::from_str(&given.read(&path)).expect("JSON");
    let plan = given.plan();
    let title = |number: usize| {
        let (_, second) = plan.split_once("## Phase 2").expect("a second phase");
        let wanted = format!("Task {number}: ");
        let line = second
            .lines()
            .find_map(|line| line.split_once(&*wanted))
            .expect("a task");
        format!("Task {number}: {}", line.1)
    };
    let workers = state["workers"].as_array_mut().expect("workers");
    workers.push(branch_of(&given, "track_row_1", "src/row.ts", &title(1)));
    workers.push(branch_of(&given, "track_row_2", "src/job.ts", &title(2)));
    given.write(&path, &serde_json::to_string_pretty(&state).expect("JSON"));

    let digest = agreed_to(&given, "--all --although refinery --stopped");
    let moved = of_all(&given, &["--apply", &digest]);
    let tracks = moved["tracks"].as_array().expect("a list");
    let ids: Vec<&str> = tracks.iter().filter_map(|track| track["track"].as_str()).collect();
    assert!(ids.len() >= 3 && ids.contains(&TRACK), "{moved}");
    assert!(tracks.iter().all(|track| track["what"] == "moved"), "{moved}");
    for id in &ids {
        let metadata: Value =
            serde_json::from_str(&given.read(&format!("conductor/tracks/{id}/metadata.json"))).expect("JSON");
        assert_eq!(metadata["execution_mode"], "gastown", "{id}");
    }
    goes_on_from(&given, &sha);
    let remote = given.town.git(&["ls-remote", "origin"]);
    for worker in ["track_row_1", "track_row_2"] {
        let head = given.town.git(&["rev-parse", worker]);
        assert!(
            remote.contains(&format!("{}\trefs/heads/{worker}", head.trim())),
            "{remote}"
        );
    }
    let bead = given.bead("phase2/task1");
    let metadata = (
        &bead["metadata"]["conductor_base"],
        &bead["metadata"]["conductor_base_also"],
    );
    assert_eq!(metadata, (&json!("track_row_1"), &json!("track_row_2")), "{bead}");
    assert_eq!(bead["status"], "open", "its turn comes");
    let again = of_all(&given, &["--dry-run"]);
    assert!(again["digest"].is_null(), "nothing is left to move: {again}");
}
