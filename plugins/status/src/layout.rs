//! Rows in aligned columns and wrapped sentences, within the columns of a terminal.
//!
//! Where a row does not fit, first its flexible cells (titles) get shorter; where that is not enough, as on a terminal of
//! 40 columns, its cells go below each other. Ids, paths and commands are never cut: they are there to be typed.

use conductor_plugin::{Style, Text};

use crate::width::{shortened, width};

/// Stands for a space at which a sentence is not broken. Text of files can't hold it (`one_line`).
pub(crate) const HARD_SPACE: char = '\u{1}';

/// The least that is left of a flexible cell.
const LEAST: usize = 12;

/// Columns between two cells.
const GAP: usize = 3;

/// A piece of a row.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    style: Style,
    text: String,
    width: usize,
    is_flexible: bool,
}

impl Cell {
    /// A cell that is never cut.
    pub(crate) fn new(style: Style, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            style,
            width: width(&text),
            text,
            is_flexible: false,
        }
    }

    /// A cell that may be shortened.
    pub(crate) fn flexible(style: Style, text: impl Into<String>) -> Self {
        Self {
            is_flexible: true,
            ..Self::new(style, text)
        }
    }

    fn shorten(&mut self, columns: usize) {
        if self.is_flexible && self.width > columns {
            self.text = shortened(&self.text, columns).into_owned();
            self.width = width(&self.text);
        }
    }
}

/// What stands to the left of rows: a text before the first one, spaces before the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Margin<'a> {
    /// The style of that text.
    pub(crate) style: Style,
    /// That text, with the spaces behind it.
    pub(crate) first: &'a str,
    /// The columns of the others.
    pub(crate) rest: usize,
}

impl Margin<'_> {
    /// Spaces only.
    pub(crate) fn blank(columns: usize) -> Self {
        Margin {
            style: Style::Plain,
            first: "",
            rest: columns,
        }
    }

    fn start_line(self, text: &mut Text, is_first: bool) -> usize {
        if is_first && !self.first.is_empty() {
            text.push(self.style, self.first);
            return width(self.first);
        }
        text.plain(&" ".repeat(self.rest));
        self.rest
    }
}

/// Writes rows whose cells stand below each other in columns. An empty cell holds its column's place.
pub(crate) fn table(text: &mut Text, columns: usize, margin: Margin, mut rows: Vec<Vec<Cell>>) {
    let margin_width = margin.rest.max(width(margin.first));
    let fits = shorten(&mut rows, columns.saturating_sub(margin_width));
    let widths = column_widths(&rows);
    for (index, row) in rows.iter().enumerate() {
        let at = margin.start_line(text, index == 0);
        match fits {
            true => aligned(text, row, &widths),
            false => stacked(text, columns, at, margin.rest + 2, row),
        }
        text.end_line();
    }
}

fn column_widths(rows: &[Vec<Cell>]) -> Vec<usize> {
    let mut widths = vec![0; rows.iter().map(Vec::len).max().unwrap_or(0)];
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = cell.width.max(*widest);
        }
    }
    widths
}

/// Shortens flexible cells, the widest column first, until all rows fit. Returns whether they do.
fn shorten(rows: &mut [Vec<Cell>], columns: usize) -> bool {
    let mut widths = column_widths(rows);
    let mut excess = full_width(&widths).saturating_sub(columns);
    while excess > 0 {
        let Some(column) = widest_flexible(rows, &widths) else {
            return false;
        };
        let target = widths[column].saturating_sub(excess).max(LEAST);
        excess -= widths[column] - target;
        widths[column] = target;
        for cell in rows.iter_mut().filter_map(|row| row.get_mut(column)) {
            cell.shorten(target);
        }
    }
    true
}

/// The widest column that can still give, and in which every cell is flexible.
fn widest_flexible(rows: &[Vec<Cell>], widths: &[usize]) -> Option<usize> {
    let can_give = |&column: &usize| {
        let mut cells = rows.iter().filter_map(|row| row.get(column));
        widths[column] > LEAST && cells.all(|cell| cell.is_flexible || cell.text.is_empty())
    };
    (0..widths.len()).filter(can_give).max_by_key(|&column| widths[column])
}

fn full_width(widths: &[usize]) -> usize {
    let used = widths.iter().filter(|&&width| width > 0);
    used.map(|width| width + GAP).sum::<usize>().saturating_sub(GAP)
}

fn aligned(text: &mut Text, row: &[Cell], widths: &[usize]) {
    let last = row.iter().rposition(|cell| !cell.text.is_empty());
    for (index, (cell, width)) in row.iter().zip(widths).enumerate().take(last.map_or(0, |last| last + 1)) {
        text.push(cell.style, &cell.text);
        if Some(index) != last && *width > 0 {
            text.plain(&" ".repeat(width - cell.width + GAP));
        }
    }
}

fn stacked(text: &mut Text, columns: usize, mut at: usize, indent: usize, row: &[Cell]) {
    let mut is_first = true;
    for cell in row.iter().filter(|cell| !cell.text.is_empty()) {
        let mut cell = cell.clone();
        cell.shorten(columns.saturating_sub(indent).max(LEAST));
        if !is_first && at + GAP + cell.width > columns {
            text.end_line();
            text.plain(&" ".repeat(indent));
            at = indent;
        } else if !is_first {
            text.plain(&" ".repeat(GAP));
            at += GAP;
        }
        at = wrapped(text, columns, at, indent, cell.style, &cell.text);
        is_first = false;
    }
}

/// Writes a sentence, broken at spaces, with the margin to its left.
pub(crate) fn paragraph(text: &mut Text, columns: usize, margin: Margin, sentence: &str) {
    let at = margin.start_line(text, true);
    wrapped(text, columns, at, margin.rest, Style::Plain, sentence);
    text.end_line();
}

/// Writes words from a column on; returns the column behind the last one. A word that is wider than a line stays whole.
fn wrapped(text: &mut Text, columns: usize, mut at: usize, indent: usize, style: Style, sentence: &str) -> usize {
    for (index, word) in sentence.split(' ').enumerate() {
        let word = word.replace(HARD_SPACE, " ");
        let needed = width(&word) + usize::from(index > 0);
        if at + needed > columns && at > indent {
            text.end_line();
            text.plain(&" ".repeat(indent));
            at = indent;
        } else if index > 0 {
            text.push(style, " ");
            at += 1;
        }
        text.push(style, &word);
        at += width(&word);
    }
    at
}
