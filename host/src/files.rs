//! Reading the files of a place: the only module that touches a project's files.
//!
//! A granted folder is opened beneath its place, and everything else beneath that handle, so that neither `..`, an absolute
//! path nor a link can lead out, whatever changes meanwhile (cap-std; one `openat2` a file where the system has it). A whole
//! folder is read in one call and on all cores, because a plugin that asks file by file pays for the border each time.

use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, MetadataExt, OpenOptions, OpenOptionsExt};

mod write;

use crate::pattern::{Active, Patterns};
use crate::visible;

/// How deep a walk goes below the granted folder: the deepest real layout met has four levels.
pub const MAX_DEPTH: usize = 8;
/// How much one snapshot reads in all: a quarter of a plugin's memory, since it holds the bytes and what it makes of them.
pub const MAX_SNAPSHOT_BYTES: u64 = 64 << 20;
/// How many entries, and folders to be walked, one snapshot has at most, so that their paths alone can't fill a plugin's memory
/// or ours.
pub const MAX_ENTRIES: usize = 200_000;
/// From how many folders on a level is walked on all cores; below that starting a thread costs more than it saves.
const PARALLEL_FROM: usize = 48;

/// The most characters that are shown of a path that a plugin has made up.
const MAX_PATH: usize = 256;
/// Codes that are looked at here too.
const TOO_BIG: &str = "too-big";
/// See [`TOO_BIG`].
const NOT_FOUND: &str = "not-found";

/// Why a file can't be had; the codes are those of `wit/types.wit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// What kind.
    pub code: &'static str,
    /// One sentence for a person.
    pub message: String,
}

/// One file or folder that a pattern matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path below the granted folder; a folder's ends with `/`.
    pub path: String,
    /// Its bytes (none for a folder), or why they can't be had.
    pub content: Result<Vec<u8>, FileError>,
}

/// A granted folder, or a granted single file, beneath its place.
#[derive(Debug)]
pub enum Granted {
    /// A folder: everything in it.
    Folder(Dir),
    /// A single file: the folder it lies in, and its name.
    File(Dir, String),
}

impl Granted {
    /// Opens what a grant names, beneath its place.
    ///
    /// # Errors
    /// When it is not there, leads out of the place, or can't be read.
    pub fn open(place: &Path, path: &str) -> Result<Self, FileError> {
        let place = Dir::open_ambient_dir(place, ambient_authority()).map_err(|error| wording(path, &error))?;
        match place.open_dir(path) {
            Ok(folder) => Ok(Self::Folder(folder)),
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NOTDIR.raw_os_error()) => {
                Ok(Self::File(place, path.to_owned()))
            }
            Err(error) => Err(wording(path, &error)),
        }
    }

    /// Reads one file; `path` is empty for the file that a grant itself is.
    ///
    /// # Errors
    /// When the path is not a plain relative one, or the file can't be had.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        match self {
            Self::File(place, name) if path.is_empty() => read_within(place, name, name, MAX_SNAPSHOT_BYTES),
            Self::File(_, name) => Err(error(
                "invalid-path",
                format!("the grant is the single file `{name}`: its path is empty"),
            )),
            Self::Folder(folder) => {
                check_path(path)?;
                read_within(folder, path, path, MAX_SNAPSHOT_BYTES)
            }
        }
    }

    /// Walks and reads every match of the patterns.
    ///
    /// # Errors
    /// When a pattern is not right, the grant is no folder, or the folder itself can't be listed.
    pub fn snapshot(&self, patterns: &[String], max_bytes: u64) -> Result<Vec<Entry>, FileError> {
        let Self::Folder(folder) = self else {
            return Err(error("not-a-folder", "the grant is a single file: read it".to_owned()));
        };
        let patterns = Patterns::parse(patterns).map_err(|wrong| error("invalid-pattern", wrong))?;
        let start = Level {
            path: String::new(),
            active: patterns.start(),
        };
        let walk = Walk {
            root: folder,
            patterns: &patterns,
            max_bytes,
            left: AtomicU64::new(MAX_SNAPSHOT_BYTES),
            found: AtomicUsize::new(0),
        };
        folder.entries().map_err(|error| wording(".", &error))?;
        let mut entries = walk.all(start)?;
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        entries.dedup_by(|a, b| a.path == b.path);
        Ok(entries)
    }
}

/// A folder that is still to be walked, with what may match in it.
struct Level {
    path: String,
    active: Active,
}

/// One snapshot under way.
struct Walk<'a> {
    root: &'a Dir,
    patterns: &'a Patterns,
    max_bytes: u64,
    /// The bytes that may still be read.
    left: AtomicU64,
    /// The entries, and the folders that are still to be walked.
    found: AtomicUsize,
}

impl Walk<'_> {
    fn all(&self, start: Level) -> Result<Vec<Entry>, FileError> {
        let mut entries = Vec::new();
        let mut levels = vec![start];
        for _ in 0..=MAX_DEPTH {
            if levels.is_empty() {
                break;
            }
            levels = self.level(&levels, &mut entries);
            if self.is_full() {
                let what = format!("there are more than {MAX_ENTRIES} files and folders to look at");
                return Err(error("limit", what));
            }
        }
        for level in levels {
            let deep = error(
                "too-deep",
                format!("`{}` is more than {MAX_DEPTH} folders deep", level.path),
            );
            entries.push(Entry {
                path: level.path,
                content: Err(deep),
            });
        }
        Ok(entries)
    }

    /// Walks all folders of one depth, on all cores where there are many.
    fn level(&self, levels: &[Level], entries: &mut Vec<Entry>) -> Vec<Level> {
        // Asking for the cores reads several files of the system: only where it can pay.
        if levels.len() < PARALLEL_FROM {
            return self.some(levels, entries);
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        let share = levels.len().div_ceil(threads);
        let walked: Vec<_> = std::thread::scope(|scope| {
            let walk = |share| {
                let mut entries = Vec::new();
                let deeper = self.some(share, &mut entries);
                (entries, deeper)
            };
            let running: Vec<_> = levels
                .chunks(share)
                .map(|share| {
                    (
                        share,
                        std::thread::Builder::new().spawn_scoped(scope, move || walk(share)),
                    )
                })
                .collect();
            let ended = running.into_iter().map(|(share, thread)| match thread {
                Ok(thread) => thread.join().expect("a walk does not panic"),
                // The system starts no further thread (`ulimit -u`).
                Err(_) => walk(share),
            });
            ended.collect()
        });
        let mut all_deeper = Vec::new();
        for (found, deeper) in walked {
            entries.extend(found);
            all_deeper.extend(deeper);
        }
        all_deeper
    }

    fn some(&self, levels: &[Level], entries: &mut Vec<Entry>) -> Vec<Level> {
        let mut deeper = Vec::new();
        for level in levels {
            if let Err(error) = self.folder(level, entries, &mut deeper) {
                entries.push(Entry {
                    path: level.path.clone(),
                    content: Err(wording(&level.path, &error)),
                });
            }
        }
        deeper
    }

    fn folder(&self, level: &Level, entries: &mut Vec<Entry>, deeper: &mut Vec<Level>) -> io::Result<()> {
        let opened;
        let folder = if level.path.is_empty() {
            self.root
        } else {
            opened = self.root.open_dir(level.path.trim_end_matches('/'))?;
            &opened
        };
        for entry in folder.entries()? {
            let entry = entry?;
            let os_name = entry.file_name();
            let name = os_name.to_string_lossy();
            let matched = self.patterns.matched(&level.active, &name);
            if matched.is_nothing() {
                continue;
            }
            if self.is_full() {
                return Ok(());
            }
            self.found.fetch_add(1, Ordering::Relaxed);
            let path = format!("{}{name}", level.path);
            let Some(name) = os_name.to_str() else {
                let content = Err(error("name-not-utf8", format!("the name of `{path}` is not UTF-8")));
                entries.push(Entry { path, content });
                continue;
            };
            let is_link = entry.file_type()?.is_symlink();
            if self.is_folder(&entry.file_type()?, &path) {
                let entry = matched.folder.then(|| Entry {
                    path: format!("{path}/"),
                    content: Ok(Vec::new()),
                });
                entries.extend(entry);
                let leads_up = is_link && self.leads_up(&path);
                if !matched.deeper.is_empty() && !leads_up {
                    deeper.push(Level {
                        path: format!("{path}/"),
                        active: matched.deeper,
                    });
                }
            } else if matched.file {
                let content = self.read(folder, name, &path, is_link);
                entries.push(Entry { path, content });
            }
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.found.load(Ordering::Relaxed) > MAX_ENTRIES
    }

    /// Whether a link leads to a folder that it lies in. What is there is walked by its own name; by this one the walk would
    /// come by again and again.
    fn leads_up(&self, path: &str) -> bool {
        let id = |path: &str| self.root.metadata(path).map(|it| (it.dev(), it.ino())).ok();
        let target = id(path);
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        above.chain(["."]).any(|folder| id(folder) == target)
    }

    /// A link counts as what it leads to, as long as that lies beneath the granted folder.
    fn is_folder(&self, kind: &cap_std::fs::FileType, path: &str) -> bool {
        kind.is_dir() || (kind.is_symlink() && self.root.metadata(path).is_ok_and(|metadata| metadata.is_dir()))
    }

    /// A link is opened from the granted folder, since it may lead up as long as it does not lead out.
    fn read(&self, folder: &Dir, name: &str, path: &str, is_link: bool) -> Result<Vec<u8>, FileError> {
        let most = self.max_bytes.min(self.left.load(Ordering::Relaxed));
        let bytes = if is_link {
            read_within(self.root, path, path, most)
        } else {
            read_within(folder, name, path, most).map_err(|error| vanished(error, path))
        };
        let bytes = match bytes {
            Err(error) if error.code == TOO_BIG && most < self.max_bytes => return Err(too_much(path)),
            bytes => bytes?,
        };
        let fits = |left: u64| left.checked_sub(bytes.len() as u64);
        if self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits)
            .is_err()
        {
            return Err(too_much(path));
        }
        Ok(bytes)
    }
}

/// Reads a regular file of at most `max_bytes`. It is opened without waiting, since a FIFO would wait for a writer for ever.
fn read_within(folder: &Dir, name: &str, path: &str, max_bytes: u64) -> Result<Vec<u8>, FileError> {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    let file = folder
        .open_with(name, &options)
        .map_err(|error| wording(path, &error))?;
    let metadata = file.metadata().map_err(|error| wording(path, &error))?;
    if !metadata.is_file() {
        return Err(error("not-a-file", format!("`{path}` is not a regular file")));
    }
    if metadata.len() > max_bytes {
        return Err(too_big(path, max_bytes));
    }
    read_to_end(file, metadata.len(), max_bytes)
        .map_err(|error| wording(path, &error))?
        .ok_or_else(|| too_big(path, max_bytes))
}

/// The bytes, or nothing when the file has grown past the bound since it was looked at.
fn read_to_end(file: File, expected: u64, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0) + 1);
    file.take(max_bytes + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= max_bytes).then_some(bytes))
}

/// A path from a plugin: relative, without empty parts, `.` and `..`. (It could not lead out anyway; this gives a clear error.)
fn check_path(path: &str) -> Result<(), FileError> {
    if path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !path.contains('\0') {
        return Ok(());
    }
    let what = "has to be relative, with `/` between its parts and no `.` or `..`";
    Err(error(
        "invalid-path",
        format!("the path `{}` {what}", visible::line(path, MAX_PATH)),
    ))
}

fn error(code: &'static str, message: String) -> FileError {
    FileError { code, message }
}

/// A file that was listed a moment ago.
fn vanished(cause: FileError, path: &str) -> FileError {
    if cause.code != NOT_FOUND {
        return cause;
    }
    error(
        "vanished",
        format!("`{path}` was there and is gone: it was removed while it was read"),
    )
}

fn too_much(path: &str) -> FileError {
    let most = MAX_SNAPSHOT_BYTES >> 20;
    error(
        TOO_BIG,
        format!("with `{path}` there would be more than the {most} MiB that are read in one go"),
    )
}

fn too_big(path: &str, max_bytes: u64) -> FileError {
    error(
        TOO_BIG,
        format!("`{path}` is larger than the {max_bytes} bytes that are read of it"),
    )
}

/// Says in our words what the system said. cap-std reports a way out as a refusal without a number of the system.
fn wording(path: &str, cause: &io::Error) -> FileError {
    let path = visible::line(path, MAX_PATH);
    match cause.kind() {
        io::ErrorKind::NotFound => error(NOT_FOUND, format!("`{path}` is not there")),
        io::ErrorKind::PermissionDenied if cause.raw_os_error().is_none() => error(
            "outside",
            format!("`{path}` leads out of the folder that is granted: the link is not followed"),
        ),
        _ => error("unreadable", format!("`{path}` can't be read: {cause}")),
    }
}
