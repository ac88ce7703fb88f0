//! Rows in aligned columns and wrapped sentences, within the columns of a terminal.
//!
//! Where a row does not fit, first its flexible cells (titles) get shorter; where that is not enough, as on a terminal of
//! 40 columns, its cells go below each other. Ids, paths and commands are never cut: they are there to be typed.

use std::borrow::Cow;

use conductor_plugin::{Style, Text};

use conductor_common::width::{shortened, width};

/// Stands for a space at which a sentence is not broken. Text of files can't hold it (`one_line`).
pub(crate) const HARD_SPACE: char = '\u{1}';

/// The least that is left of a flexible cell.
const LEAST: usize = 12;

/// Columns between two cells.
const GAP: usize = 3;

/// The same where otherwise something would have to be shortened.
const TIGHT_GAP: usize = 2;

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

    /// Its text; a flexible one is shortened to so many columns.
    fn within(&self, columns: usize) -> Cow<'_, str> {
        if self.is_flexible {
            shortened(&self.text, columns)
        } else {
            Cow::Borrowed(&self.text)
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

    fn width(self) -> usize {
        self.rest.max(width(self.first))
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
pub(crate) fn table(text: &mut Text, columns: usize, margin: Margin, rows: &[Vec<Cell>]) {
    let grid = Grid::fitting(rows, columns.saturating_sub(margin.width()));
    for (index, row) in rows.iter().enumerate() {
        let at = margin.start_line(text, index == 0);
        match &grid {
            Some(grid) => grid.write(text, row),
            None => stacked(text, columns, at, margin.rest + 2, row),
        }
        text.end_line();
    }
}

/// Whether rows fit without shortening a cell.
pub(crate) fn fits(columns: usize, margin: Margin, rows: &[Vec<Cell>]) -> bool {
    Grid {
        widths: column_widths(rows),
        gap: GAP,
    }
    .width()
        <= columns.saturating_sub(margin.width())
}

/// The widths of columns, and the space between two of them.
struct Grid {
    widths: Vec<usize>,
    gap: usize,
}

impl Grid {
    /// As wide as the cells are, or else narrower; `None` where even that is too wide.
    fn fitting(rows: &[Vec<Cell>], columns: usize) -> Option<Self> {
        let wide = Self {
            widths: column_widths(rows),
            gap: GAP,
        };
        if wide.width() <= columns {
            return Some(wide);
        }
        let mut tight = Self { gap: TIGHT_GAP, ..wide };
        while tight.width() > columns {
            tight.narrow(rows, columns)?;
        }
        Some(tight)
    }

    fn width(&self) -> usize {
        let used = self.widths.iter().filter(|&&width| width > 0);
        used.map(|width| width + self.gap)
            .sum::<usize>()
            .saturating_sub(self.gap)
    }

    /// Takes from the widest flexible column what is too much, but no more than makes it as narrow as the next one.
    fn narrow(&mut self, rows: &[Vec<Cell>], columns: usize) -> Option<()> {
        let mut flexible: Vec<usize> = (0..self.widths.len()).filter(|&at| is_flexible(rows, at)).collect();
        flexible.sort_by_key(|&at| std::cmp::Reverse(self.widths[at]));
        let (&widest, next) = (flexible.first()?, flexible.get(1).map_or(0, |&at| self.widths[at]));
        let width = self.widths[widest];
        let target = width
            .saturating_sub(self.width() - columns)
            .max(next.min(width.saturating_sub(1)))
            .max(LEAST);
        (target < width).then(|| self.widths[widest] = target)
    }

    fn write(&self, text: &mut Text, row: &[Cell]) {
        let last = row.iter().rposition(|cell| !cell.text.is_empty());
        for (index, (cell, &width)) in row
            .iter()
            .zip(&self.widths)
            .enumerate()
            .take(last.map_or(0, |last| last + 1))
        {
            let shown = cell.within(width);
            text.push(cell.style, &shown);
            if Some(index) != last && width > 0 {
                text.plain(&" ".repeat(width.saturating_sub(conductor_common::width::width(&shown)) + self.gap));
            }
        }
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

fn is_flexible(rows: &[Vec<Cell>], column: usize) -> bool {
    rows.iter()
        .filter_map(|row| row.get(column))
        .all(|cell| cell.is_flexible || cell.text.is_empty())
}

fn stacked(text: &mut Text, columns: usize, mut at: usize, indent: usize, row: &[Cell]) {
    for (index, cell) in row.iter().filter(|cell| !cell.text.is_empty()).enumerate() {
        let shown = cell.within(columns.saturating_sub(indent).max(LEAST));
        if index > 0 && at + GAP + width(&shown) > columns {
            text.end_line();
            text.plain(&" ".repeat(indent));
            at = indent;
        } else if index > 0 {
            text.plain(&" ".repeat(GAP));
            at += GAP;
        }
        at = wrapped(text, columns, at, indent, cell.style, &shown);
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
