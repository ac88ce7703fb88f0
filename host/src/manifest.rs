//! The manifest: what a plugin's author says it is, takes and wants, read strictly.
//!
//! One JSON text, described by `docs/schema/manifest.json` (generated from these types by a test). Pure: text in, types or one
//! error that names the line and the near name out.

mod command;
mod program;
mod variable;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, near};
use crate::visible;

pub use command::{CommandWish, Cwd, FilledCommand, MOST_OUTPUT_BYTES, MOST_TIMEOUT_MS};
pub use program::ProgramWish;
pub use written::why_not as why_not_written;

/// The version of the interface (`wit/`) that this host offers.
pub const API: &str = "0.1.0";

/// Flags that the host itself answers behind a plugin's name. `dry-run`, `apply`, `yes` and `choose` are kept for plugins that
/// write, so that a pre-approved reading command can never come to mean something else.
pub const HOST_FLAGS: [&str; 14] = [
    "help", "version", "json", "format", "project", "watch", "verbose", "color", "dry-run", "apply", "yes", "choose",
    "record", "replay",
];

/// A manifest that has been checked.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The plugin's name, which is also its command: lower-case letters, digits and `-`, at most 32, a letter first.
    pub name: String,
    /// The plugin's own version.
    pub version: String,
    /// One line: what it does.
    pub summary: String,
    /// The least version of the interface that it needs, such as `0.1.0`.
    pub api: String,
    /// Whether it also runs where there is no project. What it wants of one is then refused with `no-place`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_project: bool,
    /// Whether its runs make plans that the person has to agree to: it then takes `--apply` and `--yes`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub plans: bool,
    /// The slash command that goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slash_command: Option<SlashCommand>,
    /// What it takes on the command line, in the order of the help.
    #[serde(default)]
    pub arguments: Vec<Argument>,
    /// The files it wants.
    #[serde(default)]
    pub files: Vec<FileWish>,
    /// The programs that its commands start, by name.
    #[serde(
        default,
        deserialize_with = "crate::unique::map",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub programs: BTreeMap<String, ProgramWish>,
    /// The commands that it wants to start, each a grant under its name.
    #[serde(
        default,
        deserialize_with = "crate::unique::map",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub commands: BTreeMap<String, CommandWish>,
    /// What it needs beyond the usual limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitWish>,
}

/// A slash command of Claude Code.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SlashCommand {
    /// Its name without the slash.
    pub name: String,
    /// What Claude Code shows beside it.
    pub description: String,
    /// What Claude Code shows behind it, such as `[track]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument_hint: Option<String>,
}

/// One argument of the plugin's command.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// Its name: `--name` on the command line unless it is positional.
    pub name: String,
    /// One line of help.
    pub help: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: ArgumentType,
    /// Whether it is given by its place instead of by its name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub positional: bool,
    /// Whether it must be given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Its value when it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// What a shell offers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<Complete>,
    /// Whether it says which plan is shown, and not what the run is to do: it stays in the line by which that plan is begun.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_plan: bool,
}

/// What an argument takes.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ArgumentType {
    /// Any text.
    Text,
    /// A whole number.
    Int,
    /// Nothing: it is there or not.
    Flag,
    /// One of these words.
    OneOf(Vec<String>),
}

/// What a shell offers for an argument.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Complete {
    /// The names of the folders in this folder of the project.
    pub folders: String,
}

/// Files that the plugin wants, as one grant.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FileWish {
    /// The grant's name, used by the plugin in its calls.
    pub grant: String,
    /// The place that the path is in.
    pub place: Place,
    /// A folder or a single file in that place, with `/` between its parts.
    pub path: String,
    /// What it wants to do with them.
    pub access: Effect,
    /// Why, for the person who grants it.
    pub reason: String,
}

/// A place that the host knows how to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The nearest folder, up to the git root, whose `conductor/` is one.
    Project,
    /// Gas Town's workspace.
    Town,
    /// The plugin's own folder.
    Data,
}

impl Place {
    /// The place of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Project, Self::Town, Self::Data]
            .into_iter()
            .find(|place| place.name() == name)
    }

    /// Its name, as manifests write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Town => "town",
            Self::Data => "data",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What comes of it when files are opened or a command is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It only reads.
    Read,
    /// It changes something.
    Write,
}

/// Limits beyond the defaults of the sandbox.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitWish {
    /// How long a run may take in all, in milliseconds; at most 30 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_ms: Option<u64>,
    /// How much memory it may use, in MiB; at most 1024.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    /// Why, for the person who grants it.
    pub reason: String,
}

/// The most that a manifest may ask for: half an hour, since a run that waits for workers ends with them.
const MOST_RUN_MS: u64 = 30 * 60 * 1000;
/// The most that a manifest may ask for: a runtime of another language with a large project in it still fits.
const MOST_MEMORY_MIB: u32 = 1024;

/// Reads and checks a manifest; `from` names it in errors (a file, or a component).
///
/// # Errors
/// A usage error that names the line, the near name of an unknown key, and what is wrong. A manifest for a newer interface is
/// told so before anything else in it is looked at.
pub fn parse(text: &str, from: &str) -> Result<Manifest> {
    #[derive(Deserialize)]
    struct OnlyApi {
        api: Option<String>,
    }
    if let Ok(OnlyApi { api: Some(api) }) = serde_json::from_str(text) {
        check_api(&api, from)?;
    }
    let manifest: Manifest = serde_json::from_str(text).map_err(|error| wording(&error, from))?;
    check(&manifest).map_err(|what| refusal(&what, from))?;
    Ok(manifest)
}

/// Compares the interface that a plugin needs with ours: same major and minor, patch not newer.
fn check_api(api: &str, from: &str) -> Result<()> {
    let numbers = |text: &str| -> Option<[u32; 3]> {
        let mut parts = text.split('.').map(|part| part.parse().ok());
        let found = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then_some(found)
    };
    let ours = numbers(API).expect("our own version is three numbers");
    let Some(theirs) = numbers(api) else {
        return Err(Error::usage(format!(
            "the manifest of {from} is not right: `api` is `{api}`, not three numbers"
        ))
        .hinted(format!("this `conductor` offers `{API}`")));
    };
    if theirs[..2] == ours[..2] && theirs[2] <= ours[2] {
        return Ok(());
    }
    let error = Error::failed(
        "wrong-api",
        format!("{from} needs the interface {api}, this `conductor` offers {API}"),
    );
    Err(if theirs > ours {
        error.hinted("a newer `conductor` runs it: update yours")
    } else {
        error.hinted("its author has to build it for the present interface")
    })
}

/// What is wrong, as an error. A second line `hint: …` of it says what to write.
fn refusal(what: &str, from: &str) -> Error {
    let (what, hint) = what
        .split_once("\nhint: ")
        .map_or((what, None), |(what, hint)| (what, Some(hint)));
    let error = Error::usage(format!("the manifest of {from} is not right: {what}"));
    match hint {
        Some(hint) => error.hinted(hint),
        None => error,
    }
}

/// Names the near key when serde met one it does not know, and puts its line where a person looks for it.
fn wording(error: &serde_json::Error, from: &str) -> Error {
    let text = error.to_string();
    let mut quoted = text.split('`').skip(1).step_by(2);
    let position = format!(" at line {} column {}", error.line(), error.column());
    let (what, position) = text
        .strip_suffix(&position)
        .map_or((text.as_str(), ""), |what| (what, position.as_str()));
    let error = match what.split_once('\n') {
        Some((what, hint)) => refusal(&format!("{what}{position}\n{hint}"), from),
        None => refusal(&text, from),
    };
    match quoted.next() {
        Some(unknown) if text.starts_with("unknown") => match near(unknown, quoted) {
            Some(name) => error.hinted(format!("did you mean `{name}`?")),
            None => error,
        },
        _ => error,
    }
}

fn check(manifest: &Manifest) -> std::result::Result<(), String> {
    check_name(&manifest.name, "`name`")?;
    for (what, text) in [("version", &manifest.version), ("summary", &manifest.summary)] {
        if text.is_empty() || text.contains('\n') {
            return Err(format!("`{what}` has to be one line"));
        }
    }
    check_arguments(&manifest.arguments, manifest.plans)?;
    check_files(&manifest.files)?;
    command::check(manifest)?;
    program::check(manifest)?;
    manifest.limits.as_ref().map_or(Ok(()), check_limits)
}

/// Whether a text is a name as manifests have them. They become commands, flags, files and words of a grant: one plain word each.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.len() <= 32 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain)
}

fn check_name(name: &str, what: &str) -> std::result::Result<(), String> {
    if is_name(name) {
        return Ok(());
    }
    Err(format!(
        "{what} is `{}`: it takes lower-case letters, digits and `-`, a letter first, at most 32",
        name.escape_debug()
    ))
}

fn check_arguments(arguments: &[Argument], plans: bool) -> std::result::Result<(), String> {
    let mut seen = BTreeSet::new();
    let mut optional_before = None;
    for argument in arguments {
        let name = &argument.name;
        check_name(name, "an argument's `name`")?;
        if HOST_FLAGS.contains(&name.as_str()) {
            return Err(format!(
                "the argument `{name}` has the name of a flag of `conductor` itself"
            ));
        }
        if !seen.insert(name) {
            return Err(format!("two arguments are named `{name}`"));
        }
        check_argument(argument)?;
        if argument.of_plan && !plans {
            return Err(format!(
                "the argument `{name}` is of a plan, and the plugin shows none\nhint: add `\"plans\": true`, or take out `of_plan`"
            ));
        }
        if argument.positional && argument.required {
            if let Some(before) = optional_before {
                return Err(format!(
                    "the argument `{name}` is required but stands behind `{before}`, which is not"
                ));
            }
        } else if argument.positional {
            optional_before = Some(name);
        }
    }
    Ok(())
}

fn check_argument(argument: &Argument) -> std::result::Result<(), String> {
    let name = &argument.name;
    if argument.kind == ArgumentType::Flag && (argument.positional || argument.required || argument.default.is_some()) {
        return Err(format!(
            "the argument `{name}` is a flag: it can't be positional, required or have a default"
        ));
    }
    if let ArgumentType::OneOf(words) = &argument.kind
        && (words.is_empty() || words.iter().any(String::is_empty))
    {
        return Err(format!("the argument `{name}` is one of no words, or of an empty one"));
    }
    if argument.required && argument.default.is_some() {
        return Err(format!("the argument `{name}` is required and has a default"));
    }
    let fits = match (&argument.kind, &argument.default) {
        (_, None) => true,
        (ArgumentType::Int, Some(value)) => value.is_i64(),
        (ArgumentType::Text, Some(value)) => value.is_string(),
        (ArgumentType::OneOf(words), Some(value)) => value
            .as_str()
            .is_some_and(|value| words.iter().any(|word| word == value)),
        (ArgumentType::Flag, Some(_)) => false,
    };
    if !fits {
        return Err(format!("the default of the argument `{name}` is not of its type"));
    }
    argument
        .complete
        .as_ref()
        .map_or(Ok(()), |complete| check_path(&complete.folders))
}

fn check_files(files: &[FileWish]) -> std::result::Result<(), String> {
    let mut seen = BTreeSet::new();
    for file in files {
        check_name(&file.grant, "a `grant`")?;
        if !seen.insert(&file.grant) {
            return Err(format!("two grants are named `{}`", file.grant));
        }
        check_path(&file.path)?;
        if file.access == Effect::Write {
            written::check(file)?;
        }
        check_reason(&file.reason, &format!("the grant `{}`", file.grant))?;
    }
    Ok(())
}

fn check_reason(reason: &str, of: &str) -> std::result::Result<(), String> {
    if reason.trim().is_empty() {
        return Err(format!("{of} has no reason"));
    }
    Ok(())
}

/// A path in a manifest: relative, without `.`, `..` and empty parts, so that it says where it leads.
fn check_path(path: &str) -> std::result::Result<(), String> {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0', ':', '\n']);
    if path.split('/').all(plain) && visible::text(path) == path {
        return Ok(());
    }
    Err(format!(
        "the path `{}` has to be relative, with `/` between its parts and no `.`, `..` or hidden characters",
        path.escape_debug()
    ))
}

fn check_limits(limits: &LimitWish) -> std::result::Result<(), String> {
    check_reason(&limits.reason, "`limits`")?;
    if limits.run_ms.is_some_and(|ms| ms == 0 || ms > MOST_RUN_MS) {
        return Err(format!("`run_ms` takes 1 to {MOST_RUN_MS}"));
    }
    if limits.memory_mib.is_some_and(|mib| mib == 0 || mib > MOST_MEMORY_MIB) {
        return Err(format!("`memory_mib` takes 1 to {MOST_MEMORY_MIB}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
