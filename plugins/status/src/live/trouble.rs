//! Why something is not known, as the report has it.

use conductor_beads::{Error, Kind};

use super::report::Trouble;

/// A trouble of a kind.
pub(super) fn new(about: &'static str, kind: Kind, message: &str) -> Trouble {
    Trouble {
        about,
        code: name(kind),
        message: message.to_owned(),
        hint: hint(kind),
    }
}

/// Adds a trouble that is not told yet.
pub(super) fn add(troubles: &mut Vec<Trouble>, trouble: Trouble) {
    let is_told = |known: &Trouble| known.about == trouble.about && known.message == trouble.message;
    if !troubles.iter().any(is_told) {
        troubles.push(trouble);
    }
}

/// What the report says of a call that gave no answer.
pub(super) fn of(about: &'static str, error: &Error) -> Trouble {
    Trouble {
        about,
        code: name(error.kind),
        message: error.message.clone(),
        hint: match (error.kind, error.program) {
            (Kind::NotUnderstood, "gt") => {
                Some("Graphite's command line is called `gt` too: Gas Town's has to come first on PATH")
            }
            (kind, _) => hint(kind),
        },
    }
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::NotInstalled => "not-installed",
        Kind::NotGranted => "not-granted",
        Kind::NoPlace => "no-place",
        Kind::TimedOut => "timed-out",
        Kind::TooMuch => "too-much",
        Kind::NoWorkspace => "no-workspace",
        Kind::ServerDown => "server-down",
        Kind::Locked => "locked",
        Kind::Damaged => "damaged",
        Kind::NotUnderstood => "not-understood",
        Kind::Failed | Kind::Refused(_) => "failed",
    }
}

fn hint(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Damaged => Some("`bd doctor` looks at it"),
        Kind::ServerDown => Some("`bd dolt start` starts it"),
        _ => None,
    }
}
