//! How the end of a child is noticed together with everything else that is waited for: as a descriptor that becomes readable.
//!
//! On Linux the system has one (pidfd, since 5.3). Elsewhere, and where it is refused, a thread waits and writes into the pipe
//! that also wakes for other reasons. Neither takes the child from the system's table: its number stays its own until the
//! one thread that also sends signals does.

use std::io::{PipeWriter, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// What becomes readable when a child has ended.
pub(super) enum ExitNotice {
    /// This, for good.
    PidFd(OwnedFd),
    /// The pipe that was given, by one byte.
    Pipe,
}

impl ExitNotice {
    /// Of a child that nothing waits for yet.
    pub(super) fn of(child: Pid, pipe: impl FnOnce() -> std::io::Result<PipeWriter>) -> std::io::Result<Self> {
        match pid_fd(child) {
            Some(fd) => Ok(Self::PidFd(fd)),
            None => Self::by_thread(child, pipe()?),
        }
    }

    /// The thread ends with the child.
    pub(super) fn by_thread(child: Pid, mut pipe: PipeWriter) -> std::io::Result<Self> {
        std::thread::Builder::new().spawn(move || {
            let ended = || waitid(WaitId::Pid(child), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
            // An error but an interruption means that it is gone, which is an end, too.
            while matches!(ended(), Err(rustix::io::Errno::INTR)) {}
            // Nobody listens any more: then nobody has to know.
            drop(pipe.write_all(&[0]));
        })?;
        Ok(Self::Pipe)
    }

    pub(super) fn fd(&self) -> Option<BorrowedFd<'_>> {
        match self {
            Self::PidFd(fd) => Some(fd.as_fd()),
            Self::Pipe => None,
        }
    }
}

#[cfg(target_os = "linux")]
fn pid_fd(child: Pid) -> Option<OwnedFd> {
    rustix::process::pidfd_open(child, rustix::process::PidfdFlags::empty()).ok()
}

#[cfg(not(target_os = "linux"))]
fn pid_fd(_: Pid) -> Option<OwnedFd> {
    None
}
