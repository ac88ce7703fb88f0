//! Installed plugins: each component under the name of its digest, and beside it one file a plugin with all that a start needs.
//!
//! `NAME.json` says which component the plugin is, holds its manifest, and what the system said of the component's file when it
//! was written. A start compares that and neither hashes nor parses the component. Where it does not agree, the component is
//! hashed: one that was copied from a backup is the same, one that was exchanged is refused by name.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use jiff::Timestamp;
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::manifest::{self, Manifest};
use crate::sandbox::cache::{COUNTS, Counts};
use crate::sandbox::limits::COMPONENT_BYTES;
use crate::{component, digest, folders, visible};

/// The version of [`Sidecar`], in each file.
const VERSION: u32 = 1;
/// The most that such a file has: a manifest has at most a quarter of it.
const MOST: u64 = 1 << 20;

/// An installed plugin, without its component.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What its author says of it.
    pub manifest: Manifest,
    /// The SHA-256 of its component, in hex.
    pub digest: String,
    /// The component's length in bytes.
    pub bytes: u64,
    /// The file that it was installed from.
    pub from: String,
    /// When it was installed.
    pub at: Timestamp,
}

/// What stands in `NAME.json`.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Sidecar {
    version: u32,
    digest: String,
    from: String,
    at: Timestamp,
    file: Stat,
    /// As it stands in the component.
    manifest: Box<RawValue>,
}

/// What the system says of a file: it says something else of another file, and of this one when it was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Stat {
    bytes: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stat {
    fn of(file: &File) -> std::io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            bytes: metadata.len(),
            inode: metadata.ino(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }
}

/// A plugin of the store that can't be used, by its name.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The name of its file.
    pub name: String,
    /// What is wrong and what to do.
    pub error: Error,
}

/// All installed plugins, by name; only their small files are read.
///
/// # Errors
/// When the folder is not one to be trusted. Where there is none, nothing is installed.
pub fn all() -> Result<Vec<std::result::Result<Entry, Broken>>> {
    let Some(folder) = folder_if_there()? else {
        return Ok(Vec::new());
    };
    let names = names(&folder).map_err(|error| unusable(&error.into()))?;
    Ok(names
        .into_iter()
        .map(|name| read(&folder, &name).map_err(|error| Broken { name, error }))
        .collect())
}

/// One installed plugin. What is given was compared with its component.
///
/// # Errors
/// When the store is not to be trusted, or this plugin in it is not what was installed.
pub fn find(name: &str) -> Result<Option<Entry>> {
    let Some(folder) = folder_if_there()? else {
        return Ok(None);
    };
    let found = || {
        let is_there = folder.join(sidecar_name(name)).symlink_metadata().is_ok();
        is_there.then(|| checked(&folder, name)).transpose()
    };
    // Between the two looks another process may have put another component in its place.
    found().or_else(|_| found())
}

/// The bytes of an installed component.
///
/// # Errors
/// When they are not those that were installed.
pub fn component(entry: &Entry) -> Result<Vec<u8>> {
    let folder =
        folder_if_there()?.ok_or_else(|| broken(&entry.manifest.name, "its component is gone", Some(&entry.from)))?;
    let (_, wasm) = read_component(&folder.join(component_name(&entry.digest)))
        .map_err(|error| broken(&entry.manifest.name, &format!("{error:#}"), Some(&entry.from)))?;
    Counts::add(&COUNTS.examined);
    if digest::sha256(&wasm) == entry.digest {
        return Ok(wasm);
    }
    Err(exchanged(entry))
}

/// Installs a component that was checked, or puts it in the place of the one of the same name.
///
/// # Errors
/// When it can't be written; what was installed before is so still.
pub fn install(name: &str, wasm: &[u8], from: &Path) -> Result<()> {
    let text = component::manifest(wasm, &format!("`{}`", from.display()))?;
    let manifest = serde_json::from_str(text).map_err(|error| Error::bug(&error.into()))?;
    let sidecar = |digest, file| Sidecar {
        version: VERSION,
        digest,
        from: from.to_string_lossy().into_owned(),
        at: now(),
        file,
        manifest,
    };
    let write = || -> anyhow::Result<()> {
        let folder = folder()?;
        let held = folders::hold(&folder)?;
        held.remove_left(&folder);
        let digest = digest::sha256(wasm);
        let path = folder.join(component_name(&digest));
        // It may lie there already, whole or not.
        if !read_component(&path).is_ok_and(|(_, there)| there == wasm) {
            held.write(&path, wasm)?;
        }
        let (stat, written) = read_component(&path)?;
        ensure!(written == wasm, "`{}` was not written as it should be", path.display());
        held.write(&folder.join(sidecar_name(name)), &json(&sidecar(digest, stat)))?;
        remove_unused(&folder);
        Ok(())
    };
    write().map_err(|error| Error::failed("unwritable", format!("`{name}` was not installed: {error:#}")))
}

/// Removes an installed plugin; whether there was one. One that is broken can be removed too.
///
/// # Errors
/// When the system does not let it.
pub fn remove(name: &str) -> Result<bool> {
    let Some(folder) = folder_if_there()? else {
        return Ok(false);
    };
    let sidecar = folder.join(sidecar_name(name));
    let remove = || -> anyhow::Result<bool> {
        let held = folders::hold(&folder)?;
        held.remove_left(&folder);
        match fs::remove_file(&sidecar) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error).with_context(|| format!("removing `{}`", sidecar.display())),
        }
        remove_unused(&folder);
        Ok(true)
    };
    remove().map_err(|error| Error::failed("unwritable", format!("`{name}` was not removed: {error:#}")))
}

/// The folder, made and checked, and the one above it.
fn folder() -> anyhow::Result<PathBuf> {
    folders::checked(&folders::data()?)?;
    let folder = folders::installed()?;
    folders::checked(&folder)?;
    Ok(folder)
}

fn folder_if_there() -> Result<Option<PathBuf>> {
    let look = || -> anyhow::Result<Option<PathBuf>> {
        let folder = folders::installed()?;
        let is_there = folders::checked_if_there(&folders::data()?)? && folders::checked_if_there(&folder)?;
        Ok(is_there.then_some(folder))
    };
    look().map_err(|error| unusable(&error))
}

fn unusable(error: &anyhow::Error) -> Error {
    Error::failed("bad-store", format!("installed plugins are not used: {error:#}")).hinted(
        "they are taken only from a folder of your own that nobody else can write; `XDG_DATA_HOME` says where it lies",
    )
}

fn sidecar_name(name: &str) -> String {
    format!("{name}.json")
}

fn component_name(digest: &str) -> String {
    format!("{digest}.wasm")
}

fn names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_str().and_then(|name| name.strip_suffix(".json"));
        names.extend(name.filter(|name| manifest::is_name(name)).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn read(folder: &Path, name: &str) -> Result<Entry> {
    let (sidecar, manifest) = read_sidecar(folder, name)?;
    Ok(entry(sidecar, manifest))
}

fn entry(sidecar: Sidecar, manifest: Manifest) -> Entry {
    Entry {
        manifest,
        digest: sidecar.digest,
        bytes: sidecar.file.bytes,
        from: sidecar.from,
        at: sidecar.at,
    }
}

fn read_sidecar(folder: &Path, name: &str) -> Result<(Sidecar, Manifest)> {
    let path = folder.join(sidecar_name(name));
    let text = || -> anyhow::Result<String> {
        let mut text = String::new();
        folders::open_own(&path, OFlags::RDONLY)?
            .take(MOST)
            .read_to_string(&mut text)?;
        Ok(text)
    };
    let wrong = |what: &str| broken(name, &format!("`{}`: {what}", path.display()), None);
    let text = text().map_err(|error| wrong(&format!("{error:#}")))?;
    let sidecar: Sidecar = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    if sidecar.version != VERSION {
        return Err(wrong(&format!(
            "its version is {}, this `conductor` reads {VERSION}",
            sidecar.version
        )));
    }
    if sidecar.digest.len() != 64 || !sidecar.digest.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong("`digest` is no SHA-256"));
    }
    let manifest = manifest::parse(sidecar.manifest.get(), &format!("`{}`", path.display()))?;
    if manifest.name != name {
        return Err(wrong(&format!("it is of the plugin `{}`", manifest.name)));
    }
    Ok((sidecar, manifest))
}

/// Reads an entry and compares what the system says of its component with what it said at the installation.
fn checked(folder: &Path, name: &str) -> Result<Entry> {
    let (sidecar, manifest) = read_sidecar(folder, name)?;
    let path = folder.join(component_name(&sidecar.digest));
    let said = || -> anyhow::Result<Stat> { Ok(Stat::of(&folders::open_own(&path, OFlags::RDONLY)?)?) };
    let stat =
        said().map_err(|error| broken(name, &format!("`{}`: {error:#}", path.display()), Some(&sidecar.from)))?;
    if stat == sidecar.file {
        return Ok(entry(sidecar, manifest));
    }
    let entry = entry(sidecar, manifest);
    component(&entry)?;
    // It is the same after all. What is noted anew is only for the next start's speed.
    let _ = note_again(folder, &entry);
    Ok(entry)
}

/// Notes what the system says now of a component that was found to be the right one.
fn note_again(folder: &Path, entry: &Entry) -> anyhow::Result<()> {
    let held = folders::hold(folder)?;
    let (mut sidecar, _) = read_sidecar(folder, &entry.manifest.name)?;
    ensure!(sidecar.digest == entry.digest, "another one was installed meanwhile");
    let (stat, wasm) = read_component(&folder.join(component_name(&entry.digest)))?;
    ensure!(digest::sha256(&wasm) == entry.digest, "it was changed meanwhile");
    sidecar.file = stat;
    held.write(&folder.join(sidecar_name(&entry.manifest.name)), &json(&sidecar))
}

/// A component and what the system says of its file.
fn read_component(path: &Path) -> anyhow::Result<(Stat, Vec<u8>)> {
    let read = || -> anyhow::Result<(Stat, Vec<u8>)> {
        let file = folders::open_own(path, OFlags::RDONLY)?;
        let stat = Stat::of(&file)?;
        let mut wasm = Vec::new();
        file.take(COMPONENT_BYTES + 1).read_to_end(&mut wasm)?;
        Ok((stat, wasm))
    };
    read().with_context(|| format!("`{}`", path.display()))
}

/// Removes components that no plugin is. When one can't be read it is not known which ones those are.
fn remove_unused(folder: &Path) {
    let entries: Option<Vec<Entry>> = names(folder)
        .ok()
        .and_then(|names| names.iter().map(|name| read(folder, name).ok()).collect());
    let Some(entries) = entries else { return };
    for file in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = file.file_name();
        let digest = name.to_str().and_then(|name| name.strip_suffix(".wasm"));
        if digest.is_some_and(|digest| !entries.iter().any(|entry| entry.digest == digest)) {
            let _ = fs::remove_file(file.path());
        }
    }
}

fn json(sidecar: &Sidecar) -> Vec<u8> {
    serde_json::to_vec(sidecar).expect("these types are JSON")
}

fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).expect("now is a time")
}

fn exchanged(entry: &Entry) -> Error {
    broken(
        &entry.manifest.name,
        &format!(
            "`{}` is not the component that was installed",
            component_name(&entry.digest)
        ),
        Some(&entry.from),
    )
}

/// An installed plugin that can't be used; `from` is where it was installed from, as far as that is known.
fn broken(name: &str, what: &str, from: Option<&str>) -> Error {
    let from = from.map_or_else(|| "FILE.wasm".to_owned(), visible::word);
    Error::failed(
        "bad-store",
        format!("the installed plugin `{name}` can't be used: {what}"),
    )
    .hinted(format!(
        "`conductor plugin install {from}` puts it right, `conductor plugin remove {name}` removes it"
    ))
}
