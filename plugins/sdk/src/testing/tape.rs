//! The host for tests, driven by a tape: a recording of the real tools, which `conductor --record` has written.

use std::cell::RefCell;
use std::path::Path;

use conductor_tape::{
    Came, Difference, Ended as TapedEnd, Operation, Places, Player, Presentation, Start, Symbol, Tape, Text, TypedError,
};

use super::{Ended, FakeHost, error, owned};
use crate::{Arguments, Error, Format, Output, Running, digest};

/// What a plugin sees of the places of the machine.
const PLACES: [(Symbol, &str); 4] = [
    (Symbol::Project, "/project"),
    (Symbol::Town, "/town"),
    (Symbol::Data, "/data"),
    (Symbol::Home, "/home/user"),
];

/// A tape that answers a plugin.
#[derive(Debug)]
pub(super) struct Taped {
    player: RefCell<Player>,
    places: Places,
}

impl FakeHost {
    /// A host that answers as the machine did when this tape was recorded, with the arguments of that run. Each command, change
    /// of a file and lock has to be the next one on it; the files of the project are those that the test gives. Places are
    /// `/project`, `/town`, `/data` and `/home/user`.
    ///
    /// # Panics
    /// When the file is no tape. Later, when the plugin makes another call than the next one of the tape.
    #[must_use]
    pub fn from_tape(tape: impl AsRef<Path>) -> Self {
        let path = tape.as_ref();
        let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let tape = Tape::read(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let places = PLACES.iter().fold(Places::default(), |places, (symbol, path)| {
            places.with(*symbol, Path::new(path))
        });
        let arguments = places.json_here(&tape.header.arguments.clone().into());
        Self {
            arguments: Arguments::from_json(&arguments.to_string()),
            presentation: match tape.header.presentation {
                Presentation::Terminal(columns) => Format::Terminal(columns),
                Presentation::Markdown(bytes) => Format::Markdown(bytes),
                Presentation::Json => Format::Json,
            },
            project_name: tape.header.project_name.clone(),
            dry_run: tape.header.dry_run,
            tape: Some(Taped {
                player: RefCell::new(Player::new(tape)),
                places,
            }),
            ..Self::new()
        }
    }
}

impl Taped {
    pub(super) fn left(&self) -> usize {
        self.player.borrow().left().len()
    }

    pub(super) fn start(
        &self,
        command: &str,
        values: &[(&str, &[&str])],
        stdin: Option<&[u8]>,
    ) -> Result<Box<dyn Running>, Error> {
        let taped = |list: Vec<String>| list.iter().map(|value| self.places.taped(value.as_bytes())).collect();
        let start = Start {
            command: command.to_owned(),
            values: owned(values)
                .into_iter()
                .filter(|(_, list)| !list.is_empty())
                .map(|(name, list)| (name, taped(list)))
                .collect(),
            // The manifest, which says the command line, is not there.
            argv: None,
            stdin: stdin.map(|bytes| self.places.taped(bytes)),
        };
        let mut player = self.player.borrow_mut();
        let taped = player.command(&start).unwrap_or_else(differs);
        match &taped.result {
            Came::Ended(ended) => Ok(Box::new(Ended(Ok(self.output(ended))))),
            Came::NotStarted(error) => Ok(Box::new(Ended(Err(self.error(error))))),
            Came::Refused(error) => Err(self.error(error)),
            Came::NotWaited => Ok(Box::new(NotWaited(command.to_owned()))),
        }
    }

    pub(super) fn lock(&self, name: &str) -> Result<(), Error> {
        let mut player = self.player.borrow_mut();
        self.answer(player.lock(name).unwrap_or_else(differs).error.as_ref())
    }

    pub(super) fn change(
        &self,
        grant: &str,
        path: &str,
        expected: Option<&str>,
        new: Option<&[u8]>,
    ) -> Result<(), Error> {
        let operation = match (expected, new) {
            (_, None) => Operation::Remove,
            (None, Some(_)) => Operation::Create,
            (Some(_), Some(_)) => Operation::Replace,
        };
        let sha256 = new.map(|bytes| digest(self.places.taped(bytes).as_bytes()));
        let mut player = self.player.borrow_mut();
        let taped = player.change(operation, grant, path, sha256.as_deref());
        self.answer(taped.unwrap_or_else(differs).error.as_ref())
    }

    fn answer(&self, refused: Option<&TypedError>) -> Result<(), Error> {
        refused.map_or(Ok(()), |refused| Err(self.error(refused)))
    }

    fn error(&self, taped: &TypedError) -> Error {
        error(
            &taped.code,
            String::from_utf8_lossy(&self.here(&taped.message)).into_owned(),
        )
    }

    fn output(&self, ended: &TapedEnd) -> Output {
        Output {
            status: ended.status,
            signal: ended.signal,
            timed_out: ended.timed_out,
            stdout: self.here(&ended.stdout),
            stderr: self.here(&ended.stderr),
            truncated: ended.truncated,
            pipe_left_open: ended.pipe_left_open,
            duration_ms: ended.duration_ms,
        }
    }

    fn here(&self, text: &Text) -> Vec<u8> {
        self.places.here(text)
    }
}

/// A command that the recorded run did not wait for.
struct NotWaited(String);

impl Running for NotWaited {
    /// # Panics
    /// Always: the tape does not know its end.
    fn wait(self: Box<Self>) -> Result<Output, Error> {
        panic!("the plugin waits for `{}`; on the tape it did not", self.0)
    }

    fn kill(&self) {}
}

fn differs<T>(difference: Difference) -> T {
    panic!("{difference}")
}
