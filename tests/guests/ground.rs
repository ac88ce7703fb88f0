//! The project that guests run in, what they may write to there and must not, and whether they did.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use libtest_mimic::Failed;

use super::{BROUGHT, PROGRAMS, SECRET};

/// Folders whose content decides what programs run, each with a file that has the secret: a guest knows its digest.
const PROTECTED: [&str; 4] = [
    ".git/description",
    ".beads/config.yaml",
    ".claude/settings.local.json",
    "notes/sub/.git/config",
];

/// A project with every way out that a file system offers, and a secret beside it.
pub(super) fn project(scratch: &Path) -> Result<PathBuf, Failed> {
    let scratch = scratch.canonicalize()?;
    let outside = scratch.join("outside");
    let project = scratch.join("project");
    let conductor = project.join("conductor");
    fs::create_dir_all(conductor.join("tracks/one"))?;
    fs::create_dir_all(project.join(".git"))?;
    fs::create_dir(&outside)?;
    for (folder, programs) in [
        (scratch.join("programs"), PROGRAMS.to_vec()),
        (
            project.join("bin"),
            BROUGHT.map(|name| (name, "echo the project brought it")).to_vec(),
        ),
    ] {
        fs::create_dir(&folder)?;
        for (name, script) in programs {
            fs::write(folder.join(name), format!("#!/bin/sh\n{script}\n"))?;
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755))?;
        }
    }
    fs::write(outside.join("secret.md"), SECRET)?;
    fs::write(project.join("beside.md"), SECRET)?;
    fs::write(conductor.join("tracks.md"), "# Tracks\n")?;
    fs::write(conductor.join("tracks/one/plan.md"), "# Plan\n")?;
    fs::File::create(conductor.join("large.bin"))?.set_len(60_000_000)?;
    symlink("../outside", project.join("linked"))?;
    let links = [
        ("up", ".."),
        ("out", "../../outside"),
        ("out.md", "../../outside/secret.md"),
        (
            "absolute.md",
            outside.join("secret.md").to_str().ok_or("the folder is UTF-8")?,
        ),
        ("beside.md", "../beside.md"),
        ("process", "/proc/self"),
        ("null", "/dev/null"),
        ("dangling.md", "nowhere.md"),
        ("loop.md", "loop.md"),
        ("again", "."),
        ("good.md", "tracks/one/plan.md"),
    ]
    .map(|(name, target)| symlink(target, conductor.join(name)));
    links.into_iter().collect::<Result<(), _>>()?;
    fifo(&conductor.join("pipe"))?;
    to_write(&project, &outside)?;
    Ok(project)
}

/// Makes `notes`, which a guest can be granted to write, with every way out of it; and folders that are links themselves.
fn to_write(project: &Path, outside: &Path) -> io::Result<()> {
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
fn fifo(path: &Path) -> io::Result<()> {
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
