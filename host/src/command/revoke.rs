//! `conductor plugin revoke`: takes grants back. That asks nobody: a plugin that may do less can't harm.

use super::decision::{self, Decided, listed, named, names};
use crate::audit::Decision;
use crate::error::Result;
use crate::grant::{Wish, chosen};
use crate::grant_file;
use crate::render::Render;

/// Takes back what is named, or all.
pub(super) fn revoke(render: &Render, name: &str, grants: &[String], json: bool) -> Result<u8> {
    let plugin = named(name)?;
    let wishes: Vec<Wish> = grant_file::grants(&plugin)?.wishes().collect();
    let meant = chosen(&plugin.manifest, &wishes, grants)?;
    let held: Vec<Wish> = meant.into_iter().filter(|wish| wish.granted).collect();
    if !held.is_empty() {
        decision::carry_out(Decision::Revoke, name, &plugin.digest, &names(&held), || {
            grant_file::revoke(&plugin, &held)
        })?;
    }
    let left: Vec<Wish> = grant_file::grants(&plugin)?
        .wishes()
        .filter(|wish| wish.granted)
        .collect();
    let mut decided = Decided::new(Decision::Revoke, name, Some(&plugin.digest));
    decided.grants = names(&held);
    decided.granted = names(&left);
    let sentence = if held.is_empty() {
        format!("`{name}` did not hold that; it holds {}\n", listed(&decided.granted))
    } else {
        format!(
            "Took back {} from `{name}`; it holds {}\n",
            listed(&decided.grants),
            listed(&decided.granted)
        )
    };
    Ok(decided.say(render, json, &sentence))
}
