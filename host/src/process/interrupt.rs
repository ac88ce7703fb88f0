//! Ctrl-C: a terminal sends it to its own process group only, so what was started in other groups has to be ended here.
//!
//! SIGINT, SIGTERM and SIGHUP are listened for from the first start of a program on. The first of them ends what only reads,
//! lets what writes come to its end, and lets nothing more be started; the second kills. Then this process ends with 128 and
//! the number of the signal: 130 for Ctrl-C.

use std::io::{self, PipeWriter, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::spec::{OnInterrupt, Spec, StartError};
use crate::sandbox::limits;

/// How long this program may take to end by itself, temporary files removed, once what it waited for has been ended.
const LEAVE: Duration = Duration::from_millis(300);
/// By what the exit code exceeds the signal's number, as in a shell.
const SIGNALLED: i32 = 128;

/// What is wanted of a program that was started, in the order in which one wish outdoes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Wish {
    GoOn,
    End,
    Interrupt,
    Kill,
}

/// The way to the thread that waits for a program. Only that one sends signals and takes the child from the system's table, so
/// no signal can meet a stranger that was given the number anew.
#[derive(Debug, Default)]
pub(super) struct Control {
    wish: AtomicU8,
    wake: Mutex<Option<PipeWriter>>,
}

impl Control {
    /// The greatest wish so far.
    pub(super) fn wish(&self) -> Wish {
        match self.wish.load(Ordering::SeqCst) {
            0 => Wish::GoOn,
            1 => Wish::End,
            2 => Wish::Interrupt,
            _ => Wish::Kill,
        }
    }

    /// Wishes, and wakes the thread when that is new to it.
    pub(super) fn ask(&self, wish: Wish) {
        if self.wish.fetch_max(wish as u8, Ordering::SeqCst) < wish as u8
            && let Some(wake) = self.wake().as_mut()
        {
            // The thread holds the other end as long as this one is here.
            drop(wake.write_all(&[0]));
        }
    }

    /// Sets what wakes the thread, which has to look for wishes afterwards; nothing when it has ended.
    pub(super) fn wake_by(&self, wake: Option<PipeWriter>) {
        *self.wake() = wake;
    }

    fn wake(&self) -> MutexGuard<'_, Option<PipeWriter>> {
        self.wake.lock().expect("nothing panics while it is held")
    }
}

/// A program that runs now.
struct Live {
    control: Arc<Control>,
    on_interrupt: OnInterrupt,
    title: String,
}

struct State {
    /// Nothing more is started.
    closed: bool,
    exit_code: Option<u8>,
    live: Vec<Live>,
}

/// Signals come to a whole process, so this is one for the process as well.
static STATE: Mutex<State> = Mutex::new(State {
    closed: false,
    exit_code: None,
    live: Vec::new(),
});
static CHANGED: Condvar = Condvar::new();
static SAY: OnceLock<Say> = OnceLock::new();

type Say = Box<dyn Fn(&[String]) + Send + Sync>;

fn state() -> MutexGuard<'static, State> {
    STATE.lock().expect("nothing panics while it is held")
}

/// Sets how a person is told, after the first Ctrl-C, which programs are still waited for. Only the first call counts.
pub fn on_wait(say: impl Fn(&[String]) + Send + Sync + 'static) {
    let _ = SAY.set(Box::new(say));
}

/// The exit code of this process, when it has been interrupted: whatever else comes of the run, it ends with this.
#[must_use]
pub fn exit_code() -> Option<u8> {
    state().exit_code
}

/// Ends everything that was started, writing or not, and lets nothing more be started; returns when all is gone, or little
/// later than a program has for its end. For a process that has to end at once.
pub fn end_all() {
    let mut state = state();
    state.closed = true;
    state.live.iter().for_each(|live| live.control.ask(Wish::Interrupt));
    drop(wait_for_all(state, Some(2 * limits::GRACE)));
}

/// Whether a program runs, for as long as it does.
pub(super) struct Entered<'a>(&'a Arc<Control>);

/// Before a program is started: from here on Ctrl-C reaches it.
///
/// # Errors
/// When it must not be started any more.
pub(super) fn enter<'a>(control: &'a Arc<Control>, spec: &Spec) -> Result<Entered<'a>, StartError> {
    listen().map_err(|error| StartError::System(spec.program.path.clone(), error))?;
    let mut state = state();
    if state.closed {
        return Err(StartError::Interrupted);
    }
    if control.wish() > Wish::GoOn {
        return Err(StartError::Killed);
    }
    state.live.push(Live {
        control: Arc::clone(control),
        on_interrupt: spec.on_interrupt,
        title: spec.program.name.clone(),
    });
    Ok(Entered(control))
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.wake_by(None);
        state().live.retain(|live| !Arc::ptr_eq(&live.control, self.0));
        CHANGED.notify_all();
    }
}

/// Listens for signals, once in the life of a process.
fn listen() -> io::Result<()> {
    static LISTENS: Mutex<bool> = Mutex::new(false);
    let mut listens = LISTENS.lock().expect("nothing panics while it is held");
    if !*listens {
        let heard: Vec<i32> = [SIGINT, SIGTERM, SIGHUP]
            .into_iter()
            .filter(|signal| !is_ignored(*signal))
            .collect();
        let mut signals = Signals::new(heard)?;
        thread::Builder::new().spawn(move || signals.forever().for_each(interrupt))?;
        *listens = true;
    }
    Ok(())
}

/// `nohup` and scripts that start us in the background have a signal ignored, and mean it. (Only Linux tells.)
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// One signal. The first also starts the way out.
fn interrupt(signal: i32) {
    let mut state = state();
    if state.exit_code.is_some() {
        return state.live.iter().for_each(|live| live.control.ask(Wish::Kill));
    }
    let code = u8::try_from(SIGNALLED + signal).expect("there are 64 signals");
    state.closed = true;
    state.exit_code = Some(code);
    let (ended, kept): (Vec<&Live>, Vec<&Live>) = state
        .live
        .iter()
        .partition(|live| live.on_interrupt == OnInterrupt::End);
    ended.iter().for_each(|live| live.control.ask(Wish::Interrupt));
    let kept: Vec<String> = kept.iter().map(|live| live.title.clone()).collect();
    let was_idle = state.live.is_empty();
    drop(state);
    // The listening thread has to be there for a second signal.
    thread::spawn(move || leave(code, was_idle, &kept));
}

/// Ends the process once nothing runs any more; the program itself may be faster, and then cleans up.
fn leave(code: u8, was_idle: bool, kept: &[String]) {
    if let (false, Some(say)) = (kept.is_empty(), SAY.get()) {
        say(kept);
    }
    drop(wait_for_all(state(), None));
    if !was_idle {
        thread::sleep(LEAVE);
    }
    std::process::exit(code.into())
}

fn wait_for_all(mut state: MutexGuard<'static, State>, most: Option<Duration>) -> MutexGuard<'static, State> {
    let until = most.map(|most| Instant::now() + most);
    while !state.live.is_empty() {
        let rest = until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()));
        if rest.is_zero() {
            break;
        }
        state = CHANGED
            .wait_timeout(state, rest)
            .expect("nothing panics while it is held")
            .0;
    }
    state
}
