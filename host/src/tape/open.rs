//! Opening a tape: a new file that only its owner can read, or one that fits the run.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use conductor_tape::{Header, Places, Player, Presentation, SCHEMA, Symbol, TAPE_BYTES, Tape as Taped};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::clock::Clock;
use super::record::Recording;
use super::replay::Replay;
use super::{Tape, Taping, random};
use crate::error::{Error, Result};
use crate::files::Granted;
use crate::manifest::{Place, why_not_written};
use crate::plugin::Plugin;
use crate::sandbox::Invocation;
use crate::sandbox::bindings::invocation::Format;
use crate::{digest, visible};

/// The folder of a project whose content a tape is bound to.
const CONDUCTOR: &str = "conductor";
/// All files in it, at any depth.
const ALL: &str = "**/*";

impl Tape {
    /// Opens the tape of a run.
    ///
    /// # Errors
    /// When a new one can't be made, or one can't be read, or is not of this run.
    pub fn open(taping: Option<&Taping>, plugin: &Plugin, invocation: &Invocation) -> Result<Self> {
        match taping {
            None => Ok(Self::Off),
            Some(Taping::Record(path)) => record(path, plugin, invocation),
            Some(Taping::Replay(path)) => replay(path, plugin, invocation),
        }
    }
}

fn record(path: &Path, plugin: &Plugin, invocation: &Invocation) -> Result<Tape> {
    let cant = |error: &dyn std::fmt::Display| {
        Error::failed(
            "unwritable",
            format!("the tape `{}` can't be made: {error}", path.display()),
        )
    };
    // Before the file is made, lest it be one of those that it is a digest of.
    let places = places(invocation);
    let header = header(plugin, invocation, &places).map_err(|error| cant(&error))?;
    check_folder(path, invocation)?;
    let file = create(path).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => cant(&"there is something of that name")
            .hinted("a tape is a new file: choose another name, or remove that one"),
        _ => cant(&error),
    })?;
    let recording = Recording::begin(path, file, header, places).map_err(|error| cant(&error))?;
    Ok(Tape::Recording(Box::new(recording)))
}

/// A file that was not there, so that nothing is overwritten and no link is followed; nobody else can read it, whatever the umask.
fn create(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Where a tape may be: not among what git, Claude Code or Beads act on, and not in what it is bound to.
fn check_folder(path: &Path, invocation: &Invocation) -> Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().map_err(|error| {
        Error::failed(
            "unwritable",
            format!("the folder of the tape `{}` can't be used: {error}", path.display()),
        )
    })?;
    let refused = |why: &str| {
        Err(
            Error::usage(format!("the tape can't be in `{}`: {why}", folder.display()))
                .hinted("put it into a folder of its own, outside the project or beside its files"),
        )
    };
    let whole = path
        .file_name()
        .map_or_else(|| folder.clone(), |name| folder.join(name));
    if let Some(why) = why_not_written(&whole.to_string_lossy()) {
        return refused(&why);
    }
    match invocation.places.find(Place::Project) {
        Ok(project) if folder.starts_with(project.join(CONDUCTOR)) => {
            refused("what is in `conductor/` is a part of what it records")
        }
        _ => Ok(()),
    }
}

fn replay(path: &Path, plugin: &Plugin, invocation: &Invocation) -> Result<Tape> {
    let tape = Taped::read(&read(path)?).map_err(|error| {
        Error::failed("bad-tape", format!("`{}` is no tape: {error}", path.display()))
            .hinted("`conductor --record FILE …` makes one")
    })?;
    let places = places(invocation);
    let note = check(&tape.header, plugin, invocation, &places)?;
    Ok(Tape::Replay(Box::new(Replay {
        clock: Clock::replay(tape.header.clock_ms),
        player: Player::new(tape),
        places,
        note,
    })))
}

/// Opened without waiting, since a FIFO would wait for a writer for ever.
fn read(path: &Path) -> Result<Vec<u8>> {
    let cant = |why: &dyn std::fmt::Display| {
        Error::failed(
            "unreadable",
            format!("the tape `{}` can't be read: {why}", path.display()),
        )
    };
    let nonblock = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nonblock)
        .open(path)
        .map_err(|error| cant(&error))?;
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err(cant(&"it is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(TAPE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| cant(&error))?;
    Ok(bytes)
}

/// Whether the tape is one of this run; what to say when its plugin was another build.
fn check(header: &Header, plugin: &Plugin, invocation: &Invocation, places: &Places) -> Result<Option<String>> {
    let wrong = |what: String, hint: &str| Err(Error::failed("wrong-tape", what).hinted(hint));
    let name = &plugin.manifest.name;
    if header.plugin != *name {
        let of = visible::line(&header.plugin, 64);
        return wrong(
            format!("the tape is of the plugin `{of}`, not of `{name}`"),
            "replay it with the plugin that it was recorded with",
        );
    }
    if header.dry_run != invocation.dry_run {
        let (with, not) = if header.dry_run {
            ("with", "without")
        } else {
            ("without", "with")
        };
        return wrong(
            format!("the tape was recorded {with} `--dry-run`, and is replayed {not}"),
            "replay it as it was recorded",
        );
    }
    if let Some(what) = argument_that_differs(header, invocation, places) {
        return wrong(what, "give the arguments with which it was recorded");
    }
    if header.conductor != conductor(invocation) {
        return wrong(
            "the files in `conductor/` are not those that the tape was recorded with".to_owned(),
            "replay it in a project as it was then, or record it again",
        );
    }
    Ok((header.digest != plugin.digest).then(|| {
        "the tape was recorded with another build of this plugin: the calls have to be the same all the same".to_owned()
    }))
}

fn argument_that_differs(header: &Header, invocation: &Invocation, places: &Places) -> Option<String> {
    let here = arguments(invocation, places);
    let names = here.keys().chain(header.arguments.keys());
    let name = names
        .into_iter()
        .find(|name| here.get(*name) != header.arguments.get(*name))?;
    let shown = |arguments: &Map<String, Value>| match arguments.get(name) {
        Some(value) => format!("`{}`", visible::line(&value.to_string(), 128)),
        None => "not given".to_owned(),
    };
    let name = visible::line(name, 64);
    Some(format!(
        "the argument `{name}` is {}; in the tape it is {}",
        shown(&here),
        shown(&header.arguments)
    ))
}

fn header(plugin: &Plugin, invocation: &Invocation, places: &Places) -> std::io::Result<Header> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Header {
        schema: SCHEMA.to_owned(),
        plugin: plugin.manifest.name.clone(),
        digest: plugin.digest.clone(),
        arguments: arguments(invocation, places),
        dry_run: invocation.dry_run,
        presentation: match invocation.format {
            Format::Terminal(columns) => Presentation::Terminal(columns),
            Format::Markdown(bytes) => Presentation::Markdown(bytes),
            Format::Json => Presentation::Json,
        },
        project_name: invocation.places.project_name(),
        conductor: conductor(invocation),
        applies: invocation.applies.clone(),
        session: invocation.session.clone(),
        over: invocation.over.clone(),
        consents: invocation.consents.clone(),
        clock_ms: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        seed: random::seed()?,
    })
}

fn arguments(invocation: &Invocation, places: &Places) -> Map<String, Value> {
    let arguments = serde_json::from_str(&invocation.arguments).expect("the host's arguments are JSON");
    match places.taped_json(&arguments) {
        Value::Object(arguments) => arguments,
        _ => Map::new(),
    }
}

/// The places of this machine that have symbols. The home folder has one by each of its names.
fn places(invocation: &Invocation) -> Places {
    let of_run = [
        (Symbol::Project, Place::Project),
        (Symbol::Town, Place::Town),
        (Symbol::Data, Place::Data),
    ];
    let found = of_run
        .into_iter()
        .filter_map(|(symbol, place)| Some((symbol, invocation.places.find(place).ok()?.to_owned())));
    let home = etcetera::home_dir().ok();
    let canonical = home.as_ref().and_then(|home| home.canonicalize().ok());
    let homes = [home, canonical]
        .into_iter()
        .flatten()
        .map(|home: PathBuf| (Symbol::Home, home));
    found
        .chain(homes)
        .fold(Places::default(), |places, (symbol, path)| places.with(symbol, &path))
}

/// A digest of the names and bytes of all files in the project's `conductor/`, as a plugin can read them.
pub(crate) fn conductor(invocation: &Invocation) -> Option<String> {
    let project = invocation.places.find(Place::Project).ok()?;
    let entries = Granted::open(project, CONDUCTOR)
        .and_then(|folder| folder.snapshot(&[ALL.to_owned()], u64::MAX))
        .unwrap_or_default();
    let mut sha = Sha256::new();
    for entry in entries {
        let content = entry
            .content
            .map_or_else(|error| error.code.to_owned(), |bytes| digest::sha256(&bytes));
        sha.update(format!("{}\0{content}\0", entry.path));
    }
    Some(digest::hex(&sha.finalize()))
}
