//! A run that makes a plan: shown, agreed to, and then carried out by a second run.

use std::ffi::OsString;
use std::io::IsTerminal;

use crate::agreement::{self, Party, To};
use crate::args::{self, Form, PluginCall};
use crate::ask::Person;
use crate::error::{Error, Kind, Result};
use crate::question::{Means, Question, SHOWN};
use crate::render::Render;
use crate::sandbox::bindings::types::{Choice, Outcome, Plan};
use crate::visible;

use super::run::Ready;

/// How often a run may lead to another in one process: a plan, its yes, a choice in between.
pub(super) const ROUNDS: usize = 16;

/// What comes after a run.
pub(super) enum Next {
    /// What it came to is shown, and that is all.
    Show(Result<Outcome>),
    /// Another run, with what was changed in `Ready`.
    Again,
}

/// Before the first run: what the person has agreed to already.
///
/// # Errors
/// `no-consent` where `--apply` names a plan that they have not agreed to and nobody can be asked.
pub(super) fn prepare(render: &Render, ready: &mut Ready, call: &PluginCall) -> Result<()> {
    if !ready.plugin.manifest.plans {
        return Ok(());
    }
    let party = party(ready);
    ready.invocation.consents = agreement::standing(&party)?;
    let Some(typed) = &call.apply else { return Ok(()) };
    ready.invocation.applies = agreement::agreed(&party, typed)?;
    if ready.invocation.applies.is_none() && person(render, call).is_none() {
        return Err(no_consent(ready, call, typed));
    }
    Ok(())
}

/// After a run: what it asks for.
pub(super) fn after(render: &Render, ready: &mut Ready, call: &PluginCall, result: Result<Outcome>) -> Next {
    match result {
        Ok(outcome) => planned(render, ready, call, outcome).unwrap_or_else(|error| Next::Show(Err(error))),
        Err(error) => chosen(render, ready, call, error),
    }
}

fn planned(render: &Render, ready: &mut Ready, call: &PluginCall, mut outcome: Outcome) -> Result<Next> {
    if let Some(done) = ready.invocation.applies.take() {
        agreement::use_up(&party(ready), &done)?;
        return Ok(Next::Show(Ok(shown_for_claude(ready, call, outcome)?)));
    }
    let Some(plan) = outcome.plan.clone().filter(|_| ready.plugin.manifest.plans) else {
        return Ok(Next::Show(Ok(outcome)));
    };
    if call.dry_run {
        return Ok(Next::Show(Ok(shown_for_claude(ready, call, outcome)?)));
    }
    if call.yes {
        return match ready.invocation.consents.contains(&plan.scope) {
            true => Ok(apply(ready, plan)),
            false => Err(no_consent(ready, call, &plan.digest)),
        };
    }
    if let Some(typed) = &call.apply
        && !plan.digest.starts_with(&typed.to_ascii_lowercase())
    {
        let error = Error::failed("plan-changed", format!("the plan is `{}` by now", short(&plan)));
        return Err(error.hinted("nothing was begun; without `--apply` it is shown"));
    }
    let Some(person) = person(render, call) else {
        outcome = shown_for_claude(ready, call, outcome)?;
        return Ok(Next::Show(Ok(outcome)));
    };
    render.result(&Ok(outcome), &[]);
    let yes = visible::line(&plan.yes, 80);
    let answer = person.ask(
        render,
        &format!("{yes} now, and later ones without asking? [y]es / [o]nly now / [N]o"),
    );
    let party = party(ready);
    match answer.as_deref() {
        Some("y" | "yes") => agreement::agree(&party, To::Scope(plan.scope.clone()))?,
        Some("o" | "only" | "only now") => {}
        _ => return Ok(Next::Show(Ok(empty("Nothing was begun.\n")))),
    }
    agreement::agree(&party, To::Plan(plan.digest.clone()))?;
    ready.invocation.consents = agreement::standing(&party)?;
    Ok(apply(ready, plan))
}

fn apply(ready: &mut Ready, plan: Plan) -> Next {
    ready.invocation.applies = Some(plan.digest);
    Next::Again
}

/// Says to Claude how the person is asked, and keeps the question so that its answer is known.
pub(super) fn shown_for_claude(ready: &Ready, call: &PluginCall, mut outcome: Outcome) -> Result<Outcome> {
    let (Some(plan), Form::Claude) = (&outcome.plan, call.form) else {
        return Ok(outcome);
    };
    let Some(session) = &ready.invocation.session else {
        return Ok(outcome);
    };
    let question = agreement::ask(&party(ready), plan, session)?;
    let text = instruction(&ready.plugin.manifest.name, plan, &question);
    outcome.text.push(("plain".to_owned(), text));
    Ok(outcome)
}

/// How the person is asked, and what belongs to each answer: the host's own words.
fn instruction(plugin: &str, plan: &Plan, question: &Question) -> String {
    let subject = visible::word(&plan.subject);
    let command = format!("conductor {plugin} {subject} --apply {} --format claude", short(plan));
    let mut text = format!(
        "\nShow this to the user, then ask with AskUserQuestion, to the letter, one question: \"{}\" (header \"{}\"), options:\n",
        question.question, question.header
    );
    for answer in &question.options {
        let what = match &answer.means {
            Means::Once | Means::Standing => format!("run `{command}`"),
            Means::Other(args) => {
                let args: Vec<String> = args.iter().map(|arg| visible::word(arg)).collect();
                format!("run `conductor {plugin} {} --format claude`", args.join(" "))
            }
            Means::No => "run nothing".to_owned(),
        };
        text.push_str(&format!(
            "- \"{}\" (\"{}\"): {what}\n",
            answer.label, answer.description
        ));
    }
    text.push_str(&format!(
        "Run what belongs to the answer and nothing else. Without that tool run nothing: say that the user can type `{command}` in their own terminal.\n"
    ));
    text
}

/// A failure with choices: answered as was typed, or by the person.
fn chosen(render: &Render, ready: &mut Ready, call: &PluginCall, error: Error) -> Next {
    if error.kind != Kind::Choice {
        return Next::Show(Err(error));
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
            Some(_) => Next::Show(Err(error)),
            None => Next::Show(Err(error.hinted(format!("`--choose {code}={key}` names none of them")))),
        };
    }
    let Some(person) = person(render, call) else {
        return Next::Show(Err(error));
    };
    let keys: Vec<&str> = error.choices.iter().map(|choice| choice.key.as_str()).collect();
    render.error(&error, &[]);
    let answer = person.ask(render, &format!("{}, or nothing?", keys.join(", ")));
    match answer.as_deref().and_then(pick) {
        Some(choice) => choose(ready, &choice),
        None => Next::Show(Ok(empty("Nothing was chosen.\n"))),
    }
}

/// The next run has the choice's arguments in place of what was typed.
fn choose(ready: &mut Ready, choice: &Choice) -> Next {
    let typed = choice.args.iter().map(OsString::from).collect();
    match args::parse_of_plugin(&ready.plugin.manifest, typed, &ready.plugin.manifest.name) {
        Ok(call) => {
            ready.set_arguments(&call.arguments);
            Next::Again
        }
        Err(error) => {
            let said = args::wording(&error);
            let plugin = &ready.plugin.manifest.name;
            Next::Show(Err(Error::failed(
                "bad-choice",
                format!("plugin `{plugin}` offers what it does not take: {}", said.message),
            )))
        }
    }
}

/// Whoever can be asked: at a terminal, for a person, and not under an agent.
fn person(render: &Render, call: &PluginCall) -> Option<Person> {
    if call.form != Form::Terminal || call.watch || call.tape.is_some() || !std::io::stdout().is_terminal() {
        return None;
    }
    Person::find("what is begun", &render.command_line()).ok()
}

fn no_consent(ready: &Ready, call: &PluginCall, digest: &str) -> Error {
    let name = &ready.plugin.manifest.name;
    let track = call
        .arguments
        .get("track")
        .and_then(|track| track.as_str())
        .map(|track| format!(" {}", visible::word(track)));
    let digest: String = digest.chars().take(SHOWN).collect();
    let line = format!("conductor {name}{} --apply {digest}", track.unwrap_or_default());
    let mut error = Error::denied(
        "no-consent",
        format!("the person has not agreed to plan `{}`", visible::line(&digest, SHOWN)),
    );
    error.kind = Kind::Choice;
    error.hinted(format!(
        "in Claude Code the question that comes with the plan is theirs to answer; else they type `{line}` in their own terminal"
    ))
}

fn party(ready: &Ready) -> Party {
    let project = ready.invocation.places.project.as_ref();
    Party::of(
        &ready.plugin.manifest.name,
        project.map(|project| project.path.as_path()),
    )
}

fn short(plan: &Plan) -> String {
    plan.digest.chars().take(SHOWN).collect()
}

fn empty(text: &str) -> Outcome {
    Outcome {
        text: vec![("plain".to_owned(), text.to_owned())],
        json: String::new(),
        plan: None,
    }
}
