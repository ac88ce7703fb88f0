//! A home folder, a project, components to install, and what the program says in them.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use conductor_host::component;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::script::Terminal;
use crate::word::said_by;

/// What is compiled is the same for all, and taken from the cache from the second time on.
static CACHE: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder"));

pub(crate) struct Scene {
    pub(crate) scratch: TempDir,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(scratch.path().join("project/.git")).expect("made");
        fs::create_dir_all(scratch.path().join("project/conductor")).expect("made");
        fs::write(scratch.path().join("project/conductor/tracks.md"), "# Tracks\n").expect("written");
        fs::create_dir(scratch.path().join("home")).expect("made");
        Self { scratch }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path("home/.local/share/conductor/.installed")
    }

    pub(crate) fn grants(&self) -> PathBuf {
        self.path("home/.config/conductor/grants.json")
    }

    /// Puts a component beside the project.
    pub(crate) fn component(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("written");
        path
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.path("project"))
            .env_clear()
            .env("HOME", self.path("home"))
            .env("XDG_CACHE_HOME", CACHE.path())
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// The program in a terminal; nothing where there is no `script`.
    pub(crate) fn terminal(&self, arguments: &str) -> Option<Terminal> {
        self.terminal_with(&[], arguments)
    }

    pub(crate) fn terminal_with(&self, environment: &[(&str, &OsStr)], arguments: &str) -> Option<Terminal> {
        let cache: (&str, &OsStr) = ("XDG_CACHE_HOME", CACHE.path().as_os_str());
        let environment = [&[cache], environment].concat();
        let terminal = Terminal::start(&self.path("project"), &self.path("home"), &environment, arguments);
        if terminal.is_none() {
            eprintln!("skipped: `script` of util-linux is not here");
        }
        terminal
    }

    /// Answers one question after the other, each when it was shown; the exit code and what was shown.
    pub(crate) fn answered(&self, arguments: &str, answers: &[(&str, &str)]) -> Option<(i32, String)> {
        let mut terminal = self.terminal(arguments)?;
        for (question, answer) in answers {
            terminal.wait_for(question);
            terminal.keys(&format!("{answer}\n"));
        }
        let (exit, shown) = terminal.end();
        Some((exit.expect("no signal"), shown.replace('\r', "")))
    }

    /// Installs a component with one answer to the question for grants.
    pub(crate) fn install(&self, file: &Path, answer: &str) -> Option<String> {
        let (exit, shown) = self.answered(
            &format!("plugin install {}", file.display()),
            &[("or none [N]?", answer)],
        )?;
        assert_eq!(exit, 0, "{shown}");
        Some(shown)
    }
}

/// What a run has printed.
pub(crate) struct Ran {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from(command.output().expect("it can be started"))
    }

    pub(crate) fn right(self) -> Self {
        assert_eq!(self.exit, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn failed(self, exit: i32, says: &str) -> Self {
        assert!(
            self.exit == exit && self.stderr.contains(says),
            "not {exit} and `{says}`: {}\n{}{}",
            self.exit,
            self.stdout,
            self.stderr
        );
        self
    }

    /// The data of `--json`.
    pub(crate) fn data(&self) -> Value {
        let envelope: Value = serde_json::from_str(&self.stdout).expect("an envelope");
        envelope["data"].clone()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            exit: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

/// The manifest of a plugin that wants one thing of each kind.
pub(crate) fn manifest(name: &str) -> Value {
    json!({
        "name": name, "version": "0.1.0", "summary": "What changed since yesterday", "api": "0.1.0",
        "arguments": [{"name": "since", "type": "text", "help": "From when on"}],
        "files": [
            {"grant": "conductor", "place": "project", "path": "conductor", "access": "read", "reason": "names of the tracks"},
            {"grant": "report", "place": "project", "path": "standup", "access": "write", "reason": "the report"}],
        "programs": {"git": {"reason": "the commits"}, "make": {"reason": "the build"}},
        "commands": {
            "build": {"argv": ["make", "--", "<what:id>"], "cwd": "project", "effect": "write", "reason": "the build"},
            "commits": {"argv": ["git", "log", "--since=<since:text>"], "cwd": "project", "effect": "read", "reason": "the commits"}}
    })
}

/// A plugin that says "hello", with a manifest.
pub(crate) fn hello(manifest: &Value) -> Vec<u8> {
    said_by("hello", &manifest.to_string())
}

/// A plugin that starts `git --version` and says what that prints.
pub(crate) fn starts_git(name: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let text = ["types", "kit", "run"]
        .iter()
        .fold(read("plugins/starts.wat"), |text, part| {
            text.replace(
                &format!("(@include \"{part}\")"),
                &read(&format!("guests/parts/{part}.wat")),
            )
        });
    let command = |argv: &[&str]| json!({"argv": argv, "cwd": "project", "effect": "read", "reason": "to know"});
    let manifest = json!({
        "name": name, "version": "0.1.0", "summary": "Starts git", "api": "0.1.0",
        "programs": {"git": {"reason": "to know"}},
        "commands": {"version": command(&["git", "--version"]), "log": command(&["git", "log"])}
    });
    let wasm = wat::parse_str(text).expect("it is a component");
    component::with_manifest(&wasm, &manifest.to_string(), "a test").expect("packed")
}

/// The bundled `status` under another name: it reads `conductor/` of the project.
pub(crate) fn status_as(name: &str) -> Vec<u8> {
    let bundled = conductor_host::plugin::Plugin::bundled("status").expect("it is bundled");
    let wasm = bundled.wasm().expect("it is bundled").into_owned();
    let text = component::manifest(&wasm, "status").expect("it has one");
    let mut manifest: Value = serde_json::from_str(text).expect("JSON");
    manifest["name"] = name.into();
    let bare = wasm[..start_of_section(&wasm, text)].to_vec();
    component::with_manifest(&bare, &manifest.to_string(), "a test").expect("packed")
}

/// Where the section begins that holds the manifest, the last one: its kind, its length, the length of its name, its name.
fn start_of_section(wasm: &[u8], text: &str) -> usize {
    let name = component::MANIFEST_SECTION.len();
    let mut length = 1 + name + text.len();
    let mut digits = 1;
    while length >= 128 {
        length >>= 7;
        digits += 1;
    }
    wasm.len() - text.len() - name - 1 - digits - 1
}
