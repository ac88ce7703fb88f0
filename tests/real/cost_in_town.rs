//! What a track costs beside a shell script: one town, the same track by `tests/real/town/by-hand` and by us, and the calls of both that
//! change something.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::TRACK;
use crate::given::Given;
use crate::town::{RIG, Town, done};
use crate::whole_track::APART;

/// Notes each call, and takes itself off the search path of what it starts.
const COUNTING: &str = "#!/bin/sh\necho \"@NAME@ $*\" >>@CALLS@\nPATH=${PATH#*:}\nexec @NAME@ \"$@\"\n";

/// The script from its first call to its last: how often it made each that changes something.
fn by_hand(town: &Town) -> BTreeMap<String, usize> {
    let (folder, calls) = (town.path("counting"), town.path("calls"));
    fs::create_dir_all(&folder).expect("made");
    for name in ["gt", "bd"] {
        let text = COUNTING
            .replace("@NAME@", name)
            .replace("@CALLS@", &calls.display().to_string());
        fs::write(folder.join(name), text).expect("written");
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).expect("set");
    }
    let mut script = town.command("timeout");
    script
        .args(["900", "bash"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/real/town/by-hand"));
    script.env("PATH", format!("{}:{}", folder.display(), town.variable("PATH")));
    done(&mut script);
    let mut writes = BTreeMap::new();
    for call in fs::read_to_string(calls).expect("it was noted").lines() {
        let words: Vec<&str> = call.split(' ').take(3).collect();
        let name = match words[..] {
            ["bd", "show" | "list", ..] => continue,
            ["bd", word @ ("create" | "close"), ..] | ["gt", word @ "sling", ..] => word.to_owned(),
            ["gt", "convoy", word] => format!("convoy-{word}"),
            _ => panic!("what is that: {call}"),
        };
        *writes.entry(name).or_default() += 1;
    }
    writes
}

/// The same by us: looks every second, as the script does. How long our runs took, and how many there were.
fn by_us(given: &Given) -> (Duration, usize) {
    // What the person is asked about is a run too.
    let began = Instant::now();
    given.consent_to("");
    let (mut in_runs, mut runs) = (began.elapsed(), 1);
    let mut run = |arguments: &[&str]| {
        let began = Instant::now();
        let seen = given.data(arguments);
        in_runs += began.elapsed();
        runs += 1;
        seen
    };
    run(&["--yes"]);
    for phase in ["1", "2"] {
        while run(&["--yes"])["due"][0]["phase"] != phase {
            thread::sleep(Duration::from_secs(1));
        }
        let passed = run(&["--pass", phase]);
        assert_eq!(passed["what"] == "done", phase == "2", "{passed}");
    }
    (in_runs, runs)
}

#[test]
#[ignore = "one of `just real-all`"]
fn a_track_changes_no_more_than_a_shell_script_for_it() {
    let Some(given) = Given::new(&[]) else { return };
    fs::write(given.town.path("ctl/refinery-on"), "").expect("written");
    given.town.gt(&["refinery", "start", RIG]);

    let began = Instant::now();
    let script = by_hand(&given.town);
    let script_took = began.elapsed();
    // Both begin without polecats.
    for polecat in given
        .town
        .gt_json(&["polecat", "list", RIG, "--json"])
        .as_array()
        .expect("a list")
    {
        let name = polecat["name"].as_str().expect("a name");
        given.town.gt(&["polecat", "nuke", &format!("{RIG}/{name}"), "--force"]);
    }

    // The first run of a home compiles the plugin; this one starts no tool.
    given.run(&["dispatch", TRACK, "--graph"], None);
    let began = Instant::now();
    let (in_runs, count) = by_us(&given);
    let we_took = began.elapsed();
    let (all, runs) = given.audit();
    let mut ours = all.clone();
    ours.retain(|name, _| !APART.contains(&name.as_str()));
    let sum = |calls: &BTreeMap<String, usize>| calls.values().sum::<usize>();
    println!(
        "by hand: {script_took:?}, {} calls that change something: {script:?}",
        sum(&script)
    );
    println!(
        "by us:   {we_took:?}, {} calls that change something: {ours:?}, of {all:?}",
        sum(&ours)
    );
    let in_tools = Duration::from_millis(u64::try_from(in_tools(runs)).expect("it is not negative"));
    println!(
        "by us:   {count} runs of {in_runs:?}, tools ran in {in_tools:?} of it, and for {:?} of each run none",
        in_runs.saturating_sub(in_tools) / u32::try_from(count).expect("few")
    );
    assert!(sum(&ours) <= sum(&script), "{ours:?} and {script:?}");
    assert_eq!(beads_of(&given, "By hand"), beads_of(&given, ""), "the same work");
}

/// For how long a tool ran in some runs, in milliseconds.
pub(crate) fn in_tools(runs: Vec<crate::given::Spans>) -> i64 {
    let mut in_tools = 0;
    for mut spans in runs {
        spans.sort_unstable();
        let mut until = i64::MIN;
        for (from, to) in spans {
            in_tools += (to - from.max(until)).max(0);
            until = until.max(to);
        }
    }
    in_tools
}

/// How many beads of one of both are in the rig, and how many of them closed.
fn beads_of(given: &Given, title: &str) -> (usize, usize) {
    let beads = given
        .town
        .bd_json(&["list", "--all", "--include-gates", "--limit", "0", "--json"]);
    let beads = beads.as_array().expect("a list").iter();
    let of: Vec<&Value> = beads
        .filter(|bead| match title {
            "" => bead["metadata"]["conductor_key"].is_string(),
            title => bead["title"].as_str().is_some_and(|has| has.starts_with(title)),
        })
        .collect();
    (of.len(), of.iter().filter(|bead| bead["status"] == "closed").count())
}
