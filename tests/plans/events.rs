//! Claude Code's events about a plan, as the client gives them to its hooks.

use serde_json::{Value, json};

/// The event of a question that was answered.
pub(crate) fn answered(session: &str, question: &Value, label: &str) -> Value {
    let text = question["question"].as_str().expect("text");
    json!({"session_id": session, "hook_event_name": "PostToolUse", "tool_name": "AskUserQuestion",
        "tool_input": {"questions": [question]}, "tool_response": {"questions": [question], "answers": {text: label}}})
}

/// The question that Claude is told to ask, as it would ask it.
pub(crate) fn question(context: &str) -> Value {
    let between = |text: &str, from: &str, to: &str| {
        let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no `{from}` in {text}"));
        rest.split_once(to)
            .unwrap_or_else(|| panic!("no `{to}` in {rest}"))
            .0
            .to_owned()
    };
    let options = context
        .lines()
        .filter(|line| line.starts_with("- \"") && line.contains("\"): run "));
    let options: Vec<Value> = options
        .map(|line| json!({"label": between(line, "- \"", "\" (\""), "description": between(line, "\" (\"", "\"): run ")}))
        .collect();
    json!({"question": between(context, "one question: \"", "\" (header"), "header": between(context, "(header \"", "\")"),
        "multiSelect": false, "options": options})
}

/// The digest in a question.
pub(crate) fn digest(question: &Value) -> String {
    let text = question["question"].as_str().expect("text");
    text.split(' ').nth(2).expect("a digest").to_owned()
}
