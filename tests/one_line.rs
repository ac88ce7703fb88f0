//! For Claude every trouble is one line on stdout and exit code 0, since a failing inline command would abort the slash command:
//! also where the shell bounds the process so that hardly anything can run (`ulimit`), and through the launcher.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "a test starts the program and makes files")]

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Output};

use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_conductor");
const LAUNCHER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../bin/conductor");

/// A home folder, a project with one track, and a folder outside of it.
fn place() -> TempDir {
    let place = tempfile::tempdir().expect("a temporary folder");
    for folder in ["home", "project/.git", "project/conductor", "empty/.git"] {
        fs::create_dir_all(place.path().join(folder)).expect("made");
    }
    fs::write(place.path().join("project/conductor/tracks.md"), "# Tracks\n").expect("written");
    place
}

/// What comes of a line for the shell in which `$0` is the program.
fn run(place: &TempDir, program: &str, folder: &str, line: &str) -> Output {
    Command::new("sh")
        .args(["-c", line, program])
        .current_dir(place.path().join(folder))
        .env_clear()
        .env("HOME", place.path().join("home"))
        .env("PATH", "/usr/bin:/bin")
        .env("CONDUCTOR_BIN", PROGRAM)
        .output()
        .expect("the shell starts")
}

/// The one line that it prints for Claude.
fn line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}{stderr}");
    assert_eq!(text.matches('\n').count(), 1, "one line, not:\n{text}{stderr}");
    assert!(text.ends_with('\n') && text.starts_with("error: "), "{text}");
    text
}

#[test]
fn trouble_of_the_host_is_one_line_with_its_hint() {
    let place = place();
    let cases = [
        (
            "empty",
            "exec \"$0\" status --format claude",
            "no Conductor project here",
            "/conductor-setup",
        ),
        (
            "project",
            "exec \"$0\" status --bogus --format claude",
            "unknown flag `--bogus`",
            "`conductor status --help`",
        ),
        (
            "project",
            "exec \"$0\" status nothing --format claude",
            "no track matches `nothing`",
            "/conductor-newtrack",
        ),
        (
            "project",
            "CONDUCTOR_PLUGIN_VERSION=9.9.9 exec \"$0\" status --format claude",
            "the Claude Code plugin is 9.9.9",
            "bring both to one version",
        ),
    ];
    for (folder, typed, message, hint) in cases {
        let line = line(&run(&place, PROGRAM, folder, typed));
        assert!(line.starts_with(&format!("error: {message}")), "{line}");
        let (_, after) = line
            .split_once(" · hint: ")
            .unwrap_or_else(|| panic!("no hint: {line}"));
        assert!(after.contains(hint), "{line}");
    }
}

#[test]
fn a_small_stack_is_enough() {
    let place = place();
    for program in [PROGRAM, LAUNCHER] {
        let output = run(
            &place,
            program,
            "project",
            "ulimit -s 64; exec \"$0\" status --format claude",
        );
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(text.starts_with("**project** no tracks yet"), "{text}");
    }
}

/// In kB. With the first there is no room for the sandbox, with the second hardly any for the program itself.
#[cfg(target_os = "linux")]
const TOO_LITTLE: [u32; 2] = [1_000_000, 110_000];

#[cfg(target_os = "linux")]
#[test]
fn too_little_address_space_is_told_as_such() {
    let place = place();
    for most in TOO_LITTLE {
        for program in [PROGRAM, LAUNCHER] {
            let typed = format!("ulimit -v {most}; exec \"$0\" status --format claude");
            let line = line(&run(&place, program, "project", &typed));
            assert!(
                line.contains("this process may have ") && line.contains("`ulimit -v`"),
                "{line}"
            );
        }
        let typed = format!("ulimit -v {most}; exec \"$0\" status --json");
        let output = run(&place, PROGRAM, "project", &typed);
        assert_eq!(output.status.code(), Some(1));
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(json["error"]["code"], "no-memory");
    }
}

#[test]
fn a_linked_project_folder_is_told_with_what_to_do() {
    let place = place();
    let linked = place.path().join("linked");
    fs::create_dir_all(linked.join(".git")).expect("made");
    symlink(place.path().join("project/conductor"), linked.join("conductor")).expect("linked");
    let line = line(&run(&place, PROGRAM, "linked", "exec \"$0\" status --format claude"));
    assert!(line.contains("`conductor` leads out of the folder"), "{line}");
    assert!(line.contains(" · hint: ") && line.contains("`--project`"), "{line}");
}
