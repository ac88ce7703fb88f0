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

/// Without anybody who reads it, it would run for ever.
#[test]
fn watch_ends_when_its_terminal_is_gone() {
    let folder = project();
    let (project, home) = (folder.path().join("project"), folder.path().join("home"));
    let Some(terminal) = Terminal::start_unheard(&project, &home, "status --watch") else {
        eprintln!("skipped: `script` of util-linux is not here");
        return;
    };
    terminal.wait_for("50% (1/2 tasks)");
    let Some(program) = terminal.program() else { return };
    terminal.kill();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while rustix::process::test_kill_process(program).is_ok() {
        assert!(std::time::Instant::now() < until, "it goes on");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
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

    let offered = |line: &str| offered(&line.split(' ').collect::<Vec<_>>());
    // A bundled plugin holds all that it wants: there is something to take back, and nothing to give.
    assert_eq!(
        offered("conductor plugin revoke status beads-"),
        ["beads-epics", "beads-open", "beads-ready", "beads-where"]
    );
    assert_eq!(
        offered("conductor plugin revoke --json status beads-open beads-"),
        ["beads-epics", "beads-ready", "beads-where"]
    );
    assert_eq!(offered("conductor plugin allow status beads-"), [""; 0]);
    let revoked = conductor(&folder.path().join("home"), &folder.path().join("project"))
        .args(["plugin", "revoke", "status", "beads-open", "rigs"])
        .output()
        .expect("started");
    assert!(revoked.status.success(), "{revoked:?}");
    assert_eq!(offered("conductor plugin allow status b"), ["beads-open"]);
    assert_eq!(
        offered("conductor plugin revoke status r"),
        ["remotes", "rig-by-id", "rig-changes", "rig-work"]
    );
    assert_eq!(offered("conductor plugin allow nobody b"), [""; 0]);
}

/// What is shown of a piece of work is gone before the fault is told, though the plugin did not come to end it.
#[test]
fn a_trap_in_the_middle_of_a_piece_of_work_ends_what_is_shown_of_it() {
    let folder = project();
    let file = folder.path().join("halfway.wasm");
    fs::write(&file, halfway()).expect("written");
    let Some(terminal) = in_terminal(folder.path(), &format!("plugin run {}", file.display())) else {
        eprintln!("skipped: `script` of util-linux is not here");
        return;
    };
    let (exit, shown) = terminal.end();
    assert_eq!(exit, Some(5), "{shown}");
    let fault = shown.find("ended by a fault of its own").expect("it is told");
    let last = shown[..fault].rfind("half of the work").expect("it was shown");
    // The line of the fault has its own beginning, and the one of the work was cleared (`ESC [ 2 K`) and not drawn again.
    assert!(shown[last..fault].contains("\x1b[2K"), "{:?}", &shown[last..]);
    assert!(!shown[fault..].contains("half of the work"), "{:?}", &shown[last..]);
}

/// The component of `progress_trap.wat`, with a manifest.
fn halfway() -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let text = ["types", "kit", "run"]
        .iter()
        .fold(read("terminal/progress_trap.wat"), |text, part| {
            text.replace(
                &format!("(@include \"{part}\")"),
                &read(&format!("guests/parts/{part}.wat")),
            )
        });
    let manifest = r#"{"name": "halfway", "version": "0.1.0", "summary": "Ends halfway", "api": "0.1.0"}"#;
    let wasm = wat::parse_str(text).expect("it is a component");
    conductor_host::component::with_manifest(&wasm, manifest, "a test").expect("packed")
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

#[test]
fn slash_commands_that_hide_ours_are_put_aside_with_a_yes_to_each() {
    let folder = project();
    let commands = folder.path().join("home/.claude/commands");
    fs::create_dir_all(&commands).expect("made");
    for name in ["conductor-status.md", "conductor-dispatch.md", "conductor-newtrack.md"] {
        fs::write(commands.join(name), "theirs").expect("written");
    }
    let alone = conductor(&folder.path().join("home"), &folder.path().join("project"))
        .args(["health", "--move-aside"])
        .stdin(Stdio::null())
        .output()
        .expect("it starts");
    assert_eq!(alone.status.code(), Some(4), "nobody is there to say yes");
    let Some(mut terminal) = in_terminal(folder.path(), "health --move-aside") else {
        eprintln!("skipped: `script` of util-linux is not here");
        return;
    };
    terminal.wait_for("conductor-status.md` hides ours. Rename it? [y/N]");
    terminal.keys("y\n");
    terminal.wait_for("conductor-dispatch.md` hides ours. Rename it? [y/N]");
    terminal.keys("n\n");
    terminal.wait_for("stays as it is");
    let (status, shown) = terminal.end();
    assert_eq!(status, Some(0), "{shown}");
    assert!(
        shown.contains("`~/.claude/commands/conductor-status.md.aside` now"),
        "{shown}"
    );
    let there = |name: &str| commands.join(name).exists();
    assert!(there("conductor-status.md.aside") && !there("conductor-status.md"));
    assert!(there("conductor-dispatch.md") && there("conductor-newtrack.md"));
}
