//! `conductor hook`: Claude Code's own events, as JSON on standard input. They carry what the person typed and answered, which no
//! model has written.
//!
//! Whatever is wrong with an event, the client goes on: nothing is recorded, and one line on stderr says why.

use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::agreement::{self, Answered};
use crate::args::{self, Form};
use crate::error::{Error, Result};
use crate::plugin;
use crate::question::{Answer, Means, Question};
use crate::render::Render;

use super::run;

/// The most bytes of an event.
const MOST: u64 = 1 << 20;
/// The most bytes of what Claude is told: the client cuts at 10,000.
const CONTEXT: usize = 9_500;
/// How the command of a slash command is named before its plugin.
const PREFIX: &str = "conductor-";

/// A command that is not ours, and before which a plugin of ours has something to say: the flag by which it is asked.
const BEFORE: [(&str, &str, &str); 1] = [("implement", "dispatch", "holders")];

/// The flags that a person types in their own terminal, and not behind a slash command.
const NOT_HERE: [&str; 7] = ["apply", "yes", "watch", "format", "json", "project", "choose"];

#[derive(Deserialize)]
struct Expansion {
    session_id: String,
    cwd: PathBuf,
    command_name: String,
    #[serde(default)]
    command_args: String,
}

#[derive(Deserialize)]
struct ToolUse {
    session_id: String,
    #[serde(default)]
    tool_name: String,
    tool_input: Value,
    tool_response: Value,
}

/// UserPromptExpansion; the exit code.
pub(super) fn prompt(render: &Render) -> u8 {
    let event: Expansion = match event() {
        Ok(event) => event,
        Err(error) => return ignored(render, &error),
    };
    let shown = match shown(render, &event) {
        Ok(Some(text)) => text,
        Ok(None) => return 0,
        Err(error) => {
            let reason = words(&error);
            return say(render, &json!({"decision": "block", "reason": reason}));
        }
    };
    say(
        render,
        &json!({"hookSpecificOutput": {"hookEventName": "UserPromptExpansion", "additionalContext": shown}}),
    )
}

/// What the plugin of the slash command shows; nothing where it is no command of ours.
fn shown(render: &Render, event: &Expansion) -> Result<Option<String>> {
    let name = event.command_name.rsplit(':').next().unwrap_or_default();
    let Some(name) = name.strip_prefix(PREFIX) else {
        return Ok(None);
    };
    if let Some((_, plugin, flag)) = BEFORE.iter().find(|(command, ..)| *command == name) {
        return Ok(said_before(render, event, plugin, flag));
    }
    let known = plugin::known();
    let manifests = known.manifests();
    let Some(manifest) = manifests
        .iter()
        .find(|manifest| manifest.name == name && manifest.plans)
    else {
        return Ok(None);
    };
    let typed = shlex::split(&event.command_args)
        .ok_or_else(|| Error::usage("a quote is not closed").hinted("an id or a part of it needs no quotes"))?;
    let typed: Vec<OsString> = typed.into_iter().map(OsString::from).collect();
    let refused = typed
        .iter()
        .filter_map(|word| word.to_str()?.strip_prefix("--"))
        .find(|word| {
            let name = word.split('=').next().unwrap_or_default();
            NOT_HERE.contains(&name)
        });
    if let Some(flag) = refused {
        return Err(Error::usage(format!("`--{flag}` is not for a slash command")).hinted("type it in a terminal"));
    }
    let mut call =
        args::parse_of_plugin(manifest, typed, &format!("conductor {name}")).map_err(|error| args::wording(&error))?;
    call.form = Form::Claude;
    run::for_hook(render, name, &call, (&event.cwd, &event.session_id), CONTEXT).map(Some)
}

/// What a plugin says before a command of others; nothing where it has nothing to say, or can't say it: that command goes on as if we
/// were not there.
fn said_before(render: &Render, event: &Expansion, plugin: &str, flag: &str) -> Option<String> {
    let known = plugin::known();
    let manifests = known.manifests();
    let manifest = manifests.iter().find(|manifest| manifest.name == plugin)?;
    let typed = vec![OsString::from(format!("--{flag}"))];
    let mut call = args::parse_of_plugin(manifest, typed, &format!("conductor {plugin}")).ok()?;
    call.form = Form::Claude;
    let said = run::for_hook(render, plugin, &call, (&event.cwd, &event.session_id), CONTEXT).ok()?;
    (!said.trim().is_empty()).then_some(said)
}

/// PostToolUse of AskUserQuestion; the exit code.
pub(super) fn answer(render: &Render) -> u8 {
    let event: ToolUse = match event() {
        Ok(event) => event,
        Err(error) => return ignored(render, &error),
    };
    if event.tool_name != "AskUserQuestion" {
        return 0;
    }
    let asked = asked(&event.tool_input);
    let answered = match &asked {
        Some(question) => agreement::answer(&event.session_id, question, label(&event, question)),
        None => Ok(Answered::Unknown),
    };
    match answered {
        Ok(Answered::Agreed | Answered::Not) => 0,
        Ok(Answered::Unknown) => told(render, &event),
        Err(error) => ignored(render, &error),
    }
}

/// Every other question of Claude's comes by here; only one that is meant to be ours is worth a word.
fn told(render: &Render, event: &ToolUse) -> u8 {
    match agreement::is_about_a_plan(&event.tool_input) {
        Ok(false) => 0,
        Ok(true) => say(
            render,
            &json!({"hookSpecificOutput": {"hookEventName": "PostToolUse", "additionalContext":
                "Nothing was agreed to: the question was not the one that came with the plan, alone and to the letter, with its header and each option's label and description and nothing beside them, in this session. Show the plan again with `--dry-run` and ask exactly as it says."}}),
        ),
        Err(error) => ignored(render, &error),
    }
}

/// The one question that was asked, if it has the members of ours and no others: what is shown beside it could say anything. (A
/// member without a value shows nothing.)
fn asked(input: &Value) -> Option<Question> {
    let [asked] = input.get("questions")?.as_array()?.as_slice() else {
        return None;
    };
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let has_only = |of: &Value, names: &[&str]| {
        let members = of.as_object()?.iter();
        let others = members.filter(|(name, value)| !names.contains(&name.as_str()) && !value.is_null());
        (others.count() == 0).then_some(())
    };
    has_only(asked, &["question", "header", "options", "multiSelect"])?;
    if !matches!(asked.get("multiSelect"), None | Some(Value::Null | Value::Bool(false))) {
        return None;
    }
    let options = asked.get("options")?.as_array()?.iter();
    let options = options.map(|option| {
        has_only(option, &["label", "description"])?;
        Some(Answer {
            label: text(option, "label")?,
            description: text(option, "description")?,
            means: Means::No,
        })
    });
    Some(Question {
        question: text(asked, "question")?,
        header: text(asked, "header")?,
        options: options.collect::<Option<_>>()?,
    })
}

/// What the person has answered, as the client says.
fn label<'e>(event: &'e ToolUse, question: &Question) -> Option<&'e str> {
    event.tool_response.get("answers")?.get(&question.question)?.as_str()
}

fn event<T: for<'de> Deserialize<'de>>() -> Result<T> {
    let mut text = Vec::new();
    let read = std::io::stdin().lock().take(MOST).read_to_end(&mut text);
    read.map_err(|error| Error::failed("bad-event", format!("the event can't be read: {error}")))?;
    serde_json::from_slice(&text)
        .map_err(|error| Error::failed("bad-event", format!("the event is not what it should be: {error}")))
}

/// The client goes on whatever is wrong here.
fn ignored(render: &Render, error: &Error) -> u8 {
    render.error(error, &[]);
    0
}

fn say(render: &Render, value: &Value) -> u8 {
    render.text(&format!("{value}\n"))
}

fn words(error: &Error) -> String {
    let mut text = error.message.clone();
    for line in error.details.lines() {
        text.push_str(&format!("\n  {line}"));
    }
    for choice in &error.choices {
        text.push_str(&format!(
            "\n{}) {}: {}",
            choice.key,
            choice.label,
            choice.args.join(" ")
        ));
    }
    if let Some(hint) = &error.hint {
        text.push_str(&format!("\n{hint}"));
    }
    cut(&crate::visible::text(&text), CONTEXT)
}

fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..most)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or_default();
    format!("{}\n[…]\n", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: &str = r#"{"questions": [{"question": "Q?", "header": "H", "multiSelect": false, "options": [{"label": "a", "description": "b"}]}], "answers": {"Q?": "a"}}"#;

    fn label_of(response: &str) -> Option<String> {
        let event = ToolUse {
            session_id: "s".to_owned(),
            tool_name: "AskUserQuestion".to_owned(),
            tool_input: serde_json::from_str(ASKED).expect("JSON"),
            tool_response: serde_json::from_str(response).expect("JSON"),
        };
        let question = asked(&event.tool_input).expect("a question");
        label(&event, &question).map(str::to_owned)
    }

    #[test]
    fn an_answer_is_the_client_s_and_never_the_model_s() {
        assert_eq!(label_of(r#"{"answers": {"Q?": "a"}}"#).as_deref(), Some("a"));
        // What the model wrote into its own input is no answer.
        for none in [
            "{}",
            "null",
            r#""a""#,
            r#"{"answers": "a"}"#,
            r#"{"answers": {"Other?": "a"}}"#,
            r#"{"answers": {"Q?": ["a"]}}"#,
        ] {
            assert_eq!(label_of(none), None, "{none}");
        }
    }

    #[test]
    fn only_one_plain_question_is_taken() {
        let whole: Value = serde_json::from_str(ASKED).expect("JSON");
        assert!(asked(&whole).is_some());
        let changes: [fn(&mut Value); 9] = [
            |input| input["questions"] = json!([]),
            |input| input["questions"] = json!([input["questions"][0], input["questions"][0]]),
            |input| input["questions"][0]["multiSelect"] = json!(true),
            |input| input["questions"][0]["note"] = json!("it only reads"),
            |input| input["questions"][0]["header"] = json!(null),
            |input| input["questions"][0]["options"][0]["preview"] = json!("it only reads"),
            |input| input["questions"][0]["options"][0]["description"] = json!(null),
            |input| input["questions"][0]["options"] = json!([{"description": "x"}]),
            |input| *input = json!({}),
        ];
        for (at, change) in changes.into_iter().enumerate() {
            let mut changed = whole.clone();
            change(&mut changed);
            assert!(asked(&changed).is_none(), "{at}: {changed}");
        }
        let mut empty = whole;
        empty["questions"][0]["options"][0]["preview"] = json!(null);
        assert!(asked(&empty).is_some(), "a member without a value shows nothing");
    }
}
