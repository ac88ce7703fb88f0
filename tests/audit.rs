//! What the program writes down of a run, and when it writes nothing, with the real program.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

/// A secret in the environment.
const CANARY: &str = "the-canary-in-the-environment";

/// A home folder in which the bundled plugin is compiled already.
static HOME: LazyLock<TempDir> = LazyLock::new(|| {
    let home = tempfile::tempdir().expect("a temporary folder");
    let status = conductor(home.path(), &["status", "--project", "examples/shop"]);
    assert!(status.status.success(), "{status:?}");
    home
});

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
    command
        .current_dir(root())
        .env_clear()
        .env("HOME", home)
        .env("XDG_CACHE_HOME", home.join(".cache"))
        .env("PATH", "/usr/bin:/bin")
        .env("API_KEY", CANARY);
    command
}

fn conductor(home: &Path, arguments: &[&str]) -> Output {
    program(home).args(arguments).output().expect("the program starts")
}

/// Runs `status` without its grant; `state` is where its log goes.
fn refused(state: &Path) -> Output {
    program(HOME.path())
        .env("XDG_STATE_HOME", state)
        .args([
            "plugin",
            "run",
            "host/builtin/status.wasm",
            "--",
            "--project",
            "examples/shop",
        ])
        .output()
        .expect("the program starts")
}

fn records(state: &Path) -> Vec<Value> {
    let output = program(HOME.path())
        .env("XDG_STATE_HOME", state)
        .args(["audit", "--json"])
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    let mut said: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(said["data"]["schema"], "conductor.audit/1");
    assert_eq!(said["data"]["damaged"], 0);
    serde_json::from_value(said["data"]["records"].take()).expect("an array")
}

#[test]
fn a_status_writes_nothing_down() {
    let status = conductor(HOME.path(), &["status", "--project", "examples/shop"]);
    assert!(status.status.success(), "{status:?}");
    let audit = conductor(HOME.path(), &["audit"]);
    assert!(audit.stdout.starts_with(b"no records: "), "{audit:?}");
    let made: Vec<_> = fs::read_dir(HOME.path())
        .expect("the home folder")
        .map(|entry| entry.expect("listed").file_name())
        .collect();
    assert_eq!(made, [".cache"], "no state folder, not even an empty one");
}

#[test]
fn a_refusal_is_written_down_once_for_the_user_alone() {
    let state = tempfile::tempdir().expect("a temporary folder");
    assert_eq!(refused(state.path()).status.code(), Some(4));
    let records = records(state.path());
    let [refusal, run] = &records[..] else {
        panic!("a refusal, and the run that it belongs to: {records:?}")
    };
    assert_eq!(
        (&refusal["kind"], &refusal["code"], &refusal["count"]),
        (&"refusal".into(), &"denied".into(), &1.into())
    );
    assert_eq!(
        (&run["kind"], &run["exit"], &run["run"]),
        (&"run".into(), &4.into(), &refusal["run"])
    );
    let project = root().join("examples/shop").canonicalize().expect("it is there");
    assert_eq!(refusal["project"].as_str(), project.to_str());
    assert_eq!(refusal["plugin"], "status");

    let folder = state.path().join("conductor");
    assert_eq!(folder.metadata().expect("it was made").mode() & 0o777, 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).expect("it was made") {
        let path = entry.expect("listed").path();
        assert_eq!(path.metadata().expect("listed").mode() & 0o777, 0o600, "{path:?}");
        let text = fs::read_to_string(&path).expect("it is text");
        assert!(!text.contains(CANARY), "{path:?} has something of the environment");
        names.push(path.file_name().expect("it has a name").to_owned());
    }
    names.sort();
    assert_eq!(names, ["audit-reads.jsonl", "audit.lock"]);
}

#[test]
fn a_log_that_cannot_be_written_is_said_and_a_checkout_is_no_place_for_it() {
    let checkout = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(checkout.path().join(".git")).expect("made");
    let output = refused(&checkout.path().join("state"));
    assert_eq!(
        output.status.code(),
        Some(4),
        "what was asked for is answered all the same"
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("note: the audit log can't be written: "), "{stderr}");
    assert!(stderr.contains("lies inside the checkout"), "{stderr}");
    assert!(!checkout.path().join("state").exists());

    fs::create_dir_all(checkout.path().join("state/conductor")).expect("made");
    let audit = program(HOME.path())
        .env("XDG_STATE_HOME", checkout.path().join("state"))
        .arg("audit")
        .output()
        .expect("the program starts");
    assert_eq!(audit.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&audit.stderr);
    assert!(stderr.starts_with("error: the audit log can't be read: "), "{stderr}");
}
