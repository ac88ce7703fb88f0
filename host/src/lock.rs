//! One observe-and-apply at a time: a lock in the user's state folder, by name and project.
//!
//! The system lets go of it when its holder dies, however it dies. What the holder had started may still be running then, so the
//! process groups of its writing commands stand in the lock's file, and the next holder waits until they are gone.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, test_kill_process_group};
use serde::{Deserialize, Serialize};

use crate::digest;

/// How often a lock that is held by another is tried: a person does not see it, and it costs nothing.
const EVERY: Duration = Duration::from_millis(25);

/// Why a lock is not to be had.
#[derive(Debug)]
pub enum Busy {
    /// Another run holds it.
    Held {
        /// Its process.
        pid: u32,
    },
    /// What a run that has died had started is still running.
    LeftRunning {
        /// The process groups.
        groups: Vec<u32>,
    },
}

/// What stands in the file of a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
struct Holder {
    pid: u32,
    groups: Vec<Group>,
}

/// A process group, with the moment its leader began: numbers are used again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Group {
    id: u32,
    began: Option<u64>,
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Held {
    file: File,
    holder: Holder,
}

/// Takes the lock of a name in a project, waiting for another holder at most `wait`. `folder` is where locks are kept.
///
/// # Errors
/// When the folder can't be used. That the lock is not to be had in time is [`Busy`].
pub fn acquire(folder: &Path, project: &Path, name: &str, wait: Duration) -> Result<std::result::Result<Held, Busy>> {
    let deadline = Instant::now() + wait;
    let mut file = open(folder, project, name)?;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(EVERY),
            Err(TryLockError::WouldBlock) => {
                return Ok(Err(Busy::Held {
                    pid: read(&mut file).pid,
                }));
            }
            Err(TryLockError::Error(error)) => return Err(error).context("locking"),
        }
    }
    let mut left = read(&mut file).groups;
    loop {
        left.retain(Group::is_running);
        if left.is_empty() {
            break;
        }
        if Instant::now() >= deadline {
            return Ok(Err(Busy::LeftRunning {
                groups: left.iter().map(|group| group.id).collect(),
            }));
        }
        thread::sleep(EVERY);
    }
    let mut held = Held {
        file,
        holder: Holder {
            pid: std::process::id(),
            groups: Vec::new(),
        },
    };
    held.write().context("writing the lock")?;
    Ok(Ok(held))
}

impl Held {
    /// Notes that a writing command was started, before anything waits for it.
    ///
    /// # Errors
    /// When it can't be written: the command must not go on then.
    pub fn started(&mut self, group: u32) -> Result<()> {
        self.holder.groups.push(Group {
            id: group,
            began: began(group),
        });
        self.write().context("noting a started command in the lock")
    }

    /// Notes that it has ended.
    pub fn ended(&mut self, group: u32) {
        self.holder.groups.retain(|known| known.id != group);
        // A group that stands there after it has ended is looked for by the next holder, and not found.
        let _ = self.write();
    }

    fn write(&mut self) -> Result<()> {
        let text = serde_json::to_vec(&self.holder)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.set_len(0)?;
        self.file.write_all(&text)?;
        Ok(())
    }
}

impl Group {
    fn is_running(&self) -> bool {
        let Some(pid) = i32::try_from(self.id).ok().and_then(Pid::from_raw) else {
            return false;
        };
        let alive = test_kill_process_group(pid).is_ok();
        // A leader that began at another moment is another group's. One that is gone can leave members behind.
        alive && (began(self.id).is_none() || self.began.is_none() || began(self.id) == self.began)
    }
}

/// When a process began, in ticks since the machine did; only Linux tells.
fn began(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything: count from its end. Field 22 of proc(5) is the 20th behind it.
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_whitespace().nth(19)?.parse().ok()
}

fn open(folder: &Path, project: &Path, name: &str) -> Result<File> {
    let key = digest::sha256(format!("{}\0{name}", project.display()).as_bytes());
    let path = folder.join(format!("{}.lock", &key[..32]));
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("opening `{}`", path.display()))
}

/// What the last holder wrote; nothing where it wrote half of it.
fn read(file: &mut File) -> Holder {
    let mut text = Vec::new();
    let read = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut text));
    read.ok()
        .and_then(|_| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}
