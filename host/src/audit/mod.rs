//! The audit log: what plugins did to the machine and what they were refused, written down where the user can look it up.
//!
//! A run holds an [`Audit`]. What changes something is written down before it is done and again afterwards, and it is not done
//! when the first line can't be written. What only reads is written down when it has ended. A refusal is written down when it
//! first occurs; how often it did, when the run ends. Nothing of the environment is ever in it.

mod log;
mod record;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::Timestamp;

use crate::error::Error;
use crate::folders;
use crate::manifest::Effect;
pub use log::FILE_BYTES;
use log::{Book, Log};
use record::VERSION;
pub use record::{ARGUMENTS, Content, Decision, Operation, Outcome, Record, Text, VALUE_BYTES, What};

/// How many different refusals of a run are written down; the others are counted together. A plugin that tries all it can think
/// of says nothing new after these.
pub const REFUSALS: usize = 16;
/// The most bytes of one run among the writes, and likewise among the reads: half a file, so that no run pushes out more than the
/// oldest records of others. A run that has changed so much changes nothing more; further reads are counted.
pub const RUN_BYTES: u64 = 2 << 20;
/// The code of the record that counts the others.
const OTHERS: &str = "others";

/// Whose run it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The plugin's name.
    pub plugin: String,
    /// The SHA-256 of its component.
    pub digest: String,
    /// The project, where it has one.
    pub project: Option<PathBuf>,
    /// The plugin's arguments, as one JSON object.
    pub arguments: String,
}

/// Something that the host is about to do, for a plugin or with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed<'a> {
    /// A program is started.
    Command {
        /// The name of the command in the manifest.
        name: &'a str,
        /// Its template, as it is shown.
        template: &'a str,
        /// The arguments that came of it, the program first.
        argv: &'a [String],
        /// What it is given to read.
        stdin: Option<&'a Content>,
        /// What is in the files that were written for it, in the order of their paths in the arguments.
        files: &'a [Content],
    },
    /// A file is changed.
    File {
        /// The grant that it lies in.
        grant: &'a str,
        /// Its path below what is granted.
        path: &'a str,
        /// What is done with it.
        operation: Operation,
        /// The length of its new content.
        bytes: u64,
        /// The SHA-256 of what is there, in hex.
        before: Option<&'a str>,
        /// The SHA-256 of its new content, in hex.
        after: Option<&'a str>,
    },
    /// The user's word about the plugin is carried out.
    Decision(Decision, &'a [String]),
}

impl Deed<'_> {
    fn begun(self, effect: Effect) -> What {
        match self {
            Self::Command {
                name,
                template,
                argv,
                stdin,
                files,
            } => What::Command {
                name: name.to_owned(),
                template: Text::new(template),
                argv: Text::list(argv),
                stdin: stdin.cloned(),
                files: files.iter().take(ARGUMENTS).cloned().collect(),
                effect,
                outcome: Outcome::Begun,
                duration_ms: None,
            },
            Self::File {
                grant,
                path,
                operation,
                bytes,
                before,
                after,
            } => What::File {
                grant: grant.to_owned(),
                path: Text::new(path),
                operation,
                bytes,
                before: before.map(str::to_owned),
                after: after.map(str::to_owned),
                outcome: Outcome::Begun,
            },
            Self::Decision(decision, grants) => What::Decision {
                decision,
                grants: grants.to_vec(),
                outcome: Outcome::Begun,
            },
        }
    }
}

/// The audit log, as one run of a plugin writes it. Clones are the same one; threads may share it.
#[derive(Clone, Debug)]
pub struct Audit(Arc<Mutex<Open>>);

#[derive(Debug)]
struct Open {
    run: Run,
    /// The folder, or why there is none.
    log: std::result::Result<Log, String>,
    /// The name of the run, once it has a record.
    id: Option<String>,
    records: u32,
    /// Whether one of the records is of a write.
    wrote: bool,
    refusals: Vec<Refused>,
    others: u64,
    /// How many bytes of it are among the writes, and among the reads.
    written: u64,
    read: u64,
    /// Reads that have begun, by their numbers.
    reading: BTreeMap<u32, Record>,
    /// Reads that are not listed, since there were so many.
    unlisted: u64,
    /// Whether its end is written down.
    ended: bool,
    warning: Option<String>,
}

/// A refusal that is written down already, with how often it occurred since.
#[derive(Debug)]
struct Refused {
    code: String,
    message: String,
    record: Record,
    count: u64,
}

impl Audit {
    /// For a run, in the user's state folder. Nothing is opened or made before the first record.
    #[must_use]
    pub fn open(run: Run) -> Self {
        Self::with(
            run,
            folders::state().map(Log::new).map_err(|error| format!("{error:#}")),
        )
    }

    /// The same in another folder.
    #[cfg(test)]
    fn in_folder(run: Run, folder: &Path) -> Self {
        Self::with(run, Ok(Log::new(folder.to_owned())))
    }

    fn with(run: Run, log: std::result::Result<Log, String>) -> Self {
        Self(Arc::new(Mutex::new(Open {
            run,
            log,
            id: None,
            records: 0,
            wrote: false,
            refusals: Vec::new(),
            others: 0,
            written: 0,
            read: 0,
            reading: BTreeMap::new(),
            unlisted: 0,
            ended: false,
            warning: None,
        })))
    }

    /// Whether the run has changed something, or has begun to.
    #[must_use]
    pub fn has_written(&self) -> bool {
        self.get().wrote
    }

    fn get(&self) -> MutexGuard<'_, Open> {
        // What a panic can leave behind is a record that was not written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down, on the disk, that something is about to be changed. It may be changed only after this has succeeded.
    ///
    /// # Errors
    /// When it can't be written down, `audit`, or when the run has changed as much as one may, `limit`; with what to do.
    pub fn begin_write(&self, deed: Deed<'_>) -> std::result::Result<Pending, Error> {
        let mut open = self.get();
        if open.written >= RUN_BYTES {
            return Err(too_much());
        }
        let record = open.record(deed.begun(Effect::Write));
        open.append(Book::Writes, &record, true)
            .map_err(|error| cant_write(&error))?;
        open.wrote = true;
        drop(open);
        Ok(self.pending(record, Book::Writes))
    }

    /// Begins something that only reads; it is written down when it has ended.
    #[must_use = "what has come of it is said by `end`"]
    pub fn read(&self, deed: Deed<'_>) -> Pending {
        let mut open = self.get();
        let record = open.record(deed.begun(Effect::Read));
        open.reading.insert(record.id, record.clone());
        drop(open);
        self.pending(record, Book::Reads)
    }

    fn pending(&self, record: Record, book: Book) -> Pending {
        Pending {
            audit: self.clone(),
            record,
            book,
            since: Instant::now(),
            ended: false,
        }
    }

    /// Writes down a refusal, or counts it when this run has had it before.
    pub fn refused(&self, code: &str, message: &str) {
        let mut open = self.get();
        let same = |refused: &&mut Refused| refused.code == code && refused.message == message;
        if let Some(refused) = open.refusals.iter_mut().find(same) {
            refused.count += 1;
        } else if open.refusals.len() < REFUSALS {
            let record = open.record(refusal(code, message, 1));
            open.append_or_warn(Book::Reads, &record);
            open.refusals.push(Refused {
                code: code.to_owned(),
                message: message.to_owned(),
                record,
                count: 1,
            });
        } else {
            open.others += 1;
        }
    }

    /// Writes down how often what was refused, and how the run ended. A run without any record leaves none of this either. Only
    /// the first call counts.
    pub fn end(&self, exit: u8) {
        let mut open = self.get();
        if std::mem::replace(&mut open.ended, true) {
            return;
        }
        open.end_refusals();
        // What is still under way has begun all the same.
        for record in std::mem::take(&mut open.reading).into_values() {
            open.append_read(&record);
        }
        if open.records > 0 {
            let what = What::Run {
                arguments: Text::new(&open.run.arguments),
                exit,
                unlisted: open.unlisted,
            };
            let record = open.record(what);
            let book = if open.wrote { Book::Writes } else { Book::Reads };
            open.append_or_warn(book, &record);
        }
    }

    /// The same for a process that has to end in any case: it waits no longer than `most`, since what hangs may be the log.
    pub fn end_within(&self, most: Duration, exit: u8) {
        let (audit, (done, ended)) = (self.clone(), channel::<()>());
        thread::spawn(move || {
            audit.end(exit);
            drop(done);
        });
        // Either way there is nothing more to do.
        let _ = ended.recv_timeout(most);
    }

    /// Why something could not be written down that is no reason to stop.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        self.get().warning.clone()
    }
}

fn refusal(code: &str, message: &str, count: u64) -> What {
    What::Refusal {
        code: code.to_owned(),
        message: Text::new(message),
        count,
    }
}

fn too_much() -> Error {
    let most = RUN_BYTES >> 20;
    Error::limit(
        "limit",
        format!("nothing more is changed: what this run has changed fills {most} MiB of the audit log, which is all that one run may"),
    )
    .hinted("run it again, if it is meant to change so much")
}

fn cant_write(error: &anyhow::Error) -> Error {
    Error::failed(
        "audit",
        format!("nothing was changed, since it can't be written into the audit log: {error:#}"),
    )
    .hinted("what changes something is done only once it is written down there: make room, or repair that folder")
}

impl Open {
    /// The next record of this run.
    fn record(&mut self, what: What) -> Record {
        let time = now();
        let run = self.id.get_or_insert_with(|| name_of_run(time)).clone();
        self.records += 1;
        Record {
            v: VERSION,
            time,
            run,
            id: self.records,
            plugin: self.run.plugin.clone(),
            digest: self.run.digest.clone(),
            project: self
                .run
                .project
                .as_deref()
                .map(|path| Text::new(&path.to_string_lossy())),
            what,
        }
    }

    fn append(&mut self, book: Book, record: &Record, durable: bool) -> Result<()> {
        let bytes = match &mut self.log {
            Ok(log) => log.append(book, record, durable)?,
            Err(why) => anyhow::bail!("{why}"),
        };
        match book {
            Book::Writes => self.written += bytes,
            Book::Reads => self.read += bytes,
        }
        Ok(())
    }

    fn append_or_warn(&mut self, book: Book, record: &Record) {
        if let Err(error) = self.append(book, record, false) {
            self.warning
                .get_or_insert_with(|| format!("the audit log can't be written: {error:#}"));
        }
    }

    fn append_read(&mut self, record: &Record) {
        if self.read < RUN_BYTES {
            self.append_or_warn(Book::Reads, record);
        } else {
            self.unlisted += 1;
        }
    }

    fn end_refusals(&mut self) {
        for refused in std::mem::take(&mut self.refusals) {
            if refused.count > 1 {
                let what = refusal(&refused.code, &refused.message, refused.count);
                self.append_or_warn(Book::Reads, &Record { what, ..refused.record });
            }
        }
        if self.others > 0 {
            let message = format!("other refusals, behind the first {REFUSALS} different ones");
            let record = self.record(refusal(OTHERS, &message, self.others));
            self.append_or_warn(Book::Reads, &record);
            self.others = 0;
        }
    }
}

/// Milliseconds are enough for a person, and numbers within a run order the rest.
fn now() -> Timestamp {
    Timestamp::from_millisecond(Timestamp::now().as_millisecond()).expect("now is a time")
}

/// No other run has the same name: none of this process begins in the same moment, and no other process has its number.
fn name_of_run(now: Timestamp) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    format!("{:x}-{:x}-{run:x}", now.as_millisecond(), std::process::id())
}

/// Something that has begun.
#[derive(Debug)]
pub struct Pending {
    audit: Audit,
    record: Record,
    book: Book,
    since: Instant,
    ended: bool,
}

impl Pending {
    /// The run and the number in it: no other record has the same.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", self.record.run, self.record.id)
    }

    /// Writes down what came of it. It is too late to stop it when that fails; [`Audit::warning`] tells.
    pub fn end(mut self, came: Outcome) {
        match &mut self.record.what {
            What::Command {
                outcome, duration_ms, ..
            } => {
                *outcome = came;
                *duration_ms = Some(self.since.elapsed().as_millis().try_into().unwrap_or(u64::MAX));
            }
            What::File { outcome, .. } | What::Decision { outcome, .. } => *outcome = came,
            What::Refusal { .. } | What::Run { .. } => {}
        }
        self.write();
    }

    fn write(&mut self) {
        self.ended = true;
        let mut open = self.audit.get();
        match self.book {
            Book::Writes => open.append_or_warn(Book::Writes, &self.record),
            Book::Reads => {
                open.reading.remove(&self.record.id);
                open.append_read(&self.record);
            }
        }
    }
}

impl Drop for Pending {
    /// A read whose end nobody has seen was begun all the same. (A write is in the log from its beginning.)
    fn drop(&mut self) {
        if !self.ended && self.book == Book::Reads {
            self.write();
        }
    }
}

/// What is in the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// The records, oldest first.
    pub records: Vec<Record>,
    /// How many lines could not be read: a process was killed while it wrote one, or somebody has changed the file.
    pub damaged: usize,
}

/// Everything that is in the user's audit log. Where there is none, none is made.
///
/// # Errors
/// When a file of it can't be read, or is not the user's own.
pub fn records() -> Result<Records> {
    records_in(&folders::state()?)
}

fn records_in(folder: &Path) -> Result<Records> {
    let mut found = Records::default();
    let mut places = HashMap::new();
    for file in log::read(folder)? {
        for line in file.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
            let Some(record) = parse(line) else {
                found.damaged += 1;
                continue;
            };
            let place = *places
                .entry((record.run.clone(), record.id))
                .or_insert(found.records.len());
            match found.records.get_mut(place) {
                Some(earlier) => *earlier = record,
                None => found.records.push(record),
            }
        }
    }
    found
        .records
        .sort_by(|a, b| (a.time, &a.run, a.id).cmp(&(b.time, &b.run, b.id)));
    Ok(found)
}

fn parse(line: &[u8]) -> Option<Record> {
    serde_json::from_slice(line)
        .ok()
        .filter(|record: &Record| record.v == VERSION)
}

#[cfg(test)]
mod tests;
