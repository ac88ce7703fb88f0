//! What the town's own database holds for a person to see: the convoys, and the mail; and of some pairs of `gt` and `bd`
//! the merge requests.
//!
//! `gt convoy status` and `gt mail inbox` read the same beads, four times as long.

use conductor_beads::Bead;

use crate::rig_work::MERGE_REQUEST;

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

    /// The merge requests of every rig that are kept here. A `gt` and a `bd` that differ in where they look (which is so for each
    /// released pair) keep them in the town's database and not in the rig's.
    pub fn requests(&self) -> impl Iterator<Item = &Bead> {
        self.beads.iter().filter(|bead| bead.has_label(MERGE_REQUEST))
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
