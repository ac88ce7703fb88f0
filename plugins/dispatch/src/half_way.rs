//! What a run has done before it was stopped: that stays done, and is said with what stopped it.

use conductor_plugin::Failure;

/// A failure with what was done before it.
#[must_use]
pub fn said(failure: Failure, done: &[String]) -> Failure {
    if done.is_empty() {
        return failure;
    }
    let before = match failure.details.as_str() {
        "" => String::new(),
        details => format!("{}\n", details.trim_end()),
    };
    let done = format!("{before}done before that, and stays:\n{}", done.join("\n"));
    failure.detailed(done)
}
