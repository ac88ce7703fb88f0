//! Why a tool gave no answer: a few kinds, for a plugin to decide by, each told in one sentence.

use std::fmt;

use crate::call::Call;
use crate::refusal::Refusal;

/// What kind of trouble it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The program is not there.
    NotInstalled,
    /// The command is not granted.
    NotGranted,
    /// The place or folder that it starts in is not there.
    NoPlace,
    /// It did not answer in time.
    TimedOut,
    /// It printed more than is kept.
    TooMuch,
    /// There is no workspace of the tool where it was asked.
    NoWorkspace,
    /// The database server that it needs does not run.
    ServerDown,
    /// Another process holds the database.
    Locked,
    /// Its workspace is there and can't be used.
    Damaged,
    /// It will not do what it was asked for.
    Refused(Refusal),
    /// It answered something that is not its own: another program of that name, or another version.
    NotUnderstood,
    /// Anything else, in the tool's own words.
    Failed,
}

/// A call that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The program.
    pub program: &'static str,
    /// What kind of trouble it was.
    pub kind: Kind,
    /// One sentence, without a final period.
    pub message: String,
}

impl Error {
    /// An error of a tool that has answered; the call it is about is filled in by the one who asked.
    #[must_use]
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            program: "",
            kind,
            message: message.into(),
        }
    }

    /// What the tool itself said of its failure, as one line; its kind is found by what it says.
    #[must_use]
    pub fn said(said: &str) -> Self {
        let line: Vec<&str> = said.split_whitespace().collect();
        Self::new(kind_of(said), line.join(" "))
    }

    /// Fills in the program; its own words get its name before them.
    pub(crate) fn of(self, call: Call) -> Self {
        let program = call.program();
        let message = match self.kind {
            Kind::NotUnderstood => format!("`{program}` {}", self.message),
            Kind::ServerDown => format!("`{program}` can't reach its Dolt server"),
            Kind::Locked => format!("`{program}` can't open its database: another process holds it"),
            Kind::NoWorkspace => format!("`{program}` finds no workspace here"),
            _ => format!("`{program}`: {}", self.message),
        };
        Self {
            program,
            kind: self.kind,
            message,
        }
    }

    pub(crate) fn timed_out(call: Call) -> Self {
        let seconds = call.timeout_ms.div_ceil(1000);
        Self::about(
            call,
            Kind::TimedOut,
            format!("`{}` did not answer in {seconds} s", call.program()),
        )
    }

    pub(crate) fn too_much(call: Call) -> Self {
        Self::about(
            call,
            Kind::TooMuch,
            format!("`{}` has more to say than is read of it", call.program()),
        )
    }

    /// An embedded workspace of which `bd` knows no prefix: it answers every question with an empty list.
    pub(crate) fn damaged() -> Self {
        Self {
            program: "bd",
            kind: Kind::Damaged,
            message: "`bd` can't read `.beads`: it finds no prefix for ids in it".to_owned(),
        }
    }

    /// The host's own reason, told by its code.
    pub(crate) fn not_started(call: Call, error: conductor_plugin::Error) -> Self {
        let program = call.program();
        let (kind, message) = match error.code.as_str() {
            "no-program" => (Kind::NotInstalled, format!("`{program}` is not installed")),
            "denied" | "undeclared" => (Kind::NotGranted, format!("`{}` is not granted", call.name)),
            "no-place" | "no-folder" | "not-found" => (Kind::NoPlace, error.message),
            "too-late" => (Kind::TimedOut, format!("`{program}` did not answer in time")),
            _ => (Kind::Failed, error.message),
        };
        Self::about(call, kind, message)
    }

    fn about(call: Call, kind: Kind, message: String) -> Self {
        Self {
            program: call.program(),
            kind,
            message,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// What `bd` 1.0.5 and `gt` 1.2.1 write, by a part of it, and `git` of commits. None has codes for errors.
const SAYINGS: [(&str, Kind); 35] = [
    ("database not initialized", Kind::Damaged),
    ("corrupt manifest", Kind::Damaged),
    ("no beads database found", Kind::NoWorkspace),
    ("no_beads_directory", Kind::NoWorkspace),
    ("not in a Gas Town workspace", Kind::NoWorkspace),
    ("Dolt server unreachable", Kind::ServerDown),
    ("circuit breaker is open", Kind::ServerDown),
    ("connection refused", Kind::ServerDown),
    ("another process holds", Kind::Locked),
    ("locked by another dolt process", Kind::Locked),
    ("database is locked", Kind::Locked),
    ("' not found", Kind::Refused(Refusal::NotFound)),
    ("no issue found matching", Kind::Refused(Refusal::NotFound)),
    ("no issues found matching", Kind::Refused(Refusal::NotFound)),
    ("cannot resolve bead", Kind::Refused(Refusal::NotFound)),
    ("merge request not found", Kind::Refused(Refusal::NotFound)),
    ("issue not found", Kind::Refused(Refusal::NotFound)),
    ("Not a valid commit name", Kind::Refused(Refusal::NotFound)),
    ("Not a valid object name", Kind::Refused(Refusal::NotFound)),
    ("fatal: bad revision", Kind::Refused(Refusal::NotFound)),
    (
        "Invalid symmetric difference expression",
        Kind::Refused(Refusal::NotFound),
    ),
    ("is not a valid bead or formula", Kind::Refused(Refusal::NotRouted)),
    ("prefix not in routes", Kind::Refused(Refusal::NotRouted)),
    ("cross-rig mismatch", Kind::Refused(Refusal::NotRouted)),
    ("is already being slung", Kind::Refused(Refusal::BeingSlung)),
    ("Use --force to re-sling", Kind::Refused(Refusal::Held)),
    ("instantiating formula", Kind::Refused(Refusal::Formula)),
    ("attached molecule(s)", Kind::Refused(Refusal::Attached)),
    ("refusing to sling deferred bead", Kind::Refused(Refusal::Deferred)),
    ("(work already completed)", Kind::Refused(Refusal::Closed)),
    ("cannot sling to ", Kind::Refused(Refusal::Parked)),
    ("cannot stage: open convoy", Kind::Refused(Refusal::InConvoy)),
    (
        "exec: \"tmux\": executable file not found",
        Kind::Refused(Refusal::NoTmux),
    ),
    ("getting pane for", Kind::Refused(Refusal::NoSession)),
    ("can't find pane", Kind::Refused(Refusal::NoSession)),
];

/// What is said first counts: a bead's title, or what another program said, may be quoted behind it.
fn kind_of(said: &str) -> Kind {
    let known = SAYINGS
        .iter()
        .filter_map(|(part, kind)| Some((said.find(part)?, *kind)));
    let known = known.min_by_key(|(at, _)| *at).map(|(_, kind)| kind);
    // `bd create --graph`: `adding edge cd-1->cd-2: issue cd-2 not found`.
    let is_unknown = || said.contains("issue ") && said.trim_end().ends_with(" not found");
    known.unwrap_or_else(|| match is_unknown() {
        true => Kind::Refused(Refusal::NotFound),
        false => Kind::Failed,
    })
}
