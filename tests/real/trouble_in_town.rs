//! What goes wrong on the way, on the real tools: workers that die, give up or put off, a refinery that stops, and what others do to
//! the plan meanwhile. All but one are of `just real-all`.

use std::ffi::OsStr;
use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::TRACK;
use crate::between::disturbed_in;
use crate::given::Given;
use crate::script::Terminal;
use crate::town::{Act, RIG, said, until};

const FIRST: &str = "Count which products are bought*";
const SECOND: &str = "Count which products are looked*";

/// What the person is told about an item.
fn asked(data: &Value, item: &str) -> (String, String) {
    let asks = data["asks"].as_array().expect("a list").iter();
    let found = asks
        .clone()
        .find(|asks| asks["item"] == item)
        .unwrap_or_else(|| panic!("nothing about {item}: {data}"));
    let text = |name: &str| found[name].as_str().expect("text").to_owned();
    (text("why"), text("next"))
}

/// Ends the session of the polecat that has a bead.
fn kill_session(given: &Given, bead: &str) {
    let session = format!("=sp-{}", given.town.polecat(bead));
    let ended = given
        .town
        .tmux()
        .args(["kill-session", "-t", &session])
        .status()
        .expect("tmux");
    assert!(ended.success());
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_worker_that_dies_gives_up_or_puts_off_is_a_persons_and_its_work_is_given_out_anew() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell(FIRST, Act::Hang);
    given.town.tell(SECOND, Act::Escalate);
    given.agree("--although refinery");
    let (first, second) = (given.id("phase1/task1"), given.id("phase1/task2"));
    given.until_closed(&second);
    kill_session(&given, &first);
    let seen = given.data(&["--although", "refinery"]);
    assert!(asked(&seen, "1.1").0.contains("its session does not run"), "{seen}");
    let (why, next) = asked(&seen, "1.2");
    assert!(
        why.contains("gave it up") && next.contains(&format!("--release {second}")),
        "{why} {next}"
    );
    assert_eq!(
        seen["what"], "nothing",
        "what waits for a person is given to nobody: {seen}"
    );
    assert_eq!(given.code(&["--release", "2.1"]), "at-work");
    // The Mayor knows, and is told once.
    given.data(&["--although", "refinery"]);
    let escalations = given.town.gt_json(&["escalate", "list", "--json"]);
    let ours = escalations.to_string().matches("gave up 1.2 of").count();
    assert!(ours > 0, "{escalations}");
    let (writes, _) = given.audit();
    assert_eq!(writes.get("escalate"), Some(&1), "{writes:?}");
    // What was committed is safe, whatever becomes of the polecat.
    let branch = format!("refs/heads/polecat/*/{second}@*");
    let left = given
        .town
        .git_in_rig(&["for-each-ref", "--format=%(objectname)", &branch]);
    let rescued = format!("refs/heads/rescued/{second}-*");
    let rescued = given.town.git(&["ls-remote", "origin", &rescued]);
    assert!(
        left.trim().len() == 40 && rescued.starts_with(left.trim()),
        "{rescued}, not {left}"
    );

    given.town.tell(FIRST, Act::Defer);
    given.town.tell(SECOND, Act::Wait);
    let offered = given.data(&["--although", "refinery", "--release", &first]);
    assert_eq!(offered["begins"][0]["item"], "1.1", "{offered}");
    given.data(&["--although", "refinery", "--release", &second]);
    let begun = given.data(&["--although", "refinery", "--yes"]);
    assert_eq!(begun["begins"].as_array().map(Vec::len), Some(2), "{begun}");

    given.until_put_off(&first);
    until("the worker is idle", || {
        let seen = given.data(&["--although", "refinery"]);
        let asks = seen["asks"].as_array().expect("a list").iter();
        asks.map(|asks| asks["why"].as_str().expect("text"))
            .any(|why| why.contains("put it off"))
            .then_some(())
    });
    given.town.tell(FIRST, Act::Wait);
    given.data(&["--although", "refinery", "--release", "1.1"]);
    given.data(&["--although", "refinery", "--yes"]);
    given.finish(&["phase1/task1", "phase1/task2"]);
    given.data(&["--although", "refinery"]);
    assert_eq!(given.plan().matches("- [x] Task").count(), 2, "{}", given.plan());
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_refinery_that_does_not_run_or_stops_in_between_is_told() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell_all(FIRST, Act::Work, "conductor/workflow.md", "-");
    given.agree("--although refinery");
    // The refinery takes whichever it finds first.
    for key in ["phase1/task1", "phase1/task2"] {
        given.town.until_submitted(&given.id(key));
    }
    let seen = given.data(&["--although", "refinery"]);
    let (why, _) = asked(&seen, "1.1");
    assert!(
        why.contains("the refinery does not run") && why.contains("it changes conductor/workflow.md"),
        "{seen}"
    );
    assert!(!asked(&seen, "1.2").0.contains("conductor/"), "{seen}");

    fs::write(given.town.path("ctl/refinery-dies"), "").expect("written");
    given.town.refine_once();
    fs::remove_file(given.town.path("ctl/refinery-dies")).expect("removed");
    let seen = given.data(&["--although", "refinery"]);
    let stopped = seen["asks"].as_array().expect("a list").iter().find(|asks| {
        asks["why"]
            .as_str()
            .is_some_and(|why| why.contains("the refinery stopped in between"))
    });
    let item = stopped.unwrap_or_else(|| panic!("{seen}"))["item"]
        .as_str()
        .expect("text")
        .to_owned();
    given.data(&["--although", "refinery", "--merged", &item]);
    let name = item.rsplit('.').next().expect("a number");
    assert!(
        given.plan().contains(&format!("- [x] Task {name}: ")),
        "{}",
        given.plan()
    );
}

/// A refinery that is quicker than the worker's `gt done` leaves the bead closed for no reason, and its merge request is cleared away: to
/// Gas Town that is the same as work that was given up.
#[test]
#[ignore = "one of `just real-all`"]
fn what_is_on_the_target_is_done_though_gas_town_knows_no_merge_of_it() {
    let Some(given) = Given::new(&[]) else { return };
    given.agree("--although refinery");
    let (first, second) = (given.id("phase1/task1"), given.id("phase1/task2"));
    let requests = [&first, &second].map(|bead| given.town.until_submitted(bead));
    fs::write(given.town.path("ctl/refinery-dies"), "").expect("written");
    given.town.refine_once();
    let merged = given.town.git(&["ls-remote", "origin", "main"]);
    for request in &requests {
        given.town.bd(&["delete", request, "--force"]);
    }
    // The one that the refinery came to is done, with its commit; the other one was given up, as far as anybody can tell.
    let seen = given.data(&["--although", "refinery"]);
    let plan = given.plan();
    assert_eq!(plan.matches("- [x] Task").count(), 1, "{plan}");
    let sha = merged.get(..7).expect("a commit");
    assert!(plan.contains(&format!("[{sha}]")), "{merged}: {plan}");
    let asks = seen["asks"].as_array().expect("a list");
    assert_eq!(asks.len(), 1, "{seen}");
    let (writes, _) = given.audit();
    assert_eq!(writes.get("escalate"), Some(&1), "{writes:?}");
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_conflict_is_shown_and_nothing_goes_on_behind_it() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell_all(FIRST, Act::Wait, "src/same.txt", "-");
    given.town.tell_all(SECOND, Act::Wait, "src/same.txt", "-");
    given.agree("--although refinery");
    for key in ["phase1/task1", "phase1/task2"] {
        let id = given.id(key);
        given.town.let_go(&id);
        given.town.until_submitted(&id);
    }
    given.town.refine();
    let seen = given.data(&["--although", "refinery", "--yes"]);
    let conflicts: Vec<&Value> = seen["at_work"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|at| at["state"] == "conflict")
        .collect();
    assert_eq!(conflicts.len(), 1, "{seen}");
    assert_eq!(given.plan().matches("- [x] Task").count(), 1, "{}", given.plan());
}

#[test]
#[ignore = "one of `just real-all`"]
fn without_a_merge_queue_a_person_merges_and_says_so() {
    let Some(given) = Given::new(&[]) else { return };
    given.write(
        "conductor/beads.json",
        r#"{"enabled": true, "gastown": {"enabled": true, "use_refinery": false, "convoy_notify": true}}"#,
    );
    given.town.tell_all(SECOND, Act::Work, "-", "feat: one|feat: two");
    given.agree("");
    assert_eq!(given.audit().0.get("convoy-watch"), Some(&1));
    let first = given.id("phase1/task1");
    given.until_closed(&first);
    let seen = given.data(&[]);
    let (why, next) = asked(&seen, "1.1");
    assert!(why.contains("in no merge queue"), "{seen}");
    // Git sees what was merged; a person says what it can't see.
    let branch = next.split('`').nth(1).expect("the branch");
    given.town.git(&["fetch", "--quiet"]);
    given
        .town
        .git(&["merge", "--quiet", "--no-edit", &format!("origin/{branch}")]);
    given.town.git(&["push", "--quiet"]);
    let sha = given.town.git(&["rev-parse", &format!("origin/{branch}")])[..7].to_owned();
    let seen = given.data(&[]);
    let line = format!("- [x] Task 1: Count which products are bought together [{sha}]");
    assert!(given.plan().contains(&line), "{} {seen}", given.plan());
    let second = given.id("phase1/task2");
    given.until_closed(&second);
    // A part of it that somebody has picked is not all of it.
    let (_, next) = asked(&given.data(&[]), "1.2");
    let branch = next.split('`').nth(1).expect("the branch");
    given.town.git(&["fetch", "--quiet"]);
    given.town.git(&["cherry-pick", &format!("origin/{branch}~1")]);
    given.town.git(&["push", "--quiet"]);
    let (why, _) = asked(&given.data(&[]), "1.2");
    assert!(why.contains("in no merge queue"), "{why}");
    given.town.git(&["cherry-pick", &format!("origin/{branch}")]);
    given.town.git(&["push", "--quiet"]);
    let seen = given.data(&[]);
    let sha = given.town.git(&["rev-parse", "HEAD"])[..7].to_owned();
    let line = format!("- [x] Task 2: Count which products are looked at together [{sha}]");
    assert!(given.plan().contains(&line), "{} {seen}", given.plan());
    // And what git can't see a person says.
    given.data(&["--yes"]);
    let third = given.id("phase1/task3");
    given.until_closed(&third);
    let plan = given.plan().replacen("- [~] Task 3: Leave", "- [x] Task 3: Leave", 1);
    given.write(&format!("conductor/tracks/{TRACK}/plan.md"), &plan);
    let seen = given.data(&[]);
    assert_eq!(seen["asks"], json!([]), "{seen}");
}

/// A project that the town does not know yet, for as long as this looks.
fn becomes_a_rig(given: &Given) {
    let remote = given.town.git(&["remote", "get-url", "origin"]);
    let other = given.town.path("other.git").display().to_string();
    given.town.git(&["clone", "--quiet", "--bare", remote.trim(), &other]);
    let url = format!("file://{other}");
    given.town.git(&["remote", "set-url", "origin", &url]);
    let unknown = given.envelope(&["--mode", "gastown"]);
    assert_eq!(unknown["error"]["code"], "no-rig", "{unknown}");
    assert_eq!(
        unknown["error"]["choices"][0]["args"],
        json!([TRACK, "--mode=gastown", "--add-rig"])
    );
    // In auto mode it is said, and where the ways out are.
    let natively = given.data(&[]);
    assert_eq!(natively["mode"], "native-task", "{natively}");
    assert!(natively["notes"].to_string().contains("--mode gastown"), "{natively}");
    let shown = given.data(&["--mode", "gastown", "--although", "refinery", "--add-rig"]);
    assert_eq!(
        (&shown["what"], &shown["rig"]),
        (&json!("plan"), &json!("project")),
        "{shown}"
    );
    assert_eq!(
        shown["changed"],
        json!(["the project is the rig `project` of the town"])
    );
    let again = given.data(&["--mode", "gastown", "--although", "refinery", "--add-rig"]);
    assert_eq!(again["changed"], json!([]), "{again}");
    given.town.git(&["remote", "set-url", "origin", remote.trim()]);
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_prefix_that_is_not_routed_and_a_repository_that_ignores_nothing_are_set_right() {
    let Some(given) = Given::new(&[]) else { return };
    becomes_a_rig(&given);
    // A second rig of the same repository, which comes first by its name: as `gt rig add` leaves it, and nobody has set it right.
    let remote = given.town.git(&["remote", "get-url", "origin"]);
    given.town.gt(&["rig", "add", "depot", remote.trim(), "--prefix", "dp"]);
    assert_eq!(given.code(&["--mode", "gastown"]), "rig-prefix");
    let ignores = given.read(".gitignore");
    given.write(".gitignore", "");
    assert_eq!(given.code(&["--mode", "gastown", "--init-rig"]), "not-ignored");
    given.data(&["--mode", "gastown", "--although", "ignores,refinery", "--add-ignores"]);
    let now = given.read(".gitignore");
    for name in ignores.lines() {
        assert!(now.lines().any(|line| line == name), "{name}: {now}");
    }
    let prepared = given.data(&["--mode", "gastown", "--prepare"]);
    assert_eq!(prepared["what"], "prepared", "{prepared}");
    let ids = given.metadata()["gastown_tasks"].clone();
    let ids: Vec<&str> = ids
        .as_object()
        .expect("ids")
        .values()
        .filter_map(Value::as_str)
        .collect();
    assert!(ids.len() > 5 && ids.iter().all(|id| id.starts_with("dp-")), "{ids:?}");
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_plan_that_is_edited_between_waves_is_followed() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    given.agree("--although refinery");
    let (first, second) = (given.id("phase1/task1"), given.id("phase1/task2"));
    let plan = given.plan();
    // The second is reworded while somebody has it, one comes before all, and the third goes.
    let edited = plan
        .replace("- [~] Task 1: Count which products are bought together", "- [ ] Task 1: no_merge: true\n  <!-- files: src/new.ts -->\n- [~] Task 2: Count which products are bought together")
        .replace("- [~] Task 2: Count which products are looked at together", "- [~] Task 3: Count which products are looked at together");
    let third = edited.find("- [ ] Task 3: Leave out").expect("the third");
    let gate = edited.find("- [ ] Task: Conductor").expect("the verification");
    let edited = format!("{}{}", &edited[..third], &edited[gate..]);
    given.write(&format!("conductor/tracks/{TRACK}/plan.md"), &edited);
    let begun = given.data(&["--although", "refinery,unpushed", "--yes"]);
    assert_eq!(begun["begins"][0]["item"], "1.1", "{begun}");
    let new = given.bead_titled("no_merge: true");
    for id in [&first, &second, &new] {
        given.town.let_go(id);
        given.town.until_submitted(id);
    }
    given.town.refine();
    let seen = given.data(&["--although", "refinery,unpushed"]);
    let plan = given.plan();
    assert_eq!(plan.matches("- [x] Task").count(), 3, "{plan}");
    assert_eq!(seen["due"][0]["phase"], "1", "{seen}");
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_silent_worker_outlives_the_next_wave() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell(FIRST, Act::Hang);
    given.town.tell(SECOND, Act::Wait);
    given.agree("--although refinery");
    let (first, second) = (given.id("phase1/task1"), given.id("phase1/task2"));
    thread::sleep(Duration::from_secs(240));
    given.town.let_go(&second);
    given.town.until_submitted(&second);
    given.town.refine();
    // An idle polecat would be used again, and that kills nobody.
    let idle = given.town.polecat(&second);
    given.town.gt(&["polecat", "nuke", &format!("{RIG}/{idle}"), "--force"]);
    let begun = given.data(&["--although", "refinery", "--yes"]);
    assert_eq!(begun["begins"][0]["item"], "1.3", "{begun}");
    let name = given.town.polecat(&first);
    let state = given
        .town
        .gt_json(&["polecat", "status", &format!("{RIG}/{name}"), "--json"]);
    assert_eq!(state["session_running"], true, "{state}");
}

/// Everything that can be begun is, two such runs at once give out nothing twice, and a track whose dispatch is stopped rests.
#[test]
#[ignore = "one of `just real-all`"]
fn every_track_begins_in_gas_town_and_one_that_is_stopped_rests() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    let variables = [("PATH", OsStr::new(given.town.variable("PATH")))];
    let project = given.town.project();
    let Some(mut terminal) = Terminal::start(&project, &given.town.home(), &variables, "consent add dispatch") else {
        return;
    };
    terminal.wait_for("[y/N]");
    terminal.keys("y\n");
    assert_eq!(terminal.end().0, Some(0));
    let auto = || {
        let output = given.run(
            &["dispatch", "--auto", "--json", "--although", "refinery,unpushed"],
            None,
        );
        let envelope: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        assert!(envelope["error"].is_null(), "{envelope}");
        envelope["data"].clone()
    };
    let of_track = |data: &Value| -> Value {
        let mut tracks = data["tracks"].as_array().into_iter().flatten();
        let found = tracks.find(|track| track["track"] == TRACK);
        found.unwrap_or_else(|| panic!("{data}")).clone()
    };
    let both = thread::scope(|scope| [scope.spawn(auto), scope.spawn(auto)].map(|run| run.join().expect("it ends")));
    let begun: Vec<Value> = both
        .iter()
        .map(of_track)
        .filter(|track| track["what"] == "begun")
        .collect();
    let [begun] = &begun[..] else {
        panic!("one of them begins it: {both:?}")
    };
    assert_eq!(
        (&begun["mode"], begun["begins"].as_array().map(Vec::len)),
        (&json!("gastown"), Some(2)),
        "{begun}"
    );
    let slung = given.audit().0.get("sling").copied().unwrap_or_default();
    let open = given.beads();
    let taken = open.as_array().expect("beads").iter();
    let taken = taken.filter(|bead| bead["status"] == "hooked" || bead["status"] == "in_progress");
    assert_eq!(taken.count(), slung, "each sling is another bead's: {open}");

    assert_eq!(given.data(&["--abort"])["what"], "stopped");
    given.finish(&["phase1/task1", "phase1/task2"]);
    let rests = of_track(&auto());
    assert_eq!(
        (&rests["what"], &rests["begins"][0]["item"]),
        (&json!("plan"), &json!("1.3")),
        "what is merged is marked, and nothing begins: {rests}"
    );
    assert_eq!(given.bead("phase1/task3")["status"], "open");
}

#[test]
#[ignore = "one of `just real-all`"]
fn two_checkouts_of_one_project_give_out_nothing_twice() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Hang);
    given.agree("--although refinery");
    let other = given.other_checkout();
    let seen = given.data_in(&other, &["--mode", "gastown", "--although", "refinery"]);
    assert_eq!(
        (seen["what"].as_str(), seen["makes"].as_u64()),
        (Some("nothing"), Some(0)),
        "{seen}"
    );
    assert_eq!(seen["at_work"].as_array().map(Vec::len), Some(2), "{seen}");
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_crew_member_gets_one_item_at_a_time() {
    let Some(given) = Given::new(&[]) else { return };
    let begun = given.agree("--although refinery --crew mel");
    let changed = begun["changed"].to_string();
    assert!(changed.contains("shop/crew/mel was started"), "{begun}");
    assert_eq!(begun["begins"].as_array().map(Vec::len), Some(1), "{begun}");
    assert_eq!(given.bead("phase1/task1")["assignee"], "shop/crew/mel");
    // The track is hers from now on, one item at a time.
    assert_eq!(given.metadata()["gastown_crew"], "mel");
    let consents = given.town.conductor(&["consent", "list", "--json"]);
    assert!(
        !said(&consents).contains("track:"),
        "no standing yes starts a session: {}",
        said(&consents)
    );
    let again = given.data(&["--although", "refinery", "--yes"]);
    assert_eq!(again["what"], "nothing", "{again}");

    // She has no `gt done`: she brings it to the target herself, and closes her bead.
    let first = given.id("phase1/task1");
    let text = given.bead("phase1/task1")["description"].to_string();
    assert!(
        text.contains(&format!("end with `bd close {first}`")) && !text.contains("gt done"),
        "{text}"
    );
    given.town.bd(&["close", &first]);
    let seen = given.data(&["--although", "refinery"]);
    assert!(asked(&seen, "1.1").0.contains("no commit of the target"), "{seen}");
    let clone = given.town.rig().join("crew/mel").display().to_string();
    let git = |arguments: &[&str]| given.town.git(&[&["-C", &clone], arguments].concat());
    git(&["pull", "--quiet", "--rebase"]);
    let subject = format!("feat: count ({first})");
    git(&["commit", "--quiet", "--allow-empty", "--message", &subject]);
    git(&["push", "--quiet"]);
    let sha = git(&["rev-parse", "HEAD"])[..7].to_owned();
    let next = given.data(&["--although", "refinery"]);
    assert_eq!(next["begins"][0]["item"], "1.2", "{next}");
    let line = format!("- [x] Task 1: Count which products are bought together [{sha}]");
    assert!(given.plan().contains(&line), "{}", given.plan());
    let back = given.data(&["--although", "refinery", "--polecats"]);
    assert_eq!(back["begins"][0]["item"], "1.2", "{back}");
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_long_track_can_go_to_a_crew_member() {
    let Some(given) = Given::new(&[]) else { return };
    let plan: String = (1..=6)
        .map(|phase| format!("\n## Phase {phase}: Part {phase}\n- [ ] Task 1: Write part {phase}\n"))
        .collect();
    given.write(&format!("conductor/tracks/{TRACK}/plan.md"), &format!("# Plan\n{plan}"));
    given
        .town
        .git(&["commit", "--quiet", "--all", "--message", "plan: six parts"]);
    given.town.git(&["push", "--quiet"]);
    let shown = given.run(&["dispatch", TRACK, "--although", "refinery", "--dry-run"], None);
    assert!(
        said(&shown).contains("it takes 6 waves: `--crew NAME`"),
        "{}",
        said(&shown)
    );
    given.town.gt(&["crew", "add", "mel", "--rig", RIG]);
    let shown = given.run(&["dispatch", TRACK, "--although", "refinery", "--dry-run"], None);
    let way = format!(
        "Crew member mel instead (one item after the other, in one session that keeps what it has learnt): `conductor dispatch {TRACK} --crew=mel --although=refinery`"
    );
    assert!(said(&shown).contains(&way), "{}", said(&shown));
    let begun = given.agree("--although refinery --crew mel");
    assert!(
        begun["changed"].to_string().contains("shop/crew/mel was started"),
        "{begun}"
    );
    assert_eq!(given.bead("phase1/task1")["assignee"], "shop/crew/mel");
}

/// `gt` gives out all at once whatever it waits for, so it is let do that only where nothing waits.
#[test]
#[ignore = "one of `just real-all`"]
fn gas_town_gives_out_one_wave_by_itself() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    assert_eq!(given.code(&["--launch"]), "not-one-wave");
    given.one_wave();
    let begun = given.agree("--launch");
    assert_eq!(begun["begins"].as_array().map(Vec::len), Some(2), "{begun}");
    assert!(begun["changed"].to_string().contains(" launched"), "{begun}");
    let (writes, _) = given.audit();
    assert_eq!(
        (writes.get("convoy-launch"), writes.get("sling")),
        (Some(&1), None),
        "{writes:?}"
    );
    let again = given.data(&["--launch", "--yes"]);
    assert_eq!(again["what"], "nothing", "{again}");
    given.finish(&["phase1/task1", "phase1/task2"]);
    let done = given.data(&[]);
    assert_eq!(done["what"], "done", "{done}");
}

/// Between the look that finds the plan covered by a standing yes, and the one that begins it, a person edits the plan.
#[test]
fn a_plan_that_changes_between_a_look_and_its_beginning_is_looked_at_again() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Wait);
    given.consent();
    let plan = given.town.project().join(format!("conductor/tracks/{TRACK}/plan.md"));
    let edit = format!(
        "sed -i 's/^- \\[ \\] Task 2: Count/- [-] Task 2: Count/' '{}'\n",
        plan.display()
    );
    fs::write(given.town.path("ctl/edit"), edit).expect("written");
    disturbed_in(
        &given,
        "dispatch",
        "git * check-ignore *",
        "edit",
        &["--although", "refinery,unpushed", "--yes"],
    );
    assert!(given.plan().contains("- [-] Task 2: Count"), "{}", given.plan());
    let seen = given.data(&["--although", "refinery,unpushed"]);
    let at_work = seen["at_work"].as_array().into_iter().flatten();
    let at_work: Vec<&Value> = at_work.map(|at| &at["title"]).collect();
    assert_eq!(
        at_work,
        [
            "Count which products are bought together",
            // It waited for what was taken out.
            "Leave out what is out of stock or was bought before"
        ],
        "{seen}"
    );
    let (writes, _) = given.audit();
    assert_eq!(writes.get("sling"), Some(&2), "begun in the same run: {writes:?}");
}
