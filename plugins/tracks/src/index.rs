//! `index.md`: where a project, or a track, says its files are. What it does not say is where it usually is.

use crate::line::{Lines, contains_ignore_case, text};
use crate::link::{Meaning, links, meaning};

/// A file that an `index.md` names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// The line of the link, 1-based.
    pub(crate) line: u32,
    /// The link's target as written.
    pub(crate) target: String,
    /// The path relative to `conductor/`; `None` when it leads out of there.
    pub(crate) path: Option<String>,
}

/// The registry that a project's `index.md` names.
pub(crate) fn registry(index: &[u8]) -> Option<Named> {
    linked(index, "", |label, file| {
        contains_ignore_case(label, "tracks registry") || file == "tracks.md"
    })
}

/// The plan that a track's `index.md` names, where it is not called `plan.md`. `folder` is the track's, ending with `/`.
pub(crate) fn plan(index: &[u8], folder: &str) -> Option<Named> {
    linked(index, folder, |label, file| {
        contains_ignore_case(label, "plan") && file != "plan.md"
    })
}

/// The tracks directory that a project's `index.md` names, as a folder ending with `/`.
pub(crate) fn tracks(index: &[u8]) -> Option<Named> {
    Lines::new(index).find_map(|line| {
        let link = links(line.text).find(|link| contains_ignore_case(link.label, "tracks directory"))?;
        let path = match meaning(link.target, "") {
            Meaning::Inside { folder, file: None } => Some(folder),
            Meaning::Outside => None,
            _ => return None,
        };
        Some(Named {
            line: line.number,
            target: text(link.target).to_string(),
            path,
        })
    })
}

/// The metadata that a track's `index.md` names, where it is not the folder's own `metadata.json`.
pub(crate) fn metadata(index: &[u8], folder: &str) -> Option<Named> {
    let usual = format!("{folder}metadata.json");
    linked(index, folder, |label, _| contains_ignore_case(label, "metadata"))
        .filter(|named| named.path.as_deref() != Some(usual.as_str()))
}

/// The first linked file for which `wanted` holds (label, file name).
fn linked(index: &[u8], base: &str, wanted: impl Fn(&[u8], &str) -> bool) -> Option<Named> {
    Lines::new(index).find_map(|line| {
        links(line.text).find_map(|link| {
            let target = text(link.target);
            let (file, path) = match meaning(link.target, base) {
                Meaning::Inside {
                    folder,
                    file: Some(file),
                } => (file.clone(), Some(format!("{folder}{file}"))),
                Meaning::Outside => (target.rsplit('/').next().unwrap_or_default().to_string(), None),
                _ => return None,
            };
            wanted(link.label, &file).then(|| Named {
                line: line.number,
                target: target.to_string(),
                path,
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_elsewhere() {
        let path = |index: &[u8]| registry(index).map(|named| (named.line, named.path));
        let index = b"# Project Context\n- [Workflow](./workflow.md)\n- [Tracks Registry](./list.md)\n- [Tracks Directory](./tracks/)\n";
        assert_eq!(path(index), Some((3, Some("list.md".into()))));
        assert_eq!(
            path(b"- [Tracks](conductor/tracks.md)"),
            Some((1, Some("tracks.md".into())))
        );
        assert_eq!(path(b"- [Tracks Registry](../tracks.md)"), Some((1, None)));
        let tracks = tracks(index).and_then(|named| named.path);
        assert_eq!(tracks.as_deref(), Some("tracks/"));
    }

    #[test]
    fn a_plan_elsewhere() {
        let path = |index: &[u8]| plan(index, "tracks/a/").and_then(|named| named.path);
        assert_eq!(
            path(b"- [Implementation Plan](./steps.md)"),
            Some("tracks/a/steps.md".into())
        );
        assert_eq!(path(b"- [Implementation Plan](./plan.md)"), None);
        let path = |index: &[u8]| metadata(index, "tracks/a/").and_then(|named| named.path);
        assert_eq!(path(b"- [Metadata](./metadata.json)"), None);
        assert_eq!(path(b"- [Metadata](../a.json)"), Some("tracks/a.json".into()));
    }
}
