//! From a project that was read to the report: which tracks are shown, in which order, and the numbers over all of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use conductor_tracks::{Counts, Diagnostic, Project, Severity, Track};

use crate::live::Live;
use crate::live::report::Elsewhere;
use crate::report::{Finding, Group, LineRun, Place, Report, SCHEMA, Totals, Waiting};
use crate::survey::{Survey, group, is_closed};
use crate::{next, track, waiting};

/// What the person asked to see.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish<'a> {
    /// Only this track.
    pub selected: Option<&'a Track<'a>>,
    /// Archived tracks too.
    pub all: bool,
    /// The list of problems and notes, not only how many there are.
    pub diagnostics: bool,
    /// Whether the folder holds anything of a project besides tracks, so that it has been set up.
    pub is_set_up: bool,
    /// What Beads and Gas Town say.
    pub live: Option<&'a Live>,
}

/// Finds the facts of a project.
#[must_use]
pub fn report<'a>(name: &'a str, project: &'a Project<'a>, wish: Wish<'a>) -> Report<'a> {
    let surveys: Vec<Survey> = project
        .tracks
        .iter()
        .filter(|track| counts(track, wish))
        .map(Survey::of)
        .collect();
    let shown = shown(&surveys, wish);
    let waiting = waiting::waiting(&shown);
    let done = done_by_name(project, &shown);
    let is_done = |name: &str| is_done(project, &done, name);
    let next = next::actions(project, &shown, &waiting, &is_done, wish.is_set_up);
    let findings: Vec<&Diagnostic> = findings(project, wish.selected);
    let problems = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Problem)
        .count();
    Report {
        schema: SCHEMA,
        project: name,
        selected: wish.selected.map(|track| track.id.as_ref()),
        all: wish.all,
        totals: totals(project, &surveys),
        waiting_elsewhere: elsewhere(wish.live, &waiting),
        waiting,
        beads: wish.live.and_then(|live| live.beads.as_ref()),
        gastown: wish.live.and_then(|live| live.gastown.as_ref()),
        tracks: shown
            .iter()
            .map(|survey| track::status(survey, &is_done, wish.selected.is_some(), wish.live))
            .collect(),
        next,
        problems,
        notes: findings.len() - problems,
        diagnostics: wish.diagnostics.then(|| findings.into_iter().map(finding).collect()),
    }
}

/// What waits in the tools, without the verifications that the plans tell of already.
fn elsewhere<'a>(live: Option<&'a Live>, waiting: &[Waiting]) -> Vec<&'a Elsewhere> {
    let is_told = |elsewhere: &Elsewhere| match elsewhere {
        Elsewhere::Gate {
            track: Some(track),
            phase: Some(phase),
            ..
        } => waiting.iter().any(|waiting| {
            let number = waiting
                .phase
                .number
                .map_or_else(|| waiting.phase.ordinal.to_string(), str::to_owned);
            waiting.track == track && number == *phase
        }),
        _ => false,
    };
    let all = live.into_iter().flat_map(|live| &live.waiting);
    all.filter(|elsewhere| !is_told(elsewhere)).collect()
}

/// Whether a track has to be looked through: archived ones are shown only on demand, and never counted.
fn counts(track: &Track, wish: Wish) -> bool {
    !track.archived || wish.all || wish.selected.is_some_and(|selected| std::ptr::eq(selected, track))
}

/// The tracks to show: by group, by priority, then in the order of `tracks.md`.
fn shown<'s, 'a>(surveys: &'s [Survey<'a>], wish: Wish) -> Vec<&'s Survey<'a>> {
    if let Some(selected) = wish.selected {
        return surveys
            .iter()
            .filter(|survey| std::ptr::eq(survey.track, selected))
            .collect();
    }
    let mut shown: Vec<&Survey> = surveys.iter().collect();
    shown.sort_by_cached_key(|survey| (survey.group, track::rank(survey.track), survey.track.archived));
    shown
}

/// Which tracks are done, by what other tracks may call them; only looked up where some track depends on another.
///
/// Each is known by its id, by its id in lower case, and by its id without the date; the first of one name counts.
fn done_by_name<'a>(project: &'a Project<'a>, shown: &[&Survey]) -> BTreeMap<Cow<'a, str>, bool> {
    let mut done = BTreeMap::new();
    if shown.iter().all(|survey| survey.track.depends_on.is_empty()) {
        return done;
    }
    let short = |id: &'a str| id.rsplit_once('_').map(|(short, _)| short);
    let ids = || project.tracks.iter().map(|track| (track.id.as_ref(), is_closed(track)));
    let shorts = || ids().filter_map(|(id, closed)| Some((short(id)?, closed)));
    let lower = |(name, closed): (&str, bool)| (Cow::Owned(name.to_ascii_lowercase()), closed);
    let exact = ids().map(|(id, closed)| (Cow::Borrowed(id), closed));
    for (name, closed) in exact.chain(ids().map(lower)).chain(shorts().map(lower)) {
        done.entry(name).or_insert(closed);
    }
    done
}

/// Whether the track that an entry of `depends_on` means is done: by the names above, else by its title.
fn is_done(project: &Project, done: &BTreeMap<Cow<str>, bool>, name: &str) -> bool {
    let name = name.trim();
    let named = done.get(name).or_else(|| done.get(name.to_ascii_lowercase().as_str()));
    let titled = || project.dependency(name).is_some_and(is_closed);
    named.copied().unwrap_or_else(titled)
}

fn totals(project: &Project, surveys: &[Survey]) -> Totals {
    let mut totals = Totals {
        tracks: project.tracks.len(),
        ..Totals::default()
    };
    for track in &project.tracks {
        let group = group(track);
        *match group {
            Group::InProgress => &mut totals.in_progress,
            Group::Blocked => &mut totals.blocked,
            Group::Pending => &mut totals.pending,
            Group::Done => &mut totals.done,
            Group::Removed => &mut totals.removed,
        } += 1;
        totals.archived += usize::from(track.archived && group == Group::Done);
    }
    let mut tasks = Counts::default();
    let counted = |survey: &&Survey| !survey.track.archived && survey.group != Group::Removed;
    surveys
        .iter()
        .filter(counted)
        .for_each(|survey| tasks.merge(survey.counts));
    totals.tasks = tasks.into();
    totals
}

/// The problems, then the notes; with a selected track those that concern it.
fn findings<'a>(project: &'a Project<'a>, selected: Option<&Track>) -> Vec<&'a Diagnostic<'a>> {
    let concerns = |finding: &&Diagnostic| selected.is_none_or(|track| concerns(project, track, finding));
    let mut findings: Vec<&Diagnostic> = project.diagnostics.iter().filter(concerns).collect();
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// A finding concerns a track when it is about a file in its folder or about a line of its entry.
fn concerns(project: &Project, track: &Track, finding: &Diagnostic) -> bool {
    let in_folder = |file: &str| track.folder.as_deref().is_some_and(|folder| file.starts_with(folder));
    let in_entry = |file: &str, line: u32| {
        let registry = project.registry.as_ref().map(|registry| registry.file.as_ref());
        let entry = project.entry(track);
        registry == Some(file) && entry.is_some_and(|entry| (entry.line..=entry.last_line).contains(&line))
    };
    let by_line = finding.lines.iter().any(|lines| in_entry(&finding.file, lines.first));
    let also = finding
        .also
        .as_ref()
        .is_some_and(|also| in_folder(&also.file) || in_entry(&also.file, also.line));
    in_folder(&finding.file) || by_line || also
}

fn finding<'a>(diagnostic: &'a Diagnostic<'a>) -> Finding<'a> {
    Finding {
        severity: diagnostic.severity.as_str(),
        code: diagnostic.code,
        file: &diagnostic.file,
        lines: diagnostic
            .lines
            .iter()
            .map(|lines| LineRun {
                first: lines.first,
                last: lines.last,
            })
            .collect(),
        also: diagnostic.also.as_ref().map(|also| Place {
            file: &also.file,
            line: also.line,
        }),
        reason: &diagnostic.reason,
    }
}
