//! A home folder with a cache, a plugin and a project, and what a run in it printed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::word::said_by;

/// The counts that `--verbose` shows of a run that compiled a plugin in a file, and of one that did not.
pub(crate) const COLD: &str = "taken from the cache: 1, 2, 0";
pub(crate) const WARM: &str = "taken from the cache: 0, 2, 1";
/// A home folder, and a project to ask about.
pub(crate) struct Place {
    pub(crate) scratch: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(scratch.path().join("project/.git")).expect("made");
        fs::create_dir_all(scratch.path().join("project/conductor/tracks/sign-in_20260101")).expect("made");
        fs::create_dir(scratch.path().join("home")).expect("made");
        let registry =
            "# Tracks\n\n- [~] **Track: Sign in** *Link: [./tracks/sign-in_20260101/](./tracks/sign-in_20260101/)*\n";
        fs::write(scratch.path().join("project/conductor/tracks.md"), registry).expect("written");
        fs::write(scratch.path().join("word.wasm"), plugin("hello")).expect("written");
        Self { scratch }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.path("home/.cache/conductor")
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
        self.surround(&mut command);
        command
    }

    pub(crate) fn surround(&self, command: &mut Command) {
        command
            .current_dir(self.path("project"))
            .env_clear()
            .env("HOME", self.path("home"))
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null());
    }

    /// Runs a small plugin, which is quick to compile.
    pub(crate) fn ask(&self) -> Ran {
        Ran::of(self.command().args(self.question()))
    }

    pub(crate) fn question(&self) -> [OsString; 4] {
        [
            "--verbose".into(),
            "plugin".into(),
            "run".into(),
            self.path("word.wasm").into(),
        ]
    }

    /// The one entry that a run has left.
    pub(crate) fn entry(&self) -> PathBuf {
        let entries = entries(&self.folder());
        assert_eq!(entries.len(), 1, "one entry and nothing else: {entries:?}");
        entries[0].clone()
    }

    /// Fills the cache and names the entry.
    pub(crate) fn warm(&self) -> PathBuf {
        self.ask().right().counted(COLD);
        self.entry()
    }

    /// Asks twice: the first time what is there is refused, and replaced, so that the second time it is taken.
    pub(crate) fn recovers(&self) {
        self.ask().right().counted(COLD);
        self.ask().right().counted(WARM);
    }

    /// Asks twice: nothing is kept, and a note says why.
    pub(crate) fn works_without(&self, why: &str) {
        for _ in 0..2 {
            self.ask().right().counted(COLD).noted(why);
        }
    }
}

pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.expect("listed").path()).collect()
}

/// What a run has printed.
pub(crate) struct Ran {
    pub(crate) output: Output,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::from(command.output().expect("it can be started"))
    }

    pub(crate) fn from(output: Output) -> Self {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Self { output, stderr }
    }

    pub(crate) fn right(self) -> Self {
        self.said("hello")
    }

    pub(crate) fn said(self, words: &str) -> Self {
        let stdout = String::from_utf8_lossy(&self.output.stdout);
        let is_right = self.output.status.success() && stdout.contains(words);
        assert!(is_right, "{}\n{stdout}\n{}", self.output.status, self.stderr);
        self
    }

    pub(crate) fn counted(self, counts: &str) -> Self {
        assert!(self.stderr.contains(counts), "not `{counts}`:\n{}", self.stderr);
        self
    }

    pub(crate) fn noted(self, why: &str) -> Self {
        let noted = self.stderr.contains("compiled plugins are not kept") && self.stderr.contains(why);
        assert!(noted, "not noted `{why}`:\n{}", self.stderr);
        self
    }
}

/// A plugin that says one word.
pub(crate) fn plugin(word: &str) -> Vec<u8> {
    said_by(
        word,
        r#"{"name": "word", "version": "1", "summary": "says a word", "api": "0.1.0"}"#,
    )
}
