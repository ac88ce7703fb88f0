//! Reads a `tracks.md` in one pass: headings, list items, table rows and comments that name a track, and the lines under
//! them that say more about it.

use std::rc::Rc;

use memchr::memmem::find;

use crate::block::{Block, Blocks, Hidden, comments};
use crate::diagnostic::{Diagnostic, cap};
use crate::line::{Line, contains_ignore_case, starts_with_ignore_case};
use crate::link::Home;
use crate::list::{ListLine, checkbox, list_line};
use crate::marker::State;
use crate::plan_reader::count;
use crate::registry::{EntryForm, Registry};
use crate::registry_entry::{Found, from_comment, from_row, from_text};
use crate::registry_title::is_dated;
use crate::table::{self, Cell, Columns};
use crate::{Text, heading, registry_check};

impl<'a> Registry<'a> {
    /// Reads a registry. `file` is its path relative to `conductor/`.
    ///
    /// Never fails. What looks like a track and can't be read as one is named in a diagnostic.
    pub fn read(file: impl Into<Text<'a>>, bytes: &'a [u8]) -> (Self, Vec<Diagnostic<'a>>) {
        Self::read_with(file.into(), bytes, None)
    }

    /// Reads a registry of a project whose tracks are in this folder, where `index.md` names one.
    pub(crate) fn read_with(file: Text<'a>, bytes: &'a [u8], tracks: Option<String>) -> (Self, Vec<Diagnostic<'a>>) {
        let base = file.rfind('/').map_or("", |at| &file[..=at]).to_string();
        let mut reader = Reader {
            home: Rc::new(Home { base, tracks }),
            registry: Registry {
                file,
                ..Registry::default()
            },
            diagnostics: Vec::new(),
            group: Group::default(),
            open: None,
            columns: None,
            header: None,
            bare_table: false,
            boxes: Vec::new(),
        };
        for block in Blocks::new(bytes) {
            reader.block(block);
        }
        reader.close();
        registry_check::check(bytes, &reader.registry, &reader.boxes, &mut reader.diagnostics);
        reader.diagnostics.sort_by_key(|found| found.lines.first().copied());
        cap(&reader.registry.file, &mut reader.diagnostics);
        (reader.registry, reader.diagnostics)
    }
}

/// What a heading over several entries says about them.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    level: u8,
    state: Option<State>,
    archived: bool,
    /// A legend, a template: what is listed there are no tracks.
    ignored: bool,
}

impl Group {
    fn of(level: u8, title: &[u8]) -> Self {
        let says = |words: &[&str]| words.iter().any(|word| contains_ignore_case(title, word));
        let archived = says(&["archive"]);
        Self {
            level,
            archived,
            state: (archived || says(&["complete", "done", "finished", "closed"])).then_some(State::Done),
            ignored: says(&[
                "legend",
                "format",
                "states",
                "template",
                "convention",
                "quick command",
                "how to",
                "notes",
            ]),
        }
    }
}

/// An entry whose lines are still coming.
struct Open<'a> {
    found: Found<'a>,
    /// The level of its heading; 7 for other forms.
    level: u8,
    /// Indent of its list item.
    indent: u32,
}

struct Reader<'a> {
    home: Rc<Home>,
    registry: Registry<'a>,
    diagnostics: Vec<Diagnostic<'a>>,
    group: Group,
    open: Option<Open<'a>>,
    columns: Option<Columns>,
    /// A row that may turn out to be a header.
    header: Option<Columns>,
    /// Whether the rows of a table without outer bars are coming.
    bare_table: bool,
    /// Lines with boxes that are no entries.
    boxes: Vec<u32>,
}

impl<'a> Reader<'a> {
    fn block(&mut self, block: Block<'a>) {
        match block {
            Block::Line(line) => self.line(line),
            Block::Comment(comment) => {
                let found = from_comment(comment.body, comment.hidden.first, &self.home);
                self.add_comment(found, comment.hidden.last);
                self.hidden(comment.hidden, "comment");
            }
            Block::Code(hidden) => self.hidden(hidden, "code block"),
            Block::Unclosed(unclosed) => unclosed.report(&self.registry.file, &mut self.diagnostics),
        }
    }

    fn line(&mut self, line: Line<'a>) {
        self.registry.lines = self.registry.lines.max(line.number);
        let start = line.text.trim_ascii_start();
        if start.is_empty() {
            self.bare_table = false;
            return;
        }
        if start[0] == b'#' && heading::level(line.text).is_some() {
            return self.heading(&line);
        }
        if start[0] == b'|' {
            return self.row(&line);
        }
        let header = self.header.take();
        if let Some(item) = list_line(&line) {
            return self.item(&line, item);
        }
        self.header = header;
        if self.bare_row(&line) {
            return;
        }
        if start.starts_with(b"<!--") {
            return self.comment_line(&line);
        }
        if holds_box(start) {
            self.boxes.push(line.number);
        }
        self.body(&line, start);
    }

    fn comment_line(&mut self, line: &Line<'a>) {
        for comment in comments(line.text) {
            let Some(end) = comment.end else { continue };
            let body = line
                .text
                .get(comment.start + 4..end.saturating_sub(3))
                .unwrap_or_default();
            self.add_comment(from_comment(body, line.number, &self.home), line.number);
        }
    }

    fn add_comment(&mut self, found: Option<Found<'a>>, last_line: u32) {
        self.registry.lines = self.registry.lines.max(last_line);
        if let Some(mut found) = found {
            found.entry.last_line = last_line;
            self.registry.entries.extend(found.finish());
        }
    }

    fn heading(&mut self, line: &Line<'a>) {
        self.header = None;
        let Some(heading) = heading::read(line) else { return };
        let at = title_start(heading.text);
        let title = &heading.text[at..];
        let ignored = self.group.ignored && heading.level > self.group.level;
        // A first-level heading is the file's title, unless it has a box.
        if (heading.level > 1 || heading.marker.is_some()) && !ignored {
            let found = from_text(
                EntryForm::Heading,
                line.number,
                heading.marker,
                (title, heading.start + at),
                &self.home,
            );
            if found.is_empty() {
                self.boxes.push(line.number);
            } else if found.is_entry_heading() {
                self.close();
                // An entry beside `## Archived Tracks`, not below it, ends that group.
                if heading.level <= self.group.level {
                    self.group = Group::default();
                }
                self.open(found, heading.level, 0);
                return;
            }
        }
        // A deeper heading belongs to the entry it stands under.
        if self.open.as_ref().is_some_and(|open| heading.level > open.level) {
            return;
        }
        self.close();
        if !ignored {
            let inherited = self.group;
            self.group = Group::of(heading.level, heading.text);
            if heading.level > inherited.level && inherited.level > 1 {
                self.group.archived |= inherited.archived;
                self.group.state = self.group.state.or(inherited.state);
            }
            self.columns = None;
        }
    }

    fn item(&mut self, line: &Line<'a>, item: ListLine) {
        let rest = &line.text[item.content..];
        if self.group.ignored {
            self.boxes.extend(item.marker.map(|_| line.number));
            return;
        }
        let under_heading = self
            .open
            .as_ref()
            .is_some_and(|open| open.found.entry.form == EntryForm::Heading);
        let nested = item.indent >= 2 && self.open.as_ref().is_some_and(|open| item.indent > open.indent + 1);
        let found = from_text(
            EntryForm::ListItem,
            line.number,
            item.marker,
            (rest, line.start + item.content),
            &self.home,
        );
        let is_entry = match item.marker {
            _ if nested => false,
            Some(_) => !under_heading || found.has_evidence(),
            None if under_heading => {
                let other = self.open.as_ref().is_some_and(|open| found.is_other_track(&open.found));
                // `Depends on: [other](…)` says something about the entry; of another key that is not sure.
                let key = early_key(rest).filter(|_| other && !found.is_labelled());
                let known = key.is_some_and(|key| RELATIONS.iter().any(|known| starts_with_ignore_case(key, known)));
                if key.is_some() && !known {
                    self.boxes.push(line.number);
                }
                other && key.is_none()
            }
            None => found.is_plain_entry(),
        };
        if is_entry {
            self.close();
            self.open(found, 7, item.indent);
            return;
        }
        if item.marker.is_some() {
            self.boxes.push(line.number);
        }
        self.body(line, rest);
    }

    fn row(&mut self, line: &Line<'a>) {
        if table::is_rule(line.text) {
            self.columns = self.header.take();
            return;
        }
        let cells = table::cells(line.text);
        self.header = table::columns(&cells);
        if self.header.is_some() || self.group.ignored {
            return;
        }
        let read = |columns: &Columns| from_row(line.number, line.start, columns, &cells, &self.home);
        // A row without outer bars that stands alone has no columns but its own.
        let in_table = self.bare_table || line.text.trim_ascii_start().starts_with(b"|");
        let found = match &self.columns {
            Some(columns) if in_table => read(columns),
            _ => table::guessed(&cells, &self.home).as_ref().and_then(read),
        };
        match found {
            Some(found) => {
                self.close();
                self.push(found);
            }
            None if cells.iter().any(is_box) || names_track(line.text) => self.boxes.push(line.number),
            None => {}
        }
    }

    /// A row without outer bars, in a table or with a box beside an id. Says whether the line is one.
    fn bare_row(&mut self, line: &Line<'a>) -> bool {
        if !line.text.contains(&b'|') {
            self.bare_table = false;
            return false;
        }
        if table::is_rule(line.text) {
            self.bare_table = true;
            self.row(line);
            return true;
        }
        let cells = table::cells(line.text);
        let alone = || cells.iter().any(is_box) && table::guessed(&cells, &self.home).is_some();
        let is_row = self.bare_table && self.columns.is_some() || alone();
        if is_row {
            self.row(line);
        } else {
            // It may turn out to be a header.
            self.header = table::columns(&cells);
        }
        is_row
    }

    /// A line under an entry.
    fn body(&mut self, line: &Line<'a>, rest: &'a [u8]) {
        if let Some(open) = &mut self.open {
            open.found.entry.last_line = line.number;
            open.found.body(rest);
        }
    }

    fn open(&mut self, found: Found<'a>, level: u8, indent: u32) {
        self.open = Some(Open { found, level, indent });
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.push(open.found);
        }
    }

    fn push(&mut self, mut found: Found<'a>) {
        found.archived |= self.group.archived;
        found.group_state = self.group.state;
        self.registry.entries.extend(found.finish());
    }

    fn hidden(&mut self, hidden: Hidden, what: &str) {
        self.registry.lines = self.registry.lines.max(hidden.last);
        if hidden.boxes > 0 {
            let reason = format!(
                "{} in a {what}: not read as tracks",
                count(hidden.boxes, "box", "boxes")
            );
            let found = Diagnostic::note("hidden-boxes", self.registry.file.clone(), reason);
            self.diagnostics.push(found.span(hidden.first, hidden.last));
        }
    }
}

/// Keys under an entry that name other tracks.
const RELATIONS: [&str; 18] = [
    "depend",
    "block",
    "require",
    "related",
    "see",
    "supersede",
    "replace",
    "follow",
    "parent",
    "child",
    "part of",
    "after",
    "before",
    "next",
    "previous",
    "link",
    "plan",
    "spec",
];

/// `Depends on` of `- **Depends on:** [other](…)`: what stands before an early colon; `None` where an id or a link stands
/// there, so that the line is about that track.
fn early_key(rest: &[u8]) -> Option<&[u8]> {
    let colon = rest.iter().take(24).position(|b| *b == b':')?;
    let start = rest
        .iter()
        .position(|b| !matches!(b, b'*' | b'_' | b' '))
        .unwrap_or(0)
        .min(colon);
    let key = &rest[start..colon];
    let bare = key.trim_ascii_end();
    let bare = bare
        .strip_prefix(b"`")
        .and_then(|bare| bare.strip_suffix(b"`"))
        .unwrap_or(bare);
    (!key.contains(&b'[') && !is_dated(bare)).then_some(key)
}

fn is_box(cell: &Cell<'_>) -> bool {
    checkbox(cell.text).is_some_and(|found| found.length == cell.text.len())
}

/// Whether a line that is none of the forms holds a box all the same: `##[ ] Track`, `> - [ ] Track`, a row without outer bars.
fn holds_box(text: &[u8]) -> bool {
    let is_box = |text: &[u8]| checkbox(text).is_some_and(|found| matches!(text.get(found.length), None | Some(b' ')));
    let bare = text
        .iter()
        .position(|b| !matches!(b, b'#' | b'>' | b'-' | b'*' | b'+' | b' '))
        .unwrap_or(text.len());
    is_box(&text[bare..]) || text.split(|b| *b == b'|').skip(1).any(|cell| is_box(cell.trim_ascii()))
}

/// Whether a row whose columns are not known holds a track's dated id, or a link to a track's folder.
fn names_track(row: &[u8]) -> bool {
    is_dated(row) || find(row, b"tracks/").is_some() || find(row, b"archive/").is_some()
}

/// Where a heading's text starts after its box.
fn title_start(text: &[u8]) -> usize {
    checkbox(text).map_or(0, |found| found.length)
}
