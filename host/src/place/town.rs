//! Finding Gas Town's workspace: where the user's configuration or `GT_TOWN_ROOT` says it is, where Gas Town's own documents put
//! it (`~/gt`), or around the project once the user has confirmed that folder.

use std::path::{Path, PathBuf};

use super::{Project, check_not_too_wide, check_owner, git_root};
use crate::consent::{self, Scope};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Town {
    /// The town.
    Found(PathBuf),
    /// There is none to be used, for this reason.
    None(String),
    /// One around the project that the user has not been asked about.
    Unconfirmed(PathBuf),
}

impl Default for Town {
    fn default() -> Self {
        Self::None("it was not looked for".to_owned())
    }
}

/// Finds it; `configured` is what the user's configuration says.
pub(super) fn find(project: Option<&Project>, configured: Option<&Path>) -> Town {
    if let Some(path) = configured {
        let found = canonical(path).ok_or_else(|| "it holds no `mayor/town.json`".to_owned());
        let found = found.and_then(|town| usable(&town, project).map(|()| town));
        return found.map_or_else(
            |why| Town::None(format!("`town` of the configuration is `{}`: {why}", path.display())),
            Town::Found,
        );
    }
    let said = std::env::var_os("GT_TOWN_ROOT")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let usual = etcetera::home_dir().ok().map(|home| home.join("gt"));
    if let Some(town) = said.into_iter().chain(usual).find_map(|path| canonical(&path)) {
        return match usable(&town, project) {
            Ok(()) => Town::Found(town),
            Err(why) => Town::None(format!("`{}` is not used as Gas Town: {why}", town.display())),
        };
    }
    around(project).unwrap_or_else(|| {
        Town::None(
            "there is no Gas Town: neither the configuration nor `GT_TOWN_ROOT` names one, and `~/gt` is none"
                .to_owned(),
        )
    })
}

/// The outermost town around the project, which is the one that `gt` itself takes.
fn around(project: Option<&Project>) -> Option<Town> {
    let above = project?.path.ancestors().skip(1);
    let town = above.filter(|folder| is_town(folder)).last()?.to_owned();
    if usable(&town, project).is_err() {
        return None;
    }
    let shown = town.display();
    Some(match consent::given(&town, Scope::Town) {
        Ok(Some(true)) => Town::Found(town),
        Ok(Some(false)) => Town::None(format!(
            "you have said that the Gas Town around this project, `{shown}`, is not used; `town` of the configuration sets it"
        )),
        Ok(None) => Town::Unconfirmed(town),
        Err(error) => Town::None(error.message),
    })
}

fn is_town(folder: &Path) -> bool {
    folder.join("mayor/town.json").is_file()
}

fn canonical(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().filter(|path| is_town(path))
}

/// A town is the user's, and not one that the project's repository has brought.
fn usable(town: &Path, project: Option<&Project>) -> Result<(), String> {
    if project.is_some_and(|project| town.starts_with(git_root(&project.path))) {
        return Err("it lies in the project's repository, which must not bring its own".to_owned());
    }
    check_not_too_wide(town).map_err(|_| "it is the whole home folder, or everything".to_owned())?;
    check_owner(town).map_err(|_| "it belongs to another user".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn made(paths: &[&str]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for path in paths {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("below the folder")).expect("made");
            fs::write(path, "").expect("written");
        }
        let path = folder.path().canonicalize().expect("there");
        (folder, path)
    }

    fn project(path: PathBuf) -> Project {
        Project {
            path,
            above: Vec::new(),
        }
    }

    #[test]
    fn the_configured_one_is_taken_or_told_why_not() {
        let (_folder, path) = made(&[
            "town/mayor/town.json",
            "project/.git/x",
            "project/town/mayor/town.json",
            "none/x",
        ]);
        let project = project(path.join("project"));
        let found = |name: &str| find(Some(&project), Some(&path.join(name)));
        assert_eq!(found("town"), Town::Found(path.join("town")));
        for (name, why) in [
            ("none", "holds no"),
            ("gone", "holds no"),
            ("project/town", "project's repository"),
        ] {
            assert!(
                matches!(found(name), Town::None(reason) if reason.contains(why)),
                "{name}"
            );
        }
    }

    #[test]
    fn the_outermost_one_around_the_project_waits_for_the_user() {
        let (_folder, path) = made(&["mayor/town.json", "rig/mayor/town.json", "rig/crew/.git/x"]);
        let town = around(Some(&project(path.join("rig/crew"))));
        assert_eq!(town, Some(Town::Unconfirmed(path)));
    }

    #[test]
    fn one_that_the_repository_of_the_project_brings_is_none() {
        let (_folder, path) = made(&[".git/x", "mayor/town.json", "project/conductor/tracks.md"]);
        assert_eq!(around(Some(&project(path.join("project")))), None);
    }
}
