//! The real Beads and Gas Town: the fixture brings work into each of its states, and what plugins declare as reading changes nothing.
//!
//! Needs `bd`, `gt` and `dolt` as `tests/real/install.sh` builds them, and `tmux`; says that it skips where one is missing, and
//! fails instead where `CI` or `CONDUCTOR_REQUIRE_REAL` is set.
#![cfg(target_os = "linux")]

#[path = "real/doctor.rs"]
mod doctor;
#[path = "real/formula.rs"]
mod formula;
#[path = "real/reads.rs"]
mod reads;
#[path = "real/redirect.rs"]
mod redirect;
#[path = "real/status.rs"]
mod status;
#[path = "real/tape.rs"]
mod tape;
#[path = "real/town/mod.rs"]
mod town;
#[path = "real/ways.rs"]
mod ways;

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use doctor::Report;
use reads::Ground;
use serde_json::Value;
use town::{Act, BeadsProject, Footprint, Town, said, until};

const TRACK: &str = "pairings_20260316";

/// A formula that a project may have.
const FORMULA: &str = ".beads/formulas/conductor-task.formula.toml";

/// What `bd` says of a bead, in a line: its status and why it was closed.
fn state(town: &Town, bead: &str) -> String {
    let bead = town.bead(bead);
    let text = |key: &str| bead[key].as_str().unwrap_or_default().to_owned();
    let reason = text("close_reason");
    format!("{} {}", text("status"), reason.lines().next().unwrap_or_default())
        .trim_end()
        .to_owned()
}

/// The bead that says how the merge request of a bead fares.
fn request(town: &Town, bead: &str) -> Value {
    let id = town
        .merge_request(bead)
        .unwrap_or_else(|| panic!("{bead} has no merge request"));
    town.bead(&id)
}

/// The branch that is to be merged for a bead.
fn branch(town: &Town, bead: &str) -> String {
    let request = request(town, bead);
    let description = request["description"].as_str().expect("text");
    let branch = description.lines().find_map(|line| line.strip_prefix("branch: "));
    branch.expect("a branch").to_owned()
}

#[test]
fn work_is_seen_in_each_of_its_states_and_no_declared_read_changes_anything() {
    let Some(town) = Town::up() else { return };
    let titles = [
        "Open",
        "Working",
        "Submitted",
        "Merged",
        "One",
        "Other",
        "Rejected",
        "Stalled",
        "Escalated",
        "Deferred",
        "Without changes",
    ];
    let [
        open,
        working,
        submitted,
        merged,
        one,
        other,
        rejected,
        stalled,
        escalated,
        deferred,
        unchanged,
    ] = town.beads(TRACK, titles);
    let convoy = town.convoy(&format!("Conductor: {TRACK}"), &[&open, &working, &submitted]);

    town.merged(&merged);
    assert_eq!(
        state(&town, &merged),
        format!(
            "closed Merged in {}",
            request(&town, &merged)["id"].as_str().expect("text")
        )
    );
    assert_eq!(request(&town, &merged)["close_reason"], "merged");
    let on_main = town.git(&["ls-remote", "origin", "main"]);
    town.git(&["fetch", "--quiet"]);
    let files = town.git(&[
        "ls-tree",
        "-r",
        "--name-only",
        on_main.split_whitespace().next().expect("a commit"),
        "src",
    ]);
    assert_eq!(files.trim(), format!("src/{merged}.txt"));

    let (first, second) = town.conflict(&one, &other);
    assert!(
        state(&town, &first).starts_with("closed Merged in "),
        "{}",
        state(&town, &first)
    );
    assert_eq!(state(&town, &second), "closed Closed");
    let waits = request(&town, &second);
    assert_eq!(waits["status"], "open");
    let task = waits["dependencies"][0]["title"].as_str().expect("the task").to_owned();
    assert!(task.starts_with("Resolve merge conflicts: O"), "{task}");

    town.rejected(&rejected);
    assert_eq!(state(&town, &rejected), "closed Closed");
    assert_eq!(
        request(&town, &rejected)["close_reason"],
        "rejected: not what was asked for"
    );

    town.escalated(&escalated);
    assert_eq!(state(&town, &escalated), "closed Closed");
    assert_eq!(town.merge_request(&escalated), None);

    town.deferred(&deferred);
    assert_eq!(state(&town, &deferred), "hooked");

    town.without_changes(&unchanged);
    assert_eq!(
        state(&town, &unchanged),
        "closed Completed with no code changes (already fixed or pushed directly to main)"
    );

    town.stalled(&stalled);
    assert_eq!(state(&town, &stalled), "hooked");
    let polecat = town.polecat(&stalled);
    let seen = town.gt_json(&["polecat", "status", &format!("{}/{polecat}", town::RIG), "--json"]);
    assert_eq!(seen["session_running"], false, "{seen}");

    town.working(&working);
    assert_eq!(state(&town, &working), "hooked");
    let polecat = town.polecat(&working);
    let seen = town.gt_json(&["polecat", "status", &format!("{}/{polecat}", town::RIG), "--json"]);
    assert_eq!(seen["session_running"], true, "{seen}");

    let in_queue = town.submitted(&submitted);
    let branch = branch(&town, &submitted);
    let queue = town.gt_json(&["refinery", "queue", town::RIG, "--json"]);
    let queued: Vec<&str> = queue
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|entry| entry["mr"]["id"].as_str())
        .collect();
    assert!(queued.contains(&in_queue.as_str()), "{queue}");

    town.mail("a question");
    let inbox = town.gt_json(&["mail", "inbox", "--json"]);
    assert_eq!(inbox[0]["subject"], "a question", "{inbox}");

    assert_eq!(state(&town, &open), "open");
    let counted = town.gt_json(&["convoy", "status", &convoy, "--json"]);
    assert_eq!(
        (&counted["total"], &counted["completed"]),
        (&3.into(), &1.into()),
        "{counted}"
    );

    let ground = Ground {
        project: town.project(),
        town: Some(town.root()),
        watched: vec![town.project(), town.root(), town.remote()],
        variables: variables(&town.conductor_command()),
    };
    let head = town.git(&["rev-parse", "HEAD"]);
    let blob = town.git(&["rev-parse", "HEAD:conductor/tracks.md"]);
    let values = [
        ("remote", "origin"),
        ("blob", blob.trim()),
        ("rig", town::RIG),
        ("track", TRACK),
        ("bead", &working),
        ("convoy", &convoy),
        ("polecat", &polecat),
        ("request", &in_queue),
        ("target", "main"),
        ("branch", &branch),
        ("ids", &working),
        ("sha", head.trim()),
        ("since", "2026-01-01T00:00:00Z"),
        ("tip", head.trim()),
        ("paths", "conductor/tracks.md"),
        ("path", "conductor"),
        ("own", "main"),
        ("file", FORMULA),
        ("town-file", ".beads/formulas/mol-polecat-work.formula.toml"),
    ];
    reads::check(&ground, &values);

    status::dispatched(&town.project(), TRACK, &convoy);
    // On a slow machine it may be gone by now: each new polecat ends the sessions that were silent for three minutes.
    let seen = town.gt_json(&["polecat", "status", &format!("{}/{polecat}", town::RIG), "--json"]);
    let at_work = if seen["session_running"] == true {
        "working"
    } else {
        "stalled"
    };
    let expected: [(&str, &[&str]); 11] = [
        (&open, &["open"]),
        (&working, &[at_work]),
        (&submitted, &["submitted"]),
        (&merged, &["merged"]),
        (&first, &["merged"]),
        (&second, &["conflict"]),
        // Gas Town clears closed merge requests away when the next worker is done: then it looks as if there was none.
        (&rejected, &["rejected", "escalated"]),
        (&stalled, &["stalled"]),
        (&escalated, &["escalated"]),
        (&deferred, &["deferred"]),
        (&unchanged, &["no_change"]),
    ];
    status::check_town(&town, TRACK, &convoy, &expected, &second);
    for arguments in [&["status"][..], &["status", "--format", "claude"]] {
        tape::check(|| town.conductor_command(), arguments);
    }

    town.stop_dolt();
    status::check_down(&town);
    let down = town
        .command("bd")
        .args(["list", "--json"])
        .current_dir(town.rig())
        .output()
        .expect("bd starts");
    assert!(
        said(&down).contains("unreachable") && !down.status.success(),
        "{}",
        said(&down)
    );
    assert_eq!(town.gt_json(&["status", "--json", "--fast"])["dolt"]["running"], false);
    town.start_dolt();
    until("bd answers again", || {
        let mut list = town.command("bd");
        list.args(["list", "--json"]).current_dir(town.rig());
        list.output().expect("bd starts").status.success().then_some(())
    });
}

#[test]
fn doctor_names_each_step_towards_a_dispatch_in_a_town() {
    let Some(town) = Town::up() else { return };
    let wrong = |wanted: &[&str]| {
        let report = Report::of_town(&town, "gastown");
        assert_eq!(report.wrong(), wanted);
        report
    };
    let [bead] = town.beads(TRACK, ["Open"]);
    town.convoy(&format!("Conductor: {TRACK}"), &[&bead]);
    let report = wrong(&["gt-with-bd"]);
    assert_eq!(report.check("gt")[1], "gt 1.2.1");
    assert_eq!(report.check("bd")[1], "bd 1.0.5");
    assert_eq!(report.check("dolt")[1], "dolt 2.1.4");
    assert_eq!(report.check("rig")[1], format!("rig {}", town::RIG));
    // The bridge in this town makes bd answer as gt expects.
    assert!(
        !report.check("gt-with-bd")[1].contains("0/0"),
        "{:?}",
        report.check("gt-with-bd")
    );

    let ignore = town.project().join(".gitignore");
    let ignored = fs::read_to_string(&ignore).expect("town.sh wrote it");
    fs::write(&ignore, ignored.replace(".runtime/\n", "").replace("CLAUDE.md\n", "")).expect("written");
    let report = wrong(&["gt-with-bd", "ignored"]);
    assert!(
        report.check("ignored")[1].ends_with(": CLAUDE.md .runtime/"),
        "{:?}",
        report.check("ignored")
    );
    assert!(report.is_missing());
    fs::write(&ignore, ignored).expect("written");

    // A rig as `gt rig add` leaves it: its beads begin with its name, not with the prefix that was asked for.
    let trap = town.path("remotes/trap.git");
    let trap = format!("file://{}", trap.display());
    town.git(&[
        "clone",
        "--quiet",
        "--bare",
        &format!("file://{}", town.remote().display()),
        trap.trim_start_matches("file://"),
    ]);
    town.git(&["remote", "set-url", "origin", &trap]);
    let report = wrong(&["gt-with-bd", "rig"]);
    assert!(
        report.check("rig")[2].contains(&format!("`gt rig add project {trap}`")),
        "{:?}",
        report.check("rig")
    );
    town.gt(&["rig", "add", "trap", &trap, "--prefix", "tp"]);
    let report = wrong(&["gt-with-bd", "prefix"]);
    let [_, text, next] = report.check("prefix");
    assert!(text.contains("`trap-`") && text.contains("`tp-`"), "{text}");
    assert_eq!(next, "`gt dolt init-rig trap` in the town");
    town.gt(&["dolt", "init-rig", "trap"]);
    wrong(&["gt-with-bd"]);

    town.stop_dolt();
    let report = wrong(&["gt-with-bd", "dolt-server"]);
    assert_eq!(report.check("dolt-server")[2], "`gt dolt start` in the town");
}

#[test]
fn no_declared_read_changes_a_project_that_has_beads_alone() {
    let Some(project) = BeadsProject::new() else { return };
    let [first, second] = project.beads(TRACK, ["Open", "Another"]);
    project.bd(&["update", &first, "--claim"]);
    project.git(&["remote", "add", "origin", "https://example.invalid/shop.git"]);
    let installed = project.conductor(&["formula", "install", "conductor-task"]);
    assert!(said(&installed).contains(FORMULA), "{}", said(&installed));
    assert_eq!(
        project
            .bd_json(&["list", "--all", "--limit", "0", "--json"])
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    let ground = Ground {
        project: project.project(),
        town: None,
        watched: vec![project.project(), project.home()],
        variables: variables(&project.conductor_command()),
    };
    let head = project.git(&["rev-parse", "HEAD"]);
    let values = [
        ("track", TRACK),
        ("bead", first.as_str()),
        ("ids", first.as_str()),
        ("sha", head.trim()),
        ("since", "2026-01-01T00:00:00Z"),
        ("tip", head.trim()),
        ("paths", "conductor/tracks.md"),
        ("path", "conductor"),
        ("own", "main"),
        ("remote", "origin"),
        ("branch", "main"),
        ("file", FORMULA),
    ];
    reads::check(&ground, &values);

    // Such a change is seen: why no plugin declares `bd show` as reading.
    let before = Footprint::of(&ground.watched);
    project.bd(&["--readonly", "show", &second, "--json"]);
    let changed = before.changed(&Footprint::of(&ground.watched));
    assert_eq!(changed, [project.project().join(".beads/last-touched")]);

    status::check_beads(&project, &first);
    for arguments in [&["status"][..], &["status", "--json"], &["doctor"]] {
        tape::check(|| project.conductor_command(), arguments);
    }
    assert_eq!(Report::of_beads(&project).wrong(), Vec::<&str>::new());
    project.corrupt();
    status::check_corrupt(&project);
    let report = Report::of_beads(&project);
    assert_eq!((report.wrong(), report.is_missing()), (vec!["beads"], true));
    let answer = project
        .command("bd")
        .args(["list", "--json"])
        .output()
        .expect("bd starts");
    assert!(
        answer.status.success() && answer.stdout.starts_with(b"[]"),
        "{}",
        said(&answer)
    );
}

/// `just bench-live` runs it on an otherwise idle machine; a test that asserted a time would fail on a busy one.
#[test]
#[ignore = "measures, and asserts nothing"]
fn how_long_a_live_status_takes_beside_its_slowest_call() {
    const RUNS: usize = 15;
    let Some(town) = Town::up() else { return };
    let [open, submitted] = town.beads(TRACK, ["Open", "Submitted"]);
    let request = town.submitted(&submitted);
    let convoy = town.convoy(&format!("Conductor: {TRACK}"), &[&open, &submitted]);
    status::dispatched(&town.project(), TRACK, &convoy);
    let branch = branch(&town, &submitted);
    let ground = Ground {
        project: town.project(),
        town: Some(town.root()),
        watched: Vec::new(),
        variables: variables(&town.conductor_command()),
    };
    let polecat = town.polecat(&submitted);
    let values = [
        ("rig", town::RIG),
        ("track", TRACK),
        ("bead", &open),
        ("convoy", &convoy),
        ("polecat", &polecat),
        ("request", &request),
        ("target", "main"),
        ("branch", &branch),
    ];
    let alone = reads::alone(&ground, "status", &values, RUNS);
    let run = || {
        let began = std::time::Instant::now();
        let output = town.conductor(&["status"]);
        assert!(said(&output).contains("### Gastown Status"), "{}", said(&output));
        began.elapsed()
    };
    // The project has no database of its own, and what a branch changes is asked once its conflict is known.
    let asked = |name: &str| !name.starts_with("beads-") && name != "rig-changes";
    let floor = reads::at_once(&ground, "status", &values, RUNS, asked);
    // In turn with the slowest call alone, so that a slow moment of the machine meets both.
    let slowest = alone[0].0.clone();
    let once = || reads::at_once(&ground, "status", &values, 1, |name| name == slowest);
    let (alone_in_turn, whole): (Vec<_>, Vec<_>) = (0..RUNS).map(|_| (once(), run())).unzip();
    let (slowest_alone, whole) = (reads::median(alone_in_turn), reads::median(whole));
    for (name, time) in &alone {
        println!("{:>8.1} ms  {name}, alone", time.as_secs_f64() * 1e3);
    }
    let times = |of: std::time::Duration| whole.as_secs_f64() / of.as_secs_f64();
    println!("{:>8.1} ms  all that it asks, at once", floor.as_secs_f64() * 1e3);
    println!(
        "{:>8.1} ms  the slowest alone, in turn with the status",
        slowest_alone.as_secs_f64() * 1e3
    );
    println!(
        "{:>8.1} ms  the live status: {:.2} times the slowest alone, {:.2} times all at once",
        whole.as_secs_f64() * 1e3,
        times(slowest_alone),
        times(floor)
    );
}

#[test]
fn what_a_clone_brings_is_a_wish() {
    let Some(project) = BeadsProject::new() else { return };
    project.beads(TRACK, ["Open"]);
    status::check_wishes_of_a_clone(&project);
}

#[test]
fn a_bd_waits_for_the_lock_of_an_embedded_database_without_end() {
    let Some(project) = BeadsProject::new() else { return };
    let held = project.lock();
    let mut list = project.command("timeout");
    let output = list.args(["3", "bd", "list", "--json"]).output().expect("bd starts");
    assert!(
        said(&output).contains("locked by another dolt process"),
        "{}",
        said(&output)
    );
    drop(held);
    project.bd(&["list", "--json"]);
}

#[test]
fn without_the_bridge_formulas_fail_and_convoys_count_nothing() {
    let Some(town) = Town::up_with(&["BRIDGE=0"]) else {
        return;
    };
    let [bead] = town.beads(TRACK, ["Working"]);
    let convoy = town.convoy("Conductor: test", &[&bead]);
    let counted = town.gt_json(&["convoy", "status", &convoy, "--json"]);
    assert_eq!(
        (&counted["total"], &counted["completed"]),
        (&0.into(), &0.into()),
        "{counted}"
    );

    town.tell("*", Act::Wait);
    let mut sling = town.command("gt");
    sling.args(["sling", &bead, town::RIG, "--no-boot", "--no-convoy"]);
    let formula = sling.output().expect("gt starts");
    assert!(
        !formula.status.success() && said(&formula).contains("bonding formula to bead"),
        "{}",
        said(&formula)
    );
    assert_eq!(state(&town, &bead), "open");
    sling.arg("--hook-raw-bead");
    let raw = sling.output().expect("gt starts");
    assert!(raw.status.success(), "{}", said(&raw));
    assert_eq!(state(&town, &bead), "hooked");
}

#[test]
fn work_is_seen_that_takes_another_way_and_a_town_goes_with_all_that_was_started_in_it() {
    let Some(town) = Town::up() else { return };
    ways::check(&town);
    let home = town.home();
    assert!(processes_of(&home).len() > 2, "a Dolt server, tmux and an agent");
    let folder = town.path("");
    drop(town);
    assert_eq!(processes_of(&home), Vec::<String>::new());
    assert!(!folder.exists());
}

/// The variables that a command was given.
fn variables(command: &Command) -> Vec<(OsString, OsString)> {
    let given = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    given.collect()
}

/// Processes with this home folder, by their command lines.
fn processes_of(home: &std::path::Path) -> Vec<String> {
    let wanted = format!("HOME={}", home.display());
    let of_home = |entry: fs::DirEntry| {
        let environment = fs::read(entry.path().join("environ")).ok()?;
        let has = environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == wanted.as_bytes());
        has.then(|| fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default())
    };
    fs::read_dir("/proc")
        .expect("Linux")
        .flatten()
        .filter_map(of_home)
        .collect()
}
