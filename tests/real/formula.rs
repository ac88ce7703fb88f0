//! Formulas as the real `bd` and `gt` take them.

use std::fs;

use serde_json::Value;

use crate::town::{BeadsProject, said};

/// Where formulas are, below a project or a town.
const FOLDER: &str = ".beads/formulas";

/// The data of `conductor formula`, whether it says yes or no.
fn data(project: &BeadsProject, arguments: &[&str]) -> Value {
    let output = project.conductor(&[&["formula"], arguments, &["--json"]].concat());
    let mut envelope: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    assert!(envelope["error"].is_null(), "{arguments:?}: {envelope}");
    envelope["data"].take()
}

/// Whether `bd` takes a formula, asked without us.
fn cooks(project: &BeadsProject, name: &str) -> bool {
    let output = project.command("bd").args(["cook", name]).output().expect("bd starts");
    output.status.success()
}

/// Each bundled one is installed where `bd` finds it by its name, and `bd` takes it; what it refuses, ours refuses as well.
#[test]
fn bd_takes_each_bundled_formula_and_what_it_refuses_is_named() {
    let Some(project) = BeadsProject::new() else { return };
    let installed = data(&project, &["install"]);
    let installed = installed["installed"].as_array().expect("a list");
    assert!(installed.len() >= 6, "{installed:?}");
    for done in installed {
        assert_eq!(
            (&done["what"], &done["place"]),
            (&"made".into(), &"project".into()),
            "{done}"
        );
        assert!(cooks(&project, done["name"].as_str().expect("a name")), "{done}");
    }
    let checked = data(&project, &["check"]);
    assert_eq!(checked["ok"], true, "{checked}");
    for one in checked["checked"].as_array().expect("a list") {
        assert_eq!(one["taken"], true, "{one}");
    }
    let listed = project.bd_json(&["formula", "list", "--json"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(installed.len()), "{listed}");

    // By hand, once by its version and once by its steps: `bd` names one fault at a time.
    let folder = project.project().join(FOLDER);
    let head = "formula = \"mine\"\ndescription = \"a track\"\n";
    let steps = "[metadata]\nauthor = \"me\"\n[[steps]]\nid = \"load\"\ndescription = \"Load\"\n\
        instructions = \"Read conductor/tracks/{{track_id}}/spec.md, and end with bd sync\"\n";
    let mine = folder.join("mine.formula.toml");
    for (version, by_bd) in [
        ("version = \"1.0.0\"\n", "incompatible types"),
        ("version = 1\n", "title is required"),
    ] {
        fs::write(&mine, format!("{head}{version}{steps}")).expect("written");
        assert!(!cooks(&project, "mine"));
        let checked = data(&project, &["check", "mine"]);
        let one = &checked["checked"][0];
        assert_eq!(
            (&checked["ok"], &one["taken"]),
            (&false.into(), &false.into()),
            "{checked}"
        );
        assert!(one["bd"].as_str().is_some_and(|said| said.contains(by_bd)), "{one}");
        let findings = one["findings"].to_string();
        for part in [
            "no `title`",
            "`instructions`",
            "`{{track_id}}`",
            "`metadata`",
            "bd sync",
        ] {
            assert!(findings.contains(part), "{part}: {findings}");
        }
        assert_eq!(
            findings.contains("`version`"),
            by_bd == "incompatible types",
            "{findings}"
        );
    }

    // What a person has changed stays.
    let task = folder.join("conductor-task.formula.toml");
    let changed = fs::read_to_string(&task)
        .expect("it is installed")
        .replace("test first", "test last");
    fs::write(&task, &changed).expect("written");
    let refused = data(&project, &["install", "conductor-task,conductor-spike"]);
    let what = |at: usize| refused["installed"][at]["what"].clone();
    assert_eq!(
        (&refused["ok"], what(0), what(1)),
        (&false.into(), "refused".into(), "kept".into()),
        "{refused}"
    );
    assert_eq!(fs::read_to_string(&task).ok(), Some(changed));
    let replaced = data(&project, &["install", "conductor-task", "--force"]);
    assert_eq!(replaced["installed"][0]["what"], "replaced", "{replaced}");
}

/// Where there is no database `bd` reads no formula, and ours is asked alone.
#[test]
fn without_a_database_our_reader_says_what_is_wrong() {
    let Some(project) = BeadsProject::without_database() else {
        return;
    };
    let nowhere = project.conductor(&["formula", "install", "--json"]);
    assert!(said(&nowhere).contains("\"no-place\""), "{}", said(&nowhere));
    data(&project, &["install", "conductor-task", "--into", "project"]);
    let checked = data(&project, &["check", "conductor-task"]);
    let one = &checked["checked"][0];
    assert_eq!((&checked["ok"], one.get("taken")), (&true.into(), None), "{checked}");
    assert!(
        one["bd"]
            .as_str()
            .is_some_and(|said| said.contains("could not be asked")),
        "{one}"
    );
}
