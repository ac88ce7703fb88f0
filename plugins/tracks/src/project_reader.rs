//! Joins what a snapshot of `conductor/` holds: the registry's entries, the folders, the files in them.

use std::collections::{BTreeMap, BTreeSet};

use crate::beads_config::BeadsConfig;
use crate::diagnostic::{Diagnostic, Severity};
use crate::folders::{Folder, Folders};
use crate::implement_state::ImplementState;
use crate::inline::shown;
use crate::link::{Meaning, folder_name, is_archive, meaning};
use crate::marker::State;
use crate::metadata::Metadata;
use crate::parallel_state::ParallelState;
use crate::plan::Plan;
use crate::project::{Project, Source, Track};
use crate::registry::{Entry, EntryForm, Registry};
use crate::{Text, index, index::Named, project_check};

/// Files that are named and not read.
const NAMED: [&str; 4] = [
    "setup_state.json",
    "refresh_state.json",
    "dispatch_state.json",
    "formula_state.json",
];

/// Diagnostics that stop only who would still work on the track.
const FOR_OPEN_TRACKS: [&str; 6] = [
    "no-tasks",
    "empty-plan",
    "escaped-newlines",
    "utf-16",
    "unknown-depends",
    "depends-cycle",
];

/// Reads a project. See [`Project::read`].
pub(crate) fn read<'a>(sources: &[Source<'a>]) -> Project<'a> {
    let folders = Folders::new(sources);
    let mut reader = Reader {
        folders: &folders,
        project: Project::default(),
        claimed: BTreeSet::new(),
    };
    for folder in folders.unreadable() {
        reader.bytes(Some(folder));
    }
    reader.registry();
    reader.beads();
    reader.listed_tracks();
    reader.other_tracks();
    reader.named();
    project_check::check(&folders, &mut reader.project);
    reader.project
}

struct Reader<'s, 'f, 'a> {
    folders: &'f Folders<'s, 'a>,
    project: Project<'a>,
    /// The folders that belong to a track already.
    claimed: BTreeSet<&'a str>,
}

impl<'s, 'f, 'a> Reader<'s, 'f, 'a> {
    fn note(&mut self, diagnostic: Diagnostic<'a>) {
        self.project.diagnostics.push(diagnostic);
    }

    /// A file's bytes; a problem when it is there and can't be read.
    fn bytes(&mut self, source: Option<&Source<'a>>) -> Option<(Text<'a>, &'a [u8])> {
        let source = source?;
        match source.content {
            Ok(bytes) => Some((source.path.into(), bytes)),
            Err(why) => {
                let advice = match why.code {
                    "too-big" => ": take out what is no plan, or split the track",
                    _ => "",
                };
                let reason = format!("not read: {} ({}){advice}", why.message, why.code);
                self.note(Diagnostic::problem("unreadable", source.path, reason));
                None
            }
        }
    }

    fn registry(&mut self) {
        let index = self.folders.file("index.md");
        let usual = self.folders.file("tracks.md");
        let index = self.bytes(index);
        let tracks = index
            .as_ref()
            .and_then(|(file, bytes)| self.tracks_directory(file.clone(), &index::tracks(bytes)?));
        let named = index
            .and_then(|(file, bytes)| Some((file, index::registry(bytes)?)))
            // A project without tracks may have no `tracks.md` yet; with tracks `no-registry` says it.
            .filter(|(_, named)| named.path.as_deref() != Some("tracks.md"));
        let source = named
            .and_then(|(file, named)| self.named_file(file, &named, "registry", usual))
            .or(usual);
        if source.is_none() && self.folders.tracks().next().is_some() {
            let reason = "there are tracks and no `tracks.md` that lists them: their states come from their plans";
            self.note(Diagnostic::problem("no-registry", "tracks.md", reason));
        }
        if let Some((file, bytes)) = self.bytes(source) {
            let (registry, found) = Registry::read_with(file, bytes, tracks);
            self.project.diagnostics.extend(found);
            self.project.registry = Some(registry);
        }
    }

    /// The folder of the tracks that `index.md` names, where it is not the usual one; a problem when it is not there.
    fn tracks_directory(&mut self, index: Text<'a>, named: &Named) -> Option<String> {
        let path = named.path.as_deref();
        if path == Some("tracks/") {
            return None;
        }
        let found = path.filter(|path| self.folders.holds(path));
        if found.is_none() {
            let why = if path.is_some() {
                "is not there"
            } else {
                "is outside conductor/"
            };
            let reason = format!("names `{}` as the tracks directory, which {why}", named.target);
            self.note(Diagnostic::problem("index-target", index, reason).at(named.line));
        }
        found.map(String::from)
    }

    /// The file that an `index.md` names; a problem when it is not there. `usual`: what is read instead.
    fn named_file(
        &mut self,
        index: Text<'a>,
        named: &Named,
        what: &str,
        usual: Option<&Source<'a>>,
    ) -> Option<&'f Source<'a>>
    where
        's: 'f,
    {
        let found = named.path.as_deref().and_then(|path| self.folders.file(path));
        if found.is_none() {
            let why = match named.path {
                Some(_) => "is not there",
                None => "is outside conductor/",
            };
            let instead = match usual {
                Some(source) => format!("not read, `{}` is read instead", source.path),
                None => String::from("not read"),
            };
            let reason = format!("names `{}` as the {what}, which {why}: {instead}", named.target);
            self.note(Diagnostic::problem("index-target", index, reason).at(named.line));
        }
        found
    }

    fn beads(&mut self) {
        if let Some((file, bytes)) = self.bytes(self.folders.file("beads.json")) {
            self.project.beads = BeadsConfig::read(&file, bytes, &mut self.project.diagnostics);
        }
    }

    /// The tracks that the registry lists, each once.
    fn listed_tracks(&mut self) {
        let Some(registry) = self.project.registry.take() else {
            return;
        };
        let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut order: Vec<&str> = Vec::new();
        for (at, entry) in registry.entries.iter().enumerate() {
            let entries = by_id.entry(&entry.id).or_default();
            if entries.is_empty() {
                order.push(&entry.id);
            }
            entries.push(at);
        }
        for id in order {
            let track = self.listed_track(&registry, &by_id[id]);
            self.project.tracks.push(track);
        }
        self.project.registry = Some(registry);
    }

    fn listed_track(&mut self, registry: &Registry<'a>, entries: &[usize]) -> Track<'a> {
        let all: Vec<&Entry<'a>> = entries.iter().map(|at| &registry.entries[*at]).collect();
        // Where the entries of a track differ, the first that is not done says what is to do.
        let open = all
            .iter()
            .position(|entry| entry.state.is_some_and(|state| !state.is_closed()));
        let at = open
            .or_else(|| all.iter().position(|entry| entry.state.is_some()))
            .unwrap_or(0);
        let entry = all[at];
        let linked = all.iter().find_map(|entry| entry.folder.as_deref());
        let archived = entry.archived;
        let mut track = Track {
            id: entry.id.clone(),
            title: entry.title.clone(),
            archived,
            entry: Some(entries[at]),
            priority: all.iter().find_map(|entry| entry.priority.clone()),
            depends_on: entry.depends_on.clone(),
            ..Track::default()
        };
        match self.folders.resolve(linked, &entry.id, archived) {
            Some((folder, moved)) => {
                self.claimed.insert(folder);
                track.folder = Some(folder.into());
                track.archived |= is_archive(folder);
                if moved && entry.form != EntryForm::Comment {
                    let reason = format!(
                        "{} links to `{}`; its folder is `{folder}`",
                        entry.id,
                        linked.unwrap_or_default()
                    );
                    self.note(Diagnostic::note("moved-folder", registry.file.clone(), reason).at(entry.line));
                }
                self.read_files(&mut track, folder, entry.state);
            }
            None => {
                let base = registry.file.rfind('/').map_or("", |at| &registry.file[..=at]);
                self.linked_plan(&mut track, entry, base);
            }
        }
        finish(&mut track, entry.state);
        track
    }

    /// An entry without a folder may link to its plan: `[Track 4](./track-4-plan.md)`.
    /// `base` is the folder of the registry.
    fn linked_plan(&mut self, track: &mut Track<'a>, entry: &Entry<'a>, base: &str) {
        let Some(Meaning::Inside {
            folder,
            file: Some(file),
        }) = entry.link.as_deref().map(|link| meaning(link.as_bytes(), base))
        else {
            return;
        };
        let source = self.folders.file(&format!("{folder}{file}"));
        self.read_plan(track, source, entry.state);
    }

    /// Track folders that no entry names.
    fn other_tracks(&mut self) {
        let folders: Vec<&'a str> = self
            .folders
            .tracks()
            .filter(|folder| !self.claimed.contains(folder))
            .collect();
        let mut ids: BTreeSet<String> = self.project.tracks.iter().map(|track| track.id.to_string()).collect();
        for folder in folders {
            let name = folder_name(folder);
            let mut track = Track {
                archived: is_archive(folder),
                folder: Some(folder.into()),
                ..Track::default()
            };
            // Two folders of one name: the second is known by its path.
            track.id = if ids.insert(name.to_string()) {
                name.into()
            } else {
                folder.trim_end_matches('/').into()
            };
            let state = track.archived.then_some(State::Done);
            self.read_files(&mut track, folder, state);
            finish(&mut track, state);
            self.project.tracks.push(track);
        }
    }

    fn read_files(&mut self, track: &mut Track<'a>, folder: &'a str, state: Option<State>) {
        let files: Folder<'_, 'a> = self.folders.get(folder);
        let index = self.bytes(files.index);
        let metadata = index
            .as_ref()
            .filter(|_| files.metadata.is_none())
            .and_then(|(file, bytes)| self.named_metadata(file.clone(), &index::metadata(bytes, folder)?));
        let named = index
            .and_then(|(file, bytes)| Some((file, index::plan(bytes, folder)?)))
            .filter(|_| files.plan.is_none());
        let linked = named.and_then(|(file, named)| self.named_file(file, &named, "plan", None));
        self.read_plan(track, files.plan.or(linked), state);
        let found = &mut Vec::new();
        if let Some((file, bytes)) = self.bytes(files.metadata.or(metadata)) {
            track.metadata = Metadata::read(&file, bytes, found);
        }
        if let Some((file, bytes)) = self.bytes(files.implement_state) {
            track.implement_state = ImplementState::read(&file, bytes, found);
        }
        if let Some((file, bytes)) = self.bytes(files.parallel_state) {
            track.parallel_state = ParallelState::read(&file, bytes, found);
        }
        self.project.diagnostics.append(found);
    }

    /// The metadata elsewhere that a track's `index.md` names. The host gives only files called `metadata.json`; of
    /// another name a note says that it is not read.
    fn named_metadata(&mut self, index: Text<'a>, named: &Named) -> Option<&'f Source<'a>>
    where
        's: 'f,
    {
        let path = named.path.as_deref();
        let is_usual = path.is_some_and(|path| path.rsplit('/').next() == Some("metadata.json"));
        if is_usual || path.is_none() {
            return self.named_file(index, named, "metadata", None);
        }
        let target = &named.target;
        let reason = format!("names `{target}` as the metadata: only a file called `metadata.json` is read");
        self.note(Diagnostic::note("index-target", index, reason).at(named.line));
        None
    }

    fn read_plan(&mut self, track: &mut Track<'a>, source: Option<&Source<'a>>, state: Option<State>) {
        track.plan_file = source.map(|source| source.path.into());
        let Some((file, bytes)) = self.bytes(source) else {
            return;
        };
        let (plan, mut found) = Plan::read(file, bytes);
        if track.archived || state.is_some_and(State::is_closed) {
            for diagnostic in found.iter_mut().filter(|found| FOR_OPEN_TRACKS.contains(&found.code)) {
                diagnostic.severity = Severity::Note;
            }
        }
        self.project.diagnostics.extend(found);
        track.plan = Some(plan);
    }

    fn named(&mut self) {
        let known = |path: &&str| NAMED.contains(&path.rsplit('/').next().unwrap_or_default());
        self.project.named = self.folders.files().filter(known).map(Text::from).collect();
    }
}

/// What follows from registry, plan and metadata together. `said`: what the registry says.
fn finish(track: &mut Track<'_>, said: Option<State>) {
    let metadata = track.metadata.as_ref();
    let from_plan = track.plan.as_ref().and_then(|plan| plan.counts().state());
    track.state = said
        .or(from_plan)
        .or(metadata.and_then(Metadata::state))
        .unwrap_or_default();
    if let Some(metadata) = metadata {
        if !metadata.depends_on.is_empty() {
            track.depends_on = metadata.depends_on.iter().cloned().map(Text::Owned).collect();
        }
        track.priority = metadata.priority.clone().map(Text::Owned).or(track.priority.take());
    }
    if track.title.is_empty() || track.title == track.id {
        track.title = other_title(track).unwrap_or_else(|| track.id.clone());
    }
}

fn other_title<'a>(track: &Track<'a>) -> Option<Text<'a>> {
    let metadata = track.metadata.as_ref();
    let described = metadata
        .and_then(|m| m.title.clone().or(m.description.clone()))
        .map(|title| shown(Text::Owned(title)));
    described
        .filter(|title| !title.trim().is_empty())
        .or_else(|| track.plan.as_ref()?.title.clone().map(without_label))
}

/// A plan's title without what only says that it is one: `Implementation Plan: Search`.
fn without_label(title: Text<'_>) -> Text<'_> {
    const LABELS: [&str; 4] = ["implementation plan", "track plan", "plan", "track"];
    let named = |title: &str| {
        let at = title.find(':')?;
        let is_label = LABELS
            .iter()
            .any(|label| title[..at].trim().eq_ignore_ascii_case(label));
        let name = title[at + 1..].trim_start();
        (is_label && !name.is_empty()).then_some(title.len() - name.len())
    };
    match (named(&title), title) {
        (None, title) => title,
        (Some(at), Text::Borrowed(title)) => Text::Borrowed(&title[at..]),
        (Some(at), Text::Owned(title)) => Text::Owned(title[at..].to_owned()),
    }
}
