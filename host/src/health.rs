//! Whether what `conductor` keeps for a user can be used, and whether its slash commands can be reached. Nothing is made or changed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rustix::fs::{Access, CWD, RenameFlags, access, renameat_with};
use rustix::io::Errno;
use serde::Serialize;

use crate::error::Error;
use crate::grant_file::GrantFile;
use crate::{agreement, audit, config, consent, folders, place, plugin, user_file};

/// How the plugin for Claude Code is named there: its commands are always reached as `/conductor:NAME`.
const CLAUDE_PLUGIN: &str = "conductor";

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Check {
    /// For programs: `cache`, `data`, `audit`, `grants`, `config`, `consents`, `plans`, `plugins`, `slash-command`. An open list.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// One sentence for a person, without a final period.
    pub text: String,
    /// What to do, where something is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// Somebody should look at it.
    Look,
}

/// Looks at everything, from the current folder.
#[must_use]
pub fn checks() -> Vec<Check> {
    let mut checks = vec![
        of(
            "cache",
            usable(folders::cache()),
            "compiled plugins are kept",
            "plugins are compiled at each start; `XDG_CACHE_HOME` says where their code is kept otherwise",
        ),
        of(
            "data",
            usable(folders::data()),
            "what plugins keep for themselves has its place",
            "`XDG_DATA_HOME` says where it lies otherwise",
        ),
        audit_log(),
        kept(
            "grants",
            user_file::read::<GrantFile>().map(drop),
            "your grants can be read",
        ),
        kept("config", config::read().map(drop), "your configuration can be read"),
        kept("consents", consent::check(), "what you agreed to can be read"),
        kept("plans", agreement::check(), "what you agreed to of plans can be read"),
    ];
    checks.extend(installed());
    checks.extend(hidden_commands());
    checks
}

fn of(name: &'static str, looked: Result<()>, text: &str, next: &str) -> Check {
    match looked {
        Ok(()) => Check {
            name,
            state: State::Ok,
            text: text.to_owned(),
            next: None,
        },
        Err(error) => Check {
            name,
            state: State::Look,
            text: from_home(&format!("{error:#}")),
            next: Some(next.to_owned()),
        },
    }
}

/// Whether a folder of ours is one to be trusted and can be written, or can be made.
fn usable(folder: Result<PathBuf>) -> Result<()> {
    let folder = folder?;
    folders::checked_if_there(&folder)?;
    let there = folder.ancestors().find(|above| above.exists());
    let there = there.context("the folder has no absolute path")?;
    access(there, Access::WRITE_OK | Access::EXEC_OK).with_context(|| format!("writing into `{}`", there.display()))
}

fn audit_log() -> Check {
    let next = "nothing is changed while it can't be written; `XDG_STATE_HOME` says where it lies otherwise";
    let read = || -> Result<usize> {
        usable(folders::state())?;
        Ok(audit::records()?.damaged)
    };
    match read() {
        Ok(0) => of("audit", Ok(()), "the audit log can be written and read", next),
        Ok(damaged) => Check {
            name: "audit",
            state: State::Look,
            text: format!("lines of the audit log that can't be read: {damaged}"),
            next: Some(
                "somebody has changed it, or a process was killed while it wrote; `conductor audit` shows the rest"
                    .to_owned(),
            ),
        },
        Err(error) => of("audit", Err(error), "", next),
    }
}

/// A file with the user's decisions.
fn kept(name: &'static str, read: crate::error::Result<()>, text: &str) -> Check {
    match read {
        Ok(()) => of(name, Ok(()), text, ""),
        Err(error) => said(name, &error),
    }
}

/// The installed plugins: one check when all of them can be used, else one for each that can't.
fn installed() -> Vec<Check> {
    let known = plugin::known();
    let broken = known.broken.iter().map(|broken| &broken.error);
    let wrong: Vec<Check> = known
        .store_error
        .iter()
        .chain(broken)
        .map(|error| said("plugins", error))
        .collect();
    match (wrong.is_empty(), known.installed.len()) {
        (false, _) => wrong,
        (true, 0) => Vec::new(),
        (true, _) => vec![of("plugins", Ok(()), "the installed plugins can be used", "")],
    }
}

/// What an error of the host's says to a person, with its hint.
fn said(name: &'static str, error: &Error) -> Check {
    Check {
        name,
        state: State::Look,
        text: from_home(&error.message),
        next: error.hint.as_deref().map(from_home),
    }
}

/// Where Claude Code has the user's own commands and skills.
fn of_user() -> Option<PathBuf> {
    let settings = std::env::var_os("CLAUDE_CONFIG_DIR").map(PathBuf::from);
    let home = etcetera::home_dir().ok();
    settings.or_else(|| home.map(|home| home.join(".claude")))
}

/// The names of our slash commands.
fn names() -> Vec<String> {
    let names = plugin::bundled_manifests().filter_map(|manifest| Some(manifest.slash_command?.name));
    names.collect()
}

/// The user's own commands that hide ours. Skills are folders with more in them, and a project's commands are others' too.
#[must_use]
pub fn hiding_of_user() -> Vec<PathBuf> {
    let folder = of_user().map(|folder| folder.join("commands"));
    let files = folder
        .into_iter()
        .flat_map(|folder| names().into_iter().map(move |name| folder.join(format!("{name}.md"))));
    files.filter(|file| file.symlink_metadata().is_ok()).collect()
}

/// How often a name is tried.
const MOST: usize = 100;

/// Renames a command so that Claude Code does not take it for one any more; nothing that is there is replaced. The new path.
///
/// # Errors
/// Why it can't be renamed.
pub fn put_aside(file: &Path) -> Result<PathBuf> {
    for number in 1..=MOST {
        let ending = match number {
            1 => "md.aside".to_owned(),
            number => format!("md.aside{number}"),
        };
        let aside = file.with_extension(ending);
        match renameat_with(CWD, file, CWD, &aside, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(aside),
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
    }
    bail!("{MOST} files of that name were put aside already")
}

/// Files of the user and the project that Claude Code takes before ours when the short name is typed.
fn hidden_commands() -> Vec<Check> {
    let of_user = of_user();
    let project = place::find(Path::new("."), None).ok();
    let of_project = project.map(|project| project.path.join(".claude"));
    let names = names();
    let folders = of_user.into_iter().chain(of_project);
    folders.flat_map(|folder| hiding(&folder, &names)).collect()
}

/// The commands and skills in a folder of Claude Code's that have one of these names.
fn hiding(folder: &Path, names: &[String]) -> Vec<Check> {
    let files = names.iter().flat_map(|name| {
        let command = folder.join("commands").join(format!("{name}.md"));
        let skill = folder.join("skills").join(name).join("SKILL.md");
        [(name, command), (name, skill)]
    });
    let there = files.filter(|(_, file)| file.symlink_metadata().is_ok());
    there
        .map(|(name, file)| Check {
            name: "slash-command",
            state: State::Look,
            text: from_home(&format!(
                "`{}` hides ours: /{name} runs that file. Ours: /{CLAUDE_PLUGIN}:{name}",
                file.display()
            )),
            next: Some(from_home(&format!("rename or remove `{}`", file.display()))),
        })
        .collect()
}

/// Text in which paths below the home folder begin with `~`.
#[must_use]
pub fn from_home(text: &str) -> String {
    match etcetera::home_dir() {
        Ok(home) if home.parent().is_some() => text.replace(&format!("{}/", home.display()), "~/"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_that_is_not_there_can_be_used_and_one_that_others_write_can_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ours = folder.path().join("a/b/conductor");
        assert!(usable(Ok(ours.clone())).is_ok());
        assert!(!folder.path().join("a").exists(), "nothing is made");
        fs::create_dir_all(&ours).expect("ours");
        fs::set_permissions(&ours, fs::Permissions::from_mode(0o777)).expect("ours");
        let error = usable(Ok(ours)).expect_err("anybody could exchange what is in it");
        assert!(error.to_string().ends_with("can be written by others"), "{error}");
    }

    #[test]
    fn a_command_is_put_aside_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("conductor-status.md");
        fs::write(&file, "new").expect("ours");
        fs::write(folder.path().join("conductor-status.md.aside"), "old").expect("ours");
        let aside = put_aside(&file).expect("renamed");
        assert_eq!(aside, folder.path().join("conductor-status.md.aside2"));
        let read = |path: &Path| fs::read_to_string(path).expect("there");
        assert_eq!(read(&aside), "new");
        assert_eq!(read(&folder.path().join("conductor-status.md.aside")), "old");
        assert!(!file.exists());
    }

    #[test]
    fn commands_and_skills_of_our_names_are_found_and_no_others() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in [
            "commands/conductor-status.md",
            "commands/conductor-newtrack.md",
            "commands/other/conductor-status.md",
            "skills/conductor-status/SKILL.md",
            "skills/conductor-status.md",
        ] {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().expect("below")).expect("ours");
            fs::write(file, "").expect("ours");
        }
        let found = hiding(folder.path(), &["conductor-status".to_owned()]);
        let texts: Vec<&str> = found.iter().map(|check| check.text.as_str()).collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
        assert!(
            texts[0].contains("commands/conductor-status.md` hides ours: /conductor-status"),
            "{texts:?}"
        );
        assert!(texts[1].contains("skills/conductor-status/SKILL.md"), "{texts:?}");
    }
}
