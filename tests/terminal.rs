//! What only a terminal shows: `--watch`, colour, and completion as a shell asks for it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

#[path = "terminal/script.rs"]
mod script;

use script::Terminal;

fn conductor(home: &Path, project: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
    command
        .current_dir(project)
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin");
    command
}

/// A project with one track of two tasks, one of them done, and a home folder.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let track = folder.path().join("project/conductor/tracks/auth_20260101");
    fs::create_dir_all(&track).expect("made");
    fs::create_dir_all(folder.path().join("home")).expect("made");
    fs::create_dir_all(folder.path().join("project/.git")).expect("made");
    fs::write(
        track.join("../../tracks.md"),
        "# Project Tracks\n\n---\n\n## [~] Track: Log in\n*Link: [./tracks/auth_20260101/](./tracks/auth_20260101/)*\n",
    )
    .expect("written");
    fs::write(track.join("plan.md"), plan(' ')).expect("written");
    folder
}

fn plan(second: char) -> String {
    format!("# Plan\n\n## Phase 1: Start\n\n- [x] Task 1: One\n- [{second}] Task 2: Two\n")
}

fn in_terminal(folder: &Path, arguments: &str) -> Option<Terminal> {
    Terminal::start(&folder.join("project"), &folder.join("home"), &[], arguments)
}

#[test]
fn watch_shows_a_change_and_a_mistake_and_goes_on() {
    let folder = project();
    let plan_file = folder.path().join("project/conductor/tracks/auth_20260101/plan.md");
    let registry = folder.path().join("project/conductor/tracks.md");
    let Some(terminal) = in_terminal(folder.path(), "status --watch") else {
        eprintln!("skipped: `script` of util-linux is not here");
        return;
    };
    terminal.wait_for("50% (1/2 tasks)");
    fs::write(&plan_file, plan('x')).expect("written");
    terminal.wait_for("100% (2/2 tasks)");
    fs::rename(&registry, registry.with_extension("away")).expect("renamed");
    terminal.wait_for("1 problem");
    terminal.kill();
}

#[test]
fn watch_needs_a_terminal() {
    let folder = project();
    let output = conductor(&folder.path().join("home"), &folder.path().join("project"))
        .args(["status", "--watch"])
        .output()
        .expect("started");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("needs a terminal"));
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let folder = project();
    let said = |arguments: &[&str], variable: Option<&str>| {
        let mut command = conductor(&folder.path().join("home"), &folder.path().join("project"));
        command.args(arguments).envs(variable.map(|name| (name, "1")));
        String::from_utf8_lossy(&command.output().expect("started").stdout).into_owned()
    };
    assert!(!said(&["status"], None).contains('\x1b'), "a pipe");
    assert!(
        said(&["--color", "always", "status"], None).contains("\x1b["),
        "asked for"
    );
    assert!(
        !said(&["--color", "never", "status"], None).contains('\x1b'),
        "not wanted"
    );
    if let Some(terminal) = in_terminal(folder.path(), "status") {
        assert!(terminal.end().1.contains("\x1b["), "a terminal");
    }
}

#[test]
fn a_shell_is_offered_commands_flags_and_track_ids() {
    let folder = project();
    let offered = |words: &[&str]| {
        let mut command = conductor(&folder.path().join("home"), &folder.path().join("project"));
        command
            .env("COMPLETE", "bash")
            .env("_CLAP_IFS", "\n")
            .env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string());
        command
            .env("_CLAP_COMPLETE_COMP_TYPE", "9")
            .env("_CLAP_COMPLETE_SPACE", "false");
        let output = command.arg("--").args(words).output().expect("started");
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(offered(&["conductor", "status", "au"]), ["auth_20260101"]);
    assert!(offered(&["conductor", "st"]).contains(&"status".to_owned()));
    assert!(offered(&["conductor", "status", "--d"]).contains(&"--diagnostics".to_owned()));
}

#[test]
fn every_shell_gets_a_script() {
    let folder = project();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = conductor(&folder.path().join("home"), folder.path())
            .args(["completions", shell])
            .output()
            .expect("started");
        assert!(output.status.success(), "{shell}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("conductor"), "{shell}");
    }
}

#[test]
fn an_outcome_that_can_not_be_written_is_trouble_but_for_claude() {
    let folder = project();
    let Ok(full) = fs::File::options().write(true).open("/dev/full") else {
        eprintln!("skipped: there is no /dev/full here");
        return;
    };
    let exit = |arguments: &[&str]| {
        let mut command = conductor(&folder.path().join("home"), &folder.path().join("project"));
        let full = full.try_clone().expect("a second descriptor");
        command
            .args(arguments)
            .stdout(full)
            .stderr(Stdio::null())
            .status()
            .expect("started")
            .code()
    };
    assert_eq!(exit(&["status"]), Some(1));
    assert_eq!(exit(&["status", "--json"]), Some(1));
    assert_eq!(exit(&["status", "--format", "claude"]), Some(0));
}
