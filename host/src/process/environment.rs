//! The environment that a started program gets: what it needs to work and to print plainly, and nothing of the user's keys.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

/// Names that are passed on where the user has them.
const PASSED: [&str; 4] = ["HOME", "USER", "LANG", "TMPDIR"];
/// Names that begin like this, likewise.
const PASSED_FAMILIES: [&str; 2] = ["LC_", "XDG_"];
/// What makes programs print for a machine (<https://no-color.org>).
const SET: [(&str, &str); 2] = [("TERM", "dumb"), ("NO_COLOR", "1")];

/// The user's environment, as far as programs may see it.
#[derive(Clone, Debug)]
pub struct Environment {
    all: BTreeMap<OsString, OsString>,
    path: OsString,
}

impl Environment {
    /// Takes the user's variables, and the search path for programs that a program starts itself: [`super::Programs::path`].
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (OsString, OsString)>, path: OsString) -> Self {
        let all = variables.into_iter().collect();
        Self { all, path }
    }

    /// The environment of one program: the common part, the variables of the user that its manifest asks for by name, and those
    /// that the manifest sets. `PATH` is always ours.
    #[must_use]
    pub fn of(&self, set: &BTreeMap<String, String>, passes: impl Fn(&str) -> bool) -> BTreeMap<OsString, OsString> {
        let is_passed = |name: &OsStr| is_common(name) || name.to_str().is_some_and(&passes);
        let pair = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
        let mut env: BTreeMap<_, _> = SET.iter().map(|(name, value)| pair(name, value)).collect();
        let of_user = self.all.iter().filter(|(name, _)| is_passed(name));
        env.extend(of_user.map(|(name, value)| (name.clone(), value.clone())));
        env.extend(set.iter().map(|(name, value)| pair(name, value)));
        env.insert("PATH".into(), self.path.clone());
        env
    }
}

fn is_common(name: &OsStr) -> bool {
    PASSED.iter().any(|passed| name == *passed)
        || PASSED_FAMILIES
            .iter()
            .any(|family| name.as_encoded_bytes().starts_with(family.as_bytes()))
}
