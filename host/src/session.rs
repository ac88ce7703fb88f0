//! Which Claude Code sessions are over: `sessions.json` in the state folder says by which processes each was seen.
//!
//! A worker lives in its session's process, so what a session began is lost when that process is gone; a session that is resumed
//! keeps its id and has another process. The process is the nearest one that two looks have above them in common: one look alone
//! may have a hook's shell between. What was seen by one look, on another machine or in another container, tells nothing.

use std::fs;
use std::path::PathBuf;

use conductor_tape::Over;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::folders;
use crate::stat::Stat;
use crate::user_file::{self, Content};

/// How many sessions are kept.
const SESSIONS: usize = 100;
/// The longest line of processes: a shell in a shell in a terminal has ten.
const ABOVE: usize = 64;

/// A process, with the moment that it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Process {
    pid: u32,
    began: u64,
}

impl Process {
    fn is_there(self) -> bool {
        Stat::of(self.pid).is_some_and(|stat| stat.began == self.began)
    }
}

/// How a session was seen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Seen {
    id: String,
    /// Where the numbers of the processes count.
    machine: String,
    /// The processes that every look had above it, the nearest first.
    above: Vec<Process>,
    /// Whether it is more than one look.
    sure: bool,
    /// Its processes that ran before this moment are gone, in seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_before: Option<i64>,
}

impl Seen {
    fn is_gone(&self, machine: &str) -> bool {
        let nearest = self.above.first();
        self.sure && self.machine == machine && nearest.is_some_and(|process| !process.is_there())
    }

    /// Takes in another look.
    fn look(&mut self, machine: &str, above: &[Process], now: i64) {
        if self.is_gone(machine) {
            self.gone_before = Some(now);
        }
        if self.machine != machine || self.is_gone(machine) {
            machine.clone_into(&mut self.machine);
            self.above = above.to_vec();
            self.sure = false;
        } else if !self.sure {
            let common: Vec<Process> = self
                .above
                .iter()
                .filter(|process| above.contains(process))
                .copied()
                .collect();
            // What is left of a look from aside is the system's first process, and says nothing.
            if common.first().is_some_and(|process| process.pid != 1) {
                self.above = common;
                self.sure = true;
            }
        }
    }
}

/// The content of the file.
#[derive(Debug, Deserialize, Serialize)]
struct Sessions {
    version: u32,
    #[serde(default)]
    sessions: Vec<Seen>,
}

impl Default for Sessions {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            sessions: Vec::new(),
        }
    }
}

impl Content for Sessions {
    const NAME: &'static str = "sessions.json";
    const VERSION: u32 = 1;
    const PART: &'static str = "what is known of Claude Code's sessions";
    const WITHOUT: &'static str = "you are asked about workers of earlier sessions";

    fn folder() -> anyhow::Result<PathBuf> {
        folders::state()
    }
}

impl Sessions {
    fn look(&mut self, id: &str, machine: &str, above: &[Process], now: i64) {
        match self.sessions.iter_mut().find(|seen| seen.id == id) {
            Some(seen) => seen.look(machine, above, now),
            None => self.sessions.push(Seen {
                id: id.to_owned(),
                machine: machine.to_owned(),
                above: above.to_vec(),
                sure: false,
                gone_before: None,
            }),
        }
        let over = self.sessions.len().saturating_sub(SESSIONS);
        self.sessions.drain(..over);
    }
}

/// Whether the process that a session had at a moment (milliseconds since 1970) is gone for certain.
#[must_use]
pub fn is_over(known: &[Over], id: &str, at_ms: u64) -> bool {
    known.iter().any(|over| over.id == id && at_ms < over.before_ms)
}

/// Writes down from where this run of a session is looked at; where that is known already, nothing is written.
///
/// # Errors
/// As of [`user_file::change`].
pub fn seen(id: &str) -> Result<()> {
    let (Some(machine), above) = (machine(), above(id)) else {
        return Ok(());
    };
    let now = Timestamp::now().as_second();
    let known: Sessions = user_file::read()?;
    let before = known.sessions.iter().find(|seen| seen.id == id).cloned();
    let mut after = before.clone();
    if let Some(seen) = &mut after {
        seen.look(&machine, &above, now);
    }
    if before.is_some() && before == after {
        return Ok(());
    }
    user_file::change(|sessions: &mut Sessions| {
        sessions.look(id, &machine, &above, now);
        Ok(())
    })
}

/// The sessions that are over as far as is known.
///
/// # Errors
/// As of [`user_file::read`].
pub fn over() -> Result<Vec<Over>> {
    let Some(machine) = machine() else {
        return Ok(Vec::new());
    };
    let known: Sessions = user_file::read()?;
    let over = known.sessions.into_iter().filter_map(|seen| {
        let before = match seen.is_gone(&machine) {
            true => Some(u64::MAX),
            // A worker's time has no fractions of a second.
            false => seen
                .gone_before
                .and_then(|second| u64::try_from(second).ok()?.checked_mul(1000)),
        };
        Some(Over {
            id: seen.id,
            before_ms: before?,
        })
    });
    Ok(over.collect())
}

/// Where numbers of processes count: this run of the machine's system, and the container.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}", boot.trim(), namespace.to_str()?))
}

/// The processes above this one, the nearest first. What the session's process has started for a command has the session's id in its
/// environment, and ends with the command: a shell, and what that has started.
fn above(id: &str) -> Vec<Process> {
    let mut above = Vec::new();
    let mut stat = Stat::of(std::process::id());
    while let Some(pid) = stat.map(|stat| stat.parent).filter(|&pid| pid != 0) {
        stat = Stat::of(pid);
        match stat {
            Some(_) if is_of_a_command(pid, id) => {}
            Some(stat) if above.len() < ABOVE => {
                above.push(Process { pid, began: stat.began });
            }
            _ => break,
        }
    }
    above
}

fn is_of_a_command(pid: u32, id: &str) -> bool {
    let variable = format!("CLAUDE_CODE_SESSION_ID={id}");
    let environ = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    environ.split(|&byte| byte == 0).any(|one| one == variable.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::{Process, Seen, Sessions, above, is_over};
    use crate::stat::Stat;

    const HERE: &str = "a machine";

    fn gone() -> Process {
        let mut child = Command::new("true").stdin(Stdio::null()).spawn().expect("it starts");
        let process = Process {
            pid: child.id(),
            began: Stat::of(child.id()).expect("it is there").began,
        };
        child.wait().expect("it ends");
        process
    }

    fn seen(sessions: &Sessions) -> &Seen {
        &sessions.sessions[0]
    }

    #[test]
    fn a_session_is_over_when_what_two_looks_had_above_them_is_gone() {
        let (client, shell, other_shell) = (gone(), gone(), gone());
        let mut sessions = Sessions::default();
        sessions.look("s", HERE, &[shell, client], 100);
        assert!(!seen(&sessions).is_gone(HERE), "one look says nothing");
        sessions.look("s", HERE, &[other_shell, client], 200);
        assert_eq!(seen(&sessions).above, [client]);
        assert!(seen(&sessions).is_gone(HERE));
        assert!(!seen(&sessions).is_gone("another machine"));

        // It is resumed: what it began before is gone, what it begins now is not.
        let here = above("s");
        sessions.look("s", HERE, &here, 300);
        assert_eq!(seen(&sessions).gone_before, Some(300));
        assert!(!seen(&sessions).is_gone(HERE));
        sessions.look("s", HERE, &here, 400);
        assert!(seen(&sessions).sure && !seen(&sessions).is_gone(HERE));
        assert_eq!(seen(&sessions).gone_before, Some(300));
    }

    #[test]
    fn a_look_from_aside_says_nothing() {
        let client = gone();
        let first = Process { pid: 1, began: 1 };
        let mut sessions = Sessions::default();
        sessions.look("s", HERE, &[client, first], 100);
        for aside in [&[first][..], &[]] {
            sessions.look("s", HERE, aside, 200);
            assert!(!seen(&sessions).sure, "{aside:?}");
        }
        sessions.look("s", "another machine", &[client, first], 300);
        assert!(!seen(&sessions).sure, "the numbers are of another machine");
    }

    #[test]
    fn what_ran_before_is_over() {
        let known = [super::Over {
            id: "s".to_owned(),
            before_ms: 5000,
        }];
        assert!(is_over(&known, "s", 4999));
        assert!(!is_over(&known, "s", 5000) && !is_over(&known, "t", 1));
    }

    #[test]
    fn this_process_is_seen_from_below() {
        let line = above("s");
        assert!(line.iter().all(|process| process.is_there()), "{line:?}");
        assert!(line.len() > 1, "{line:?}");
    }
}
