//! One program from its start to its end: started, fed, read, and ended at its deadline, all by one thread that sleeps until
//! something happens.

use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Access, access};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};

use super::STARTED;
use super::exit::ExitNotice;
use super::group;
use super::interrupt::{self, Control, Wish};
use super::output::{Ending, Output, READ, Stream};
use super::spec::{Spec, StartError, Step, Watcher};
use crate::sandbox::limits;

/// How often a group whose leader is gone is looked for; the system does not tell when the last of a group ends.
const LOOK: Duration = Duration::from_millis(10);
/// More than any bound, and small enough to be added to any time.
const LONG: Duration = Duration::from_secs(1 << 30);

/// Runs a program to its end.
///
/// # Errors
/// When it can't be started, or must not be any more.
pub(super) fn run(spec: Spec, control: &Arc<Control>) -> Result<Output, StartError> {
    let _entered = interrupt::enter(control, &spec)?;
    let now = Instant::now();
    let deadline = now + spec.timeout.min(LONG);
    let deadline = spec.until.map_or(deadline, |until| until.min(deadline));
    if deadline <= now {
        return Err(StartError::TooLate);
    }
    Ok(Supervised::start(spec, control)?.finish(deadline))
}

/// A program that runs, and all that is held for it.
struct Supervised<'a> {
    child: Child,
    group: Pid,
    started: Instant,
    notice: ExitNotice,
    wake: PipeReader,
    stdin: Option<Feed>,
    stdout: Stream<ChildStdout>,
    stderr: Stream<ChildStderr>,
    buffer: Box<[u8; READ]>,
    /// How and when it ended; from then on its number may be another's.
    ended: Option<(ExitStatus, Instant)>,
    watcher: Option<Watcher>,
    control: &'a Control,
}

impl<'a> Supervised<'a> {
    fn start(mut spec: Spec, control: &'a Control) -> Result<Self, StartError> {
        let stdin = spec.stdin.take();
        let watcher = spec.watcher.take();
        tell(&watcher, Step::Starting).map_err(StartError::NotNoted)?;
        let alone = alone();
        let (wake, waker) = io::pipe().map_err(|error| system(&spec, error))?;
        let started = Instant::now();
        let mut child = spawn(&spec, stdin.is_some()).map_err(|error| {
            let _ = tell(&watcher, Step::Ended);
            why(&spec, error)
        })?;
        drop(alone);
        STARTED.fetch_add(1, Ordering::Relaxed);
        if spec.yields {
            // It is only later when the system does not want it.
            let _ = rustix::process::setpriority_pgrp(Some(Pid::from_child(&child)), limits::YIELDING);
        }
        let mut supervised = Self {
            group: Pid::from_child(&child),
            started,
            notice: ExitNotice::Pipe,
            wake,
            stdin: stdin
                .zip(child.stdin.take())
                .map(|(bytes, pipe)| Feed::new(bytes, pipe)),
            stdout: Stream::new(child.stdout.take(), spec.max_output),
            stderr: Stream::new(child.stderr.take(), spec.max_stderr()),
            buffer: vec![0; READ].try_into().expect("it has this length"),
            ended: None,
            watcher,
            control,
            child,
        };
        // That it is about to start stands there already.
        let _ = tell(&supervised.watcher, Step::Started(supervised.child.id()));
        // When this fails, what was started is dropped, which ends it.
        supervised.listen(waker).map_err(|error| system(&spec, error))?;
        Ok(supervised)
    }

    fn listen(&mut self, waker: io::PipeWriter) -> io::Result<()> {
        if let Some(feed) = &self.stdin {
            rustix::io::ioctl_fionbio(&feed.pipe, true)?;
        }
        self.notice = ExitNotice::of(self.group, || waker.try_clone())?;
        self.control.wake_by(Some(waker));
        Ok(())
    }

    fn finish(mut self, deadline: Instant) -> Output {
        self.pump(Some(deadline), |it| {
            it.ended.is_some() || it.control.wish() > Wish::GoOn
        });
        let ending = match (self.ended, self.control.wish()) {
            (Some(_), _) => Ending::Itself,
            (None, Wish::GoOn) => Ending::TimeOut,
            (None, Wish::End) => Ending::Killed,
            (None, Wish::Interrupt | Wish::Kill) => Ending::Interrupted,
        };
        if self.ended.is_none() {
            self.end_group();
        }
        let _ = tell(&self.watcher, Step::Ended);
        self.drain(ending == Ending::Itself);
        self.output(ending)
    }

    /// First SIGTERM, so that they can clean up; some time later what can't be refused.
    fn end_group(&mut self) {
        if self.control.wish() < Wish::Kill {
            group::signal(self.group, Signal::TERM);
            // One that was stopped, as by reading from the terminal, would not notice.
            group::signal(self.group, Signal::CONT);
            let until = Instant::now() + limits::GRACE;
            self.pump(Some(until), |it| it.ended.is_some() || it.control.wish() == Wish::Kill);
            while self.ended.is_some()
                && group::has_members(self.group)
                && self.control.wish() < Wish::Kill
                && Instant::now() < until
            {
                self.turn(Some(LOOK));
            }
        }
        if self.ended.is_none() || group::has_members(self.group) {
            group::signal(self.group, Signal::KILL);
        }
        self.pump(None, |it| it.ended.is_some());
    }

    /// Reads what is still in the pipes, and not for long what a process left behind writes into them.
    fn drain(&mut self, by_itself: bool) {
        self.stdin = None;
        let until = Instant::now() + limits::DRAIN;
        self.pump(Some(until), |it| {
            it.is_closed() || (by_itself && it.control.wish() > Wish::GoOn)
        });
    }

    fn output(&mut self, ending: Ending) -> Output {
        let (status, at) = self.ended.expect("it was waited for");
        Output {
            ending,
            status: status.code(),
            signal: status.signal(),
            pipe_left_open: !self.is_closed(),
            stdout: self.stdout.take(),
            stderr: self.stderr.take(),
            duration: at - self.started,
            kept: None,
        }
    }

    fn is_closed(&self) -> bool {
        self.stdout.open.is_none() && self.stderr.open.is_none()
    }

    /// Turns until it is enough or the time has come.
    fn pump(&mut self, until: Option<Instant>, enough: impl Fn(&Self) -> bool) {
        while !enough(self) {
            let rest = until.map(|until| until.saturating_duration_since(Instant::now()));
            if rest == Some(Duration::ZERO) {
                return;
            }
            self.turn(rest);
        }
    }

    /// Sleeps until something happens, at most this long, and does what there is to do.
    fn turn(&mut self, rest: Option<Duration>) {
        let exit = self.notice.fd().filter(|_| self.ended.is_none());
        let [exit, wake, stdout, stderr, stdin] = ready(
            [
                (exit, PollFlags::IN),
                (Some(self.wake.as_fd()), PollFlags::IN),
                (self.stdout.open.as_ref().map(AsFd::as_fd), PollFlags::IN),
                (self.stderr.open.as_ref().map(AsFd::as_fd), PollFlags::IN),
                (self.stdin.as_ref().map(|feed| feed.pipe.as_fd()), PollFlags::OUT),
            ],
            rest,
        );
        if wake {
            // Why it woke is looked for elsewhere.
            let _ = self.wake.read(&mut self.buffer[..]);
        }
        if stdout {
            self.stdout.read(&mut self.buffer);
        }
        if stderr {
            self.stderr.read(&mut self.buffer);
        }
        if stdin {
            self.stdin = self.stdin.take().and_then(Feed::write);
        }
        if exit || wake {
            self.reap();
        }
    }

    fn reap(&mut self) {
        // It can only fail when there is no such child, and only this reaps.
        if let (None, Ok(Some(status))) = (self.ended, self.child.try_wait()) {
            self.ended = Some((status, Instant::now()));
        }
    }
}

impl Drop for Supervised<'_> {
    /// Only after a fault of the system or of ours: nothing is left behind.
    fn drop(&mut self) {
        if self.ended.is_none() {
            group::signal(self.group, Signal::KILL);
            drop(self.child.wait());
        }
    }
}

/// What a program still has to read.
struct Feed {
    bytes: Vec<u8>,
    written: usize,
    pipe: ChildStdin,
}

impl Feed {
    fn new(bytes: Vec<u8>, pipe: ChildStdin) -> Self {
        let written = 0;
        Self { bytes, written, pipe }
    }

    /// Writes what fits; nothing is left when all is written, or the program reads no more, which is its own affair.
    fn write(mut self) -> Option<Self> {
        match self.pipe.write(&self.bytes[self.written..]) {
            Ok(bytes) => self.written += bytes,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
            Err(_) => return None,
        }
        (self.written < self.bytes.len()).then_some(self)
    }
}

/// Which descriptors can be read or written; closed counts.
fn ready<const N: usize>(fds: [(Option<BorrowedFd<'_>>, PollFlags); N], rest: Option<Duration>) -> [bool; N] {
    let open = fds
        .iter()
        .filter_map(|(fd, flags)| Some(PollFd::from_borrowed_fd((*fd)?, *flags)));
    let mut open: Vec<PollFd<'_>> = open.collect();
    let rest = rest.and_then(|rest| Timespec::try_from(rest).ok());
    match poll(&mut open, rest.as_ref()) {
        Ok(_) => {}
        Err(Errno::INTR) => return [false; N],
        // The system has no memory: not to be cured by asking faster.
        Err(_) => {
            thread::sleep(LOOK);
            return [false; N];
        }
    }
    let mut open = open.iter();
    fds.map(|(fd, _)| fd.is_some() && open.next().is_some_and(|fd| !fd.revents().is_empty()))
}

fn tell(watcher: &Option<Watcher>, step: Step) -> anyhow::Result<()> {
    watcher.as_ref().map_or(Ok(()), |watcher| watcher(step))
}

/// With nothing between fork and exec that is ours, the standard library uses `posix_spawn`: its cost does not grow with our
/// memory. All that is open here is closed there.
fn spawn(spec: &Spec, has_stdin: bool) -> io::Result<Child> {
    Command::new(&spec.program.path)
        .arg0(&spec.program.called)
        .args(&spec.args)
        .env_clear()
        .envs(&spec.env)
        .current_dir(&spec.cwd)
        .process_group(0)
        .stdin(if has_stdin { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// macOS has no way to open a pipe that is not, for a moment, inherited by what another thread starts just then.
fn alone() -> Option<MutexGuard<'static, ()>> {
    static START: Mutex<()> = Mutex::new(());
    cfg!(not(target_os = "linux")).then(|| START.lock().expect("nothing panics while it is held"))
}

fn system(spec: &Spec, error: io::Error) -> StartError {
    StartError::System(spec.program.path.clone(), error)
}

/// The system says one number for folder, program and interpreter.
fn why(spec: &Spec, error: io::Error) -> StartError {
    let program = || spec.program.path.clone();
    match Errno::from_io_error(&error) {
        Some(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) if !can_enter(&spec.cwd) => {
            StartError::NoFolder(spec.cwd.clone())
        }
        Some(Errno::NOENT) if spec.program.path.exists() => StartError::NoInterpreter(program()),
        Some(Errno::NOENT | Errno::NOTDIR) => StartError::Vanished(program()),
        Some(Errno::ACCESS) => StartError::NotAllowed(program()),
        Some(Errno::NOEXEC) => StartError::NotAProgram(program()),
        _ => system(spec, error),
    }
}

fn can_enter(folder: &Path) -> bool {
    folder.is_dir() && access(folder, Access::EXEC_OK).is_ok()
}
