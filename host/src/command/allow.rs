//! `conductor plugin allow`: gives a plugin grants, by a person at a terminal.

use super::decision::{self, Decided, listed, named, names};
use super::question::{self, Open};
use super::wishes::{Row, table};
use crate::ask::Person;
use crate::audit::Decision;
use crate::error::Result;
use crate::grant::{Wish, chosen};
use crate::render::Render;
use crate::{grant_file, user_file};

/// Grants what is named, or asks which of the wishes that are not granted yet.
pub(super) fn allow(render: &Render, name: &str, grants: &[String], json: bool) -> Result<u8> {
    let plugin = named(name)?;
    let wishes: Vec<Wish> = grant_file::grants(&plugin)?.wishes().collect();
    let meant = chosen(&plugin.manifest, &wishes, grants)?;
    let open: Vec<Wish> = meant.into_iter().filter(|wish| !wish.granted).collect();
    let command = std::iter::once(name).chain(grants.iter().map(String::as_str));
    let command = format!("conductor plugin allow {}", command.collect::<Vec<_>>().join(" "));
    let new = if open.is_empty() {
        Vec::new()
    } else {
        ask(
            &Person::find("what a plugin may do", &command)?,
            render,
            &open,
            !grants.is_empty(),
        )?
    };
    if !new.is_empty() {
        decision::carry_out(Decision::Allow, name, &plugin.digest, &names(&new), || {
            grant_file::allow(&plugin, &new)
        })?;
    }
    let mut decided = Decided::new(Decision::Allow, name, Some(&plugin.digest));
    decided.grants = names(&new);
    decided.granted = names(
        grant_file::grants(&plugin)?
            .wishes()
            .filter(|wish| wish.granted)
            .collect::<Vec<_>>()
            .iter(),
    );
    let sentence = sentence(name, &decided, open.len())?;
    Ok(decided.say(render, json, &sentence))
}

/// The wishes that the person grants. Those that were named were meant; only what may run anything is asked about again.
fn ask(person: &Person, render: &Render, open: &[Wish], named: bool) -> Result<Vec<Wish>> {
    if named {
        render.prompt(&table("granted", &open.iter().map(Row::granted).collect::<Vec<_>>()));
        return Ok(open
            .iter()
            .filter(|wish| question::agreed(person, render, wish))
            .cloned()
            .collect());
    }
    let open: Vec<Open<'_>> = open.iter().map(|wish| Open { wish, was: None }).collect();
    Ok(question::ask(person, render, &open)?.into_iter().cloned().collect())
}

fn sentence(name: &str, decided: &Decided<'_>, open: usize) -> Result<String> {
    let new = &decided.grants;
    if open == 0 {
        return Ok(format!("`{name}` holds that already: {}\n", listed(&decided.granted)));
    }
    let mut said = if new.is_empty() {
        format!("Nothing was granted to `{name}`.\n")
    } else {
        format!(
            "Granted {}. Written to {}; undo with `conductor plugin revoke {name} {}`.\n",
            new.len(),
            user_file::path::<grant_file::GrantFile>()?.display(),
            new.join(" ")
        )
    };
    if new.len() < open {
        said.push_str(&format!(
            "Without the others `{name}` runs; what needs one ends with exit 4 and says so.\n"
        ));
    }
    Ok(said)
}
