//! Completion in a shell: the commands and flags come from the command line's own table, folders from the project.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;

use crate::error::{Error, Result};
use crate::{args, audit, grant_file, place, plugin};

/// The variable by which a shell asks.
const VARIABLE: &str = "COMPLETE";

/// Answers a shell that asks, and ends the process then.
pub fn answer() {
    if std::env::var_os(VARIABLE).is_some() {
        let command = || args::command(&plugin::known().manifests());
        CompleteEnv::with_factory(command).var(VARIABLE).complete();
    }
}

/// Offers the names of the folders in a folder of the project.
#[must_use]
pub fn folders(folder: String) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| names(&folder, &typed.to_string_lossy()))
}

fn names(folder: &str, typed: &str) -> Vec<CompletionCandidate> {
    let Ok(project) = place::find(Path::new("."), None) else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(project.path.join(folder))
        .into_iter()
        .flatten()
        .flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with(typed))
        .collect();
    names.sort();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// Offers the plugins that there are.
#[must_use]
pub fn plugins() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let known = plugin::known();
        let names = known.names().filter(|name| name.starts_with(&*typed));
        names.map(CompletionCandidate::new).collect()
    })
}

/// Offers the grants that a plugin holds, or those that it wants and does not hold: of the plugin that was typed before them, and
/// not those that were typed already.
#[must_use]
pub fn grants(held: bool) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let words: Vec<String> = typed_words().collect();
        let mut names = grants_of(&words, held).unwrap_or_default();
        names.retain(|name| name.starts_with(&*typed) && (*name == *typed || !words.contains(name)));
        names.into_iter().map(CompletionCandidate::new).collect()
    })
}

/// What a completer is not told: the whole line, which a shell gives behind `--`.
fn typed_words() -> impl Iterator<Item = String> {
    let words = std::env::args_os().skip_while(|word| word != "--");
    words.filter_map(|word| word.into_string().ok())
}

fn grants_of(words: &[String], held: bool) -> Option<Vec<String>> {
    let command = words.iter().position(|word| word == "allow" || word == "revoke")?;
    let name = words[command + 1..].iter().find(|word| !word.starts_with('-'))?;
    let plugin = plugin::Plugin::named(name).ok()??;
    let wishes = grant_file::grants(&plugin).ok()?;
    let meant = wishes.wishes().filter(|wish| wish.granted == held);
    Some(meant.map(|wish| wish.name).collect())
}

/// Offers the plugins that have left something in the audit log.
#[must_use]
pub fn audited_plugins() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed = typed.to_string_lossy();
        let records = audit::records().unwrap_or_default().records;
        let names: BTreeSet<String> = records.into_iter().map(|record| record.plugin).collect();
        names
            .into_iter()
            .filter(|name| name.starts_with(&*typed))
            .map(CompletionCandidate::new)
            .collect()
    })
}

/// Writes what a shell has to source.
///
/// # Errors
/// When the shell is not known, or `out` can't be written.
pub fn script(shell: &str, out: &mut dyn Write) -> Result<()> {
    let shells = Shells::builtins();
    let shell = shells
        .completer(shell)
        .ok_or_else(|| Error::usage(format!("unknown shell `{shell}`")))?;
    shell
        .write_registration(VARIABLE, "conductor", "conductor", "conductor", out)
        .map_err(|error| Error::bug(&error.into()))
}
