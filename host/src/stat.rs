//! What Linux tells of a process; other systems tell nothing of it here.

use std::fs;

/// A line of `/proc/PID/stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The process that started it, or took it over.
    pub parent: u32,
    /// Its process group.
    pub group: u32,
    /// Its session, of the system's and not of Claude Code's.
    pub session: u32,
    /// When it began, in ticks since the machine did: numbers of processes are used again, this with them is not.
    pub began: u64,
}

impl Stat {
    /// A process, by its number.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may hold anything: count from its end. Field 3 of proc(5) is the first behind it.
        let (_, behind) = stat.rsplit_once(')')?;
        let field = |number: usize| behind.split_whitespace().nth(number - 3);
        Some(Self {
            parent: field(4)?.parse().ok()?,
            group: field(5)?.parse().ok()?,
            session: field(6)?.parse().ok()?,
            began: field(22)?.parse().ok()?,
        })
    }
}
