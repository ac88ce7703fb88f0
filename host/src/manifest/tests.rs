//! What a manifest may say, what it may not, and how that is worded.

use serde_json::{Value, json};

use super::*;

mod commands;

/// The least that a manifest has.
fn least() -> Value {
    json!({"name": "words", "version": "1.2", "summary": "counts words", "api": API})
}

/// The least with these members added or replaced.
fn with(members: Value) -> Value {
    let mut manifest = least();
    for (key, value) in members.as_object().expect("members") {
        manifest[key] = value.clone();
    }
    manifest
}

fn read(manifest: &Value) -> Result<Manifest> {
    parse(&manifest.to_string(), "`words.wasm`")
}

/// The error of the least manifest with these members.
fn refused(members: Value) -> Error {
    read(&with(members.clone())).expect_err(&members.to_string())
}

/// Asserts that these members are refused with a usage error that says this.
fn assert_refused(members: Value, says: &str) {
    let error = refused(members);
    assert_eq!(error.kind.exit_code(), 2, "{error}");
    assert!(
        error.message.starts_with("the manifest of `words.wasm` is not right: "),
        "{error}"
    );
    assert!(error.message.contains(says), "`{error}` does not say `{says}`");
}

fn argument(members: Value) -> Value {
    let mut argument = json!({"name": "top", "help": "h", "type": "int"});
    for (key, value) in members.as_object().expect("members") {
        argument[key] = value.clone();
    }
    json!({"arguments": [argument]})
}

fn file(members: Value) -> Value {
    let mut file = json!({"grant": "docs", "place": "project", "path": "docs", "access": "read", "reason": "r"});
    for (key, value) in members.as_object().expect("members") {
        file[key] = value.clone();
    }
    json!({"files": [file]})
}

#[test]
fn the_least_one_wants_and_takes_nothing() {
    let manifest = read(&least()).expect("it has all that it needs");
    assert!(manifest.files.is_empty() && manifest.arguments.is_empty());
    assert_eq!((manifest.limits, manifest.slash_command), (None, None));
}

#[test]
fn what_is_written_is_what_was_read() {
    let all = with(json!({
        "slash_command": {"name": "words", "description": "d", "argument_hint": "[track]"},
        "arguments": [
            {"name": "track", "help": "h", "type": "text", "positional": true, "required": true, "complete": {"folders": "conductor/tracks"}},
            {"name": "sort", "help": "h", "type": {"one_of": ["name", "words"]}, "default": "name"},
            {"name": "all", "help": "h", "type": "flag"}],
        "files": [{"grant": "docs", "place": "project", "path": "docs/a.md", "access": "read", "reason": "r"}],
        "limits": {"run_ms": 120_000, "memory_mib": 512, "reason": "r"}}));
    let manifest = read(&all).expect("it is right");
    assert_eq!(serde_json::to_value(&manifest).expect("it is JSON"), all);
}

#[test]
fn each_member_of_the_least_one_is_needed() {
    for key in ["name", "version", "summary", "api"] {
        let mut manifest = least();
        manifest.as_object_mut().expect("an object").remove(key);
        let error = read(&manifest).expect_err(key);
        assert!(error.message.contains(&format!("missing field `{key}`")), "{error}");
    }
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_near_one() {
    let text = least().to_string().replacen('{', "{\n\"filez\": [],", 1);
    let error = parse(&text, "`words.wasm`").expect_err("`filez` is no key");
    assert!(
        error.message.contains("unknown field `filez`") && error.message.contains("line 2"),
        "{error}"
    );
    assert_eq!(error.hint.as_deref(), Some("did you mean `files`?"));

    for (members, near) in [
        (argument(json!({"requird": true})), "required"),
        (file(json!({"acces": "read"})), "access"),
        (json!({"limits": {"reason": "r", "memory": 1}}), "memory_mib"),
        (
            json!({"slash_command": {"name": "n", "description": "d", "argument-hint": "h"}}),
            "argument_hint",
        ),
        (argument(json!({"type": "flags"})), "flag"),
        (file(json!({"access": "raed"})), "read"),
    ] {
        assert_eq!(refused(members).hint, Some(format!("did you mean `{near}`?")));
    }
}

#[test]
fn text_that_is_no_manifest_is_refused() {
    for text in ["", "{", "[]", "null", "\"words\"", "{\"name\": 1}"] {
        let error = parse(text, "`words.wasm`").expect_err(text);
        assert_eq!(error.kind.exit_code(), 2, "{error}");
    }
    let twice = least().to_string().replacen('{', "{\"name\": \"other\",", 1);
    assert!(
        parse(&twice, "`words.wasm`")
            .expect_err("twice")
            .message
            .contains("duplicate field")
    );
}

#[test]
fn another_interface_is_said_before_anything_else() {
    let api = |api: &str, rest: Value| {
        let mut members = with(rest);
        members["api"] = api.into();
        read(&members).expect_err(api)
    };
    for newer in ["0.1.1", "0.2.0", "1.0.0"] {
        let error = api(newer, json!({"a_key_of_later": 1}));
        assert_eq!(
            (error.kind.exit_code(), error.code.as_str()),
            (1, "wrong-api"),
            "{error}"
        );
        assert_eq!(
            error.message,
            format!("`words.wasm` needs the interface {newer}, this `conductor` offers {API}")
        );
        assert!(error.hint.expect("a hint").contains("update yours"));
    }
    let error = api("0.0.9", json!({}));
    assert_eq!(error.code, "wrong-api");
    assert!(error.hint.expect("a hint").contains("its author"));
    for wrong in ["", "1", "0.1", "0.1.0.0", "0.1.x", "-1.0.0"] {
        assert!(api(wrong, json!({})).message.contains("not three numbers"), "{wrong}");
    }
}

#[test]
fn names_are_one_plain_word() {
    let long = "a".repeat(33);
    for name in [
        "",
        "Words",
        "1st",
        "-a",
        "a b",
        "a_b",
        "wörter",
        "a/b",
        "../a",
        "a\u{1b}[31m",
        &long,
    ] {
        assert_refused(json!({"name": name}), "`name` is");
        assert_refused(argument(json!({"name": name})), "an argument's `name` is");
        assert_refused(file(json!({"grant": name})), "a `grant` is");
    }
    for name in ["a", "a1", "a-b", &"a".repeat(32)] {
        assert!(read(&with(json!({"name": name}))).is_ok(), "{name}");
    }
    let shown = refused(json!({"name": "a\u{1b}[31m\n"})).message;
    assert!(!shown.contains(char::is_control), "{shown}");
}

#[test]
fn version_and_summary_are_one_line() {
    for key in ["version", "summary"] {
        assert_refused(json!({key: ""}), &format!("`{key}` has to be one line"));
        assert_refused(json!({key: "a\nb"}), &format!("`{key}` has to be one line"));
    }
}

#[test]
fn flags_of_the_host_are_not_an_arguments_name() {
    for name in HOST_FLAGS {
        assert_refused(
            argument(json!({"name": name})),
            "has the name of a flag of `conductor` itself",
        );
    }
}

#[test]
fn two_of_one_name_are_refused() {
    let one = json!({"name": "top", "help": "h", "type": "int"});
    assert_refused(json!({"arguments": [one, one]}), "two arguments are named `top`");
    let one = json!({"grant": "docs", "place": "project", "path": "docs", "access": "read", "reason": "r"});
    assert_refused(json!({"files": [one, one]}), "two grants are named `docs`");
}

#[test]
fn a_required_argument_does_not_stand_behind_one_that_is_not() {
    let positional = |name: &str, required: bool| json!({"name": name, "help": "h", "type": "text", "positional": true, "required": required});
    assert_refused(
        json!({"arguments": [positional("a", false), positional("b", true)]}),
        "`b` is required but stands behind `a`",
    );
    assert!(
        read(&with(
            json!({"arguments": [positional("a", true), positional("b", false)]})
        ))
        .is_ok()
    );
}

#[test]
fn a_flag_is_there_or_not() {
    for member in [
        json!({"positional": true}),
        json!({"required": true}),
        json!({"default": false}),
    ] {
        let mut members = member;
        members["type"] = "flag".into();
        assert_refused(
            argument(members),
            "is a flag: it can't be positional, required or have a default",
        );
    }
}

#[test]
fn a_default_is_of_its_arguments_type() {
    let one_of = json!({"one_of": ["a", "b"]});
    for (kind, wrong) in [
        (json!("int"), json!("1")),
        (json!("int"), json!(1.5)),
        (json!("int"), json!(u64::MAX)),
        (json!("text"), json!(1)),
        (one_of.clone(), json!("c")),
        (one_of.clone(), json!(["a"])),
    ] {
        assert_refused(
            argument(json!({"type": kind, "default": wrong})),
            "the default of the argument `top` is not of its type",
        );
    }
    for (kind, right) in [
        (json!("int"), json!(-1)),
        (json!("text"), json!("")),
        (one_of, json!("b")),
    ] {
        assert!(
            read(&with(argument(json!({"type": kind, "default": right})))).is_ok(),
            "{right}"
        );
    }
    assert_refused(
        argument(json!({"required": true, "default": 1})),
        "is required and has a default",
    );
}

#[test]
fn one_of_needs_words() {
    assert_refused(argument(json!({"type": {"one_of": []}})), "one of no words");
    assert_refused(argument(json!({"type": {"one_of": ["a", ""]}})), "one of no words");
}

#[test]
fn paths_say_where_they_lead() {
    for path in [
        "", ".", "..", "/", "/etc", "a/..", "a/../b", "./a", "a//b", "a/", "C:/x", "a\\b", "a\0b",
    ] {
        assert_refused(file(json!({"path": path})), "has to be relative");
        assert_refused(
            argument(json!({"type": "text", "complete": {"folders": path}})),
            "has to be relative",
        );
    }
    for path in ["conductor", "docs/a.md", "..a", "a..b", ".config"] {
        assert!(read(&with(file(json!({"path": path})))).is_ok(), "{path}");
    }
}

#[test]
fn what_is_wanted_has_a_reason() {
    assert_refused(file(json!({"reason": ""})), "the grant `docs` has no reason");
    assert_refused(json!({"limits": {"run_ms": 1, "reason": ""}}), "`limits` has no reason");
    assert!(
        refused(json!({"limits": {"run_ms": 1}}))
            .message
            .contains("missing field `reason`")
    );
}

#[test]
fn limits_have_limits() {
    let limits = |key: &str, value: u64| json!({"limits": {key: value, "reason": "r"}});
    for (key, most) in [("run_ms", MOST_RUN_MS), ("memory_mib", MOST_MEMORY_MIB.into())] {
        assert_refused(limits(key, 0), &format!("`{key}` takes 1 to {most}"));
        assert_refused(limits(key, most + 1), &format!("`{key}` takes 1 to {most}"));
        assert!(read(&with(limits(key, most))).is_ok(), "{key}");
        assert!(read(&with(limits(key, 1))).is_ok(), "{key}");
    }
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    crate::published::check::<Manifest>("manifest");
}
