//! The plugin against a host in memory; what `bd` says is what bd 1.0.5 said.

use conductor_formulas::bundled;
use conductor_plugin::testing::FakeHost;
use conductor_plugin::{Failure, Format, Output, Plugin, digest};
use serde_json::{Value, json};

use crate::FormulaPlugin;
use crate::check::{IN_PROJECT, IN_TOWN};

const RIGS: &str =
    r#"{"version":1,"rigs":{"shop":{"git_url":"https://github.com/acme/shop.git","beads":{"repo":"","prefix":"sp"}}}}"#;
const NO_TOWN: &str =
    "there is no Gas Town: neither the configuration nor `GT_TOWN_ROOT` names one, and `~/gt` is none";
const TASK: &str = "conductor-task";

/// A project with Beads and no town.
fn project() -> FakeHost {
    FakeHost::new()
        .presentation(Format::Json)
        .project_name("shop")
        .grant("project-formulas")
        .grant("project-conductor-task")
        .file("beads", "", "{}")
        .refused("town-formulas", "no-place", NO_TOWN)
        .refused("rigs", "no-place", NO_TOWN)
}

/// A project that is a rig of a town.
fn rig() -> FakeHost {
    FakeHost::new()
        .presentation(Format::Json)
        .project_name("shop")
        .grant("project-formulas")
        .grant("town-formulas")
        .grant("town-conductor-task")
        .file("rigs", "", RIGS)
}

fn remotes(host: FakeHost) -> FakeHost {
    let output = Output {
        status: Some(0),
        stdout: b"remote.origin.url git@github.com:acme/shop.git\n".to_vec(),
        ..Output::default()
    };
    host.command("remotes", &[], output)
}

fn data(host: &FakeHost) -> Value {
    let outcome = FormulaPlugin::run(host).expect("an answer");
    assert_eq!(host.calls_left(), 0);
    serde_json::from_str(&outcome.json).expect("it is JSON")
}

fn failure(host: &FakeHost) -> Failure {
    FormulaPlugin::run(host).expect_err("it can't be done")
}

fn asked(host: FakeHost, what: &str, names: &str) -> FakeHost {
    let host = host.argument("do", what);
    match names {
        "" => host,
        names => host.argument("names", names),
    }
}

fn text_of(name: &str) -> String {
    bundled::named(name).expect("it is bundled").text()
}

#[test]
fn all_are_listed_with_where_they_are() {
    let older = "formula = \"conductor-task\"\n";
    let older = format!(
        "# conductor-task of conductor, sha256:{}.\n{older}",
        digest(older.as_bytes())
    );
    let host = asked(rig(), "list", "")
        .file(
            "town-formulas",
            "conductor-track.formula.toml",
            text_of("conductor-track"),
        )
        .file("town-formulas", "mol-polecat-work.formula.toml", "formula = 1")
        .file("town-formulas", "conductor-task.formula.toml", older)
        .file(
            "project-formulas",
            "conductor-track.formula.toml",
            "formula = \"mine\"\n",
        );
    let listed = data(&host)["formulas"].take();
    assert_eq!(listed.as_array().map(Vec::len), Some(bundled::ALL.len()));
    assert_eq!(
        listed[0],
        json!({"name": "conductor-track", "summary": "a track from its first open task to its last", "project": "changed", "town": "current"})
    );
    assert_eq!(listed[1]["town"], "older");
    assert_eq!(listed[2].get("town"), None);
    let host = host.presentation(Format::Terminal(100));
    let text: String = FormulaPlugin::run(&host)
        .expect("an answer")
        .text
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert!(
        text.starts_with("conductor-track           a track from its first open task to its last (changed by hand in the project, in the town)\n"),
        "{text}"
    );
}

#[test]
fn one_is_shown_as_it_is_installed() {
    let host = asked(project(), "show", TASK);
    assert_eq!(data(&host)["text"], text_of(TASK));
    assert_eq!(failure(&asked(project(), "show", "")).code, "usage");
    assert_eq!(failure(&asked(project(), "show", "conductor-tsak")).code, "no-formula");
}

#[test]
fn it_is_installed_once_and_updated_and_not_over_what_was_changed() {
    let done = |host: &FakeHost| data(host)["installed"][0].take();
    let install = |host| asked(host, "install", TASK);
    let host = install(project());
    let made = json!({"name": TASK, "place": "project", "file": ".beads/formulas/conductor-task.formula.toml", "what": "made"});
    assert_eq!(done(&host), made);
    assert_eq!(
        host.content("project-conductor-task", ""),
        Some(text_of(TASK).into_bytes())
    );

    let there = |text: &str| {
        install(project())
            .file("project-formulas", "conductor-task.formula.toml", text)
            .file("project-conductor-task", "", text)
    };
    let host = there(&text_of(TASK));
    assert_eq!(done(&host)["what"], "kept");

    let older = "formula = \"conductor-task\"\n";
    let older = format!(
        "# conductor-task of conductor, sha256:{}.\n{older}",
        digest(older.as_bytes())
    );
    let host = there(&older);
    assert_eq!(done(&host)["what"], "updated");
    assert_eq!(
        host.content("project-conductor-task", ""),
        Some(text_of(TASK).into_bytes())
    );

    let host = there("formula = \"mine\"\n");
    let refused = data(&host);
    assert_eq!(
        (&refused["ok"], &refused["installed"][0]["what"]),
        (&json!(false), &json!("refused"))
    );
    assert_eq!(
        host.content("project-conductor-task", ""),
        Some(b"formula = \"mine\"\n".to_vec())
    );
    let host = there("formula = \"mine\"\n").argument("force", true);
    assert_eq!(done(&host)["what"], "replaced");

    let host = there(&older).dry();
    assert_eq!(done(&host)["what"], "updated");
    assert_eq!(host.content("project-conductor-task", ""), Some(older.into_bytes()));
}

#[test]
fn it_goes_where_it_is_looked_for() {
    let host = asked(remotes(rig()), "install", TASK);
    assert_eq!(data(&host)["installed"][0]["place"], "town");
    let host = asked(rig(), "install", TASK).argument("into", "town");
    assert_eq!(data(&host)["installed"][0]["place"], "town");
    let nowhere = || {
        FakeHost::new()
            .presentation(Format::Json)
            .project_name("shop")
            .grant("project-formulas")
            .grant("project-conductor-task")
            .refused("beads", "not-found", "not there")
            .refused("town-formulas", "no-place", NO_TOWN)
            .refused("rigs", "no-place", NO_TOWN)
    };
    let told = failure(&asked(nowhere(), "install", TASK));
    assert_eq!(told.code, "no-place");
    let host = asked(nowhere(), "install", TASK).argument("into", "project");
    assert_eq!(data(&host)["installed"][0]["what"], "made");
    let told = failure(&asked(nowhere(), "install", TASK).argument("into", "town"));
    assert_eq!((told.code.as_str(), told.message.as_str()), ("no-place", NO_TOWN));
}

fn bd(host: FakeHost, call: &conductor_beads::Call, hole: &str, name: &str, status: i32, stderr: &str) -> FakeHost {
    let file = format!(".beads/formulas/{name}.formula.toml");
    let output = Output {
        status: Some(status),
        stderr: stderr.into(),
        ..Output::default()
    };
    host.command(call.name, &[(hole, &[&file])], output)
}

#[test]
fn what_is_wrong_is_named_by_us_and_by_bd() {
    let wrong = "formula = \"mine\"\nversion = \"1.0.0\"\n[[steps]]\nid = \"a\"\n";
    let said = "{\n  \"error\": \"parsing formula: parse /x/mine.formula.toml: toml: line 2 (last key \\\"version\\\"): incompatible types: TOML value has type string; destination has type integer\",\n  \"schema_version\": 1\n}\n";
    for typed in [
        "mine",
        "mine.formula.toml",
        ".beads/formulas/mine.formula.toml",
        "./.beads/formulas/mine.formula.toml",
    ] {
        let host = asked(project(), "check", typed).file("project-formulas", "mine.formula.toml", wrong);
        let report = data(&bd(host, &IN_PROJECT, "file", "mine", 1, said));
        let checked = &report["checked"][0];
        assert_eq!((&report["ok"], &checked["taken"]), (&json!(false), &json!(false)));
        assert!(
            checked["bd"]
                .as_str()
                .is_some_and(|said| said.contains("incompatible types")),
            "{checked}"
        );
        let lines: Vec<_> = checked["findings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|found| found["line"].as_u64())
            .collect();
        assert_eq!(lines, [Some(2), Some(3), Some(3)]);
    }
}

#[test]
fn where_bd_can_not_be_asked_our_reader_decides() {
    let no_database = "{\"error\": \"no beads database found\", \"schema_version\": 1}";
    let host = asked(project(), "check", TASK).file("project-formulas", "conductor-task.formula.toml", text_of(TASK));
    let report = data(&bd(host, &IN_PROJECT, "file", TASK, 1, no_database));
    assert_eq!((&report["ok"], report["checked"][0].get("taken")), (&json!(true), None));
    let host = asked(project(), "check", TASK)
        .file("project-formulas", "conductor-task.formula.toml", text_of(TASK))
        .not_started(
            IN_PROJECT.name,
            &[("file", &[".beads/formulas/conductor-task.formula.toml"])],
            "no-program",
            "no bd",
        );
    let report = data(&host);
    assert_eq!(
        report["checked"][0]["bd"],
        "bd could not be asked: `bd` is not installed"
    );
}

#[test]
fn without_names_all_of_the_project_are_checked_and_ours_in_the_town() {
    let host = asked(rig(), "check", "")
        .file(
            "project-formulas",
            "mine.formula.toml",
            "formula = \"mine\"\nextends = [\"other\"]\n",
        )
        .file("town-formulas", "mol-polecat-work.formula.toml", "formula = 1")
        .file("town-formulas", "conductor-task.formula.toml", text_of(TASK));
    let host = bd(host, &IN_PROJECT, "file", "mine", 0, "");
    let report = data(&bd(host, &IN_TOWN, "town-file", TASK, 0, ""));
    let files: Vec<_> = report["checked"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|checked| checked["place"].as_str())
        .collect();
    assert_eq!(
        (&report["ok"], files),
        (&json!(true), vec![Some("project"), Some("town")])
    );
    let report = data(&asked(project(), "check", ""));
    assert_eq!(report["checked"].as_array().map(Vec::len), Some(bundled::ALL.len()));
    assert_eq!(report["ok"], true);
    assert_eq!(failure(&asked(project(), "check", "nothing")).code, "no-formula");
    assert_eq!(
        failure(&asked(project(), "check", "../../etc/passwd")).code,
        "no-formula"
    );
}

/// What the manifest declares is what is called, word for word, and a grant is there for each file that is written.
#[test]
fn the_manifest_declares_what_is_called() {
    let manifest = include_str!("../plugin.json");
    let remotes = conductor_gastown::reads::REMOTES;
    conductor_beads::testing::declares(
        manifest,
        &[IN_PROJECT, IN_TOWN, remotes],
        &[],
        &[(remotes.name, conductor_beads::reads::PATIENCE_MS)],
    );
    let manifest: Value = serde_json::from_str(manifest).expect("it is JSON");
    let written: Vec<&Value> = manifest["files"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|wish| wish["access"] == "write")
        .collect();
    assert_eq!(written.len(), 2 * bundled::ALL.len());
    for place in crate::place::Place::ALL {
        for formula in bundled::ALL {
            let path = format!(".beads/formulas/{}", formula.file());
            let grant = place.grant_of(formula.name);
            assert!(
                written
                    .iter()
                    .any(|wish| wish["grant"] == grant && wish["path"] == path && wish["place"] == place.word()),
                "{grant}"
            );
        }
    }
}
