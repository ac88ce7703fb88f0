//! What is said of a program that will be started, and why it could not be.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::path::Program;
use crate::sandbox::limits;

/// All that a start needs; nothing is inherited beside it.
pub struct Spec {
    /// The program.
    pub program: Program,
    /// Its arguments, without its name.
    pub args: Vec<OsString>,
    /// The folder in which it runs; absolute.
    pub cwd: PathBuf,
    /// Its whole environment.
    pub env: BTreeMap<OsString, OsString>,
    /// What it reads; nothing is the null device.
    pub stdin: Option<Vec<u8>>,
    /// How long it may run, from its start.
    pub timeout: Duration,
    /// When it ends at the latest, or is no more started: the end of the run that wants it.
    pub until: Option<Instant>,
    /// The most bytes that are kept of what it prints. Of stderr no more than this is kept, and no more than
    /// [`limits::STDERR`].
    pub max_output: usize,
    /// Whether it leaves the processor to the programs of its run that were started before it.
    pub yields: bool,
    /// What Ctrl-C does to it.
    pub on_interrupt: OnInterrupt,
    /// Who is told of its start and end.
    pub watcher: Option<Watcher>,
}

impl Spec {
    /// A program without arguments, environment and input, in a folder, with the least bounds.
    #[must_use]
    pub fn new(program: Program, cwd: PathBuf) -> Self {
        Self {
            program,
            args: Vec::new(),
            cwd,
            env: BTreeMap::new(),
            stdin: None,
            timeout: limits::COMMAND,
            until: None,
            max_output: limits::COMMAND_OUTPUT,
            yields: false,
            on_interrupt: OnInterrupt::End,
            watcher: None,
        }
    }

    /// This program again, with one hidden command.
    ///
    /// # Errors
    /// When the system does not tell which file it is.
    pub fn of_ourselves(command: &str) -> Result<Self, StartError> {
        Ok(Self {
            args: vec![command.into()],
            ..Self::new(Program::ourselves()?, PathBuf::from("/"))
        })
    }

    /// The most bytes that are kept of its stderr.
    pub(super) fn max_stderr(&self) -> usize {
        self.max_output.min(limits::STDERR)
    }

    /// The most bytes that are kept of it altogether.
    pub(super) fn max_kept(&self) -> usize {
        self.max_output.saturating_add(self.max_stderr())
    }
}

impl fmt::Debug for Spec {
    /// Without environment and input, which can hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spec")
            .field("program", &self.program.path)
            .field("args", &self.args)
            .field("cwd", &self.cwd)
            .finish_non_exhaustive()
    }
}

/// What Ctrl-C does to a program that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnInterrupt {
    /// It is ended.
    End,
    /// The first Ctrl-C lets it end by itself: it changes something, and half a change is worse than a late end.
    Finish,
}

/// Is told of the start and end of a program: the lock writes them down, so that the next run can wait for it when this one is
/// killed. It is called in the thread that waits for the program. When it can't take note of [`Step::Starting`] the program is not
/// started.
pub type Watcher = Box<dyn Fn(Step) -> anyhow::Result<()> + Send>;

/// A step in the life of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is about to be started.
    Starting,
    /// It was started, and leads the process group of this number.
    Started(u32),
    /// It has ended, at a deadline with all of its group; or it could not be started.
    Ended,
}

/// Why a program was not started.
#[derive(Debug)]
pub enum StartError {
    /// As many as may be are unfinished: [`limits::COMMANDS`].
    TooMany,
    /// The results of those that are not finished or still held could be more than [`limits::RETAINED`].
    TooMuch,
    /// The file was there when it was looked for, and is gone.
    Vanished(PathBuf),
    /// The file, or its interpreter, may not be executed.
    NotAllowed(PathBuf),
    /// The file is no program of this machine: a text without `#!`, or another machine's.
    NotAProgram(PathBuf),
    /// The file is a script whose interpreter is not there.
    NoInterpreter(PathBuf),
    /// The folder to run in is not there, or can't be entered.
    NoFolder(PathBuf),
    /// Its turn did not come before [`Spec::until`].
    TooLate,
    /// It was killed before its turn came.
    Killed,
    /// Ctrl-C came first.
    Interrupted,
    /// That it will be started can't be written down ([`Watcher`]).
    NotNoted(anyhow::Error),
    /// What the system says otherwise; arguments that are too long, for one.
    System(PathBuf, io::Error),
}

impl StartError {
    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooMany => "too-many-commands",
            Self::TooMuch => "too-much-output",
            Self::Vanished(_) | Self::NotAllowed(_) | Self::NotAProgram(_) | Self::NoInterpreter(_) => "bad-program",
            Self::NoFolder(_) => "no-folder",
            Self::TooLate => "too-late",
            Self::Killed => "killed",
            Self::Interrupted => "interrupted",
            Self::NotNoted(_) | Self::System(..) => "not-started",
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany => write!(f, "more than {} commands are unfinished", limits::COMMANDS),
            Self::TooMuch => write!(
                f,
                "the results of unfinished commands could be more than {} MiB",
                limits::RETAINED >> 20
            ),
            Self::Vanished(path) => write!(f, "`{}` is not there any more", path.display()),
            Self::NotAllowed(path) => write!(f, "`{}`, or its interpreter, may not be executed", path.display()),
            Self::NotAProgram(path) => write!(f, "`{}` is not a program of this machine", path.display()),
            Self::NoInterpreter(path) => write!(f, "the interpreter of `{}` is not there", path.display()),
            Self::NoFolder(path) => write!(f, "the folder `{}` is not there, or can't be entered", path.display()),
            Self::TooLate => write!(f, "the run was over before its turn came"),
            Self::Killed => write!(f, "it was killed before its turn came"),
            Self::Interrupted => write!(f, "interrupted"),
            Self::NotNoted(error) => write!(
                f,
                "it was not started, since the lock can't tell the next run of it: {error:#}; make room, or repair the folder of \
                 the locks"
            ),
            Self::System(path, error) => write!(f, "`{}` can't be started: {error}", path.display()),
        }
    }
}

impl std::error::Error for StartError {}
