//! The status plugin as an ordinary program: the same `tracks` and `status` code and the same parallel reading of files, without
//! a sandbox. The bench compares the sandboxed one with it.
//!
//! `native-status PROJECT` prints what `conductor status --project PROJECT` prints into a pipe.
#![allow(clippy::print_stdout, reason = "a program of the bench")]

use std::path::{Path, PathBuf};

use conductor_host::files::{FileError, Granted};
use conductor_plugin::{Arguments, Entry, Error, Format, Held, Host, Plugin, Running};
use conductor_status::StatusPlugin;

/// A host without a border: its answers come straight from the host's own functions.
struct Native {
    project: PathBuf,
}

fn error(error: FileError) -> Error {
    Error {
        code: error.code.to_owned(),
        message: error.message,
        grant: None,
    }
}

impl Host for Native {
    fn arguments(&self) -> Arguments {
        Arguments::default()
    }

    fn presentation(&self) -> Format {
        Format::Terminal(100)
    }

    fn project_name(&self) -> String {
        self.project
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    fn snapshot(&self, grant: &str, patterns: &[&str], max_bytes: u64) -> Result<Vec<Entry>, Error> {
        let patterns: Vec<String> = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
        let folder = Granted::open(&self.project, grant).map_err(error)?;
        let entries = folder.snapshot(&patterns, max_bytes).map_err(error)?;
        Ok(entries
            .into_iter()
            .map(|entry| Entry {
                path: entry.path,
                content: entry.content.map_err(error),
            })
            .collect())
    }

    fn read(&self, grant: &str, path: &str) -> Result<Vec<u8>, Error> {
        Granted::open(&self.project, grant)
            .and_then(|folder| folder.read(path))
            .map_err(error)
    }

    fn applies(&self) -> Option<String> {
        None
    }

    fn session(&self) -> Option<String> {
        None
    }

    fn session_over(&self, _: &str, _: u64) -> bool {
        false
    }

    fn consented(&self, _: &str) -> bool {
        false
    }

    fn again_after(&self, _: u32) {}

    fn dry_run(&self) -> bool {
        false
    }

    fn replace(&self, _: &str, _: &str, _: &str, _: &[u8]) -> Result<(), Error> {
        undeclared()
    }

    fn create(&self, _: &str, _: &str, _: &[u8]) -> Result<(), Error> {
        undeclared()
    }

    fn remove(&self, _: &str, _: &str, _: &str) -> Result<(), Error> {
        undeclared()
    }

    // Nobody waits here: the bench measures.
    fn begin_progress(&self, _: &str, _: Option<u32>) {}

    fn advance_progress(&self, _: u32, _: Option<&str>) {}

    fn end_progress(&self) {}

    fn lock(&self, _: &str, _: u32) -> Result<Box<dyn Held>, Error> {
        undeclared()
    }

    fn start(&self, _: &str, _: &[(&str, &[&str])], _: Option<&[u8]>) -> Result<Box<dyn Running>, Error> {
        undeclared()
    }
}

/// What the status declares no wish for.
fn undeclared<T>() -> Result<T, Error> {
    Err(Error {
        code: "undeclared".to_owned(),
        message: "the status only reads".to_owned(),
        grant: None,
    })
}

fn main() {
    let project = std::env::args_os().nth(1).expect("usage: native-status PROJECT");
    let project = Path::new(&project).canonicalize().expect("the project is there");
    match StatusPlugin::run(&Native { project }) {
        Ok(outcome) => print!("{}", outcome.text.into_iter().map(|(_, text)| text).collect::<String>()),
        Err(failure) => print!("{}", failure.message),
    }
}
