//! The parts of the text about Beads and Gas Town.

use super::Page;
use crate::budget::Weight;
use crate::escape::{code, plain};
use crate::live::report::{Beads, Elsewhere, Gastown, TrackGastown};
use crate::words_live::{self, BEADS, GASTOWN, MOST};

impl Page {
    /// The project's own beads.
    pub(super) fn beads(&mut self, beads: &Beads) {
        let counts = words_live::beads(beads);
        let colon = if counts.is_empty() { "" } else { ": " };
        self.add(Weight::Track, "line", format!("\n{BEADS}{colon}{counts}"));
        for trouble in &beads.troubles {
            self.add(
                Weight::Current,
                "line",
                format!("- {}", plain(&words_live::trouble(trouble))),
            );
        }
        for list in words_live::bead_lists(beads) {
            let weight = match list.label {
                "In progress" => Weight::Current,
                _ => Weight::Pending,
            };
            for bead in list.beads.iter().take(MOST) {
                let mut line = format!("- {}: {} {}", list.label, code(&bead.id), plain(&bead.title));
                let behind = (list.behind)(bead);
                if !behind.is_empty() {
                    line += &format!(" ({})", plain(&behind));
                }
                self.add(weight, "bead", line);
            }
            self.more(list.beads.len(), list.command);
        }
        let epics = beads.epics.as_deref().unwrap_or_default();
        for epic in epics.iter().take(MOST) {
            let line = format!(
                "- Epic: {} {} ({})",
                code(&epic.id),
                plain(&epic.title),
                words_live::epic(epic)
            );
            self.add(Weight::Later, "bead", line);
        }
        self.more(epics.len(), "bd epic status");
    }

    fn more(&mut self, total: usize, command: &str) {
        if let Some(more) = words_live::more(total) {
            self.add(Weight::Later, "line", format!("- {more}{}", code(command)));
        }
    }

    /// A track in Gas Town, below the rest of it.
    pub(super) fn gastown(&mut self, track: &TrackGastown, town: &Gastown) {
        self.add(Weight::Track, "line", GASTOWN.to_owned());
        for (label, sentence) in words_live::gastown(track, town) {
            self.add(Weight::Current, "line", format!("- {label}: {}", plain(&sentence)));
        }
        for (label, line, words) in words_live::named(track) {
            let weight = match line.state {
                "submitted" => Weight::Worker,
                _ => Weight::Current,
            };
            let line = format!(
                "- {label}: {} {} ({})",
                code(&line.bead),
                plain(&line.title),
                plain(&words)
            );
            self.add(weight, "piece of work", line);
        }
    }

    /// What waits for the person there; `title` comes before the first.
    pub(super) fn waiting_elsewhere(&mut self, elsewhere: &Elsewhere, title: &str) {
        let (track, words, place) = words_live::elsewhere(elsewhere);
        let line = format!("{title}- {} {} ({})", code(&track), plain(&words), code(&place));
        self.add(Weight::Waiting, "open matter", line);
    }

    fn add(&mut self, weight: Weight, noun: &'static str, line: String) {
        self.lines.add(weight, noun, line);
    }
}
