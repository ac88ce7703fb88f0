//! Why a tool gave no answer: a few kinds, for a plugin to decide by, each told in one sentence.

use std::fmt;

use crate::call::Call;

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
    /// What it was asked about is not there. `gt sling` and `gt convoy` say so too where they can't look: outside a town, and when
    /// the database server is down.
    NotFound,
    /// The bead is another rig's, or none's: by its id, whose beginning is all that `gt` goes by.
    NotRouted,
    /// Another `gt sling` is at work on the bead.
    BeingSlung,
    /// Another worker has the bead.
    Held,
    /// This `gt` and this `bd` can't apply a formula to a bead (gastown#4220): `--hook-raw-bead` does without.
    Formula,
    /// What an earlier worker left is still attached to the bead: `--force` replaces it.
    Attached,
    /// The bead is put off.
    Deferred,
    /// The bead is closed.
    Closed,
    /// The rig takes no work: it is parked or docked.
    Parked,
    /// An open convoy has one of the beads already.
    InConvoy,
    /// `tmux` is not there, in which Gas Town's agents run.
    NoTmux,
    /// There is no session of the one who is meant: its agent ended as soon as it was started, or none runs. `gt sling` says so
    /// of a rig that it does not know, too.
    NoSession,
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

    /// A workspace of which `bd` knows no prefix: it answers every question with an empty list.
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
const SAYINGS: [(&str, Kind); 30] = [
    ("no beads database found", Kind::NoWorkspace),
    ("no_beads_directory", Kind::NoWorkspace),
    ("not in a Gas Town workspace", Kind::NoWorkspace),
    ("Dolt server unreachable", Kind::ServerDown),
    ("circuit breaker is open", Kind::ServerDown),
    ("connection refused", Kind::ServerDown),
    ("another process holds", Kind::Locked),
    ("locked by another dolt process", Kind::Locked),
    ("database is locked", Kind::Locked),
    ("' not found", Kind::NotFound),
    ("no issue found matching", Kind::NotFound),
    ("no issues found matching", Kind::NotFound),
    ("cannot resolve bead", Kind::NotFound),
    ("merge request not found", Kind::NotFound),
    ("issue not found", Kind::NotFound),
    ("Not a valid commit name", Kind::NotFound),
    ("Invalid symmetric difference expression", Kind::NotFound),
    ("is not a valid bead or formula", Kind::NotRouted),
    ("prefix not in routes", Kind::NotRouted),
    ("cross-rig mismatch", Kind::NotRouted),
    ("is already being slung", Kind::BeingSlung),
    ("Use --force to re-sling", Kind::Held),
    ("instantiating formula", Kind::Formula),
    ("attached molecule(s)", Kind::Attached),
    ("refusing to sling deferred bead", Kind::Deferred),
    ("(work already completed)", Kind::Closed),
    ("cannot sling to ", Kind::Parked),
    ("cannot stage: open convoy", Kind::InConvoy),
    ("exec: \"tmux\": executable file not found", Kind::NoTmux),
    ("getting pane for", Kind::NoSession),
];

/// What is said first counts: a bead's title, or what another program said, may be quoted behind it.
fn kind_of(said: &str) -> Kind {
    let known = SAYINGS
        .iter()
        .filter_map(|(part, kind)| Some((said.find(part)?, *kind)));
    known.min_by_key(|(at, _)| *at).map_or(Kind::Failed, |(_, kind)| kind)
}
