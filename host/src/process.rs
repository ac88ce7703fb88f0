//! Starting programs: the only module that does. Here it is this program itself, for work that needs bounds of its own.
#![allow(clippy::disallowed_methods, reason = "the one place for it")]

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What a process left.
#[derive(Debug)]
pub struct Ended {
    /// How it ended; nothing when it was killed because its time was over.
    pub status: Option<ExitStatus>,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it complained of, up to 64 KiB.
    pub stderr: Vec<u8>,
}

/// How many processes this one has started: the warm path starts none, which tests hold it to.
pub static STARTED: AtomicU32 = AtomicU32::new(0);

/// The most that is read of the other stream.
const STDERR_BYTES: u64 = 64 << 10;
/// How often the end of the process is looked for.
const LOOK: Duration = Duration::from_millis(2);

/// Starts this program again with one hidden command and without the caller's environment, gives it `input`, and waits for
/// it at most `most`. It computes on at most `most_threads` (rayon's: there are no others). No more than `most_output` bytes of
/// what it prints are read.
///
/// # Errors
/// When it can't be started.
pub fn run_self(
    command: &str,
    input: &[u8],
    most_threads: usize,
    most: Duration,
    most_output: u64,
) -> io::Result<Ended> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(most_threads);
    let mut child = Command::new(std::env::current_exe()?)
        .arg(command)
        .env_clear()
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    STARTED.fetch_add(1, Ordering::Relaxed);
    let mut stdin = child.stdin.take().expect("it was piped");
    let stdout = child.stdout.take().expect("it was piped");
    let stderr = child.stderr.take().expect("it was piped");
    thread::scope(|scope| {
        // A process that ends early closes the pipe; why it ended is in its status.
        scope.spawn(move || drop(stdin.write_all(input)));
        let stdout = scope.spawn(move || read(stdout, most_output));
        let stderr = scope.spawn(move || read(stderr, STDERR_BYTES));
        let status = wait(&mut child, most)?;
        let bytes = |thread: thread::ScopedJoinHandle<'_, Vec<u8>>| thread.join().expect("reading does not panic");
        Ok(Ended {
            status,
            stdout: bytes(stdout),
            stderr: bytes(stderr),
        })
    })
}

fn read(stream: impl Read, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was read before an error is still worth showing.
    let _ = stream.take(most).read_to_end(&mut bytes);
    bytes
}

fn wait(child: &mut Child, most: Duration) -> io::Result<Option<ExitStatus>> {
    let deadline = Instant::now() + most;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}
