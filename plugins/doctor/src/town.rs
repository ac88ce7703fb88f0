//! The town: whether there is one, what of it runs, which rig of it the project is, and whether the beads of that rig are found.

use conductor_beads::{Kind, answer::or_default};
use conductor_gastown::rig::{Entry, Registry};
use conductor_plugin::{Error, Host};
use serde::Deserialize;

use crate::check::{Check, State};
use crate::facts::Facts;

/// The name of the file grant in `plugin.json`.
const GRANT: &str = "rigs";

/// A convoy, as far as it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Counted {
    /// How many issues are in it.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) total: u64,
}

/// A setting of a database, as `bd config get` prints it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Setting {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) value: String,
}

/// The town's list of rigs.
///
/// # Errors
/// The host's own: there is no town, or the grant was revoked. A list that is not JSON is `unreadable`.
pub(crate) fn registry(host: &dyn Host) -> Result<Registry, Error> {
    let bytes = host.read(GRANT, "")?;
    serde_json::from_slice(&bytes).map_err(|error| Error {
        code: "unreadable".to_owned(),
        message: format!("the town's `mayor/rigs.json` can't be read: {error}"),
        grant: None,
    })
}

/// The rig that has one of these addresses.
pub(crate) fn rig(registry: Option<&Registry>, remotes: &[String]) -> Option<(String, Entry)> {
    let registry = registry?;
    let name = registry.of_repository(remotes)?;
    Some((name.to_owned(), registry.rigs.get(name)?.clone()))
}

/// All that there is to say of the town, in the order in which one sets it up.
pub(crate) fn checks(facts: &Facts) -> Vec<Check> {
    if let Err(error) = &facts.registry {
        return vec![no_town(error)];
    }
    let mut checks = vec![Check::ok("town", "a town is there"), dolt_server(facts), daemon(facts)];
    if !facts.name.is_empty() {
        checks.push(of_project(facts));
        checks.extend(prefix(facts));
    }
    checks
}

fn no_town(error: &Error) -> Check {
    let name = "town";
    match error.code.as_str() {
        "no-place" | "not-found" => Check::missing(name, error.message.clone()).next(
            "`gt install ~/gt --git`; where it stops at `pending schema migrations`, that gt was built with another Beads than your bd",
        ),
        "denied" => Check::new(name, State::Unknown, error.message.clone())
            .next(format!("in a terminal: `conductor plugin allow doctor {GRANT}`")),
        _ => Check::new(name, State::Unknown, error.message.clone()).next("`gt doctor` in the town"),
    }
}

fn dolt_server(facts: &Facts) -> Check {
    let name = "dolt-server";
    match &facts.town {
        Ok(town) if town.is_dolt_down() => {
            Check::missing(name, "the town's Dolt server is down").next("`gt dolt start` in the town")
        }
        Ok(_) => Check::ok(name, "its Dolt server runs"),
        Err(error) => Check::unknown(name, error),
    }
}

/// The daemon is not needed: a dispatch does what it would do. It costs agents, so that it runs is worth knowing.
fn daemon(facts: &Facts) -> Check {
    let name = "daemon";
    match &facts.town {
        Ok(town) if town.daemon.running => Check::ok(name, "its daemon runs: it feeds every open convoy by itself"),
        Ok(_) => Check::ok(name, "its daemon does not run, and need not"),
        Err(error) => Check::unknown(name, error),
    }
}

fn of_project(facts: &Facts) -> Check {
    let name = "rig";
    if let Some((rig, _)) = &facts.rig {
        return Check::ok(name, format!("rig {rig}")).found(rig).brief();
    }
    match &facts.remotes {
        Ok(remotes) => match remotes.first() {
            None => Check::missing(
                name,
                "the project has no remote repository, and a rig is a clone of one",
            )
            .next("`git remote add origin URL`, and push it"),
            Some(url) => Check::missing(name, "the project is no rig of the town").next(format!(
                "`gt rig add {} {}` in the town, then `gt dolt init-rig {0}`",
                conductor_gastown::rig::name_for(&facts.name),
                to_type(url),
            )),
        },
        Err(error) => Check::unknown(name, error),
    }
}

/// An address as it can be typed: without the password that may stand in it, and only where a shell takes it for what it is.
fn to_type(url: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@:/._~+%-".contains(c);
    if !url.chars().all(plain) || url.starts_with('-') {
        return "URL".to_owned();
    }
    match url.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => {
            let host = rest.find('/').unwrap_or(rest.len());
            let start = rest[..host].rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[start..])
        }
        _ => url.to_owned(),
    }
}

/// gt 1.2.1 gives the database of a new rig the rig's name as prefix, whatever was asked for; such beads are not found by gt.
fn prefix(facts: &Facts) -> Option<Check> {
    let name = "prefix";
    let (rig, entry) = facts.rig.as_ref()?;
    let wanted = entry.beads.prefix.as_str();
    Some(match facts.rig_prefix.as_ref()? {
        Ok(setting) => match setting.value.as_str() {
            "" => Check::missing(name, format!("rig {rig} has no beads"))
                .next(format!("`gt dolt init-rig {rig}` in the town")),
            prefix if wanted.is_empty() || prefix == wanted => {
                Check::ok(name, format!("its beads begin with `{prefix}-`"))
            }
            prefix => Check::missing(
                name,
                format!("new beads of rig {rig} begin with `{prefix}-`, and gt looks for `{wanted}-`"),
            )
            .next(format!("`gt dolt init-rig {rig}` in the town")),
        },
        // That is said already.
        Err(error) if error.kind == Kind::ServerDown || facts.bd.is_err() => return None,
        Err(error) => Check::unknown(name, error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_be_typed_holds_no_password_and_no_odd_sign() {
        for (url, shown) in [
            (
                "https://me:token@github.com/acme/shop.git",
                "https://github.com/acme/shop.git",
            ),
            ("https://github.com/acme/shop.git", "https://github.com/acme/shop.git"),
            ("ssh://git@github.com/acme/shop", "ssh://git@github.com/acme/shop"),
            ("https://example.com/$(touch x)", "URL"),
            ("--upload-pack=x", "URL"),
            ("git@github.com:acme/shop.git", "git@github.com:acme/shop.git"),
        ] {
            assert_eq!(to_type(url), shown);
        }
    }
}
