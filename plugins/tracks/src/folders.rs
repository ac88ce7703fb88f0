//! A snapshot sorted by folder, so that each track's files are found at once.

use std::collections::BTreeMap;

use crate::link::{folder_name, is_archive, is_track_folder};
use crate::project::Source;

/// The files of one folder that say something about a track.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Folder<'s, 'a> {
    pub(crate) plan: Option<&'s Source<'a>>,
    pub(crate) index: Option<&'s Source<'a>>,
    pub(crate) metadata: Option<&'s Source<'a>>,
    pub(crate) implement_state: Option<&'s Source<'a>>,
    pub(crate) parallel_state: Option<&'s Source<'a>>,
    /// The folder itself, when what is in it can't be had.
    pub(crate) unreadable: Option<&'s Source<'a>>,
}

impl Folder<'_, '_> {
    /// Whether a file in it makes it a track's.
    fn is_track(&self) -> bool {
        self.plan
            .or(self.metadata)
            .or(self.implement_state)
            .or(self.parallel_state)
            .is_some()
    }
}

/// The folders of a snapshot by path (ending with `/`, empty for `conductor/` itself).
#[derive(Debug)]
pub(crate) struct Folders<'s, 'a> {
    by_path: BTreeMap<&'a str, Folder<'s, 'a>>,
    /// Track folders by their name.
    by_name: BTreeMap<&'a str, Vec<&'a str>>,
    files: BTreeMap<&'a str, &'s Source<'a>>,
}

impl<'s, 'a> Folders<'s, 'a> {
    pub(crate) fn new(sources: &'s [Source<'a>]) -> Self {
        let mut by_path: BTreeMap<&str, Folder<'_, '_>> = BTreeMap::new();
        let mut files = BTreeMap::new();
        for source in sources {
            if source.path.ends_with('/') {
                by_path.entry(source.path).or_default().unreadable = Some(source).filter(|it| it.content.is_err());
                continue;
            }
            let (folder, name) = split(source.path);
            files.insert(source.path, source);
            if let Some(place) = by_path.entry(folder).or_default().place(name) {
                *place = Some(source);
            }
        }
        let mut by_name: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in by_path
            .iter()
            .filter(|(path, folder)| !path.is_empty() && folder.is_track())
            .map(|(path, _)| *path)
        {
            by_name.entry(folder_name(path)).or_default().push(path);
        }
        Self {
            by_path,
            by_name,
            files,
        }
    }

    pub(crate) fn file(&self, path: &str) -> Option<&'s Source<'a>> {
        self.files.get(path).copied()
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &'a str> {
        self.files.keys().copied()
    }

    pub(crate) fn get(&self, path: &str) -> Folder<'s, 'a> {
        self.by_path.get(path).copied().unwrap_or_default()
    }

    /// Whether a folder is there.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let next = self.by_path.range(path..).next();
        next.is_some_and(|(below, _)| below.starts_with(path))
    }

    /// The folders whose content can't be had.
    pub(crate) fn unreadable(&self) -> impl Iterator<Item = &'s Source<'a>> {
        self.by_path.values().filter_map(|folder| folder.unreadable)
    }

    /// Whether this folder, or one it lies in, can't be read: what is missing there may be there.
    pub(crate) fn is_unreadable(&self, path: &str) -> bool {
        path.match_indices('/')
            .any(|(at, _)| self.get(&path[..=at]).unreadable.is_some())
    }

    /// Every track's folder, by path.
    pub(crate) fn tracks(&self) -> impl Iterator<Item = &'a str> {
        self.by_path
            .iter()
            .filter(|(path, folder)| !path.is_empty() && folder.is_track())
            .map(|(path, _)| *path)
    }

    /// The folder that an entry means: the linked one; else the only track folder in it (a track that was moved into a
    /// folder of its own name); else the one of that name elsewhere. The flag says that it is not where the link leads.
    pub(crate) fn resolve(&self, linked: Option<&str>, id: &str, archived: bool) -> Option<(&'a str, bool)> {
        if let Some((path, folder)) = linked.and_then(|linked| self.by_path.get_key_value(linked)) {
            if folder.is_track() {
                return Some((path, false));
            }
            let mut inside = self.below(path).filter(|(_, folder)| folder.is_track());
            return match (inside.next(), inside.next()) {
                (Some((nested, _)), None) => Some((nested, false)),
                _ => Some((path, false)),
            };
        }
        let moved = linked.is_some();
        let named = self.by_name.get(id)?;
        let fitting = named
            .iter()
            .find(|path| is_archive(path) == archived)
            .or(named.first())?;
        Some((fitting, moved))
    }

    fn below(&self, path: &'a str) -> impl Iterator<Item = (&'a str, &Folder<'s, 'a>)> {
        let all = self.by_path.range(path..).map(|(below, folder)| (*below, folder));
        all.skip(1).take_while(move |(below, _)| below.starts_with(path))
    }

    /// Folders below `tracks/` that hold no track, lie in none and hold nothing that is one: only the topmost.
    pub(crate) fn without_track(&self) -> Vec<&'a str> {
        let mut found: Vec<&str> = Vec::new();
        let mut inside: &str = "\u{0}";
        for (path, folder) in &self.by_path {
            if path.starts_with(inside) {
                continue;
            }
            if folder.is_track() {
                inside = path;
            } else if folder.unreadable.is_none()
                && is_track_folder(path)
                && !self.below(path).any(|(_, below)| below.is_track())
            {
                inside = path;
                found.push(path);
            }
        }
        found
    }
}

impl<'s, 'a> Folder<'s, 'a> {
    fn place(&mut self, name: &str) -> Option<&mut Option<&'s Source<'a>>> {
        Some(match name {
            "plan.md" => &mut self.plan,
            "index.md" => &mut self.index,
            "metadata.json" => &mut self.metadata,
            "implement_state.json" => &mut self.implement_state,
            "parallel_state.json" => &mut self.parallel_state,
            // Another name for the same; the usual one wins.
            "implement_parallel_state.json" if self.parallel_state.is_none() => &mut self.parallel_state,
            _ => return None,
        })
    }
}

fn split(path: &str) -> (&str, &str) {
    match path.rfind('/') {
        Some(at) => path.split_at(at + 1),
        None => ("", path),
    }
}
