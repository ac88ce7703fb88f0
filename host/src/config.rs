//! The user's configuration, `config.json` in the configuration folder: programs and the town, where they are not found by
//! themselves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::user_file::{self, Content};

/// The content of `config.json`, published as `docs/schema/config.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The version of this form: 1.
    version: u32,
    /// Where programs lie, by the names that manifests give them: absolute paths. Others are looked for on the search path.
    #[serde(default, deserialize_with = "crate::unique::map")]
    pub programs: BTreeMap<String, PathBuf>,
    /// Gas Town's workspace: an absolute path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub town: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            programs: BTreeMap::new(),
            town: None,
        }
    }
}

impl Content for Config {
    const NAME: &'static str = "config.json";
    const VERSION: u32 = 1;
    const WITHOUT: &'static str = "programs are looked for on the search path, and the town in its usual places";

    fn check(&self) -> std::result::Result<(), String> {
        for (name, path) in &self.programs {
            if name.is_empty() || name.contains(['/', '\0']) {
                return Err(format!(
                    "`{}` in `programs` is no name of a program",
                    name.escape_debug()
                ));
            }
            check_absolute(path, &format!("`programs.{}`", name.escape_debug()))?;
        }
        self.town
            .as_deref()
            .map_or(Ok(()), |town| check_absolute(town, "`town`"))
    }
}

fn check_absolute(path: &Path, what: &str) -> std::result::Result<(), String> {
    if path.is_absolute() {
        return Ok(());
    }
    Err(format!(
        "{what} is `{}`, which is no absolute path (`~` is not expanded)",
        path.display()
    ))
}

/// Reads it; the default where there is none.
///
/// # Errors
/// When it is not right, or others could have written it.
pub fn read() -> Result<Config> {
    user_file::read()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        crate::published::check::<Config>("config");
    }

    #[test]
    fn paths_are_absolute_and_names_are_names() {
        let wrong = |text: &str| {
            let config: Config = serde_json::from_str(text).expect("its form is right");
            config.check().expect_err(text)
        };
        assert!(wrong(r#"{"version": 1, "town": "~/gt"}"#).contains("`town` is `~/gt`"));
        assert!(wrong(r#"{"version": 1, "programs": {"gt": "bin/gt"}}"#).contains("`programs.gt`"));
        assert!(wrong(r#"{"version": 1, "programs": {"a/b": "/bin/gt"}}"#).contains("no name"));
        let right: Config = serde_json::from_str(r#"{"version": 1, "programs": {"gt": "/opt/gt"}}"#).expect("right");
        assert_eq!(right.check(), Ok(()));
        assert!(serde_json::from_str::<Config>(r#"{"version": 1, "programs": {"a": "/a", "a": "/b"}}"#).is_err());
    }
}
