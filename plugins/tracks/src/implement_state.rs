//! A track's `implement_state.json`: where `/conductor-implement` stood when it last wrote.

/// Every field may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImplementState {
    /// `current_phase`: a name, with or without `Phase N: `.
    pub current_phase: Option<String>,
    /// `current_phase_index`, from 0.
    pub current_phase_index: Option<u64>,
    /// `current_task`.
    pub current_task: Option<String>,
    /// `current_task_index`, from 0.
    pub current_task_index: Option<u64>,
    /// `completed_phases`: names.
    pub completed_phases: Vec<String>,
    /// `completed_tasks`: what the file says of each, with its commit where it names one; in the order of the file.
    pub completed_tasks: Vec<CompletedTask>,
    /// `status` as written.
    pub status: Option<String>,
    /// `last_updated`.
    pub last_updated: Option<String>,
}

/// One of `completed_tasks`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CompletedTask {
    /// Number or name, as written.
    pub task: String,
    /// Its commit.
    pub sha: Option<String>,
}
