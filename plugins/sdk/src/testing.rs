//! A host for tests: it holds files in memory, or reads them from a folder, and answers as the real one does.
//!
//! ```
//! use conductor_plugin::{Host, testing::FakeHost};
//!
//! let host = FakeHost::new().file("conductor", "tracks.md", "# Tracks\n").argument("track", "auth");
//! assert_eq!(host.arguments().text("track"), Some("auth"));
//! assert_eq!(host.snapshot("conductor", &["*.md"], 1024).unwrap().len(), 1);
//! ```

mod tape;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::Path;

use tape::Taped;

use crate::{Arguments, Entry, Error, Format, Held, Host, Output, Running, digest};

/// The files of a grant, by path.
type Folder = BTreeMap<String, Result<Vec<u8>, Error>>;

/// A host whose answers are set by the test.
#[derive(Debug)]
pub struct FakeHost {
    arguments: Arguments,
    presentation: Format,
    project_name: String,
    dry_run: bool,
    applies: Option<String>,
    session: Option<String>,
    over: Vec<String>,
    consents: Vec<String>,
    /// Behind a cell, since a plugin changes files through a shared host.
    grants: RefCell<BTreeMap<String, Folder>>,
    refused: BTreeMap<String, Error>,
    commands: RefCell<VecDeque<Call>>,
    answers: Option<Answers>,
    tape: Option<Taped>,
    busy: bool,
    progress: RefCell<Vec<String>>,
}

/// A call of a command that a test expects, with what it leaves.
#[derive(Clone, Debug)]
struct Call {
    command: String,
    values: Vec<(String, Vec<String>)>,
    output: Result<Output, Error>,
}

/// What every command leaves, by its name and values.
struct Answers(Box<Answer>);

type Answer = dyn Fn(&str, &[(&str, &[&str])]) -> Result<Output, Error>;

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answers")
    }
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
            dry_run: false,
            applies: None,
            session: None,
            over: Vec::new(),
            consents: Vec::new(),
            grants: RefCell::default(),
            refused: BTreeMap::new(),
            commands: RefCell::default(),
            answers: None,
            tape: None,
            busy: false,
            progress: RefCell::default(),
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

    /// Makes it a dry run.
    #[must_use]
    pub fn dry(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// A run of a plan of this digest, which the person has agreed to.
    #[must_use]
    pub fn applying(mut self, digest: &str) -> Self {
        self.applies = Some(digest.to_owned());
        self
    }

    /// A run in this Claude Code session.
    #[must_use]
    pub fn session(mut self, session: &str) -> Self {
        self.session = Some(session.to_owned());
        self
    }

    /// A Claude Code session whose process is gone.
    #[must_use]
    pub fn over(mut self, session: &str) -> Self {
        self.over.push(session.to_owned());
        self
    }

    /// The person has agreed to everything of this scope.
    #[must_use]
    pub fn consent(mut self, scope: &str) -> Self {
        self.consents.push(scope.to_owned());
        self
    }

    /// Lets another run hold every lock.
    #[must_use]
    pub fn busy(mut self) -> Self {
        self.busy = true;
        self
    }

    /// Expects a call of a command, as the next one, and says what it leaves.
    #[must_use]
    pub fn command(self, command: &str, values: &[(&str, &[&str])], output: Output) -> Self {
        self.expect(command, values, Ok(output))
    }

    /// Expects a call of a command, as the next one, that is not started.
    #[must_use]
    pub fn not_started(self, command: &str, values: &[(&str, &[&str])], code: &str, message: &str) -> Self {
        self.expect(command, values, Err(error(code, message.to_owned())))
    }

    /// Answers every call of a command by a function of its name and values; none is expected.
    #[must_use]
    pub fn answered(mut self, answer: impl Fn(&str, &[(&str, &[&str])]) -> Result<Output, Error> + 'static) -> Self {
        self.answers = Some(Answers(Box::new(answer)));
        self
    }

    fn expect(self, command: &str, values: &[(&str, &[&str])], output: Result<Output, Error>) -> Self {
        let call = Call {
            command: command.to_owned(),
            values: owned(values),
            output,
        };
        self.commands.borrow_mut().push_back(call);
        self
    }

    /// The bytes that a file has now, after what the plugin did to it.
    #[must_use]
    pub fn content(&self, grant: &str, path: &str) -> Option<Vec<u8>> {
        self.grants.borrow().get(grant)?.get(path)?.clone().ok()
    }

    /// What the plugin told of its progress: `slinging beads (of 3)`, `1: the second`, `end`.
    #[must_use]
    pub fn progress(&self) -> Vec<String> {
        self.progress.borrow().clone()
    }

    /// How many of the expected calls, and of those on the tape, were not made.
    #[must_use]
    pub fn calls_left(&self) -> usize {
        self.commands.borrow().len() + self.tape.as_ref().map_or(0, Taped::left)
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

    /// Refuses every call about a grant: with `no-place`, where there is no project.
    #[must_use]
    pub fn refused(mut self, grant: &str, code: &str, message: &str) -> Self {
        self.refused.insert(grant.to_owned(), error(code, message.to_owned()));
        self
    }

    fn folder(&mut self, grant: &str) -> &mut Folder {
        self.grants.get_mut().entry(grant.to_owned()).or_default()
    }

    fn granted(&self, grant: &str) -> Result<Folder, Error> {
        if let Some(error) = self.refused.get(grant) {
            return Err(error.clone());
        }
        let refused = || Error {
            grant: Some(grant.to_owned()),
            ..error("denied", format!("files of grant `{grant}` may not be read"))
        };
        self.grants.borrow().get(grant).cloned().ok_or_else(refused)
    }

    /// Changes a granted folder, if a file in it is as expected (`None`: not there).
    fn change(&self, grant: &str, path: &str, expected: Option<&str>, new: Option<&[u8]>) -> Result<(), Error> {
        let files = self.granted(grant)?;
        if let Some(tape) = self.tape.as_ref().filter(|_| !self.dry_run) {
            tape.change(grant, path, expected, new)?;
        }
        let old = files.get(path).cloned().transpose()?;
        match (old.as_deref().map(digest), expected) {
            (None, Some(_)) => return Err(error("not-found", format!("`{path}` is not there"))),
            (Some(_), None) => return Err(error("exists", format!("`{path}` is there already"))),
            (old, expected) if old.as_deref() != expected => {
                return Err(error("changed", format!("`{path}` has changed since it was read")));
            }
            _ if self.dry_run => return Err(error("dry-run", format!("in a dry run `{path}` is not written"))),
            _ => {}
        }
        let mut grants = self.grants.borrow_mut();
        let folder = grants.entry(grant.to_owned()).or_default();
        match new {
            Some(bytes) => folder.insert(path.to_owned(), Ok(bytes.to_vec())),
            None => folder.remove(path),
        };
        Ok(())
    }
}

/// Holds a published JSON Schema to the type that it is made from: `docs/schema/NAME.json`, from a plugin's own folder. `BLESS=1` writes
/// it anew.
///
/// # Panics
/// When it is not up to date.
#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "a test writes the schema that it compares with"
)]
pub fn published(plugin: &str, name: &str, schema: &impl serde::Serialize) {
    let schema = serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n";
    let path = Path::new(plugin).join(format!("../../docs/schema/{name}.json"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &schema).expect("the schema can be written");
    }
    let published = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == schema,
        "{} is not up to date: BLESS=1 writes it anew",
        path.display()
    );
}

fn error(code: &str, message: String) -> Error {
    Error {
        code: code.to_owned(),
        message,
        grant: None,
    }
}

fn owned(values: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    values
        .iter()
        .map(|(name, values)| ((*name).to_owned(), texts(values)))
        .collect()
}

/// A lock that nobody else wants.
struct Kept;

impl Held for Kept {}

/// A command whose end is known.
struct Ended(Result<Output, Error>);

impl Running for Ended {
    fn wait(self: Box<Self>) -> Result<Output, Error> {
        self.0
    }

    fn kill(&self) {}
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
        let mut found: BTreeMap<String, Result<Vec<u8>, Error>> = BTreeMap::new();
        for (path, content) in &files {
            for folder in folders_of(path).filter(|folder| matches(patterns, folder)) {
                found.insert(folder.to_owned(), Ok(Vec::new()));
            }
            if matches(patterns, path) {
                found.insert(path.clone(), within(path, content, max_bytes));
            }
        }
        Ok(found
            .into_iter()
            .map(|(path, content)| Entry { path, content })
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

    fn dry_run(&self) -> bool {
        self.dry_run
    }

    fn begin_progress(&self, what: &str, steps: Option<u32>) {
        let steps = steps.map_or_else(String::new, |steps| format!(" (of {steps})"));
        self.progress.borrow_mut().push(format!("{what}{steps}"));
    }

    fn advance_progress(&self, done: u32, what: Option<&str>) {
        let what = what.map_or_else(String::new, |what| format!(": {what}"));
        self.progress.borrow_mut().push(format!("{done}{what}"));
    }

    fn end_progress(&self) {
        self.progress.borrow_mut().push("end".to_owned());
    }

    fn lock(&self, name: &str, _: u32) -> Result<Box<dyn Held>, Error> {
        if self.busy {
            return Err(error(
                "busy",
                format!("another run holds the lock `{name}` of this project"),
            ));
        }
        if let Some(tape) = &self.tape {
            tape.lock(name)?;
        }
        Ok(Box::new(Kept))
    }

    fn applies(&self) -> Option<String> {
        self.applies.clone()
    }

    fn session(&self) -> Option<String> {
        self.session.clone()
    }

    fn session_over(&self, session: &str, _: u64) -> bool {
        self.over.iter().any(|known| known == session)
    }

    fn consented(&self, scope: &str) -> bool {
        self.consents.iter().any(|known| known == scope)
    }

    fn again_after(&self, _: u32) {}

    fn replace(&self, grant: &str, path: &str, expected: &str, bytes: &[u8]) -> Result<(), Error> {
        self.change(grant, path, Some(expected), Some(bytes))
    }

    fn create(&self, grant: &str, path: &str, bytes: &[u8]) -> Result<(), Error> {
        self.change(grant, path, None, Some(bytes))
    }

    fn remove(&self, grant: &str, path: &str, expected: &str) -> Result<(), Error> {
        self.change(grant, path, Some(expected), None)
    }

    /// # Panics
    /// When the test, or the tape, expects no call, or another one.
    fn start(
        &self,
        command: &str,
        values: &[(&str, &[&str])],
        stdin: Option<&[u8]>,
    ) -> Result<Box<dyn Running>, Error> {
        if let Some(tape) = &self.tape {
            return tape.start(command, values, stdin);
        }
        if let Some(Answers(answer)) = &self.answers {
            return Ok(Box::new(Ended(answer(command, values))));
        }
        let expected = self.commands.borrow_mut().pop_front();
        let expected = expected.unwrap_or_else(|| panic!("no call was expected, but `{command}` {values:?} is made"));
        assert_eq!(
            (expected.command.as_str(), &expected.values),
            (command, &owned(values)),
            "another call was expected"
        );
        Ok(Box::new(Ended(expected.output)))
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
