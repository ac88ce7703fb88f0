//! A track's `metadata.json`, in the dialects of Google, Conductor-Beads and the wshobson plugin.

use crate::Text;
use crate::diagnostic::Diagnostic;
use crate::json;
use crate::marker::State;

/// What is known of a track besides plan and registry. Every field may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// `track_id`, or `id`.
    pub track_id: Option<String>,
    /// `title`, or `name`.
    pub title: Option<String>,
    /// `description`.
    pub description: Option<String>,
    /// `type`: `feature`, `bug`, …
    pub kind: Option<String>,
    /// `status` as written. Seldom kept up to date: `tracks.md` is the truth.
    pub status: Option<String>,
    /// `priority` as written: `critical`, `high`, `medium`, `low`, `P0` …
    pub priority: Option<String>,
    /// `depends_on`: ids of other tracks.
    pub depends_on: Vec<String>,
    /// `estimated_hours` as written.
    pub estimated_hours: Option<String>,
    /// `created_at`, or `created`.
    pub created_at: Option<String>,
    /// `updated_at`, or `updated`.
    pub updated_at: Option<String>,
    /// `beads_epic`, or `beads_epic_id`.
    pub beads_epic: Option<String>,
    /// `beads_tasks`: `phase1`, `phase1_task2` → a bead's id, in the order of the file.
    pub beads_tasks: Vec<(String, String)>,
    /// `execution_mode`: `gastown`, `native-task`.
    pub execution_mode: Option<String>,
    /// `dispatched_at`.
    pub dispatched_at: Option<String>,
    /// `gastown_convoy`.
    pub gastown_convoy: Option<String>,
    /// `gastown_epic`.
    pub gastown_epic: Option<String>,
    /// `gastown_tasks`: a list, or a map as `beads_tasks`; for a list the keys are empty.
    pub gastown_tasks: Vec<(String, String)>,
    /// `gastown_crew`: the crew member of the rig that carries it out, in place of polecats.
    pub gastown_crew: Option<String>,
    /// `git_branch`.
    pub git_branch: Option<String>,
    /// `worktree_path`.
    pub worktree_path: Option<String>,
}

impl Metadata {
    /// Reads the file; `None` when it is not one JSON object, which a problem names. Values of a wrong kind are notes.
    pub fn read<'a>(file: &Text<'a>, bytes: &[u8], found: &mut Vec<Diagnostic<'a>>) -> Option<Self> {
        let json = json::object(file, bytes, found)?;
        let fields = json.fields(file, found);
        let mut text = |keys: &[&str]| fields.text(keys, found);
        let mut metadata = Self {
            track_id: text(&["track_id", "id"]),
            title: text(&["title", "name"]),
            description: text(&["description"]),
            kind: text(&["type"]),
            status: text(&["status"]),
            priority: text(&["priority"]),
            estimated_hours: fields.loose_text(&["estimated_hours"]),
            created_at: text(&["created_at", "created"]),
            updated_at: text(&["updated_at", "updated"]),
            beads_epic: text(&["beads_epic", "beads_epic_id"]),
            execution_mode: text(&["execution_mode"]),
            dispatched_at: text(&["dispatched_at"]),
            gastown_convoy: text(&["gastown_convoy"]),
            gastown_epic: text(&["gastown_epic"]),
            gastown_crew: text(&["gastown_crew"]),
            git_branch: text(&["git_branch"]),
            worktree_path: text(&["worktree_path"]),
            ..Self::default()
        };
        metadata.depends_on = fields.texts(&["depends_on"], found);
        metadata.beads_tasks = fields.pairs(&["beads_tasks"], found);
        metadata.gastown_tasks = fields.pairs(&["gastown_tasks"], found);
        Some(metadata)
    }

    /// What the status word says, `None` when it is missing or not a known word.
    pub fn state(&self) -> Option<State> {
        self.status.as_deref().and_then(crate::status_word::state)
    }
}
