//! Where the files of a project contradict each other, and what is missing.

use std::collections::{BTreeMap, BTreeSet};

use crate::Text;
use crate::cycle::cycles;
use crate::diagnostic::Diagnostic;
use crate::folders::Folders;
use crate::implement_state::ImplementState;
use crate::marker::State;
use crate::plan::Plan;
use crate::project::{Project, Track};
use crate::registry::{Entry, EntryForm};

/// Adds what there is to say about a project that was read.
pub(crate) fn check<'a>(folders: &Folders<'_, 'a>, project: &mut Project<'a>) {
    let mut found = Vec::new();
    for track in &project.tracks {
        let entry = project
            .entry(track)
            .zip(project.registry.as_ref().map(|registry| &registry.file));
        found.extend(entry.and_then(|(entry, file)| missing(folders, file, track, entry)));
        found.extend(entry.and_then(|(entry, file)| plan_differs(file, track, entry)));
        found.extend(without_entry(project, track));
        found.extend(implement_state(track));
        found.extend(left_over_workers(track));
        found.extend(metadata(track));
        found.extend(unknown_tracks(project, track));
    }
    found.extend(track_cycles(project));
    found.extend(folders.without_track().into_iter().map(|folder| {
        Diagnostic::note(
            "empty-folder",
            folder,
            "holds neither plan.md nor metadata.json: not read as a track",
        )
    }));
    let claimed: BTreeSet<&str> = project
        .tracks
        .iter()
        .filter_map(|track| track.folder.as_deref())
        .collect();
    found.retain(|diagnostic| diagnostic.code != "empty-folder" || !claimed.contains(&*diagnostic.file));
    project.diagnostics.extend(found);
}

fn marker(state: State) -> String {
    format!("[{}]", state.as_char())
}

/// An entry whose plan, or whole folder, is not there.
fn missing<'a>(
    folders: &Folders<'_, 'a>,
    file: &Text<'a>,
    track: &Track<'a>,
    entry: &Entry<'a>,
) -> Option<Diagnostic<'a>> {
    let folder = track.folder.as_deref().or(entry.folder.as_deref());
    // `unreadable` says it already.
    if folder.is_some_and(|folder| folders.is_unreadable(folder)) {
        return None;
    }
    // An archived track's folder may be deleted: its comment or table row is what remains.
    let only_named = matches!(entry.form, EntryForm::Comment) || entry.folder.is_none() && track.state.is_closed();
    if track.plan_file.is_some() || track.folder.is_none() && only_named {
        return None;
    }
    let (id, state) = (&track.id, track.state);
    let what = match &track.folder {
        Some(folder) => format!("without a plan.md in `{folder}`"),
        None => String::from("without a plan.md: its folder is not there"),
    };
    let found = match state.is_closed() {
        true => Diagnostic::note("no-plan", file.clone(), format!("{id} is {} {what}", marker(state))),
        false => Diagnostic::problem("no-plan", file.clone(), format!("{id} is {} {what}", marker(state))),
    };
    Some(found.at(entry.line))
}

/// The registry says one thing, the plan another.
fn plan_differs<'a>(file: &Text<'a>, track: &Track<'a>, entry: &Entry<'a>) -> Option<Diagnostic<'a>> {
    let (plan, plan_file) = (track.plan.as_ref()?, track.plan_file.as_ref()?);
    let counts = plan.counts();
    let (said, from_plan) = (entry.state?, counts.state()?);
    let (id, done, total) = (&track.id, counts.done, counts.total());
    let said_so = entry.shown_state();
    let open = plan.first_open();
    let found = match (said, from_plan) {
        (State::Done, State::Pending | State::InProgress) if entry.marker.is_none() && entry.status_word.is_none() => {
            let reason = format!("{id} is archived, its plan {done} of {total}");
            Diagnostic::note("archived-open", file.clone(), reason)
        }
        (State::Done, State::Pending | State::InProgress) => {
            let reason = format!("{id} is {said_so}, its plan {done} of {total}");
            Diagnostic::problem("plan-open", file.clone(), reason)
        }
        (State::Pending | State::InProgress | State::Blocked, State::Done) => {
            let reason = format!("{id} is {said_so}, all {total} tasks of its plan are done: set `[x]`");
            Diagnostic::note("plan-done", file.clone(), reason)
        }
        (State::Pending, State::InProgress) => {
            let reason = format!("{id} is {said_so}, its plan was begun ({done} of {total})");
            Diagnostic::note("plan-begun", file.clone(), reason)
        }
        _ => return None,
    };
    let found = found.at(entry.line);
    Some(match open {
        Some(task) => found.also(plan_file.clone(), task.line),
        None => found,
    })
}

/// A folder that no entry names. In the archive that is usual.
fn without_entry<'a>(project: &Project<'a>, track: &Track<'a>) -> Option<Diagnostic<'a>> {
    if track.entry.is_some() || project.registry.is_none() {
        return None;
    }
    let folder = track.folder.as_ref()?;
    if track.archived {
        let counts = track.counts();
        let reason = format!("archived, its plan {} of {}", counts.done, counts.total());
        let is_open = counts.done < counts.total();
        return is_open.then(|| Diagnostic::note("archived-open", folder.clone(), reason));
    }
    let reason = "no entry of tracks.md names this track: its state comes from its plan";
    Some(Diagnostic::note("no-entry", folder.clone(), reason))
}

fn path<'a>(track: &Track<'a>, name: &str) -> Text<'a> {
    Text::Owned(format!("{}{name}", track.folder.as_deref().unwrap_or_default()))
}

/// Left over when the track is done; otherwise it should stand where the plan has such a phase.
fn implement_state<'a>(track: &Track<'a>) -> Option<Diagnostic<'a>> {
    let state = track.implement_state.as_ref()?;
    let file = path(track, "implement_state.json");
    if track.archived || track.state.is_closed() {
        return Some(Diagnostic::note("left-over", file, "left over: the track is done"));
    }
    other_phase(track.plan.as_ref()?, track, state, file)
}

fn other_phase<'a>(
    plan: &Plan<'a>,
    track: &Track<'a>,
    state: &ImplementState,
    file: Text<'a>,
) -> Option<Diagnostic<'a>> {
    let said = state.current_phase.as_deref()?;
    let name = key(without_number(said));
    let known = |title: &str| {
        let title = key(title);
        !title.is_empty() && (title.starts_with(&name) || name.starts_with(&title))
    };
    let is_end = crate::status_word::state(said) == Some(State::Done);
    if name.is_empty() || is_end || plan.phases.is_empty() || plan.phases.iter().any(|phase| known(&phase.title)) {
        return None;
    }
    let number = said_number(said);
    let by_number = plan
        .phases
        .iter()
        .find(|phase| phase.number.is_some() && phase.number.as_deref() == number);
    let by_index = state
        .current_phase_index
        .and_then(|at| plan.phases.get(usize::try_from(at).ok()?));
    let reason = |what: String| format!("stands in \"{said}\", {what} (plan.md wins)");
    match by_number.or(by_index) {
        Some(phase) => {
            let reason = reason(format!("plan.md:{} has another phase {}", phase.line, phase.label()));
            let plan_file = track.plan_file.clone()?;
            Some(Diagnostic::problem("other-phase", file, reason).also(plan_file, phase.line))
        }
        None => Some(Diagnostic::problem(
            "other-phase",
            file,
            reason("plan.md has no such phase".into()),
        )),
    }
}

/// `3` of `Phase 3: name`.
fn said_number(said: &str) -> Option<&str> {
    let rest = said
        .trim()
        .get(5..)
        .filter(|_| said.trim().to_ascii_lowercase().starts_with("phase"))?;
    rest.trim()
        .split([':', ' ', '-'])
        .next()
        .filter(|number| !number.is_empty())
}

fn without_number(said: &str) -> &str {
    match said.split_once([':', '—', '–']) {
        Some((label, name)) if label.trim().to_ascii_lowercase().starts_with("phase") => name,
        _ if said.trim().to_ascii_lowercase().starts_with("phase") && !said.trim().contains(' ') => "",
        _ => said,
    }
}

/// Letters and digits in lower case, for comparing titles.
fn key(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn left_over_workers<'a>(track: &Track<'a>) -> Option<Diagnostic<'a>> {
    let state = track.parallel_state.as_ref()?;
    let open = state.workers.len() - state.completed();
    let reason = match open {
        0 => "left over: the track is done".to_string(),
        _ => format!(
            "left over: the track is done, {open} of {} workers are not",
            state.workers.len()
        ),
    };
    let closed = track.archived || track.state.is_closed();
    closed.then(|| Diagnostic::note("left-over", path(track, "parallel_state.json"), reason))
}

/// Its status is seldom kept up to date; its id should be the folder's.
fn metadata<'a>(track: &Track<'a>) -> Vec<Diagnostic<'a>> {
    let Some(metadata) = &track.metadata else {
        return Vec::new();
    };
    let file = path(track, "metadata.json");
    let mut found = Vec::new();
    let status = metadata.status.as_deref().unwrap_or_default();
    if metadata.state().is_some_and(|state| state != track.state) {
        let still = if metadata.state() == Some(State::Pending) {
            "still "
        } else {
            ""
        };
        let reason = format!("{still}\"{status}\", the track is {}", marker(track.state));
        found.push(Diagnostic::note("stale-status", file.clone(), reason));
    }
    let folder = track
        .folder
        .as_deref()
        .map(crate::link::folder_name)
        .unwrap_or_default();
    if let Some(id) = metadata.track_id.as_deref().filter(|id| *id != folder) {
        let reason = format!("`track_id` is \"{id}\", the folder is {folder}");
        found.push(Diagnostic::note("other-id", file, reason));
    }
    found
}

/// Tracks that an open track depends on and that are not there.
fn unknown_tracks<'a>(project: &Project<'a>, track: &Track<'a>) -> Vec<Diagnostic<'a>> {
    let closed = track.archived || track.state.is_closed();
    let unknown = track
        .depends_on
        .iter()
        .filter(|name| !closed && project.dependency(name).is_none());
    let from_metadata = track
        .metadata
        .as_ref()
        .is_some_and(|metadata| !metadata.depends_on.is_empty());
    let entry = project
        .entry(track)
        .filter(|_| !from_metadata)
        .zip(project.registry.as_ref());
    unknown
        .map(|name| {
            let reason = format!("{} depends on the track `{name}`, which is not there", track.id);
            match entry {
                Some((entry, registry)) => {
                    Diagnostic::problem("unknown-track", registry.file.clone(), reason).at(entry.line)
                }
                None => Diagnostic::problem("unknown-track", path(track, "metadata.json"), reason),
            }
        })
        .collect()
}

/// Open tracks that wait for each other, or for themselves.
fn track_cycles<'a>(project: &Project<'a>) -> Vec<Diagnostic<'a>> {
    let tracks = &project.tracks;
    let at: BTreeMap<&str, usize> = tracks.iter().enumerate().map(|(at, track)| (&*track.id, at)).collect();
    let node = |name: &Text<'a>| at.get(&*project.dependency(name)?.id).copied();
    let edges: Vec<Vec<usize>> = tracks
        .iter()
        .map(|track| match track.archived || track.state.is_closed() {
            true => Vec::new(),
            false => track.depends_on.iter().filter_map(node).collect(),
        })
        .collect();
    let told = |cycle: &Vec<usize>| {
        let names: Vec<&str> = cycle
            .iter()
            .chain(cycle.first())
            .map(|at| &*tracks[*at].id)
            .take(100)
            .collect();
        let reason = format!("{}: each waits for the next, so none can begin", names.join(" → "));
        let track = cycle.first().map(|at| &tracks[*at])?;
        Some(match project.entry(track).zip(project.registry.as_ref()) {
            Some((entry, registry)) => {
                Diagnostic::problem("depends-cycle", registry.file.clone(), reason).at(entry.line)
            }
            None => Diagnostic::problem("depends-cycle", path(track, "metadata.json"), reason),
        })
    };
    cycles(&edges).iter().filter_map(told).collect()
}
