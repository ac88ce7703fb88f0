//! A track of the example project in a real town, and the person who agrees to what is shown.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::TRACK;
use crate::between::between;
use crate::events::{answered, digest, question};
use crate::town::{Town, said, until};

/// The Claude Code session.
pub(crate) const SESSION: &str = "session-1";

/// From when to when each of some commands ran, in milliseconds.
pub(crate) type Spans = Vec<(i64, i64)>;

pub(crate) struct Given {
    pub(crate) town: Town,
    /// The track that is meant.
    pub(crate) track: &'static str,
}

impl Given {
    pub(crate) fn new(keys: &[&str]) -> Option<Self> {
        Some(Self {
            town: Town::up_with(keys)?,
            track: TRACK,
        })
    }

    pub(crate) fn run(&self, arguments: &[&str], stdin: Option<&Value>) -> Output {
        self.run_as(self.town.conductor_command(), arguments, stdin)
    }

    /// With the programs of `between` before the tools.
    pub(crate) fn run_between(&self, arguments: &[&str]) -> Output {
        let folder = between(self);
        let mut command = self.town.conductor_command();
        command.env("PATH", format!("{}:{}", folder.display(), self.town.variable("PATH")));
        self.run_as(command, arguments, None)
    }

    fn run_as(&self, mut command: Command, arguments: &[&str], stdin: Option<&Value>) -> Output {
        command
            .args(arguments)
            .env("CLAUDE_CODE_SESSION_ID", SESSION)
            .env("CLAUDECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("conductor starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        if let Some(event) = stdin {
            pipe.write_all(event.to_string().as_bytes()).expect("written");
        }
        drop(pipe);
        child.wait_with_output().expect("it ends")
    }

    /// What a run says, however it ends.
    pub(crate) fn envelope(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[&["dispatch", self.track, "--json"], arguments].concat(), None);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)))
    }

    /// The envelope of a run with another search path.
    pub(crate) fn envelope_on(&self, path: &str, arguments: &[&str]) -> Value {
        let mut command = self.town.conductor_command();
        command.env("PATH", path);
        let output = self.run_as(
            command,
            &[&["dispatch", self.track, "--json"], arguments].concat(),
            None,
        );
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)))
    }

    /// A second clone of the project.
    pub(crate) fn other_checkout(&self) -> PathBuf {
        let other = self.town.path("other");
        self.town.git(&[
            "clone",
            "--quiet",
            &self.town.remote().display().to_string(),
            &other.display().to_string(),
        ]);
        let url = self.town.git(&["remote", "get-url", "origin"]);
        self.town.git(&[
            "-C",
            &other.display().to_string(),
            "remote",
            "set-url",
            "origin",
            url.trim(),
        ]);
        other
    }

    /// The data of a run that goes well, in another folder.
    pub(crate) fn data_in(&self, folder: &Path, arguments: &[&str]) -> Value {
        let mut command = self.town.conductor_command();
        command.current_dir(folder);
        let output = self.run_as(
            command,
            &[&["dispatch", self.track, "--json"], arguments].concat(),
            None,
        );
        let envelope: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        assert!(envelope["error"].is_null(), "{arguments:?}: {envelope}");
        envelope["data"].clone()
    }

    /// Waits until a bead is closed, for whatever reason.
    pub(crate) fn until_closed(&self, bead: &str) {
        until(&format!("{bead} closed"), || {
            (self.town.bead(bead)["status"] == "closed").then_some(())
        });
    }

    /// Waits until its worker has put a bead off.
    pub(crate) fn until_put_off(&self, bead: &str) {
        let log = self.town.path(&format!("log/done.{bead}.out"));
        until(&format!("{bead} put off"), || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            text.contains("DEFERRED").then_some(())
        });
    }

    /// The id of the rig's bead with this title.
    pub(crate) fn bead_titled(&self, title: &str) -> String {
        let beads = self
            .town
            .bd_json(&["list", "--all", "--limit", "0", "--label", "conductor", "--json"]);
        let found = beads
            .as_array()
            .expect("a list")
            .iter()
            .find(|bead| bead["title"] == title);
        found.unwrap_or_else(|| panic!("no bead {title}: {beads}"))["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    /// What is to be said of each formula of the town, whichever are right.
    pub(crate) fn checked_formulas(&self) -> Vec<Value> {
        let folder = fs::read_dir(self.town.root().join(".beads/formulas")).expect("the town has formulas");
        let names = folder.filter_map(|entry| {
            let name = entry.expect("an entry").file_name().into_string().expect("text");
            Some(name.strip_suffix(".formula.toml")?.to_owned())
        });
        let names: Vec<String> = names.collect();
        let output = self.run(&["formula", "check", &names.join(","), "--json"], None);
        let envelope: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        let checked = envelope["data"]["checked"].as_array();
        checked.unwrap_or_else(|| panic!("{envelope}")).clone()
    }

    /// Puts a bundled formula into the town.
    pub(crate) fn install(&self, formula: &str) {
        let output = self.run(&["formula", "install", formula], None);
        let said = said(&output);
        assert!(
            output.status.success() && said.contains("of the town: installed"),
            "{said}"
        );
    }

    /// The data of a run that goes well.
    pub(crate) fn data(&self, arguments: &[&str]) -> Value {
        let envelope = self.envelope(arguments);
        assert!(envelope["error"].is_null(), "{arguments:?}: {envelope}");
        envelope["data"].clone()
    }

    /// The code of a run that does not.
    pub(crate) fn code(&self, arguments: &[&str]) -> String {
        let envelope = self.envelope(arguments);
        envelope["error"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("{arguments:?}: {envelope}"))
            .to_owned()
    }

    /// The person agrees to all that follows; nothing is begun.
    pub(crate) fn consent(&self) {
        self.consent_to("--although refinery");
    }

    /// The same where they typed these words.
    pub(crate) fn consent_to(&self, words: &str) {
        self.answered(words);
    }

    /// The person types the slash command with these words, agrees to all that follows, and it is begun.
    pub(crate) fn agree(&self, words: &str) -> Value {
        let digest = self.answered(words);
        let words: Vec<&str> = words.split_whitespace().collect();
        self.data(&[&words[..], &["--apply", &digest]].concat())
    }

    /// The digest of the plan that they are asked about.
    fn answered(&self, words: &str) -> String {
        let event = json!({"session_id": SESSION, "cwd": self.town.project(), "hook_event_name": "UserPromptExpansion",
            "command_name": "conductor:conductor-dispatch", "command_args": format!("{} {words}", self.track)});
        let output = self.run(&["hook", "prompt"], Some(&event));
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        let context = said["hookSpecificOutput"]["additionalContext"]
            .as_str()
            .unwrap_or_else(|| panic!("{said}"));
        assert!(context.contains("Gas Town, rig `shop`"), "{context}");
        let asked = question(context);
        let labels = asked["options"].as_array().expect("options").iter();
        let mut labels = labels.filter_map(|option| option["label"].as_str());
        let first = labels.next().expect("a yes");
        // A standing one, where that is offered.
        let label = labels
            .find(|label| label.ends_with(", and what follows"))
            .unwrap_or(first)
            .to_owned();
        self.run(&["hook", "answer"], Some(&answered(SESSION, &asked, &label)));
        digest(&asked)
    }

    /// Polecats that wait hand in, and the refinery merges it.
    pub(crate) fn finish(&self, keys: &[&str]) {
        for key in keys {
            self.town.let_go(&self.id(key));
        }
        self.merged(keys);
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.town.project().join(path)).unwrap_or_default()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.town.project().join(path), text).expect("written");
    }

    /// The id of the bead of a task: `phase1/task2`.
    pub(crate) fn id(&self, key: &str) -> String {
        self.bead(key)["id"].as_str().expect("an id").to_owned()
    }

    /// Leaves two tasks of the plan that nothing holds, and pushes it.
    pub(crate) fn one_wave(&self) {
        let plan = self.plan();
        let lines = plan.split_inclusive('\n');
        let plan: String = lines.filter(|line| !line.contains("Manual Verification")).collect();
        let (first, _) = plan.split_once("- [ ] Task 3").expect("a third task");
        self.write(&format!("conductor/tracks/{}/plan.md", self.track), first);
        self.town
            .git(&["commit", "--quiet", "--all", "--message", "plan: one wave"]);
        self.town.git(&["push", "--quiet"]);
    }

    pub(crate) fn plan(&self) -> String {
        self.read(&format!("conductor/tracks/{}/plan.md", self.track))
    }

    pub(crate) fn metadata(&self) -> Value {
        serde_json::from_str(&self.read(&format!("conductor/tracks/{}/metadata.json", self.track))).expect("JSON")
    }

    /// The rig's beads of our tracks, closed ones and gates too.
    pub(crate) fn beads(&self) -> Value {
        self.town.bd_json(&[
            "list",
            "--all",
            "--include-gates",
            "--limit",
            "0",
            "--label",
            "conductor",
            "--json",
        ])
    }

    /// The rig's bead of a task: `phase1/task2`.
    pub(crate) fn bead(&self, key: &str) -> Value {
        let beads = self.beads();
        let key = format!("{}/{key}", self.track);
        let found = beads
            .as_array()
            .expect("a list")
            .iter()
            .find(|bead| bead["metadata"]["conductor_key"] == key.as_str());
        found.unwrap_or_else(|| panic!("no bead {key}: {beads}")).clone()
    }

    /// Waits until a task's work is handed in, has the refinery merge all that is, and looks again.
    pub(crate) fn merged(&self, keys: &[&str]) {
        for key in keys {
            let id = self.id(key);
            self.town.until_submitted(&id);
        }
        self.town.refine();
        for key in keys {
            let id = self.id(key);
            until(&format!("{key} is merged"), || self.town.is_merged(&id).then_some(()));
        }
    }

    /// For how long the calls of each command ran, in milliseconds, over all runs until now.
    pub(crate) fn took(&self) -> BTreeMap<String, Vec<u64>> {
        let mut took: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for record in self.records() {
            let name = record["name"].as_str().expect("a name").to_owned();
            took.entry(name)
                .or_default()
                .push(record["duration_ms"].as_u64().unwrap_or_default());
        }
        took
    }

    /// What the host has written down of commands.
    fn records(&self) -> Vec<Value> {
        let output = self.run(&["audit", "--plugin", "dispatch", "--json"], None);
        let envelope: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        let records = envelope["data"]["records"].as_array().expect("a list").iter();
        records.filter(|record| record["kind"] == "command").cloned().collect()
    }

    /// How often each command was started that changes something, over all runs until now, and what each run's commands took: from when
    /// to when, in milliseconds.
    pub(crate) fn audit(&self) -> (BTreeMap<String, usize>, Vec<Spans>) {
        let (mut writes, mut runs) = (BTreeMap::new(), BTreeMap::new());
        for record in self.records() {
            if record["effect"] == "write" {
                *writes
                    .entry(record["name"].as_str().expect("a name").to_owned())
                    .or_default() += 1;
            }
            let began: jiff::Timestamp = record["time"].as_str().expect("a time").parse().expect("a time");
            let began = began.as_millisecond();
            let run: &mut Spans = runs.entry(record["run"].to_string()).or_default();
            run.push((began, began + record["duration_ms"].as_i64().unwrap_or_default()));
        }
        (writes, runs.into_values().collect())
    }
}
