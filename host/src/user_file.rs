//! The files in which the user's decisions stand: strict JSON with a version, in the configuration or the state folder, written by
//! nobody else.
//!
//! Such a file is taken only where nobody but the user can have written it: a real folder of the user's outside every checkout, a
//! regular file of theirs under one name. A file that is not right is an error with its line, never half of it.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use rustix::fs::OFlags;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result, near};
use crate::folders;

/// The most that such a file has; a thousand grants are a tenth of it.
const MOST: u64 = 4 << 20;

/// What stands in one of the files.
pub trait Content: Default + Serialize + DeserializeOwned {
    /// The file's name.
    const NAME: &'static str;
    /// The version of its form, which stands in it as `version`.
    const VERSION: u32;
    /// What is lost when the file is deleted, for the hint: "your grants begin anew".
    const WITHOUT: &'static str;

    /// What it is a part of, for messages.
    const PART: &'static str = "your configuration";

    /// The folder that it lies in: what the user decides about the program is configuration.
    ///
    /// # Errors
    /// When this system tells no home folder.
    fn folder() -> anyhow::Result<PathBuf> {
        folders::config()
    }

    /// What is wrong with it beyond its form.
    ///
    /// # Errors
    /// One sentence.
    fn check(&self) -> std::result::Result<(), String> {
        Ok(())
    }
}

/// Where a file of this kind lies.
///
/// # Errors
/// When this system tells no home folder.
pub fn path<T: Content>() -> Result<PathBuf> {
    let folder = T::folder().map_err(|error| unusable::<T>(&error))?;
    Ok(folder.join(T::NAME))
}

/// Reads a file; where there is none, the default.
///
/// # Errors
/// `bad-config`: what is wrong with it, where, and what to do.
pub fn read<T: Content>() -> Result<T> {
    read_at(&path::<T>()?)
}

/// Changes a file, one process at a time, and gives what the change gave. A change that fails leaves the file as it was.
///
/// # Errors
/// As of [`read`], and when it can't be written.
pub fn change<T: Content, R>(change: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
    let path = path::<T>()?;
    let folder = path.parent().expect("it lies in a folder");
    let held = folders::hold(folder).map_err(|error| unusable::<T>(&error))?;
    held.remove_left(folder);
    let mut content = read_at::<T>(&path)?;
    let given = change(&mut content)?;
    let mut text = serde_json::to_vec_pretty(&content).expect("these types are JSON");
    text.push(b'\n');
    held.write(&path, &text)
        .map_err(|error| Error::failed("unwritable", format!("{error:#}")).hinted("nothing was changed"))?;
    Ok(given)
}

fn read_at<T: Content>(path: &Path) -> Result<T> {
    match text_of(path) {
        Ok(Some(text)) => parse(&text, path),
        Ok(None) => Ok(T::default()),
        Err(error) => Err(unusable::<T>(&error)),
    }
}

/// The text of the file; nothing where it, or its folder, is not there.
fn text_of(path: &Path) -> anyhow::Result<Option<String>> {
    let folder = path.parent().context("it lies in a folder")?;
    if !folders::checked_if_there(folder)? || path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let mut text = String::new();
    folders::open_own(path, OFlags::RDONLY)
        .and_then(|file| Ok(file.take(MOST).read_to_string(&mut text)?))
        .with_context(|| format!("`{}`", path.display()))?;
    Ok(Some(text))
}

fn unusable<T: Content>(error: &anyhow::Error) -> Error {
    Error::failed("bad-config", format!("{} is not used: {error:#}", T::PART)).hinted(format!(
        "it is taken only from a folder and a file of your own that nobody else can write; without the file {}",
        T::WITHOUT
    ))
}

fn parse<T: Content>(text: &str, path: &Path) -> Result<T> {
    #[derive(serde::Deserialize)]
    struct OnlyVersion {
        version: u32,
    }
    let wrong = |what: String| {
        Error::failed("bad-config", format!("`{}` is not right: {what}", path.display()))
            .hinted(format!("mend it, or delete it: without it {}", T::WITHOUT))
    };
    if let Ok(OnlyVersion { version }) = serde_json::from_str(text)
        && version != T::VERSION
    {
        return Err(wrong(format!(
            "its version is {version}, this `conductor` reads {}",
            T::VERSION
        ))
        .hinted("another version of `conductor` has written it: use that one"));
    }
    let content: T = serde_json::from_str(text).map_err(|error| {
        let said = error.to_string();
        let mut quoted = said.split('`').skip(1).step_by(2);
        let meant = quoted
            .next()
            .filter(|_| said.starts_with("unknown"))
            .and_then(|unknown| near(unknown, quoted));
        match meant {
            Some(name) => wrong(said.clone()).hinted(format!("did you mean `{name}`?")),
            None => wrong(said.clone()),
        }
    })?;
    content.check().map_err(wrong)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    #[serde(deny_unknown_fields)]
    struct Words {
        version: u32,
        #[serde(default)]
        words: BTreeMap<String, u32>,
    }

    impl Default for Words {
        fn default() -> Self {
            Self {
                version: Self::VERSION,
                words: BTreeMap::new(),
            }
        }
    }

    impl Content for Words {
        const NAME: &'static str = "words.json";
        const VERSION: u32 = 1;
        const WITHOUT: &'static str = "there are no words";

        fn check(&self) -> std::result::Result<(), String> {
            match self.words.contains_key("") {
                true => Err("a word is empty".to_owned()),
                false => Ok(()),
            }
        }
    }

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a temporary folder");
            fs::create_dir(folder.path().join("conductor")).expect("made");
            let folder = Self(folder);
            folder.mode("", 0o700);
            folder
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join("conductor").join(name)
        }

        fn mode(&self, name: &str, mode: u32) {
            fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode)).expect("its mode can be set");
        }

        fn with(text: &str) -> Self {
            let folder = Self::new();
            fs::write(folder.path("words.json"), text).expect("written");
            folder.mode("words.json", 0o600);
            folder
        }

        fn read(&self) -> Result<Words> {
            read_at(&self.path("words.json"))
        }

        fn refused(&self) -> String {
            let error = self.read().expect_err("not to be used");
            assert_eq!((error.code.as_str(), error.kind.exit_code()), ("bad-config", 1));
            assert!(error.hint.is_some(), "{error}");
            error.message
        }
    }

    const RIGHT: &str = r#"{"version": 1, "words": {"a": 1}}"#;

    #[test]
    fn no_file_is_the_default_and_a_right_one_is_read() {
        assert_eq!(Folder::new().read().expect("none"), Words::default());
        assert_eq!(Folder::with(RIGHT).read().expect("right").words["a"], 1);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_what_was_meant() {
        let error = Folder::with("{\"version\": 1,\n \"wrods\": {}}")
            .read()
            .expect_err("a typing error");
        assert!(error.message.contains("words.json` is not right"), "{error}");
        assert!(error.message.contains("line 2"), "{error}");
        assert_eq!(error.hint.as_deref(), Some("did you mean `words`?"));
        for (text, says) in [
            ("", "EOF"),
            (&RIGHT[..20], "EOF"),
            ("[]", "line 1"),
            (r#"{"words": {}}"#, "missing field `version`"),
            (r#"{"version": 1, "words": {"": 1}}"#, "a word is empty"),
            (r#"{"version": 1, "version": 1}"#, "duplicate field"),
            (r#"{"version": 1} {}"#, "trailing"),
        ] {
            let message = Folder::with(text).refused();
            assert!(message.contains(says), "{text}: {message}");
        }
    }

    #[test]
    fn another_version_is_told_before_anything_else() {
        let error = Folder::with(r#"{"version": 2, "unheard-of": {}}"#)
            .read()
            .expect_err("of the future");
        assert!(error.message.contains("its version is 2"), "{error}");
        assert!(error.hint.is_some_and(|hint| hint.contains("another version")));
    }

    #[test]
    fn a_file_that_others_could_have_written_is_not_taken() {
        for mode in [0o602, 0o620, 0o666] {
            let folder = Folder::with(RIGHT);
            folder.mode("words.json", mode);
            assert!(folder.refused().contains("others can write it"));
        }
        for mode in [0o777, 0o720] {
            let folder = Folder::with(RIGHT);
            folder.mode("", mode);
            assert!(folder.refused().contains("can be written by others"));
        }
        let folder = Folder::with(RIGHT);
        fs::hard_link(folder.path("words.json"), folder.path("second")).expect("linked");
        assert!(folder.refused().contains("second name"));
    }

    #[test]
    fn a_link_and_a_fifo_are_not_taken() {
        let folder = Folder::with(RIGHT);
        fs::rename(folder.path("words.json"), folder.path("elsewhere")).expect("renamed");
        symlink(folder.path("elsewhere"), folder.path("words.json")).expect("linked");
        assert!(folder.refused().contains("it is a link"));
        let folder = Folder::new();
        let fifo = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(
            rustix::fs::CWD,
            folder.path("words.json"),
            fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .expect("a FIFO");
        assert!(folder.refused().contains("not a regular file"));
    }

    #[test]
    fn a_checkout_is_no_place_for_it() {
        let folder = Folder::with(RIGHT);
        fs::create_dir(folder.0.path().join(".git")).expect("made");
        assert!(folder.refused().contains("inside the checkout"));
    }
}
