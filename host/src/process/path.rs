//! Finding programs: on the user's search path, less what a project or another user could have put there.
//!
//! A program is what it is when all the folders above it, links followed, can be written only by the user and by those who own
//! the machine anyway. What others could exchange between the look and the start is left out, with the reason.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rustix::fs::{Access, access};
use rustix::process::{getegid, geteuid};

/// The name of this program.
const OURS: &str = "conductor";

/// A program that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// What the manifest calls it.
    pub name: String,
    /// The file, without links on the way: a link can't be turned elsewhere after the look.
    pub path: PathBuf,
    /// Where it was found; the program sees this as its own name, since some act by it.
    pub called: PathBuf,
}

impl Program {
    /// This program itself.
    pub(super) fn ourselves() -> Result<Self, super::StartError> {
        let path = env::current_exe().map_err(|error| super::StartError::System(PathBuf::from("conductor"), error))?;
        Ok(Self {
            name: OURS.to_owned(),
            called: path.clone(),
            path,
        })
    }
}

/// The programs that the user's configuration names, by name.
pub type Configured = BTreeMap<String, PathBuf>;

/// Where programs are found, and those that were: each is looked for once in a run.
#[derive(Debug)]
pub struct Programs {
    configured: Configured,
    folders: Vec<PathBuf>,
    left_out: Vec<LeftOut>,
    forbidden: Vec<PathBuf>,
    path: OsString,
    found: Mutex<BTreeMap<String, Result<Program, FindError>>>,
}

impl Programs {
    /// Reads a search path (`PATH`). Nothing in one of the `forbidden` folders, or beneath it, is ever a program: the project,
    /// the town, the repositories.
    #[must_use]
    pub fn new(path: &OsStr, configured: Configured, forbidden: &[PathBuf]) -> Self {
        let canonical = |folder: &PathBuf| folder.canonicalize().unwrap_or_else(|_| folder.clone());
        let forbidden: Vec<PathBuf> = forbidden.iter().map(canonical).collect();
        let mut folders = Vec::new();
        let mut left_out = Vec::new();
        for entry in env::split_paths(path) {
            match check_folder(&entry, &forbidden) {
                Ok(folder) if folders.contains(&folder) => {}
                Ok(folder) => folders.push(folder),
                Err(why) => left_out.push(LeftOut { path: entry, why }),
            }
        }
        Self {
            configured,
            path: env::join_paths(&folders).expect("those with a colon were left out"),
            folders,
            left_out,
            forbidden,
            found: Mutex::default(),
        }
    }

    /// The search path for what the programs start themselves.
    #[must_use]
    pub fn path(&self) -> &OsStr {
        &self.path
    }

    /// What of the user's search path is not used.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Finds a program by its name; the user's configuration comes first. `conductor` is this very program.
    ///
    /// # Errors
    /// When it is not there, with where it was looked for and what was left out; when the configured file is none that can be
    /// used.
    pub fn find(&self, name: &str) -> Result<Program, FindError> {
        let mut found = self.found.lock().expect("nothing panics while it is held");
        if let Some(found) = found.get(name) {
            return found.clone();
        }
        let new = self.look_for(name);
        found.insert(name.to_owned(), new.clone());
        new
    }

    fn look_for(&self, name: &str) -> Result<Program, FindError> {
        if name.is_empty() || name.contains(['/', '\0']) || [".", ".."].contains(&name) {
            return Err(FindError::NoName(name.to_owned()));
        }
        // What a manifest means by it is not whatever else is installed under this name.
        if name == OURS {
            return Program::ourselves().map_err(|_| FindError::NotFound {
                name: name.to_owned(),
                looked_in: Vec::new(),
                left_out: Vec::new(),
            });
        }
        match self.configured.get(name) {
            Some(path) => self.check_configured(name, path),
            None => self.search(name),
        }
    }

    /// Who writes a path into the configuration knows whose file it is; that anybody could exchange it is still no choice.
    fn check_configured(&self, name: &str, path: &Path) -> Result<Program, FindError> {
        let refused = |why| FindError::Refused {
            name: name.to_owned(),
            path: path.to_owned(),
            why,
        };
        if !path.is_absolute() {
            return Err(refused(Why::NotAbsolute));
        }
        let file = check_file(path, &self.forbidden, Trust::Chosen).map_err(refused)?;
        Ok(program(name, file, path))
    }

    fn search(&self, name: &str) -> Result<Program, FindError> {
        let mut left_out = self.left_out.clone();
        for folder in &self.folders {
            let path = folder.join(name);
            match check_file(&path, &self.forbidden, Trust::Found) {
                Ok(file) => return Ok(program(name, file, &path)),
                Err(Why::NotThere) => {}
                Err(why) => left_out.push(LeftOut { path, why }),
            }
        }
        Err(FindError::NotFound {
            name: name.to_owned(),
            looked_in: self.folders.clone(),
            left_out,
        })
    }
}

fn program(name: &str, path: PathBuf, called: &Path) -> Program {
    Program {
        name: name.to_owned(),
        path,
        called: called.to_owned(),
    }
}

/// How far a path is to be trusted by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// It came with the search path.
    Found,
    /// The user chose it.
    Chosen,
}

fn check_folder(entry: &Path, forbidden: &[PathBuf]) -> Result<PathBuf, Why> {
    // An empty entry means the current folder.
    if !entry.is_absolute() {
        return Err(Why::NotAbsolute);
    }
    let folder = entry.canonicalize().map_err(|error| Why::of(&error))?;
    if !folder.is_dir() {
        return Err(Why::NotAFolder);
    }
    if folder.as_os_str().as_encoded_bytes().contains(&b':') {
        return Err(Why::Colon);
    }
    check_place(&folder, forbidden, Trust::Found)?;
    Ok(folder)
}

fn check_file(path: &Path, forbidden: &[PathBuf], trust: Trust) -> Result<PathBuf, Why> {
    let file = path.canonicalize().map_err(|error| Why::of(&error))?;
    if !file.is_file() {
        return Err(Why::NotAFile);
    }
    access(&file, Access::EXEC_OK).map_err(|_| Why::NotExecutable)?;
    check_place(&file, forbidden, trust)?;
    Ok(file)
}

/// A canonical path, and everything above it.
fn check_place(path: &Path, forbidden: &[PathBuf], trust: Trust) -> Result<(), Why> {
    if let Some(folder) = forbidden.iter().find(|folder| path.starts_with(folder)) {
        return Err(Why::Inside(folder.clone()));
    }
    let us = Us::now();
    for (above, path) in path.ancestors().enumerate() {
        let metadata = fs::metadata(path).map_err(|error| Why::of(&error))?;
        if trust == Trust::Found && !us.trust_owner(metadata.uid()) {
            return Err(Why::Owner(path.to_owned()));
        }
        // In a sticky folder like `/tmp` others can't touch what is not theirs, but they can add to it.
        let sticky = above > 0 && metadata.mode() & STICKY != 0;
        if !sticky && us.others_write(trust, &metadata) {
            return Err(Why::Writable(path.to_owned()));
        }
    }
    Ok(())
}

const GROUP_WRITE: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const STICKY: u32 = 0o1000;
/// The group whose members may become root: `wheel` or `root`, and on macOS `admin`, to which Homebrew gives its folders.
const ADMINS: &[u32] = if cfg!(target_os = "macos") { &[0, 80] } else { &[0] };

/// Who we are, and whom we have to trust.
struct Us {
    user: u32,
    group: u32,
    machine: Option<u32>,
}

impl Us {
    fn now() -> Self {
        Self {
            user: geteuid().as_raw(),
            group: getegid().as_raw(),
            machine: fs::metadata("/").map(|root| root.uid()).ok(),
        }
    }

    /// Root, under whatever number: in a user namespace (bubblewrap, rootless containers) `/` belongs to another.
    fn trust_owner(&self, owner: u32) -> bool {
        owner == self.user || owner == 0 || Some(owner) == self.machine
    }

    fn others_write(&self, trust: Trust, metadata: &Metadata) -> bool {
        let (mode, group) = (metadata.mode(), metadata.gid());
        mode & OTHERS_WRITE != 0 || (trust == Trust::Found && mode & GROUP_WRITE != 0 && !self.trust_group(group))
    }

    /// Where each user has a group of the same number (most of Linux) it has no other members, and files are often made
    /// writable for it.
    fn trust_group(&self, group: u32) -> bool {
        ADMINS.contains(&group) || (group == self.group && group == self.user)
    }
}

/// Something that is not used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The entry of the search path, or the file.
    pub path: PathBuf,
    /// The reason.
    pub why: Why,
}

/// Why a path is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It depends on the current folder.
    NotAbsolute,
    /// Nothing is there.
    NotThere,
    /// It can't be looked at.
    Unreadable,
    /// It is no folder.
    NotAFolder,
    /// It is no regular file.
    NotAFile,
    /// We may not execute it.
    NotExecutable,
    /// It has a `:`, which can't be in a search path.
    Colon,
    /// It lies in this folder, which a project brings.
    Inside(PathBuf),
    /// It, or this above it, belongs to another user.
    Owner(PathBuf),
    /// It, or this above it, can be written by others.
    Writable(PathBuf),
}

impl Why {
    fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::NotThere,
            _ => Self::Unreadable,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAbsolute => write!(f, "not absolute"),
            Self::NotThere => write!(f, "not there"),
            Self::Unreadable => write!(f, "can't be looked at"),
            Self::NotAFolder => write!(f, "not a folder"),
            Self::NotAFile => write!(f, "not a file"),
            Self::NotExecutable => write!(f, "not executable"),
            Self::Colon => write!(f, "its path has a `:`"),
            Self::Inside(folder) => write!(f, "lies in `{}`", folder.display()),
            Self::Owner(path) => write!(f, "`{}` belongs to another user", path.display()),
            Self::Writable(path) => write!(f, "`{}` can be written by others", path.display()),
        }
    }
}

/// Why a program was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindError {
    /// That is no name of a program.
    NoName(String),
    /// It is nowhere on the search path.
    NotFound {
        /// The name.
        name: String,
        /// Where it was looked for.
        looked_in: Vec<PathBuf>,
        /// Entries of the search path, and files of this name, that are not used.
        left_out: Vec<LeftOut>,
    },
    /// The file that the user's configuration names can't be used.
    Refused {
        /// The name.
        name: String,
        /// The file.
        path: PathBuf,
        /// The reason.
        why: Why,
    },
}

impl FindError {
    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoName(_) | Self::Refused { .. } => "bad-program",
            Self::NotFound { .. } => "no-program",
        }
    }

    /// What is worth knowing beside the sentence, a line each.
    #[must_use]
    pub fn details(&self) -> Vec<String> {
        let Self::NotFound {
            looked_in, left_out, ..
        } = self
        else {
            return Vec::new();
        };
        let looked_in = looked_in
            .iter()
            .map(|folder| format!("looked in `{}`", folder.display()));
        let left_out = left_out
            .iter()
            .map(|LeftOut { path, why }| format!("left out `{}`: {why}", path.display()));
        looked_in.chain(left_out).collect()
    }
}

impl fmt::Display for FindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoName(name) => write!(f, "`{name}` is no name of a program"),
            Self::NotFound { name, .. } => write!(f, "no program `{name}` is on the search path"),
            Self::Refused { name, path, why } => {
                write!(f, "the configured `{name}`, `{}`, can't be used: {why}", path.display())
            }
        }
    }
}

impl std::error::Error for FindError {}
