//! The command line: what was typed, as data. Pure; the part of a plugin comes from its manifest.

mod own;
mod plugin;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::agreement::Named;
use crate::error::Error;
use crate::manifest::Manifest;
use crate::tape::Taping;

use plugin::plugin_call;

pub use plugin::{of_plugin, parse_of_plugin, parse_own};

/// How a person or program wants to read the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For a person; plain where the output is not a terminal.
    Terminal,
    /// Markdown for Claude: everything on stdout, always exit code 0, since a failing inline command aborts a slash command.
    Claude,
    /// For a program.
    Json,
}

/// Whether colour is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// Where the output is a terminal and `NO_COLOR` is not set.
    #[default]
    Auto,
    /// Also in a pipe.
    Always,
    /// Nowhere.
    Never,
}

/// What was typed before the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Global {
    /// Says more on stderr: a plugin's log, where its code came from.
    pub verbose: bool,
    /// Colour.
    pub color: Color,
}

/// What was typed for a run of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct PluginCall {
    /// The plugin's own arguments, by the names of its manifest.
    pub arguments: Map<String, Value>,
    /// The form of the outcome.
    pub form: Form,
    /// The project that was named.
    pub project: Option<PathBuf>,
    /// Whether to run it again whenever something changes.
    pub watch: bool,
    /// Whether nothing may be changed.
    pub dry_run: bool,
    /// The digest of the plan that is to be carried out.
    pub apply: Option<String>,
    /// Whether the plan is carried out without asking, where the person has agreed to all of its kind.
    pub yes: bool,
    /// The choice that is answered, by its failure's code, and the key of the answer.
    pub choose: Option<(String, String)>,
    /// The tape that the run is recorded on, or answered from; it is typed before the name.
    pub tape: Option<Taping>,
}

/// The beginning of a time up to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// This long ago.
    Ago(SignedDuration),
    /// At this time.
    At(Timestamp),
}

/// What was typed behind `audit`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditCall {
    /// Only what began since then.
    pub since: Option<Since>,
    /// Only of this plugin.
    pub plugin: Option<String>,
    /// Whether it is for a program.
    pub json: bool,
}

/// What a host command takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// A bundled or installed plugin, by name.
    Plugin(String, PluginCall),
    /// `plugin run`.
    Run {
        /// The component.
        file: PathBuf,
        /// What is granted to it.
        grants: Vec<String>,
        /// What is typed behind `--`, still to be read by its manifest.
        arguments: Vec<OsString>,
        /// The tape that the run is recorded on, or answered from.
        tape: Option<Taping>,
    },
    /// `plugin inspect`.
    Inspect {
        /// The name of a bundled plugin, or a component.
        plugin: String,
        /// Whether a program reads it.
        json: bool,
    },
    /// `plugin install`.
    Install {
        /// The component, or a folder with one in it.
        path: PathBuf,
        /// Whether a program reads it.
        json: bool,
    },
    /// `plugin remove`.
    Remove {
        /// Its name.
        plugin: String,
        /// Whether a program reads it.
        json: bool,
    },
    /// `plugin list`.
    List {
        /// Whether a program reads it.
        json: bool,
    },
    /// `plugin check`.
    Check {
        /// The name of a plugin, or a component.
        plugin: String,
        /// Whether a program reads it.
        json: bool,
    },
    /// `plugin allow`.
    Allow {
        /// The plugin's name.
        plugin: String,
        /// What is granted; what the person chooses where none is named.
        grants: Vec<String>,
        /// Whether a program reads it.
        json: bool,
    },
    /// `plugin revoke`.
    Revoke {
        /// The plugin's name.
        plugin: String,
        /// What is taken back; all where none is named.
        grants: Vec<String>,
        /// Whether a program reads it.
        json: bool,
    },
    /// `plugin pack`.
    Pack {
        /// The component.
        file: PathBuf,
        /// Its manifest.
        manifest: PathBuf,
        /// The packed component; the component itself where it is not named.
        output: Option<PathBuf>,
    },
    /// `audit`.
    Audit(AuditCall),
    /// `health`.
    Health {
        /// Whether a program reads it.
        json: bool,
        /// Whether slash commands that hide ours are renamed.
        move_aside: bool,
    },
    /// `consent list`.
    Consents {
        /// Whether a program reads it.
        json: bool,
    },
    /// `consent add`.
    AgreeToAll {
        /// The plugin's name.
        plugin: String,
        /// The project as it was typed; the one around the current folder where none was.
        project: Option<PathBuf>,
        /// Whether a program reads it.
        json: bool,
    },
    /// `consent remove`.
    TakeBack {
        /// What is meant; a project still as it was typed.
        named: Named,
        /// Whether a program reads it.
        json: bool,
    },
    /// `hook prompt`.
    HookPrompt,
    /// `hook answer`.
    HookAnswer,
    /// `completions`.
    Completions(String),
}

/// The shells that `completions` knows.
pub const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// The whole command line, for parsing, help and completion.
#[must_use]
pub fn command(plugins: &[Manifest]) -> Command {
    Command::new("conductor")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Carries out the plans of a project's conductor/ folder, by plugins in a sandbox")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .infer_long_args(false)
        .arg(flag(
            "verbose",
            "Say more on stderr: what a plugin logs, and where its code came from",
        ))
        .arg(
            Arg::new("color")
                .long("color")
                .value_name("WHEN")
                .value_parser(["auto", "always", "never"])
                .default_value("auto")
                .help("Use colour: auto is on a terminal unless NO_COLOR is set"),
        )
        .arg(
            tape(
                "record",
                "Write what the plugin starts and changes, and what comes of it, into a new file: a tape",
            )
            .conflicts_with("replay"),
        )
        .arg(tape("replay", "Answer the plugin from such a tape: nothing is started"))
        .subcommands(plugins.iter().map(of_plugin))
        .subcommand(own::plugin())
        .subcommand(own::audit())
        .subcommand(own::health())
        .subcommand(own::consent())
        .subcommand(own::hook())
        .subcommand(own::completions())
}

/// The commands of the host's own, which no plugin can have as its name.
#[must_use]
pub fn own_commands() -> BTreeSet<String> {
    let own = command(&[]);
    let names = own.get_subcommands().map(Command::get_name);
    names
        .chain(["help", crate::sandbox::compile::COMMAND])
        .map(str::to_owned)
        .collect()
}

fn tape(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .value_hint(clap::ValueHint::FilePath)
        .help(help)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// Reads the command line.
///
/// # Errors
/// clap's: what was wrong, or a request for help or the version.
pub fn parse(plugins: &[Manifest], typed: impl IntoIterator<Item = OsString>) -> Result<(Global, Asked), clap::Error> {
    let mut command = command(plugins);
    let matches = command.try_get_matches_from_mut(typed)?;
    let global = Global {
        verbose: matches.get_flag("verbose"),
        color: match text(&matches, "color") {
            Some("always") => Color::Always,
            Some("never") => Color::Never,
            _ => Color::Auto,
        },
    };
    let tape = tape_asked(&matches);
    let (name, matches) = matches.subcommand().expect("clap requires a command");
    let mut asked = asked(plugins, name, matches);
    match &mut asked {
        Asked::Plugin(_, PluginCall { tape: of_run, .. }) | Asked::Run { tape: of_run, .. } => *of_run = tape,
        _ if tape.is_none() => {}
        _ => {
            let what = format!("`--record` and `--replay` are for the run of a plugin, and `conductor {name}` is none");
            return Err(command.error(ErrorKind::ArgumentConflict, what));
        }
    }
    Ok((global, asked))
}

fn tape_asked(matches: &ArgMatches) -> Option<Taping> {
    let file = |name| matches.get_one(name).cloned();
    let record = file("record").map(Taping::Record);
    record.or_else(|| file("replay").map(Taping::Replay))
}

fn asked(plugins: &[Manifest], name: &str, matches: &ArgMatches) -> Asked {
    match (name, matches.subcommand()) {
        ("plugin", Some(("run", matches))) => Asked::Run {
            file: path(matches, "file"),
            grants: matches.get_many("grant").into_iter().flatten().cloned().collect(),
            arguments: matches.get_many("arguments").into_iter().flatten().cloned().collect(),
            tape: None,
        },
        ("plugin", Some(("inspect", matches))) => Asked::Inspect {
            plugin: text(matches, "plugin").unwrap_or_default().to_owned(),
            json: matches.get_flag("json"),
        },
        ("plugin", Some(("install", matches))) => Asked::Install {
            path: path(matches, "path"),
            json: matches.get_flag("json"),
        },
        ("plugin", Some(("remove", matches))) => Asked::Remove {
            plugin: text(matches, "plugin").unwrap_or_default().to_owned(),
            json: matches.get_flag("json"),
        },
        ("plugin", Some(("check", matches))) => Asked::Check {
            plugin: text(matches, "plugin").unwrap_or_default().to_owned(),
            json: matches.get_flag("json"),
        },
        ("plugin", Some(("allow", matches))) => Asked::Allow {
            plugin: text(matches, "plugin").unwrap_or_default().to_owned(),
            grants: matches.get_many("grant").into_iter().flatten().cloned().collect(),
            json: matches.get_flag("json"),
        },
        ("plugin", Some(("revoke", matches))) => Asked::Revoke {
            plugin: text(matches, "plugin").unwrap_or_default().to_owned(),
            grants: matches.get_many("grant").into_iter().flatten().cloned().collect(),
            json: matches.get_flag("json"),
        },
        ("plugin", Some(("list", matches))) => Asked::List {
            json: matches.get_flag("json"),
        },
        ("plugin", Some((_, matches))) => Asked::Pack {
            file: path(matches, "file"),
            manifest: path(matches, "manifest"),
            output: matches.get_one("output").cloned(),
        },
        ("audit", _) => Asked::Audit(AuditCall {
            since: matches.get_one("since").copied(),
            plugin: text(matches, "plugin").map(str::to_owned),
            json: matches.get_flag("json"),
        }),
        ("health", _) => Asked::Health {
            json: matches.get_flag("json"),
            move_aside: matches.get_flag("move-aside"),
        },
        ("consent", Some(("remove", matches))) => Asked::TakeBack {
            named: Named {
                plugin: text(matches, "plugin").map(str::to_owned),
                project: text(matches, "project").map(str::to_owned),
                what: text(matches, "what").map(str::to_owned),
            },
            json: matches.get_flag("json"),
        },
        ("consent", Some(("add", matches))) => Asked::AgreeToAll {
            plugin: text(matches, "plugin").unwrap_or_default().to_owned(),
            project: text(matches, "project").map(PathBuf::from),
            json: matches.get_flag("json"),
        },
        ("consent", Some((_, matches))) => Asked::Consents {
            json: matches.get_flag("json"),
        },
        ("hook", Some(("prompt", _))) => Asked::HookPrompt,
        ("hook", _) => Asked::HookAnswer,
        ("completions", _) => Asked::Completions(text(matches, "shell").unwrap_or_default().to_owned()),
        (name, _) => {
            let manifest = plugins
                .iter()
                .find(|manifest| manifest.name == name)
                .expect("clap knows only these");
            Asked::Plugin(name.to_owned(), plugin_call(manifest, matches))
        }
    }
}

fn text<'a>(matches: &'a ArgMatches, name: &str) -> Option<&'a str> {
    matches.get_one::<String>(name).map(String::as_str)
}

fn path(matches: &ArgMatches, name: &str) -> PathBuf {
    matches.get_one(name).cloned().expect("clap requires it")
}

/// Says a usage error in our words.
#[must_use]
pub fn wording(error: &clap::Error) -> Error {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let rendered = error.render().to_string();
    let usage = rendered.lines().find_map(|line| line.strip_prefix("Usage: "));
    let command = usage.map_or_else(|| "conductor".to_owned(), command_of_usage);
    let help = format!("`{command} --help` shows what it takes");
    let near = |kind| context(kind).map_or_else(|| help.clone(), |near| format!("did you mean `{near}`? {help}"));
    let invalid = context(ContextKind::InvalidArg).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument if matches!(invalid.as_str(), "--record" | "--replay") => {
            Error::usage(format!("`{invalid}` stands before the plugin's name, not behind it")).hinted(format!(
                "`conductor {invalid} FILE …`, and then what is typed otherwise"
            ))
        }
        ErrorKind::UnknownArgument if invalid.starts_with('-') => {
            Error::usage(format!("unknown flag `{invalid}` for `{command}`")).hinted(near(ContextKind::SuggestedArg))
        }
        ErrorKind::UnknownArgument => {
            Error::usage(format!("`{command}` does not take `{invalid}`")).hinted(near(ContextKind::SuggestedArg))
        }
        ErrorKind::InvalidSubcommand => {
            let name = context(ContextKind::InvalidSubcommand).unwrap_or_default();
            Error::usage(format!("unknown command `{name}`")).hinted(near(ContextKind::SuggestedSubcommand))
        }
        _ => {
            let first = rendered.lines().next().unwrap_or_default();
            let message = first.strip_prefix("error: ").unwrap_or(first).replace('\'', "`");
            Error::usage(message).hinted(help)
        }
    }
}

/// `conductor status [OPTIONS] [TRACK]` is the usage of `conductor status`.
fn command_of_usage(usage: &str) -> String {
    let is_word = |word: &&str| !word.starts_with(['[', '<', '-']);
    usage.split(' ').take_while(is_word).collect::<Vec<_>>().join(" ")
}
