//! A track's `parallel_state.json`: the workers of a phase that runs in parallel, in every shape agents write it.

use crate::marker::State;

/// Every field but `workers` may be missing; counts are computed, never taken from the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParallelState {
    /// `phase`, or `wave`, as written.
    pub phase: Option<String>,
    /// `execution_mode`.
    pub execution_mode: Option<String>,
    /// `started_at`.
    pub started_at: Option<String>,
    /// `status` of the whole, as written.
    pub status: Option<String>,
    /// In the order of the file.
    pub workers: Vec<Worker>,
    /// `file_locks`: path, and who holds it.
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
    /// `task`, or `phase`, `title`, `brief`.
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
}

impl Worker {
    /// What the status word says.
    pub fn state(&self) -> Option<State> {
        self.status.as_deref().and_then(crate::status_word::state)
    }
}
