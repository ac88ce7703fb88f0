//! One entry of a registry, from the line that names it and the lines under it.

use memchr::memmem::find;

use crate::Text;
use crate::line::{starts_with_ignore_case, text};
use crate::link::{self, Link, Meaning, links};
use crate::list::checkbox;
use crate::marker::{Marker, State};
use crate::registry::{Entry, EntryForm};
use crate::registry_reader::{after_track_label, plain};
use crate::status_word;
use crate::table::{Cell, Column};
use crate::tail;

/// An entry that is being put together.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) entry: Entry<'a>,
    /// `Track:` stood before it.
    labelled: bool,
    /// An id stands at its start, in backticks or in parentheses.
    own_id: Option<&'a [u8]>,
    /// The id ends with a date: `auth_20250110`.
    dated: bool,
    /// The title is the id and nothing else, or a sign follows the id.
    id_leads: bool,
    said_done: bool,
    pub(crate) archived: bool,
    pub(crate) group_state: Option<State>,
}

/// An entry from the text of a heading or a list item. `start` is the offset of `line` in the file.
pub(crate) fn from_text<'a>(
    form: EntryForm,
    number: u32,
    marker: Option<Marker>,
    line: &'a [u8],
    start: usize,
) -> Found<'a> {
    let tail = tail::read(line, start);
    let mut found = Found::new(form, number);
    found.entry.marker = marker.or(tail.marker);
    found.said_done = tail.said_done || starts_with_done_sign(line);
    let label = after_track_label(line);
    found.labelled = label.is_some();
    found.title(label.unwrap_or(line));
    found.take_links(line, false);
    found
}

/// An entry from a comment: `Archived 2026-02-18: id — title → link`; `None` when it says nothing of the kind.
pub(crate) fn from_comment(body: &[u8], number: u32) -> Option<Found<'_>> {
    let body = body.trim_ascii();
    let (word, state) = [
        ("archived", State::Done),
        ("archive", State::Done),
        ("completed", State::Done),
        ("cancelled", State::Removed),
        ("canceled", State::Removed),
        ("removed", State::Removed),
        ("deleted", State::Removed),
        ("skipped", State::Removed),
    ]
    .into_iter()
    .find(|(word, _)| starts_with_ignore_case(body, word))?;
    let rest = &body[word.len()..];
    let colon = find(rest, b":").filter(|at| *at < 24)?;
    let rest = rest[colon + 1..].trim_ascii();
    let end = rest
        .iter()
        .position(|b| matches!(b, b' ' | b',' | b'\n' | b'\r'))
        .unwrap_or(rest.len());
    let id = &rest[..end];
    let mut found = Found::new(EntryForm::Comment, number);
    let kept = find(rest, "→".as_bytes()).unwrap_or(rest.len());
    found.own_id = is_id(id).then_some(id);
    found.entry.title = comment_title(&rest[end.min(kept)..kept]);
    if let Some(target) = rest.get(kept + "→".len()..) {
        found.take_target(target.trim_ascii(), true);
    }
    found.take_links(rest, true);
    found.group_state = Some(state);
    found.archived = state == State::Done;
    (found.own_id.is_some() || found.entry.link.is_some()).then_some(found)
}

/// The title in a comment, without a date in parentheses and ` completed 2026-05-07`.
fn comment_title(rest: &[u8]) -> Text<'_> {
    let rest = rest.trim_ascii();
    let inner = rest
        .strip_prefix(b"(")
        .and_then(|inner| Some(&inner[..find(inner, b")")?]));
    if let Some(inner) = inner {
        return if inner.iter().any(u8::is_ascii_alphabetic) {
            text(inner)
        } else {
            Text::default()
        };
    }
    let end = [&b" completed "[..], b" \xe2\x80\x94 completed", b" archived "]
        .iter()
        .filter_map(|word| find(rest, word))
        .min();
    after_id(&rest[..end.unwrap_or(rest.len())])
}

/// An entry from the cells of a row; `None` when it names no track.
pub(crate) fn from_row<'a>(number: u32, start: usize, columns: &[Column], cells: &[Cell<'a>]) -> Option<Found<'a>> {
    let mut found = Found::new(EntryForm::TableRow, number);
    for (column, cell) in columns.iter().zip(cells) {
        match column {
            Column::Status => found.status_cell(cell, start),
            Column::Id => found.id_cell(cell.text),
            Column::Title => found.title_cell(cell.text),
            Column::Link => {
                found.take_links(cell.text, true);
                found.take_target(cell.text, true);
            }
            Column::Priority => found.entry.priority = Some(plain(cell.text)).filter(|text| !text.is_empty()),
            Column::Depends => found.depends(cell.text),
            Column::Other => {}
        }
    }
    (found.own_id.is_some() || found.entry.link.is_some()).then_some(found)
}

impl<'a> Found<'a> {
    fn new(form: EntryForm, line: u32) -> Self {
        Self {
            entry: Entry {
                form,
                line,
                last_line: line,
                id: Text::default(),
                title: Text::default(),
                marker: None,
                state: None,
                status_word: None,
                link: None,
                folder: None,
                leads_outside: false,
                archived: false,
                priority: None,
                depends_on: Vec::new(),
            },
            labelled: false,
            own_id: None,
            dated: false,
            id_leads: false,
            said_done: false,
            archived: false,
            group_state: None,
        }
    }

    /// Whether a heading is an entry: it has a box, says `Track:`, or begins with an id.
    pub(crate) fn is_entry_heading(&self) -> bool {
        self.entry.marker.is_some() || self.labelled || self.own_id.is_some() && (self.dated || self.id_leads)
    }

    /// Whether a list item with a box is surely a track.
    pub(crate) fn has_evidence(&self) -> bool {
        self.labelled || self.entry.folder.is_some() || self.dated
    }

    /// Whether a list item without a box is a track: it links to a track's folder, or has a dated id.
    pub(crate) fn is_plain_entry(&self) -> bool {
        self.has_evidence()
    }

    /// Whether a list item without a box under an entry is another track: it leads with another dated id, or links to
    /// another track's folder, than the entry it stands under.
    pub(crate) fn is_other_track(&self, open: &Self) -> bool {
        let id = |found: &Self| match (&found.entry.folder, found.own_id) {
            (Some(folder), _) => Some(link::folder_name(folder).to_string()),
            (None, Some(id)) if found.dated => Some(text(id).into_owned()),
            _ => None,
        };
        let (own, other) = (id(self), id(open));
        own.is_some() && other.is_some() && own != other
    }

    /// Whether `Track:` stands before it.
    pub(crate) fn is_labelled(&self) -> bool {
        self.labelled
    }

    /// Whether a box stands alone, with neither title nor link.
    pub(crate) fn is_empty(&self) -> bool {
        self.entry.marker.is_some()
            && self.own_id.is_none()
            && self.entry.link.is_none()
            && slug(&self.entry.title).is_empty()
    }

    /// Title and id from the text after box and `Track:`.
    fn title(&mut self, rest: &'a [u8]) {
        let rest = rest.trim_ascii_start();
        let first = links(rest).next().filter(|link| link.start <= leading(rest));
        let (lead, after) = match first {
            Some(link) => (link.label, &rest[link.end..]),
            None => lead(rest),
        };
        let bare = lead.trim_ascii_start();
        let id_end = bare
            .iter()
            .position(|b| matches!(b, b' ' | b':' | b',' | b')' | b'*'))
            .unwrap_or(bare.len());
        let word = &bare[..id_end];
        if is_id(word) {
            self.own_id = Some(word);
            self.dated = is_dated(word);
            let tail = if id_end < bare.len() { &bare[id_end..] } else { after };
            self.id_leads = tail.trim_ascii().is_empty() || begins_with_sign(tail);
            let title = without_end(after_id(tail));
            if self.dated || self.id_leads {
                // `- id (complete)` says a state, not a title.
                if word_state(&title).is_some() {
                    self.entry.status_word = Some(title);
                    self.entry.title = text(word);
                    return;
                }
                self.entry.title = if title.is_empty() { text(word) } else { title };
                return;
            }
            self.own_id = None;
        }
        self.entry.title = match first {
            Some(link) => plain(link.label),
            None if lead.len() < rest.len() => plain(lead),
            None => plain(&rest[..tail::read(rest, 0).title_end]),
        };
        if self.own_id.is_none() {
            self.own_id = code_spans(rest).find(|word| is_id(word) && is_dated(word));
            self.dated = self.own_id.is_some();
        }
    }

    /// A line under the entry: `*Link: [..](..)*`, `- **Status:** done`, `Priority: high | Type: bug`.
    pub(crate) fn body(&mut self, line: &'a [u8]) {
        self.take_links(line, is_key(line, "link") || is_key(line, "folder"));
        for part in line.split(|b| *b == b'|') {
            let bare = part
                .iter()
                .position(|b| !matches!(b, b' ' | b'\t' | b'*' | b'_' | b'>' | b'-'))
                .unwrap_or(part.len());
            let part = &part[bare..];
            let Some(colon) = part.iter().take(24).position(|b| *b == b':') else {
                continue;
            };
            let (key, value) = (plain(&part[..colon]).to_ascii_lowercase(), &part[colon + 1..]);
            match key.as_str() {
                "status" | "state" => self.status(value),
                "priority" => self.entry.priority = Some(plain(value)).filter(|text| !text.is_empty()),
                "depends on" | "depends" | "dependencies" => self.depends(value),
                "title" | "name" if self.id_leads => self.entry.title = plain(value),
                "plan" | "spec" | "folder" | "path" | "link" => {
                    for code in code_spans(value).chain([value]) {
                        self.take_target(code, false);
                    }
                }
                _ => {}
            }
        }
    }

    fn status(&mut self, value: &'a [u8]) {
        let value = value.trim_ascii();
        if let Some(found) = checkbox(value) {
            self.entry.status_word.get_or_insert(text(&value[..found.length]));
            return;
        }
        let value = value.strip_prefix(b"**").unwrap_or(value);
        let word = plain(&value[..find(value, b"**").unwrap_or(value.len())]);
        if !word.is_empty() {
            self.entry.status_word.get_or_insert(word);
        }
    }

    fn status_cell(&mut self, cell: &Cell<'a>, line_start: usize) {
        match checkbox(cell.text) {
            Some(found) => self.entry.marker = Some(found.marker_at(line_start + cell.start)),
            None => self.status(cell.text),
        }
    }

    fn id_cell(&mut self, cell: &'a [u8]) {
        let link = links(cell).next();
        self.take_links(cell, true);
        let id = link.map_or(cell, |link| link.label);
        let id = id.trim_ascii_start();
        let trimmed = plain(id);
        if trimmed.is_empty() {
            return;
        }
        // An id column is believed, whatever the id looks like; a `Track` column may hold a title.
        let word = id
            .iter()
            .position(|b| !matches!(b, b'*' | b'_' | b'`'))
            .map_or(id, |at| &id[at..]);
        let end = word
            .iter()
            .position(|b| matches!(b, b'*' | b'`' | b' '))
            .unwrap_or(word.len());
        let is_word = word[end..].iter().all(|b| matches!(b, b'*' | b'`' | b' '));
        if is_word && end > 0 {
            self.own_id = Some(&word[..end]);
        }
        if self.entry.title.is_empty() {
            self.entry.title = trimmed;
        }
    }

    fn title_cell(&mut self, cell: &'a [u8]) {
        self.take_links(cell, false);
        let title = links(cell).next().map_or(cell, |link| link.label);
        let taken = self.own_id.map(text);
        if !plain(title).is_empty() && (self.entry.title.is_empty() || taken.is_some_and(|id| id == self.entry.title)) {
            self.entry.title = plain(title);
        }
    }

    /// Ids or titles between commas; a remark in parentheses is left out.
    fn depends(&mut self, value: &'a [u8]) {
        let (mut depth, mut start) = (0u32, 0);
        for at in 0..=value.len() {
            match value.get(at) {
                Some(b'(') => depth = depth.saturating_add(1),
                Some(b')') => depth = depth.saturating_sub(1),
                Some(b',') | None if depth == 0 || at == value.len() => {
                    self.depend(&value[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
        }
    }

    fn depend(&mut self, part: &'a [u8]) {
        let part = part.trim_ascii();
        let id = plain(&part[..find(part, b" (").unwrap_or(part.len())]);
        let none = ["", "none", "nothing", "-", "--", "—", "n/a"]
            .iter()
            .any(|word| id.eq_ignore_ascii_case(word));
        if !none {
            self.entry.depends_on.push(id);
        }
    }

    fn take_links(&mut self, line: &'a [u8], any: bool) {
        for Link { target, .. } in links(line) {
            self.take_target(target, any);
        }
    }

    /// Takes a link's target when it means a track's folder and there is none yet. `any`: the line says that it is the
    /// link, so another folder is believed too, and one outside is remembered.
    fn take_target(&mut self, target: &'a [u8], any: bool) {
        if self.entry.folder.is_some() {
            return;
        }
        match link::meaning(target, "") {
            Meaning::Inside { folder, file } if link::is_track_folder(&folder) || any && !folder.is_empty() => {
                let known = file
                    .as_deref()
                    .is_none_or(|file| matches!(file, "plan.md" | "index.md" | "spec.md" | "metadata.json"));
                if known || link::is_track_folder(&folder) {
                    self.entry.link = Some(text(target));
                    self.entry.folder = Some(folder.into());
                } else {
                    // Another file is the plan itself: `./specs/w-plan.md`.
                    self.entry.link = self.entry.link.take().or(Some(text(target)));
                }
            }
            Meaning::Inside {
                folder,
                file: Some(file),
            } if any || file.ends_with(".md") && (folder == "tracks/" || file.contains("plan")) => {
                self.entry.link = self.entry.link.take().or(Some(text(target)))
            }
            Meaning::Outside if any => {
                self.entry.link = self.entry.link.take().or(Some(text(target)));
                self.entry.leads_outside = true;
            }
            _ => {}
        }
    }

    /// The finished entry; `None` for a heading that began with an id and turned out to be none.
    pub(crate) fn finish(mut self) -> Option<Entry<'a>> {
        let weak =
            self.entry.form == EntryForm::Heading && self.entry.marker.is_none() && !self.labelled && !self.dated;
        if weak && self.entry.folder.is_none() && self.entry.status_word.is_none() {
            return None;
        }
        let folder = self.entry.folder.as_deref();
        self.entry.archived = self.archived || folder.is_some_and(link::is_archive);
        self.settle_folder();
        self.entry.id = match (&self.entry.folder, self.own_id) {
            (Some(folder), _) => Text::Owned(link::folder_name(folder).to_string()),
            (None, Some(id)) => text(id),
            (None, None) => Text::Owned(slug(&self.entry.title)),
        };
        self.entry.state = self.state();
        if self.entry.title.is_empty() {
            self.entry.title = self.entry.id.clone();
        }
        Some(self.entry)
    }

    /// A link to the archive as a whole is made a link to the track's folder in it.
    fn settle_folder(&mut self) {
        let whole = self
            .entry
            .folder
            .as_deref()
            .filter(|folder| !link::is_track_folder(folder) && link::is_archive(folder));
        if let (Some(whole), Some(id)) = (whole, self.own_id) {
            self.entry.folder = Some(format!("{whole}{}/", text(id)).into());
        }
    }

    fn state(&self) -> Option<State> {
        let word = self.entry.status_word.as_deref().and_then(word_state);
        let from_marker = self.entry.marker.map(Marker::state);
        let archived = self.entry.archived.then_some(State::Done);
        from_marker
            .or(word)
            .or(self.said_done.then_some(State::Done))
            .or(self.group_state)
            .or(archived)
    }
}

/// What a status in words says: the words before a bracket or dash.
pub(crate) fn word_state(word: &str) -> Option<State> {
    if let Some(found) = checkbox(word.as_bytes()) {
        return Some(found.marker_at(0).state());
    }
    let end = ["(", " — ", " - ", ";", ","]
        .iter()
        .filter_map(|sign| word.find(sign))
        .min()
        .unwrap_or(word.len());
    status_word::state(&word[..end])
}

/// How many bytes of emphasis and signs stand before the first letter.
fn leading(line: &[u8]) -> usize {
    line.iter()
        .take_while(|b| matches!(b, b'*' | b'_' | b' ') || !b.is_ascii())
        .count()
}

fn starts_with_done_sign(line: &[u8]) -> bool {
    ["✅", "✔", "☑"]
        .iter()
        .any(|sign| line.trim_ascii_start().starts_with(sign.as_bytes()))
}

/// Splits `**bold** rest` after signs; without bold the whole line is the lead.
fn lead(line: &[u8]) -> (&[u8], &[u8]) {
    let start = line
        .iter()
        .take_while(|b| b.is_ascii_whitespace() || !b.is_ascii())
        .count();
    let signs = &line[..start];
    // Letters that are not ASCII begin a title, signs don't.
    let start = if text(signs).chars().any(char::is_alphanumeric) {
        0
    } else {
        start
    };
    let bare = &line[start..];
    for sign in [&b"**"[..], b"__", b"`"] {
        let inner = bare.strip_prefix(sign);
        if let Some((inner, end)) = inner.and_then(|inner| Some((inner, find(inner, sign)?))) {
            return (&inner[..end], &inner[end + sign.len()..]);
        }
    }
    (bare, b"")
}

/// Whether `:`, a dash or a parenthesis comes first.
fn begins_with_sign(tail: &[u8]) -> bool {
    let tail = tail.trim_ascii_start();
    matches!(tail.first(), Some(b':' | b'-' | b'(' | b'*'))
        || ["—", "–", "→"].iter().any(|sign| tail.starts_with(sign.as_bytes()))
}

/// What follows an id and signs.
fn after_id(tail: &[u8]) -> Text<'_> {
    let mut rest = tail;
    loop {
        let next = rest.trim_ascii_start();
        let next = next.strip_prefix(b"**").unwrap_or(next);
        match ["--", ":", "-", "—", "–"]
            .iter()
            .find_map(|sign| next.strip_prefix(sign.as_bytes()))
        {
            Some(after) => rest = after,
            None => {
                return plain(
                    next.strip_suffix(b")")
                        .and_then(|n| n.strip_prefix(b"("))
                        .unwrap_or(next),
                );
            }
        }
    }
}

/// A title without what hangs at the end: ` ([Plan](…))`, ` (archived: …)`, `✅`.
fn without_end(title: Text<'_>) -> Text<'_> {
    let Text::Borrowed(whole) = title else { return title };
    let end = tail::read(whole.as_bytes(), 0).title_end;
    let mut kept = whole.get(..end).unwrap_or(whole);
    for sign in [" ([", " (archived", " (completed", " (Archived", " (Completed"] {
        kept = kept.find(sign).map_or(kept, |at| &kept[..at]);
    }
    let kept = kept.trim().trim_matches(['"', '*']);
    Text::Borrowed(if kept.is_empty() { whole } else { kept })
}

/// The code spans of a line.
fn code_spans(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| *b == b'`').skip(1).step_by(2)
}

fn is_key(line: &[u8], key: &str) -> bool {
    let at = line
        .iter()
        .position(|b| b.is_ascii_alphanumeric())
        .unwrap_or(line.len());
    starts_with_ignore_case(&line[at..], key) && matches!(line.get(at + key.len()), Some(b':' | b'*'))
}

/// Whether a word can be a track's id: letters, digits, `_`, `-`, `.`, with a `_` or `-` and a letter among them.
fn is_id(word: &[u8]) -> bool {
    word.len() > 2
        && word
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        && word.iter().any(u8::is_ascii_alphabetic)
        && word[1..].iter().any(|b| matches!(b, b'_' | b'-'))
        && word[0].is_ascii_alphanumeric()
}

/// Whether an id holds a date: eight digits after `_` or `-`.
pub(crate) fn is_dated(id: &[u8]) -> bool {
    id.windows(9)
        .any(|w| matches!(w[0], b'_' | b'-') && w[1..].iter().all(u8::is_ascii_digit))
}

/// An id made of a title, for an entry that has none.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for char in title.chars().flat_map(char::to_lowercase) {
        if char.is_alphanumeric() {
            slug.push(char);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_string()
}
