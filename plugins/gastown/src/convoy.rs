//! A convoy: a name that Gas Town gives to a set of beads. What it counts is not used.

use conductor_beads::answer::or_default;
use serde::Deserialize;

/// What `gt convoy status` says of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Convoy {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// `open`, `closed`, `staged_ready`, `staged_warnings`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// How many beads it says it has.
    #[serde(default, deserialize_with = "or_default")]
    pub total: usize,
}
