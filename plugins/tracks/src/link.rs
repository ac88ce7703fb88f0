//! Links between the files of `conductor/`, and the folders they mean.
//!
//! Writers differ in what a link is relative to (the repository, `conductor/`, nothing), so the folder is found from the
//! path's parts.

use memchr::memmem::find;

use crate::line::text;

/// `[label](target)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link<'a> {
    pub(crate) label: &'a [u8],
    pub(crate) target: &'a [u8],
    /// Where it starts and ends in the line.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The longest target that may hold brackets of its own.
const NESTED_TARGET: usize = 1000;

/// The links of a line, in order.
pub(crate) fn links(line: &[u8]) -> impl Iterator<Item = Link<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(at) = find(&line[from..], b"](") {
            let middle = from + at;
            let start = label_start(&line[from..middle]).map(|at| from + at);
            let close = target_end(&line[middle + 2..]).map(|at| middle + 2 + at)?;
            from = close + 1;
            if let Some(start) = start {
                let target = target(&line[middle + 2..close]);
                return Some(Link {
                    label: &line[start + 1..middle],
                    target,
                    start,
                    end: close + 1,
                });
            }
        }
        None
    })
}

/// Where the label begins that ends here: at the `[` that no `]` closes, else at the last one.
fn label_start(before: &[u8]) -> Option<usize> {
    let mut closed = 0u32;
    for (at, byte) in before.iter().enumerate().rev() {
        match byte {
            b']' => closed += 1,
            b'[' if closed == 0 => return Some(at),
            b'[' => closed -= 1,
            _ => {}
        }
    }
    before.iter().rposition(|b| *b == b'[')
}

/// Where the `)` of a target is: the one that closes it, else the first.
fn target_end(rest: &[u8]) -> Option<usize> {
    let mut open = 0u32;
    for (at, byte) in rest.iter().enumerate().take(NESTED_TARGET) {
        match byte {
            b'(' => open += 1,
            b')' if open == 0 => return Some(at),
            b')' => open -= 1,
            _ => {}
        }
    }
    rest.iter().position(|b| *b == b')')
}

/// Without `<>` and a title after a space.
fn target(inner: &[u8]) -> &[u8] {
    let inner = inner.trim_ascii();
    if let Some(rest) = inner.strip_prefix(b"<") {
        return rest.strip_suffix(b">").unwrap_or(rest);
    }
    match find(inner, b" \"") {
        Some(at) => &inner[..at],
        None => inner,
    }
}

/// Where the links of a registry start from, and where the tracks are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Home {
    /// The folder of the registry below `conductor/`, empty or ending with `/`.
    pub(crate) base: String,
    /// The folder that `index.md` names as the tracks directory, where it is not `tracks/`.
    pub(crate) tracks: Option<String>,
}

impl Home {
    /// Whether a folder can be a track's.
    pub(crate) fn is_track_folder(&self, folder: &str) -> bool {
        let below = |tracks: &String| folder.len() > tracks.len() && folder.starts_with(tracks.as_str());
        is_track_folder(folder) || self.tracks.as_ref().is_some_and(below)
    }
}

/// What a link's target means, seen from `conductor/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A folder below `conductor/`, ending with `/`, and the file in it where the link names one.
    Inside { folder: String, file: Option<String> },
    /// A path that leads out of `conductor/`.
    Outside,
    /// A web address, an anchor, nothing.
    Other,
}

/// Reads a target as a path. `base` is the folder of the linking file below `conductor/`, empty or ending with `/`.
pub(crate) fn meaning(target: &[u8], base: &str) -> Meaning {
    let target = text(target);
    let target = target
        .split(['#', '?'])
        .next()
        .unwrap_or_default()
        .trim()
        .trim_matches('`');
    if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return Meaning::Other;
    }
    let decoded = target.replace("%20", " ").replace('\\', "/");
    let Some(path) = below_conductor(&decoded, base) else {
        return Meaning::Outside;
    };
    let is_folder = decoded.ends_with('/') || !has_extension(path.rsplit('/').next().unwrap_or_default());
    if is_folder {
        let folder = path.trim_end_matches('/');
        return if folder.is_empty() {
            Meaning::Other
        } else {
            Meaning::Inside {
                folder: format!("{folder}/"),
                file: None,
            }
        };
    }
    match path.rsplit_once('/') {
        Some((folder, file)) => Meaning::Inside {
            folder: format!("{folder}/"),
            file: Some(file.to_string()),
        },
        None => Meaning::Inside {
            folder: String::new(),
            file: Some(path),
        },
    }
}

/// `.md` and the like. A track's id may hold dots (`phase3.1-users_20260302`), so the ending is looked at.
fn has_extension(name: &str) -> bool {
    [".md", ".json", ".txt", ".yaml", ".yml", ".toml", ".html"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// The path without `.`, `..` and what leads to `conductor/`; `None` when it leads out.
fn below_conductor(path: &str, base: &str) -> Option<String> {
    if let Some(at) = path
        .rfind("conductor/")
        .filter(|at| *at == 0 || path[..*at].ends_with('/'))
    {
        return normal(&path[at + "conductor/".len()..], "");
    }
    match path.strip_prefix('/') {
        Some(_) => None,
        None => normal(path, base),
    }
}

fn normal(path: &str, base: &str) -> Option<String> {
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The last part of a folder's path: a track's id.
pub(crate) fn folder_name(folder: &str) -> &str {
    folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Whether a folder lies in an archive: `archive/…`, `tracks/archive/…`, `tracks/_archive/…`.
pub(crate) fn is_archive(folder: &str) -> bool {
    folder
        .split('/')
        .any(|part| matches!(part, "archive" | "_archive" | "archived" | ".archive"))
}

/// Whether a folder can be a track's: below `tracks/` or an archive, not these themselves.
pub(crate) fn is_track_folder(folder: &str) -> bool {
    let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let home = |part: &str| part == "tracks" || is_archive(part);
    parts.len() > 1 && parts.iter().any(|part| home(part)) && parts.last().is_some_and(|last| !home(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(target: &str) -> Option<(String, Option<String>)> {
        match meaning(target.as_bytes(), "") {
            Meaning::Inside { folder, file } => Some((folder, file)),
            _ => None,
        }
    }

    #[test]
    fn folders() {
        for target in [
            "./conductor/tracks/a/",
            "conductor/tracks/a",
            "./tracks/a/",
            "tracks/a/index.md",
            "../conductor/tracks/a/plan.md",
            "/repo/conductor/tracks/a/",
            "tracks\\a\\",
            "tracks/b/../a/",
        ] {
            assert_eq!(
                inside(target).map(|found| found.0),
                Some("tracks/a/".into()),
                "{target}"
            );
        }
        assert_eq!(
            inside("tracks/phase3.1-users/").map(|f| f.0),
            Some("tracks/phase3.1-users/".into())
        );
        assert_eq!(
            inside("./old-plan.md"),
            Some((String::new(), Some("old-plan.md".into())))
        );
    }

    #[test]
    fn not_below_conductor() {
        assert_eq!(meaning(b"../docs/a.md", ""), Meaning::Outside);
        assert_eq!(meaning(b"tracks/../../x", ""), Meaning::Outside);
        assert_eq!(meaning(b"/etc/passwd", ""), Meaning::Outside);
        assert_eq!(meaning(b"https://example.org/tracks/a/", ""), Meaning::Other);
        assert_eq!(meaning(b"#top", ""), Meaning::Other);
        assert_eq!(inside("../tracks.md"), None);
        assert_eq!(meaning(b"../spec.md", "tracks/a/"), meaning(b"spec.md", "tracks/"));
    }

    #[test]
    fn track_folders() {
        assert!(is_track_folder("tracks/a/") && is_track_folder("archive/a/") && is_track_folder("tracks/x/a/"));
        assert!(!is_track_folder("tracks/") && !is_track_folder("tracks/archive/") && !is_track_folder("docs/a/"));
        assert!(is_archive("tracks/_archive/a/") && !is_archive("tracks/archive-page_20260101/"));
    }

    #[test]
    fn links_of_a_line() {
        let found: Vec<_> = links(b"*Link: [a](./b/)* | [c](<d e> ) [x]")
            .map(|l| (l.label, l.target))
            .collect();
        assert_eq!(found, [(&b"a"[..], &b"./b/"[..]), (b"c", b"d e")]);
        let found: Vec<_> = links(b"[a [b] c](d_(e)) [f](g((h) [i] j](k)")
            .map(|l| (l.label, l.target))
            .collect();
        assert_eq!(
            found,
            [(&b"a [b] c"[..], &b"d_(e)"[..]), (b"f", b"g((h"), (b"i] j", b"k")]
        );
    }
}
