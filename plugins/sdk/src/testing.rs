//! A host for tests: it holds files in memory, or reads them from a folder, and answers as the real one does.
//!
//! ```
//! use conductor_plugin::{Host, testing::FakeHost};
//!
//! let host = FakeHost::new().file("conductor", "tracks.md", "# Tracks\n").argument("track", "auth");
//! assert_eq!(host.arguments().text("track"), Some("auth"));
//! assert_eq!(host.snapshot("conductor", &["*.md"], 1024).unwrap().len(), 1);
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::{Arguments, Entry, Error, Format, Host};

/// A host whose answers are set by the test.
#[derive(Debug)]
pub struct FakeHost {
    arguments: Arguments,
    presentation: Format,
    project_name: String,
    grants: BTreeMap<String, BTreeMap<String, Result<Vec<u8>, Error>>>,
}

impl Default for FakeHost {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeHost {
    /// A host without arguments and files that presents to a terminal of 100 columns.
    #[must_use]
    pub fn new() -> Self {
        Self {
            arguments: Arguments::default(),
            presentation: Format::Terminal(100),
            project_name: "project".to_owned(),
            grants: BTreeMap::new(),
        }
    }

    /// Gives an argument.
    #[must_use]
    pub fn argument(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.arguments.set(name, value);
        self
    }

    /// Says how the outcome will be read.
    #[must_use]
    pub fn presentation(mut self, presentation: Format) -> Self {
        self.presentation = presentation;
        self
    }

    /// Names the project.
    #[must_use]
    pub fn project_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.project_name);
        self
    }

    /// Grants a folder and puts a file into it.
    #[must_use]
    pub fn file(mut self, grant: &str, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.folder(grant).insert(path.to_owned(), Ok(content.into()));
        self
    }

    /// Grants a folder and puts a file into it that can't be read.
    #[must_use]
    pub fn unreadable(mut self, grant: &str, path: &str, code: &str, message: &str) -> Self {
        let error = Error {
            code: code.to_owned(),
            message: message.to_owned(),
            grant: None,
        };
        self.folder(grant).insert(path.to_owned(), Err(error));
        self
    }

    /// Grants a folder, even if no file is put into it.
    #[must_use]
    pub fn grant(mut self, grant: &str) -> Self {
        self.folder(grant);
        self
    }

    /// Grants a folder and puts every file that lies below `root` into it, as it is read now.
    ///
    /// # Panics
    /// When a file below `root` can't be read, or has a name that is not UTF-8.
    #[must_use]
    pub fn files_of(mut self, grant: &str, root: &Path) -> Self {
        let mut left = vec![root.to_owned()];
        while let Some(folder) = left.pop() {
            self.folder(grant);
            for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
                let path = entry.expect("an entry of a folder").path();
                if path.is_dir() {
                    left.push(path);
                    continue;
                }
                let content = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let name = path
                    .strip_prefix(root)
                    .expect("it lies below")
                    .to_str()
                    .expect("a name in UTF-8")
                    .to_owned();
                self.folder(grant).insert(name, Ok(content));
            }
        }
        self
    }

    fn folder(&mut self, grant: &str) -> &mut BTreeMap<String, Result<Vec<u8>, Error>> {
        self.grants.entry(grant.to_owned()).or_default()
    }

    fn granted(&self, grant: &str) -> Result<&BTreeMap<String, Result<Vec<u8>, Error>>, Error> {
        self.grants.get(grant).ok_or_else(|| Error {
            code: "denied".to_owned(),
            message: format!("files of grant `{grant}` may not be read"),
            grant: Some(grant.to_owned()),
        })
    }
}

/// Every folder that a path lies in, each with a `/` at its end.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..=at])
}

/// A pattern that ends with `/` is one of folders, any other one of files (tests/contract.rs compares this with the real host).
fn matches(patterns: &[&str], path: &str) -> bool {
    let of_folders = path.ends_with('/');
    let like = |pattern: &&&str| pattern.ends_with('/') == of_folders;
    let plain = |text: &'_ str| text.trim_end_matches('/').to_owned();
    patterns
        .iter()
        .filter(like)
        .any(|pattern| fast_glob::glob_match(plain(pattern), plain(path)))
}

impl Host for FakeHost {
    fn arguments(&self) -> Arguments {
        self.arguments.clone()
    }

    fn presentation(&self) -> Format {
        self.presentation
    }

    fn project_name(&self) -> String {
        self.project_name.clone()
    }

    fn snapshot(&self, grant: &str, patterns: &[&str], max_bytes: u64) -> Result<Vec<Entry>, Error> {
        let files = self.granted(grant)?;
        let mut found: BTreeMap<&str, Result<Vec<u8>, Error>> = BTreeMap::new();
        for (path, content) in files {
            for folder in folders_of(path).filter(|folder| matches(patterns, folder)) {
                found.insert(folder, Ok(Vec::new()));
            }
            if matches(patterns, path) {
                found.insert(path, within(path, content, max_bytes));
            }
        }
        Ok(found
            .into_iter()
            .map(|(path, content)| Entry {
                path: path.to_owned(),
                content,
            })
            .collect())
    }

    fn read(&self, grant: &str, path: &str) -> Result<Vec<u8>, Error> {
        self.granted(grant)?.get(path).cloned().unwrap_or_else(|| {
            Err(Error {
                code: "not-found".to_owned(),
                message: format!("`{path}` is not there"),
                grant: None,
            })
        })
    }
}

fn within(path: &str, content: &Result<Vec<u8>, Error>, max_bytes: u64) -> Result<Vec<u8>, Error> {
    match content {
        Ok(bytes) if bytes.len() as u64 > max_bytes => Err(Error {
            code: "too-big".to_owned(),
            message: format!("`{path}` has {} bytes, more than {max_bytes}", bytes.len()),
            grant: None,
        }),
        other => other.clone(),
    }
}
