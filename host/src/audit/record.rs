//! What a line of the audit log says, for whoever writes one and for whoever reads it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::digest;
use crate::manifest::Effect;

/// The version of [`Record`], in each line.
pub(super) const VERSION: u32 = 1;
/// The most bytes of one value that a line holds. A title or an id fits; a brief or a page is known by its digest.
pub const VALUE_BYTES: usize = 256;
/// The most arguments of a command that a line holds one by one, so that a list of thousands can't fill the log.
pub const ARGUMENTS: usize = 32;

/// One thing that a plugin did, was refused, or how its run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Record {
    /// The version of this form.
    pub v: u32,
    /// When it began, in UTC (RFC 3339).
    #[cfg_attr(test, schemars(with = "String"))]
    pub time: Timestamp,
    /// The run of the plugin that it belongs to.
    pub run: String,
    /// Its number in that run. A later line of the same run and number replaces an earlier one.
    pub id: u32,
    /// The plugin's name.
    pub plugin: String,
    /// The SHA-256 of the plugin's component.
    pub digest: String,
    /// The path of the project, where the plugin had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Text>,
    /// What it was.
    #[serde(flatten)]
    pub what: What,
}

/// What a record is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum What {
    /// A program was to be started.
    Command {
        /// The name of the command in the manifest.
        name: String,
        /// Its template, as it was shown when it was granted.
        template: Text,
        /// The arguments that came of it, the program first.
        argv: Vec<Text>,
        /// What it was given to read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stdin: Option<Content>,
        /// What was in the files that were written for it, in the order of their paths in the arguments.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<Content>,
        /// What its manifest says that it does.
        effect: Effect,
        /// What came of it.
        outcome: Outcome,
        /// How long it took.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        duration_ms: Option<u64>,
    },
    /// A file was to be changed.
    File {
        /// The grant that it lies in.
        grant: String,
        /// Its path below what is granted.
        path: Text,
        /// What was to be done with it.
        operation: Operation,
        /// The length of its new content.
        bytes: u64,
        /// The SHA-256 of what was there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<String>,
        /// The SHA-256 of its new content.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// What came of it.
        outcome: Outcome,
    },
    /// The plugin asked for what it may not have.
    Refusal {
        /// What kind: a code of the interface.
        code: String,
        /// The sentence that the plugin and the person were given.
        message: Text,
        /// How often; 1 until the run has ended.
        count: u64,
    },
    /// The user decided something about the plugin itself.
    Decision {
        /// What was decided.
        decision: Decision,
        /// The grants that it is about: all that the plugin holds from then on for an installation.
        grants: Vec<String>,
        /// What came of it.
        outcome: Outcome,
    },
    /// A run ended that has left other records.
    Run {
        /// The plugin's arguments, as one JSON object.
        arguments: Text,
        /// Its exit code.
        exit: u8,
        /// How many commands that only read have no record, since it had so many of them.
        #[serde(default, skip_serializing_if = "is_zero")]
        unlisted: u64,
    },
}

/// What a user decides about a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// It is installed, or takes the place of another version.
    Install,
    /// It is removed.
    Remove,
    /// It gets grants.
    Allow,
    /// It loses grants.
    Revoke,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// A content that is known by its length and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Content {
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 of all of them.
    pub sha256: String,
}

impl Content {
    /// That of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: digest::sha256(bytes),
        }
    }
}

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// A new one is made.
    Create,
    /// Its content is replaced.
    Replace,
    /// It is removed.
    Remove,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It began, and its end was not recorded: it is still under way, or the host was ended meanwhile.
    Begun,
    /// The file was changed.
    Done,
    /// The program ended with this exit code.
    Exit(i32),
    /// The program was ended by this signal.
    Signal(i32),
    /// The program was ended since its time was over.
    TimedOut,
    /// The host refused it when it was about to be done, for the reason of this code.
    Refused(String),
    /// The program could not be started, for the reason of this code.
    NotStarted(String),
    /// The file could not be changed, for the reason of this code.
    Failed(String),
}

/// A value; one that is too long for a line stands there by its beginning, its length and its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Text {
    /// All of it.
    Whole(String),
    /// A long one.
    Cut {
        /// How it begins.
        start: String,
        /// How many bytes it has in all.
        bytes: u64,
        /// The SHA-256 of all of it.
        sha256: String,
        /// How many arguments it stands for, when there were too many; each ends with a NUL then.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        arguments: Option<u64>,
    },
}

impl Text {
    /// A value, cut where it is too long.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.len() <= VALUE_BYTES {
            return Self::Whole(text.to_owned());
        }
        Self::Cut {
            start: text[..text.floor_char_boundary(VALUE_BYTES)].to_owned(),
            bytes: text.len() as u64,
            sha256: digest::sha256(text.as_bytes()),
            arguments: None,
        }
    }

    /// The arguments of a command; what is beyond [`ARGUMENTS`] is one last value.
    #[must_use]
    pub fn list(argv: &[String]) -> Vec<Self> {
        let (listed, rest) = argv.split_at(argv.len().min(ARGUMENTS));
        let mut list: Vec<Self> = listed.iter().map(|argument| Self::new(argument)).collect();
        if !rest.is_empty() {
            list.push(Self::of_many(rest));
        }
        list
    }

    fn of_many(arguments: &[String]) -> Self {
        let mut sha = Sha256::new();
        for argument in arguments {
            sha.update(argument);
            sha.update([0]);
        }
        Self::Cut {
            start: String::new(),
            bytes: arguments.iter().map(|argument| argument.len() as u64 + 1).sum(),
            sha256: digest::hex(&sha.finalize()),
            arguments: Some(arguments.len() as u64),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(text) => f.write_str(text),
            Self::Cut {
                arguments: Some(arguments),
                ..
            } => write!(f, "… {arguments} arguments more"),
            Self::Cut { start, bytes, .. } => write!(f, "{start}… {bytes} bytes"),
        }
    }
}
