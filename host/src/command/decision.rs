//! What a person decides about a plugin: written down in the audit log before it is carried out, and said afterwards.

use serde::Serialize;

use crate::args::Form;
use crate::audit::{self, Audit, Decision, Deed, Outcome};
use crate::error::{Error, Result};
use crate::grant::Wish;
use crate::plugin::{self, Plugin};
use crate::render::Render;
use crate::visible;

/// The version of the data of `--json`.
const SCHEMA: &str = "conductor.decision/1";

/// The data of `--json`, published as `docs/schema/decision.json`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Decided<'a> {
    schema: &'static str,
    pub(super) decision: Decision,
    /// The plugin's name.
    pub(super) plugin: &'a str,
    /// The SHA-256 of its component, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) digest: Option<&'a str>,
    /// The grants that were decided about.
    pub(super) grants: Vec<String>,
    /// The grants that the plugin holds now.
    pub(super) granted: Vec<String>,
}

impl<'a> Decided<'a> {
    pub(super) fn new(decision: Decision, plugin: &'a str, digest: Option<&'a str>) -> Self {
        Self {
            schema: SCHEMA,
            decision,
            plugin,
            digest,
            grants: Vec::new(),
            granted: Vec::new(),
        }
    }

    /// Says it: data, or the sentence for a person; the exit code.
    pub(super) fn say(&self, render: &Render, json: bool, sentence: &str) -> u8 {
        if json {
            render.in_form(Form::Json).data(self, &[])
        } else {
            render.text(sentence)
        }
    }
}

/// Carries a decision out, once it is in the audit log.
///
/// # Errors
/// When it can't be written down, and then nothing is done; or what carrying it out gives.
pub(super) fn carry_out(
    decision: Decision,
    plugin: &str,
    digest: &str,
    grants: &[String],
    carry_out: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let audit = Audit::open(audit::Run {
        plugin: plugin.to_owned(),
        digest: digest.to_owned(),
        project: None,
        arguments: "{}".to_owned(),
    });
    let pending = audit.begin_write(Deed::Decision(decision, grants))?;
    let done = carry_out();
    pending.end(match &done {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Failed(error.code.clone()),
    });
    done
}

/// The names of wishes.
pub(super) fn names<'w>(wishes: impl IntoIterator<Item = &'w Wish>) -> Vec<String> {
    wishes.into_iter().map(|wish| wish.name.clone()).collect()
}

/// "`a`, `b`", or "none".
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => format!("`{}`", names.join("`, `")),
    }
}

/// The bundled or installed plugin of a name.
///
/// # Errors
/// When there is none, or it is not to be trusted.
pub(super) fn named(name: &str) -> Result<Plugin> {
    match Plugin::named(name)? {
        Some(plugin) => Ok(plugin),
        None => Err(unknown(name)),
    }
}

/// There is no plugin of this name.
pub(super) fn unknown(name: &str) -> Error {
    let known = plugin::known();
    let error = Error::failed(
        "no-plugin",
        format!("no plugin `{}` is bundled or installed", visible::line(name, 64)),
    );
    match crate::error::near(name, known.names()) {
        Some(name) => error.hinted(format!("did you mean `{name}`? `conductor plugin list` shows all")),
        None => error.hinted("`conductor plugin list` shows all"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_that_of_the_types() {
        crate::published::check::<Decided<'static>>("decision");
    }
}
