//! Time: stops a plugin that computes or runs too long, and ends the process when a call of the host does not come back.
//!
//! A thread of its own raises the engine's epoch; the plugin's compiled code looks at it in every loop and call, and asks
//! [`Clock::check`]. Time inside calls of the host is taken out of the plugin's computing.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use wasmtime::{CallHook, Engine};

use super::limits::{self, Hit};

/// What a run has used of its time.
#[derive(Debug)]
pub struct Clock {
    started: Instant,
    run: Duration,
    in_host: Duration,
    host_since: Option<Instant>,
}

impl Clock {
    /// Starts to count, for a run that may take this long.
    #[must_use]
    pub fn start(run: Duration) -> Self {
        Self {
            started: Instant::now(),
            run,
            in_host: Duration::ZERO,
            host_since: None,
        }
    }

    /// Follows the plugin into the host and back.
    pub fn cross(&mut self, hook: CallHook) {
        match hook {
            CallHook::CallingHost => self.host_since = Some(Instant::now()),
            CallHook::ReturningFromHost => {
                self.in_host += self.host_since.take().map_or(Duration::ZERO, |since| since.elapsed());
            }
            CallHook::CallingWasm | CallHook::ReturningFromWasm => {}
        }
    }

    /// Whether the plugin still has time.
    ///
    /// # Errors
    /// The bound that it has hit.
    pub fn check(&self) -> Result<(), Hit> {
        let elapsed = self.started.elapsed();
        if elapsed.saturating_sub(self.in_host) > limits::COMPUTING {
            return Err(Hit::Computing);
        }
        if elapsed > self.run {
            Err(Hit::Run(self.run))
        } else {
            Ok(())
        }
    }
}

/// The thread behind the clock; it ends when this is dropped.
#[derive(Debug)]
pub struct Watchdog(#[expect(dead_code, reason = "dropping it ends the thread")] Sender<()>);

impl Watchdog {
    /// Starts it for a run that may take this long. `stuck` is called when the run has not ended well after that, which only a
    /// call of the host that does not come back can do; it ends the process.
    #[must_use]
    pub fn start(engine: &Engine, run: Duration, stuck: impl FnOnce() + Send + 'static) -> Self {
        let (alive, ended) = channel::<()>();
        let engine = engine.weak();
        std::thread::spawn(move || {
            let deadline = Instant::now() + run + limits::STUCK;
            while ended.recv_timeout(limits::TICK) == Err(RecvTimeoutError::Timeout) {
                let Some(engine) = engine.upgrade() else { return };
                engine.increment_epoch();
                if Instant::now() > deadline {
                    return stuck();
                }
            }
        });
        Self(alive)
    }
}
