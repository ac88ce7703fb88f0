//! What a run that was killed has left running: found by its process group, or by the mark in its environment.

use std::fs::{self, DirEntry};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, geteuid, test_kill_process_group};
use serde::{Deserialize, Serialize};

use crate::stat::Stat;

/// The variable that a command which writes has in its environment: whose it is, in the words of the audit log.
pub const MARK: &str = "CONDUCTOR_RUN";

/// A command that writes, from before its start to its end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Command {
    pub(super) mark: String,
    /// When it ends at the latest, in milliseconds since 1970: its host may not be there to end it, but most end by themselves.
    until: u64,
    /// Once it was started.
    pub(super) group: Option<Group>,
}

/// A process group, with the moment its leader began: numbers are used again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Group {
    id: u32,
    began: Option<u64>,
}

/// What is left of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Nothing,
    /// This process group.
    Running(u32),
    /// Whether anything is can't be seen, and its time is not over.
    Unknown,
}

impl Command {
    pub(super) fn new(mark: &str, timeout: Duration) -> Self {
        Self {
            mark: mark.to_owned(),
            until: now().saturating_add(timeout.as_millis().try_into().unwrap_or(u64::MAX)),
            group: None,
        }
    }

    /// What is left of it, in the session of its host.
    pub(super) fn left(&self, session: Option<u32>) -> Left {
        match &self.group {
            Some(group) if group.is_running() => Left::Running(group.id),
            Some(_) => Left::Nothing,
            None if Path::new("/proc/self/environ").exists() => {
                marked(&self.mark, session).map_or(Left::Nothing, Left::Running)
            }
            None if now() < self.until => Left::Unknown,
            None => Left::Nothing,
        }
    }
}

impl Group {
    /// One that was just started.
    pub(super) fn now(id: u32) -> Self {
        let began = Stat::of(id).map(|stat| stat.began);
        Self { id, began }
    }

    fn is_running(&self) -> bool {
        let Some(pid) = i32::try_from(self.id).ok().and_then(Pid::from_raw) else {
            return false;
        };
        let alive = test_kill_process_group(pid).is_ok();
        let began = Stat::of(self.id).map(|stat| stat.began);
        // A leader that began at another moment is another group's. One that is gone can leave members behind.
        alive && (began.is_none() || self.began.is_none() || began == self.began)
    }
}

/// The process group of a living process of ours with this mark. A daemon inherits the mark and lives on, as one that has left
/// its process group does: it is in a session of its own.
fn marked(mark: &str, session: Option<u32>) -> Option<u32> {
    let variable = format!("{MARK}={mark}");
    let group = |process: DirEntry| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        let ours = process.metadata().ok()?.uid() == geteuid().as_raw();
        let has_mark = || {
            let environ = fs::read(process.path().join("environ")).unwrap_or_default();
            environ.split(|&byte| byte == 0).any(|one| one == variable.as_bytes())
        };
        let stat = Stat::of(pid).filter(|_| ours && has_mark())?;
        let of_it = session.is_none_or(|session| stat.session == session);
        of_it.then_some(stat.group)
    };
    fs::read_dir("/proc").ok()?.flatten().find_map(group)
}

/// The session of this process; only Linux tells, and only there it is asked for.
pub(super) fn session() -> Option<u32> {
    Stat::of(std::process::id()).map(|stat| stat.session)
}

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_millis().try_into().unwrap_or(u64::MAX)
}
