//! `tracks.md`: the list of a project's tracks, and the truth about where each stands.

use crate::Text;
use crate::marker::{Marker, State};

/// The registry as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Registry<'a> {
    /// Its path relative to `conductor/`: `tracks.md`, or what `index.md` names.
    pub file: Text<'a>,
    /// In the order of the file. One track may have several (a table row and a section).
    pub entries: Vec<Entry<'a>>,
    /// How many lines the file has.
    pub lines: u32,
}

/// How an entry is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryForm {
    /// `## [ ] Track: …`
    Heading,
    /// `- [ ] **Track: …**`
    ListItem,
    /// `| [x] | auth_20250110 | … |`
    TableRow,
    /// `<!-- Archived …: id — title → link -->`
    Comment,
}

/// One track's entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'a> {
    /// How it is written.
    pub form: EntryForm,
    /// The line of its heading, item or row, 1-based.
    pub line: u32,
    /// The last line that belongs to it, 1-based.
    pub last_line: u32,
    /// The track's id: the linked folder's name, else the id column or an id in the title, else made of the title (of
    /// the link's label where the line begins with a link).
    pub id: Text<'a>,
    /// As a person sees it, without `Track:`, marker, id and what hangs at the end.
    pub title: Text<'a>,
    /// Its checkbox; a table's may hold one in the status column.
    pub marker: Option<Marker>,
    /// What marker, status word (`Status: completed`), `✅` or place (archive) say; `None` when nothing does.
    pub state: Option<State>,
    /// The status as a word, where it is one.
    pub status_word: Option<Text<'a>>,
    /// The link as written.
    pub link: Option<Text<'a>>,
    /// The linked folder relative to `conductor/`, ending with `/`; `None` without a link, or when it leads outside.
    pub folder: Option<Text<'a>>,
    /// Whether its link leads out of `conductor/`.
    pub leads_outside: bool,
    /// Whether it stands among the archived ones or links there.
    pub archived: bool,
    /// `Priority: …` or that column, as written.
    pub priority: Option<Text<'a>>,
    /// `Depends on: …` or that column, split at commas and semicolons; of a link to a track its folder's name.
    pub depends_on: Vec<Text<'a>>,
    /// What its line says besides: a description, what stands behind `Archived 2026-05-03.`
    pub remark: Option<Text<'a>>,
}

impl Entry<'_> {
    /// The marker as a person sees it, `[x]`, or the status word.
    pub fn shown_state(&self) -> String {
        match (&self.marker, &self.status_word) {
            (Some(Marker { char, .. }), _) => format!("[{char}]"),
            (None, Some(word)) => word.to_string(),
            (None, None) => String::from("without a marker"),
        }
    }
}
