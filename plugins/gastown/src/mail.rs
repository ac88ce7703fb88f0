//! A message in Gas Town.

use conductor_beads::answer::or_default;
use serde::Deserialize;

/// What `gt mail inbox` says of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Mail {
    /// Who sent it.
    #[serde(default, deserialize_with = "or_default")]
    pub from: String,
    /// What it is about.
    #[serde(default, deserialize_with = "or_default")]
    pub subject: String,
    /// Whether it was read.
    #[serde(default, deserialize_with = "or_default")]
    pub read: bool,
}
