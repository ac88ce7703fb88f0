//! What a run starts commands with: programs, environment and pool, made when the first one is started.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use super::beads;
use super::bindings::types::Error;
use super::host::plain;
use super::locks::Locks;
use super::protected;
use crate::audit::{Content, Outcome, Pending};
use crate::lock::MARK;
use crate::manifest::{CommandWish, Effect, FilledCommand, Place, ProgramWish};
use crate::place::Places;
use crate::process::{
    Configured, Ending, Environment, FindError, OnInterrupt, Output, Pool, Programs, Running, Spec, StartError,
};
use crate::tape::{Replayed, Ticket};
use crate::template::Argument;
use crate::visible;

/// A command that was started. What was written for it goes, and what came of it is written down, when its end was waited for or
/// nobody wants it any more.
pub struct Started {
    /// Nothing once its end was waited for.
    pub(super) running: Option<Awaited>,
}

/// What can be waited for.
pub(super) enum Awaited {
    /// A running command, and its call on the tape.
    Running(Box<Watched>, Ticket),
    /// What a tape says came of it.
    Replayed(Replayed),
}

/// A running command with all that lasts as long as it does.
pub(super) struct Watched {
    running: Running,
    files: Vec<NamedTempFile>,
    pending: Pending,
}

impl Watched {
    /// Waits for its end and writes it down.
    pub(super) fn wait(self) -> Result<Output, StartError> {
        let ended = self.running.wait();
        self.pending.end(match &ended {
            Ok(output) if output.ending == Ending::TimeOut => Outcome::TimedOut,
            Ok(Output {
                status: Some(status), ..
            }) => Outcome::Exit(*status),
            Ok(output) => Outcome::Signal(output.signal.unwrap_or_default()),
            Err(error) => Outcome::NotStarted(error.code().to_owned()),
        });
        ended
    }

    /// The files that were written for it.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        self.files.iter().map(|file| file.path().to_owned()).collect()
    }

    /// Ends it; does not wait for that.
    pub(super) fn kill(&self) {
        self.running.kill();
    }
}

/// A command that can be started: everything is found and written that it needs.
pub(super) struct Ready {
    spec: Spec,
    files: Vec<NamedTempFile>,
    /// What it is given, for the audit log.
    pub(super) stdin: Option<Content>,
    pub(super) contents: Vec<Content>,
}

impl Ready {
    /// What will be started, for the audit log.
    pub(super) fn argv(&self) -> Vec<String> {
        let program = self.spec.program.path.as_os_str();
        let words = std::iter::once(program).chain(self.spec.args.iter().map(OsString::as_os_str));
        words.map(|word| word.to_string_lossy().into_owned()).collect()
    }
}

/// The means of one run; most plugins never start anything, and then nothing is looked for.
pub(super) struct Commands {
    until: Instant,
    means: OnceCell<Means>,
}

struct Means {
    programs: Programs,
    environment: Environment,
    pool: Pool,
}

impl Commands {
    /// For a run that may take this long.
    pub(super) fn new(run: Duration) -> Self {
        Self {
            until: Instant::now() + run,
            means: OnceCell::new(),
        }
    }

    /// How long the run may still take.
    pub(super) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Finds and writes all that a filled command needs.
    ///
    /// # Errors
    /// When its program can't be found, a folder or path is not there, or too much is unfinished.
    pub(super) fn prepare(
        &self,
        wish: &CommandWish,
        program: &ProgramWish,
        filled: FilledCommand,
        places: &Places,
    ) -> Result<Ready, Error> {
        let configured = places.programs().map_err(misconfigured)?;
        let means = self.means.get_or_init(|| Means::new(places, configured));
        let found = means
            .programs
            .find(&filled.line.program)
            .map_err(|error| not_found(&error))?;
        let cwd = folder(places, &filled)?;
        if filled.place == Place::Project && filled.line.program == beads::PROGRAM {
            beads::stay(&cwd, places.clone_of_project().unwrap_or(&cwd))?;
        }
        let mut files = Vec::new();
        let mut contents = Vec::new();
        let mut args = Vec::new();
        for argument in filled.line.arguments {
            if let Argument::Tempfile { content, .. } = &argument {
                contents.push(Content::of(content.as_bytes()));
            }
            args.push(argument_of(argument, wish.effect, places, &mut files)?);
        }
        let stdin = filled.line.stdin.as_deref().map(Content::of);
        let mut spec = Spec::new(found, cwd);
        spec.args = args;
        spec.env = means.environment.of(&program.env, |name| program.passes(name));
        let own = filled.env.into_iter();
        spec.env.extend(own.map(|(name, value)| (name.into(), value.into())));
        spec.stdin = filled.line.stdin;
        spec.timeout = Duration::from_millis(wish.timeout_ms);
        spec.until = Some(self.until);
        spec.max_output = usize::try_from(wish.max_output_bytes).unwrap_or(usize::MAX);
        means
            .pool
            .check_room(&spec)
            .map_err(|error| plain(error.code(), error.to_string()))?;
        match wish.effect {
            Effect::Read => spec.yields = true,
            Effect::Write => spec.on_interrupt = OnInterrupt::Finish,
        }
        Ok(Ready {
            spec,
            files,
            stdin,
            contents,
        })
    }

    /// Starts it as soon as its turn comes.
    ///
    /// # Errors
    /// When too much is unfinished.
    pub(super) fn start(&self, ready: Ready, pending: Pending, locks: &Locks) -> Result<Watched, Error> {
        let means = self.means.get().expect("what is ready was prepared here");
        let Ready { mut spec, files, .. } = ready;
        if spec.on_interrupt == OnInterrupt::Finish {
            let mark = pending.name();
            spec.env.insert(MARK.into(), mark.clone().into());
            spec.watcher = Some(locks.watcher(mark, spec.timeout));
        }
        match means.pool.start(spec) {
            Ok(running) => Ok(Watched {
                running,
                files,
                pending,
            }),
            Err(error) => {
                pending.end(Outcome::NotStarted(error.code().to_owned()));
                Err(plain(error.code(), error.to_string()))
            }
        }
    }
}

impl Means {
    /// Programs come from the search path of the user, but never from a folder whose content others decide.
    fn new(places: &Places, configured: &Configured) -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let programs = Programs::new(&path, configured.clone(), &places.untrusted());
        let environment = Environment::new(std::env::vars_os(), programs.path().to_owned());
        Self {
            programs,
            environment,
            pool: Pool::default(),
        }
    }
}

fn misconfigured(error: &crate::error::Error) -> Error {
    let hint = error.hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
    plain(&error.code, format!("{}{hint}", error.message))
}

fn not_found(error: &FindError) -> Error {
    let details = error.details();
    let details = if details.is_empty() {
        String::new()
    } else {
        format!(" ({})", details.join("; "))
    };
    plain(error.code(), format!("{error}{details}"))
}

fn folder(places: &Places, filled: &FilledCommand) -> Result<PathBuf, Error> {
    let place = places.find(filled.place)?;
    match &filled.rig {
        None => Ok(place.to_owned()),
        Some(rig) => inside(place, rig),
    }
}

/// The absolute path of what lies at a path in a place, links followed, still inside it. What is not there yet is its folder's.
fn inside(place: &Path, path: &str) -> Result<PathBuf, Error> {
    let shown = visible::line(path, 256);
    let missing = |_| plain("not-found", format!("`{shown}` is not there"));
    let whole = place.join(path);
    let resolved = match (whole.canonicalize(), whole.parent(), whole.file_name()) {
        (Ok(resolved), ..) => resolved,
        (Err(_), Some(parent), Some(name)) if whole.symlink_metadata().is_err() => {
            parent.canonicalize().map_err(missing)?.join(name)
        }
        (Err(error), ..) => return Err(missing(error)),
    };
    if resolved.starts_with(place) {
        return Ok(resolved);
    }
    Err(plain(
        "outside",
        format!("`{shown}` leads out of its place: the link is not followed"),
    ))
}

fn argument_of(
    argument: Argument,
    effect: Effect,
    places: &Places,
    files: &mut Vec<NamedTempFile>,
) -> Result<OsString, Error> {
    let (before, path) = match argument {
        Argument::Text(text) => return Ok(text.into()),
        Argument::Tempfile { before, content } => {
            let file = temporary(&content).map_err(|cause| {
                plain(
                    "unwritable",
                    format!("a temporary file for the command can't be written: {cause}"),
                )
            })?;
            let path = file.path().to_owned();
            files.push(file);
            (before, path)
        }
        Argument::Path { before, place, path } => {
            let folder = places.find(place)?;
            if effect == Effect::Write
                && let Some(why) = protected::why_not(folder, &path)
            {
                return Err(plain(
                    "protected",
                    format!("`{}` is never written: {why}", visible::line(&path, 256)),
                ));
            }
            (before, inside(folder, &path)?)
        }
    };
    let mut whole = OsString::from(before);
    whole.push(path);
    Ok(whole)
}

/// A file that only the user can read (0600), away from every project.
fn temporary(content: &str) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("conductor-").tempfile()?;
    file.write_all(content.as_bytes())?;
    file.flush()?;
    Ok(file)
}
