//! What the user has agreed to for a folder, once: `consents.json` in the configuration folder.
//!
//! A folder's own word is never taken for the user's: that a clone lies in something that looks like a Gas Town does not make it
//! one. What was declined is kept too, so that it is not asked again.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::user_file::{self, Content};

/// What can be agreed to for a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// That it is the Gas Town of the projects in it.
    Town,
}

/// The content of `consents.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Consents {
    version: u32,
    #[serde(default)]
    consents: Vec<Consent>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Consent {
    /// The canonical path of the folder.
    path: String,
    scope: Scope,
    agreed: bool,
}

impl Default for Consents {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            consents: Vec::new(),
        }
    }
}

impl Content for Consents {
    const NAME: &'static str = "consents.json";
    const VERSION: u32 = 1;
    const WITHOUT: &'static str = "you are asked again what you have agreed to";
}

impl Consents {
    fn find(&self, path: &str, scope: Scope) -> Option<bool> {
        let consent = self
            .consents
            .iter()
            .find(|consent| consent.path == path && consent.scope == scope);
        consent.map(|consent| consent.agreed)
    }

    fn note(&mut self, path: &str, scope: Scope, agreed: bool) {
        self.consents
            .retain(|consent| !(consent.path == path && consent.scope == scope));
        self.consents.push(Consent {
            path: path.to_owned(),
            scope,
            agreed,
        });
    }
}

/// What the user has said about a folder; nothing when that was never asked.
///
/// # Errors
/// When the file is not right, or others could have written it.
pub fn given(path: &Path, scope: Scope) -> Result<Option<bool>> {
    // A path that is no text can't be kept, so it was never agreed to.
    let Some(path) = path.to_str() else { return Ok(None) };
    Ok(user_file::read::<Consents>()?.find(path, scope))
}

/// Whether what the user has said can be read.
///
/// # Errors
/// As of [`given`].
pub fn check() -> Result<()> {
    user_file::read::<Consents>().map(drop)
}

/// Keeps what the user has said about a folder. (A path that is no text is asked about each time.)
///
/// # Errors
/// When the file is not right, or can't be written.
pub fn keep(path: &Path, scope: Scope, agreed: bool) -> Result<()> {
    let Some(path) = path.to_str() else { return Ok(()) };
    user_file::change(|consents: &mut Consents| {
        consents.note(path, scope, agreed);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_about_a_folder_counts_and_for_no_other() {
        let mut consents = Consents::default();
        assert_eq!(consents.find("/a", Scope::Town), None);
        consents.note("/a", Scope::Town, true);
        consents.note("/b", Scope::Town, true);
        consents.note("/a", Scope::Town, false);
        assert_eq!(consents.find("/a", Scope::Town), Some(false));
        assert_eq!(consents.find("/b", Scope::Town), Some(true));
        assert_eq!(consents.find("/a/b", Scope::Town), None);
        assert_eq!(consents.consents.len(), 2);
    }
}
