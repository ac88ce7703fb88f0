//! Shows a person who waits how far a run has come: a line that changes at a terminal, plain lines now and then elsewhere.
//!
//! Nothing is shown within the first second, so what is quick stays quiet.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Render;
use crate::progress::Progress;

/// From the beginning of a piece of work until it is shown, and between two plain lines: a person does not wait for less.
const QUIET: Duration = Duration::from_secs(1);
/// How often the line at a terminal moves, so that it can be seen to live.
const TICK: Duration = Duration::from_millis(120);

/// Shows progress on stderr, with the plugin's name.
#[derive(Debug)]
pub struct Shown {
    render: Render,
    work: Mutex<Option<Work>>,
}

/// A piece of work: a thread shows it, and hears what is new until this is dropped.
#[derive(Debug)]
struct Work {
    state: State,
    news: Sender<State>,
    shows: JoinHandle<()>,
}

/// How far it has come.
#[derive(Clone, Debug)]
struct State {
    what: String,
    done: u32,
    steps: Option<u32>,
}

impl Shown {
    /// For the runs of a plugin that is shown by `render`.
    pub(super) fn new(render: Render) -> Self {
        Self {
            render,
            work: Mutex::default(),
        }
    }

    /// Changes what is being done; what was there before is let go of only when it is shown no more.
    fn change(&self, change: impl FnOnce(&mut Option<Work>)) {
        change(&mut self.work.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Progress for Shown {
    fn begin(&self, what: &str, steps: Option<u32>) {
        self.change(|work| {
            Work::end(work);
            let state = State {
                what: what.to_owned(),
                done: 0,
                steps,
            };
            *work = Work::begin(state, self.render.clone());
        });
    }

    fn advance(&self, done: u32, what: Option<&str>) {
        self.change(|work| {
            if let Some(work) = work {
                work.state.done = done;
                if let Some(what) = what {
                    what.clone_into(&mut work.state.what);
                }
                // The thread is there until it is told to end.
                let _ = work.news.send(work.state.clone());
            }
        });
    }

    fn end(&self) {
        self.change(Work::end);
    }
}

impl Work {
    /// `None` where the system gives no thread: then it is not shown.
    fn begin(state: State, render: Render) -> Option<Self> {
        let (news, heard) = mpsc::channel();
        let first = state.clone();
        let show = move || show(&render, first, &heard);
        let shows = thread::Builder::new().name("progress".to_owned()).spawn(show).ok()?;
        Some(Self { state, news, shows })
    }

    /// Waits until the line is gone from the terminal, so that what follows does not stand behind it.
    fn end(work: &mut Option<Self>) {
        if let Some(Self { news, shows, .. }) = work.take() {
            drop(news);
            let _ = shows.join();
        }
    }
}

impl State {
    /// `slinging beads (2 of 5)`
    fn line(&self) -> String {
        match self.steps {
            Some(steps) => format!("{} ({} of {steps})", self.what, self.done.min(steps)),
            None => self.what.clone(),
        }
    }
}

fn show(render: &Render, first: State, heard: &Receiver<State>) {
    let Some(state) = latest(first, heard) else { return };
    if io::stderr().is_terminal() {
        line_that_changes(&render.speaker(), state, heard);
    } else {
        plain_lines(render, state, heard);
    }
}

/// What is so after a quiet while; `None` when the work has ended in it.
fn latest(mut state: State, heard: &Receiver<State>) -> Option<State> {
    let until = Instant::now() + QUIET;
    loop {
        match heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(news) => state = news,
            Err(RecvTimeoutError::Timeout) => return Some(state),
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
}

fn line_that_changes(name: &str, state: State, heard: &Receiver<State>) {
    let style = ProgressStyle::with_template("{spinner} {prefix}: {msg} ({elapsed})").expect("it is a template");
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        .with_style(style)
        .with_elapsed(QUIET);
    bar.set_prefix(name.to_owned());
    bar.set_message(state.line());
    bar.enable_steady_tick(TICK);
    heard.iter().for_each(|news| bar.set_message(news.line()));
    bar.finish_and_clear();
}

fn plain_lines(render: &Render, mut state: State, heard: &Receiver<State>) {
    let mut said = String::new();
    loop {
        let line = state.line();
        if line != said {
            render.to_stderr(&format!("{}: {line}\n", render.speaker()));
            said = line;
        }
        let Some(now) = latest(state, heard) else { return };
        state = now;
    }
}
