//! A project in a git repository: files as the host gives them, and the manifest's own commands run by the real git.
#![expect(clippy::disallowed_methods, reason = "a test starts git and makes files")]
#![allow(dead_code, reason = "each test uses what it needs of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

use conductor_plugin::Output;
use conductor_plugin::testing::FakeHost;
use serde_json::Value;

/// The folder that everything of a test lies in; it goes when the test ends.
#[derive(Debug)]
pub struct Repository {
    folder: PathBuf,
}

impl Repository {
    /// An empty repository with one commit.
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("conductor-migrate-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).expect("made");
        let repository = Self { folder };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.write("README.md", "shop\n");
        repository.commit("begin");
        repository
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=T", "-c", "user.email=t@example.com"])
            .args(arguments)
            .current_dir(&self.folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git starts");
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        std::fs::create_dir_all(path.parent().expect("in a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    /// Commits all there is. The commit.
    pub fn commit(&self, subject: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", subject]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A branch with a commit of its own.
    pub fn branch(&self, name: &str) -> String {
        self.git(&["checkout", "--quiet", "-b", name]);
        let sha = self.commit(&format!("work on {name}"));
        self.git(&["checkout", "--quiet", "main"]);
        sha
    }

    /// The files of `conductor/`, and the manifest's commands on the real git.
    pub fn host(&self) -> FakeHost {
        let host = FakeHost::new().grant("conductor");
        let conductor = self.folder.join("conductor");
        let host = match conductor.is_dir() {
            true => host.files_of("conductor", &conductor),
            false => host,
        };
        let folder = self.folder.clone();
        host.answered(move |command, values| Ok(run(&folder, command, values)))
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// Runs a command of the manifest in a repository. Only reads of git are there: no town and no bd.
fn run(folder: &Path, command: &str, values: &[(&str, &[&str])]) -> Output {
    let manifest: Value = serde_json::from_str(include_str!("../../plugin.json")).expect("JSON");
    let declared = &manifest["commands"][command];
    assert!(
        declared["argv"][0] == "git" && declared["effect"] == "read",
        "{command}"
    );
    let words = declared["argv"].as_array().expect("a list").iter().skip(1);
    let filled = words.map(|word| {
        let mut word = word.as_str().expect("text").to_owned();
        for (name, value) in values {
            if let Some(from) = word.find(&format!("<{name}:")) {
                let to = from + word[from..].find('>').expect("it ends") + 1;
                word.replace_range(from..to, value[0]);
            }
        }
        word
    });
    let output = Command::new("git")
        .args(filled)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git starts");
    Output {
        status: output.status.code(),
        stdout: output.stdout,
        stderr: output.stderr,
        ..Output::default()
    }
}

/// Writes what a test compares with.
pub fn bless(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().expect("in a folder")).expect("made");
    std::fs::write(file, text).expect("written");
}
