//! `programs` of a manifest: the programs that its commands start, and what these get of the environment.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Manifest, check_reason};
use crate::lock::MARK;
use crate::template::runs_by_environment;
use crate::unique;
use crate::visible;

/// The most variables of each kind of one program: a person reads them.
const MOST_VARIABLES: usize = 64;
/// The most bytes of a fixed value, for the same reason.
const MOST_VALUE_BYTES: usize = 1024;

/// Variables that only the host sets: they say where programs are found, whose files are read, what is loaded into a program, whose run
/// it belongs to.
const OF_THE_HOST: [&str; 8] = ["PATH", "HOME", "USER", "TMPDIR", "XDG_*", "LD_*", "DYLD_*", MARK];
/// Variables that every program has without being asked for. A fixed value may replace them: `LC_ALL=C`.
const GIVEN: [&str; 4] = ["LANG", "LC_*", "TERM", "NO_COLOR"];
/// Of the person's own, these never reach a program: they would make it another workspace, or another agent.
const NEVER_PASSED: [&str; 3] = ["GT_*", "BD_*", "BEADS_*"];

/// A program that the plugin's commands start.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ProgramWish {
    /// Variables that it gets, with their values.
    #[serde(
        default,
        deserialize_with = "unique::map",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub env: BTreeMap<String, String>,
    /// Variables that it gets as they are where `conductor` runs: names, or beginnings such as `ANTHROPIC_*`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass_env: Vec<String>,
    /// Why, for the person who grants its commands.
    pub reason: String,
}

impl ProgramWish {
    /// Whether a variable of this name is passed on.
    #[must_use]
    pub fn passes(&self, variable: &str) -> bool {
        let kept_back = [OF_THE_HOST.as_slice(), &GIVEN, &NEVER_PASSED];
        self.pass_env.iter().any(|pattern| covers(pattern, variable))
            && !kept_back.iter().any(|patterns| reserved(patterns, variable))
    }

    /// Why its fixed environment makes it run anything.
    pub(super) fn unbounded(&self) -> Option<String> {
        let found = self.env.iter().find(|(name, value)| runs_by_environment(name, value));
        found.map(|(name, value)| format!("`{name}={value}` makes programs run something"))
    }
}

/// Whether a name, or a beginning such as `ANTHROPIC_*`, means this variable.
fn covers(pattern: &str, variable: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => variable.starts_with(start),
        None => pattern == variable,
    }
}

fn reserved(patterns: &[&str], variable: &str) -> bool {
    patterns.iter().any(|pattern| covers(pattern, variable))
}

/// Checks each program, and that something starts it.
pub(super) fn check(manifest: &Manifest) -> Result<(), String> {
    let started: BTreeSet<&str> = manifest
        .commands
        .values()
        .map(|command| command.argv.program())
        .collect();
    for (name, program) in &manifest.programs {
        let shown = visible::line(name, 64);
        if !started.contains(name.as_str()) {
            return Err(format!(
                "no command starts the program `{shown}`\nhint: take it out of `programs`"
            ));
        }
        check_reason(&program.reason, &format!("the program `{shown}`"))?;
        check_fixed(program).map_err(|what| format!("`env` of the program `{shown}`: {what}"))?;
        check_passed(program).map_err(|what| format!("`pass_env` of the program `{shown}`: {what}"))?;
    }
    Ok(())
}

fn check_fixed(program: &ProgramWish) -> Result<(), String> {
    check_values(program.env.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Checks variables that are set, and what stands in them.
pub(super) fn check_values<'v>(values: impl ExactSizeIterator<Item = (&'v str, &'v str)>) -> Result<(), String> {
    check_count(values.len())?;
    for (name, value) in values {
        check_name(name)?;
        if reserved(&OF_THE_HOST, name) {
            return Err(format!("`{name}` is the host's to set"));
        }
        if value.len() > MOST_VALUE_BYTES || value.contains('\n') || visible::text(value) != value {
            return Err(format!(
                "the value of `{name}` has to be one line that can be shown, of at most {MOST_VALUE_BYTES} bytes"
            ));
        }
    }
    Ok(())
}

fn check_passed(program: &ProgramWish) -> Result<(), String> {
    check_count(program.pass_env.len())?;
    let mut seen = BTreeSet::new();
    for pattern in &program.pass_env {
        let start = pattern.strip_suffix("_*").unwrap_or(pattern);
        check_name(start)
            .map_err(|what| format!("{what}\nhint: it takes names, or beginnings such as `ANTHROPIC_*`"))?;
        if reserved(&OF_THE_HOST, pattern) || reserved(&GIVEN, pattern) {
            return Err(format!(
                "`{pattern}` is the host's to set\nhint: take it out; every program has one"
            ));
        }
        if reserved(&NEVER_PASSED, pattern) {
            return Err(format!(
                "`{pattern}` is never passed on\nhint: it would lead the program into another workspace; a fixed value goes into `env`"
            ));
        }
        if program.env.keys().any(|fixed| covers(pattern, fixed)) {
            return Err(format!("`{pattern}` has a fixed value in `env`"));
        }
        if !seen.insert(pattern) {
            return Err(format!("`{pattern}` is there twice"));
        }
    }
    Ok(())
}

fn check_count(count: usize) -> Result<(), String> {
    if count <= MOST_VARIABLES {
        return Ok(());
    }
    Err(format!("{count} variables are more than {MOST_VARIABLES}"))
}

fn check_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts && name.len() <= 64 && name.chars().all(plain) {
        return Ok(());
    }
    Err(format!("`{}` is no name of a variable", visible::line(name, 64)))
}
