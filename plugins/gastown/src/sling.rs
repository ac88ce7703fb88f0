//! `gt sling`: gives a bead to a worker, and starts the worker where there is none. What that costs is an agent's work.
//!
//! It is done when the call ends with 0: what `gt` prints before says only what it has tried. Killed in between it leaves the bead
//! open and a worker without a session behind. It looks at no dependency: whoever calls it has made sure that the bead may begin.

use conductor_beads::{Asked, Call, Error, Kind, answer, ask};
use conductor_plugin::{Host, Output};

/// How long it may take: 4 s in an empty rig, half a minute with ten polecats, and `gt` itself waits three minutes for an agent.
const TIMEOUT_MS: u64 = 600_000;

/// Gives a bead to a polecat of a rig: an idle one, else a new one. No convoy is made, and no other agent started.
pub const TO_RIG: Call = Call {
    name: "sling",
    argv: &[
        "gt",
        "sling",
        "<bead:id>",
        "<rig:id>",
        "--no-boot",
        "--no-convoy",
        "--hook-raw-bead=<raw:one of true|false>",
        "--no-merge=<no-merge:one of true|false>",
        "--force=<force:one of true|false>",
        "--args=<args:text>",
    ],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// The same, on top of a branch of the remote and not of the rig's default branch. What comes of it is still merged into that one.
pub const FROM_BRANCH: Call = Call {
    name: "sling-from-branch",
    argv: &[
        "gt",
        "sling",
        "<bead:id>",
        "<rig:id>",
        "--no-boot",
        "--no-convoy",
        "--hook-raw-bead=<raw:one of true|false>",
        "--no-merge=<no-merge:one of true|false>",
        "--force=<force:one of true|false>",
        "--base-branch=<base:ref>",
        "--args=<args:text>",
    ],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// The same with a formula of one's own in place of the rig's: `gt prime` shows its steps to the worker.
pub const WITH_FORMULA: Call = Call {
    name: "sling-with-formula",
    argv: &[
        "gt",
        "sling",
        "<bead:id>",
        "<rig:id>",
        "--no-boot",
        "--no-convoy",
        "--formula=<formula:id>",
        "--var=track_id=<track:text>",
        "--no-merge=<no-merge:one of true|false>",
        "--force=<force:one of true|false>",
        "--args=<args:text>",
    ],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// Gives a bead to a crew member, whose session has to run. It gets no formula, and what comes of it no merge request.
pub const TO_CREW: Call = Call {
    name: "sling-to-crew",
    argv: &[
        "gt",
        "sling",
        "<bead:id>",
        "<rig:id>/crew/<crew:id>",
        "--no-boot",
        "--no-convoy",
        "--force=<force:one of true|false>",
        "--args=<args:text>",
    ],
    cwd: "town",
    timeout_ms: TIMEOUT_MS,
};

/// How a bead is given to a polecat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How<'a> {
    /// What the worker is told beside the bead.
    pub args: &'a str,
    /// Without Gas Town's formula, which this `gt` and this `bd` may not be able to apply: then it is refused for
    /// [its sake](conductor_beads::Refusal::Formula).
    pub raw: bool,
    /// Its branch is not merged by the refinery.
    pub no_merge: bool,
    /// Whatever else would be a reason to refuse it: what an earlier worker has left attached is replaced, one that has the bead
    /// loses it, and it is slung though it is put off or another rig's.
    pub force: bool,
    /// The branch that it begins from, if not the rig's default branch.
    pub base: Option<&'a str>,
    /// The formula by which it is worked on, if not the rig's, with its variable `track_id`; without effect where it is slung raw or
    /// from a branch.
    pub formula: Option<(&'a str, &'a str)>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slung {
    /// A worker has it.
    Started(Started),
    /// This worker had it already: `RIG/polecats/NAME`. Nothing was done.
    Already(String),
    /// Gas Town's scheduler holds it until a worker is free.
    Scheduled,
}

/// How a worker got a bead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Started {
    /// Who: `RIG/polecats/NAME`, `RIG/crew/NAME`.
    pub assignee: String,
    /// Whether it is a polecat that was idle.
    pub reused: bool,
    /// The convoy that was made for it all the same.
    pub convoy: Option<String>,
    /// What the formula has attached to it; nothing without formula.
    pub molecule: Option<String>,
}

/// `gt sling` to a polecat of the rig.
pub fn to_rig(host: &dyn Host, bead: &str, rig: &str, how: How<'_>) -> Asked<Slung> {
    let values = [
        ("bead", bead),
        ("rig", rig),
        ("raw", word(how.raw)),
        ("no-merge", word(how.no_merge)),
        ("force", word(how.force)),
    ];
    match (how.base, how.formula) {
        (None, Some((formula, track))) if !how.raw => {
            let [bead, rig, _, no_merge, force] = values;
            let values = [
                bead,
                rig,
                ("formula", formula),
                ("track", track),
                no_merge,
                force,
                ("args", how.args),
            ];
            ask(host, WITH_FORMULA, &values, read)
        }
        (None, _) => ask(host, TO_RIG, &[&values[..], &[("args", how.args)]].concat(), read),
        (Some(base), _) => {
            let values = [&values[..], &[("base", base), ("args", how.args)]].concat();
            ask(host, FROM_BRANCH, &values, read)
        }
    }
}

/// `gt sling` to a crew member.
pub fn to_crew(host: &dyn Host, bead: &str, rig: &str, crew: &str, args: &str, force: bool) -> Asked<Slung> {
    let values = [
        ("bead", bead),
        ("rig", rig),
        ("crew", crew),
        ("force", word(force)),
        ("args", args),
    ];
    ask(host, TO_CREW, &values, read)
}

fn word(is: bool) -> &'static str {
    if is { "true" } else { "false" }
}

/// Reads what `gt sling` says on the way: its lines begin with a mark or blanks, and have no other form than text.
fn read(output: &Output) -> Result<Slung, Error> {
    if !output.success() {
        return Err(answer::failed(output));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut started = Started::default();
    for line in text.lines() {
        let said = line.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        // `hooked`, `in_progress`, `pinned`: the bead's own status stands before the `to`.
        if let Some(assignee) = said
            .split_once(" is already ")
            .and_then(|(_, is)| between(is, " to ", ", no-op"))
        {
            return Ok(Slung::Already(assignee.to_owned()));
        }
        if said.starts_with("Scheduled ") || said.contains(" is already scheduled ") {
            return Ok(Slung::Scheduled);
        }
        if said.starts_with("Reusing idle polecat: ") {
            started.reused = true;
        } else if said.starts_with("Slinging ") {
            between(said, " to ", "...")
                .unwrap_or_default()
                .clone_into(&mut started.assignee);
        } else if said.starts_with("Created convoy ") {
            started.convoy = said.split_whitespace().last().map(str::to_owned);
        } else if let Some(molecule) = said.strip_prefix("Formula wisp created: ") {
            started.molecule = Some(molecule.to_owned());
        }
    }
    match started.assignee.is_empty() {
        true => Err(Error::new(Kind::NotUnderstood, "does not say who has the bead")),
        false => Ok(Slung::Started(started)),
    }
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.strip_suffix(after)
}

#[cfg(test)]
mod tests {
    use conductor_beads::Kind;
    use conductor_plugin::Output;

    use super::read;

    #[test]
    fn a_program_of_the_same_name_that_says_nothing_has_slung_nothing() {
        for stdout in ["", "nothing to do\n"] {
            let output = Output {
                status: Some(0),
                stdout: stdout.into(),
                ..Output::default()
            };
            assert_eq!(read(&output).map_err(|error| error.kind), Err(Kind::NotUnderstood));
        }
    }
}
