//! Tables of a registry: which column says what.

use crate::inline::visible;
use crate::line::text;
use crate::link::{Home, Meaning, links, meaning};
use crate::list::checkbox;
use crate::registry_title::{is_dated, is_id};
use crate::status_word;

/// What a column of a registry's table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Status,
    Id,
    Title,
    Link,
    Priority,
    Depends,
    Other,
}

/// The columns of a table that lists tracks.
pub(crate) type Columns = Vec<Column>;

/// A cell, and where it starts in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell<'a> {
    pub(crate) start: usize,
    pub(crate) text: &'a [u8],
}

/// The cells of a row, without white space and without backticks around the whole of them. `\|` and `|` in code don't split.
pub(crate) fn cells(line: &[u8]) -> Vec<Cell<'_>> {
    let mut cells = Vec::new();
    let (mut start, mut code) = (0, false);
    for at in 0..=line.len() {
        let splits = at == line.len() || line[at] == b'|' && !code && (at == 0 || line[at - 1] != b'\\');
        if at < line.len() && line[at] == b'`' {
            code = !code && line[at + 1..].contains(&b'`');
        }
        if splits {
            cells.push(cell(line, start, at));
            start = at + 1;
        }
    }
    // What stands before the first and after the last bar is no cell.
    if cells.first().is_some_and(|cell| cell.text.is_empty()) {
        cells.remove(0);
    }
    if cells.last().is_some_and(|cell| cell.text.is_empty()) {
        cells.pop();
    }
    cells
}

fn cell(line: &[u8], start: usize, end: usize) -> Cell<'_> {
    let text = line[start..end].trim_ascii_end();
    let start = start + (text.len() - text.trim_ascii_start().len());
    let text = text.trim_ascii_start();
    let inner = text.strip_prefix(b"`").and_then(|inner| inner.strip_suffix(b"`"));
    match inner.filter(|inner| !inner.contains(&b'`')) {
        Some(inner) => Cell {
            start: start + 1,
            text: inner,
        },
        None => Cell { start, text },
    }
}

/// Whether a row is the line under a header: `|---|:---:|`.
pub(crate) fn is_rule(line: &[u8]) -> bool {
    line.contains(&b'-') && line.iter().all(|b| matches!(b, b'|' | b'-' | b':' | b' ' | b'\t'))
}

/// The columns of a row by what is in its cells, where no header says it: a box or a status, an id, a title. `None` where
/// nothing makes it plain that the row is a track's: a dated id, a link to a track's folder, or a box beside an id.
pub(crate) fn guessed(cells: &[Cell<'_>], home: &Home) -> Option<Columns> {
    let is_box = |cell: &Cell<'_>| checkbox(cell.text).is_some_and(|found| found.length == cell.text.len());
    let status = cells.iter().position(is_box).or_else(|| {
        let is_word = |cell: &Cell<'_>| status_word::state(&text(cell.text)).is_some();
        cells.iter().position(is_word)
    });
    let word = |cell: &Cell<'_>| visible(cell.text).trim_end_matches('/').to_string();
    let is_track =
        |cell: &Cell<'_>| is_dated(word(cell).as_bytes()) && is_id(word(cell).as_bytes()) || leads_to_track(cell, home);
    let id = cells.iter().position(is_track).or_else(|| {
        let boxed = cells.iter().any(is_box);
        cells.iter().position(|cell| boxed && is_id(word(cell).as_bytes()))
    })?;
    let free = |at: &usize| *at != id && Some(*at) != status;
    let has_letters = |at: &usize| cells[*at].text.iter().any(|b| b.is_ascii_alphabetic() || !b.is_ascii());
    let title = (0..cells.len()).filter(free).find(has_letters);
    let of = |at: usize| match at {
        at if at == id && leads_to_track(&cells[at], home) && links(cells[at].text).next().is_none() => Column::Link,
        at if at == id => Column::Id,
        at if Some(at) == status => Column::Status,
        at if Some(at) == title => Column::Title,
        _ => Column::Other,
    };
    Some((0..cells.len()).map(of).collect())
}

/// Whether the whole of a cell is a link to a track's folder, or its path.
fn leads_to_track(cell: &Cell<'_>, home: &Home) -> bool {
    let link = links(cell.text).next();
    let target = match link {
        Some(link) if link.start == 0 && link.end == cell.text.len() => link.target,
        None if cell.text.contains(&b'/') && !cell.text.contains(&b' ') => cell.text,
        _ => return false,
    };
    matches!(meaning(target, &home.base), Meaning::Inside { folder, .. } if home.is_track_folder(&folder))
}

/// The columns of a header, `None` when the table does not list tracks: it needs a column that says it is the track's, or
/// an id, or a title and a link, and something besides.
pub(crate) fn columns(header: &[Cell<'_>]) -> Option<Columns> {
    let names: Vec<String> = header.iter().map(|cell| text(cell.text).to_lowercase()).collect();
    let has_id = names
        .iter()
        .any(|name| matches!(name.as_str(), "id" | "track id" | "track_id" | "trackid"));
    let columns: Columns = names.iter().map(|name| column(name, has_id)).collect();
    let has = |wanted: Column| columns.contains(&wanted);
    let known = has(Column::Status) || has(Column::Title) || has(Column::Link);
    // A column `ID` alone may be of anything.
    let is_track = |name: &String| matches!(name.as_str(), "track" | "track id" | "track_id" | "trackid");
    let said = names.len() > 1 && names.iter().any(is_track);
    (has(Column::Id) && (known || said) || has(Column::Title) && has(Column::Link) && has(Column::Status))
        .then_some(columns)
}

fn column(name: &str, has_id: bool) -> Column {
    match name {
        "id" | "track id" | "track_id" | "trackid" => Column::Id,
        "track" if !has_id => Column::Id,
        "status" | "state" | "done" | "" => Column::Status,
        "title" | "name" | "track" | "track name" | "description" | "summary" => Column::Title,
        "path" | "folder" | "link" | "location" | "directory" => Column::Link,
        "priority" => Column::Priority,
        _ if name.contains("depend") => Column::Depends,
        _ => Column::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: &str) -> Vec<String> {
        cells(line.as_bytes())
            .iter()
            .map(|cell| visible(cell.text).into_owned())
            .collect()
    }

    #[test]
    fn rows() {
        assert_eq!(row("| [x] | `a_1` | A \\| B | `a|b` |"), ["[x]", "a_1", "A | B", "a|b"]);
        assert_eq!(row("| a |  | b |"), ["a", "", "b"]);
        assert_eq!(row("a | b"), ["a", "b"]);
        assert!(is_rule(b"| --- | :-: |") && !is_rule(b"| a |"));
    }

    #[test]
    fn headers() {
        let of = |line: &str| columns(&cells(line.as_bytes()));
        assert_eq!(
            of("| Status | Track ID | Title | Created |").map(|c| c[1]),
            Some(Column::Id)
        );
        assert_eq!(of("| Track | Status |").map(|c| c[0]), Some(Column::Id));
        assert_eq!(
            of("| ID | Track | Status | Priority |").map(|c| c[1]),
            Some(Column::Title)
        );
        assert_eq!(of("| Track | Kind |").map(|c| c[0]), Some(Column::Id));
        assert_eq!(of("| ID | Kind |"), None);
        assert_eq!(of("| Domain | Path (planned) | Caution Level |"), None);
        assert_eq!(of("| Task | Description | Commit |"), None);
    }
    #[test]
    fn rows_without_a_header() {
        let of = |line: &str| guessed(&cells(line.as_bytes()), &Home::default());
        let (status, id, title, other) = (Column::Status, Column::Id, Column::Title, Column::Other);
        assert_eq!(of("| [x] | my-track | Pay |"), Some(vec![status, id, title]));
        assert_eq!(of("| Pay | a_20260101 | done |"), Some(vec![title, id, status]));
        assert_eq!(of("a_20260101 | [ ] | 3 | Pay"), Some(vec![id, status, other, title]));
        assert_eq!(of("| [Pay](./tracks/pay/) | high |"), Some(vec![id, title]));
        assert_eq!(of("| Pay | `tracks/pay/` |"), Some(vec![title, Column::Link]));
        assert_eq!(of("| src/a.rs | my-crate | done |"), None);
        assert_eq!(of("| [x] | two words | Pay |"), None);
        assert_eq!(of("| see [Pay](./tracks/pay/) | high |"), None);
    }
}
