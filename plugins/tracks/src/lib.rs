//! Reads a project's `conductor/` folder (tracks, plans, state files), and changes a plan without touching a byte more than
//! it must.
//!
//! Everything here is pure: bytes in, values out; no files, no clock, no environment. Start at [`Project::read`]. Bad
//! input is normal input: nothing panics, and what can't be understood is named in a [`Diagnostic`].
//!
//! | concept | where |
//! | --- | --- |
//! | the folder as a whole | [`project`] |
//! | `tracks.md` | [`registry`] |
//! | `plan.md` | [`plan`], [`annotation`]; what a number in `depends` means: [`resolver`] |
//! | checkboxes and counting | [`marker`], [`status_word`] |
//! | JSON files | [`metadata`], [`implement_state`], [`parallel_state`], [`beads_config`] |
//! | problems and notes | [`diagnostic`] |
//! | changing a marker, a commit, a checkpoint | [`edit`] |
//!
//! Each kind of file is read in one pass (`plan_reader`, `registry_reader`, over the lines and blocks of `line` and
//! `block`), then looked at as a whole (`plan_check`, `claims`, `registry_check`), then joined (`project_reader`,
//! `project_check`).

use std::borrow::Cow;

pub mod annotation;
pub mod beads_config;
mod block;
mod claims;
mod cycle;
pub mod diagnostic;
pub mod edit;
mod folders;
mod heading;
pub mod implement_state;
mod index;
mod inline;
mod json;
mod label;
mod line;
mod link;
mod list;
pub mod marker;
pub mod metadata;
pub mod parallel_state;
pub mod plan;
mod plan_check;
mod plan_reader;
mod plan_section;
pub mod project;
mod project_check;
mod project_reader;
pub mod registry;
mod registry_check;
mod registry_entry;
mod registry_reader;
mod registry_title;
pub mod resolver;
mod sha;
pub mod status_word;
mod table;
mod tail;
mod unclosed;

pub use diagnostic::{Diagnostic, Severity};
pub use marker::{Counts, Marker, State};
pub use plan::{Phase, Plan, Task};
pub use project::{PATTERNS, Project, Source, Track, Unreadable};

/// Text of a file: borrowed, or owned where bytes that are not UTF-8 were replaced by `U+FFFD`.
pub type Text<'a> = Cow<'a, str>;

/// Bytes `start..end` of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}
