//! What bundled plugins share: a snapshot as the reader takes it, the track that a person means, text that fits into a line, and the
//! forms of an outcome.

use conductor_plugin::Entry;
use conductor_tracks::{Source, Unreadable};

pub mod form;
pub mod select;
pub mod width;

/// `1 task`, `3 tasks`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The entries of a snapshot of `conductor/`, as [`conductor_tracks::Project::read`] takes them.
#[must_use]
pub fn sources(entries: &[Entry]) -> Vec<Source<'_>> {
    entries.iter().map(source).collect()
}

fn source(entry: &Entry) -> Source<'_> {
    let content = entry.content.as_deref().map_err(|error| Unreadable {
        code: &error.code,
        message: &error.message,
    });
    Source {
        path: &entry.path,
        content,
    }
}
