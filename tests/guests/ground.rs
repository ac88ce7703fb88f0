//! What a guest may write to and must not, and whether it did.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::SECRET;

/// Folders whose content decides what programs run, each with a file that has the secret: a guest knows its digest.
const PROTECTED: [&str; 4] = [
    ".git/description",
    ".beads/config.yaml",
    ".claude/settings.local.json",
    "notes/sub/.git/config",
];

/// Makes `notes`, which a guest can be granted to write, with every way out of it; and folders that are links themselves.
pub(super) fn to_write(project: &Path, outside: &Path) -> io::Result<()> {
    let notes = project.join("notes");
    for path in PROTECTED {
        let path = project.join(path);
        fs::create_dir_all(path.parent().expect("it lies in a folder"))?;
        fs::write(path, SECRET)?;
    }
    let secret = outside.join("secret.md");
    for (name, target) in [
        ("up", Path::new("..")),
        ("out", Path::new("../../outside")),
        ("out.md", Path::new("../../outside/secret.md")),
        ("absolute.md", &secret),
        ("beside.md", Path::new("../beside.md")),
        ("dangling.md", Path::new("../nowhere.md")),
        ("process", Path::new("/proc/self")),
        ("alias", Path::new("sub/.git")),
    ] {
        symlink(target, notes.join(name))?;
    }
    fs::hard_link(&secret, notes.join("hard.md"))?;
    fifo(&notes.join("pipe"))?;
    symlink(".git", project.join("hooks"))?;
    symlink(".claude", project.join("settings"))
}

/// A FIFO that nobody writes to.
pub(super) fn fifo(path: &Path) -> io::Result<()> {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).map_err(Into::into)
}

/// All that lies in the project and beside it, but for the one file that a guest can be granted to change.
pub(super) fn look(project: &Path, outside: &Path) -> io::Result<BTreeMap<PathBuf, String>> {
    let mut found = BTreeMap::new();
    let mut left = vec![project.to_owned(), outside.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder)? {
            let (path, kind) = entry.map(|entry| (entry.path(), entry.file_type()))?;
            let kind = kind?;
            let what = if kind.is_symlink() {
                format!("a link to {}", fs::read_link(&path)?.display())
            } else if kind.is_dir() {
                left.push(path.clone());
                "a folder".to_owned()
            } else if kind.is_file() && path.metadata()?.len() < 1 << 20 {
                String::from_utf8_lossy(&fs::read(&path)?).into_owned()
            } else {
                format!("{kind:?} of {} bytes", path.symlink_metadata()?.len())
            };
            found.insert(path, what);
        }
    }
    found.remove(&project.join("notes/hard.md"));
    Ok(found)
}
