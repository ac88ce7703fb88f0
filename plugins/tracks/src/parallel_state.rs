//! A track's `parallel_state.json`: the workers of a phase that runs in parallel, in every shape agents write it.

use crate::Text;
use crate::diagnostic::Diagnostic;
use crate::json::{self, Fields, Json};
use crate::marker::State;

/// Every field but `workers` may be missing; counts are computed, never taken from the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParallelState {
    /// `phase` as written, or `wave 1`, `batch 2`.
    pub phase: Option<String>,
    /// `execution_mode`.
    pub execution_mode: Option<String>,
    /// `started_at`.
    pub started_at: Option<String>,
    /// `status` of the whole, as written.
    pub status: Option<String>,
    /// In the order of the file.
    pub workers: Vec<Worker>,
    /// Tasks that the file tells of beside its workers: `tasks` of `implement_parallel_state.json` that somebody has or had,
    /// `dispatched_tasks` of `dispatch_state.json`.
    pub tasks: Vec<Worker>,
    /// `file_locks`: path, and who holds it; empty where the file does not say who.
    pub file_locks: Vec<(String, String)>,
}

impl ParallelState {
    /// How many workers are done.
    pub fn completed(&self) -> usize {
        self.workers.iter().filter(|w| w.state() == Some(State::Done)).count()
    }
}

/// One worker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Worker {
    /// `worker_id`, or `id`, or its key.
    pub id: String,
    /// `task`, or `phase`, `title`, `plan_key`, `name`; `brief`, mostly the path of one, only where there is no bead.
    pub title: Option<String>,
    /// `task_index`, from 0.
    pub task_index: Option<u64>,
    /// `beads_task_id`, `beads_task`, `beads_phase_id` or `beads_milestone`.
    pub beads_id: Option<String>,
    /// `files`, `owns` or `leases`.
    pub files: Vec<String>,
    /// `depends_on`.
    pub depends_on: Vec<String>,
    /// `status` as written.
    pub status: Option<String>,
    /// `started_at`.
    pub started_at: Option<String>,
    /// `completed_at`. May lie before `started_at`.
    pub completed_at: Option<String>,
    /// `commit_sha`, or `commits`.
    pub commits: Vec<String>,
    /// `worktree`.
    pub worktree: Option<String>,
    /// `branch`.
    pub branch: Option<String>,
    /// `tasks`: those that it carries out, where the file names them.
    pub tasks: Vec<TaskName>,
    /// `beads_tasks`: their beads.
    pub beads_tasks: Vec<String>,
    /// `session`: the Claude Code session that began it.
    pub session: Option<String>,
}

/// What a file says of one task of a worker; what it does not say is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskName {
    /// `key`, or `plan_key`: `phase2/task1`, `phase2_task1`.
    pub key: String,
    /// The phase's title.
    pub phase: String,
    /// Its own title.
    pub title: String,
}

impl Worker {
    /// What the status word says.
    pub fn state(&self) -> Option<State> {
        let status = self.status.as_deref()?;
        crate::status_word::state(status).or_else(|| at_work(status).then_some(State::InProgress))
    }
}

impl ParallelState {
    /// Reads the file; `None` when it is not one JSON object, which a problem names. Values of a wrong kind are notes.
    pub fn read<'a>(file: &Text<'a>, bytes: &[u8], found: &mut Vec<Diagnostic<'a>>) -> Option<Self> {
        let json = json::object(file, bytes, found)?;
        let fields = json.fields(file, found);
        // `agents` is what `implement_parallel_state.json` calls them.
        let mut workers = Vec::new();
        for list in ["workers", "active_workers", "agents"] {
            for (key, worker) in fields.objects(&[list], found) {
                workers.push(Worker::read(key, &worker, found));
            }
        }
        Some(Self {
            phase: fields
                .loose_text(&["phase"])
                .or_else(|| numbered(&fields, "wave", "wave"))
                .or_else(|| numbered(&fields, "batch", "current_batch")),
            execution_mode: fields.text(&["execution_mode", "mode"], found),
            started_at: fields.text(&["started_at"], found),
            status: fields.text(&["status"], found),
            file_locks: locks(&fields, found),
            workers: without_repeats(workers),
            tasks: tasks(&fields, found),
        })
    }
}

/// `wave 2`: a number alone says nothing to a reader.
fn numbered(fields: &Fields<'_, '_>, noun: &str, key: &str) -> Option<String> {
    let value = fields.loose_text(&[key])?;
    let is_number = value.bytes().all(|b| b.is_ascii_digit());
    Some(if is_number { format!("{noun} {value}") } else { value })
}

/// The words of workers alone: `assigned → running-red → running-green → verifying → completed` is how an agent goes through a
/// task tests first.
fn at_work(status: &str) -> bool {
    let word = status.to_ascii_lowercase();
    word.starts_with("running") || matches!(word.as_str(), "assigned" | "verifying" | "dispatched")
}

/// Nobody has one that is only planned.
fn tasks<'a>(fields: &Fields<'_, 'a>, found: &mut Vec<Diagnostic<'a>>) -> Vec<Worker> {
    let mut tasks = Vec::new();
    for list in ["tasks", "dispatched_tasks"] {
        if !fields.holds_objects(&[list]) {
            continue;
        }
        for (key, task) in fields.objects(&[list], found) {
            let mut worker = Worker::read(None, &task, found);
            worker.id = task.loose_text(&["agent_id", "worker_id"]).unwrap_or_default();
            worker.title = key.map(String::from).or(worker.title);
            tasks.push(worker);
        }
    }
    let is_planned = |task: &Worker| task.state() == Some(State::Pending) && task.commits.is_empty();
    tasks.retain(|task| !is_planned(task));
    tasks
}

/// A map of paths to workers; a list of objects that name both; or a list of paths.
fn locks<'a>(fields: &Fields<'_, 'a>, found: &mut Vec<Diagnostic<'a>>) -> Vec<(String, String)> {
    const KEY: [&str; 1] = ["file_locks"];
    if fields.holds_objects(&KEY) {
        let objects = fields.objects(&KEY, found);
        return objects
            .iter()
            .filter_map(|(key, lock)| lock_of(*key, lock, found))
            .collect();
    }
    match fields.get(&KEY) {
        Some(Json::List(_)) => {
            let paths = fields.paths(&KEY, found).into_iter();
            paths.map(|path| (path, String::new())).collect()
        }
        _ => fields.pairs(&KEY, found),
    }
}

fn lock_of<'a>(key: Option<&str>, lock: &Fields<'_, 'a>, found: &mut Vec<Diagnostic<'a>>) -> Option<(String, String)> {
    let Some(path) = key.map(String::from).or_else(|| lock.loose_text(&["file", "path"])) else {
        found.push(lock.lacks("file"));
        return None;
    };
    let worker = lock.loose_text(&["worker", "worker_id", "agent", "agent_id", "holder", "owner", "id"]);
    Some((path, worker.unwrap_or_default()))
}

/// Each worker once: a second array may name the same ones again. One that has several tasks is there for each of them.
fn without_repeats(workers: Vec<Worker>) -> Vec<Worker> {
    let mut seen = std::collections::BTreeSet::new();
    let key = |w: &Worker| (w.id.clone(), w.title.clone().or_else(|| w.beads_id.clone()));
    workers
        .into_iter()
        .filter(|w| w.id.is_empty() || seen.insert(key(w)))
        .collect()
}

impl Worker {
    fn read<'a>(key: Option<&str>, fields: &Fields<'_, 'a>, found: &mut Vec<Diagnostic<'a>>) -> Self {
        let beads_id = fields.loose_text(&[
            "beads_task_id",
            "beads_task",
            "beads_phase_id",
            "beads_milestone",
            "task_id",
        ]);
        let brief = || fields.loose_text(&["brief"]).filter(|_| beads_id.is_none());
        let title = fields.loose_text(&["task", "phase", "title", "plan_key", "name"]);
        Self {
            id: fields
                .text(&["worker_id", "id"], found)
                .or(key.map(String::from))
                .unwrap_or_default(),
            title: title.or_else(brief),
            task_index: fields.number(&["task_index"], found),
            beads_id,
            files: fields.paths(&["files", "owns", "leases"], found),
            depends_on: fields.texts(&["depends_on"], found),
            status: fields.text(&["status"], found),
            started_at: fields.text(&["started_at"], found),
            completed_at: fields.text(&["completed_at"], found),
            commits: fields.loose_texts(&["commit_sha", "commits", "commit"]),
            worktree: fields.text(&["worktree"], found),
            branch: fields.text(&["branch"], found),
            tasks: task_names(fields, found),
            beads_tasks: fields.loose_texts(&["beads_tasks"]),
            session: fields.loose_text(&["session"]),
        }
    }
}

/// A list of objects, or of titles.
fn task_names<'a>(fields: &Fields<'_, 'a>, found: &mut Vec<Diagnostic<'a>>) -> Vec<TaskName> {
    const KEY: [&str; 1] = ["tasks"];
    if !fields.holds_objects(&KEY) {
        let titles = fields.loose_texts(&KEY).into_iter();
        return titles
            .map(|title| TaskName {
                title,
                ..TaskName::default()
            })
            .collect();
    }
    let objects = fields.objects(&KEY, found).into_iter();
    objects
        .map(|(key, task)| TaskName {
            key: task
                .loose_text(&["key", "plan_key", "id"])
                .or(key.map(String::from))
                .unwrap_or_default(),
            phase: task.loose_text(&["phase"]).unwrap_or_default(),
            title: task.loose_text(&["title", "task", "name"]).unwrap_or_default(),
        })
        .collect()
}
