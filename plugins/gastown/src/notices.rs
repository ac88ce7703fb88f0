//! What the town's own database holds for a person to see: the convoys, and the mail.
//!
//! `gt convoy status` and `gt mail inbox` read the same beads, four times as long.

use conductor_beads::Bead;

/// The label of a convoy. A convoy is a name that Gas Town gives to a set of beads; what it counts is not used.
const CONVOY: &str = "gt:convoy";

/// The label of a message.
const MESSAGE: &str = "gt:message";

/// The person, as Gas Town addresses them.
const OVERSEER: &str = "overseer";

/// Convoys and messages, closed ones too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notices {
    beads: Vec<Bead>,
}

impl Notices {
    /// Those among these beads.
    #[must_use]
    pub fn of(beads: Vec<Bead>) -> Self {
        Self { beads }
    }

    /// The status of a convoy: `open`, `closed`, `staged_ready`, `staged_warnings`. `None` where there is no such convoy.
    #[must_use]
    pub fn convoy(&self, id: &str) -> Option<&str> {
        let convoy = self.beads.iter().find(|bead| bead.id == id && bead.has_label(CONVOY))?;
        Some(&convoy.status)
    }

    /// How many messages to the person they have not read. A message that was read has a label that says so, one that was put
    /// away is closed.
    #[must_use]
    pub fn unread(&self) -> usize {
        let is_theirs = |bead: &Bead| bead.assignee == OVERSEER || bead.has_label("cc:overseer");
        let is_unread =
            |bead: &&Bead| bead.has_label(MESSAGE) && is_theirs(bead) && !bead.is_closed() && !bead.has_label("read");
        self.beads.iter().filter(is_unread).count()
    }
}
