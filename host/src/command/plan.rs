//! A run that makes a plan: shown, agreed to, and then carried out by a second run.

use std::io::IsTerminal;

use serde_json::{Map, Value};

use crate::agreement::{self, Party, To, Yes};
use crate::args::{self, Form, PluginCall};
use crate::ask::Person;
use crate::error::{Error, Kind, Result};
use crate::line::Line;
use crate::manifest::ArgumentType;
use crate::plugin::Plugin;
use crate::question::{self, Means, Question, SHOWN};
use crate::render::Render;
use crate::sandbox::Run;
use crate::sandbox::bindings::types::{Choice, Outcome, Plan};
use crate::session;
use crate::tape::{Tape, Taping};
use crate::visible;

use super::run::Ready;

/// How often a run may lead to another in one process: a plan, its yes, a choice in between.
pub(super) const ROUNDS: usize = 16;

/// The codes of failures by which a plugin says that it has begun nothing: the yes stays as good as it was.
const NOT_BEGUN: [&str; 3] = ["busy", "no-session", PLAN_CHANGED];

/// The code of the failure that a plan is another one by now.
const PLAN_CHANGED: &str = "plan-changed";

/// What comes after a run.
pub(super) enum Next {
    /// What it came to is shown, with the host's own words behind it, and that is all.
    Show(Result<Outcome>, String),
    /// Another run, with what was changed in `Ready`.
    Again,
}

/// An outcome whose plan is right: it comes into the host's own words.
///
/// # Errors
/// As of any plugin that does not keep to the interface.
pub(super) fn checked(plugin: &Plugin, outcome: Outcome) -> Result<Outcome> {
    let name = &plugin.manifest.name;
    let wrong = |what: &str| {
        Err(Error::limit(
            "trap",
            format!("plugin `{name}` gave a plan that is not right: {what}"),
        ))
    };
    match &outcome.plan {
        Some(_) if !plugin.manifest.plans => wrong("its manifest does not say `plans`"),
        Some(plan) => match question::check(plan) {
            Ok(()) => Ok(outcome),
            Err(what) => wrong(what),
        },
        None => Ok(outcome),
    }
}

/// Before the first run: what the person has agreed to already.
///
/// # Errors
/// `no-consent` where `--apply` names a plan that they have not agreed to and nobody can be asked.
pub(super) fn prepare(render: &Render, ready: &mut Ready, call: &PluginCall) -> Result<()> {
    // A replay begins nothing, and what had been agreed to stands on the tape.
    if !ready.plugin.manifest.plans || matches!(call.tape, Some(Taping::Replay(_))) {
        return Ok(());
    }
    let project = ready.invocation.places.project.as_ref();
    let party = Party::of(&ready.plugin, project.map(|project| project.path.as_path()))?;
    if is_polecat() {
        return match call.apply.is_some() || call.yes {
            true => Err(
                Error::denied("polecat", "a polecat of Gas Town begins no work: it has its own")
                    .hinted("a person, or their Claude Code session, begins it"),
            ),
            // What the person has agreed to is not for it, and nothing of what they decide.
            false => {
                ready.invocation.dry_run = true;
                Ok(())
            }
        };
    }
    ready.invocation.consents = agreement::standing(&party)?;
    if let Some(id) = &ready.invocation.session {
        session::seen(id)?;
    }
    ready.invocation.over = session::over()?;
    let agreed = match &call.apply {
        Some(typed) => agreement::agreed(&party, typed)?,
        None => None,
    };
    ready.party = Some(party);
    match (agreed, &call.apply) {
        (Some(Yes::Once(digest)), _) => {
            ready.invocation.applies = Some(digest);
            ready.is_once = true;
        }
        (Some(Yes::Standing(digest)), _) => ready.invocation.applies = Some(digest),
        // The plan has to be looked at: for the person to see, or for its scope.
        (None, Some(typed))
            if person(render, call).is_none() && (taped(call) || ready.invocation.consents.is_empty()) =>
        {
            return Err(no_consent(render, ready, call, typed));
        }
        (None, _) => {}
    }
    Ok(())
}

/// Whether a worker of Gas Town has started this: `gt` says so in the environment of its agents.
fn is_polecat() -> bool {
    let says = |name: &str, is: fn(&str) -> bool| std::env::var(name).is_ok_and(|value| is(&value));
    says("GT_POLECAT", |value| !value.is_empty()) || says("GT_ROLE", |value| value.contains("/polecats/"))
}

fn taped(call: &PluginCall) -> bool {
    call.tape.is_some()
}

/// Before a run that begins a plan: the yes to it is used up, so that no second run has it, however this one ends.
///
/// # Errors
/// When it can't be written, or another run has just used it up.
pub(super) fn spend(ready: &mut Ready) -> Result<()> {
    let (Some(digest), Some(party)) = (&ready.invocation.applies, &ready.party) else {
        return Ok(());
    };
    if !std::mem::take(&mut ready.is_once) {
        return Ok(());
    }
    ready.spent = agreement::spend(party, digest)?;
    match ready.spent {
        Some(_) => Ok(()),
        None => Err(Error::choice(
            "no-consent",
            "another run has just used up the yes to this plan".to_owned(),
        )),
    }
}

/// After a run that began a plan: whether it did. A yes of which nothing came is given back.
fn begun(ready: &mut Ready, result: &Result<Outcome>) -> Result<bool> {
    let Some(_) = ready.invocation.applies.take() else {
        return Ok(false);
    };
    let is_back = matches!(result, Err(error) if NOT_BEGUN.contains(&error.code.as_str()));
    if let Some(yes) = ready.spent.take().filter(|_| is_back) {
        agreement::give_back(yes)?;
    }
    Ok(true)
}

/// After a run: what it asks for.
pub(super) fn after(render: &Render, ready: &mut Ready, call: &PluginCall, result: Result<Outcome>) -> Next {
    // What a standing yes covers is the plan as it is by now, so one that has changed since it was looked at is looked at again.
    let is_standing = ready.invocation.applies.is_some() && ready.spent.is_none() && call.apply.is_none();
    let begun = match begun(ready, &result) {
        Ok(begun) => begun,
        Err(error) => return Next::Show(Err(error), String::new()),
    };
    match result {
        Ok(outcome) if !begun && call.apply.is_some() && outcome.plan.is_none() => {
            let error = Error::failed(PLAN_CHANGED, "nothing is left to begin of what was agreed to");
            Next::Show(
                Err(error.hinted("without `--apply` it is shown where that stands")),
                String::new(),
            )
        }
        Ok(outcome) if begun || outcome.plan.is_none() || call.dry_run => shown(render, ready, call, outcome),
        Ok(outcome) => {
            planned(render, ready, call, outcome).unwrap_or_else(|error| Next::Show(Err(error), String::new()))
        }
        Err(error) if is_standing && error.code == PLAN_CHANGED => Next::Again,
        Err(error) => chosen(render, ready, call, error),
    }
}

/// The same of a run with a tape, which is one run: nobody is asked.
pub(super) fn after_taped(render: &Render, ready: &mut Ready, call: &PluginCall, result: Result<Outcome>) -> Next {
    match (begun(ready, &result), result) {
        (Ok(_), Ok(outcome)) => shown(render, ready, call, outcome),
        (Ok(_), Err(error)) | (Err(error), _) => Next::Show(Err(error), String::new()),
    }
}

/// `--watch --yes`: begins the plan of a run if a standing yes covers it. What came of that.
///
/// # Errors
/// When what was agreed to can't be read.
pub(super) fn begin_watched(render: &Render, ready: &mut Ready, call: &PluginCall, run: &Run) -> Result<Option<Run>> {
    let (Ok(Outcome { plan: Some(plan), .. }), Some(party), true) = (&run.result, &ready.party, call.yes) else {
        return Ok(None);
    };
    // Anew each time: what was taken back meanwhile covers nothing.
    ready.invocation.consents = agreement::standing(party)?;
    if !agreement::covers(&ready.invocation.consents, &plan.scope) {
        return Ok(None);
    }
    ready.invocation.applies = Some(plan.digest.clone());
    let begun = ready.run(render, Tape::Off);
    ready.invocation.applies = None;
    Ok(Some(begun))
}

fn shown(render: &Render, ready: &Ready, call: &PluginCall, outcome: Outcome) -> Next {
    match tail(render, ready, call, &outcome) {
        Ok(tail) => Next::Show(Ok(outcome), tail),
        Err(error) => Next::Show(Err(error), String::new()),
    }
}

fn planned(render: &Render, ready: &mut Ready, call: &PluginCall, outcome: Outcome) -> Result<Next> {
    let Some(plan) = outcome.plan.clone() else {
        return Ok(Next::Show(Ok(outcome), String::new()));
    };
    if let Some(typed) = &call.apply
        && !plan.digest.starts_with(typed.as_str())
    {
        let error = Error::failed(PLAN_CHANGED, format!("the plan is `{}` by now", short(&plan)));
        return Err(error.hinted("nothing was begun; without `--apply` it is shown"));
    }
    let person = person(render, call);
    let wanted = call.yes || call.apply.is_some();
    if agreement::covers(&ready.invocation.consents, &plan.scope) && (wanted || person.is_some()) {
        if person.is_some() {
            render.result(&Ok(outcome), &[]);
            let scope = visible::line(&plan.scope, 160);
            render.note(&format!(
                "you have agreed to `{scope}` before: `conductor consent list`"
            ));
        }
        ready.invocation.applies = Some(plan.digest);
        return Ok(Next::Again);
    }
    let Some(person) = person.filter(|_| !call.yes) else {
        return match wanted {
            true => Err(no_consent(render, ready, call, &plan.digest)),
            false => Ok(shown(render, ready, call, outcome)),
        };
    };
    render.result(&Ok(outcome), &[]);
    if let Some(other) = other_way(render, ready, call, &plan) {
        render.note(other.trim_end());
    }
    let yes = visible::line(&plan.yes, 80);
    let answer = person.ask(
        render,
        &format!("{yes} now, and later ones without asking? [y]es / [o]nly now / [N]o"),
    );
    let party = party(ready)?;
    match answer.as_deref() {
        Some("y" | "yes") => agreement::agree(party, To::Scope(plan.scope.clone()))?,
        Some("o" | "only" | "only now") => {}
        _ => return Ok(Next::Show(Ok(empty("Nothing was begun.\n")), String::new())),
    }
    agreement::agree(party, To::Plan(plan.digest.clone()))?;
    ready.invocation.consents = agreement::standing(party)?;
    ready.invocation.applies = Some(plan.digest);
    ready.is_once = true;
    Ok(Next::Again)
}

/// What the host says behind an outcome with a plan: how the person is asked, or what they type. Where Claude is to ask, the question
/// is kept, so that its answer is known.
///
/// # Errors
/// When it can't be kept.
pub(super) fn tail(render: &Render, ready: &Ready, call: &PluginCall, outcome: &Outcome) -> Result<String> {
    let Some(plan) = &outcome.plan else {
        return Ok(String::new());
    };
    let name = &ready.plugin.manifest.name;
    match (call.form, &ready.invocation.session, &ready.party) {
        (Form::Json, ..) => Ok(String::new()),
        (Form::Terminal, ..) => Ok(format!(
            "\n{}, once you agree: `{}`\n{}",
            plan.yes,
            own_line(render, ready, call, plan),
            other_way(render, ready, call, plan).unwrap_or_default()
        )),
        (Form::Claude, Some(session), Some(party)) => {
            let question = agreement::ask(party, name, plan, session)?;
            if agreement::covers(&ready.invocation.consents, &plan.scope) {
                return Ok(format!(
                    "\nThe user has agreed to `{}` before. Show this, then run `{}` and nothing else.\n",
                    plan.scope,
                    apply_line(render, ready, call, plan)
                ));
            }
            Ok(instruction(render, ready, call, plan, &question))
        }
        (Form::Claude, ..) => Ok(format!(
            "\nShow this to the user and run nothing: no answer can be taken here. They can type `{}` in their own terminal.\n",
            own_line(render, ready, call, plan)
        )),
    }
}

/// How the person is asked, and what belongs to each answer: the host's own words.
fn instruction(render: &Render, ready: &Ready, call: &PluginCall, plan: &Plan, question: &Question) -> String {
    let apply = apply_line(render, ready, call, plan);
    let mut text = format!(
        "\nShow this to the user, then ask with AskUserQuestion, to the letter, one question: \"{}\" (header \"{}\"), options:\n",
        question.question, question.header
    );
    for answer in &question.options {
        let what = match &answer.means {
            Means::Once | Means::Standing => format!("run `{apply}`"),
            Means::Other(args) => {
                // It is another plan, which is shown first.
                let dry_run = ready.plugin.manifest.writes().then_some("--dry-run");
                let flags: Vec<&str> = dry_run.into_iter().chain(FOR_CLAUDE).collect();
                format!("run `{}`", line(render, ready, call).for_claude_with(args, &flags))
            }
            Means::No => "run nothing".to_owned(),
        };
        text.push_str(&format!(
            "- \"{}\" (\"{}\"): {what}\n",
            answer.label, answer.description
        ));
    }
    text.push_str(&format!(
        "Run what belongs to the answer and nothing else. Without that tool run nothing: say that the user can type `{}` in their own terminal.\n",
        own_line(render, ready, call, plan)
    ));
    text
}

/// What Claude adds to a command.
const FOR_CLAUDE: [&str; 2] = ["--format", "claude"];

fn line<'a>(render: &'a Render, ready: &'a Ready, call: &'a PluginCall) -> Line<'a> {
    Line {
        command: render.command(),
        manifest: &ready.plugin.manifest,
        project: call.project.as_deref(),
    }
}

/// What Claude runs to begin the plan: with all that was typed, since another command would find another plan.
fn apply_line(render: &Render, ready: &Ready, call: &PluginCall, plan: &Plan) -> String {
    let flags = [&["--apply", short(plan)], FOR_CLAUDE.as_slice()].concat();
    line(render, ready, call).for_claude(&again(ready, plan), &flags)
}

/// The arguments with which this plan is found again. Those of a run that has changed something were a deed, a report or a
/// verification, which must not be done twice: what is left of it is what the plan is for, and what says which plan it is.
fn again(ready: &Ready, plan: &Plan) -> Map<String, Value> {
    if !ready.audit.has_written() {
        return ready.arguments.clone();
    }
    let arguments = ready.plugin.manifest.arguments.iter();
    let subject = arguments
        .clone()
        .find(|argument| argument.positional && argument.kind == ArgumentType::Text)
        .map(|first| (first.name.clone(), plan.subject.clone().into()));
    let of_plan = arguments.filter(|argument| argument.of_plan);
    let of_plan =
        of_plan.filter_map(|argument| Some((argument.name.clone(), ready.arguments.get(&argument.name)?.clone())));
    subject.into_iter().chain(of_plan).collect()
}

/// What a person types for it.
fn own_line(render: &Render, ready: &Ready, call: &PluginCall, plan: &Plan) -> String {
    line(render, ready, call).for_person(&again(ready, plan), &["--apply", short(plan)])
}

/// The other way to carry a plan out, as the person types it: another plan, with a yes of its own. One, as the question for Claude has it.
fn other_way(render: &Render, ready: &Ready, call: &PluginCall, plan: &Plan) -> Option<String> {
    let other = plan.others.first()?;
    let part = |text: &str| visible::line(text, 160);
    let command = line(render, ready, call).for_person_with(&other.args);
    Some(format!(
        "{} ({}): `{command}`\n",
        part(&other.label),
        part(&other.description)
    ))
}

/// A failure with choices: answered as was typed, or by the person.
fn chosen(render: &Render, ready: &mut Ready, call: &PluginCall, error: Error) -> Next {
    if error.kind != Kind::Choice {
        return Next::Show(Err(error), String::new());
    }
    let pick = |key: &str| {
        error
            .choices
            .iter()
            .find(|choice| choice.key.eq_ignore_ascii_case(key))
            .cloned()
    };
    if let Some((code, key)) = call.choose.as_ref().filter(|(code, _)| *code == error.code) {
        return match pick(key) {
            Some(choice) if ready.chosen.insert(code.clone()) => choose(ready, &choice),
            // The same question after its answer: it would be asked for ever.
            Some(_) => Next::Show(Err(error), String::new()),
            None => Next::Show(
                Err(error.hinted(format!("`--choose {code}={key}` names none of them"))),
                String::new(),
            ),
        };
    }
    let Some(person) = person(render, call) else {
        return Next::Show(Err(error), String::new());
    };
    let keys: Vec<&str> = error.choices.iter().map(|choice| choice.key.as_str()).collect();
    render.error(&error, &[]);
    let answer = person.ask(render, &format!("{}, or nothing?", keys.join(", ")));
    match answer.as_deref().and_then(pick) {
        Some(choice) => choose(ready, &choice),
        None => Next::Show(Ok(empty("Nothing was chosen.\n")), String::new()),
    }
}

/// The next run has the choice's arguments in place of what was typed.
fn choose(ready: &mut Ready, choice: &Choice) -> Next {
    match args::parse_own(&ready.plugin.manifest, &choice.args) {
        Ok(arguments) => {
            ready.set_arguments(arguments);
            Next::Again
        }
        Err(error) => {
            let said = args::wording(&error);
            let plugin = &ready.plugin.manifest.name;
            let error = Error::failed(
                "bad-choice",
                format!("plugin `{plugin}` offers what it does not take: {}", said.message),
            );
            Next::Show(Err(error), String::new())
        }
    }
}

/// Whoever can be asked: at a terminal, for a person, and not under an agent.
fn person(render: &Render, call: &PluginCall) -> Option<Person> {
    if call.form != Form::Terminal
        || call.watch
        || call.dry_run
        || call.tape.is_some()
        || is_polecat()
        || !std::io::stdout().is_terminal()
    {
        return None;
    }
    Person::find("what is begun", render.command()).ok()
}

fn no_consent(render: &Render, ready: &Ready, call: &PluginCall, digest: &str) -> Error {
    let digest = digest.get(..SHOWN).unwrap_or(digest);
    let line = line(render, ready, call).for_person(&ready.arguments, &["--apply", digest]);
    Error::choice("no-consent", format!("the person has not agreed to plan `{digest}`")).hinted(format!(
        "in Claude Code the question that comes with the plan is theirs to answer; else they type `{line}` in their own terminal"
    ))
}

fn party(ready: &Ready) -> Result<&Party> {
    let none = || Error::bug(&anyhow::anyhow!("a plan of a plugin that makes none"));
    ready.party.as_ref().ok_or_else(none)
}

fn short(plan: &Plan) -> &str {
    plan.digest.get(..SHOWN).unwrap_or(&plan.digest)
}

fn empty(text: &str) -> Outcome {
    Outcome {
        text: vec![("plain".to_owned(), text.to_owned())],
        json: String::new(),
        plan: None,
    }
}
