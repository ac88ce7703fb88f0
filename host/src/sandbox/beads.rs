//! Where `bd` would go from a project. A clone can lead it elsewhere, by `.beads/redirect` or by a link: to beads that are not the
//! project's, in which it makes folders even with `--readonly`. So it is started only where all of that stays in the clone.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::bindings::types::Error;
use super::host::plain;
use crate::visible;

/// The program that this is about.
pub(super) const PROGRAM: &str = "bd";
/// The folder that it looks for.
const FOLDER: &str = ".beads";
/// More of a redirect is not read; it is one path.
const MOST: u64 = 64 << 10;
/// How deep links are looked for: `.beads/embeddeddolt/NAME/.dolt/noms` has the last files that matter.
const DEPTH: usize = 5;

/// Checks that what `bd` finds in `project` lies beneath `clone`, the folder that came with it. Both are without links.
///
/// # Errors
/// When something leads out, or can't be read.
pub(super) fn stay(project: &Path, clone: &Path) -> Result<(), Error> {
    let folder = project.join(FOLDER);
    if folder.symlink_metadata().is_err() {
        return Ok(());
    }
    let real = beneath(clone, &folder, FOLDER)?;
    check_links(clone, &real, DEPTH)?;
    let Some(target) = redirect(&folder.join("redirect"))? else {
        return Ok(());
    };
    // A path is taken from the folder around `.beads`, which is another one where `.beads` is a link.
    for around in [Some(project), real.parent()].into_iter().flatten() {
        let real = beneath(clone, &around.join(&target), &format!("`{FOLDER}/redirect`"))?;
        if !real.ends_with(FOLDER) {
            return Err(outside(&format!("`{FOLDER}/redirect`")));
        }
        check_links(clone, &real, DEPTH)?;
    }
    Ok(())
}

/// The path that a redirect names: its first line that says anything.
fn redirect(file: &Path) -> Result<Option<PathBuf>, Error> {
    let unreadable = |_| {
        plain(
            "unreadable",
            format!("`{FOLDER}/redirect` can't be read, and `{PROGRAM}` would follow it"),
        )
    };
    // A link of it is no other place, and a FIFO would be waited for.
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(unreadable(ErrorKind::InvalidInput.into())),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    }
    let mut text = String::new();
    let read = File::open(file).and_then(|open| open.take(MOST).read_to_string(&mut text));
    read.map_err(unreadable)?;
    let mut lines = text.lines().map(str::trim);
    Ok(lines
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .map(PathBuf::from))
}

/// The place itself, when it lies beneath `clone`.
fn beneath(clone: &Path, path: &Path, what: &str) -> Result<PathBuf, Error> {
    let real = path.canonicalize().map_err(|_| outside(what))?;
    if real.starts_with(clone) {
        Ok(real)
    } else {
        Err(outside(what))
    }
}

/// Checks every link in a folder. One that can't be followed may be made to lead anywhere.
fn check_links(clone: &Path, folder: &Path, depth: usize) -> Result<(), Error> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_symlink() {
            beneath(
                clone,
                &entry.path(),
                &format!("`{}` in `{FOLDER}`", entry.file_name().display()),
            )?;
        } else if kind.is_dir() && depth > 1 {
            check_links(clone, &entry.path(), depth - 1)?;
        }
    }
    Ok(())
}

fn outside(what: &str) -> Error {
    let what = visible::line(what, 256);
    plain(
        "outside",
        format!("{what} leads to what is no `{FOLDER}` of this project: `{PROGRAM}` is not started"),
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a test makes files")]

    use std::os::unix::fs::symlink;

    use super::*;

    /// A clone with a project in it, and another's beads beside the clone.
    struct Ground {
        _top: tempfile::TempDir,
        path: PathBuf,
    }

    impl Ground {
        fn new() -> Self {
            let top = tempfile::tempdir().expect("a temporary folder");
            let path = top.path().canonicalize().expect("it is there");
            for folder in [
                "clone/shop/.beads/embeddeddolt",
                "clone/.beads",
                "clone/shop/sub/.beads",
                "other/.beads",
            ] {
                fs::create_dir_all(path.join(folder)).expect("made");
            }
            Self { _top: top, path }
        }

        fn link(&self, to: &str, at: &str) {
            symlink(to, self.path.join(at)).expect("made");
        }

        fn code(&self) -> Option<String> {
            let stay = stay(&self.path.join("clone/shop"), &self.path.join("clone"));
            stay.err().map(|error| error.code)
        }

        fn redirected(&self, to: &str) -> Option<String> {
            fs::write(self.path.join("clone/shop/.beads/redirect"), to).expect("written");
            self.code()
        }
    }

    #[test]
    fn a_redirect_may_lead_to_beads_of_the_same_clone_and_nowhere_else() {
        let ground = Ground::new();
        assert_eq!(ground.code(), None);
        let other = ground.path.join("other/.beads");
        ground.link("../../other", "clone/shop/by-link");
        for inside in [
            "sub/.beads",
            "../.beads\n",
            "# a note\n\n  sub/.beads  \n",
            "",
            "# nothing\n",
        ] {
            assert_eq!(ground.redirected(inside), None, "{inside}");
        }
        for out in [
            other.to_str().expect("text"),
            "../../other/.beads",
            "# a note\n../../other/.beads",
            "by-link/.beads",
            "sub",
            "nowhere/.beads",
            "/",
        ] {
            assert_eq!(ground.redirected(out).as_deref(), Some("outside"), "{out}");
        }
        let file = ground.path.join("clone/shop/.beads/redirect");
        fs::write(&file, b"\xff/.beads").expect("written");
        assert_eq!(ground.code().as_deref(), Some("unreadable"));
        fs::remove_file(&file).expect("removed");
        fs::create_dir(&file).expect("made");
        assert_eq!(ground.code().as_deref(), Some("unreadable"));
    }

    #[test]
    fn no_link_in_it_leads_out() {
        for (to, at) in [
            ("../../../other/.beads", "embeddeddolt/sp"),
            ("../../../other/.beads/metadata.json", "metadata.json"),
        ] {
            let ground = Ground::new();
            ground.link(to, &format!("clone/shop/.beads/{at}"));
            assert_eq!(ground.code().as_deref(), Some("outside"), "{at}");
        }
        let ground = Ground::new();
        ground.link("embeddeddolt", "clone/shop/.beads/again");
        assert_eq!(ground.code(), None);
        ground.link("../../../../other", "clone/shop/sub/.beads/dolt");
        assert_eq!(ground.redirected("sub/.beads").as_deref(), Some("outside"));

        let ground = Ground::new();
        fs::remove_dir_all(ground.path.join("clone/shop/.beads")).expect("removed");
        assert_eq!(ground.code(), None, "a project without beads");
        ground.link("../../other/.beads", "clone/shop/.beads");
        assert_eq!(ground.code().as_deref(), Some("outside"));
    }
}
