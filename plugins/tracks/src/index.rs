//! `index.md`: where a project, or a track, says its files are. What it does not say is where it usually is.

use crate::line::{Lines, contains_ignore_case};
use crate::link::{Meaning, links, meaning};

/// The path of the registry that a project's `index.md` names, relative to `conductor/`.
pub(crate) fn registry(index: &[u8]) -> Option<String> {
    linked(index, "", |label, file| {
        contains_ignore_case(label, "tracks registry") || file == "tracks.md"
    })
}

/// The path of the plan that a track's `index.md` names. `folder` is the track's, ending with `/`.
pub(crate) fn plan(index: &[u8], folder: &str) -> Option<String> {
    linked(index, folder, |label, file| {
        contains_ignore_case(label, "plan") && file != "plan.md"
    })
}

/// The first linked file below `conductor/` for which `wanted` holds (label, file name).
fn linked(index: &[u8], base: &str, wanted: impl Fn(&[u8], &str) -> bool) -> Option<String> {
    Lines::new(index).find_map(|line| {
        links(line.text).find_map(|link| match meaning(link.target, base) {
            Meaning::Inside {
                folder,
                file: Some(file),
            } if wanted(link.label, &file) => Some(format!("{folder}{file}")),
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_elsewhere() {
        let index = b"# Project Context\n- [Workflow](./workflow.md)\n- [Tracks Registry](./list.md)\n- [Tracks Directory](./tracks/)\n";
        assert_eq!(registry(index), Some("list.md".into()));
        assert_eq!(registry(b"- [Tracks](conductor/tracks.md)"), Some("tracks.md".into()));
        assert_eq!(registry(b"- [Tracks Registry](../tracks.md)"), None);
    }

    #[test]
    fn a_plan_elsewhere() {
        assert_eq!(
            plan(b"- [Implementation Plan](./steps.md)", "tracks/a/"),
            Some("tracks/a/steps.md".into())
        );
        assert_eq!(plan(b"- [Implementation Plan](./plan.md)", "tracks/a/"), None);
    }
}
