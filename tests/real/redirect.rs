//! A clone that leads `bd` to another's beads.

use std::fs;
use std::os::unix::fs::symlink;

use crate::TRACK;
use crate::status;
use crate::town::{BeadsProject, Footprint};

/// No bead of another database is shown as the project's, and nothing is written there, however the project leads to it.
#[test]
fn a_clone_does_not_lead_to_the_beads_of_another() {
    let (Some(other), Some(project)) = (BeadsProject::new(), BeadsProject::new()) else {
        return;
    };
    other.beads(TRACK, ["canary of another"]);
    project.beads(TRACK, ["One of ours"]);
    let beads = project.project().join(".beads");
    let redirect = beads.join("redirect");
    let there = other.project().join(".beads");
    let check = |how: &str| {
        let before = Footprint::of(&[other.project()]);
        for arguments in [&["status", "--json"][..], &["status"], &["doctor", "--json"]] {
            let said = crate::said(&project.conductor(arguments));
            assert!(!said.contains("canary"), "{how}: {said}");
        }
        let trouble = status::beads(&project)["troubles"][0].clone();
        let message = trouble["message"].as_str().unwrap_or_default();
        assert!(message.contains("`bd` is not started"), "{how}: {trouble}");
        let changed = before.changed(&Footprint::of(&[other.project()]));
        assert!(changed.is_empty(), "{how}: {changed:?}");
    };

    fs::write(&redirect, format!("{}\n", there.display())).expect("written");
    // What it is about: `bd` itself follows it.
    assert!(project.bd(&["list", "--json"]).contains("canary of another"));
    check("an absolute redirect");

    symlink(other.project(), project.project().join("link")).expect("linked");
    fs::write(&redirect, "link/.beads\n").expect("written");
    check("a redirect through a link");
    fs::remove_file(&redirect).expect("removed");

    let own = beads.join("embeddeddolt");
    fs::rename(&own, project.home().join("aside")).expect("moved");
    symlink(there.join("embeddeddolt"), &own).expect("linked");
    assert!(project.bd(&["list", "--json"]).contains("canary of another"));
    check("a database that is a link");
    fs::remove_file(&own).expect("removed");
    fs::rename(project.home().join("aside"), &own).expect("moved");

    // Beads of the same clone may be meant.
    fs::create_dir(project.project().join("kept")).expect("made");
    fs::rename(&beads, project.project().join("kept/.beads")).expect("moved");
    fs::create_dir(&beads).expect("made");
    fs::copy(
        project.project().join("kept/.beads/metadata.json"),
        beads.join("metadata.json"),
    )
    .expect("copied");
    fs::write(&redirect, "kept/.beads\n").expect("written");
    let data = status::beads(&project);
    assert_eq!(data["ready"][0]["title"], "One of ours", "{data}");
}
