//! What is never written, by whatever name: a link in a project can give `.git` or `.claude` another one.

use std::path::Path;

use crate::manifest::why_not_written;

/// Why a path in a place is never written, as it is named or where its links lead; `place` is without links. What leads out of the
/// place is left to the one who opens it.
pub(super) fn why_not(place: &Path, path: &str) -> Option<String> {
    why_not_written(path).or_else(|| why_not_written(&resolved(place, path)?))
}

/// The path in the place with the links followed of as much of it as is there.
fn resolved(place: &Path, path: &str) -> Option<String> {
    let whole = place.join(path);
    let there = whole
        .ancestors()
        .find_map(|above| Some((above, above.canonicalize().ok()?)));
    let (above, real) = there?;
    let mut found = real.strip_prefix(place).ok()?.to_owned();
    // Not `join`, which makes a folder of a file by a `/` at its end where nothing comes behind.
    found.extend(whole.strip_prefix(above).ok()?);
    Some(found.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::why_not;

    #[test]
    fn a_single_formula_may_be_written_whether_it_is_there_or_not() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let root = place.path().canonicalize().expect("it is there");
        let formula = ".beads/formulas/one.formula.toml";
        assert_eq!(why_not(&root, formula), None);
        fs::create_dir_all(root.join(".beads/formulas")).expect("made");
        assert_eq!(why_not(&root, formula), None);
        fs::write(root.join(formula), "").expect("written");
        assert_eq!(why_not(&root, formula), None);
        assert!(why_not(&root, ".beads/formulas").is_some());
        assert!(why_not(&root, ".beads/config.yaml").is_some());
        fs::create_dir(root.join(".git")).expect("made");
        fs::remove_dir_all(root.join(".beads/formulas")).expect("removed");
        symlink(root.join(".git"), root.join(".beads/formulas")).expect("linked");
        assert!(why_not(&root, formula).is_some(), "it is a link into git's folder");
    }
}
