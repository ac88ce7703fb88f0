//! Beads without Gas Town: a project with a database of its own, and what goes into a database.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Tools, done, read_json, tools};

/// A project in git with `bd`'s embedded database in it, as a person has one who uses Beads alone.
pub(crate) struct BeadsProject {
    top: TempDir,
    env: BTreeMap<String, String>,
}

impl BeadsProject {
    /// A clone of `examples/shop` with `bd init` done. `None` where a tool is missing.
    pub(crate) fn new() -> Option<Self> {
        let project = Self::without_database()?;
        let init = [
            "init",
            "--prefix",
            "sp",
            "--stealth",
            "--skip-agents",
            "--skip-hooks",
            "--quiet",
            "--non-interactive",
        ];
        project.bd(&init);
        Some(project)
    }

    /// The same before `bd init`.
    pub(crate) fn without_database() -> Option<Self> {
        let tools = Tools::find()?;
        let top = tempfile::tempdir().expect("a temporary folder");
        let home = top.path().join("home");
        fs::create_dir(&home).expect("made");
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", tools.bin().display());
        let env = [
            ("HOME", home.to_str().expect("text")),
            ("PATH", &path),
            ("LANG", "C.UTF-8"),
            ("DO_NOT_TRACK", "1"),
            ("BD_DISABLE_METRICS", "1"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let project = Self { top, env };
        copy(
            Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/shop")),
            &project.project(),
        );
        project.git(&["config", "--global", "user.name", "A Person"]);
        project.git(&["config", "--global", "user.email", "person@example.invalid"]);
        project.git(&["init", "--quiet", "--initial-branch", "main"]);
        project.git(&["add", "."]);
        project.git(&["commit", "--quiet", "--message", "plan the work"]);
        Some(project)
    }

    /// The project.
    pub(crate) fn project(&self) -> PathBuf {
        self.top.path().join("project")
    }

    /// The home folder of everything that is started here.
    pub(crate) fn home(&self) -> PathBuf {
        self.top.path().join("home")
    }

    /// A program with this project's environment and nothing else, started in the project.
    pub(crate) fn command(&self, program: &str) -> Command {
        tools::started_in(&self.project(), program, &self.env)
    }

    /// `git` in the project.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        done(self.command("git").args(arguments))
    }

    /// `bd` in the project. The test fails when bd does.
    pub(crate) fn bd(&self, arguments: &[&str]) -> String {
        done(self.command("bd").args(arguments))
    }

    /// The JSON that `bd` prints.
    pub(crate) fn bd_json(&self, arguments: &[&str]) -> Value {
        read_json(&self.bd(arguments))
    }

    /// Our program in the project, with the few variables that a person's shell has.
    pub(crate) fn conductor(&self, arguments: &[&str]) -> Output {
        self.conductor_command()
            .args(arguments)
            .output()
            .expect("conductor starts")
    }

    /// The same, for a test that adds something.
    pub(crate) fn conductor_command(&self) -> Command {
        tools::conductor_in(&self.project(), &self.env)
    }

    /// As [`super::Town::beads`], in the project's own database.
    pub(crate) fn beads<const N: usize>(&self, track: &str, titles: [&str; N]) -> [String; N] {
        let file = self.top.path().join(format!("graph-{track}.json"));
        fs::write(&file, graph(track, &titles).to_string()).expect("written");
        ids(&self.bd_json(&["create", "--graph", file.to_str().expect("text"), "--json"]))
    }

    /// Holds the database's lock until what is returned is dropped. Every other `bd` waits for it without end and without a word.
    pub(crate) fn lock(&self) -> Held {
        let database = self.project().join(".beads/embeddeddolt/sp");
        let mut dolt = self.command("dolt");
        // It waits for what it is to do, with the database open.
        dolt.args(["sql", "--result-format", "csv"])
            .current_dir(&database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut held = Held(dolt.spawn().expect("dolt starts"));
        let stdin = held.0.stdin.as_mut().expect("it is piped");
        stdin
            .write_all(b"SELECT 'open';\n")
            .and_then(|()| stdin.flush())
            .expect("it listens");
        let stdout = held.0.stdout.take().expect("it is piped");
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "open"), "dolt opens the database");
        held
    }

    /// Cuts the file short that says where the database is. `bd list` then prints `[]` and exits with 0, as if all was well.
    pub(crate) fn corrupt(&self) {
        let file = self.project().join(".beads/metadata.json");
        let text = fs::read(&file).expect("bd init wrote it");
        fs::write(&file, &text[..text.len() / 2]).expect("written");
    }
}

/// Has the lock of a database.
pub(crate) struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.kill().expect("it is ours");
        self.0.wait().expect("it ends");
    }
}

/// An epic for a track and a task for each title, as `bd create --graph` takes it, with the metadata that ours carry.
pub(super) fn graph(track: &str, titles: &[&str]) -> Value {
    let epic = json!({"key": "epic", "title": track, "type": "epic",
        "labels": ["conductor"], "metadata": {"conductor_track": track, "conductor_key": track}});
    let task = |(index, title): (usize, &&str)| {
        let number = index + 1;
        json!({"key": format!("task{number}"), "title": title, "type": "task", "parent_key": "epic",
            "labels": ["conductor"], "metadata": {"conductor_track": track, "conductor_key": format!("{track}/phase1/task{number}")}})
    };
    let nodes: Vec<Value> = std::iter::once(epic)
        .chain(titles.iter().enumerate().map(task))
        .collect();
    json!({"nodes": nodes, "edges": []})
}

/// The tasks' ids, from what `bd create --graph` answered.
pub(super) fn ids<const N: usize>(answer: &Value) -> [String; N] {
    std::array::from_fn(|index| {
        let id = answer["ids"][format!("task{}", index + 1)].as_str();
        id.unwrap_or_else(|| panic!("no id of task {index} in {answer}"))
            .to_owned()
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("copied");
        }
    }
}
