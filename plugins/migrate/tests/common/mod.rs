//! A project in a git repository: files as the host gives them, and the manifest's own commands run by the real git.
#![expect(clippy::disallowed_methods, reason = "a test starts git and makes files")]
#![allow(dead_code, reason = "each test uses what it needs of it")]

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::process::Command;

use conductor_plugin::testing::FakeHost;
use conductor_plugin::{Arguments, Entry, Error, Format, Held, Host, Output, Running};
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

    /// The files of `conductor/`.
    pub fn host(&self) -> RealGit {
        let host = FakeHost::new().grant("conductor");
        let conductor = self.folder.join("conductor");
        RealGit {
            files: match conductor.is_dir() {
                true => host.files_of("conductor", &conductor),
                false => host,
            },
            folder: self.folder.clone(),
            called: RefCell::default(),
        }
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// A host whose commands are the manifest's, run in the repository. Town and bd are not there.
pub struct RealGit {
    pub files: FakeHost,
    folder: PathBuf,
    pub called: RefCell<Vec<String>>,
}

impl RealGit {
    pub fn argument(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.files = self.files.argument(name, value);
        self
    }

    pub fn dry(mut self) -> Self {
        self.files = self.files.dry();
        self
    }
}

/// A command that has ended.
struct Ended(Output);

impl Running for Ended {
    fn wait(self: Box<Self>) -> Result<Output, Error> {
        Ok(self.0)
    }

    fn kill(&self) {}
}

impl Host for RealGit {
    fn arguments(&self) -> Arguments {
        self.files.arguments()
    }

    fn presentation(&self) -> Format {
        Host::presentation(&self.files)
    }

    fn project_name(&self) -> String {
        Host::project_name(&self.files)
    }

    fn snapshot(&self, grant: &str, patterns: &[&str], max_bytes: u64) -> Result<Vec<Entry>, Error> {
        self.files.snapshot(grant, patterns, max_bytes)
    }

    fn read(&self, grant: &str, path: &str) -> Result<Vec<u8>, Error> {
        self.files.read(grant, path)
    }

    fn dry_run(&self) -> bool {
        self.files.dry_run()
    }

    fn applies(&self) -> Option<String> {
        self.files.applies()
    }

    fn session(&self) -> Option<String> {
        Host::session(&self.files)
    }

    fn session_over(&self, session: &str, at_ms: u64) -> bool {
        self.files.session_over(session, at_ms)
    }

    fn consented(&self, scope: &str) -> bool {
        self.files.consented(scope)
    }

    fn again_after(&self, ms: u32) {
        self.files.again_after(ms);
    }

    fn replace(&self, grant: &str, path: &str, expected: &str, bytes: &[u8]) -> Result<(), Error> {
        self.files.replace(grant, path, expected, bytes)
    }

    fn create(&self, grant: &str, path: &str, bytes: &[u8]) -> Result<(), Error> {
        self.files.create(grant, path, bytes)
    }

    fn remove(&self, grant: &str, path: &str, expected: &str) -> Result<(), Error> {
        self.files.remove(grant, path, expected)
    }

    fn begin_progress(&self, _: &str, _: Option<u32>) {}

    fn advance_progress(&self, _: u32, _: Option<&str>) {}

    fn end_progress(&self) {}

    fn start(&self, command: &str, values: &[(&str, &[&str])], _: Option<&[u8]>) -> Result<Box<dyn Running>, Error> {
        let manifest: Value = serde_json::from_str(include_str!("../../plugin.json")).expect("JSON");
        let declared = &manifest["commands"][command];
        assert!(
            declared["argv"][0] == "git" && declared["effect"] == "read",
            "{command}"
        );
        self.called.borrow_mut().push(command.to_owned());
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
            .current_dir(&self.folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git starts");
        Ok(Box::new(Ended(Output {
            status: output.status.code(),
            stdout: output.stdout,
            stderr: output.stderr,
            ..Output::default()
        })))
    }

    fn lock(&self, name: &str, wait_ms: u32) -> Result<Box<dyn Held>, Error> {
        self.files.lock(name, wait_ms)
    }
}

/// Writes what a test compares with.
pub fn bless(file: &Path, text: &str) {
    std::fs::create_dir_all(file.parent().expect("in a folder")).expect("made");
    std::fs::write(file, text).expect("written");
}
