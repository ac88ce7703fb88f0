//! The parts of the page about Beads and Gas Town.

use conductor_plugin::Style;

use super::Page;
use crate::layout::{Cell, Margin, table};
use crate::live::report::{BeadLine, Beads, Elsewhere, EpicLine, Gastown, TrackGastown};
use crate::words_live::{self, BEADS, GASTOWN, MOST};
use conductor_common::width::one_line;

/// The columns of the widest label, and of the space around it.
const LABEL: usize = 15;

impl Page {
    /// The project's own beads.
    pub(super) fn beads(&mut self, beads: &Beads) {
        let counts = words_live::beads(beads);
        self.rows(
            0,
            vec![vec![Cell::new(Style::Strong, BEADS), Cell::new(Style::Plain, counts)]],
        );
        for trouble in &beads.troubles {
            self.sentence(Style::Warn, &format!("- {}", words_live::trouble(trouble)));
        }
        for list in words_live::bead_lists(beads) {
            let row = |bead: &BeadLine| cells(&bead.id, &bead.title, Cell::new(Style::Dim, (list.behind)(bead)));
            let rows = list.beads.iter().take(MOST).map(row).collect();
            self.list(list.label, rows, list.beads.len(), list.command);
        }
        let epics = beads.epics.as_deref().unwrap_or_default();
        let row = |epic: &EpicLine| cells(&epic.id, &epic.title, Cell::new(Style::Dim, words_live::epic(epic)));
        self.list(
            "Epics",
            epics.iter().take(MOST).map(row).collect(),
            epics.len(),
            "bd epic status",
        );
        self.text.end_line();
    }

    /// A track in Gas Town, below the rest of it.
    pub(super) fn gastown(&mut self, track: &TrackGastown, town: &Gastown) {
        self.text.push(Style::Strong, GASTOWN);
        self.text.end_line();
        for (label, sentence) in words_live::gastown(track, town) {
            self.sentence(Style::Plain, &format!("- {label}: {sentence}"));
        }
        let named = words_live::named(track);
        for run in named.chunk_by(|(one, ..), (other, ..)| one == other) {
            let rows = run.iter().map(|(_, line, words)| {
                cells(
                    &line.bead,
                    &line.title,
                    Cell::flexible(style(line.state), words.clone()),
                )
            });
            self.list(run[0].0, rows.collect(), 0, "");
        }
    }

    /// What waits for the person, as rows beside those of the plans.
    pub(super) fn waiting_elsewhere(elsewhere: &Elsewhere) -> Vec<Cell> {
        let (track, words, place) = words_live::elsewhere(elsewhere);
        let place = match elsewhere {
            Elsewhere::Mail { .. } => format!("`{place}`"),
            _ => place,
        };
        vec![
            Cell::new(Style::Plain, track),
            Cell::flexible(Style::Warn, words),
            Cell::new(Style::Dim, place),
        ]
    }

    fn sentence(&mut self, style: Style, sentence: &str) {
        let row = vec![Cell::new(style, sentence)];
        self.rows(0, vec![row]);
    }

    /// Rows with a label, and how many more there are.
    fn list(&mut self, label: &str, rows: Vec<Vec<Cell>>, total: usize, command: &str) {
        if rows.is_empty() {
            return;
        }
        let (first, rest) = match self.columns < super::NARROW {
            true => (format!("  {label}  "), 4),
            false => (format!("  {label:<13}"), LABEL),
        };
        let margin = Margin {
            style: Style::Plain,
            first: &first,
            rest,
        };
        table(&mut self.text, self.columns, margin, &rows);
        if let Some(more) = words_live::more(total) {
            self.rows(rest, vec![vec![Cell::new(Style::Dim, format!("{more}`{command}`"))]]);
        }
    }
}

fn cells(id: &str, title: &str, behind: Cell) -> Vec<Cell> {
    vec![
        Cell::new(Style::Plain, one_line(id)),
        Cell::flexible(Style::Plain, one_line(title)),
        behind,
    ]
}

fn style(state: &str) -> Style {
    match state {
        "working" | "submitted" => Style::Plain,
        "escalated" | "conflict" => Style::Bad,
        _ => Style::Warn,
    }
}
