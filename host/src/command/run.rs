//! `conductor PLUGIN`: the way through, from what was typed to what is shown.

use std::path::Path;
use std::sync::atomic::Ordering;

use crate::args::PluginCall;
use crate::error::{Error, Result};
use crate::grant::{Grants, UserGrants};
use crate::manifest::{Manifest, Place};
use crate::place::{self, Project};
use crate::plugin::Plugin;
use crate::process::STARTED;
use crate::render::Render;
use crate::sandbox::cache::COUNTS;
use crate::sandbox::{Invocation, Run, Sandbox};

use super::watch;

/// A plugin that is ready to be run, any number of times.
pub(super) struct Ready {
    pub(super) plugin: Plugin,
    pub(super) grants: Grants,
    pub(super) invocation: Invocation,
    pub(super) sandbox: Sandbox,
}

/// Runs a bundled plugin; the exit code.
pub(super) fn bundled(render: &Render, name: &str, call: &PluginCall) -> u8 {
    let render = render.of_plugin(name, format!("conductor {name}"), call.form);
    let Some(plugin) = Plugin::bundled(name) else {
        return render.error(&Error::bug(&anyhow::anyhow!("the index does not know `{name}`")), &[]);
    };
    run(&render, plugin, &UserGrants::Declared, call)
}

/// Runs a plugin; the exit code.
pub(super) fn run(render: &Render, plugin: Plugin, user: &UserGrants, call: &PluginCall) -> u8 {
    match prepare(render, plugin, user, call) {
        Ok(ready) if call.watch => watch::watch(render, &ready),
        Ok(ready) => once(render, &ready),
        Err(error) => render.error(&error, &[]),
    }
}

fn prepare(render: &Render, plugin: Plugin, user: &UserGrants, call: &PluginCall) -> Result<Ready> {
    let project = find_project(&plugin.manifest, call.project.as_deref())?;
    let grants = Grants::of(&plugin.manifest, user)?;
    let shown = render.clone();
    let on_compile = move |plugin: &Plugin| shown.progress(&format!("compiling {}, once", plugin.title()));
    let arguments = serde_json::to_string(&call.arguments).expect("it is JSON");
    let invocation = Invocation {
        arguments,
        format: render.format(),
        project,
    };
    Ok(Ready {
        plugin,
        grants,
        invocation,
        sandbox: Sandbox::new(on_compile)?,
    })
}

fn find_project(manifest: &Manifest, named: Option<&Path>) -> Result<Option<Project>> {
    let wanted = manifest.files.iter().any(|wish| wish.place == Place::Project);
    if wanted || named.is_some() {
        place::find(Path::new("."), named).map(Some)
    } else {
        Ok(None)
    }
}

fn once(render: &Render, ready: &Ready) -> u8 {
    let run = ready.run(render);
    render.detail(&run.log);
    render.detail(&format!(
        "components compiled, examined, taken from the cache: {COUNTS}; processes started: {}",
        STARTED.load(Ordering::Relaxed)
    ));
    let notes: Vec<String> = ready.notes().into_iter().chain(run.warning).collect();
    render.result(&run.result, &notes)
}

impl Ready {
    pub(super) fn run(&self, render: &Render) -> Run {
        let shown = render.clone();
        let stuck = move |error: Error| end_process(&shown, &error);
        let mut run = self
            .sandbox
            .run(&self.plugin, &self.grants, self.invocation.clone(), stuck);
        if let Err(error) = &mut run.result {
            name_refusals(error, &run.refusals);
        }
        run
    }

    /// What the host has to say beside the outcome.
    pub(super) fn notes(&self) -> Vec<String> {
        self.invocation.project.iter().filter_map(Project::note).collect()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a call of the host that does not come back can't be returned from"
)]
fn end_process(render: &Render, error: &Error) {
    std::process::exit(render.error(error, &[]).into())
}

/// A plugin may have dropped a refusal on its way to a failure of its own; a person still needs to see it.
fn name_refusals(error: &mut Error, refusals: &[String]) {
    for refusal in refusals.iter().filter(|refusal| **refusal != error.message) {
        if !error.details.contains(refusal) {
            let separator = if error.details.is_empty() { "" } else { "\n" };
            error
                .details
                .push_str(&format!("{separator}refused before that: {refusal}"));
        }
    }
}
