//! `--watch`: shows a plugin's outcome again whenever something changes, until Ctrl-C.

use std::io::IsTerminal;
use std::time::Duration;

use crate::error::Error;
use crate::render::Render;
use crate::tape::Tape;

use super::run::Ready;

/// How often it looks. A run takes a few milliseconds, so looking is running; the screen changes only when the outcome does.
const EVERY: Duration = Duration::from_millis(500);

/// The longest that it waits, whatever the plugin says.
const MOST: Duration = Duration::from_secs(60);

/// Runs the plugin until the process is ended.
pub(super) fn watch(render: &Render, ready: &Ready) -> u8 {
    if !std::io::stdout().is_terminal() {
        let error = Error::usage("`--watch` needs a terminal").hinted("leave it out, or ask again from a script");
        return render.error(&error, &[]);
    }
    let mut shown = None;
    loop {
        let run = ready.run(render, Tape::Off);
        let seen = format!("{:?}", run.result);
        if shown.as_ref() != Some(&seen) {
            render.screen(&run.result, &ready.notes());
            shown = Some(seen);
        }
        // What a plugin wants later than that is no news to it; what it wants sooner can't be.
        std::thread::sleep(run.again_after.map_or(EVERY, |after| after.clamp(EVERY, MOST)));
    }
}
