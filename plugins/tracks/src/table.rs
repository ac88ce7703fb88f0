//! Tables of a registry: which column says what.

use crate::line::text;

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

/// The columns of a row that follows no header, in the order of the wshobson plugin.
pub(crate) fn usual() -> Columns {
    vec![Column::Status, Column::Id, Column::Title]
}

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

/// The columns of a header, `None` when the table does not list tracks: it needs an id, or a title and a link, and
/// something besides.
pub(crate) fn columns(header: &[Cell<'_>]) -> Option<Columns> {
    let names: Vec<String> = header.iter().map(|cell| text(cell.text).to_lowercase()).collect();
    let has_id = names
        .iter()
        .any(|name| matches!(name.as_str(), "id" | "track id" | "track_id" | "trackid"));
    let columns: Columns = names.iter().map(|name| column(name, has_id)).collect();
    let has = |wanted: Column| columns.contains(&wanted);
    let known = has(Column::Status) || has(Column::Title) || has(Column::Link);
    (has(Column::Id) && known || has(Column::Title) && has(Column::Link) && has(Column::Status)).then_some(columns)
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
            .map(|cell| String::from_utf8_lossy(cell.text).into_owned())
            .collect()
    }

    #[test]
    fn rows() {
        assert_eq!(
            row("| [x] | `a_1` | A \\| B | `a|b` |"),
            ["[x]", "a_1", "A \\| B", "a|b"]
        );
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
        assert_eq!(of("| Domain | Path (planned) | Caution Level |"), None);
        assert_eq!(of("| Task | Description | Commit |"), None);
    }
}
