//! `interface files`: what the manifest declares and the user granted.

use std::path::PathBuf;

use conductor_tape::Operation;

use super::{plain, refuse};
use crate::audit::{self, Deed, Outcome};
use crate::digest;
use crate::files::{self, FileError, Granted};
use crate::grant::Denial;
use crate::place::NoPlace;
use crate::sandbox::bindings::files::{Entry, Host};
use crate::sandbox::bindings::types::Error;
use crate::sandbox::{State, protected};
use crate::tape::{Change, Turn};
use crate::visible;

/// The codes of paths and patterns that lead out of a grant, or could.
const OUTSIDE: [&str; 3] = ["outside", "invalid-path", "invalid-pattern"];

impl Host for State {
    fn snapshot(&mut self, grant: String, patterns: Vec<String>, max_bytes: u64) -> Answer<Vec<Entry>> {
        Ok(self.try_snapshot(&grant, &patterns, max_bytes))
    }

    fn read(&mut self, grant: String, path: String) -> Answer<Vec<u8>> {
        Ok(self
            .readable(&grant)
            .and_then(|granted| self.audited(granted.read(&path))))
    }

    fn replace(&mut self, grant: String, path: String, expected: String, bytes: Vec<u8>) -> Answer<()> {
        let change = Change {
            operation: Operation::Replace,
            grant: &grant,
            path: &path,
            bytes: Some(&bytes),
        };
        self.change(change, Some(&expected), |granted| {
            granted.replace(&path, &expected, &bytes)
        })
    }

    fn create(&mut self, grant: String, path: String, bytes: Vec<u8>) -> Answer<()> {
        let change = Change {
            operation: Operation::Create,
            grant: &grant,
            path: &path,
            bytes: Some(&bytes),
        };
        self.change(change, None, |granted| granted.create(&path, &bytes))
    }

    fn remove(&mut self, grant: String, path: String, expected: String) -> Answer<()> {
        let change = Change {
            operation: Operation::Remove,
            grant: &grant,
            path: &path,
            bytes: None,
        };
        self.change(change, Some(&expected), |granted| granted.remove(&path, &expected))
    }
}

/// What a call gives a plugin; a trap is for faults that are not its own to handle.
type Answer<T> = wasmtime::Result<Result<T, Error>>;

impl State {
    fn try_snapshot(&mut self, grant: &str, patterns: &[String], max_bytes: u64) -> Result<Vec<Entry>, Error> {
        let granted = self.readable(grant)?;
        let entries = self.audited(granted.snapshot(patterns, max_bytes))?;
        Ok(entries.into_iter().map(Entry::from).collect())
    }

    fn readable(&mut self, grant: &str) -> Result<Granted, Error> {
        let wish = self
            .grants
            .files(grant)
            .map_err(|denial| refuse(&mut self.refusals, &self.audit, denial))?;
        let place = self.invocation.places.find(wish.place)?;
        self.audited(Granted::open(place, &wish.path))
    }

    /// Everything that is asked before a file is changed; the place and the path in it that are granted. That the run is a dry one
    /// is told last, so that a dry run finds what a real one would not be allowed.
    fn writable(&mut self, grant: &str, path: &str) -> Result<(PathBuf, String), Error> {
        let wish = self
            .grants
            .files_to_write(grant)
            .map_err(|denial| refuse(&mut self.refusals, &self.audit, denial))?;
        let whole = if path.is_empty() {
            wish.path.clone()
        } else {
            format!("{}/{path}", wish.path)
        };
        let place = self.invocation.places.find(wish.place)?;
        if let Some(why) = protected::why_not(place, &whole) {
            let message = format!("`{}` is never written: {why}", visible::line(&whole, 256));
            self.audit.refused("protected", &message);
            return Err(plain("protected", message));
        }
        if self.invocation.dry_run {
            return Err(plain(
                "dry-run",
                format!("in a dry run `{}` is not written", visible::line(&whole, 256)),
            ));
        }
        Ok((place.to_owned(), wish.path.clone()))
    }

    /// Changes a file, unless a tape that is replayed says that it was not changed.
    fn change(
        &mut self,
        change: Change<'_>,
        expected: Option<&str>,
        make: impl FnOnce(&Granted) -> Result<(), FileError>,
    ) -> Answer<()> {
        let (place, granted) = match self.writable(change.grant, change.path) {
            Ok(writable) => writable,
            Err(error) => return Ok(Err(error)),
        };
        match self.tape.change(change, &place)? {
            Turn::Answered(error) => Ok(Err(error)),
            Turn::CarryOut(ticket) => {
                let opened = Granted::open_to_write(&place, &granted, change.path);
                let made = self
                    .audited(opened)
                    .and_then(|granted| self.make(change, expected, || make(&granted)));
                self.tape.changed(ticket, &made)?;
                Ok(made)
            }
        }
    }

    /// Makes a change, once its line is on disk: what can't be written down is not done.
    fn make(
        &mut self,
        change: Change<'_>,
        expected: Option<&str>,
        make: impl FnOnce() -> Result<(), FileError>,
    ) -> Result<(), Error> {
        let after = change.bytes.map(digest::sha256);
        let deed = Deed::File {
            grant: change.grant,
            path: change.path,
            operation: match change.operation {
                Operation::Create => audit::Operation::Create,
                Operation::Replace => audit::Operation::Replace,
                Operation::Remove => audit::Operation::Remove,
            },
            bytes: change.bytes.map_or(0, |bytes| bytes.len() as u64),
            before: expected,
            after: after.as_deref(),
        };
        let pending = self
            .audit
            .begin_write(deed)
            .map_err(|error| plain(&error.code, error.message))?;
        let made = make();
        pending.end(match &made {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Failed(error.code.to_owned()),
        });
        self.audited(made)
    }

    /// Who asks for a path that leads out of a grant is refused as well, which the audit log tells.
    fn audited<T>(&self, result: Result<T, FileError>) -> Result<T, Error> {
        result.map_err(|error| {
            if OUTSIDE.contains(&error.code) {
                self.audit.refused(error.code, &error.message);
            }
            error.into()
        })
    }
}

impl From<NoPlace> for Error {
    fn from(error: NoPlace) -> Self {
        plain("no-place", error.to_string())
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        Self {
            code: denial.code.to_owned(),
            message: denial.sentence(),
            grant: Some(denial.grant),
        }
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        plain(error.code, error.message)
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
