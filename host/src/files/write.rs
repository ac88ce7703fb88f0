//! Changing the files of a place: each change is compare-and-swap, whole or not at all, and keeps the file's mode.
//!
//! The new bytes go into a temporary file beside the old one, are on disk, and then change places with it in one step. What came
//! out of that step is looked at once more: where a person saved in between, the two change back and the plugin is told, so
//! that no edit is ever lost. (A file system that can't exchange two names gets a rename after a last look.)

use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::Path;

use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::{RenameFlags, renameat, renameat_with};
use rustix::io::Errno;

use super::{FileError, Granted, NOT_FOUND, check_path, error, read_within, wording};
use crate::digest;

/// The most that one file may have: as much as a plugin can hand over in one call leaves room for.
pub const MAX_WRITE_BYTES: usize = 16 << 20;

/// Where a change is made: a folder beneath the grant, and a name in it.
struct Target {
    folder: Dir,
    name: String,
    path: String,
}

impl Granted {
    /// Opens what a grant to write names, beneath its place; `below` is the path in it that is meant. A folder that is not there is made.
    /// Where nothing is there and no path in it is meant, the grant is a single file.
    ///
    /// # Errors
    /// As of [`Granted::open`], and when it can't be made.
    pub fn open_to_write(place: &Path, path: &str, below: &str) -> Result<Self, FileError> {
        match Self::open(place, path) {
            Err(missing) if missing.code == NOT_FOUND => {
                let folder =
                    Dir::open_ambient_dir(place, ambient_authority()).map_err(|cause| wording(path, &cause))?;
                if below.is_empty() {
                    return Ok(Self::File(folder, path.to_owned()));
                }
                folder.create_dir_all(path).map_err(|cause| wording(path, &cause))?;
                Self::open(place, path)
            }
            opened => opened,
        }
    }

    /// Replaces the bytes of a file, if it still has those of this digest (SHA-256, hex).
    ///
    /// # Errors
    /// `changed` when it has others by now; otherwise what kept it from being written. The file is then as it was.
    pub fn replace(&self, path: &str, expected: &str, bytes: &[u8]) -> Result<(), FileError> {
        check_size(path, bytes)?;
        let target = self.target(path)?;
        target.check(expected)?;
        let new = target.write_beside(bytes)?;
        target.swap(&new, expected).inspect_err(|_| target.forget(&new))?;
        target.forget(&new);
        target.sync()
    }

    /// Makes a file that is not there, and the folders that it lies in.
    ///
    /// # Errors
    /// `exists` when it is there; otherwise what kept it from being written.
    pub fn create(&self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        check_size(path, bytes)?;
        let (folder, whole) = match self {
            Self::Folder(folder) => (folder, path),
            Self::File(place, name) => (place, name.as_str()),
        };
        if let Some((above, _)) = whole.rsplit_once('/') {
            check_path(whole)?;
            let made = match folder.open_dir(above) {
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => folder.create_dir_all(above),
                there => there.map(drop),
            };
            made.map_err(|cause| wording(path, &cause))?;
        }
        let target = self.target(path)?;
        let new = target.write_beside(bytes)?;
        target.place(&new).inspect_err(|_| target.forget(&new))?;
        target.sync()
    }

    /// Removes a file, if it still has the bytes of this digest (SHA-256, hex).
    ///
    /// # Errors
    /// As of [`Granted::replace`].
    pub fn remove(&self, path: &str, expected: &str) -> Result<(), FileError> {
        let target = self.target(path)?;
        target.check(expected)?;
        let aside = target.temporary();
        let folder = target.folder.as_fd();
        renameat(folder, &target.name, folder, &aside).map_err(|cause| wording(path, &cause.into()))?;
        if target.digest_of(&aside).as_deref() != Ok(expected) {
            target.place(&aside)?;
            return Err(changed(path));
        }
        target.forget(&aside);
        target.sync()
    }

    fn target(&self, path: &str) -> Result<Target, FileError> {
        let (folder, name) = match self {
            Self::File(place, name) if path.is_empty() => {
                // Its folder is opened, so that no link on the way leads out of the place.
                let (folder, last) = match name.rsplit_once('/') {
                    Some((above, last)) => (place.open_dir(above), last),
                    None => (place.try_clone(), name.as_str()),
                };
                return Target::new(folder.map_err(|cause| wording(name, &cause))?, last, name);
            }
            Self::File(_, name) => {
                let what = format!("the grant is the single file `{name}`: its path is empty");
                return Err(error("invalid-path", what));
            }
            Self::Folder(folder) => {
                check_path(path)?;
                path.rsplit_once('/')
                    .map_or((folder.try_clone(), path), |(above, name)| {
                        (folder.open_dir(above), name)
                    })
            }
        };
        Target::new(folder.map_err(|cause| wording(path, &cause))?, name, path)
    }
}

impl Target {
    /// A name that is a link would be replaced by a file, or lead elsewhere: neither is what was granted.
    fn new(folder: Dir, name: &str, path: &str) -> Result<Self, FileError> {
        if folder
            .symlink_metadata(name)
            .is_ok_and(|metadata| metadata.is_symlink())
        {
            return Err(error(
                "not-a-file",
                format!("`{path}` is a link: it is not written through"),
            ));
        }
        let [name, path] = [name, path].map(str::to_owned);
        Ok(Self { folder, name, path })
    }

    fn digest_of(&self, name: &str) -> Result<String, FileError> {
        read_within(&self.folder, name, &self.path, MAX_WRITE_BYTES as u64).map(|bytes| digest::sha256(&bytes))
    }

    fn check(&self, expected: &str) -> Result<(), FileError> {
        if self.digest_of(&self.name)? == expected {
            Ok(())
        } else {
            Err(changed(&self.path))
        }
    }

    fn temporary(&self) -> String {
        let unique = std::process::id();
        let moment = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_nanos());
        format!(".{}.conductor-{unique}-{moment}", self.name)
    }

    /// Writes a temporary file with the mode of the one it will replace, down to the disk.
    fn write_beside(&self, bytes: &[u8]) -> Result<String, FileError> {
        let new = self.temporary();
        self.write(&new, bytes).map_err(|cause| {
            self.forget(&new);
            error("unwritable", format!("`{}` can't be written: {cause}", self.path))
        })?;
        Ok(new)
    }

    fn write(&self, new: &str, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o644);
        let mut file = self.folder.open_with(new, &options)?;
        if let Ok(old) = self.folder.symlink_metadata(&self.name) {
            file.set_permissions(old.permissions())?;
        }
        file.write_all(bytes)?;
        file.sync_all()
    }

    /// Exchanges the temporary file and the old one, and looks at what came out.
    fn swap(&self, new: &str, expected: &str) -> Result<(), FileError> {
        let folder = self.folder.as_fd();
        let exchange = || renameat_with(folder, new, folder, &self.name, RenameFlags::EXCHANGE);
        let failed = |cause: Errno| wording(&self.path, &cause.into());
        match exchange() {
            Ok(()) if self.digest_of(new).as_deref() == Ok(expected) => Ok(()),
            Ok(()) => {
                exchange().map_err(failed)?;
                Err(changed(&self.path))
            }
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                self.check(expected)?;
                renameat(folder, new, folder, &self.name).map_err(failed)
            }
            Err(cause) => Err(failed(cause)),
        }
    }

    /// Gives a file its name, if nothing has that name.
    fn place(&self, new: &str) -> Result<(), FileError> {
        let folder = self.folder.as_fd();
        match renameat_with(folder, new, folder, &self.name, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(()),
            Err(Errno::EXIST) => Err(error("exists", format!("`{}` is there already", self.path))),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                self.folder
                    .hard_link(new, &self.folder, &self.name)
                    .map_err(|cause| wording(&self.path, &cause))?;
                self.forget(new);
                Ok(())
            }
            Err(cause) => Err(wording(&self.path, &cause.into())),
        }
    }

    /// Removes a temporary file; one that can't be removed is only in the way.
    fn forget(&self, name: &str) {
        let _ = self.folder.remove_file(name);
    }

    /// Puts the change of names on disk.
    fn sync(&self) -> Result<(), FileError> {
        let folder = self.folder.open(".").and_then(|folder| folder.sync_all());
        folder.map_err(|cause| wording(&self.path, &cause))
    }
}

fn check_size(path: &str, bytes: &[u8]) -> Result<(), FileError> {
    if bytes.len() <= MAX_WRITE_BYTES {
        return Ok(());
    }
    let most = MAX_WRITE_BYTES >> 20;
    Err(error(
        "too-big",
        format!("`{path}` would have more than the {most} MiB that are written in one go"),
    ))
}

fn changed(path: &str) -> FileError {
    error(
        "changed",
        format!("`{path}` has changed since it was read: it is left as it is"),
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// A granted folder with one file in it.
    fn folder() -> (tempfile::TempDir, Granted) {
        let place = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(place.path().join("notes")).expect("made");
        fs::write(place.path().join("notes/a.md"), "old").expect("written");
        let granted = Granted::open_to_write(place.path(), "notes", "a.md").expect("it is there");
        (place, granted)
    }

    fn content(place: &tempfile::TempDir, path: &str) -> Option<String> {
        fs::read_to_string(place.path().join("notes").join(path)).ok()
    }

    fn names(place: &tempfile::TempDir) -> Vec<String> {
        let entries = fs::read_dir(place.path().join("notes")).expect("listed");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("listed").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn code(result: Result<(), FileError>) -> Option<&'static str> {
        result.err().map(|error| error.code)
    }

    #[test]
    fn only_the_bytes_that_were_seen_are_replaced_and_the_mode_stays() {
        let (place, granted) = folder();
        let path = place.path().join("notes/a.md");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("set");
        assert_eq!(
            code(granted.replace("a.md", &digest::sha256(b"other"), b"new")),
            Some("changed")
        );
        assert_eq!(content(&place, "a.md").as_deref(), Some("old"));
        assert_eq!(code(granted.replace("a.md", &digest::sha256(b"old"), b"new")), None);
        assert_eq!(content(&place, "a.md").as_deref(), Some("new"));
        assert_eq!(fs::metadata(path).expect("there").permissions().mode() & 0o777, 0o600);
        assert_eq!(names(&place), ["a.md"], "no temporary file is left");
    }

    #[test]
    fn an_edit_between_the_look_and_the_exchange_is_not_lost() {
        let (place, granted) = folder();
        let target = granted.target("a.md").expect("it is there");
        let new = target.write_beside(b"new").expect("written");
        fs::write(place.path().join("notes/a.md"), "a person's").expect("written");
        assert_eq!(code(target.swap(&new, &digest::sha256(b"old"))), Some("changed"));
        assert_eq!(content(&place, "a.md").as_deref(), Some("a person's"));
    }

    #[test]
    fn a_new_file_takes_no_place_of_another_and_brings_its_folders() {
        let (place, granted) = folder();
        assert_eq!(code(granted.create("a.md", b"new")), Some("exists"));
        assert_eq!(content(&place, "a.md").as_deref(), Some("old"));
        assert_eq!(code(granted.create("deep/er/b.md", b"new")), None);
        assert_eq!(content(&place, "deep/er/b.md").as_deref(), Some("new"));
        assert_eq!(names(&place), ["a.md", "deep"]);
    }

    #[test]
    fn a_single_file_that_is_not_there_is_made_with_its_folders_and_nothing_else() {
        let place = tempfile::tempdir().expect("a temporary folder");
        let open = || Granted::open_to_write(place.path(), "deep/er/one.toml", "").expect("it may be made");
        assert_eq!(
            code(open().replace("", &digest::sha256(b"old"), b"new")),
            Some("not-found")
        );
        assert!(
            !place.path().join("deep").exists(),
            "only what is made brings its folders"
        );
        assert_eq!(code(open().create("", b"old")), None);
        assert_eq!(code(open().create("", b"new")), Some("exists"));
        assert_eq!(code(open().create("other", b"new")), Some("invalid-path"));
        assert_eq!(code(open().replace("", &digest::sha256(b"old"), b"new")), None);
        let whole = fs::read_to_string(place.path().join("deep/er/one.toml"));
        assert_eq!(whole.ok().as_deref(), Some("new"));
        assert_eq!(fs::read_dir(place.path().join("deep/er")).expect("listed").count(), 1);
        assert_eq!(code(open().remove("", &digest::sha256(b"new"))), None);
        let outside = tempfile::tempdir().expect("a temporary folder");
        fs::remove_dir(place.path().join("deep/er")).expect("removed");
        symlink(outside.path(), place.path().join("deep/er")).expect("linked");
        assert!(open_through(place.path()).is_err(), "its folder leads out");
        assert_eq!(fs::read_dir(outside.path()).expect("listed").count(), 0);
    }

    /// Makes the single file, whose folder is a link by now.
    fn open_through(place: &Path) -> Result<(), FileError> {
        Granted::open_to_write(place, "deep/er/one.toml", "")?.create("", b"new")
    }

    #[test]
    fn only_the_bytes_that_were_seen_are_removed() {
        let (place, granted) = folder();
        assert_eq!(code(granted.remove("a.md", &digest::sha256(b"other"))), Some("changed"));
        assert_eq!(code(granted.remove("a.md", &digest::sha256(b"old"))), None);
        assert_eq!(names(&place), Vec::<String>::new());
        assert_eq!(code(granted.remove("a.md", &digest::sha256(b"old"))), Some("not-found"));
    }

    #[test]
    fn nothing_is_written_through_a_link_or_out_of_the_grant() {
        let (place, granted) = folder();
        fs::write(place.path().join("outside.md"), "outside").expect("written");
        symlink("../outside.md", place.path().join("notes/link.md")).expect("linked");
        symlink("..", place.path().join("notes/up")).expect("linked");
        let outside = digest::sha256(b"outside");
        assert_eq!(code(granted.replace("link.md", &outside, b"new")), Some("not-a-file"));
        assert_eq!(
            code(granted.replace("up/outside.md", &outside, b"new")),
            Some("outside")
        );
        assert_eq!(code(granted.create("up/new.md", b"new")), Some("outside"));
        for path in ["../outside.md", "/etc/passwd", "a/../../outside.md", ""] {
            assert_eq!(
                code(granted.replace(path, &outside, b"new")),
                Some("invalid-path"),
                "{path}"
            );
        }
        assert_eq!(
            fs::read_to_string(place.path().join("outside.md")).expect("there"),
            "outside"
        );
        assert!(!place.path().join("new.md").exists());
    }

    #[test]
    fn a_folder_that_is_granted_is_made_and_one_that_leads_out_is_not() {
        let (place, _) = folder();
        assert!(Granted::open_to_write(place.path(), "new/er", "a.md").is_ok());
        symlink("/tmp", place.path().join("out")).expect("linked");
        let error = Granted::open_to_write(place.path(), "out", "a.md").expect_err("it leads out");
        assert_eq!(error.code, "outside");
    }
}
