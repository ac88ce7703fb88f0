//! A whole `conductor/` folder: registry, tracks and archive joined, with everything there is to say about them.

use crate::Text;
use crate::beads_config::BeadsConfig;
use crate::diagnostic::{Diagnostic, Severity};
use crate::implement_state::ImplementState;
use crate::marker::{Counts, State};
use crate::metadata::Metadata;
use crate::parallel_state::ParallelState;
use crate::plan::Plan;
use crate::registry::{Entry, Registry};

/// One file or folder below `conductor/`, as a snapshot gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// Relative to `conductor/`, parts joined by `/`; a folder's ends with `/`.
    pub path: &'a str,
    /// The bytes (none for a folder), or why they can't be had.
    pub content: Result<&'a [u8], Unreadable<'a>>,
}

/// Why a file could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable<'a> {
    /// For programs: `too-big`, `vanished`, …
    pub code: &'a str,
    /// One sentence for a person.
    pub message: &'a str,
}

/// The files and folders of `conductor/` that [`Project::read`] wants to see, as patterns for `files.snapshot`:
/// `*` and `?` within one name, `{a,b}` for either, a part `**` for any number of folders, a final `/` for folders.
pub const PATTERNS: &[&str] = &[
    // All of them: an `index.md` or a registry may name any file as registry or plan.
    "**/*.md",
    "*.json",
    "**/{metadata.json,implement_state.json,parallel_state.json,implement_parallel_state.json,dispatch_state.json}",
    "**/*/",
];

/// A `conductor/` folder as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Project<'a> {
    /// `tracks.md`; `None` when there is none that can be read.
    pub registry: Option<Registry<'a>>,
    /// First those of the registry in its order, then folders without an entry by path. Archived ones are among them.
    pub tracks: Vec<Track<'a>>,
    /// `beads.json`; `None` when absent or unreadable.
    pub beads: Option<BeadsConfig>,
    /// Files that are known by name and not read: `setup_state.json`, `refresh_state.json`, …
    pub named: Vec<Text<'a>>,
    /// Problems and notes, by file and line.
    pub diagnostics: Vec<Diagnostic<'a>>,
}

/// One track.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Track<'a> {
    /// The folder's name, or what the registry gives where there is no folder. Opaque, may hold dots.
    pub id: Text<'a>,
    /// From the registry, else metadata, else the plan's heading, else the id.
    pub title: Text<'a>,
    /// Where it stands: the registry's word, else the plan's, else the metadata's, else pending.
    pub state: State,
    /// Whether it is in the archive.
    pub archived: bool,
    /// Index of its entry in [`Registry::entries`]; `None` for a folder without an entry.
    pub entry: Option<usize>,
    /// Relative to `conductor/`, ending with `/`; `None` when no such folder was seen.
    pub folder: Option<Text<'a>>,
    /// The plan's path relative to `conductor/`; `None` when there is no plan.md.
    pub plan_file: Option<Text<'a>>,
    /// The plan; `None` when there is none, or when it can't be read (then a problem says so).
    pub plan: Option<Plan<'a>>,
    /// `metadata.json`.
    pub metadata: Option<Metadata>,
    /// `implement_state.json`.
    pub implement_state: Option<ImplementState>,
    /// `parallel_state.json`.
    pub parallel_state: Option<ParallelState>,
    /// Ids of tracks that have to be done first: metadata's, else the registry's.
    pub depends_on: Vec<Text<'a>>,
    /// Metadata's, else the registry's, as written.
    pub priority: Option<Text<'a>>,
}

impl Track<'_> {
    /// Where its tasks stand; all zero without a plan.
    pub fn counts(&self) -> Counts {
        self.plan.as_ref().map(Plan::counts).unwrap_or_default()
    }
}

impl<'a> Project<'a> {
    /// Reads the snapshot of a `conductor/` folder. Never fails: what can't be read is a problem in `diagnostics`.
    pub fn read(sources: &[Source<'a>]) -> Self {
        crate::project_reader::read(sources)
    }

    /// The registry's entry of a track.
    pub fn entry(&self, track: &Track<'a>) -> Option<&Entry<'a>> {
        self.registry.as_ref()?.entries.get(track.entry?)
    }

    /// The track with this id.
    pub fn track(&self, id: &str) -> Option<&Track<'a>> {
        self.tracks.iter().find(|track| track.id == id)
    }

    /// The track that an entry of `depends_on` means: by id, by id without its date, by title or the title's start.
    /// Tracks of one short name: the first.
    pub fn dependency(&self, name: &str) -> Option<&Track<'a>> {
        let name = name.trim();
        self.track(name).or_else(|| {
            let short = |track: &&Track<'a>| track.id.rsplit_once('_').is_some_and(|(id, _)| id == name);
            let titled = |track: &&Track<'a>| starts_title(&track.title, name);
            self.tracks
                .iter()
                .find(short)
                .or_else(|| self.tracks.iter().find(titled))
        })
    }

    /// How many problems, and how many notes.
    pub fn problems_and_notes(&self) -> (usize, usize) {
        let problems = self
            .diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Problem)
            .count();
        (problems, self.diagnostics.len() - problems)
    }
}

/// Whether a title is this name, or begins with it and a sign.
fn starts_title(title: &str, name: &str) -> bool {
    let start = title
        .get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name));
    let rest = title.get(name.len()..).unwrap_or_default().trim_start();
    start && !name.is_empty() && (rest.is_empty() || rest.starts_with(['-', '–', '—', ':', '(']))
}
