//! A track's `parallel_state.json`: the workers that a native dispatch has handed out, and the files that each has to itself.
//!
//! The form is the one that Conductor documents; what it has not is beside it: the tasks' names, by which they are found again, and
//! the Claude session of each worker. What others wrote into the file stays in it.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::identity::Name;

/// The member that says that nothing more is to be begun by itself.
const STOPPED: &str = "stopped";
/// The member that says that each worker has a worktree of its own.
const WORKTREES: &str = "worktrees";

/// How far a worker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was handed its brief.
    InProgress,
    /// It has reported its commits.
    Completed,
    /// It has reported why not.
    Failed,
    /// Its session has ended, or the person gave it up.
    TimedOut,
}

impl Status {
    /// The word in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
        }
    }
}

/// One worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worker {
    /// `worker_1_api`.
    pub worker_id: String,
    /// The title of its first task.
    #[serde(default)]
    pub task: String,
    /// The place of its first task in its phase, from 0.
    #[serde(default)]
    pub task_index: usize,
    /// Its tasks, in order.
    #[serde(default)]
    pub tasks: Vec<Name>,
    /// Their beads, where Beads is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beads_task_id: Option<String>,
    /// The files that it may touch.
    #[serde(default)]
    pub files: Vec<String>,
    /// What it waits for: nothing, since only what is ready is handed out. Other tools want the member.
    #[serde(default)]
    pub depends_on: Vec<String>,
    /// How far it is.
    pub status: Status,
    /// When it was handed its brief.
    #[serde(default)]
    pub started_at: Option<String>,
    /// When it reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// Its last commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit_sha: Option<String>,
    /// Why it failed; or, of one at work, why its last commit could not be merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Its worktree below the project, where it has one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worktree: Option<String>,
    /// The branch that is checked out there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
    /// The Claude session that was to start it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What others wrote of it.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workers {
    /// `parallel`.
    #[serde(default)]
    pub execution_mode: String,
    /// When the first was handed out.
    #[serde(default)]
    pub started_at: Option<String>,
    /// In the order in which they were handed out.
    #[serde(default)]
    pub workers: Vec<Worker>,
    /// Each file, and the worker that has it to itself.
    #[serde(default)]
    pub file_locks: BTreeMap<String, String>,
    /// How many are done: for readers that do not count.
    #[serde(default)]
    pub completed_workers: usize,
    /// How many there are.
    #[serde(default)]
    pub total_workers: usize,
    /// What others wrote.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Worker {
    /// When it was handed its brief; nothing where the file does not say so.
    #[must_use]
    pub fn began(&self) -> Option<SystemTime> {
        humantime::parse_rfc3339_weak(self.started_at.as_deref()?).ok()
    }
}

impl Workers {
    /// Reads the file.
    ///
    /// # Errors
    /// One sentence: it is not JSON, or not of this form.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| format!("{error}"))
    }

    /// The file's bytes, with the counts and locks that follow from the workers.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut written = self.clone();
        written.execution_mode = "parallel".to_owned();
        written.total_workers = self.workers.len();
        written.completed_workers = self
            .workers
            .iter()
            .filter(|worker| worker.status == Status::Completed)
            .count();
        written.file_locks = self
            .at_work()
            .flat_map(|worker| worker.files.iter().map(|file| (file.clone(), worker.worker_id.clone())))
            .collect();
        let mut bytes = serde_json::to_vec_pretty(&written).expect("these types are JSON");
        bytes.push(b'\n');
        bytes
    }

    /// Those that were handed out and have not reported.
    pub fn at_work(&self) -> impl Iterator<Item = &Worker> {
        self.workers.iter().filter(|worker| worker.status == Status::InProgress)
    }

    /// Gives those at work up that will not report any more. Their names.
    pub fn give_up(&mut self, is_lost: impl Fn(&Worker) -> bool) -> Vec<String> {
        let lost = |worker: &&mut Worker| worker.status == Status::InProgress && is_lost(worker);
        let lost = self.workers.iter_mut().filter(lost);
        let names = lost.map(|worker| {
            worker.status = Status::TimedOut;
            worker.completed_at = Some(crate::settle::now());
            worker.worker_id.clone()
        });
        names.collect()
    }

    /// Whether the person has said that nothing more is to be begun by itself.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.has(STOPPED)
    }

    /// Says so, or takes it back.
    pub fn stop(&mut self, stopped: bool) {
        self.set(STOPPED, stopped);
    }

    /// Whether each worker has a worktree of its own.
    #[must_use]
    pub fn have_worktrees(&self) -> bool {
        self.has(WORKTREES)
    }

    /// Says so.
    pub fn use_worktrees(&mut self, use_them: bool) {
        self.set(WORKTREES, use_them);
    }

    fn has(&self, member: &str) -> bool {
        self.other.get(member).is_some_and(|value| *value == Value::Bool(true))
    }

    fn set(&mut self, member: &str, value: bool) {
        match value {
            true => drop(self.other.insert(member.to_owned(), Value::Bool(true))),
            false => drop(self.other.remove(member)),
        }
    }

    /// A worker, by its name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Worker> {
        self.workers.iter().find(|worker| worker.worker_id == name)
    }

    /// Names for more workers, each from the title of its first task.
    pub fn next_names<'t>(&self, titles: impl Iterator<Item = &'t str>) -> Vec<String> {
        let numbers = self.workers.iter().filter_map(|worker| number(&worker.worker_id));
        let last = numbers.max().unwrap_or(0);
        let named = titles.enumerate();
        named
            .map(|(at, title)| format!("worker_{}_{}", last + 1 + at, slug(title)))
            .collect()
    }
}

fn number(name: &str) -> Option<usize> {
    name.strip_prefix("worker_")?.split('_').next()?.parse().ok()
}

/// Words that say little of what a task is about.
const WEAK: [&str; 24] = [
    "add",
    "and",
    "build",
    "create",
    "for",
    "from",
    "implement",
    "into",
    "make",
    "new",
    "set",
    "task",
    "tests",
    "that",
    "the",
    "this",
    "up",
    "update",
    "use",
    "with",
    "write",
    "wire",
    "when",
    "where",
];

/// One word of a title that says what it is about.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric());
    let mut words = words.filter(|word| word.len() > 2).map(str::to_ascii_lowercase);
    let word = words.find(|word| !WEAK.contains(&word.as_str()));
    word.map_or_else(|| "task".to_owned(), |word| word.chars().take(20).collect())
}

#[cfg(test)]
mod tests {
    use super::{Status, Worker, Workers};

    fn worker(name: &str, status: Status, files: &[&str]) -> Worker {
        let text = format!(r#"{{"worker_id": "{name}", "status": "in_progress", "theirs": 7}}"#);
        let mut worker: Worker = serde_json::from_str(&text).expect("a worker");
        worker.status = status;
        worker.files = files.iter().map(|&file| file.to_owned()).collect();
        worker
    }

    #[test]
    fn counts_and_locks_follow_from_the_workers_and_others_words_stay() {
        let workers = Workers {
            workers: vec![
                worker("worker_1_api", Status::Completed, &["a.rs"]),
                worker("worker_2_form", Status::InProgress, &["b.rs"]),
            ],
            ..Workers::read(br#"{"theirs": [1], "file_locks": {"old": "gone"}}"#).expect("it is read")
        };
        let again = Workers::read(&workers.to_bytes()).expect("it is read");
        assert_eq!((again.completed_workers, again.total_workers), (1, 2));
        assert_eq!(
            again.file_locks.into_iter().collect::<Vec<_>>(),
            [("b.rs".to_owned(), "worker_2_form".to_owned())]
        );
        assert_eq!(again.other["theirs"], serde_json::json!([1]));
        assert_eq!(again.workers[0].other["theirs"], 7);
    }

    #[test]
    fn each_worker_has_a_name_of_its_own() {
        let mut workers = Workers::default();
        let names = |workers: &Workers, titles: &[&str]| workers.next_names(titles.iter().copied());
        assert_eq!(
            names(&workers, &["Add the `orders` table", "Mail"]),
            ["worker_1_orders", "worker_2_mail"]
        );
        workers.workers.push(worker("worker_7_x", Status::Failed, &[]));
        assert_eq!(
            names(&workers, &["Überall", "茶"]),
            ["worker_8_berall", "worker_9_task"]
        );
    }
}
