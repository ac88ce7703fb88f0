//! The clock of a taped run: it goes on with the calls of the plugin, so that a replay can show it the same times.
//!
//! A recording sets it to the real time when a call is answered, and notes that; a replay sets it to what was noted. In between it
//! moves a little each time it is looked at, so that a plugin which waits for a time comes to an end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use wasmtime_wasi::{HostMonotonicClock, HostWallClock};

/// How far it moves when it is looked at.
const LOOK: Duration = Duration::from_micros(100);

/// A clock; clones are the same one.
#[derive(Clone, Debug)]
pub(super) struct Clock(Arc<Mutex<Time>>);

#[derive(Debug)]
struct Time {
    /// Since 1970, in UTC.
    began: Duration,
    /// Since then.
    passed: Duration,
    /// When it began by the real clock, in a recording.
    real: Option<Instant>,
}

impl Clock {
    /// Goes on with the real time, from [`Clock::begin`] on.
    pub(super) fn recording(began_ms: u64) -> Self {
        Self::new(began_ms, Some(Instant::now()))
    }

    /// The run begins now: what came before it, such as compiling the plugin, is not seen.
    pub(super) fn begin(&self) {
        let mut time = self.time();
        time.real = time.real.map(|_| Instant::now());
    }

    /// Begins at the time of a tape.
    pub(super) fn replay(began_ms: u64) -> Self {
        Self::new(began_ms, None)
    }

    fn new(began_ms: u64, real: Option<Instant>) -> Self {
        Self(Arc::new(Mutex::new(Time {
            began: Duration::from_millis(began_ms),
            passed: Duration::ZERO,
            real,
        })))
    }

    fn time(&self) -> MutexGuard<'_, Time> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call was answered: sets it to the real time; the milliseconds since the beginning, for the tape.
    pub(super) fn answered(&self) -> u64 {
        let mut time = self.time();
        let real = time.real.map_or(Duration::ZERO, |began| began.elapsed());
        let passed = time.passed.max(real).as_nanos().div_ceil(1_000_000);
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        time.passed = Duration::from_millis(passed);
        passed
    }

    /// A call was answered from the tape. Time does not go backwards when a plugin waits in another order than on the tape.
    pub(super) fn set(&self, ms: u64) {
        let mut time = self.time();
        time.passed = time.passed.max(Duration::from_millis(ms));
    }

    fn look(&self) -> (Duration, Duration) {
        let mut time = self.time();
        time.passed = time.passed.saturating_add(LOOK);
        (time.began, time.passed)
    }
}

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        LOOK
    }

    fn now(&self) -> Duration {
        let (began, passed) = self.look();
        began.saturating_add(passed)
    }
}

impl HostMonotonicClock for Clock {
    fn resolution(&self) -> u64 {
        u64::try_from(LOOK.as_nanos()).unwrap_or(u64::MAX)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.look().1.as_nanos()).unwrap_or(u64::MAX)
    }
}
