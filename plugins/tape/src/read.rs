//! Reading a tape: all of it or a line that says what is wrong with it. A tape may have been cut off, edited, or made to harm.

use std::fmt;

use serde::Deserialize;

use crate::line::{Call, Header, Line, SCHEMA};

/// The most bytes of a tape: as much as all commands of a run may keep at one time.
pub const TAPE_BYTES: u64 = 64 << 20;

/// A tape that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Tape {
    /// Which run it was.
    pub header: Header,
    /// What the plugin asked for, in that order.
    pub calls: Vec<Call>,
}

/// Why a text is no tape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ReadError {}

impl Tape {
    /// Reads a tape.
    ///
    /// # Errors
    /// The first line that is not as it has to be.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let at = |line: usize, what: String| ReadError { line, what };
        if bytes.len() as u64 > TAPE_BYTES {
            let most = TAPE_BYTES >> 20;
            return Err(at(1, format!("the tape is larger than {most} MiB")));
        }
        // One line after the other: a list of them can have more bytes than the tape.
        let mut lines = bytes.split_inclusive(|&byte| byte == b'\n').zip(1..);
        let Some((first, number)) = lines.next() else {
            return Err(at(
                1,
                "the tape is empty: its recording did not come to an end".to_owned(),
            ));
        };
        let header = header(first).map_err(|what| at(number, what))?;
        let mut calls = Vec::new();
        for (text, number) in lines.by_ref() {
            match line(text).and_then(|line| call(line, calls.len())) {
                Ok(Some(call)) => calls.push(call),
                Ok(None) => {
                    return match lines.next() {
                        None => Ok(Self { header, calls }),
                        Some((_, more)) => Err(at(more, "there is more behind the end".to_owned())),
                    };
                }
                Err(what) => return Err(at(number, what)),
            }
        }
        let what = "the end is missing: the recording was cut off, or the file was";
        Err(at(calls.len() + 2, what.to_owned()))
    }
}

/// The call of a line behind so many others; nothing at the end.
fn call(line: Line, before: usize) -> Result<Option<Call>, String> {
    let call = match line {
        Line::Header(_) => return Err("a second header".to_owned()),
        Line::Command(command) => Call::Command(command),
        Line::File(change) => Call::File(change),
        Line::Lock(lock) => Call::Lock(lock),
        Line::End(end) if end.calls as usize == before => return Ok(None),
        Line::End(end) => return Err(format!("the end of {} calls, but there are {before}", end.calls)),
    };
    match call.number() as usize {
        number if number == before + 1 => Ok(Some(call)),
        number => Err(format!("call {number} where call {} has to be", before + 1)),
    }
}

/// The beginning of a header: of another version nothing else need be as it is here.
#[derive(Deserialize)]
struct First {
    header: Version,
}

#[derive(Deserialize)]
struct Version {
    schema: String,
}

fn header(text: &[u8]) -> Result<Header, String> {
    if let Ok(First { header }) = serde_json::from_slice(text)
        && header.schema != SCHEMA
    {
        let other: String = header.schema.chars().take(64).collect();
        return Err(format!(
            "the tape has the form `{other}`; this version of `conductor` reads `{SCHEMA}`"
        ));
    }
    match line(text)? {
        Line::Header(header) => Ok(header),
        _ => Err("a tape begins with its header".to_owned()),
    }
}

fn line(text: &[u8]) -> Result<Line, String> {
    serde_json::from_slice(text).map_err(|error| {
        let said = error.to_string();
        let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
        format!("column {}: {what}", error.column())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::{Came, Command, End, Lock, Presentation, Seed};

    fn header() -> Header {
        Header {
            schema: SCHEMA.to_owned(),
            plugin: "p".to_owned(),
            digest: "d".to_owned(),
            arguments: serde_json::Map::new(),
            dry_run: false,
            presentation: Presentation::Terminal(100),
            project_name: "shop".to_owned(),
            conductor: None,
            applies: None,
            session: None,
            over: Vec::new(),
            consents: Vec::new(),
            clock_ms: 1,
            seed: Seed([7; 32]),
        }
    }

    fn lines() -> Vec<String> {
        let command = Command {
            call: 1,
            at_ms: 0,
            command: "commits".to_owned(),
            values: [("since".to_owned(), vec![crate::Text::new(b"monday".to_vec())])].into(),
            argv: vec![crate::Text::new(b"git".to_vec())],
            stdin: None,
            result: Came::NotWaited,
        };
        let lock = Lock {
            call: 2,
            at_ms: 3,
            name: "page".to_owned(),
            error: None,
        };
        [
            Line::Header(header()),
            Line::Command(command),
            Line::Lock(lock),
            Line::End(End { calls: 2 }),
        ]
        .iter()
        .map(Line::to_json)
        .collect()
    }

    fn wrong(lines: &[String]) -> String {
        Tape::read(lines.concat().as_bytes())
            .expect_err("it is no tape")
            .to_string()
    }

    #[test]
    fn what_was_written_is_read() {
        let tape = Tape::read(lines().concat().as_bytes()).expect("it is a tape");
        assert_eq!(tape.header, header());
        assert_eq!(tape.calls.iter().map(Call::number).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_tape_that_is_cut_off_says_so_wherever_it_is_cut() {
        let whole = lines().concat();
        for cut in 0..whole.len() - 1 {
            let error = Tape::read(&whole.as_bytes()[..cut]).expect_err("it is not whole");
            assert!(error.line <= 4, "{error}");
        }
        assert_eq!(
            wrong(&lines()[..3]),
            "line 4: the end is missing: the recording was cut off, or the file was"
        );
        assert_eq!(
            wrong(&[]),
            "line 1: the tape is empty: its recording did not come to an end"
        );
    }

    #[test]
    fn an_edited_tape_names_the_line() {
        let edit = |index: usize, from: &str, to: &str| {
            let mut lines = lines();
            let edited = lines[index].replacen(from, to, 1);
            assert_ne!(edited, lines[index], "{from}");
            lines[index] = edited;
            wrong(&lines)
        };
        assert!(edit(0, "conductor.tape/1", "conductor.tape/2").contains("has the form `conductor.tape/2`"));
        assert!(edit(0, "\"plugin\"", "\"plugins\"").starts_with("line 1: column "));
        assert!(edit(1, "\"call\":1", "\"call\":2").contains("line 2: call 2 where call 1 has to be"));
        assert!(edit(1, "\"call\":1", "\"call\":-1").contains("line 2: column "));
        assert!(edit(1, "not_waited", "ended").contains("line 2: column "));
        assert!(edit(2, "\"name\"", "\"more\":1,\"name\"").contains("unknown field `more`"));
        assert!(edit(2, "\"name\"", "\"call\":2,\"name\"").contains("duplicate field"));
        assert!(edit(3, "2", "3").contains("line 4: the end of 3 calls, but there are 2"));
        let mut more = lines();
        more.push("{}\n".to_owned());
        assert!(wrong(&more).contains("line 5: there is more behind the end"));
        let mut twice = lines();
        twice.swap(0, 1);
        assert!(wrong(&twice).contains("line 1: a tape begins with its header"));
    }

    #[test]
    fn what_is_made_to_harm_is_an_error() {
        let deep = "[".repeat(1 << 20);
        assert!(wrong(&[deep]).starts_with("line 1: column "));
        let wide = vec![b'\n'; usize::try_from(TAPE_BYTES).expect("it fits") + 1];
        let error = Tape::read(&wide).expect_err("it is too large");
        assert!(error.what.contains("larger than 64 MiB"), "{error}");
        assert!(Tape::read(&[0xff, 0xfe, 0]).is_err());
    }
}
