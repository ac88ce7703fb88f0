//! What no grant lets a plugin write: files by which other programs are configured, and everything at once.

use super::{FileWish, Place};

/// Folders whose content decides what git, Claude Code and Beads run.
const PROTECTED: [&str; 3] = [".git", ".claude", ".beads"];
/// The one thing in them that may be written: formulas of Beads, one by one.
const FORMULAS: &str = ".beads/formulas/";
/// How such a file ends.
const FORMULA: &str = ".formula.toml";

/// Why a path in a place is never written; nothing when a grant can allow it. For manifests, and for each file that a plugin
/// writes below a granted folder.
#[must_use]
pub fn why_not(path: &str) -> Option<String> {
    if is_formula(path) {
        return None;
    }
    // Names are compared without case: there are file systems that do not tell `.GIT` from `.git`.
    let protects = |part: &str| {
        let part = part.to_ascii_lowercase();
        PROTECTED
            .iter()
            .copied()
            .find(|name| part == *name)
            .or_else(|| part.ends_with(".git").then_some(".git"))
    };
    let found = path.split('/').find_map(protects)?;
    Some(match found {
        ".git" => "what is in a repository of git decides what git runs".to_owned(),
        ".beads" => format!("of `.beads` only single files `{FORMULAS}*{FORMULA}` may be written"),
        _ => format!("what is in `{found}` decides what Claude Code runs"),
    })
}

/// A single formula, by its full name.
fn is_formula(path: &str) -> bool {
    let name = path.strip_prefix(FORMULAS).and_then(|name| name.strip_suffix(FORMULA));
    name.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

/// Checks a grant to write.
pub(super) fn check(wish: &FileWish) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("the grant `{}` can't write `{}`: {why}", wish.grant, wish.path));
    if let Some(why) = why_not(&wish.path) {
        return refuse(&why);
    }
    // Each of its folders is a whole project, or state of Gas Town that only `gt` may change.
    if wish.place == Place::Town && !is_formula(&wish.path) {
        return refuse("in the town only single formulas may be written");
    }
    Ok(())
}
