//! Going through a tape: each call that a plugin makes is compared with the next one on it, and answered with what came of that.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::line::{Call, Change, Command, Header, Lock, Operation};
use crate::read::Tape;
use crate::text::Text;

/// The most characters that are shown of a value on either side of what differs.
const SHOWN: usize = 60;

/// A tape that is being gone through.
#[derive(Debug)]
pub struct Player {
    tape: Tape,
    next: usize,
}

/// A command that a plugin starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// Its name in the manifest.
    pub command: String,
    /// The plugin's values, by the names of the holes.
    pub values: BTreeMap<String, Vec<Text>>,
    /// The command line that comes of them, for who can fill a template.
    pub argv: Option<Vec<Text>>,
    /// What it reads.
    pub stdin: Option<Text>,
}

/// The first call that is not the one on the tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its number, from 1.
    pub call: usize,
    /// What differs.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {} is not that of the tape: {}", self.call, self.what)
    }
}

impl std::error::Error for Difference {}

impl Player {
    /// From its beginning.
    #[must_use]
    pub fn new(tape: Tape) -> Self {
        Self { tape, next: 0 }
    }

    /// Which run it was.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.tape.header
    }

    /// Takes the next call, which has to be this command.
    ///
    /// # Errors
    /// When it is not.
    pub fn command(&mut self, made: &Start) -> Result<&Command, Difference> {
        let expected = format!("starts `{}`", made.command);
        let (call, index) = self.take(&expected)?;
        match call {
            Call::Command(taped) if taped.command == made.command => {
                compare(made, taped).map_err(|what| Difference { call: index, what })?;
                Ok(taped)
            }
            other => Err(another(index, &expected, other)),
        }
    }

    /// Takes the next call, which has to be this change of a file; `sha256` is of the new content, with symbols for places.
    ///
    /// # Errors
    /// When it is not.
    pub fn change(
        &mut self,
        operation: Operation,
        grant: &str,
        path: &str,
        sha256: Option<&str>,
    ) -> Result<&Change, Difference> {
        let expected = doing(operation, grant, path);
        let (call, index) = self.take(&expected)?;
        match call {
            Call::File(taped) if (taped.operation, &*taped.grant, &*taped.path) == (operation, grant, path) => {
                if taped.sha256.as_deref() == sha256 {
                    return Ok(taped);
                }
                let digest = |digest: Option<&str>| format!("sha256 {}", digest.unwrap_or("of nothing"));
                let what = format!(
                    "the plugin {expected} with other bytes ({}); on the tape they are those of {}",
                    digest(sha256),
                    digest(taped.sha256.as_deref())
                );
                Err(Difference { call: index, what })
            }
            other => Err(another(index, &expected, other)),
        }
    }

    /// Takes the next call, which has to be for this lock.
    ///
    /// # Errors
    /// When it is not.
    pub fn lock(&mut self, name: &str) -> Result<&Lock, Difference> {
        let expected = format!("takes the lock `{name}`");
        let (call, index) = self.take(&expected)?;
        match call {
            Call::Lock(taped) if taped.name == name => Ok(taped),
            other => Err(another(index, &expected, other)),
        }
    }

    /// What was not asked for: one line a call.
    pub fn left(&self) -> impl ExactSizeIterator<Item = String> {
        let left = &self.tape.calls[self.next..];
        left.iter()
            .map(|call| format!("call {}: the plugin {}", call.number(), done(call)))
    }

    fn take(&mut self, made: &str) -> Result<(&Call, usize), Difference> {
        let call = self.next + 1;
        let taped = self.tape.calls.get(self.next).ok_or_else(|| Difference {
            call,
            what: format!("the plugin {made}; the tape has no further call"),
        })?;
        self.next = call;
        Ok((taped, call))
    }
}

fn another(call: usize, made: &str, taped: &Call) -> Difference {
    let what = format!("the plugin {made}; on the tape it {}", done(taped));
    Difference { call, what }
}

/// What a call did, behind "the plugin".
fn done(call: &Call) -> String {
    match call {
        Call::Command(command) => format!("starts `{}`", command.command),
        Call::File(change) => doing(change.operation, &change.grant, &change.path),
        Call::Lock(lock) => format!("takes the lock `{}`", lock.name),
    }
}

fn doing(operation: Operation, grant: &str, path: &str) -> String {
    let verb = match operation {
        Operation::Create => "creates",
        Operation::Replace => "replaces",
        Operation::Remove => "removes",
    };
    format!("{verb} `{path}` of the grant `{grant}`")
}

/// The holes first, since they are what a plugin gives; the command line differs beyond them only where the manifest does.
fn compare(made: &Start, taped: &Command) -> Result<(), String> {
    let command = &made.command;
    let holes: BTreeSet<&String> = made.values.keys().chain(taped.values.keys()).collect();
    for hole in holes {
        let of = format!("`{hole}` of `{command}`");
        match (made.values.get(hole), taped.values.get(hole)) {
            (Some(made), Some(taped)) => lists(&of, "value", made, taped)?,
            (Some(_), None) => return Err(format!("{of} has a value, and on the tape none")),
            (None, _) => return Err(format!("{of} has no value, and on the tape one")),
        }
    }
    if let Some(argv) = &made.argv {
        lists(
            &format!("the command line of `{command}`"),
            "argument",
            argv,
            &taped.argv,
        )?;
    }
    match (&made.stdin, &taped.stdin) {
        (Some(made), Some(taped)) => one(&format!("stdin of `{command}`"), made, taped),
        (None, None) => Ok(()),
        (Some(_), None) => Err(format!("`{command}` is given a stdin, and on the tape none")),
        (None, Some(_)) => Err(format!("`{command}` is given no stdin, and on the tape one")),
    }
}

fn lists(of: &str, each: &str, made: &[Text], taped: &[Text]) -> Result<(), String> {
    let single = made.len() == 1 && taped.len() == 1;
    for (index, (made, taped)) in made.iter().zip(taped).enumerate() {
        let of = if single {
            of.to_owned()
        } else {
            format!("{each} {} of {of}", index + 1)
        };
        one(&of, made, taped)?;
    }
    if made.len() == taped.len() {
        return Ok(());
    }
    let (made, taped) = (made.len(), taped.len());
    Err(format!("{of} has {made} {each}s, and on the tape {taped}"))
}

fn one(of: &str, made: &Text, taped: &Text) -> Result<(), String> {
    if made == taped {
        return Ok(());
    }
    let (made, taped) = (
        String::from_utf8_lossy(made.as_bytes()),
        String::from_utf8_lossy(taped.as_bytes()),
    );
    let same = made
        .chars()
        .zip(taped.chars())
        .take_while(|(made, taped)| made == taped)
        .count();
    Err(format!(
        "{of} is `{}`, and on the tape `{}`",
        near(&made, same),
        near(&taped, same)
    ))
}

/// What of a text is near a character, so that a difference in a long one can be seen.
fn near(text: &str, at: usize) -> String {
    let from = if at < SHOWN { 0 } else { at - SHOWN / 2 };
    let mut shown: String = text.chars().skip(from).take(2 * SHOWN).collect();
    if from > 0 {
        shown.insert(0, '…');
    }
    if text.chars().count() > from + 2 * SHOWN {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
