//! One entry of a registry, from the line that names it and the lines under it.

use std::rc::Rc;

use memchr::memmem::find;

use crate::Text;
use crate::inline::{value, visible};
use crate::line::{starts_with_ignore_case, text};
use crate::link::{self, Home, Link, Meaning, links};
use crate::list::checkbox;
use crate::marker::{Marker, State};
use crate::registry::{Entry, EntryForm};
use crate::registry_title::{self, code_spans, is_id, slug};
use crate::status_word::phrase;
use crate::table::{Cell, Column};
use crate::tail;

/// An entry that is being put together.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) entry: Entry<'a>,
    home: Rc<Home>,
    /// `Track:` stood before it.
    labelled: bool,
    /// An id stands at its start, in backticks or in parentheses.
    own_id: Option<Text<'a>>,
    /// What an id is made of where there is none, if not the title.
    name: Option<Text<'a>>,
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
    (line, start): (&'a [u8], usize),
    home: &Rc<Home>,
) -> Found<'a> {
    let tail = tail::read(line, start);
    let titled = registry_title::read(line);
    let mut found = Found::new(form, number, home);
    found.entry.marker = marker.or(tail.marker);
    found.entry.title = titled.title;
    // `[BLOCKED: no key]` is a state in words.
    found.entry.status_word = titled.status.or(tail.remark);
    found.entry.remark = titled.remark;
    found.said_done = tail.said_done || starts_with_done_sign(line);
    found.labelled = titled.labelled;
    (found.own_id, found.name) = (titled.id, titled.name);
    (found.dated, found.id_leads) = (titled.dated, titled.id_leads);
    found.take_links(line, false);
    found
}

/// An entry from a comment: `Archived 2026-02-18: id — title → link`; `None` when it says nothing of the kind.
pub(crate) fn from_comment<'a>(body: &'a [u8], number: u32, home: &Rc<Home>) -> Option<Found<'a>> {
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
    let id = Some(&rest[..end]).filter(|word| is_id(word));
    let mut found = Found::new(EntryForm::Comment, number, home);
    let kept = find(rest, "→".as_bytes()).unwrap_or(rest.len());
    let title_start = id.map_or(0, <[u8]>::len).min(kept);
    found.own_id = id.map(text);
    (found.entry.title, found.entry.remark) = registry_title::of_comment(&rest[title_start..kept]);
    if let Some(target) = rest.get(kept + "→".len()..) {
        found.take_target(target.trim_ascii(), true);
    }
    found.take_links(rest, true);
    found.group_state = Some(state);
    found.archived = state == State::Done;
    (found.own_id.is_some() || found.entry.link.is_some()).then_some(found)
}

/// An entry from the cells of a row; `None` when it names no track.
pub(crate) fn from_row<'a>(
    number: u32,
    start: usize,
    columns: &[Column],
    cells: &[Cell<'a>],
    home: &Rc<Home>,
) -> Option<Found<'a>> {
    let mut found = Found::new(EntryForm::TableRow, number, home);
    for (column, cell) in columns.iter().zip(cells) {
        match column {
            Column::Status => found.status_cell(cell, start),
            Column::Id => found.id_cell(cell.text),
            Column::Title => found.title_cell(cell.text),
            Column::Link => {
                found.take_links(cell.text, true);
                found.take_target(cell.text, true);
            }
            Column::Priority => found.entry.priority = Some(value(cell.text)).filter(|text| !text.is_empty()),
            Column::Depends => found.depends(cell.text),
            Column::Other => {}
        }
    }
    let named = found.own_id.is_some() || found.entry.link.is_some();
    // A title without an id is a track's where a state stands beside it; `No tracks yet` is none.
    let stands = found.entry.marker.is_some() || found.entry.status_word.as_deref().and_then(phrase).is_some();
    (named || stands && !slug(&found.entry.title).is_empty()).then_some(found)
}

impl<'a> Found<'a> {
    fn new(form: EntryForm, line: u32, home: &Rc<Home>) -> Self {
        Self {
            home: Rc::clone(home),
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
                remark: None,
            },
            labelled: false,
            own_id: None,
            name: None,
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
        let id = |found: &Self| match (&found.entry.folder, &found.own_id) {
            (Some(folder), _) => Some(link::folder_name(folder).to_string()),
            (None, Some(id)) if found.dated => Some(id.to_string()),
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
            let (key, said) = (value(&part[..colon]).to_ascii_lowercase(), &part[colon + 1..]);
            match key.as_str() {
                "status" | "state" => self.status(said),
                "priority" => self.entry.priority = Some(value(said)).filter(|text| !text.is_empty()),
                "depends on" | "depends" | "dependencies" => self.depends(said),
                "title" | "name" if self.id_leads => self.entry.title = value(said),
                "plan" | "spec" | "folder" | "path" | "link" => {
                    for code in code_spans(said).chain([said]) {
                        self.take_target(code, false);
                    }
                }
                _ => {}
            }
        }
    }

    fn status(&mut self, said: &'a [u8]) {
        let said = said.trim_ascii();
        let word = match checkbox(said) {
            Some(found) => text(&said[..found.length]),
            None => value(said),
        };
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

    /// An id column is believed, whatever the id looks like; a `Track` column may hold a title.
    fn id_cell(&mut self, cell: &'a [u8]) {
        self.take_links(cell, true);
        let shown = visible(cell);
        if shown.is_empty() {
            return;
        }
        let end = shown.find(' ').unwrap_or(shown.len());
        let behind = shown[end..].trim_start();
        if end > 0 && behind.is_empty() || is_id(&shown.as_bytes()[..end]) && behind.starts_with('(') {
            let id = Text::Owned(shown[..end].trim_end_matches('/').to_string());
            self.add_remark(Text::Owned(behind.to_string()));
            if self.entry.title.is_empty() {
                self.entry.title = id.clone();
            }
            self.own_id = Some(id);
        } else if self.entry.title.is_empty() {
            self.entry.title = shown;
        }
    }

    fn add_remark(&mut self, more: Text<'a>) {
        self.entry.remark = match self.entry.remark.take() {
            Some(remark) if !more.is_empty() => Some(Text::Owned(format!("{remark} {more}"))),
            Some(remark) => Some(remark),
            None => Some(more).filter(|more| !more.is_empty()),
        };
    }

    /// The title; where there are two such columns the second one, a description, is the remark.
    fn title_cell(&mut self, cell: &'a [u8]) {
        self.take_links(cell, false);
        let title = visible(cell);
        if title.is_empty() {
            return;
        }
        let stands_for_id = self.own_id.is_some() && self.own_id.as_ref() == Some(&self.entry.title);
        if self.entry.title.is_empty() || stands_for_id {
            self.entry.title = title;
        } else {
            self.add_remark(title);
        }
    }

    /// Ids or titles between commas; a remark in parentheses is left out.
    fn depends(&mut self, said: &'a [u8]) {
        let (mut depth, mut start) = (0u32, 0);
        for at in 0..=said.len() {
            match said.get(at) {
                Some(b'(') => depth = depth.saturating_add(1),
                Some(b')') => depth = depth.saturating_sub(1),
                Some(b',' | b';') | None if depth == 0 || at == said.len() => {
                    self.depend(&said[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
        }
    }

    fn depend(&mut self, part: &'a [u8]) {
        let linked = links(part).find_map(|link| match link::meaning(link.target, &self.home.base) {
            Meaning::Inside { folder, .. } if self.home.is_track_folder(&folder) => {
                Some(Text::Owned(link::folder_name(&folder).to_string()))
            }
            _ => None,
        });
        let shown = value(part);
        let end = shown.find(" (").unwrap_or(shown.len());
        let id = linked.unwrap_or_else(|| Text::Owned(shown[..end].trim().to_string()));
        // `none`, `(none — builds on what is there)`
        let first = id.trim_start_matches('(').split([' ', ')']).next().unwrap_or_default();
        let none = ["", "none", "nothing", "-", "--", "—", "n/a"]
            .iter()
            .any(|word| first.eq_ignore_ascii_case(word));
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
        match link::meaning(target, &self.home.base) {
            Meaning::Inside { folder, file } if self.home.is_track_folder(&folder) || any && !folder.is_empty() => {
                let known = file
                    .as_deref()
                    .is_none_or(|file| matches!(file, "plan.md" | "index.md" | "spec.md" | "metadata.json"));
                if known || self.home.is_track_folder(&folder) {
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
        self.entry.id = match (&self.entry.folder, self.own_id.take()) {
            (Some(folder), _) => Text::Owned(link::folder_name(folder).to_string()),
            (None, Some(id)) => id,
            (None, None) => Text::Owned(slug(self.name.as_ref().unwrap_or(&self.entry.title))),
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
            .filter(|folder| !self.home.is_track_folder(folder) && link::is_archive(folder));
        if let (Some(whole), Some(id)) = (whole, &self.own_id) {
            self.entry.folder = Some(format!("{whole}{id}/").into());
        }
    }

    fn state(&self) -> Option<State> {
        let word = self.entry.status_word.as_deref().and_then(phrase);
        let from_marker = self.entry.marker.map(Marker::state);
        let archived = self.entry.archived.then_some(State::Done);
        from_marker
            .or(word)
            .or(self.said_done.then_some(State::Done))
            .or(self.group_state)
            .or(archived)
    }
}

fn starts_with_done_sign(line: &[u8]) -> bool {
    ["✅", "✔", "☑"]
        .iter()
        .any(|sign| line.trim_ascii_start().starts_with(sign.as_bytes()))
}

fn is_key(line: &[u8], key: &str) -> bool {
    let at = line
        .iter()
        .position(|b| b.is_ascii_alphanumeric())
        .unwrap_or(line.len());
    starts_with_ignore_case(&line[at..], key) && matches!(line.get(at + key.len()), Some(b':' | b'*'))
}
