//! One observe-and-apply at a time: a lock in the user's state folder, by name and place: a project, or a town.
//!
//! The system lets go of it when its holder dies, however it dies. What the holder had started may still be running then, so its
//! writing commands stand in the lock's file, and the next holder waits until they are gone. Each stands there before it is
//! started, by a mark that only its environment has; from its start on by its process group.
//!
//! There is no moment in between: a process that is not yet the program that it will be still has the file of the lock open, so
//! that nobody else gets the lock; from then on it has its mark.

mod left;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
pub use left::MARK;
use left::{Command, Group, Left};
use serde::{Deserialize, Serialize};

use crate::digest;

/// How often a lock that is held by another is tried: a person does not see it, and it costs nothing.
const EVERY: Duration = Duration::from_millis(25);
/// How long the file is from the beginning on: eight commands at once have room in it. So a note changes bytes that are there, by
/// one call: it needs no room on the disk, and a kill does not leave half of it.
const FILE_BYTES: usize = 4096;

/// Why a lock is not to be had.
#[derive(Debug)]
pub enum Busy {
    /// Another run holds it.
    Held {
        /// Its process.
        pid: u32,
    },
    /// What a run that has died had started is still running, or may be.
    LeftRunning {
        /// The process groups, as far as they can be seen.
        groups: Vec<u32>,
    },
}

/// What stands in the file of a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
struct Holder {
    pid: u32,
    /// The session of its process: what it starts belongs to it, and a daemon does not.
    session: Option<u32>,
    /// The commands that write and have not ended.
    commands: Vec<Command>,
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Held {
    file: File,
    holder: Holder,
}

/// Takes the lock of a name in a place, waiting for another holder at most `wait`. `folder` is where locks are kept.
///
/// # Errors
/// When the folder can't be used. That the lock is not to be had in time is [`Busy`].
pub fn acquire(folder: &Path, place: &Path, name: &str, wait: Duration) -> Result<std::result::Result<Held, Busy>> {
    let deadline = Instant::now() + wait;
    let mut file = open(folder, place, name)?;
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
    let dead = read(&mut file);
    if let Err(busy) = wait_for(&dead, deadline) {
        return Ok(Err(busy));
    }
    let held = Held {
        file,
        holder: Holder {
            pid: std::process::id(),
            session: left::session(),
            commands: Vec::new(),
        },
    };
    held.write().context("writing the lock")?;
    Ok(Ok(held))
}

/// Waits until nothing runs any more of what a dead holder has started.
fn wait_for(dead: &Holder, deadline: Instant) -> std::result::Result<(), Busy> {
    // What is not seen is looked for twice: in its first microseconds a program has no environment yet.
    let mut seen_none = dead.commands.iter().all(|command| command.group.is_some());
    loop {
        let left: Vec<Left> = dead.commands.iter().map(|command| command.left(dead.session)).collect();
        if left.iter().all(|left| *left == Left::Nothing) {
            if seen_none {
                return Ok(());
            }
            seen_none = true;
        } else if Instant::now() >= deadline {
            let group = |left: &Left| match left {
                Left::Running(group) => Some(*group),
                Left::Nothing | Left::Unknown => None,
            };
            let groups = left.iter().filter_map(group).collect();
            return Err(Busy::LeftRunning { groups });
        }
        thread::sleep(EVERY);
    }
}

impl Held {
    /// Notes that a command which writes is about to be started, with its mark ([`MARK`]) and how long it may take.
    ///
    /// # Errors
    /// When it can't be written: the command must not be started then.
    pub fn starting(&mut self, mark: &str, timeout: Duration) -> Result<()> {
        self.holder.commands.push(Command::new(mark, timeout));
        let written = self.write().context("noting a command in the lock");
        if written.is_err() {
            self.forget(mark);
        }
        written
    }

    /// Notes that it was started. Where this can't be written its mark stands there still.
    pub fn started(&mut self, mark: &str, group: u32) {
        for command in self.holder.commands.iter_mut().filter(|command| command.mark == mark) {
            command.group = Some(Group::now(group));
        }
        let _ = self.write();
    }

    /// Notes that it has ended, or was not started.
    pub fn ended(&mut self, mark: &str) {
        self.forget(mark);
        // One that stands there after it has ended is looked for by the next holder, and not found.
        let _ = self.write();
    }

    fn forget(&mut self, mark: &str) {
        self.holder.commands.retain(|command| command.mark != mark);
    }

    fn write(&self) -> Result<()> {
        let mut text = serde_json::to_vec(&self.holder)?;
        ensure!(text.len() <= FILE_BYTES, "more commands than there is room for");
        text.resize(FILE_BYTES, b' ');
        self.file.write_all_at(&text, 0)?;
        Ok(())
    }
}

fn open(folder: &Path, place: &Path, name: &str) -> Result<File> {
    let key = digest::sha256(format!("{}\0{name}", place.display()).as_bytes());
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

#[cfg(test)]
mod tests;
