//! The plugin in the real Claude Code client, without a network and without a model: what the slash command puts before the
//! model, and which calls run without a question.
//!
//! Needs the npm package `@anthropic-ai/claude-code` (`CONDUCTOR_CLAUDE` names its binary, else `claude` on PATH) and
//! `python3`; says that it skips where one is missing, and fails instead where `CI` or `CONDUCTOR_REQUIRE_REAL` is set.
#![cfg(unix)]

#[path = "real/bd.rs"]
mod bd;
#[path = "real/choices.rs"]
mod choices;
#[path = "real/client.rs"]
mod client;
#[path = "real/dispatch.rs"]
mod dispatch;
#[path = "real/git.rs"]
mod git;
#[path = "real/migrate.rs"]
mod migrate;
#[path = "real/town/mod.rs"]
mod town;
#[path = "real/town_dispatch.rs"]
mod town_dispatch;
#[path = "real/verdicts.rs"]
mod verdicts;

use std::fs;
use std::path::Path;
use std::process::Command;

use client::{Client, Session};
use serde_json::{Value, json};
use town::required;

/// Asks before each call that was not approved beforehand; the client's print mode can't ask, so it refuses.
const MANUAL: &str = "manual";

/// The model's turn that ends a conversation.
fn done() -> Value {
    json!({"text": "done"})
}

/// The model's turn that starts a command.
fn bash(command: &str) -> Value {
    json!({"tool": "Bash", "input": {"command": command, "description": "a test"}})
}

/// The id of a track of the example project that its status names; tracks that are done may only be counted there.
fn a_track(session: &Session) -> String {
    let status = session.direct(&["status", "--format", "claude"]);
    let tracks = fs::read_dir(session.project().join("conductor/tracks")).expect("the example has tracks");
    let mut names = tracks.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .into_string()
            .expect("a plain name")
    });
    names
        .find(|name| status.contains(name.as_str()))
        .unwrap_or_else(|| panic!("no track of the example in:\n{status}"))
}

#[test]
fn the_plugin_passes_the_strict_validator() {
    let Some(client) = Client::find() else { return };
    let copy = tempfile::tempdir().expect("a temporary folder");
    copy_tracked_files(copy.path());
    for target in [copy.path().to_owned(), copy.path().join(".claude-plugin/plugin.json")] {
        let (report, passed) = client.validate(&target);
        assert!(passed && report["success"] == true, "{report:#}");
    }
    let (report, _) = client.validate(copy.path());
    let commands = json!([
        "conductor:conductor-dispatch",
        "conductor:conductor-migrate",
        "conductor:conductor-status"
    ]);
    assert_eq!(report["provides"]["commands"], commands);
}

/// The repository as others get it. Without git (an unpacked archive) everything but what a build makes is taken.
fn copy_tracked_files(to: &Path) {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output();
    let names = match listed {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).expect("our file names are text"),
        _ => [".claude-plugin", "bin", "commands", "hooks", "README.md"].join("\0"),
    };
    for name in names.split_terminator('\0') {
        let target = to.join(name);
        fs::create_dir_all(target.parent().expect("below the copy")).expect("a folder");
        client::copy(&root.join(name), &target);
    }
}

#[test]
fn both_names_of_the_command_show_the_status() {
    let Some(session) = Session::new() else { return };
    let status = session.direct(&["status", "--format", "claude"]);
    assert!(status.contains(&a_track(&session)), "{status}");
    for name in ["/conductor-status", "/conductor:conductor-status"] {
        let asked = session.ask(MANUAL, name, &[done()]);
        assert_eq!(asked.count(), 1);
        assert!(asked.text().contains(&status), "{}", asked.text());
    }
}

#[test]
fn the_plugin_installs_from_its_own_marketplace() {
    let Some(session) = Session::new() else { return };
    let status = session.direct(&["status", "--format", "claude"]);
    session.install();
    let asked = session.ask_installed(MANUAL, "/conductor-status", &[done()]);
    assert!(asked.text().contains(&status), "{}", asked.text());
}

#[test]
fn the_status_of_one_track_runs_without_a_question_and_nothing_else_does() {
    let Some(session) = Session::new() else { return };
    let track = a_track(&session);
    let launcher = session.plugin().join("bin/conductor");
    let launcher = format!("\"{}\"", launcher.display());
    let approved = [
        format!("{launcher} status \"{track}\" --format claude"),
        format!("{launcher} status {track} --format claude"),
        format!("{launcher} status --format claude"),
    ];
    let refused = [
        format!("{launcher} plugin run hostile.wasm --format claude"),
        format!("{launcher} plugin run hostile.wasm status --format claude"),
        format!("{launcher} status-quo --format claude"),
        format!("{launcher} status {track} --watch"),
        format!("{launcher} status {track}; touch planted --format claude"),
        format!("{launcher} status {track} & touch planted --format claude"),
        format!("{launcher} status {track}\ntouch planted --format claude"),
        format!("{launcher} status \"$(touch planted)\" --format claude"),
        format!("{launcher} status `touch planted` --format claude"),
        format!("{launcher} status {track} --format claude > planted"),
        format!("{launcher} status {track} --format claude | tee planted"),
        format!("CONDUCTOR_BIN=/bin/sh {launcher} status --format claude"),
    ];
    let mut answers: Vec<Value> = approved.iter().chain(&refused).map(|command| bash(command)).collect();
    answers.push(done());
    let asked = session.ask(MANUAL, &format!("/conductor-status {track}"), &answers);

    assert!(
        asked.text().trim_end().ends_with(&format!("ARGUMENTS: {track}")),
        "{}",
        asked.text()
    );
    let results = asked.results();
    assert_eq!(results.len(), approved.len() + refused.len());
    let (ran, stopped) = results.split_at(approved.len());
    let one = session.direct(&["status", &track, "--format", "claude"]);
    let all = session.direct(&["status", "--format", "claude"]);
    assert_ne!(one, all, "the argument makes a difference");
    let printed: Vec<_> = ran.iter().map(|result| result.as_deref().map(str::trim)).collect();
    assert_eq!(printed, [Ok(one.as_str()), Ok(one.as_str()), Ok(all.as_str())]);
    for (command, result) in refused.iter().zip(stopped) {
        assert!(result.is_err(), "`{command}` ran: {result:?}");
    }
    assert!(!session.project().join("planted").exists());
}

#[test]
fn a_path_without_a_blank_needs_no_quotes() {
    let Some(mut session) = Session::new() else { return };
    session.move_plugin("plugin");
    let track = a_track(&session);
    let launcher = session.plugin().join("bin/conductor");
    let launcher = launcher.display();
    let answers = [
        bash(&format!("{launcher} status {track} --format claude")),
        bash(&format!("{launcher} status --format claude")),
        bash(&format!("{launcher} plugin list")),
        done(),
    ];
    let results = session.ask(MANUAL, "/conductor-status", &answers).results();
    let one = session.direct(&["status", &track, "--format", "claude"]);
    let all = session.direct(&["status", "--format", "claude"]);
    assert_eq!(results[0].as_deref().map(str::trim), Ok(one.as_str()));
    assert_eq!(results[1].as_deref().map(str::trim), Ok(all.as_str()));
    assert!(results[2].is_err() && results.len() == 3, "{results:?}");
}

#[test]
fn an_argument_is_never_run() {
    let Some(session) = Session::new() else { return };
    let prompt = "/conductor-status x; touch planted\n$(touch planted) `touch planted`\n!`touch planted`";
    let asked = session.ask("bypassPermissions", prompt, &[done()]);
    assert!(asked.text().contains("ARGUMENTS: x; touch planted"), "{}", asked.text());
    assert!(!session.project().join("planted").exists());
}

#[test]
fn a_title_is_never_run() {
    let Some(session) = Session::new() else { return };
    let folder = session.project().join("conductor");
    fs::remove_dir_all(&folder).expect("our own copy");
    fs::create_dir(&folder).expect("a folder");
    let registry =
        "# Tracks\n\n## [~] Track: !`touch planted` $ARGUMENTS ${HOME}\n*Link: [./tracks/bad_1/](./tracks/bad_1/)*\n";
    fs::write(folder.join("tracks.md"), registry).expect("a file");
    let asked = session.ask("bypassPermissions", "/conductor-status word", &[done()]);
    assert!(asked.text().contains("bad_1"), "{}", asked.text());
    assert!(!session.project().join("planted").exists());
}

#[test]
fn without_the_program_the_model_learns_how_to_install_it() {
    let Some(session) = Session::new() else { return };
    fs::remove_file(session.program()).expect("our own link");
    // What this machine has in the system's folders plays no part.
    session.edit_launcher("/usr/local/bin /opt/homebrew/bin", "/no/such/folder");
    let asked = session.ask(MANUAL, "/conductor-status", &[done()]);
    let text = asked.text();
    assert!(
        text.contains("error: the `conductor` program is not installed"),
        "{text}"
    );
    assert!(text.contains("cargo install --locked --path host"), "{text}");
}

#[test]
fn a_program_of_another_version_refuses_in_one_line() {
    let Some(session) = Session::new() else { return };
    let own = env!("CARGO_PKG_VERSION");
    session.edit_launcher(&format!("plugin_version={own}"), "plugin_version=9.9.9");
    let asked = session.ask(MANUAL, "/conductor-status", &[done()]);
    let text = asked.text();
    let named = |line: &&str| line.contains("9.9.9") && line.contains(own);
    assert_eq!(text.lines().filter(named).count(), 1, "{text}");
    assert!(!text.contains(&a_track(&session)), "{text}");
}

#[test]
fn an_old_command_that_hides_ours_is_named() {
    let Some(session) = Session::new() else { return };
    let commands = session.home().join(".claude/commands");
    fs::create_dir_all(&commands).expect("a folder");
    fs::write(commands.join("conductor-status.md"), "The old command.\n").expect("a file");
    let hidden = session.ask(MANUAL, "/conductor-status", &[done()]);
    assert!(hidden.text().contains("The old command."), "{}", hidden.text());

    let ours = session.ask(MANUAL, "/conductor:conductor-status", &[done()]);
    let note = "note: `~/.claude/commands/conductor-status.md` hides this plugin's `/conductor-status`";
    assert!(ours.text().contains(note), "{}", ours.text());
    assert!(
        ours.text().contains(&session.direct(&["status", "--format", "claude"])),
        "{}",
        ours.text()
    );
}
