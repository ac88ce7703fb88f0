//! Tools that are down, slow, gone, or others: before the first step and between two.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::given::Given;
use crate::town::Act;

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
        ("hangs", r#"[ "$1 $2" = "convoy list" ] && sleep 60; exec @GT@ "$@""#.to_owned(), "gastown", "20 s"),
        ("graphite-later", format!(r#"[ "$1 $2" = "convoy stage" ] && exec sh {graphite}; exec @GT@ "$@""#), "gastown", "Unknown argument"),
        ("silent-later", r#"[ "$1" = sling ] && exit 0; exec @GT@ "$@""#.to_owned(), "sling-failed", "who has the bead"),
        ("gone", r#"[ "$1 $2" = "convoy list" ] && rm -f "$0" && PATH=; exec @GT@ "$@""#.to_owned(), "sling-failed", "gt"),
    ] {
        let mut path = given.instead(name, &script);
        if name == "gone" {
            // With the town's own out of the way too, `gt` is not installed once the script has removed itself.
            let rest = path.split(':').filter(|folder| folder.contains("instead-") || !PathBuf::from(folder).join("gt").exists());
            path = rest.collect::<Vec<_>>().join(":");
            path = format!("{path}:{}", only_bd(&given).display());
        }
        let envelope = given.envelope_on(&path, &yes);
        assert_eq!(envelope["error"]["code"], code, "{name}: {envelope}");
        let message = envelope["error"]["message"].as_str().expect("text");
        assert!(message.contains(says), "{name}: {message}");
        assert_eq!(given.assigned().len(), 0, "{name}: nobody has anything");
        assert!(!given.plan().contains("[~]"), "{name}: {}", given.plan());
    }
    let begun = given.data(&yes);
    assert_eq!(begun["begins"].as_array().map(Vec::len), Some(2), "{begun}");
    assert_eq!(given.assigned().len(), 2);
    let (writes, _) = given.audit();
    assert_eq!(writes["rig-create"], 1, "made once: {writes:?}");
}

/// A folder with the town's `bd` in it, and no other program.
fn only_bd(given: &Given) -> PathBuf {
    let folder = given.town.path("only-bd");
    fs::create_dir_all(&folder).expect("made");
    let path = given.town.variable("PATH");
    let mut folders = path.split(':').map(|folder| PathBuf::from(folder).join("bd"));
    let real = folders.find(|file| file.exists()).expect("the town has a bd");
    std::os::unix::fs::symlink(real, folder.join("bd")).expect("linked");
    folder
}
