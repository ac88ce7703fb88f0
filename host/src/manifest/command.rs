//! `commands` of a manifest: what the plugin may start, where, how long, and to what effect.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::program::ProgramWish;
use super::variable::{self, Variable, Variables};
use super::{Effect, Manifest, Place, check_name};
use crate::error::near;
use crate::template::{self, FillError, Filled, Hole, Kind, Part, Template, TemplateError, Values};
use crate::unique;

/// The longest that a command may ask for: starting an agent in Gas Town takes up to 7 minutes and 10 s for each that is there.
pub const MOST_TIMEOUT_MS: u64 = 15 * 60 * 1000;
/// The most output that a command may ask for: eight run at once, and 64 MiB are kept of all of them.
pub const MOST_OUTPUT_BYTES: u64 = 8 << 20;
/// The most commands of a plugin: a person reads the list.
const MOST_COMMANDS: usize = 128;

/// A command that the plugin wants to start, as one grant.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CommandWish {
    /// The command line: literal arguments with holes such as `<track:id>`; a nested list is optional.
    #[cfg_attr(test, schemars(with = "Vec<template::Word>"))]
    pub argv: Template,
    /// The folder that it starts in: `project`, `town`, `town/<rig:id>` or `data`.
    #[cfg_attr(test, schemars(with = "String"))]
    pub cwd: Cwd,
    /// Variables that it gets beside those of its program; a value may have holes of the type `id`.
    #[serde(
        default,
        deserialize_with = "unique::map",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, String>"))]
    pub env: Variables,
    /// Whether it changes anything. The author's word; in a dry run no command starts that writes.
    pub effect: Effect,
    /// How long it may take, in milliseconds; at most 15 minutes.
    #[serde(default = "usual_timeout_ms")]
    pub timeout_ms: u64,
    /// How much of each of its outputs the plugin gets, in bytes; at most 8 MiB.
    #[serde(default = "usual_output_bytes")]
    pub max_output_bytes: u64,
    /// Why, for the person who grants it.
    pub reason: String,
}

/// Enough for a program that looks something up on this machine or asks a server.
fn usual_timeout_ms() -> u64 {
    10_000
}

/// A list of two thousand beads has half of it.
fn usual_output_bytes() -> u64 {
    1 << 20
}

/// The folder that a command starts in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Cwd {
    /// A place itself.
    Place(Place),
    /// The folder of a rig in the town, named by the hole's value.
    Rig(Hole),
}

/// A command with a plugin's values in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledCommand {
    /// Program, arguments and stdin.
    pub line: Filled,
    /// The place that it starts in.
    pub place: Place,
    /// The folder of a rig below it, a single plain name.
    pub rig: Option<String>,
    /// Variables of its own.
    pub env: Vec<(String, String)>,
}

impl CommandWish {
    /// Puts a plugin's values in.
    ///
    /// # Errors
    /// The first value that is unknown, missing, unused, or does not fit.
    pub fn fill(&self, given: &[(String, Vec<String>)], stdin: Option<Vec<u8>>) -> Result<FilledCommand, FillError> {
        let holes = self.argv.holes().chain(self.other_holes());
        let mut values = Values::new(given, stdin, holes)?;
        let (place, rig) = match &self.cwd {
            Cwd::Place(place) => (*place, None),
            Cwd::Rig(hole) => (Place::Town, Some(values.one(hole)?.to_owned())),
        };
        let variables = self.env.iter();
        let env = variables
            .map(|(name, variable)| Ok((name.clone(), variable.fill(&mut values)?)))
            .collect::<Result<_, FillError>>()?;
        let line = self.argv.fill(values)?;
        Ok(FilledCommand { line, place, rig, env })
    }

    /// The holes that are not on the command line: of the folder, and of variables.
    fn other_holes(&self) -> impl Iterator<Item = &Hole> {
        self.cwd
            .hole()
            .into_iter()
            .chain(self.env.values().flat_map(Variable::holes))
    }

    /// Whether it starts in a place, or is given a path in it.
    fn uses(&self, place: Place) -> bool {
        let starts_in = match self.cwd {
            Cwd::Place(place) => place,
            Cwd::Rig(_) => Place::Town,
        };
        starts_in == place || self.argv.holes().any(|hole| hole.kind == Kind::Path(place))
    }
}

impl Cwd {
    /// The hole for the rig's name.
    #[must_use]
    pub fn hole(&self) -> Option<&Hole> {
        match self {
            Self::Place(_) => None,
            Self::Rig(hole) => Some(hole),
        }
    }
}

impl TryFrom<String> for Cwd {
    type Error = TemplateError;

    fn try_from(text: String) -> Result<Self, TemplateError> {
        if let Some(place) = Place::named(&text) {
            return Ok(Self::Place(place));
        }
        let element = template::read_argument(&text, "cwd")?;
        match element.parts() {
            [Part::Literal(town), Part::Hole(hole)] if town == "town/" && hole.kind == Kind::Id && !hole.many => {
                Ok(Self::Rig(hole.clone()))
            }
            _ => Err(TemplateError {
                at: "cwd".to_owned(),
                character: None,
                what: format!("`{element}` is no folder that a command can start in"),
                fix: "it takes `project`, `town`, `town/<rig:id>` or `data`".to_owned(),
            }),
        }
    }
}

impl From<Cwd> for String {
    fn from(cwd: Cwd) -> Self {
        cwd.to_string()
    }
}

impl fmt::Display for Cwd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(place) => write!(f, "{place}"),
            Self::Rig(hole) => write!(f, "town/{hole}"),
        }
    }
}

impl Manifest {
    /// Whether anything that it wants is in a place.
    #[must_use]
    pub fn uses(&self, place: Place) -> bool {
        self.files.iter().any(|wish| wish.place == place) || self.commands.values().any(|command| command.uses(place))
    }

    /// Whether it declares anything that writes. A plugin that does not needs no dry run: each of its runs is one.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.files.iter().any(|wish| wish.access == Effect::Write)
            || self.commands.values().any(|command| command.effect == Effect::Write)
    }

    /// Why a command may run anything, whatever its template says; nothing when it is not known to.
    #[must_use]
    pub fn unbounded(&self, command: &CommandWish) -> Option<String> {
        let program = self.programs.get(command.argv.program());
        template::unbounded(&command.argv).or_else(|| program.and_then(ProgramWish::unbounded))
    }
}

/// Checks each command, and that it fits the rest of the manifest.
pub(super) fn check(manifest: &Manifest) -> Result<(), String> {
    let commands = &manifest.commands;
    if commands.len() > MOST_COMMANDS {
        return Err(format!(
            "{} commands are more than {MOST_COMMANDS}\nhint: a person has to read them",
            commands.len()
        ));
    }
    for (name, command) in commands {
        check_name(name, "a command's name")?;
        if manifest.files.iter().any(|file| file.grant == *name) {
            return Err(format!("a command and a grant of files are both named `{name}`"));
        }
        check_one(name, command)?;
        let program = check_program(name, command.argv.program(), &manifest.programs)?;
        variable::check(&command.env, program).map_err(|what| format!("`env` of the command `{name}`: {what}"))?;
        check_effect(name, command, manifest)?;
    }
    Ok(())
}

fn check_one(name: &str, command: &CommandWish) -> Result<(), String> {
    super::check_reason(&command.reason, &format!("the command `{name}`"))?;
    let bounds = [
        ("timeout_ms", command.timeout_ms, MOST_TIMEOUT_MS),
        ("max_output_bytes", command.max_output_bytes, MOST_OUTPUT_BYTES),
    ];
    for (key, value, most) in bounds {
        if value == 0 || value > most {
            return Err(format!(
                "`{key}` of the command `{name}` is {value}: it takes 1 to {most}"
            ));
        }
    }
    let others: Vec<&Hole> = command.other_holes().collect();
    let clash = |hole: &&Hole| others.iter().any(|other| other.name == hole.name && other != hole);
    match command.argv.holes().chain(command.other_holes()).find(clash) {
        Some(hole) => Err(format!(
            "the command `{name}` has the hole `{hole}`, and another of that name in `cwd` or `env`\nhint: give them different \
             names, or one type"
        )),
        None => Ok(()),
    }
}

fn check_program<'p>(
    name: &str,
    program: &str,
    programs: &'p BTreeMap<String, ProgramWish>,
) -> Result<&'p ProgramWish, String> {
    if let Some(known) = programs.get(program) {
        return Ok(known);
    }
    let hint = match near(program, programs.keys().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("add `\"{program}\": {{ \"reason\": \"…\" }}` to `programs`"),
    };
    Err(format!(
        "the command `{name}` starts `{program}`, which `programs` does not have\nhint: {hint}"
    ))
}

/// A dry run starts what reads, so what may run anything can't be said to read.
fn check_effect(name: &str, command: &CommandWish, manifest: &Manifest) -> Result<(), String> {
    match manifest.unbounded(command) {
        Some(why) if command.effect == Effect::Read => Err(format!(
            "the command `{name}` is said to read, but may run anything: {why}\nhint: its `effect` is `write`"
        )),
        _ => Ok(()),
    }
}
