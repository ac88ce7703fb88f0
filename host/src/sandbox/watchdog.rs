//! Time: stops a plugin that computes or runs too long, and ends the process when a call of the host does not come back.
//!
//! A thread of its own raises the engine's epoch; the plugin's compiled code looks at it in every loop and call, and asks
//! [`Clock::check`]. Only time inside the plugin counts as its computing: neither what the host needs to set it up, nor calls of
//! the host, but the plugin's allocator, which the host calls back while it hands over a result.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use wasmtime::{CallHook, Engine};

use super::limits::{self, Hit};
use crate::error::{self, Error};

/// What a run has used of its time.
#[derive(Debug)]
pub struct Clock {
    started: Instant,
    run: Duration,
    computed: Duration,
    computing_since: Option<Instant>,
}

impl Clock {
    /// Starts to count, for a run that may take this long.
    #[must_use]
    pub fn start(run: Duration) -> Self {
        Self {
            started: Instant::now(),
            run,
            computed: Duration::ZERO,
            computing_since: None,
        }
    }

    /// Follows each step over the border between host and plugin, in either direction and nested to any depth.
    pub fn cross(&mut self, hook: CallHook) {
        self.computed += self.computing();
        self.computing_since = hook.exiting_host().then(Instant::now);
    }

    fn computing(&self) -> Duration {
        self.computing_since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Whether the plugin still has time.
    ///
    /// # Errors
    /// The bound that it has hit.
    pub fn check(&self) -> Result<(), Hit> {
        if self.computed + self.computing() > limits::COMPUTING {
            return Err(Hit::Computing);
        }
        let elapsed = self.started.elapsed();
        if elapsed > self.run {
            Err(Hit::Run(self.run))
        } else {
            Ok(())
        }
    }
}

/// The thread behind the clock; it ends when this is dropped.
#[derive(Debug)]
pub struct Watchdog {
    #[expect(dead_code, reason = "dropping it ends the thread")]
    alive: Sender<()>,
    /// Who is first here says what came of the run: the one who drops this, or the thread that ends the process.
    over: Arc<AtomicBool>,
}

impl Watchdog {
    /// Starts it for a run that may take this long. `stuck` is called when the run has not ended well after that, which only a
    /// call of the host that does not come back can do; it has to end the process.
    ///
    /// # Errors
    /// When the system starts no thread: without it nothing would end the run.
    pub fn start(engine: &Engine, run: Duration, stuck: impl FnOnce() + Send + 'static) -> error::Result<Self> {
        let (alive, ended) = channel::<()>();
        let engine = engine.weak();
        let over = Arc::new(AtomicBool::new(false));
        let first = Arc::clone(&over);
        let watch = move || {
            let deadline = Instant::now() + run + limits::STUCK;
            while ended.recv_timeout(limits::TICK) == Err(RecvTimeoutError::Timeout) {
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
                if Instant::now() > deadline {
                    if !first.swap(true, Ordering::SeqCst) {
                        stuck();
                    }
                    return;
                }
            }
        };
        let started = thread::Builder::new().spawn(watch);
        started.map_err(|error| Error::no_memory("a thread can't be started", &error))?;
        Ok(Self { alive, over })
    }
}

impl Drop for Watchdog {
    /// Where the thread was first, the process is about to end: nothing comes behind this any more.
    fn drop(&mut self) {
        while self.over.swap(true, Ordering::SeqCst) {
            thread::park();
        }
    }
}
