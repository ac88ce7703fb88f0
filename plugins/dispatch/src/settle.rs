//! Makes the files agree with what has happened already: markers, commits, the registry, the track's metadata. Each change is a
//! fact, so nobody is asked; made again, it changes nothing.

use std::collections::BTreeSet;
use std::time::SystemTime;

use conductor_plugin::{Failure, Host};
use conductor_tracks::registry::Entry;
use conductor_tracks::{Plan, Project, Source, State, Track, edit};

use crate::folder::{self, Value};
use crate::ground::{Ground, in_folder};
use crate::identity::{self, At, Found, Name};

/// The time now, as RFC 3339.
#[must_use]
pub fn now() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string()
}

/// What a task of the plan becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The task.
    pub name: Name,
    /// Its state.
    pub state: State,
    /// Its commit, seven digits.
    pub sha: Option<String>,
}

/// What a plan's marks have come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Lines that were changed, as `plan.md:6 [ ] -> [x]`.
    pub lines: Vec<String>,
    /// Names whose task is not in the plan any more, or could be several.
    pub unclear: Vec<Name>,
}

/// What is to be set in a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The tasks.
    pub marks: Vec<Mark>,
    /// The commit that is the checkpoint of each phase which is complete by them.
    pub checkpoint: Option<String>,
}

/// Sets tasks in a plan.md. The plan is read again for it, so that what a person writes meanwhile stays; a task that is closed is
/// not opened again.
///
/// # Errors
/// Why the file can't be changed.
pub fn mark(host: &dyn Host, path: &str, marks: &Marks) -> Result<Marked, Failure> {
    let mut all = Marked::default();
    folder::change(host, path, |bytes| {
        let (bytes, marked) = marked(path, bytes, marks)?;
        all = marked;
        Ok(bytes)
    })?;
    Ok(all)
}

/// The bytes of a plan.md with what is to be set in them.
///
/// # Errors
/// `bad-edit`, which is a fault of ours.
pub fn marked(path: &str, bytes: &[u8], marks: &Marks) -> Result<(Vec<u8>, Marked), Failure> {
    let mut marked = Marked::default();
    let (plan, _) = Plan::read(path, bytes);
    let names: Vec<Name> = marks.marks.iter().map(|mark| mark.name.clone()).collect();
    let mut edits = Vec::new();
    let mut closed: BTreeSet<At> = BTreeSet::new();
    for (mark, found) in marks.marks.iter().zip(identity::find(&plan, &names)) {
        let Found::Task(at) = found else {
            marked.unclear.push(mark.name.clone());
            continue;
        };
        let task = &plan.phases[at.0].tasks[at.1];
        if mark.state.is_closed() {
            closed.insert(at);
        }
        if task.state != mark.state && !task.state.is_closed() {
            edits.extend(task.set_state(mark.state));
            let (from, to) = (task.state.as_char(), mark.state.as_char());
            marked.lines.push(format!("{path}:{} [{from}] -> [{to}]", task.line));
            edits.extend(mark.sha.as_deref().map(|sha| task.set_sha(sha)));
            if mark.state == State::Done {
                edits.extend(sub_tasks_done(task));
            }
        }
    }
    if let Some(sha) = &marks.checkpoint {
        let phases: BTreeSet<usize> = closed.iter().map(|at| at.0).collect();
        for phase in phases.into_iter().map(|at| (at, &plan.phases[at])) {
            let is_closed = |(task, of): (usize, &conductor_tracks::Task<'_>)| {
                of.state.is_closed() || closed.contains(&(phase.0, task))
            };
            if phase.1.checkpoint.is_none() && phase.1.tasks.iter().enumerate().all(is_closed) {
                edits.extend(phase.1.set_checkpoint(sha));
            }
        }
    }
    let bytes =
        edit::apply(bytes, &edits).map_err(|error| Failure::new("bad-edit", format!("`conductor/{path}`: {error}")))?;
    Ok((bytes, marked))
}

/// Sets the boxes below a task that is done: its worker had them in its brief.
fn sub_tasks_done<'t>(task: &'t conductor_tracks::Task<'_>) -> impl Iterator<Item = edit::Edit> + 't {
    let markers = task.items.iter().filter_map(|item| item.marker);
    markers
        .filter(|marker| matches!(marker.state(), State::Pending | State::InProgress))
        .map(|marker| marker.set(State::Done))
}

/// Sets the track in the registry. What was changed; nothing where it stands so, or has no marker.
///
/// # Errors
/// Why the file can't be changed.
pub fn mark_track(host: &dyn Host, file: &str, id: &str, state: State) -> Result<Option<String>, Failure> {
    let mut line = None;
    folder::change(host, file, |bytes| {
        line = None;
        let sources = [Source {
            path: file,
            content: Ok(bytes),
        }];
        let project = Project::read(&sources);
        let entry: Option<&Entry> = project
            .registry
            .iter()
            .flat_map(|registry| &registry.entries)
            .find(|entry| entry.id == id);
        let marker = entry.and_then(|entry| entry.marker.map(|marker| (entry, marker)));
        let Some((entry, marker)) = marker.filter(|(entry, _)| entry.state != Some(state)) else {
            return Ok(bytes.to_vec());
        };
        let (from, to) = (entry.state.unwrap_or_default().as_char(), state.as_char());
        line = Some(format!("{file}:{} [{from}] -> [{to}]", entry.line));
        edit::apply(bytes, &[marker.set(state)])
            .map_err(|error| Failure::new("bad-edit", format!("`conductor/{file}`: {error}")))
    })?;
    Ok(line)
}

/// Sets members of the track's metadata.json, which is made where there is none. What was changed.
///
/// # Errors
/// Why the file can't be changed.
pub fn set_metadata(host: &dyn Host, track: &Track<'_>, members: &[(&str, Value)]) -> Result<Option<String>, Failure> {
    let Some(path) = in_folder(track, "metadata.json") else {
        return Ok(None);
    };
    let id = track.id.to_string();
    let changed = folder::change_or_create(host, &path, |bytes| match bytes {
        Some(bytes) => folder::set_members(&path, bytes, members),
        None => {
            let own = [("track_id", Value::Text(id.clone()))];
            let members: Vec<_> = own.iter().chain(members).cloned().collect();
            folder::set_members(&path, b"{}\n", &members)
        }
    })?;
    let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    Ok(changed.then(|| format!("{path}: {}", names.join(", "))))
}

impl Ground<'_> {
    /// The track is under way: in the registry, in its metadata, and each task that a worker has in the plan. What was changed.
    ///
    /// # Errors
    /// Why a file can't be changed.
    pub fn settle_begun(&self, mode: crate::choose::Mode) -> Result<Vec<String>, Failure> {
        let tasks = self.workers.at_work().flat_map(|worker| &worker.tasks);
        let marks: Vec<Mark> = tasks
            .map(|name| Mark {
                name: name.clone(),
                state: State::InProgress,
                sha: None,
            })
            .collect();
        let mut lines = Vec::new();
        if !marks.is_empty() {
            let marks = Marks {
                marks,
                checkpoint: None,
            };
            lines.extend(mark(self.host, self.plan_path()?, &marks)?.lines);
        }
        if self.track.state == State::Pending {
            lines.extend(self.set_in_registry(State::InProgress)?);
        }
        let metadata = self.track.metadata.as_ref();
        let mut members = Vec::new();
        if metadata.and_then(|metadata| metadata.execution_mode.as_deref()) != Some(mode.word()) {
            members.push(("execution_mode", Value::Text(mode.word().to_owned())));
        }
        if metadata.is_none_or(|metadata| metadata.dispatched_at.is_none()) {
            members.push(("dispatched_at", Value::Text(now())));
        }
        if metadata.is_none_or(|metadata| metadata.state() != Some(State::InProgress)) {
            members.push(("status", Value::Text("in_progress".to_owned())));
        }
        if !members.is_empty() {
            lines.extend(set_metadata(self.host, self.track, &members)?);
        }
        Ok(lines)
    }

    /// The track is done: in the registry, in its metadata, and its state file goes, with those that were put away. What was changed.
    ///
    /// # Errors
    /// Why a file can't be changed.
    pub fn settle_done(&self) -> Result<Vec<String>, Failure> {
        let mut lines: Vec<String> = self.set_in_registry(State::Done)?.into_iter().collect();
        let metadata = self.track.metadata.as_ref();
        if metadata.is_some_and(|metadata| metadata.state() != Some(State::Done)) {
            let members = [("status", Value::Text("completed".to_owned()))];
            lines.extend(set_metadata(self.host, self.track, &members)?);
        }
        let path = self.state_path()?;
        if folder::remove_if_there(self.host, &path)? {
            lines.push(format!("{path} removed"));
        }
        if let Some(folder) = self.track.folder.as_deref() {
            lines.extend(crate::archive::clear(self.host, folder)?);
        }
        Ok(lines)
    }

    fn set_in_registry(&self, state: State) -> Result<Option<String>, Failure> {
        match &self.project.registry {
            Some(registry) => mark_track(self.host, &registry.file, &self.track.id, state),
            None => Ok(None),
        }
    }
}
