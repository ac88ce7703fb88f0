//! A track's `implement_state.json`: where `/conductor-implement` stood when it last wrote.

use crate::Text;
use crate::diagnostic::Diagnostic;
use crate::json::{self, Fields};

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
    /// Its number (`id`, `task_id`, `task`), else its name, as written.
    pub task: String,
    /// Its name, where there is a number as well.
    pub title: Option<String>,
    /// Its commit.
    pub sha: Option<String>,
}

impl ImplementState {
    /// Reads the file; `None` when it is not one JSON object, which a problem names. Values of a wrong kind are notes.
    pub fn read<'a>(file: &Text<'a>, bytes: &[u8], found: &mut Vec<Diagnostic<'a>>) -> Option<Self> {
        let json = json::object(file, bytes, found)?;
        let fields = json.fields(file, found);
        Some(Self {
            current_phase: fields.text(&["current_phase", "currentPhase"], found),
            current_phase_index: fields.number(&["current_phase_index", "currentPhaseIndex"], found),
            current_task: fields.text(&["current_task", "currentTask"], found),
            current_task_index: fields.number(&["current_task_index", "currentTaskIndex"], found),
            completed_phases: fields.texts(&["completed_phases", "completedPhases"], found),
            completed_tasks: completed_tasks(&fields, found),
            status: fields.text(&["status"], found),
            last_updated: fields.text(&["last_updated", "lastUpdated", "updated_at"], found),
        })
    }
}

/// A list of objects, or of names, or a map from task to commit.
fn completed_tasks<'a>(fields: &Fields<'_, 'a>, found: &mut Vec<Diagnostic<'a>>) -> Vec<CompletedTask> {
    const KEYS: [&str; 2] = ["completed_tasks", "completedTasks"];
    if fields.holds_objects(&KEYS) {
        return fields
            .objects(&KEYS, found)
            .into_iter()
            .map(|(key, task)| completed_task(key, &task))
            .collect();
    }
    let named = |(task, sha): (String, String)| match task.is_empty() {
        true => CompletedTask {
            task: sha,
            ..CompletedTask::default()
        },
        false => CompletedTask {
            task,
            title: None,
            sha: Some(sha),
        },
    };
    fields.pairs(&KEYS, found).into_iter().map(named).collect()
}

fn completed_task(key: Option<&str>, task: &Fields<'_, '_>) -> CompletedTask {
    let title = task.loose_text(&["name", "title", "description"]);
    let number = task
        .loose_text(&["id", "task_id", "task", "number", "task_index"])
        .or(key.map(String::from));
    let sha = task.loose_text(&["commit", "commit_sha", "sha"]);
    match number {
        Some(number) => CompletedTask {
            task: number,
            title,
            sha,
        },
        None => CompletedTask {
            task: title.unwrap_or_default(),
            title: None,
            sha,
        },
    }
}
