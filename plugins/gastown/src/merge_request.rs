//! A merge request: a bead with the label `gt:merge-request`, whose description says what it is about.

use conductor_beads::Bead;

/// A merge request. Texts that it does not give are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MergeRequest<'a> {
    /// Its id.
    pub id: &'a str,
    /// The bead whose work it is.
    pub source: &'a str,
    /// The branch to merge.
    pub branch: &'a str,
    /// The branch to merge it into.
    pub target: &'a str,
    /// The worker that handed it in.
    pub worker: &'a str,
    /// How it stands.
    pub outcome: Outcome<'a>,
}

/// How a merge request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    /// In the queue.
    Open,
    /// On the target.
    Merged,
    /// Turned down, with the reason.
    Rejected(&'a str),
    /// Another one has taken its place.
    Superseded,
    /// Closed for another reason.
    Closed(&'a str),
}

impl<'a> MergeRequest<'a> {
    /// Reads the bead.
    #[must_use]
    pub fn of(bead: &'a Bead) -> Self {
        let field = |key| bead.field(key).unwrap_or_default();
        Self {
            id: &bead.id,
            source: field("source_issue"),
            branch: field("branch"),
            target: field("target"),
            worker: field("worker"),
            outcome: outcome(bead),
        }
    }

    /// Whether it is in the queue.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.outcome == Outcome::Open
    }
}

fn outcome(bead: &Bead) -> Outcome<'_> {
    let reason = bead.close_reason.trim();
    match reason.split_once(':') {
        _ if !bead.is_closed() => Outcome::Open,
        Some(("rejected", why)) => Outcome::Rejected(why.trim()),
        _ if reason == "merged" => Outcome::Merged,
        _ if reason.starts_with("superseded") => Outcome::Superseded,
        _ => Outcome::Closed(reason),
    }
}
