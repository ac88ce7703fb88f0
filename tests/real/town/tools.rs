//! Where the tools are, or why a test has to skip.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::required;

/// What `install.sh` builds.
const BUILT: [&str; 3] = ["bd", "gt", "dolt"];
/// What the system's packages bring, by name of the program.
const INSTALLED: [&str; 6] = ["tmux", "jq", "git", "lsof", "ps", "ss"];

/// The folder that `tests/real/install.sh` filled.
pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// `CONDUCTOR_REAL`, else the default of `install.sh`. `None` after saying what is missing, so that the test can end; where
    /// `CI` or `CONDUCTOR_REQUIRE_REAL` is set it panics instead, for there nothing may be skipped.
    pub(crate) fn find() -> Option<Self> {
        let named = std::env::var_os("CONDUCTOR_REAL").map(PathBuf::from);
        let usual = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/conductor-ci/town"));
        let Some(folder) = named.or(usual) else {
            return skip("there is no home folder to look for bd, gt and dolt in");
        };
        if let Some(tool) = BUILT.iter().find(|tool| !folder.join("bin").join(tool).is_file()) {
            return skip(&format!(
                "there is no {tool} in {}; tests/real/install.sh builds it",
                folder.join("bin").display()
            ));
        }
        let path = std::env::var("PATH").unwrap_or_default();
        if let Some(tool) = INSTALLED.iter().find(|tool| !on(tool, &path)) {
            return skip(&format!("there is no `{tool}`, which Gas Town needs"));
        }
        Some(Self { folder })
    }

    /// What `CONDUCTOR_REAL` names.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A folder beside it, which `tests/real/install.sh --others` filled.
    pub(crate) fn other(&self, name: &str) -> Option<PathBuf> {
        let mut folder = self.folder.clone().into_os_string();
        folder.push(format!("-{name}"));
        let folder = PathBuf::from(folder);
        match BUILT.iter().all(|tool| folder.join("bin").join(tool).is_file()) {
            true => Some(folder),
            false => required::skip(
                "the tests with other versions of bd and gt",
                &format!(
                    "there is no {}; tests/real/install.sh --others fills it",
                    folder.display()
                ),
            ),
        }
    }

    /// The folder of the programs.
    pub(crate) fn bin(&self) -> PathBuf {
        self.folder.join("bin")
    }
}

fn skip(why: &str) -> Option<Tools> {
    required::skip("the tests with the real bd, gt and dolt", why)
}

/// The file of a program on a search path, which need not be ours: `Command` looks for it on ours.
fn found(program: &str, path: &str) -> PathBuf {
    let files = std::env::split_paths(path).map(|folder| folder.join(program));
    let mut there = files.filter(|file| file.is_file());
    there.next().unwrap_or_else(|| panic!("no {program} on {path}"))
}

fn on(program: &str, path: &str) -> bool {
    std::env::split_paths(path).any(|folder| folder.join(program).is_file())
}

/// What was written into a file that a child had.
pub(super) fn content(mut file: File) -> String {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).expect("a file");
    file.read_to_string(&mut text).expect("text");
    text
}

/// A program with these variables and nothing else, in a folder.
pub(super) fn started_in(folder: &Path, program: &str, env: &BTreeMap<String, String>) -> Command {
    let mut command = Command::new(found(program, &env["PATH"]));
    command.env_clear().envs(env).current_dir(folder).stdin(Stdio::null());
    command
}

/// Our program in a folder, with the few variables that a person's shell has.
pub(super) fn conductor_in(folder: &Path, env: &BTreeMap<String, String>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conductor"));
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    for name in ["HOME", "PATH", "LANG"] {
        command.env(name, &env[name]);
    }
    command
}
