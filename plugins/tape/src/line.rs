//! What the lines of a tape say, for whoever writes one and for whoever reads it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::text::{Text, from_hex, to_hex};

/// The version of this form, in each header.
pub const SCHEMA: &str = "conductor.tape/1";

/// One line.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The first one: which run it was.
    Header(Header),
    /// A command was started, or was to be.
    Command(Command),
    /// A file was changed, or was to be.
    File(Change),
    /// A lock was taken, or was to be.
    Lock(Lock),
    /// The last one.
    End(End),
}

/// One thing that the plugin asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// A command.
    Command(Command),
    /// A change of a file.
    File(Change),
    /// A lock.
    Lock(Lock),
}

/// Which run it was, and what a replay has to give the plugin that is no call.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The version of this form: `conductor.tape/1`.
    pub schema: String,
    /// The plugin's name.
    pub plugin: String,
    /// The SHA-256 of its component, in hex.
    pub digest: String,
    /// Its arguments, by the names of its manifest.
    pub arguments: Map<String, Value>,
    /// Whether nothing could be changed.
    pub dry_run: bool,
    /// The form in which its outcome was asked for.
    pub presentation: Presentation,
    /// The name of the project's folder; empty where there was no project.
    pub project_name: String,
    /// A digest of all that was in the project's `conductor/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conductor: Option<String>,
    /// The digest of the plan that the person had agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies: Option<String>,
    /// The Claude Code session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The sessions that were over as far as was known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over: Vec<Over>,
    /// The scopes that the person had agreed to as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<String>,
    /// When the run began, in milliseconds since 1970 (UTC).
    pub clock_ms: u64,
    /// What its random numbers are made of.
    pub seed: Seed,
}

/// A session of Claude Code of which it is known that processes of it are gone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Over {
    /// The session's id.
    pub id: String,
    /// Those that ran before this moment, in milliseconds since 1970.
    pub before_ms: u64,
}

/// The form in which an outcome is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Presentation {
    /// A terminal with so many columns.
    Terminal(u16),
    /// Markdown that should stay below so many bytes.
    Markdown(u32),
    /// Data.
    Json,
}

/// What random numbers are made of: 32 bytes, in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Seed(#[cfg_attr(test, schemars(with = "String"))] pub [u8; 32]);

impl TryFrom<String> for Seed {
    type Error = String;

    fn try_from(hex: String) -> Result<Self, String> {
        let bytes = from_hex(&hex).and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| "a seed has 64 hexadecimal digits".to_owned())
    }
}

impl From<Seed> for String {
    fn from(seed: Seed) -> Self {
        to_hex(&seed.0)
    }
}

/// A command that was started, or was to be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The number of the call, from 1.
    pub call: u32,
    /// The plugin's clock when the call was answered, in milliseconds since the run began.
    pub at_ms: u64,
    /// The name of the command in the manifest.
    pub command: String,
    /// The plugin's values, by the names of the holes.
    pub values: BTreeMap<String, Vec<Text>>,
    /// The command line that came of them, the program by its name.
    pub argv: Vec<Text>,
    /// What the command read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin: Option<Text>,
    /// What came of it.
    pub result: Came,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Came {
    /// It ended.
    Ended(Ended),
    /// It was not started, which the plugin was told at once.
    Refused(TypedError),
    /// It was not started, which the plugin was told when it waited.
    NotStarted(TypedError),
    /// The plugin did not wait for its end.
    NotWaited,
}

/// A command that ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// Its exit code, unless a signal ended it.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it printed, as far as its bound went.
    pub stdout: Text,
    /// What it complained of, likewise.
    pub stderr: Text,
    /// Whether there was more of either.
    pub truncated: bool,
    /// Whether its time was over.
    pub timed_out: bool,
    /// Whether something that it left behind still held its streams.
    pub pipe_left_open: bool,
    /// From its start to its end, in milliseconds.
    pub duration_ms: u64,
    /// The plugin's clock when it had waited, in milliseconds since the run began.
    pub until_ms: u64,
}

/// An error of the interface.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TypedError {
    /// What kind: a code of the interface.
    pub code: String,
    /// The sentence that the plugin was given.
    pub message: Text,
}

/// A file that was changed, or was to be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The number of the call, from 1.
    pub call: u32,
    /// The plugin's clock when the call was answered, in milliseconds since the run began.
    pub at_ms: u64,
    /// What was done with it.
    pub operation: Operation,
    /// The grant that it lies in.
    pub grant: String,
    /// Its path below what is granted.
    pub path: String,
    /// The SHA-256, in hex, of its new content with symbols for places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Why it was not done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TypedError>,
}

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A new one is made.
    Create,
    /// Its content is replaced.
    Replace,
    /// It is removed.
    Remove,
}

/// A lock that was taken, or was to be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The number of the call, from 1.
    pub call: u32,
    /// The plugin's clock when the call was answered, in milliseconds since the run began.
    pub at_ms: u64,
    /// Its name.
    pub name: String,
    /// Why it was not to be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TypedError>,
}

/// That the recording came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct End {
    /// How many calls there are.
    pub calls: u32,
}

impl Call {
    /// Its number, from 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        match self {
            Self::Command(Command { call, .. }) | Self::File(Change { call, .. }) | Self::Lock(Lock { call, .. }) => {
                *call
            }
        }
    }
}

impl From<Call> for Line {
    fn from(call: Call) -> Self {
        match call {
            Call::Command(command) => Self::Command(command),
            Call::File(change) => Self::File(change),
            Call::Lock(lock) => Self::Lock(lock),
        }
    }
}

impl Line {
    /// The line as it stands on a tape, with its end.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a line has no key that is no text") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_of_a_line_is_that_of_the_types() {
        let schema = serde_json::to_string_pretty(&schemars::schema_for!(Line)).expect("a schema is JSON") + "\n";
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema/tape.json");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(path, &schema).expect("the schema can be written");
        }
        let published = std::fs::read_to_string(path).unwrap_or_default();
        assert!(published == schema, "{path} is not up to date: BLESS=1 writes it anew");
    }

    #[test]
    fn a_seed_is_32_bytes_or_none() {
        let seed = Seed([171; 32]);
        let text = String::from(seed);
        assert_eq!(text, "ab".repeat(32));
        assert_eq!(Seed::try_from(text), Ok(seed));
        for wrong in [
            String::new(),
            "ab".repeat(31),
            "ab".repeat(33),
            "xy".repeat(32),
            "é".repeat(32),
        ] {
            assert!(Seed::try_from(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
