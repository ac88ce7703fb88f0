//! What one wants to do with a project; each takes more than the one before.

use serde::Serialize;

/// A way to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Looking where the tracks stand.
    Status,
    /// Dispatch to Claude's own sub-agents.
    Native,
    /// The same, with each task kept as a bead.
    Beads,
    /// Dispatch to the workers of Gas Town.
    Gastown,
}

impl Mode {
    /// All of them, in the order in which they are shown.
    pub(crate) const ALL: [Self; 4] = [Self::Status, Self::Native, Self::Beads, Self::Gastown];

    /// The mode of this name, as `--for` takes it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Its name, as `--for` takes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Native => "native",
            Self::Beads => "beads",
            Self::Gastown => "gastown",
        }
    }

    /// What it is called in a sentence.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Native => "dispatch, native",
            Self::Beads => "dispatch with Beads",
            Self::Gastown => "dispatch with Gas Town",
        }
    }

    /// Whether this one can't do without what belongs to another. Gas Town keeps its beads itself, and not in the project.
    pub(crate) fn needs(self, other: Self) -> bool {
        other <= self && (other, self) != (Self::Beads, Self::Gastown)
    }
}
