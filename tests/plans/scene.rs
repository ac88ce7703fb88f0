//! A project of its own in a repository of its own, a home folder, and Claude Code's events as its hooks give them.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::events::{answered, digest, question};
use crate::git::git;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_conductor");
/// The track that is carried out.
pub(crate) const TRACK: &str = "auth_20260101";
/// The Claude Code session.
pub(crate) const SESSION: &str = "session-1";

const PLAN: &str = "# Plan: Auth\n\n## Phase 1: Parts\n<!-- execution: parallel -->\n\n\
    - [ ] Task 1: Table for sessions\n  <!-- files: db.rs -->\n\
    - [ ] Task 2: Login form\n  <!-- files: form.rs -->\n\
    - [ ] Task 3: Notes on the table\n  <!-- files: db.rs -->\n\
    - [ ] Task: Conductor - User Manual Verification 'Parts' (Protocol in workflow.md)\n\n\
    ## Phase 2: Whole\n\n- [ ] Task 1: Join the parts\n- [ ] Task 2: Mail on a new device\n";

/// A place for a test.
pub(crate) struct Scene {
    folder: TempDir,
    /// Variables beside the usual ones.
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let scene = Self {
            folder,
            variables: Vec::new(),
        };
        fs::create_dir_all(scene.home()).expect("made");
        scene.make("project");
        scene
    }

    /// One more project in the same home.
    pub(crate) fn make(&self, name: &str) {
        let project = self.folder.path().join(name);
        let track = project.join("conductor/tracks").join(TRACK);
        fs::create_dir_all(&track).expect("made");
        let registry = format!(
            "# Project Tracks\n\n---\n\n- [ ] **Track: Auth**\n  *Link: [./tracks/{TRACK}/](./tracks/{TRACK}/)*\n"
        );
        for (path, text) in [
            (project.join("conductor/tracks.md"), registry.as_str()),
            (track.join("plan.md"), PLAN),
            (track.join("spec.md"), "# Spec\n"),
            (
                track.join("metadata.json"),
                "{\n  \"track_id\": \"auth_20260101\",\n  \"status\": \"new\"\n}\n",
            ),
        ] {
            fs::write(path, text).expect("written");
        }
        for arguments in [
            &["init", "--quiet"][..],
            &["config", "user.name", "A Person"],
            &["config", "user.email", "person@example.invalid"],
            &["add", "--all"],
            &["commit", "--quiet", "--message", "plan the work"],
        ] {
            self.git(&project, arguments);
        }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// A folder beside the project.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn git(&self, project: &Path, arguments: &[&str]) -> String {
        git(project, &self.home(), arguments)
    }

    /// A commit of a file: its name.
    pub(crate) fn commit(&self, file: &str, subject: &str) -> String {
        let project = self.project();
        fs::write(project.join(file), subject).expect("written");
        self.git(&project, &["add", file]);
        self.git(&project, &["commit", "--quiet", "--message", subject, "--", file]);
        self.git(&project, &["rev-parse", "HEAD"])
    }

    /// The project as it was at first.
    pub(crate) fn reset(&self) {
        let project = self.project();
        self.git(&project, &["reset", "--quiet", "--hard"]);
        self.git(&project, &["clean", "--quiet", "-dfx"]);
    }

    /// The program in the project, in the Claude Code session.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_in("project", arguments)
    }

    pub(crate) fn command_in(&self, project: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments);
        self.as_in(project, &mut command);
        command
    }

    /// Lets a command run as in a project, in the Claude Code session.
    pub(crate) fn as_in<'c>(&self, project: &str, command: &'c mut Command) -> &'c mut Command {
        command
            .current_dir(self.folder.path().join(project))
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", "/usr/bin:/bin")
            .env("CLAUDECODE", "1")
            .env("CLAUDE_CODE_SESSION_ID", SESSION)
            .envs(self.variables.iter().map(|(name, value)| (*name, value)))
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// The data of a run that goes well.
    pub(crate) fn data(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[&["dispatch", TRACK, "--json"], arguments].concat());
        let envelope: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {envelope}");
        envelope["data"].clone()
    }

    /// The code of a run that does not.
    pub(crate) fn code(&self, arguments: &[&str]) -> String {
        let output = self.run(&[&["dispatch", TRACK, "--json"], arguments].concat());
        let envelope: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        envelope["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    /// Gives an event to a hook: what it prints.
    pub(crate) fn hook(&self, name: &str, event: &str) -> Output {
        let mut child = self
            .command(&["hook", name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(event.as_bytes())
            .expect("written");
        child.wait_with_output().expect("it ends")
    }

    /// The user types the slash command: what the client is told.
    pub(crate) fn types(&self, arguments: &str) -> Value {
        let event = json!({"session_id": SESSION, "cwd": self.project(), "hook_event_name": "UserPromptExpansion",
            "command_name": "conductor:conductor-dispatch", "command_args": arguments});
        let output = self.hook("prompt", &event.to_string());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// What Claude is told of a slash command.
    pub(crate) fn context(&self, arguments: &str) -> String {
        let said = self.types(arguments);
        let context = &said["hookSpecificOutput"]["additionalContext"];
        context.as_str().unwrap_or_else(|| panic!("{said}")).to_owned()
    }

    /// Agrees to the plan that is shown now: its digest.
    pub(crate) fn agree(&self, label: &str) -> String {
        let context = self.context(TRACK);
        let question = question(&context);
        let output = self.hook("answer", &answered(SESSION, &question, label).to_string());
        assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
        digest(&question)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        let path = match name {
            "tracks.md" => self.project().join("conductor/tracks.md"),
            name => self.project().join("conductor/tracks").join(TRACK).join(name),
        };
        fs::read_to_string(path).unwrap_or_default()
    }

    /// All files of `conductor/`, and what lies beside it.
    pub(crate) fn all_files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.project()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push((path.clone(), fs::read(&path).unwrap_or_default())),
                }
            }
        }
        found.sort();
        found
    }
}
