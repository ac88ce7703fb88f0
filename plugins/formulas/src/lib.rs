//! Formulas of Beads: the ones that are bundled ([`bundled`]), and a reader that names every fault with its line ([`read`]).
//!
//! What a formula may hold is what `bd` 1.0.5 and `gt` 1.2.1 take, which read the same file with two parsers: `bd` wants a title of
//! each step, `gt` wants no cycle, and neither says that a key which it does not know is lost. Here each is a [`Finding`].

pub mod bundled;
mod finding;
mod keys;
mod read;
mod rules;
mod variables;

pub use bundled::{Bundled, Installed};
pub use finding::Finding;
pub use read::{Formula, Step, Variable, read};

/// How the name of a formula's file ends.
pub const SUFFIX: &str = ".formula.toml";

/// Where `bd` and `gt` look for formulas, below a project, a rig or a town.
pub const FOLDER: &str = ".beads/formulas";

/// Whether a text is a name that a formula's file can have, and that `bd` takes as one.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.len() <= 128
        && name.bytes().all(plain)
        && name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
}
