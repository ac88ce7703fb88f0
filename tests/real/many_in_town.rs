//! Much at once, and others beside: ten polecats, two hundred tasks, two tracks in one rig, Gas Town's own daemon.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;

use crate::TRACK;
use crate::given::Given;
use crate::town::{Act, Town};

/// Longer than the daemon takes from one look at convoys to the next, which is half a minute.
const DAEMON_LOOKS: Duration = Duration::from_secs(45);

impl Given {
    /// Gives the track another plan, and pushes it.
    pub(crate) fn plan_is(&self, text: &str) {
        self.write(&format!("conductor/tracks/{}/plan.md", self.track), text);
        self.town
            .git(&["commit", "--quiet", "--all", "--message", "plan it otherwise"]);
        self.town.git(&["push", "--quiet"]);
    }

    /// The rig's beads of the track that somebody has.
    fn under_way(&self) -> Vec<Value> {
        let field = format!("conductor_track={}", self.track);
        let list = ["list", "--all", "--limit", "0", "--metadata-field", &field, "--json"];
        let beads = self.town.bd_json(&list);
        let beads = beads.as_array().expect("a list").iter();
        beads
            .filter(|bead| ["hooked", "in_progress"].map(Value::from).contains(&bead["status"]))
            .cloned()
            .collect()
    }

    /// The convoys that are not closed.
    fn open_convoys(&self) -> Vec<Value> {
        let convoys = self.town.gt_json(&["convoy", "list", "--json", "--all"]);
        let convoys = convoys.as_array().expect("a list").iter();
        convoys.filter(|convoy| convoy["status"] != "closed").cloned().collect()
    }
}

/// A phase of tasks that wait for nothing, each with a file of its own, and a verification.
fn parallel(phase: usize, tasks: usize) -> String {
    let mut text = format!("## Phase {phase}: Part {phase}\n<!-- execution: parallel -->\n<!-- depends: -->\n\n");
    for task in 1..=tasks {
        writeln!(
            text,
            "- [ ] Task {task}: Piece {task} of part {phase}\n  <!-- files: src/{phase}/{task}.ts -->"
        )
        .expect("a String takes any text");
    }
    text + &format!("- [ ] Task: Conductor - User Manual Verification 'Part {phase}' (Protocol in workflow.md)\n\n")
}

/// Has the polecats of the rig look as after four minutes without a word, by what `gt` keeps of each.
fn silent_for_four_minutes(town: &Town, polecats: usize) {
    let then = Timestamp::now() - Duration::from_secs(240);
    let kept = fs::read_dir(town.root().join(".runtime/heartbeats")).expect("gt made it");
    let paths = kept.map(|entry| entry.expect("an entry").path());
    let is_polecat = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("sp-"))
    };
    let paths: Vec<PathBuf> = paths.filter(is_polecat).collect();
    assert_eq!(paths.len(), polecats, "{paths:?}");
    for path in paths {
        let text = fs::read_to_string(&path).expect("gt wrote it");
        let mut heard: Value = serde_json::from_str(&text).expect("JSON");
        heard["timestamp"] = then.to_string().into();
        fs::write(&path, heard.to_string()).expect("written");
    }
}

#[test]
#[ignore = "one of `just real-all`"]
fn ten_polecats_are_at_work_at_once_and_none_is_lost() {
    let Some(given) = Given::new(&[]) else { return };
    given.plan_is(&format!("# Implementation Plan: Ten at once\n\n{}", parallel(1, 10)));
    given.town.tell("*", Act::Wait);
    let began = Instant::now();
    let begun = given.agree("--although refinery --max-workers 5");
    assert_eq!(begun["begins"].as_array().map(Vec::len), Some(5), "{begun}");
    silent_for_four_minutes(&given.town, 5);
    let begun = given.data(&["--although", "refinery", "--max-workers", "10", "--yes"]);
    let took = began.elapsed();
    assert_eq!(begun["begins"].as_array().map(Vec::len), Some(5), "{begun}");
    let beads = given.under_way();
    let polecats: BTreeSet<&str> = beads
        .iter()
        .map(|bead| bead["assignee"].as_str().expect("a polecat"))
        .collect();
    assert_eq!((beads.len(), polecats.len()), (10, 10), "{polecats:?}");
    // The fresh ones end those that were silent for three minutes: who is not kept alive would have no session now.
    for polecat in polecats {
        let (_, name) = polecat.split_once("/polecats/").expect("RIG/polecats/NAME");
        let session = given
            .town
            .tmux()
            .args(["has-session", "-t", &format!("=sp-{name}")])
            .status();
        assert!(
            session.expect("tmux").success(),
            "{name} has no session after {took:?}: {begun}"
        );
    }
    let (writes, _) = given.audit();
    let kept = writes.get("polecat-heartbeat").copied().unwrap_or_default();
    println!("ten slings: {took:?}, {kept} heartbeats");
    assert!(kept >= 5, "{took:?}: {writes:?}");
    assert_eq!(writes["sling"], 10, "{writes:?}");

    let keys: Vec<String> = (1..=10).map(|task| format!("phase1/task{task}")).collect();
    given.finish(&keys.iter().map(String::as_str).collect::<Vec<_>>());
    let due = given.data(&["--although", "refinery"]);
    assert_eq!(due["due"][0]["phase"], "1", "{due}");
    assert_eq!(given.plan().matches("- [x] Task").count(), 10, "{}", given.plan());
    assert_eq!(given.data(&["--pass", "1"])["what"], "done");
}

#[test]
#[ignore = "one of `just real-all`"]
fn two_hundred_tasks_are_one_call() {
    let Some(given) = Given::new(&[]) else { return };
    let phases: String = (1..=10).map(|phase| parallel(phase, 20)).collect();
    given.plan_is(&format!("# Implementation Plan: Much\n\n{phases}"));
    let began = Instant::now();
    let prepared = given.data(&["--mode", "gastown", "--prepare"]);
    println!("two hundred tasks prepared: {:?}, {:?}", began.elapsed(), given.took());
    assert_eq!(prepared["what"], "prepared", "{prepared}");
    let (writes, _) = given.audit();
    assert_eq!(
        (
            writes["rig-create"],
            writes["convoy-stage"],
            writes["rig-keep"],
            writes.len()
        ),
        (1, 1, 1, 3),
        "all beads at once, their convoy, and which it is on the epic: {writes:?}"
    );
    let made = given.beads().as_array().map(Vec::len);
    // Each task, each verification, each phase, and the track.
    assert_eq!(made, Some(200 + 10 + 10 + 1));
    let began = Instant::now();
    let again = given.data(&["--mode", "gastown", "--prepare"]);
    println!("the same again: {:?}, {:?}", began.elapsed(), given.took());
    assert_eq!(again["changed"].as_array().map(Vec::len), Some(0), "{again}");
    assert_eq!(given.audit().0, writes, "it changes nothing");
    assert_eq!(given.beads().as_array().map(Vec::len), made);
}

#[test]
#[ignore = "one of `just real-all`"]
fn the_daemon_feeds_nothing_of_ours() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.gt(&["daemon", "start"]);
    given.town.tell("*", Act::Wait);
    let shown = given.data(&["--although", "refinery", "--dry-run"]);
    assert!(
        shown["notes"].to_string().contains("daemon runs"),
        "it is said before: {shown}"
    );
    let begun = given.agree("--although refinery");
    assert!(begun["notes"].to_string().contains("daemon runs"), "{begun}");
    let is_ours_alone = |at_work: usize| {
        thread::sleep(DAEMON_LOOKS);
        let convoys = given.open_convoys();
        let staged = |convoy: &Value| convoy["status"].as_str().is_some_and(|is| is.starts_with("staged"));
        assert!(convoys.len() == 1 && convoys.iter().all(staged), "{convoys:?}");
        let under_way = given.under_way();
        assert_eq!(under_way.len(), at_work, "{under_way:?}");
    };
    is_ours_alone(2);
    given.finish(&["phase1/task1", "phase1/task2"]);
    // Nothing is at work, the third task waits for no bead any more, and the daemon does not give it out.
    is_ours_alone(0);
    let next = given.data(&["--although", "refinery", "--yes"]);
    assert_eq!(next["begins"][0]["item"], "1.3", "{next}");
    is_ours_alone(1);
    let (writes, _) = given.audit();
    assert_eq!(writes["sling"], 3, "{writes:?}");
    let trees = given.town.git_in_rig(&["worktree", "list", "--porcelain"]);
    let of_third = format!("/{}@", given.bead("phase1/task3")["id"].as_str().expect("an id"));
    assert_eq!(trees.matches(&of_third).count(), 1, "{trees}");
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_second_track_waits_for_a_file_that_the_first_one_has() {
    let Some(mut given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    given.agree("--although refinery");
    let first = given.id("phase1/task1");

    given.track = "gift-cards_20260318";
    given.plan_is(
        "# Implementation Plan: Gift cards\n\n## Phase 1: Buying one\n<!-- execution: parallel -->\n<!-- depends: -->\n\n\
         - [ ] Task 1: Gift cards count as bought together\n  <!-- files: src/pairings/bought.ts -->\n\
         - [ ] Task 2: Code and its mail\n  <!-- files: src/gift-card/code.ts -->\n",
    );
    let items = |data: &Value| -> Vec<String> {
        let begins = data["begins"].as_array().expect("a list").iter();
        begins
            .map(|begins| begins["item"].as_str().expect("text").to_owned())
            .collect()
    };
    // A sub-agent would write into that file as well.
    let natively = given.data(&["--mode", "native", "--anyway", "--dry-run"]);
    assert_eq!(items(&natively), ["1.2"], "{natively}");
    assert!(
        natively["held_back"]
            .to_string()
            .contains(&format!("{first} of {TRACK}")),
        "{natively}"
    );
    let begun = given.agree("--although refinery --anyway");
    assert_eq!(items(&begun), ["1.2"], "{begun}");
    let waits = given.data(&["--although", "refinery", "--anyway", "--yes"]);
    assert_eq!(waits["what"], "nothing", "{waits}");
    let held_back = waits["held_back"].to_string();
    assert!(
        held_back.contains("src/pairings/bought.ts") && held_back.contains(&format!("{first} of {TRACK}")),
        "{held_back}"
    );
    // Handed in is not merged: it waits still.
    given.town.let_go(&first);
    given.town.until_submitted(&first);
    let waits = given.data(&["--although", "refinery", "--anyway", "--yes"]);
    assert!(waits["held_back"].to_string().contains(&first), "{waits}");

    given.track = TRACK;
    given.merged(&["phase1/task1"]);
    given.track = "gift-cards_20260318";
    let goes = given.data(&["--although", "refinery", "--anyway", "--yes"]);
    assert_eq!(items(&goes), ["1.1"], "{goes}");
}
