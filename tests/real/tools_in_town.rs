//! Tools that are down, slow, gone, or others: before the first step and between two.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::given::Given;
use crate::town::{Act, BeadsProject, Tools, Town, said};

/// `gt --json` of Graphite 1.8.6, as it was recorded.
const GRAPHITE: &str = include_str!("../programs/graphite/gt");

impl Given {
    /// A search path on which this script comes before the town's `gt`, whose file is `@GT@` in it.
    fn instead(&self, name: &str, script: &str) -> String {
        let path = self.town.variable("PATH");
        let mut folders = path.split(':').map(|folder| PathBuf::from(folder).join("gt"));
        let real = folders.find(|file| file.exists()).expect("the town has a gt");
        let folder = self.town.path(&format!("instead-{name}"));
        fs::create_dir_all(&folder).expect("made");
        let file = folder.join("gt");
        let script = match script.strip_prefix("#!") {
            Some(_) => script.to_owned(),
            None => format!("#!/bin/sh\n{script}\n").replace("@GT@", &real.display().to_string()),
        };
        fs::write(&file, script).expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("set");
        format!("{}:{path}", folder.display())
    }

    /// Who has which bead, as the rig says.
    fn assigned(&self) -> Vec<Value> {
        let list = ["list", "--all", "--limit", "0", "--label", "conductor", "--json"];
        let beads = self.town.bd_json(&list);
        let beads = beads.as_array().expect("a list").iter();
        let assigned = beads.filter(|bead| bead["assignee"].as_str().is_some_and(|who| !who.is_empty()));
        assigned.cloned().collect()
    }
}

#[test]
#[ignore = "one of `just real-all`"]
fn tools_that_are_down_gone_slow_or_others_stop_it_and_nothing_is_lost() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Hang);
    given.agree("--although refinery");
    let plan = given.plan();
    given.town.stop_dolt();
    assert_eq!(given.code(&[]), "dolt-down");
    given.town.start_dolt();
    thread::sleep(Duration::from_secs(6));
    for path in [
        given.instead("silent", "exit 0"),
        given.instead("graphite", GRAPHITE),
        given.instead("hanging", "sleep 60"),
        "/usr/bin:/bin".to_owned(),
    ] {
        let envelope = given.envelope_on(&path, &[]);
        assert_eq!(envelope["error"]["code"], "gastown", "{path}: {envelope}");
    }
    assert_eq!(plan, given.plan());
    assert_eq!(given.data(&["--although", "refinery"])["what"], "nothing");
}

/// `gt` answers until the beads are made; then it hangs, says nothing, is another program, or is not there any more. Each time the next run
/// goes on from what is there.
#[test]
#[ignore = "one of `just real-all`"]
fn tools_that_go_in_the_middle_stop_it_and_the_next_run_goes_on() {
    let Some(given) = Given::new(&[]) else { return };
    given.town.tell("*", Act::Hang);
    given.consent();
    let yes = ["--although", "refinery", "--yes"];
    let graphite = given.town.path("graphite");
    fs::write(&graphite, GRAPHITE).expect("written");
    let graphite = graphite.display();
    for (name, script, code, says) in [
        // `convoy list` is waited for for twenty seconds.
        (
            "hangs",
            r#"[ "$1 $2" = "convoy list" ] && sleep 60; exec @GT@ "$@""#.to_owned(),
            "gastown",
            "20 s",
        ),
        (
            "graphite-later",
            format!(r#"[ "$1 $2" = "convoy stage" ] && exec sh {graphite}; exec @GT@ "$@""#),
            "gastown",
            "Unknown argument",
        ),
        (
            "silent-later",
            r#"[ "$1" = sling ] && exit 0; exec @GT@ "$@""#.to_owned(),
            "sling-failed",
            "who has the bead",
        ),
        (
            "gone",
            r#"[ "$1 $2" = "convoy list" ] && rm -f "$0"; exec @GT@ "$@""#.to_owned(),
            "sling-failed",
            "is not there any more",
        ),
    ] {
        let mut path = given.instead(name, &script);
        if name == "gone" {
            // With the town's own out of the way too, `gt` is not installed once the script has removed itself.
            let has_gt = |folder: &&str| !folder.contains("instead-") && PathBuf::from(folder).join("gt").exists();
            let folders: Vec<&str> = path.split(':').filter(|folder| !has_gt(folder)).collect();
            path = format!("{}:{}", folders.join(":"), without_gt(&given).display());
        }
        let envelope = given.envelope_on(&path, &yes);
        assert_eq!(envelope["error"]["code"], code, "{name}: {envelope}");
        let message = envelope["error"]["message"].as_str().expect("text");
        assert!(message.contains(says), "{name}: {message}");
        assert_eq!(given.assigned().len(), 0, "{name}: nobody has anything");
        assert!(!given.plan().contains("[~]"), "{name}: {}", given.plan());
    }
    // Of two slings the second one fails, and nothing answers any more: what was done is said, stands in the plan, and how it can go on.
    let once = r#"if [ "$1" = sling ]; then
        [ -e "$0.once" ] && { @GT@ dolt stop >&2; echo no more >&2; exit 1; }
        touch "$0.once"
    fi
    exec @GT@ "$@""#;
    let path = given.instead("once", once);
    let stopped = given.envelope_on(&path, &yes);
    let error = &stopped["error"];
    assert_eq!(error["code"], "sling-failed", "{stopped}");
    assert!(error["message"].to_string().contains("no more"), "{stopped}");
    let details = error["details"].as_str().expect("text");
    assert!(
        details.contains(" has 1.1") && details.contains("plan.md:"),
        "{stopped}"
    );
    given.town.start_dolt();
    thread::sleep(Duration::from_secs(6));
    assert_eq!(given.assigned().len(), 1);
    let keys: Vec<&str> = error["choices"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|choice| choice["key"].as_str())
        .collect();
    assert_eq!(keys, ["A", "B", "C"], "{stopped}");
    // B: sub-agents take what no polecat has.
    let arguments: Vec<&str> = error["choices"][1]["args"]
        .as_array()
        .into_iter()
        .flatten()
        .skip(1)
        .filter_map(Value::as_str)
        .collect();
    let natively = given.data(&arguments);
    assert_eq!(
        (natively["mode"].as_str(), natively["begins"][0]["item"].as_str()),
        (Some("native-task"), Some("1.2")),
        "{natively}"
    );
    assert_eq!(natively["at_work"][0]["bead"], given.id("phase1/task1"), "{natively}");
    // A: it goes on.
    let begun = given.data(&yes);
    assert_eq!(begun["begins"].as_array().map(Vec::len), Some(1), "{begun}");
    assert_eq!(given.assigned().len(), 2);
    let (writes, _) = given.audit();
    assert_eq!(writes["rig-create"], 1, "made once: {writes:?}");
}

/// A folder with the town's other tools.
fn without_gt(given: &Given) -> PathBuf {
    let folder = given.town.path("without-gt");
    fs::create_dir_all(&folder).expect("made");
    let bin = Tools::find().expect("the town is up").bin();
    for tool in ["bd", "dolt"] {
        std::os::unix::fs::symlink(bin.join(tool), folder.join(tool)).expect("linked");
    }
    folder
}

/// A town with the tools of a folder that `tests/real/install.sh --others` filled.
fn with_tools(name: &str, keys: &[&str]) -> Option<Given> {
    let folder = Tools::find()?.other(name)?;
    let tools = format!("TOOLS={}", folder.display());
    Given::new(&[&[tools.as_str()], keys].concat())
}

/// What `doctor` says of the pair, and what a dispatch that the person has agreed to comes to.
fn doctor_and_dispatch(given: &Given, path: &str) -> (String, Value) {
    let mut doctor = given.town.conductor_command();
    let doctor = doctor.env("PATH", path).args(["doctor", "--for", "gastown"]).output();
    let dispatched = given.envelope_on(path, &["--mode", "gastown", "--although", "refinery", "--yes"]);
    // In one line: it is wrapped for a terminal.
    let doctor = said(&doctor.expect("it starts"));
    (doctor.split_whitespace().collect::<Vec<_>>().join(" "), dispatched)
}

/// The pair of a released gt and bd 1.0.0, as people have it: `gt` finds no bead, and that is what is said.
#[test]
#[ignore = "one of `just real-all`"]
fn with_bd_1_0_0_a_released_gt_finds_no_bead() {
    let Some(given) = with_tools("bd-1.0.0", &["BRIDGE=0"]) else {
        return;
    };
    given.consent_to("--mode gastown --although refinery");
    let (doctor, failed) = doctor_and_dispatch(&given, given.town.variable("PATH"));
    assert!(
        doctor.contains("gt 1.2.1 with bd 1.0.0: this gt does not find the beads of a rig, so every sling fails"),
        "{doctor}"
    );
    assert!(doctor.contains("unset BEADS_DOLT_DATA_DIR"), "{doctor}");
    assert_eq!(failed["error"]["code"], "sling-failed", "{failed}");
    let hint = failed["error"]["hint"].as_str().expect("a hint");
    assert!(
        hint.contains("`bd` has it and `gt` does not find it") && hint.contains("conductor doctor"),
        "{failed}"
    );
    assert!(
        given.assigned().is_empty() && !given.plan().contains("[~]"),
        "{}",
        given.plan()
    );

    // Whoever changes to bd 1.0.5 in such a town has one that this bd does not open.
    let newer = given.town.path("newer");
    fs::create_dir_all(&newer).expect("made");
    let bd = Tools::find().expect("the town is up").bin().join("bd");
    std::os::unix::fs::symlink(bd, newer.join("bd")).expect("linked");
    let path = format!("{}:{}", newer.display(), given.town.variable("PATH"));
    let (doctor, failed) = doctor_and_dispatch(&given, &path);
    for said in [&doctor, &failed["error"].to_string()] {
        assert!(
            said.contains("pending schema migrations alter pre-existing dirty tables"),
            "{said}"
        );
    }
}

/// What doctor says to do about it: with the variable out of the way the same pair carries a track out.
#[test]
#[ignore = "one of `just real-all`"]
fn with_bd_1_0_0_and_the_bridge_a_track_is_carried_out() {
    let Some(given) = with_tools("bd-1.0.0", &[]) else {
        return;
    };
    given.whole_track();
}

#[test]
#[ignore = "one of `just real-all`"]
fn with_bd_1_1_0_a_track_is_carried_out() {
    let Some(given) = with_tools("bd-1.1.0", &[]) else {
        return;
    };
    given.whole_track();
}

/// `gt` 1.2.1 as it was released, with bd 1.0.5: it stops while it makes a town, so whoever has this pair has none.
#[test]
#[ignore = "one of `just real-all`"]
fn a_released_gt_with_bd_1_0_5_makes_no_town() {
    let Some(folder) = Tools::find().and_then(|tools| tools.other("gt-released")) else {
        return;
    };
    let tools = format!("TOOLS={}", folder.display());
    let Some(tried) = Town::try_up_with(&[&tools]) else {
        return;
    };
    let why = tried.err().expect("no town");
    assert!(
        why.contains("pending schema migrations alter pre-existing dirty tables"),
        "{why}"
    );

    let Some(project) = BeadsProject::without_database() else {
        return;
    };
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", folder.join("bin").display());
    let says = |arguments: &[&str]| {
        let mut command = project.conductor_command();
        let output = command.env("PATH", &path).args(arguments).output().expect("it starts");
        said(&output).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let doctor = says(&["doctor", "--for", "gastown"]);
    assert!(
        doctor.contains("there is no Gas Town")
            && doctor.contains(
                "where it stops at `pending schema migrations`, that gt was built with another Beads than your bd"
            ),
        "{doctor}"
    );
    let asked_for = says(&["dispatch", crate::TRACK, "--mode", "gastown", "--dry-run"]);
    assert!(
        asked_for.contains("there is no Gas Town here") && asked_for.contains("--mode=native"),
        "{asked_for}"
    );
    let natively = says(&["dispatch", crate::TRACK, "--dry-run"]);
    assert!(natively.contains("native, Claude's own sub-agents"), "{natively}");
}
