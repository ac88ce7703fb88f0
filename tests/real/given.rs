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
}

impl Given {
    pub(crate) fn new(keys: &[&str]) -> Option<Self> {
        Some(Self {
            town: Town::up_with(keys)?,
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

    fn envelope(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[&["dispatch", TRACK, "--json"], arguments].concat(), None);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)))
    }

    /// The envelope of a run with another search path.
    pub(crate) fn envelope_on(&self, path: &str, arguments: &[&str]) -> Value {
        let mut command = self.town.conductor_command();
        command.env("PATH", path);
        let output = self.run_as(command, &[&["dispatch", TRACK, "--json"], arguments].concat(), None);
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
        let output = self.run_as(command, &[&["dispatch", TRACK, "--json"], arguments].concat(), None);
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
        self.answered("--although refinery");
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
            "command_name": "conductor:conductor-dispatch", "command_args": format!("{TRACK} {words}")});
        let output = self.run(&["hook", "prompt"], Some(&event));
        let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        let context = said["hookSpecificOutput"]["additionalContext"]
            .as_str()
            .unwrap_or_else(|| panic!("{said}"));
        assert!(context.contains("Gas Town, rig `shop`"), "{context}");
        let asked = question(context);
        let label = asked["options"][1]["label"]
            .as_str()
            .expect("a standing yes")
            .to_owned();
        self.run(&["hook", "answer"], Some(&answered(SESSION, &asked, &label)));
        digest(&asked)
    }

    /// Polecats that wait hand in, and the refinery merges it.
    pub(crate) fn finish(&self, keys: &[&str]) {
        for key in keys {
            self.town.let_go(self.bead(key)["id"].as_str().expect("an id"));
        }
        self.merged(keys);
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.town.project().join(path)).unwrap_or_default()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.town.project().join(path), text).expect("written");
    }

    pub(crate) fn plan(&self) -> String {
        self.read(&format!("conductor/tracks/{TRACK}/plan.md"))
    }

    pub(crate) fn metadata(&self) -> Value {
        serde_json::from_str(&self.read(&format!("conductor/tracks/{TRACK}/metadata.json"))).expect("JSON")
    }

    /// The rig's bead of a task: `phase1/task2`.
    pub(crate) fn bead(&self, key: &str) -> Value {
        let beads = self.town.bd_json(&[
            "list",
            "--all",
            "--include-gates",
            "--limit",
            "0",
            "--label",
            "conductor",
            "--json",
        ]);
        let key = format!("{TRACK}/{key}");
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
            let id = self.bead(key)["id"].as_str().expect("an id").to_owned();
            self.town.until_submitted(&id);
        }
        self.town.refine();
        for key in keys {
            until(&format!("{key} is merged"), || {
                self.bead(key)["close_reason"]
                    .as_str()
                    .is_some_and(|reason| reason.starts_with("Merged in "))
                    .then_some(())
            });
        }
    }

    /// How often each command was started that changes something, over all runs until now, and what each run's commands took: from when
    /// to when, in milliseconds.
    pub(crate) fn audit(&self) -> (BTreeMap<String, usize>, Vec<Spans>) {
        let output = self.run(&["audit", "--plugin", "dispatch", "--json"], None);
        let envelope: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
        let (mut writes, mut runs) = (BTreeMap::new(), BTreeMap::new());
        for record in envelope["data"]["records"].as_array().expect("a list") {
            if record["kind"] != "command" {
                continue;
            }
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

    /// The whole way: a parallel phase of three, two of which claim one file, the person's word, a sequential phase, the person's word.
    pub(crate) fn whole_track(&self) {
        let shown = self.data(&["--although", "refinery", "--dry-run"]);
        assert_eq!(
            (shown["what"].as_str(), shown["mode"].as_str()),
            (Some("plan"), Some("gastown")),
            "{shown}"
        );
        let begun = self.agree("--although refinery");
        assert_eq!(begun["what"], "begun", "{begun}");
        assert_eq!(begun["begins"].as_array().map(Vec::len), Some(2), "{begun}");
        let metadata = self.metadata();
        assert_eq!(metadata["execution_mode"], "gastown");
        let convoy = metadata["gastown_convoy"].as_str().expect("a convoy").to_owned();
        assert!(
            self.plan()
                .contains("- [~] Task 1: Count which products are bought together"),
            "{}",
            self.plan()
        );

        // Run again it does nothing.
        let again = self.data(&["--although", "refinery"]);
        assert_eq!(
            (again["what"].as_str(), again["changed"].as_array().map(Vec::len)),
            (Some("nothing"), Some(0)),
            "{again}"
        );

        let first = self.bead("phase1/task1")["id"].as_str().expect("an id").to_owned();
        self.town
            .bd(&["update", &first, "--append-notes", "Two orders within an hour are one."]);
        self.merged(&["phase1/task1", "phase1/task2"]);
        let next = self.data(&["--although", "refinery", "--yes"]);
        assert_eq!(
            (next["what"].as_str(), next["begins"][0]["item"].as_str()),
            (Some("begun"), Some("1.3")),
            "{next}"
        );
        let head = self.town.git(&["ls-remote", "origin", "main"]);
        self.town.git(&["fetch", "--quiet"]);
        for line in self.plan().lines().filter(|line| line.starts_with("- [x] Task")) {
            let sha = line
                .rsplit('[')
                .next()
                .and_then(|rest| rest.strip_suffix(']'))
                .expect("a commit");
            self.town.git(&[
                "merge-base",
                "--is-ancestor",
                sha,
                head.split_whitespace().next().expect("a commit"),
            ]);
        }
        // The worktree of the next wave has what was merged.
        let third = self.bead("phase1/task3");
        let polecat = third["assignee"]
            .as_str()
            .expect("a polecat")
            .rsplit('/')
            .next()
            .expect("a name")
            .to_owned();
        let worktree = self.town.rig().join("polecats").join(&polecat);
        let file = format!("src/{first}.txt");
        let found = walk(&worktree, &file);
        assert!(found, "{} has no {file}", worktree.display());

        self.merged(&["phase1/task3"]);
        let due = self.data(&["--although", "refinery", "--yes"]);
        assert_eq!(
            (due["what"].as_str(), due["due"][0]["phase"].as_str()),
            (Some("nothing"), Some("1")),
            "{due}"
        );
        let passed = self.data(&["--although", "refinery", "--pass", "1"]);
        assert_eq!(
            (passed["what"].as_str(), passed["begins"][0]["item"].as_str()),
            (Some("begun"), Some("2.1–2.2")),
            "{passed}"
        );
        self.merged(&["phase2/task1"]);
        let due = self.data(&[]);
        assert_eq!(due["due"][0]["phase"], "2", "{due}");
        let done = self.data(&["--pass", "2"]);
        assert_eq!(done["what"], "done", "{done}");

        let plan = self.plan();
        assert!(!plan.contains("- [ ]") && !plan.contains("- [~]"), "{plan}");
        assert!(
            self.read("conductor/tracks.md")
                .contains("- [x] **Track: Teas that go together**")
        );
        let learnings = self.read(&format!("conductor/tracks/{TRACK}/learnings.md"));
        assert!(
            learnings.contains(&format!("- 1.1 ({first}): Two orders within an hour are one.")),
            "{learnings}"
        );
        let open = self.town.bd_json(&[
            "list",
            "--include-gates",
            "--limit",
            "0",
            "--label",
            "conductor",
            "--json",
        ]);
        assert_eq!(open.as_array().map(Vec::len), Some(0), "{open}");
        let convoys = self.town.gt_json(&["convoy", "list", "--json", "--all"]);
        let ours: Vec<&Value> = convoys
            .as_array()
            .expect("a list")
            .iter()
            .filter(|of| of["id"] == convoy.as_str())
            .collect();
        assert_eq!(
            (ours.len(), ours[0]["status"].as_str()),
            (1, Some("closed")),
            "{convoys}"
        );
        assert_eq!(self.data(&[])["changed"].as_array().map(Vec::len), Some(0));

        // What a script would have to change as well: all beads at once, a convoy, a sling for each item, and at the end what no worker
        // closes: two verifications, the task that another one's worker did with its own, two phases, the track, the convoy.
        let (mut writes, _) = self.audit();
        for apart in [
            "polecat-heartbeat",
            "polecat-nuke",
            "polecat-nudge",
            "rig-fetch",
            "rig-delete-branch",
        ] {
            writes.remove(apart);
        }
        // Without the bridge the first sling of each run finds out that formulas fail.
        let slings = writes.remove("sling").unwrap_or_default();
        assert!((4..=7).contains(&slings), "{slings}");
        let expected = [
            ("convoy-close", 1),
            ("convoy-stage", 1),
            ("rig-close", 6),
            ("rig-create", 1),
        ];
        let expected: BTreeMap<String, usize> = expected.map(|(name, count)| (name.to_owned(), count)).into();
        assert_eq!(writes, expected);
    }
}

/// Whether a file is in a polecat's worktree, which lies in a folder of the rig's name in its own.
fn walk(polecat: &std::path::Path, file: &str) -> bool {
    let inside = fs::read_dir(polecat).into_iter().flatten().flatten();
    inside.map(|entry| entry.path()).any(|path| path.join(file).exists()) || polecat.join(file).exists()
}
