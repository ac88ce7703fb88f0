//! What the town's own database holds for a person to see: the convoys, the mail, and what the Mayor was asked; and of some pairs of
//! `gt` and `bd` the merge requests.
//!
//! `gt convoy status` and `gt mail inbox` read the same beads, four times as long.

use conductor_beads::Bead;

use crate::escalation::{self, Escalation};
use crate::rig_work::MERGE_REQUEST;

/// The label of a convoy. A convoy is a name that Gas Town gives to a set of beads; what it counts is not used.
const CONVOY: &str = "gt:convoy";

/// The label of a message.
const MESSAGE: &str = "gt:message";

/// The label of an escalation, and of the message about it.
const ESCALATION: &str = "gt:escalation";

/// The label of an answer.
const REPLY: &str = "msg-type:reply";

/// The person, as Gas Town addresses them.
const OVERSEER: &str = "overseer";

/// Convoys, messages and escalations, closed ones too.
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

    /// The messages to the person that they have not read, the newest last. One that was read has a label that says so, one that was
    /// put away is closed.
    pub fn unread(&self) -> impl Iterator<Item = Letter<'_>> {
        let is_unread = |bead: &&Bead| is_to(bead, OVERSEER) && !bead.is_closed() && !bead.has_label("read");
        self.messages().filter(is_unread).map(Letter::of)
    }

    /// What the Mayor was asked, by the id that `gt escalate` gave it, with what came back.
    #[must_use]
    pub fn escalation(&self, id: &str) -> Option<Escalation<'_>> {
        let is_it = |bead: &&Bead| bead.id == id && bead.has_label(ESCALATION) && !bead.has_label(MESSAGE);
        let asked = self.beads.iter().find(is_it)?;
        // Who has asked is answered in their own mail; what they write in the same thread is no answer.
        let by = escalation::field(asked, "escalated_by")?;
        let is_answer = |letter: &&Bead| {
            letter.has_label(REPLY)
                && is_to(letter, by)
                && thread(letter) == Some(id)
                && label(letter, "from:") != Some(by)
        };
        Some(Escalation::of(
            asked,
            self.messages().filter(is_answer).map(Letter::of).collect(),
        ))
    }

    fn messages(&self) -> impl Iterator<Item = &Bead> {
        let mut messages: Vec<&Bead> = self.beads.iter().filter(|bead| bead.has_label(MESSAGE)).collect();
        messages.sort_by_key(|bead| &bead.created_at);
        messages.into_iter()
    }
}

/// A message of the town's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Letter<'a> {
    /// Its id.
    pub id: &'a str,
    /// Who wrote it: `mayor/`, `shop/jade`; empty where it does not say.
    pub from: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// What it says.
    pub text: &'a str,
}

impl<'a> Letter<'a> {
    fn of(bead: &'a Bead) -> Self {
        Self {
            id: &bead.id,
            from: label(bead, "from:").unwrap_or_default(),
            subject: &bead.title,
            text: bead.description.trim(),
        }
    }
}

fn is_to(bead: &Bead, who: &str) -> bool {
    bead.assignee == who || bead.labels.iter().any(|label| label.strip_prefix("cc:") == Some(who))
}

fn thread(bead: &Bead) -> Option<&str> {
    label(bead, "thread:")
}

fn label<'b>(bead: &'b Bead, start: &str) -> Option<&'b str> {
    bead.labels.iter().find_map(|label| label.strip_prefix(start))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::escalation::Stands;

    /// As `gt escalate`, `gt mail reply` and `gt escalate close` of 1.2.1 leave them.
    fn notices(closed: bool) -> Notices {
        let described = |acked: &str, by: &str| {
            // A reason of several lines could say anything; `gt` takes the last line of each name.
            format!(
                "sp-1: given up\n\nseverity: medium\nreason: x\nclosed_by: shop/nux\nescalated_by: shop/nux\nescalated_by: overseer\nacked_by: {acked}\nclosed_by: {by}\nrelated_bead: sp-1"
            )
        };
        let (status, text, reason) = match closed {
            true => ("closed", described("mayor/", "mayor/"), "v2 has it\nand v3"),
            false => ("open", described("null", "null"), ""),
        };
        let reply = ["gt:message", "msg-type:reply", "thread:hq-wisp-2"];
        let labels = |more: &[&'static str]| [reply.as_slice(), more].concat();
        let beads = json!([
            {"id": "hq-wisp-2", "status": status, "labels": ["gt:escalation"], "description": text, "close_reason": reason},
            {"id": "hq-3", "status": "open", "assignee": "mayor/", "title": "[MEDIUM] sp-1: given up", "created_at": "2026-11-26T11:00:01Z",
             "labels": ["gt:escalation", "gt:message", "msg-type:escalation", "from:overseer", "thread:hq-wisp-2"]},
            {"id": "hq-5", "status": "open", "assignee": "overseer", "title": "Re: two", "created_at": "2026-11-26T11:00:05Z",
             "labels": labels(&["from:mayor/"]), "description": "or v3"},
            {"id": "hq-4", "status": "open", "assignee": "deacon/", "title": "Re: one", "created_at": "2026-11-26T11:00:04Z",
             "labels": labels(&["from:mayor/", "cc:witness", "cc:overseer", "read"]), "description": "Use v2\n"},
            {"id": "hq-6", "status": "open", "assignee": "shop/jade", "title": "Re: one", "created_at": "2026-11-26T11:00:06Z",
             "labels": labels(&["from:mayor/"]), "description": "not to the person"},
            {"id": "hq-8", "status": "open", "assignee": "mayor/", "title": "Re: one", "created_at": "2026-11-26T11:00:07Z",
             "labels": labels(&["from:overseer", "cc:overseer"]), "description": "which API?"},
            {"id": "hq-7", "status": "closed", "assignee": "overseer", "title": "put away", "labels": ["gt:message"]},
        ]);
        Notices::of(serde_json::from_value(beads).expect("beads"))
    }

    #[test]
    fn an_escalation_has_the_answers_to_who_has_asked() {
        let notices = notices(false);
        let asked = notices.escalation("hq-wisp-2").expect("it was asked");
        assert_eq!((asked.stands, asked.by), (Stands::Open, None));
        let texts: Vec<&str> = asked.letters.iter().map(|letter| letter.text).collect();
        assert_eq!(texts, ["Use v2", "or v3"]);
        assert_eq!(asked.answer().as_deref(), Some("mayor/: Use v2; mayor/: or v3"));
        assert_eq!(notices.escalation("hq-3"), None, "that is the mail about it");
    }

    #[test]
    fn an_escalation_that_is_closed_says_why() {
        let notices = notices(true);
        let asked = notices.escalation("hq-wisp-2").expect("it was asked");
        assert_eq!((asked.stands, asked.by), (Stands::Closed, Some("mayor/")));
        assert_eq!(
            asked.answer().as_deref(),
            Some("mayor/: Use v2; mayor/: or v3; mayor/: v2 has it and v3")
        );
    }

    #[test]
    fn what_was_read_or_put_away_is_not_unread() {
        let notices = notices(false);
        let unread: Vec<&str> = notices.unread().map(|letter| letter.id).collect();
        assert_eq!(unread, ["hq-5", "hq-8"], "a copy is to them too");
    }
}
