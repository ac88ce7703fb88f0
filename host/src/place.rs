//! Finding the places of a run: the project (the nearest folder, up to the git root, whose `conductor/` is one), Gas Town's
//! workspace, and the plugin's own folder.

mod town;

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::config::{self, Config};
use crate::error::{Error, Result};
use crate::folders;
use crate::manifest::{Manifest, Place};
use crate::process::Configured;
use town::Town;

/// What makes a folder `conductor/` one of ours: any of these (formats of Conductor since 0.1).
const SIGNS: [&str; 4] = ["tracks.md", "index.md", "product.md", "tracks"];
/// How many folders below the current one are looked at for a project that may have been meant.
const BELOW: usize = 500;

/// A project that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its canonical path.
    pub path: PathBuf,
    /// Further folders above it, up to the git root, that have a `conductor/` of their own.
    pub above: Vec<PathBuf>,
}

impl Project {
    /// The name of its folder, for titles.
    #[must_use]
    pub fn name(&self) -> String {
        self.path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// The other projects of its repository, beside it and below, as far as [`below`] looks. Reading so many folders takes longer
    /// than a whole run of `status`: only for a person who wants to know more. (Those above were met on the way up, and
    /// [`note`](Self::note) tells them at no cost.)
    #[must_use]
    pub fn others(&self) -> Vec<String> {
        let root = git_root(&self.path);
        let mut others = below(root);
        others.retain(|other| root.join(other) != self.path);
        others
    }

    /// What to say when there was more than one to choose from.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let other = self.above.first()?;
        Some(format!(
            "using `{}`; there is another `conductor/` in `{}` (`--project` chooses)",
            self.path.display(),
            other.display()
        ))
    }
}

/// The places of one run: those that its plugin's manifest speaks of, as far as they are there.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// The project.
    pub project: Option<Project>,
    /// Why there is none, where one was looked for.
    no_project: Option<String>,
    programs: Configured,
    /// Why the user's configuration can't be used, where it is needed and not right.
    no_config: Option<Error>,
    town: Town,
    data: Option<PathBuf>,
}

/// A place that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPlace {
    place: Place,
    reason: Option<String>,
}

impl Places {
    /// Finds what a manifest speaks of, from the current folder. A named project is looked at in any case.
    ///
    /// # Errors
    /// When it needs a project and there is none (`without_project` in the manifest: only when the named one is none). A town, or a
    /// folder of the plugin's own, that is not there is told when it is used, and so is a configuration that is not right: most
    /// plugins can do something without.
    pub fn of(manifest: &Manifest, named: Option<&Path>) -> Result<Self> {
        let (project, no_project) = if manifest.uses(Place::Project) || named.is_some() {
            match find(Path::new("."), named) {
                Ok(project) => (Some(project), None),
                Err(error) if manifest.without_project && named.is_none() => (None, Some(error.message)),
                Err(error) => return Err(error),
            }
        } else {
            (None, None)
        };
        let config = if manifest.uses(Place::Town) || !manifest.programs.is_empty() {
            config::read()
        } else {
            Ok(Config::default())
        };
        let (config, no_config) = match config {
            Ok(config) => (config, None),
            Err(error) => (Config::default(), Some(error)),
        };
        let town = match &no_config {
            Some(error) => Town::None(error.message.clone()),
            None if manifest.uses(Place::Town) => town::find(project.as_ref(), config.town.as_deref()),
            None => Town::default(),
        };
        let data = if manifest.uses(Place::Data) {
            find_data(&manifest.name)
        } else {
            None
        };
        Ok(Self {
            project,
            no_project,
            programs: config.programs,
            no_config,
            town,
            data,
        })
    }

    /// The programs that the user's configuration names.
    ///
    /// # Errors
    /// When it is not right: another program than the one it means must not be started.
    pub fn programs(&self) -> std::result::Result<&Configured, &Error> {
        self.no_config.as_ref().map_or(Ok(&self.programs), Err)
    }

    /// A town around the project that the user has not been asked about.
    #[must_use]
    pub fn unconfirmed_town(&self) -> Option<&Path> {
        match &self.town {
            Town::Unconfirmed(town) => Some(town),
            Town::Found(_) | Town::None(_) => None,
        }
    }

    /// The user has said that it is the one to be used.
    pub fn confirm_town(&mut self) {
        if let Town::Unconfirmed(town) = &self.town {
            self.town = Town::Found(town.clone());
        }
    }

    fn town(&self) -> Option<&Path> {
        match &self.town {
            Town::Found(town) => Some(town),
            Town::None(_) | Town::Unconfirmed(_) => None,
        }
    }

    /// The folder of a place.
    ///
    /// # Errors
    /// When it is not there.
    pub fn find(&self, place: Place) -> std::result::Result<&Path, NoPlace> {
        let found = match place {
            Place::Project => self.project.as_ref().map(|project| project.path.as_path()),
            Place::Town => self.town(),
            Place::Data => self.data.as_deref(),
        };
        found.ok_or_else(|| NoPlace {
            place,
            reason: match &self.town {
                Town::None(reason) if place == Place::Town => Some(reason.clone()),
                Town::Unconfirmed(town) if place == Place::Town => Some(unconfirmed(town)),
                _ => self.no_project.clone().filter(|_| place == Place::Project),
            },
        })
    }

    /// The name of the project's folder, for titles; empty where there is none.
    #[must_use]
    pub fn project_name(&self) -> String {
        self.project.as_ref().map_or_else(String::new, Project::name)
    }

    /// The folder that the project came with: its git root, or itself where there is none.
    #[must_use]
    pub fn clone_of_project(&self) -> Option<&Path> {
        self.project.as_ref().map(|project| git_root(&project.path))
    }

    /// Folders in which a repository or a town can have put a program: none of theirs is ever started.
    #[must_use]
    pub fn untrusted(&self) -> Vec<PathBuf> {
        let project = self.clone_of_project().map(Path::to_owned);
        project.into_iter().chain(self.town().map(Path::to_owned)).collect()
    }
}

impl std::fmt::Display for NoPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.place, &self.reason) {
            (_, Some(reason)) => f.write_str(reason),
            (Place::Project, None) => write!(f, "there is no project here"),
            (Place::Town, None) => write!(f, "there is no Gas Town"),
            (Place::Data, None) => write!(f, "the plugin's own folder can't be made"),
        }
    }
}

fn unconfirmed(town: &Path) -> String {
    format!(
        "the Gas Town around this project, `{}`, is used once you have said so: a plugin that needs it asks when you run it in a terminal",
        town.display()
    )
}

/// The plugin's own folder, made when it is first spoken of.
fn find_data(plugin: &str) -> Option<PathBuf> {
    let folder = folders::data().ok()?.join(plugin);
    folders::checked(&folder).ok()?;
    folder.canonicalize().ok()
}

/// The folder with the nearest `.git` from a folder upwards, or the folder itself.
fn git_root(folder: &Path) -> &Path {
    folder
        .ancestors()
        .find(|above| above.join(".git").exists())
        .unwrap_or(folder)
}

/// Finds the project of a folder, or checks the one that was named.
///
/// # Errors
/// When there is none, with what to do; when it is `/`, the home folder, or another user's.
pub fn find(from: &Path, named: Option<&Path>) -> Result<Project> {
    match named {
        Some(folder) => check_named(folder),
        None => search(from),
    }
}

fn canonical(folder: &Path) -> Result<PathBuf> {
    folder.canonicalize().map_err(|error| {
        Error::failed(
            "no-project",
            format!("`{}` can't be used as a project: {error}", folder.display()),
        )
        .hinted("`--project DIR` takes a folder that is there")
    })
}

fn check_named(folder: &Path) -> Result<Project> {
    let path = canonical(folder)?;
    check_not_too_wide(&path)?;
    if is_project(&path) {
        return Ok(Project {
            path,
            above: Vec::new(),
        });
    }
    let error = Error::failed(
        "no-project",
        format!(
            "no Conductor project in `{}`: it holds no `conductor/tracks.md`",
            path.display()
        ),
    );
    Err(match path.parent() {
        Some(parent) if is_project(parent) => error.hinted(format!("did you mean `--project {}`?", parent.display())),
        _ => error.hinted("`--project DIR` takes the folder that holds `conductor/`"),
    })
}

fn search(from: &Path) -> Result<Project> {
    let from = canonical(from)?;
    let mut found = search_up(&from).into_iter();
    let Some(path) = found.next() else {
        return Err(none_here(&from));
    };
    check_not_too_wide(&path)?;
    check_owner(&path)?;
    Ok(Project {
        path,
        above: found.collect(),
    })
}

/// Every project from a folder up to its git root, nearest first. Without a git root the walk ends below the home folder.
fn search_up(from: &Path) -> Vec<PathBuf> {
    let home = home();
    let mut found = Vec::new();
    for folder in from.ancestors() {
        if home.as_deref() == Some(folder) || folder.parent().is_none() {
            break;
        }
        if is_project(folder) {
            found.push(folder.to_owned());
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    found
}

/// Whatever is there by one of these names makes it one: that it is no file, or can't be read, is for the reader to tell.
fn is_project(folder: &Path) -> bool {
    let conductor = folder.join("conductor");
    SIGNS.iter().any(|sign| conductor.join(sign).symlink_metadata().is_ok())
}

fn none_here(from: &Path) -> Error {
    if is_project(from) {
        // The search ended below it, since it is the home folder.
        return too_wide(from);
    }
    if from.join("conductor").is_dir() {
        return Error::failed(
            "no-project",
            format!(
                "`{}` is not a Conductor project yet: it holds no tracks.md, index.md or product.md",
                from.join("conductor").display()
            ),
        )
        .hinted("`/conductor-setup` in Claude Code fills it");
    }
    let error = Error::failed(
        "no-project",
        format!(
            "no Conductor project here: `{}` and the folders above it up to the git root hold no `conductor/tracks.md`",
            from.display()
        ),
    );
    match below(from).as_slice() {
        [] => error.hinted("`/conductor-setup` in Claude Code makes one; `--project DIR` looks elsewhere"),
        [one] => error.hinted(format!("there is one below: `--project {one}`")),
        several => error.hinted(format!(
            "there are some below: `--project` with one of `{}`",
            several.join("`, `")
        )),
    }
}

/// Projects one or two folders below, as in a repository of several packages, by their relative paths.
fn below(from: &Path) -> Vec<String> {
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let hidden = |entry: &std::fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(b".");
        let mut folders: Vec<PathBuf> = entries
            .filter(|entry| !hidden(entry) && entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .take(BELOW)
            .collect();
        folders.sort();
        folders
    };
    let first = folders(from);
    let second: Vec<PathBuf> = first.iter().flat_map(|folder| folders(folder)).take(BELOW).collect();
    let found = first.iter().chain(&second).filter(|folder| is_project(folder));
    let relative = found.filter_map(|folder| Some(folder.strip_prefix(from).ok()?.display().to_string()));
    relative.take(5).collect()
}

fn home() -> Option<PathBuf> {
    etcetera::home_dir().ok()?.canonicalize().ok()
}

/// A project is never the whole machine or the whole home folder: a grant in it would be one on everything.
fn check_not_too_wide(path: &Path) -> Result<()> {
    if path.parent().is_some() && home().as_deref() != Some(path) {
        return Ok(());
    }
    Err(too_wide(path))
}

fn too_wide(path: &Path) -> Error {
    Error::failed(
        "no-project",
        format!("`{}` is too wide to be a project", path.display()),
    )
    .hinted("move `conductor/` into the folder of the project")
}

/// A folder of another user is not found by looking upwards, since its files are that user's word (git asks the same,
/// `safe.directory`); naming it with `--project` is a word of one's own.
fn check_owner(path: &Path) -> Result<()> {
    let owner = path.metadata().map(|metadata| metadata.uid()).map_err(|error| {
        Error::failed(
            "no-project",
            format!("`{}` can't be used as a project: {error}", path.display()),
        )
    })?;
    let us = rustix::process::geteuid();
    let behind_sudo = std::env::var("SUDO_UID").ok().and_then(|uid| uid.parse().ok());
    if owner == us.as_raw() || (us.is_root() && behind_sudo == Some(owner)) {
        return Ok(());
    }
    Err(Error::failed(
        "no-project",
        format!("`{}` belongs to another user (uid {owner})", path.display()),
    )
    .hinted(format!("if you trust it: `--project {}`", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder(paths: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for path in paths {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("below the folder")).expect("made");
            fs::write(path, "").expect("written");
        }
        folder
    }

    fn found(folder: &tempfile::TempDir, from: &str) -> Result<Project> {
        find(&folder.path().join(from), None)
    }

    #[test]
    fn the_nearest_one_is_used_and_the_one_above_is_named() {
        let folder = folder(&[
            ".git/x",
            "conductor/tracks.md",
            "web/conductor/index.md",
            "web/src/a.rs",
        ]);
        let project = found(&folder, "web/src").expect("there is one");
        assert!(project.path.ends_with("web"), "{project:?}");
        assert_eq!(project.name(), "web");
        assert!(project.note().is_some_and(|note| note.contains("--project")));
    }

    #[test]
    fn the_others_of_a_repository_are_named_on_demand() {
        let folder = folder(&[
            ".git/x",
            "conductor/tracks.md",
            "web/conductor/index.md",
            "apps/shop/conductor/tracks.md",
            "apps/docs/a.md",
        ]);
        let others = |from| found(&folder, from).map(|project| project.others());
        assert_eq!(others("web").expect("there is one"), ["apps/shop"]);
        assert_eq!(others(".").expect("there is one"), ["web", "apps/shop"]);
    }

    #[test]
    fn nothing_above_the_git_root_counts() {
        let folder = folder(&["conductor/tracks.md", "repo/.git/x", "repo/src/a.rs"]);
        let error = found(&folder, "repo/src").expect_err("outside the repository");
        assert!(error.hint.is_some_and(|hint| hint.contains("/conductor-setup")));
    }

    #[test]
    fn an_empty_one_is_told_apart_from_none() {
        let folder = folder(&[".git/x", "conductor/notes.txt"]);
        let error = found(&folder, ".").expect_err("nothing in it");
        assert!(error.message.contains("not a Conductor project yet"), "{error}");
    }

    #[test]
    fn a_plugin_that_can_do_without_is_told_why_there_is_none() {
        let manifest = |without_project| {
            let text = serde_json::json!({
                "name": "p", "version": "1", "summary": "s", "api": "0.1.0", "without_project": without_project,
                "files": [{ "grant": "g", "place": "project", "path": "conductor", "access": "read", "reason": "r" }],
            });
            crate::manifest::parse(&text.to_string(), "p").expect("it is right")
        };
        let none = folder(&["notes.txt"]);
        let named = Some(none.path());
        assert!(
            Places::of(&manifest(true), named).is_err(),
            "one that is named has to be one"
        );
        let places = Places {
            no_project: Some("belongs to another user".to_owned()),
            ..Places::default()
        };
        let told = |place| places.find(place).expect_err("none is there").to_string();
        assert_eq!(told(Place::Project), "belongs to another user");
        assert_eq!(told(Place::Town), "it was not looked for");
    }

    #[test]
    fn projects_of_packages_below_are_named() {
        let folder = folder(&[".git/x", "apps/a/conductor/tracks.md", "b/conductor/index.md"]);
        let error = found(&folder, ".").expect_err("none here");
        let hint = error.hint.expect("a hint");
        assert!(hint.contains("`b`, `apps/a`"), "{hint}");
    }

    #[test]
    fn tracks_without_a_registry_are_a_project_too() {
        let folder = folder(&[".git/x", "conductor/tracks/a_20260101/plan.md"]);
        assert!(found(&folder, ".").is_ok());
    }

    #[test]
    fn naming_the_folder_inside_is_met_with_the_one_that_was_meant() {
        let folder = folder(&["conductor/tracks.md"]);
        let error = find(Path::new("/"), Some(&folder.path().join("conductor"))).expect_err("one too deep");
        assert!(
            error
                .hint
                .is_some_and(|hint| hint.starts_with("did you mean `--project "))
        );
    }
}
