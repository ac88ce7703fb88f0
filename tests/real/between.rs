//! A program between `conductor` and a tool of the town, which kills one of them in the middle of a change, or lets something else happen.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::Value;

use crate::TRACK;
use crate::given::Given;
use crate::town::RIG;

/// What the program between does: `before`, `during` and `after` a call it kills who made it; `tool` is the call itself, killed in the
/// middle. `edit` runs what the test has put into ctl/edit first, and kills nobody.
const BETWEEN: &str = r#"#!/bin/bash
wish=@CTL@/kill
if [ -e "$wish" ]; then
    IFS=$'\t' read -r pattern when <"$wish"
    # shellcheck disable=SC2053 # it is a pattern
    if [[ "@NAME@ $*" == $pattern ]]; then
        rm "$wish"
        case $when in
            edit) bash @CTL@/edit ;;
            before) kill -9 $PPID; exit 1 ;;
            during) kill -9 $PPID ;;
            after) @REAL@ "$@"; kill -9 $PPID; exit ;;
            tool) @REAL@ "$@" & sleep 2.5; kill -9 $!; exit 137 ;;
        esac
    fi
fi
exec @REAL@ "$@"
"#;

/// A folder with programs that come between `conductor` and the tools, and nothing else of the town.
pub(crate) fn between(given: &Given) -> PathBuf {
    let folder = given.town.path("between");
    fs::create_dir_all(&folder).expect("made");
    for name in ["gt", "bd", "git"] {
        let path = given.town.variable("PATH");
        let real = path
            .split(':')
            .map(|folder| PathBuf::from(folder).join(name))
            .find(|real| real.exists())
            .expect("a tool");
        let text = BETWEEN
            .replace("@CTL@", &given.town.path("ctl").display().to_string())
            .replace("@NAME@", name)
            .replace("@REAL@", &real.display().to_string());
        let path = folder.join(name);
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("set");
    }
    folder
}

/// What has to be so whatever was killed.
pub(crate) fn nothing_is_twice_or_nobodys(given: &Given, many: usize) {
    let beads = given.beads();
    let beads = beads.as_array().expect("a list");
    let keys: Vec<&str> = beads
        .iter()
        .filter_map(|bead| bead["metadata"]["conductor_key"].as_str())
        .collect();
    let unique: BTreeSet<&str> = keys.iter().copied().collect();
    assert_eq!((keys.len(), unique.len()), (many, many), "{keys:?}");
    let convoys = given.town.gt_json(&["convoy", "list", "--json", "--all"]);
    let title = format!("Conductor: {TRACK}");
    let ours: Vec<&Value> = convoys
        .as_array()
        .expect("a list")
        .iter()
        .filter(|convoy| convoy["title"] == title.as_str())
        .collect();
    assert_eq!(ours.len(), 1, "{convoys}");
    let trees = given.town.git_in_rig(&["worktree", "list", "--porcelain"]);
    for branch in trees
        .lines()
        .filter_map(|line| line.strip_prefix("branch refs/heads/polecat/"))
    {
        let (polecat, bead) = branch.split_once('/').expect("polecat/NAME/BEAD@…");
        let bead = bead.split('@').next().unwrap_or_default();
        let Some(bead) = beads.iter().find(|of| of["id"] == bead) else {
            continue;
        };
        let owner = format!("{RIG}/polecats/{polecat}");
        assert!(
            bead["status"] == "closed" || bead["assignee"] == owner.as_str(),
            "nobody owns {owner}: {bead}"
        );
    }
}

/// A run of a command of ours in which the program between does what is wished, once.
pub(crate) fn disturbed_in(given: &Given, command: &str, pattern: &str, when: &str, arguments: &[&str]) {
    let wish = given.town.path("ctl/kill");
    fs::write(&wish, format!("{pattern}\t{when}\n")).expect("written");
    given.run_between(&[&[command, TRACK, "--json"], arguments].concat());
    assert!(!wish.exists(), "nobody called {pattern}");
}
