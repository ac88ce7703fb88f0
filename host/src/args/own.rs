//! The commands of the host's own, beside those of plugins: what each takes, and its help.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};
use jiff::{Span, SpanRelativeTo};

use super::{SHELLS, Since, flag};

pub(super) fn plugin() -> Command {
    let file = || {
        Arg::new("file")
            .value_name("FILE.wasm")
            .required(true)
            .value_parser(value_parser!(PathBuf))
            .value_hint(clap::ValueHint::FilePath)
            .help("A component")
    };
    let run = Command::new("run")
        .about("Runs a component in the sandbox, with no grant but those named")
        .arg(
            Arg::new("grant")
                .long("grant")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help("Grant what its manifest declares under this name; may be given several times"),
        )
        .arg(file())
        .arg(
            Arg::new("arguments")
                .value_name("ARGUMENTS")
                .last(true)
                .num_args(0..)
                .value_parser(value_parser!(OsString))
                .help("The plugin's own arguments, and --json --format --project --watch; `-- --help` shows them"),
        );
    let inspect = Command::new("inspect")
        .about("Shows all that a plugin could do, before it does anything")
        .arg(
            Arg::new("plugin")
                .value_name("NAME|FILE.wasm")
                .required(true)
                .value_hint(clap::ValueHint::FilePath)
                .help("A bundled or installed plugin, or a component"),
        )
        .arg(flag("json", "The same as data for a program"));
    let pack = Command::new("pack")
        .about("Puts a manifest into a component that has none")
        .arg(
            Arg::new("manifest")
                .long("manifest")
                .value_name("FILE.json")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("The manifest"),
        )
        .arg(
            Arg::new("output")
                .long("output")
                .short('o')
                .value_name("FILE.wasm")
                .value_parser(value_parser!(PathBuf))
                .help("Where to write it (otherwise in the component's place)"),
        )
        .arg(file());
    let json = || flag("json", "The same as data for a program");
    let name = || {
        Arg::new("plugin")
            .value_name("NAME")
            .required(true)
            .add(crate::completion::plugins())
            .help("A plugin")
    };
    let install = Command::new("install")
        .about("Installs a component as a command, after showing what it wants and asking what it gets")
        .arg(
            Arg::new("path")
                .value_name("FILE.wasm|FOLDER")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .value_hint(clap::ValueHint::AnyPath)
                .help("A component, or a folder with one in it"),
        )
        .arg(json());
    let remove = Command::new("remove")
        .about("Removes an installed plugin and its grants")
        .arg(name())
        .arg(json());
    let list = Command::new("list")
        .about("Lists the bundled and installed plugins, and how much each is granted")
        .arg(json());
    let check = Command::new("check")
        .about("Checks manifest, component and imports without running anything")
        .arg(
            Arg::new("plugin")
                .value_name("NAME|FILE.wasm")
                .required(true)
                .value_hint(clap::ValueHint::FilePath)
                .help("A bundled or installed plugin, or a component"),
        )
        .arg(json());
    let grants = |held, help| {
        Arg::new("grant")
            .value_name("GRANT")
            .num_args(0..)
            .add(crate::completion::grants(held))
            .help(help)
    };
    let allow = Command::new("allow")
        .about("Grants a plugin what it wants, by its name or after asking")
        .arg(name())
        .arg(grants(
            false,
            "What to grant, by its name in `plugin inspect` (otherwise it is asked)",
        ))
        .arg(json());
    let revoke = Command::new("revoke")
        .about("Takes back what was granted to a plugin")
        .arg(name())
        .arg(grants(
            true,
            "What to take back, by its name in `plugin inspect` (otherwise all)",
        ))
        .arg(json());
    Command::new("plugin")
        .about("Installs, shows and runs plugins, and says what they may do")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommands([install, remove, list, inspect, check, allow, revoke, run, pack])
}

pub(super) fn audit() -> Command {
    Command::new("audit")
        .about("Shows what plugins did on this machine and what they were refused, newest last")
        .arg(
            Arg::new("since")
                .long("since")
                .value_name("TIME")
                .value_parser(since)
                .help("Only what began in that time (10m, 2h, 3d) or since then (2026-01-31T08:00:00Z)"),
        )
        .arg(
            Arg::new("plugin")
                .long("plugin")
                .value_name("NAME")
                .add(crate::completion::audited_plugins())
                .help("Only of this plugin"),
        )
        .arg(flag("json", "Print data for a program"))
}

pub(super) fn health() -> Command {
    Command::new("health")
        .about("Looks whether what conductor keeps for itself can be used, and whether its slash commands are reached")
        .arg(flag("json", "Print data for a program").conflicts_with("move-aside"))
        .arg(flag(
            "move-aside",
            "Rename your own slash commands that hide ours, once you have said yes to each",
        ))
}

pub(super) fn consent() -> Command {
    let json = || flag("json", "Print data for a program");
    let project = |help: &'static str| {
        Arg::new("project")
            .long("project")
            .value_name("DIR")
            .value_hint(clap::ValueHint::DirPath)
            .help(help)
    };
    Command::new("consent")
        .about("Shows what you have agreed to, adds to it, and takes it back")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("list")
                .about("Lists it: plans once, and whole tracks")
                .arg(json()),
        )
        .subcommand(
            Command::new("add")
                .about("Agrees to every plan of a plugin in a project, so that `--auto` and `auto_dispatch` begin them: asks you first")
                .arg(
                    Arg::new("plugin")
                        .value_name("PLUGIN")
                        .required(true)
                        .add(crate::completion::plugins())
                        .help("The plugin, such as `dispatch`"),
                )
                .arg(project("In this project instead of the one around the current folder"))
                .arg(json()),
        )
        .subcommand(
            Command::new("remove")
                .about("Takes it back: you are asked again")
                .arg(
                    Arg::new("plugin")
                        .value_name("PLUGIN")
                        .add(crate::completion::plugins())
                        .help("Only what you have agreed to of this plugin"),
                )
                .arg(
                    Arg::new("what")
                        .value_name("SCOPE|PLAN")
                        .help("Only this scope (track:ID), or the plan that begins like this"),
                )
                .arg(project("Only in this project"))
                .arg(json()),
        )
}

pub(super) fn hook() -> Command {
    Command::new("hook")
        .about("Answers Claude Code's events, which come as JSON on standard input")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(
            Command::new("prompt").about("UserPromptExpansion: runs the plugin of a slash command with what was typed"),
        )
        .subcommand(
            Command::new("answer").about("PostToolUse of AskUserQuestion: takes in what the person has agreed to"),
        )
}

/// `10m`, `2h`, `3d`, or a time in RFC 3339.
fn since(text: &str) -> Result<Since, String> {
    if let Ok(time) = text.parse() {
        return Ok(Since::At(time));
    }
    text.parse::<Span>()
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
        .map(|ago| Since::Ago(ago.abs()))
        .map_err(|_| "a time is a length such as 10m, 2h or 3d, or 2026-01-31T08:00:00Z".to_owned())
}

pub(super) fn completions() -> Command {
    Command::new("completions")
        .about("Prints what a shell needs to complete commands, arguments and track ids")
        .arg(Arg::new("shell").required(true).value_parser(SHELLS).help("The shell"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_length_or_a_moment() {
        let ago = |text| match since(text) {
            Ok(Since::Ago(ago)) => ago.as_secs(),
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(ago("10m"), 600);
        assert_eq!(ago("2h"), 7_200);
        assert_eq!(ago("3d"), 3 * 86_400);
        assert_eq!(ago("10m ago"), 600);
        let at = since("2026-01-31T10:00:00+02:00").expect("it is RFC 3339");
        assert_eq!(at, Since::At("2026-01-31T08:00:00Z".parse().expect("likewise")));
        for wrong in ["", "10", "yesterday", "2mo", "2026-01-31", "9999999999999d"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
