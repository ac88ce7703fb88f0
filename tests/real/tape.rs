//! What a plugin was told by the real tools it is told again by a tape, without any of them.

use std::fs;
use std::process::{Command, Output};

use crate::town::said;

/// Is in the environment of the recorded run, and must not be on its tape.
const CANARY: &str = "canary-51c9";

/// Records a run on the real tools and replays it where there are none: the same bytes, and no process.
pub(crate) fn check(conductor: impl Fn() -> Command, arguments: &[&str]) {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let tape = scratch.path().join("run.tape");
    let run = |flag: &str, path: Option<&str>| -> Output {
        let mut command = conductor();
        command.args(["--verbose", flag]).arg(&tape).args(arguments);
        command.env("SECRET_TOKEN", CANARY);
        if let Some(path) = path {
            command.env("PATH", path);
        }
        command.output().expect("conductor starts")
    };
    let recorded = run("--record", None);
    let calls = fs::read_to_string(&tape).unwrap_or_else(|error| panic!("{error}: {}", said(&recorded)));
    assert!(calls.lines().count() > 2, "a header and calls of the tools: {calls}");
    assert!(!calls.contains(CANARY), "{calls}");

    let replayed = run("--replay", Some(""));
    assert_eq!(replayed.status.code(), recorded.status.code(), "{}", said(&replayed));
    assert_eq!(
        String::from_utf8_lossy(&replayed.stdout),
        String::from_utf8_lossy(&recorded.stdout),
        "{arguments:?}"
    );
    let notes = String::from_utf8_lossy(&replayed.stderr);
    assert!(notes.contains("processes started: 0"), "{notes}");
}
