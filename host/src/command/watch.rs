//! `--watch`: shows a plugin's outcome again whenever something changes, until Ctrl-C.

use std::io::IsTerminal;
use std::thread;
use std::time::{Duration, Instant};

use crate::args::PluginCall;
use crate::error::Error;
use crate::render::Render;
use crate::tape::{Tape, state_of_conductor};

use super::plan;
use super::run::Ready;

/// How often it looks. A run takes a few milliseconds, so looking is running; the screen changes only when the outcome does.
const EVERY: Duration = Duration::from_millis(500);

/// The longest that a plugin can ask to be left alone: files that change are seen at once all the same.
const MOST: Duration = Duration::from_mins(10);

/// Runs the plugin until the process is ended, its terminal is gone, or what `--yes` begins fails.
pub(super) fn watch(render: &Render, mut ready: Ready, call: &PluginCall) -> u8 {
    if !std::io::stdout().is_terminal() {
        let error = Error::usage("`--watch` needs a terminal").hinted("leave it out, or ask again from a script");
        return render.error(&error, &[]);
    }
    let mut shown = None;
    loop {
        let mut run = ready.run(render, Tape::Off);
        match plan::begin_watched(render, &mut ready, call, &run) {
            // Failing again and again would help nobody.
            Ok(Some(begun)) if begun.result.is_err() => return render.result(&begun.result, &ready.notes()),
            Ok(Some(begun)) => run = begun,
            Ok(None) => {}
            Err(error) => return render.error(&error, &[]),
        }
        let seen = format!("{:?}", run.result);
        if shown.as_ref() != Some(&seen) {
            render.screen(&run.result, &ready.notes());
            shown = Some(seen);
        }
        wait(&ready, run.again_after);
        // Below `nohup` nobody says so.
        if !std::io::stdout().is_terminal() {
            return 0;
        }
    }
}

/// Waits until it is worth looking again: as long as the plugin has said, unless the project's `conductor/` changes before.
fn wait(ready: &Ready, again_after: Option<Duration>) {
    let Some(after) = again_after else {
        return thread::sleep(EVERY);
    };
    let until = Instant::now() + after.clamp(EVERY, MOST);
    let before = state_of_conductor(&ready.invocation);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        thread::sleep(left.min(EVERY));
        if state_of_conductor(&ready.invocation) != before || !std::io::stdout().is_terminal() {
            return;
        }
    }
}
