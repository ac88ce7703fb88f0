//! What a plugin may do: its manifest's wishes, less what the user has not granted. Pure.
//!
//! The sandbox takes only [`Grants`]; there is no other way to a file.

use crate::error::{Error, Result, near};
use crate::manifest::{FileWish, Manifest};
use crate::visible;

/// The most characters that are shown of a grant's name when a plugin has made it up; declared ones have at most 32.
const NAME: usize = 64;

/// What the user has granted to a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserGrants {
    /// All that its manifest declares: a bundled plugin.
    Declared,
    /// The grants of these names, from `--grant` of `conductor plugin run`.
    Named(Vec<String>),
}

/// What a plugin may do in this run, and how to word what it may not.
#[derive(Clone, Debug)]
pub struct Grants {
    plugin: String,
    files: Vec<(FileWish, bool)>,
}

/// A refusal, as data from where it arises to where it is printed: terminal, JSON and the plugin get the same sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// `denied` (declared, not granted) or `undeclared`.
    pub code: &'static str,
    /// The sentence, with what would grant it.
    pub message: String,
    /// The grant that was missing.
    pub grant: String,
}

impl Grants {
    /// Joins the manifest's wishes with the user's word.
    ///
    /// # Errors
    /// A usage error when the user names a grant that the manifest does not declare.
    pub fn of(manifest: &Manifest, user: &UserGrants) -> Result<Self> {
        if let UserGrants::Named(names) = user {
            for name in names {
                check_declared(manifest, name)?;
            }
        }
        let granted = |wish: &FileWish| match user {
            UserGrants::Declared => true,
            UserGrants::Named(names) => names.contains(&wish.grant),
        };
        let files = manifest
            .files
            .iter()
            .map(|wish| (wish.clone(), granted(wish)))
            .collect();
        Ok(Self {
            plugin: manifest.name.clone(),
            files,
        })
    }

    /// The plugin that holds them.
    #[must_use]
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// What is granted.
    pub fn granted(&self) -> impl Iterator<Item = &FileWish> {
        self.files.iter().filter(|(_, granted)| *granted).map(|(wish, _)| wish)
    }

    /// The files behind a grant.
    ///
    /// # Errors
    /// The refusal, when it is not declared or not granted.
    pub fn files(&self, name: &str) -> std::result::Result<&FileWish, Denial> {
        let plugin = &self.plugin;
        let shown = visible::line(name, NAME);
        let denial = |code, message| Denial {
            code,
            message,
            grant: shown.clone(),
        };
        match self.files.iter().find(|(wish, _)| wish.grant == name) {
            Some((wish, true)) => Ok(wish),
            Some((wish, false)) => Err(denial(
                "denied",
                format!(
                    "plugin `{plugin}` may not read `{}` of the project: its manifest declares it, you have not granted \
                     it; `conductor plugin run --grant {name} …` does",
                    visible::text(&wish.path)
                ),
            )),
            None => Err(denial(
                "undeclared",
                format!(
                    "plugin `{plugin}` may not use the grant `{shown}`: its manifest does not declare it, so nothing can grant it"
                ),
            )),
        }
    }
}

fn check_declared(manifest: &Manifest, name: &str) -> Result<()> {
    let declared = || manifest.files.iter().map(|wish| wish.grant.as_str());
    if declared().any(|grant| grant == name) {
        return Ok(());
    }
    let error = Error::usage(format!("plugin `{}` declares no grant `{name}`", manifest.name));
    Err(match (near(name, declared()), declared().collect::<Vec<_>>()) {
        (Some(name), _) => error.hinted(format!("did you mean `{name}`?")),
        (None, all) if all.is_empty() => error.hinted("it declares none"),
        (None, all) => error.hinted(format!("it declares `{}`", all.join("`, `"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    fn manifest() -> Manifest {
        let text = r#"{"name": "p", "version": "1", "summary": "s", "api": "0.1.0", "files": [
            {"grant": "specs", "place": "project", "path": "conductor", "access": "read", "reason": "r"},
            {"grant": "docs", "place": "project", "path": "docs", "access": "read", "reason": "r"}]}"#;
        manifest::parse(text, "a test").expect("the test's manifest is right")
    }

    #[test]
    fn a_bundled_plugin_holds_what_it_declares_and_nothing_else() {
        let grants = Grants::of(&manifest(), &UserGrants::Declared).expect("nothing is named");
        assert_eq!(grants.files("docs").map(|wish| wish.path.as_str()), Ok("docs"));
        assert_eq!(grants.files("src").expect_err("not declared").code, "undeclared");
    }

    #[test]
    fn only_what_is_named_is_granted_and_the_refusal_names_the_flag() {
        let grants = Grants::of(&manifest(), &UserGrants::Named(vec!["specs".to_owned()])).expect("declared");
        assert!(grants.files("specs").is_ok());
        let denial = grants.files("docs").expect_err("not granted");
        assert_eq!((denial.code, denial.grant.as_str()), ("denied", "docs"));
        assert!(denial.message.contains("--grant docs"), "{}", denial.message);
        assert_eq!(grants.granted().count(), 1);
    }

    #[test]
    fn a_grant_that_is_not_declared_is_a_usage_error_with_the_near_name() {
        let error = Grants::of(&manifest(), &UserGrants::Named(vec!["spec".to_owned()])).expect_err("not declared");
        assert_eq!(error.hint.as_deref(), Some("did you mean `specs`?"));
    }
}
