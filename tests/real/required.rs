//! What a test says when a part is missing that a checkout of this repository does not bring along.

use std::io::Write as _;
use std::sync::Once;

/// Says once that tests skip, and why. `None`, so that the test can end; where `CI` or `CONDUCTOR_REQUIRE_REAL` is set it panics
/// instead, for there nothing may be skipped.
pub(crate) fn skip<T>(tests: &str, why: &str) -> Option<T> {
    let set = |name| std::env::var(name).is_ok_and(|value| !["", "0", "false"].contains(&value.as_str()));
    assert!(
        !set("CI") && !set("CONDUCTOR_REQUIRE_REAL"),
        "{why} (CI or CONDUCTOR_REQUIRE_REAL is set: required here)"
    );
    // Not by `eprintln!`, which the test harness keeps to itself when a test passes.
    static SAID: Once = Once::new();
    SAID.call_once(|| writeln!(std::io::stderr(), "skipped, {tests}: {why}").expect("standard error"));
    None
}
