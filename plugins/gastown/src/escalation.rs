//! What the Mayor was asked about a piece of work (`gt escalate`), and what came back: by mail, or as the reason for closing it.

use conductor_beads::Bead;

use crate::notices::Letter;

/// Where a bead of a rig keeps the id of what the Mayor was asked about it: [`ASKED`] as long as `gt` has not said which, [`RELEASED`] once the
/// work was given out anew.
pub const ESCALATED: &str = "conductor_escalated";

/// It is asked at this moment.
pub const ASKED: &str = "told";

/// What was asked was about somebody who had the work before.
pub const RELEASED: &str = "released";

/// An escalation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation<'a> {
    /// Its bead, in the town's database.
    pub id: &'a str,
    /// How it stands.
    pub stands: Stands,
    /// Who has acknowledged or closed it.
    pub by: Option<&'a str>,
    /// Why it was closed, as who has closed it wrote.
    pub reason: Option<&'a str>,
    /// The answers in the mail of who has asked, the newest last.
    pub letters: Vec<Letter<'a>>,
}

/// How an escalation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Nobody has looked at it.
    Open,
    /// Somebody has.
    Acknowledged,
    /// It is settled.
    Closed,
}

impl Stands {
    /// `open`, `acknowledged`, `closed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Closed => "closed",
        }
    }
}

impl<'a> Escalation<'a> {
    /// Reads the bead. `gt` keeps `key: value` lines in its description.
    #[must_use]
    pub fn of(bead: &'a Bead, letters: Vec<Letter<'a>>) -> Self {
        let (acked, closed) = (field(bead, "acked_by"), field(bead, "closed_by"));
        Self {
            id: &bead.id,
            stands: match (bead.is_closed(), acked) {
                (true, _) => Stands::Closed,
                (false, Some(_)) => Stands::Acknowledged,
                (false, None) => Stands::Open,
            },
            by: closed.or(acked),
            reason: Some(bead.close_reason.trim()).filter(|reason| bead.is_closed() && !reason.is_empty()),
            letters,
        }
    }

    /// All that was answered, in one line: `mayor/: use v2; mayor/: v2 has it`. It is others' text.
    #[must_use]
    pub fn answer(&self) -> Option<String> {
        let said = |who: &str, text: &str| {
            let words: Vec<&str> = text.split_whitespace().collect();
            format!("{}: {}", if who.is_empty() { "somebody" } else { who }, words.join(" "))
        };
        let letters = self.letters.iter().map(|letter| said(letter.from, letter.text));
        let reason = self.reason.map(|reason| said(self.by.unwrap_or_default(), reason));
        let all: Vec<String> = letters.chain(reason).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// The value of a `key: value` line of an escalation's description; `None` for `null`. As `gt` reads it: of several the last, since what stands
/// before is what somebody wrote as a reason.
pub(crate) fn field<'b>(bead: &'b Bead, key: &str) -> Option<&'b str> {
    let mut lines = bead.description.lines().rev();
    let value = lines
        .find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(':'))?
        .trim();
    (!value.is_empty() && value != "null").then_some(value)
}
