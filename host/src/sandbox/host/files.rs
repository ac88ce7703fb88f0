//! `interface files`: what the manifest declares and the user granted.

use crate::files::{self, FileError, Granted};
use crate::grant::Denial;
use crate::manifest::Place;
use crate::sandbox::State;
use crate::sandbox::bindings::files::{Entry, Host};
use crate::sandbox::bindings::types::Error;

impl Host for State {
    fn snapshot(&mut self, grant: String, patterns: Vec<String>, max_bytes: u64) -> Result<Vec<Entry>, Error> {
        let entries = self.open(&grant)?.snapshot(&patterns, max_bytes)?;
        Ok(entries.into_iter().map(Entry::from).collect())
    }

    fn read(&mut self, grant: String, path: String) -> Result<Vec<u8>, Error> {
        Ok(self.open(&grant)?.read(&path)?)
    }
}

impl State {
    fn open(&mut self, grant: &str) -> Result<Granted, Error> {
        let wish = self.grants.files(grant).map_err(|denial| {
            self.refusals.add(&denial);
            Error::from(denial)
        })?;
        let place = match wish.place {
            Place::Project => self.invocation.project.as_ref().map(|project| &project.path),
        };
        let place = place.ok_or_else(|| Error {
            code: "no-place".to_owned(),
            message: "there is no project here".to_owned(),
            grant: None,
        })?;
        Ok(Granted::open(place, &wish.path)?)
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        Self {
            code: denial.code.to_owned(),
            message: denial.message,
            grant: Some(denial.grant),
        }
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Self {
            code: error.code.to_owned(),
            message: error.message,
            grant: None,
        }
    }
}

impl From<files::Entry> for Entry {
    fn from(entry: files::Entry) -> Self {
        Self {
            path: entry.path,
            content: entry.content.map_err(Error::from),
        }
    }
}
