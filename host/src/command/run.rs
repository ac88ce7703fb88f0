//! `conductor PLUGIN`: the way through, from what was typed to what is shown.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::agreement::{Agreement, Party};
use crate::args::PluginCall;
use crate::audit::{self, Audit};
use crate::error::{Error, Result};
use crate::grant::{Grants, UserGrants};
use crate::grant_file;
use crate::place::{Places, Project};
use crate::plugin::{MANIFESTS_READ, Plugin};
use crate::process::{STARTED, interrupt};
use crate::render::Render;
use crate::sandbox::cache::COUNTS;
use crate::sandbox::{Invocation, Run, Sandbox};
use crate::tape::Tape;

use super::{compiling, plan, town, watch};

/// How long the end of a run that hangs may take to be written down: the log's own lock is waited for 2 s.
const AUDIT: Duration = Duration::from_secs(3);

/// A plugin that is ready to be run, any number of times.
pub(super) struct Ready {
    pub(super) plugin: Plugin,
    pub(super) grants: Grants,
    pub(super) invocation: Invocation,
    pub(super) sandbox: Sandbox,
    /// One for all runs of `--watch`, so that what is refused each time is written down once.
    pub(super) audit: Audit,
    /// For whom its plans are agreed to, where it makes any.
    pub(super) party: Option<Party>,
    /// Whether the next run uses up a yes.
    pub(super) is_once: bool,
    /// The yes that the present run uses up.
    pub(super) spent: Option<Agreement>,
    /// What the runs have now as their arguments: those that were typed, or those of a choice.
    pub(super) arguments: Map<String, Value>,
    /// The choices that `--choose` has answered, by their codes.
    pub(super) chosen: BTreeSet<String>,
}

/// Runs a bundled or installed plugin; the exit code.
pub(super) fn named(render: &Render, name: &str, call: &PluginCall) -> u8 {
    let render = render.of_plugin(name, format!("conductor {name}"), call.form);
    match with_grants(name) {
        Ok((plugin, user)) => run(&render, plugin, &user, call),
        Err(error) => render.error(&error, &[]),
    }
}

fn with_grants(name: &str) -> Result<(Plugin, UserGrants)> {
    let gone = || Error::failed("no-plugin", format!("the plugin `{name}` was removed meanwhile"));
    let plugin = Plugin::named(name)?.ok_or_else(gone)?;
    let user = grant_file::of(&plugin)?;
    Ok((plugin, user))
}

/// Runs a plugin; the exit code.
pub(super) fn run(render: &Render, plugin: Plugin, user: &UserGrants, call: &PluginCall) -> u8 {
    match prepare(render, plugin, user, call, session()) {
        Ok(ready) if call.watch => watch::watch(render, ready, call),
        Ok(mut ready) => match opened_tape(&ready, call) {
            Ok(tape) => rounds(render, &mut ready, call, tape),
            Err(error) => render.error(&error, &[]),
        },
        Err(error) => render.error(&error, &[]),
    }
}

fn prepare(
    render: &Render,
    plugin: Plugin,
    user: &UserGrants,
    call: &PluginCall,
    session: Option<String>,
) -> Result<Ready> {
    if call.tape.is_some() && (call.yes || call.choose.is_some()) {
        return Err(
            Error::usage("`--yes` and `--choose` lead from one run to another, and a tape is of one")
                .hinted("tape that other run by its own arguments: `--apply PLAN`, or those of the choice"),
        );
    }
    if call.watch && call.tape.is_some() {
        return Err(
            Error::usage("`--watch` runs a plugin again and again, and a tape is of one run")
                .hinted("leave out `--watch`, or `--record` and `--replay`"),
        );
    }
    let mut places = Places::of(&plugin.manifest, call.project.as_deref())?;
    town::confirm(render, call.form, &mut places)?;
    let grants = Grants::of(&plugin.manifest, user)?;
    let arguments = serde_json::to_string(&call.arguments).expect("it is JSON");
    let audit = opened(&plugin, &places, &arguments);
    let invocation = Invocation {
        arguments,
        format: render.format(),
        places,
        dry_run: call.dry_run,
        applies: None,
        session,
        over: Vec::new(),
        consents: Vec::new(),
    };
    let mut sandbox = Sandbox::new(compiling(render))?;
    // A screen that is drawn again and again shows what is; a line between two of them would only flicker.
    if let Some(waiting) = render.waiting().filter(|_| !call.watch) {
        sandbox = sandbox.telling(waiting);
    }
    let mut ready = Ready {
        plugin,
        grants,
        invocation,
        sandbox,
        audit,
        party: None,
        is_once: false,
        spent: None,
        arguments: call.arguments.clone(),
        chosen: BTreeSet::new(),
    };
    plan::prepare(render, &mut ready, call)?;
    Ok(ready)
}

fn opened(plugin: &Plugin, places: &Places, arguments: &str) -> Audit {
    Audit::open(audit::Run {
        plugin: plugin.manifest.name.clone(),
        digest: plugin.digest.clone(),
        project: places.project.as_ref().map(|project| project.path.clone()),
        arguments: arguments.to_owned(),
    })
}

/// The tape of a run. One that is replayed has to be of the plan that is named: it begins nothing, and so needs no yes.
fn opened_tape(ready: &Ready, call: &PluginCall) -> Result<Tape> {
    let tape = Tape::open(call.tape.as_ref(), &ready.plugin, &ready.invocation)?;
    let of_tape = tape
        .replayed()
        .map(|header| header.applies.as_deref().unwrap_or_default());
    match (&call.apply, of_tape) {
        (Some(typed), Some(digest)) if !digest.starts_with(typed.as_str()) => Err(Error::failed(
            "wrong-tape",
            "the tape is not of a run that began this plan",
        )
        .hinted("leave out `--apply`, or name the plan that was begun when it was recorded")),
        _ => Ok(tape),
    }
}

/// The Claude Code session that has started this, by the variable that it sets for what it runs.
fn session() -> Option<String> {
    std::env::var("CLAUDE_CODE_SESSION_ID").ok().filter(|id| is_session(id))
}

fn is_session(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Runs a plugin for an event of Claude Code, in the folder and the session of the event: what it shows, in so many bytes at most.
///
/// # Errors
/// As of a run.
pub(super) fn for_hook(
    render: &Render,
    name: &str,
    call: &PluginCall,
    (cwd, session): (&Path, &str),
    most: usize,
) -> Result<String> {
    let render = render.of_plugin(name, format!("conductor {name}"), call.form);
    if !is_session(session) {
        return Err(Error::failed("bad-event", "the event names no session"));
    }
    std::env::set_current_dir(cwd)
        .map_err(|error| Error::failed("no-folder", format!("`{}`: {error}", cwd.display())))?;
    let (plugin, user) = with_grants(name)?;
    let ready = prepare(&render, plugin, &user, call, Some(session.to_owned()))?;
    let run = ready.run(&render, Tape::Off);
    ready.audit.end(run.exit_code());
    let outcome = run.result?;
    let tail = plan::tail(&render, &ready, call, &outcome)?;
    Ok(render.for_claude(&outcome, &ready.notes(), &tail, most))
}

/// Runs it, and again where a plan was agreed to or a choice made.
fn rounds(render: &Render, ready: &mut Ready, call: &PluginCall, tape: Tape) -> u8 {
    let mut tape = Some(tape);
    for _ in 0..plan::ROUNDS {
        if let Some(code) = once(render, ready, call, tape.take().unwrap_or(Tape::Off)) {
            return code;
        }
        ready.audit = opened(&ready.plugin, &ready.invocation.places, &ready.invocation.arguments);
    }
    let plugin = &ready.plugin.manifest.name;
    render.error(
        &Error::failed("endless", format!("plugin `{plugin}` asks again and again")),
        &[],
    )
}

/// One run; the exit code, or nothing where another follows.
fn once(render: &Render, ready: &mut Ready, call: &PluginCall, tape: Tape) -> Option<u8> {
    let of_tape = tape.note();
    let is_taped = call.tape.is_some();
    // A tape that is replayed begins nothing.
    if tape.replayed().is_none()
        && let Err(error) = plan::spend(ready)
    {
        return Some(render.error(&error, &[]));
    }
    let run = ready.run(render, tape);
    ready.audit.end(run.exit_code());
    render.detail(&run.log);
    render.detail(&format!(
        "components compiled, examined, taken from the cache: {COUNTS}; processes started: {}; bundled manifests read: {}",
        STARTED.load(Ordering::Relaxed),
        MANIFESTS_READ.load(Ordering::Relaxed)
    ));
    if render.is_verbose() {
        name_others(render, ready.invocation.places.project.as_ref());
    }
    let notes: Vec<String> = ready.notes().into_iter().chain(of_tape).chain(run.warning).collect();
    // A tape is of one run.
    let next = if is_taped {
        plan::after_taped(render, ready, call, run.result)
    } else {
        plan::after(render, ready, call, run.result)
    };
    match next {
        plan::Next::Show(result, tail) => Some(render.result_with(&result, &notes, &tail)),
        plan::Next::Again => None,
    }
}

fn name_others(render: &Render, project: Option<&Project>) {
    let Some(project) = project else { return };
    let others = project.others();
    if !others.is_empty() {
        let (used, others) = (project.path.display(), others.join("`, `"));
        render.detail(&format!("project: `{used}`; others in its repository: `{others}`"));
    }
}

impl Ready {
    /// The next run's arguments.
    pub(super) fn set_arguments(&mut self, arguments: Map<String, Value>) {
        self.invocation.arguments = serde_json::to_string(&arguments).expect("it is JSON");
        self.arguments = arguments;
    }

    pub(super) fn run(&self, render: &Render, tape: Tape) -> Run {
        let shown = render.clone();
        let audit = self.audit.clone();
        let stuck = move |error: Error| end_process(&shown, &audit, &error);
        let mut run = self.sandbox.run(
            &self.plugin,
            &self.grants,
            self.invocation.clone(),
            &self.audit,
            tape,
            stuck,
        );
        run.result = run.result.and_then(|outcome| plan::checked(&self.plugin, outcome));
        if let Err(error) = &mut run.result {
            name_refusals(error, &run.refusals);
        }
        run
    }

    /// What the host has to say beside the outcome.
    pub(super) fn notes(&self) -> Vec<String> {
        let project = self.invocation.places.project.iter().filter_map(Project::note);
        project.chain(self.audit.warning()).collect()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a call of the host that does not come back can't be returned from"
)]
fn end_process(render: &Render, audit: &Audit, error: &Error) {
    interrupt::end_all();
    audit.end_within(AUDIT, error.kind.exit_code());
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
