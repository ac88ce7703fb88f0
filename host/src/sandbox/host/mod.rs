//! One file for each interface that a plugin imports: check, call, translate.

use crate::audit::Audit;
use crate::grant::Denial;

mod files;
mod invocation;
mod lock;
mod process;
mod progress;

/// `interface types` has no functions.
impl super::bindings::types::Host for super::State {}

/// An error that no grant would change.
pub(super) fn plain(code: &str, message: String) -> super::bindings::types::Error {
    super::bindings::types::Error {
        code: code.to_owned(),
        message,
        grant: None,
    }
}

/// Tells a refusal to the person, to the audit log and to the plugin, in the same words.
fn refuse(refusals: &mut super::Refusals, audit: &Audit, denial: Denial) -> super::bindings::types::Error {
    audit.refused(denial.code, &denial.message);
    refusals.refuse(denial)
}
