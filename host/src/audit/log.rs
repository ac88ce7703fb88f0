//! The files of the audit log: lines are appended whole, in a bounded space, by any number of processes at once.
//!
//! There are two books, one for what changes things and one for the rest, so that a flood of reads can't push a write out. Each
//! is a file of lines and one older generation of it. Who appends holds a lock, looks whether the file is full, and writes its
//! line by one call at the end; what could only be written in part is taken back. If a process is killed in the middle of that,
//! the next one begins a new line, so that only the broken one is lost, and a reader counts it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, OFlags};
use rustix::io::Errno;

use super::record::Record;
use crate::folders;

/// How long a file becomes before it is the older generation: at about 1 KiB a record, two of them are some thousand records,
/// which are read in a tenth of a second.
pub const FILE_BYTES: u64 = 4 << 20;
/// How long the lock is waited for. It is held for a fraction of a millisecond, so longer means that its holder was stopped.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// How often it is tried.
const LOCK_TRY: Duration = Duration::from_millis(1);
/// The name of the lock.
const LOCK: &str = "audit.lock";

/// Which file a record goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Book {
    /// What changes things.
    Writes,
    /// Reads and refusals.
    Reads,
}

impl Book {
    const ALL: [Self; 2] = [Self::Writes, Self::Reads];

    /// The file that is written, and the older generation.
    fn names(self) -> [&'static str; 2] {
        match self {
            Self::Writes => ["audit-writes.jsonl", "audit-writes.old.jsonl"],
            Self::Reads => ["audit-reads.jsonl", "audit-reads.old.jsonl"],
        }
    }
}

/// The log in a folder. Nothing is opened or made before the first line.
#[derive(Debug)]
pub(super) struct Log {
    folder: PathBuf,
    most: u64,
    lock: Option<File>,
}

impl Log {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            most: FILE_BYTES,
            lock: None,
        }
    }

    /// The same with files of another length.
    #[cfg(test)]
    pub(super) fn with_most(folder: PathBuf, most: u64) -> Self {
        Self {
            most,
            ..Self::new(folder)
        }
    }

    /// Appends a record, and gives its length; with `durable` it is on the disk afterwards.
    ///
    /// # Errors
    /// When it can't be written; then nothing of it is in the file.
    pub(super) fn append(&mut self, book: Book, record: &Record, durable: bool) -> Result<u64> {
        let mut line = serde_json::to_vec(record).context("a record is JSON")?;
        line.push(b'\n');
        if self.lock.is_none() {
            folders::checked(&self.folder)?;
            self.lock = Some(open_lock(&self.folder)?);
        }
        let file = {
            let _held = Held::wait(self.lock.as_ref().context("it was just opened")?, &self.folder)?;
            self.append_held(book, &line)?
        };
        if durable {
            file.sync_data().context("bringing the audit log to the disk")?;
            File::open(&self.folder)?.sync_all()?;
        }
        Ok(line.len() as u64)
    }

    fn append_held(&self, book: Book, line: &[u8]) -> Result<File> {
        let [name, older] = book.names().map(|name| self.folder.join(name));
        let mut file = open_to_append(&name)?;
        let mut length = file.metadata()?.len();
        if length > 0 && length + line.len() as u64 > self.most {
            rustix::fs::rename(&name, &older).with_context(|| format!("renaming `{}`", name.display()))?;
            file = open_to_append(&name)?;
            length = 0;
        }
        let written = match ends_a_line(&mut file, length)? {
            true => file.write_all(line),
            false => file.write_all(&[b"\n", line].concat()),
        };
        if let Err(error) = written {
            // Half a line would be worse than none. (If even this fails, a reader skips it.)
            let _ = file.set_len(length);
            bail!("`{}` can't be written: {error}", name.display());
        }
        Ok(file)
    }
}

fn open_to_append(path: &Path) -> Result<File> {
    folders::open_own(path, OFlags::RDWR | OFlags::APPEND | OFlags::CREATE)
        .with_context(|| format!("opening `{}`", path.display()))
}

fn ends_a_line(file: &mut File, length: u64) -> Result<bool> {
    if length == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::Start(length - 1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

fn open_lock(folder: &Path) -> Result<File> {
    let path = folder.join(LOCK);
    folders::open_own(&path, OFlags::RDWR | OFlags::CREATE).with_context(|| format!("opening `{}`", path.display()))
}

/// The lock, while it is held.
struct Held<'a>(&'a File);

impl<'a> Held<'a> {
    fn wait(lock: &'a File, folder: &Path) -> Result<Self> {
        let deadline = Instant::now() + LOCK_WAIT;
        loop {
            match rustix::fs::flock(lock, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self(lock)),
                Err(Errno::WOULDBLOCK | Errno::INTR) if Instant::now() < deadline => thread::sleep(LOCK_TRY),
                Err(Errno::WOULDBLOCK) => bail!("another process holds `{}`", folder.join(LOCK).display()),
                Err(error) => return Err(error).context("locking the audit log"),
            }
        }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // Closing the file unlocks it too.
        let _ = rustix::fs::flock(self.0, FlockOperation::Unlock);
    }
}

/// The bytes of every file of the log, each book's older generation first. Nothing is made where there is no log.
///
/// # Errors
/// When a file can't be read, or is not ours.
pub(super) fn read(folder: &Path) -> Result<Vec<Vec<u8>>> {
    if !folders::checked_if_there(folder)? {
        return Ok(Vec::new());
    }
    let lock = open_lock(folder)?;
    let _held = Held::wait(&lock, folder)?;
    let names = Book::ALL.into_iter().flat_map(|book| {
        let [name, older] = book.names();
        [older, name]
    });
    names
        .map(|name| read_file(&folder.join(name)).with_context(|| format!("reading `{}`", folder.join(name).display())))
        .collect()
}

/// The bytes of a file; none where it is not there. Never more than we would have written.
fn read_file(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path.symlink_metadata().is_ok() {
        folders::open_own(path, OFlags::RDONLY)?
            .take(2 * FILE_BYTES)
            .read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
