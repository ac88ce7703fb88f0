//! Compiled plugins on disk, so that a warm start neither compiles nor hashes nor parses a component.
//!
//! An entry is `<digest of the component>-<engine hash>.cwasm`: the compiled code, then its length and a mark, by which a file
//! that was cut off is known. Compiled code is machine code that we will run, so an entry is taken only from a folder that
//! nobody else can write, through one descriptor that was checked: a regular file of ours, with one name, not writable by
//! others. Anything else is compiled again, and the entry replaced. The only module with `unsafe` code.
#![allow(
    unsafe_code,
    reason = "loading compiled code is unsafe by nature; the checks above are its safety"
)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, ensure};
use rustix::fs::OFlags;
use wasmtime::Engine;
use wasmtime::component::Component;

use super::engine;
use crate::folders;

/// Ends every entry, behind the length of the code.
const MARK: &[u8; 8] = b"\0cwasm1\n";
/// The length of both.
const END: usize = 16;

/// How often this process has compiled, hashed and parsed a component, and taken one from the cache: tests hold the warm path to
/// it, `--verbose` shows it.
#[derive(Debug, Default)]
pub struct Counts {
    /// Components that were compiled.
    pub compiled: AtomicU32,
    /// Components that were hashed or parsed.
    pub examined: AtomicU32,
    /// Components that were taken from the cache.
    pub cached: AtomicU32,
}

/// The counts of this process.
pub static COUNTS: Counts = Counts {
    compiled: AtomicU32::new(0),
    examined: AtomicU32::new(0),
    cached: AtomicU32::new(0),
};

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [compiled, examined, cached] =
            [&self.compiled, &self.examined, &self.cached].map(|count| count.load(Ordering::Relaxed));
        write!(f, "{compiled}, {examined}, {cached}")
    }
}

impl Counts {
    /// Adds one.
    pub fn add(count: &AtomicU32) {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// The cache of one engine in one folder, or none, with the reason why there is none.
#[derive(Debug)]
pub struct Cache {
    folder: Result<PathBuf>,
    engine_hash: String,
}

impl Cache {
    /// Opens the user's cache. A folder that can't be trusted or made is no error: plugins are then compiled at each start, and
    /// [`Cache::warning`] says why.
    #[must_use]
    pub fn open(engine: &Engine) -> Self {
        let folder = folders::cache().and_then(|folder| folders::checked(&folder).map(|()| folder));
        Self {
            folder,
            engine_hash: engine::hash(engine),
        }
    }

    /// Why there is no cache.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let error = self.folder.as_ref().err()?;
        Some(format!("compiled plugins are not kept: {error:#}"))
    }

    /// Takes a compiled component out of the cache, or compiles it and puts it in.
    ///
    /// # Errors
    /// When compiling fails. Trouble with the cache only costs time.
    pub fn load(
        &self,
        engine: &Engine,
        digest: &str,
        compile: impl FnOnce() -> crate::error::Result<Vec<u8>>,
    ) -> crate::error::Result<Component> {
        if let Some(component) = self.get(engine, digest) {
            Counts::add(&COUNTS.cached);
            return Ok(component);
        }
        let code = compile()?;
        Counts::add(&COUNTS.compiled);
        // A cache that can't be written (a full disk) costs the next start its time, not this one its result.
        let _ = self.put(digest, &code);
        // SAFETY: the bytes were made a moment ago by this program's own compiler and never left its memory or its pipe.
        unsafe { Component::deserialize(engine, &code) }.map_err(|error| crate::error::Error::bug(&error.into()))
    }

    fn path(&self, digest: &str) -> Option<PathBuf> {
        Some(
            self.folder
                .as_ref()
                .ok()?
                .join(format!("{digest}-{}.cwasm", self.engine_hash)),
        )
    }

    fn get(&self, engine: &Engine, digest: &str) -> Option<Component> {
        let (file, _) = open_entry(&self.path(digest)?).ok()?;
        // SAFETY: the descriptor that was checked, by its own name (Linux and macOS have /dev/fd): a file in a folder that only
        // this user can write, itself only writable by this user and under one name, with the mark that we put behind what our
        // compiler made. It is replaced by renaming and never written in place, so it does not change while it is mapped.
        // wasmtime refuses what another version or setting has made.
        unsafe { Component::deserialize_file(engine, format!("/dev/fd/{}", file.as_raw_fd())) }.ok()
    }

    /// Writes an entry under a temporary name, reads it back, and gives it its name, so that nobody ever sees half of one.
    fn put(&self, digest: &str, code: &[u8]) -> Result<()> {
        let path = self.path(digest).context("no cache")?;
        let folder = path.parent().context("an entry lies in a folder")?;
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
        file.write_all(code)?;
        file.write_all(&end_of(code.len() as u64))?;
        file.as_file().sync_all()?;
        let (written, length) = open_entry(file.path())?;
        ensure!(
            is_same(written, length, code)?,
            "`{}` was not written as it should be",
            file.path().display()
        );
        file.persist(&path)?;
        File::open(folder)?.sync_all()?;
        self.remove_old(folder);
        Ok(())
    }

    /// Removes entries of other engines and temporary files that were left, once they are a day old: another version of this
    /// program may be in use beside this one.
    fn remove_old(&self, folder: &Path) {
        let day = std::time::Duration::from_secs(24 * 60 * 60);
        let ours = format!("-{}.cwasm", self.engine_hash);
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let of_the_cache = name.starts_with(".new-") || name.ends_with(".cwasm");
            let age = entry
                .metadata()
                .ok()
                .and_then(|metadata| metadata.modified().ok()?.elapsed().ok());
            if of_the_cache && !name.ends_with(&ours) && age.is_some_and(|age| age > day) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Opens an entry and checks what was opened; the length of its code.
fn open_entry(path: &Path) -> Result<(File, u64)> {
    let file = folders::open_own(path, OFlags::RDONLY)?;
    let length = file.metadata()?.len().checked_sub(END as u64).context("cut off")?;
    let mut end = [0; END];
    file.read_exact_at(&mut end, length)?;
    ensure!(end == end_of(length), "no mark at its end, or another length");
    Ok((file, length))
}

/// What stands behind code of this length.
fn end_of(length: u64) -> [u8; END] {
    let mut end = [0; END];
    end[..8].copy_from_slice(&length.to_le_bytes());
    end[8..].copy_from_slice(MARK);
    end
}

fn is_same(file: File, length: u64, code: &[u8]) -> Result<bool> {
    let mut written = Vec::with_capacity(code.len());
    file.take(length).read_to_end(&mut written)?;
    Ok(written == code)
}
