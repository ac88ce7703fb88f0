//! What a plugin has used of its grants, as far as the audit log goes: commands that it started and files that it changed. Reading
//! files leaves no line there.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::decision::listed;
use crate::audit::{Record, What};
use crate::grant::{Wish, WishKind};
use crate::manifest::Effect;

/// What the log has of a plugin.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// The last run that is in it.
    last: Option<Last>,
    /// When each grant was last used.
    pub(super) used: BTreeMap<String, Timestamp>,
}

/// A run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Last {
    run: String,
    /// When its first line was written.
    pub(super) at: Timestamp,
    /// The grants that it used.
    pub(super) used: Vec<String>,
}

impl Usage {
    /// Reads it from the records, oldest first.
    pub(super) fn of(plugin: &str, records: &[Record]) -> Self {
        let mut usage = Self::default();
        let runs = |record: &&Record| record.plugin == plugin && !matches!(record.what, What::Decision { .. });
        for record in records.iter().filter(runs) {
            let last = match &mut usage.last {
                Some(last) if last.run == record.run => last,
                other => other.insert(Last {
                    run: record.run.clone(),
                    at: record.time,
                    used: Vec::new(),
                }),
            };
            let (What::Command { name: grant, .. } | What::File { grant, .. }) = &record.what else {
                continue;
            };
            if !last.used.contains(grant) {
                last.used.push(grant.clone());
            }
            usage.used.insert(grant.clone(), record.time);
        }
        usage
    }

    pub(super) fn last(&self) -> Option<&Last> {
        self.last.as_ref()
    }

    /// The sentence for a person: how much is granted, what the last run used, and what never was used.
    pub(super) fn sentence(&self, wishes: &[Wish], now: Timestamp) -> String {
        let granted = wishes.iter().filter(|wish| wish.granted).count();
        let mut said = format!("{granted} of {} granted", wishes.len());
        if let Some(last) = &self.last {
            let ago = ago(last.at, now);
            said.push_str(&format!(
                ", the last run in the audit log {ago} used {}",
                listed(&last.used)
            ));
            let unused = wishes
                .iter()
                .filter(|wish| wish.granted && leaves_a_line(wish) && !self.used.contains_key(&wish.name));
            let unused: Vec<String> = unused.map(|wish| wish.name.clone()).collect();
            if !unused.is_empty() {
                said.push_str(&format!("; granted and never used there: {}", listed(&unused)));
            }
        }
        said + ".\n"
    }
}

/// Whether the log would have a line if it had been used.
fn leaves_a_line(wish: &Wish) -> bool {
    wish.kind != WishKind::Files || wish.effect == Effect::Write
}

/// `3 h ago`.
fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(then).as_secs();
    match seconds {
        ..60 => "just now".to_owned(),
        60..3_600 => format!("{} min ago", seconds / 60),
        3_600..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::{Grants, UserGrants};
    use crate::manifest;

    fn record(run: &str, time: &str, what: serde_json::Value) -> Record {
        let mut record = serde_json::json!({"v": 1, "time": time, "run": run, "id": 1, "plugin": "p", "digest": "d"});
        for (key, value) in what.as_object().expect("members") {
            record[key] = value.clone();
        }
        serde_json::from_value(record).expect("it is a record")
    }

    fn command(run: &str, time: &str, name: &str) -> Record {
        let what = serde_json::json!({"kind": "command", "name": name, "template": "t", "argv": [], "effect": "read", "outcome": "done"});
        record(run, time, what)
    }

    fn wishes(granted: &[&str]) -> Vec<Wish> {
        let text = r#"{"name": "p", "version": "1", "summary": "s", "api": "0.1.0",
            "files": [{"grant": "specs", "place": "project", "path": "conductor", "access": "read", "reason": "r"}],
            "programs": {"git": {"reason": "r"}},
            "commands": {
                "diff": {"argv": ["git", "diff"], "cwd": "project", "effect": "read", "reason": "r"},
                "log": {"argv": ["git", "log"], "cwd": "project", "effect": "read", "reason": "r"}}}"#;
        let manifest = manifest::parse(text, "a test").expect("it is right");
        let granted = granted.iter().map(|&name| name.to_owned()).collect();
        let grants = Grants::of(&manifest, &UserGrants::Kept(granted)).expect("nothing is named");
        grants.wishes().collect()
    }

    const NOW: &str = "2026-03-02T12:00:00Z";

    fn sentence(records: &[Record], granted: &[&str]) -> String {
        Usage::of("p", records).sentence(&wishes(granted), NOW.parse().expect("a time"))
    }

    #[test]
    fn the_last_run_and_what_was_never_used_are_named() {
        let records = [
            command("1", "2026-03-01T08:00:00Z", "diff"),
            command("2", "2026-03-02T09:00:00Z", "log"),
            command("2", "2026-03-02T09:00:01Z", "log"),
        ];
        assert_eq!(
            sentence(&records, &["specs", "log", "diff"]),
            "3 of 3 granted, the last run in the audit log 3 h ago used `log`.\n"
        );
        assert_eq!(
            sentence(&records[1..], &["specs", "log", "diff"]),
            "3 of 3 granted, the last run in the audit log 3 h ago used `log`; granted and never used there: `diff`.\n"
        );
    }

    #[test]
    fn without_a_run_in_the_log_nothing_is_said_of_use() {
        assert_eq!(sentence(&[], &["log"]), "1 of 3 granted.\n");
        let decision =
            serde_json::json!({"kind": "decision", "decision": "install", "grants": ["log"], "outcome": "done"});
        assert_eq!(sentence(&[record("1", NOW, decision)], &["log"]), "1 of 3 granted.\n");
        let mut other = command("1", NOW, "log");
        other.plugin = "q".to_owned();
        assert_eq!(sentence(&[other], &["log"]), "1 of 3 granted.\n");
    }
}
