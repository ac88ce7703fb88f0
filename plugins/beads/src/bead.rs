//! One bead, as far as plugins look at it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::answer::or_default;

/// An issue of Beads. Every member but the id may be missing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Bead {
    /// Its id.
    pub id: String,
    /// Its title.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// `open`, `in_progress`, `blocked`, `deferred`, `closed`, `pinned`, `hooked`, or a word of the workspace's own.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// 0 (first) to 4.
    #[serde(default)]
    pub priority: Option<u8>,
    /// `task`, `epic`, `gate`, …
    #[serde(default, deserialize_with = "or_default")]
    pub issue_type: String,
    /// Who works on it.
    #[serde(default, deserialize_with = "or_default")]
    pub assignee: String,
    /// Its text; Gas Town keeps lines of its own in it.
    #[serde(default, deserialize_with = "or_default")]
    pub description: String,
    /// What its workers have noted.
    #[serde(default, deserialize_with = "or_default")]
    pub notes: String,
    /// Why it was closed.
    #[serde(default, deserialize_with = "or_default")]
    pub close_reason: String,
    /// The epic that it belongs to.
    #[serde(default, deserialize_with = "or_default")]
    pub parent: String,
    /// When it was made, as RFC 3339.
    #[serde(default, deserialize_with = "or_default")]
    pub created_at: String,
    /// Its labels.
    #[serde(default, deserialize_with = "or_default")]
    pub labels: Vec<String>,
    /// What others have attached to it.
    #[serde(default, deserialize_with = "or_default")]
    pub metadata: Map<String, Value>,
    /// What it depends on.
    #[serde(default, deserialize_with = "or_default")]
    pub dependencies: Vec<Dependency>,
    /// Whether it is one of Gas Town's short-lived ones.
    #[serde(default, deserialize_with = "or_default")]
    pub ephemeral: bool,
}

/// A dependency of a bead, from its own side.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Dependency {
    /// The bead that it depends on.
    #[serde(default, deserialize_with = "or_default")]
    pub depends_on_id: String,
    /// `blocks`, `parent-child`, …
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
}

impl Bead {
    /// Whether nothing is left to do for it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.status == "closed"
    }

    /// Whether somebody has taken it.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self.status.as_str(), "in_progress" | "hooked")
    }

    /// Whether it only holds others together.
    #[must_use]
    pub fn is_epic(&self) -> bool {
        self.issue_type == "epic"
    }

    /// Whether a person has to let it pass.
    #[must_use]
    pub fn is_gate(&self) -> bool {
        self.issue_type == "gate"
    }

    /// Whether it has this label.
    #[must_use]
    pub fn has_label(&self, label: &str) -> bool {
        self.labels.iter().any(|known| known == label)
    }

    /// A text that was attached to it.
    #[must_use]
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key)?.as_str()
    }

    /// The beads that have to be closed before it can begin.
    pub fn blocked_by(&self) -> impl Iterator<Item = &str> {
        let blocks = |kind: &str| matches!(kind, "blocks" | "conditional-blocks" | "waits-for");
        let blockers = self.dependencies.iter().filter(move |on| blocks(&on.kind));
        blockers.map(|on| on.depends_on_id.as_str())
    }

    /// The value of a line `key: value` in its description.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&str> {
        let lines = self
            .description
            .lines()
            .map(|line| line.trim_start_matches("> ").trim());
        let mut values = lines.filter_map(|line| Some(line.strip_prefix(key)?.strip_prefix(':')?.trim()));
        values.find(|value| !value.is_empty() && *value != "null")
    }
}
