//! The programs: which version of each is there, which is needed, and how one comes by it.
//!
//! The least versions are those of the specification, and of what Gas Town 1.2.1 asks for itself; the tested ones are those that
//! the tests of this repository run against.

use conductor_beads::{Error, Kind};

use crate::check::{Check, State};
use crate::facts::{Answer, Facts};
use crate::version::Version;

/// A program, and what is asked of it.
struct Program {
    name: &'static str,
    title: &'static str,
    least: Option<[u32; 3]>,
    needed: Option<&'static str>,
    tested: Option<&'static str>,
    install: &'static str,
}

const GIT: Program = Program {
    name: "git",
    title: "git",
    least: Some([2, 25, 0]),
    needed: Some("2.25 or later"),
    tested: None,
    install: "`sudo apt install git`, or `brew install git`",
};
const CLAUDE: Program = Program {
    name: "claude",
    title: "Claude Code",
    least: None,
    needed: None,
    tested: Some("2.1.330"),
    install: "`npm install -g @anthropic-ai/claude-code`",
};
const BD: Program = Program {
    name: "bd",
    title: "bd",
    least: None,
    needed: None,
    tested: Some("1.0.5"),
    install: "`CGO_ENABLED=1 GOFLAGS=-tags=gms_pure_go go install github.com/steveyegge/beads/cmd/bd@v1.0.5` (with a C compiler)",
};
const GT: Program = Program {
    name: "gt",
    title: "gt",
    least: None,
    needed: Some("Gas Town's"),
    tested: Some("1.2.1"),
    install: "`CGO_ENABLED=1 GOFLAGS=-tags=gms_pure_go go install github.com/steveyegge/gastown/cmd/gt@v1.2.1` (with a C compiler)",
};
const DOLT: Program = Program {
    name: "dolt",
    title: "dolt",
    least: Some([2, 0, 7]),
    needed: Some("2.0.7 or later"),
    tested: Some("2.1.4"),
    install: "a release from https://github.com/dolthub/dolt/releases, or `brew install dolt`",
};
const TMUX: Program = Program {
    name: "tmux",
    title: "tmux",
    least: Some([3, 0, 0]),
    needed: Some("3.0 or later"),
    tested: Some("3.3a"),
    install: "`sudo apt install tmux`, or `brew install tmux`",
};
const GO: Program = Program {
    name: "go",
    title: "Go",
    least: Some([1, 26, 0]),
    needed: Some("1.26 or later, to build bd and gt"),
    tested: None,
    install: "https://go.dev/dl",
};

/// Beads before this still has `bd sync`, and JSON that was never tried.
const BD_BEFORE: [u32; 3] = [0, 58, 0];
/// These moved databases to a new form by themselves and were taken back.
const BD_WITHDRAWN: [[u32; 3]; 2] = [[1, 2, 0], [1, 2, 1]];

pub(crate) fn git(facts: &Facts) -> Check {
    GIT.check(&facts.git).brief()
}

pub(crate) fn claude(facts: &Facts) -> Check {
    CLAUDE.check(&facts.claude).brief()
}

pub(crate) fn bd(facts: &Facts) -> Check {
    let check = BD.check(&facts.bd).brief();
    let Ok(version) = &facts.bd else { return check };
    if BD_WITHDRAWN.iter().any(|withdrawn| version.is(*withdrawn)) {
        let text =
            format!("bd {version} was withdrawn: it changes the form of databases so that other versions refuse them");
        return Check {
            text,
            ..check.worth_a_look().next(format!("go back to 1.0.5: {}", BD.install))
        };
    }
    if !version.is_at_least(BD_BEFORE) {
        let text = format!("bd {version} is older than any that was tried");
        return Check {
            text,
            ..check.worth_a_look().next(BD.install)
        };
    }
    check
}

pub(crate) fn gt(facts: &Facts) -> Check {
    match &facts.gt {
        // Graphite's `gt info` knows no `--json`; another one may print anything.
        Err(error) if matches!(error.kind, Kind::Failed | Kind::NotUnderstood) => Check {
            needed: GT.needed,
            tested: GT.tested,
            ..Check::missing(GT.name, "gt is another program of that name (Graphite's, perhaps)").next(format!(
                "{}; its folder has to stand before the other's on PATH",
                GT.install
            ))
        },
        answer => GT.check(answer).brief(),
    }
}

pub(crate) fn dolt(facts: &Facts) -> Check {
    DOLT.check(&facts.dolt).brief()
}

pub(crate) fn tmux(facts: &Facts) -> Check {
    TMUX.check(&facts.tmux).brief()
}

/// Only where something has to be built with it.
pub(crate) fn go(facts: &Facts) -> Option<Check> {
    let absent = |answer: &Answer<Version>| answer.as_ref().is_err_and(|error| error.kind == Kind::NotInstalled);
    let to_build = absent(&facts.bd) || gt(facts).state == State::Missing;
    // It is no step of its own in a list of programs.
    let check = || Check {
        absent: None,
        ..GO.check(&facts.go)
    };
    to_build.then(check)
}

impl Program {
    fn check(&self, answer: &Answer<Version>) -> Check {
        let check = match answer {
            Ok(version) => self.found(version),
            Err(error) => self.silent(error),
        };
        Check {
            needed: self.needed,
            tested: self.tested,
            ..check
        }
    }

    fn found(&self, version: &Version) -> Check {
        let text = format!("{} {version}", self.title);
        match self.least {
            Some(least) if !version.is_at_least(least) => {
                Check::missing(self.name, format!("{text} is too old")).next(self.install)
            }
            _ => Check::ok(self.name, text),
        }
        .found(version)
    }

    fn silent(&self, error: &Error) -> Check {
        match error.kind {
            Kind::NotInstalled => Check {
                absent: Some(self.title),
                ..Check::missing(self.name, format!("{} is not installed", self.title)).next(self.install)
            },
            _ => Check::unknown(self.name, error),
        }
    }
}

impl Check {
    fn worth_a_look(self) -> Self {
        Self {
            state: State::Look,
            ..self
        }
    }
}
