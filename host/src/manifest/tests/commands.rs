//! Programs, commands and files to write.

use serde_json::{Value, json};

use super::*;

/// A manifest with one command of `bd`; its members, and those of the program, added or replaced.
fn command_of(program: Value, command: Value) -> Value {
    let mut members = json!({
        "programs": {"bd": {"reason": "r"}},
        "commands": {"beads": {"argv": ["bd", "list", "--json"], "cwd": "project", "effect": "read", "reason": "r"}}});
    for (into, from) in [("/programs/bd", program), ("/commands/beads", command)] {
        for (key, value) in from.as_object().expect("members") {
            members.pointer_mut(into).expect("it is there")[key] = value.clone();
        }
    }
    members
}

fn command(members: Value) -> Value {
    command_of(json!({}), members)
}

fn program(members: Value) -> Value {
    command_of(members, json!({}))
}

/// Asserts that these members are refused with this hint.
fn assert_hint(members: Value, hint: &str) {
    let error = refused(members);
    assert_eq!(error.hint.as_deref(), Some(hint), "{error}");
}

#[test]
fn a_command_has_what_it_says_and_the_usual_bounds() {
    let manifest = read(&with(command(json!({"cwd": "town/<rig:id>"})))).expect("it is right");
    let beads = &manifest.commands["beads"];
    assert_eq!((beads.timeout_ms, beads.max_output_bytes), (10_000, 1 << 20));
    assert_eq!(beads.cwd.to_string(), "town/<rig:id>");
    assert_eq!(beads.argv.to_string(), "bd list --json");
}

#[test]
fn commands_are_written_as_they_were_read() {
    let all = with(json!({
        "arguments": [],
        "files": [
            {"grant": "notes", "place": "data", "path": "notes", "access": "write", "reason": "r"},
            {"grant": "formula", "place": "town", "path": ".beads/formulas/conductor.formula.toml", "access": "write", "reason": "r"}],
        "programs": {"bd": {"env": {"BD_JSON_ENVELOPE": "0", "LC_ALL": "C"}, "pass_env": ["ANTHROPIC_*", "SSH_AUTH_SOCK"], "reason": "r"}},
        "commands": {"beads": {
            "argv": ["bd", "list", "--track=<track:id>", ["--limit", "<limit:int>"], "<ids…:id>", "<<x>"],
            "cwd": "town/<rig:id>", "effect": "write", "timeout_ms": 900_000, "max_output_bytes": 8_388_608, "reason": "r"}}}));
    let manifest = read(&all).expect("it is right");
    assert_eq!(serde_json::to_value(&manifest).expect("it is JSON"), all);
}

#[test]
fn a_value_reaches_command_line_and_folder() {
    let manifest = read(&with(command(
        json!({"argv": ["bd", "list", "<rig:id>"], "cwd": "town/<rig:id>"}),
    )));
    let manifest = manifest.expect("it is right");
    let beads = &manifest.commands["beads"];
    let given = |rig: &str| vec![("rig".to_owned(), vec![rig.to_owned()])];
    let filled = beads.fill(&given("app"), None).expect("it fits");
    assert_eq!((filled.place, filled.rig.as_deref()), (Place::Town, Some("app")));
    assert_eq!(filled.line.arguments.len(), 2);
    for rig in ["..", ".", "a/b", "", "-a", "/"] {
        assert_eq!(beads.fill(&given(rig), None).expect_err(rig).code(), "invalid-value");
    }
    assert_eq!(beads.fill(&[], None).expect_err("no value").code(), "missing-value");
    let manifest = read(&with(command(json!({})))).expect("it is right");
    let filled = manifest.commands["beads"].fill(&[], None).expect("it needs none");
    assert_eq!((filled.place, filled.rig), (Place::Project, None));
}

#[test]
fn a_place_is_used_by_files_folders_and_paths() {
    let uses = |members: Value| {
        let manifest = read(&with(members)).expect("it is right");
        [Place::Project, Place::Town, Place::Data].map(|place| manifest.uses(place))
    };
    assert_eq!(uses(json!({})), [false, false, false]);
    assert_eq!(uses(file(json!({}))), [true, false, false]);
    assert_eq!(uses(command(json!({"cwd": "town/<rig:id>"}))), [false, true, false]);
    let argv = json!(["bd", "list", ["<x:path in town>"], "<y…:path in project>"]);
    assert_eq!(uses(command(json!({"argv": argv, "cwd": "data"}))), [true, true, true]);
}

#[test]
fn trouble_in_a_template_names_the_line_the_place_in_it_and_what_to_write() {
    let text = with(command(json!({"argv": ["bd", "list", ["--track", "<track:word>"]]}))).to_string();
    let text = text.replacen('{', "{\n", 1).replacen("\"argv\"", "\n\"argv\"", 1);
    let error = parse(&text, "`words.wasm`").expect_err("no such type");
    assert!(
        error
            .message
            .contains("`argv[2][1]`, character 1: the hole `<track:word>`: there is no type `word` at line 3"),
        "{error}"
    );
    assert!(error.hint.expect("a hint").starts_with("types are `id`, "));
    assert_refused(
        command(json!({"argv": ["bd", 1]})),
        "an entry of `argv` is a text, or a list of texts",
    );
}

#[test]
fn what_a_command_lacks_or_has_wrongly_is_said() {
    for key in ["argv", "cwd", "effect", "reason"] {
        let mut members = command(json!({}));
        let beads = members.pointer_mut("/commands/beads").and_then(Value::as_object_mut);
        beads.expect("it is there").remove(key);
        assert_refused(members, &format!("missing field `{key}`"));
    }
    assert_refused(command(json!({"reason": " "})), "the command `beads` has no reason");
    assert_refused(program(json!({"reason": ""})), "the program `bd` has no reason");
    assert_refused(command(json!({"effect": "reads"})), "unknown variant `reads`");
    assert_refused(command(json!({"cwd": "/tmp"})), "`cwd`: `/tmp` is no folder");
    assert_hint(
        command(json!({"cwd": "town/app"})),
        "it takes `project`, `town`, `town/<rig:id>` or `data`",
    );
    assert_refused(
        command(json!({"cwd": "town/<rig:text>"})),
        "`cwd`: `town/<rig:text>` is no folder",
    );
    assert_refused(
        command(json!({"cwd": "town/<rig"})),
        "`cwd`, character 6: a hole begins",
    );
    assert_refused(
        command(json!({"argv": ["bd", "list", "<rig:int>"], "cwd": "town/<rig:id>"})),
        "the hole `<rig:int>`, and another of that name in `cwd`",
    );
    for (key, most) in [("timeout_ms", MOST_TIMEOUT_MS), ("max_output_bytes", MOST_OUTPUT_BYTES)] {
        assert!(read(&with(command(json!({key: most})))).is_ok());
        for wrong in [0, most + 1] {
            assert_refused(
                command(json!({key: wrong})),
                &format!("`{key}` of the command `beads` is {wrong}: it takes 1 to {most}"),
            );
        }
    }
}

#[test]
fn names_of_commands_are_names_of_grants() {
    let named = |name: &str| {
        let mut members = command(json!({}));
        let beads = members["commands"]["beads"].take();
        members["commands"] = json!({name: beads});
        members
    };
    assert_refused(named("Beads"), "a command's name is `Beads`");
    let mut members = named("docs");
    members["files"] = file(json!({}))["files"].take();
    assert_refused(members, "a command and a grant of files are both named `docs`");
    let beads = command(json!({}))["commands"]["beads"].take();
    let mut members = command(json!({}));
    members["commands"] = (0..129).map(|index| (format!("c{index}"), beads.clone())).collect();
    assert_refused(members, "129 commands are more than 128");
}

#[test]
fn programs_and_commands_belong_together() {
    let members = command(json!({"argv": ["git", "log"]}));
    assert_refused(
        members.clone(),
        "the command `beads` starts `git`, which `programs` does not have",
    );
    assert_hint(members, "add `\"git\": { \"reason\": \"…\" }` to `programs`");
    assert_hint(command(json!({"argv": ["bdd", "list"]})), "did you mean `bd`?");
    let mut members = command(json!({}));
    members["programs"]["git"] = json!({"reason": "r"});
    assert_refused(members, "no command starts the program `git`");
    assert_refused(
        json!({"programs": {"bd\u{1b}[0m": {"reason": "r"}}}),
        "no command starts the program `bd[0m`",
    );
}

#[test]
fn a_key_is_there_once() {
    let twice = |json: &str, with: &str| {
        let text = super::with(program(json!({"env": {"A": "1"}}))).to_string();
        assert!(text.contains(json), "{text}");
        let error = parse(&text.replacen(json, with, 1), "`words.wasm`").expect_err(with);
        assert!(error.message.contains("duplicate field `"), "{error}");
    };
    twice(r#""programs":{"#, r#""programs":{"bd":{"reason":"r"},"#);
    twice(
        r#""commands":{"#,
        r#""commands":{"beads":{"argv":["bd"],"cwd":"data","effect":"read","reason":"r"},"#,
    );
    twice(r#""env":{"#, r#""env":{"A":"2","#);
    twice(r#""reason":"r"}}"#, r#""reason":"r","reason":"r"}}"#);
}

#[test]
fn variables_are_plain_and_not_the_hosts() {
    let fixed = |name: &str, value: &str| program(json!({"env": {name: value}}));
    for name in [
        "PATH",
        "HOME",
        "XDG_CONFIG_HOME",
        "LD_PRELOAD",
        "DYLD_INSERT_LIBRARIES",
        "TMPDIR",
    ] {
        assert_refused(fixed(name, "x"), &format!("`{name}` is the host's to set"));
        assert_refused(
            program(json!({"pass_env": [name]})),
            &format!("`{name}` is the host's to set"),
        );
    }
    for name in ["", "A B", "1A", "A=B", "A*", "Ä"] {
        assert_refused(fixed(name, "x"), "is no name of a variable");
    }
    for value in ["a\nb", "a\0", "a\u{202e}", &"a".repeat(1025)] {
        assert_refused(fixed("A", value), "has to be one line that can be shown");
    }
    for pattern in ["*", "_*", "A*", "A_**", "*_A", "A-B", ""] {
        assert_refused(program(json!({"pass_env": [pattern]})), "is no name of a variable");
    }
    for pattern in ["GT_*", "GT_ROLE", "BD_ACTOR", "BEADS_DIR"] {
        assert_refused(
            program(json!({"pass_env": [pattern]})),
            &format!("`{pattern}` is never passed on"),
        );
    }
    for pattern in ["LC_*", "LC_ALL", "TERM"] {
        assert_refused(program(json!({"pass_env": [pattern]})), "is the host's to set");
    }
    assert_refused(program(json!({"pass_env": ["A", "A"]})), "`A` is there twice");
    assert_refused(
        program(json!({"pass_env": ["A_*"], "env": {"A_B": "1"}})),
        "`A_*` has a fixed value in `env`",
    );
    let many: Vec<String> = (0..65).map(|index| format!("A{index}")).collect();
    assert_refused(program(json!({"pass_env": many})), "65 variables are more than 64");
}

#[test]
fn a_variable_of_a_command_has_values_of_its_call_and_no_others() {
    let of = |env: Value| {
        command_of(
            json!({"env": {"BD_ACTOR": "conductor"}}),
            json!({"cwd": "town/<rig:id>", "env": env}),
        )
    };
    let manifest = read(&with(of(
        json!({"GT_ROLE": "<rig:id>/polecats/<name:id>", "GT_PLAIN": "x"}),
    )))
    .expect("it is right");
    let beads = &manifest.commands["beads"];
    let given = |name: &str| {
        let value = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        vec![value("rig", "shop"), value("name", name)]
    };
    let filled = beads.fill(&given("nux"), None).expect("it fits");
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        filled.env,
        [variable("GT_PLAIN", "x"), variable("GT_ROLE", "shop/polecats/nux")]
    );
    for name in ["", "a b", "a=b", "a\nPATH=/tmp", "../x", "-x"] {
        assert_eq!(beads.fill(&given(name), None).expect_err(name).code(), "invalid-value");
    }
    assert_eq!(
        beads.fill(&given("nux")[..1], None).expect_err("no name").code(),
        "missing-value"
    );
    for (env, says) in [
        (json!({"PATH": "<rig:id>"}), "`PATH` is the host's to set"),
        (json!({"LD_PRELOAD": "<rig:id>"}), "`LD_PRELOAD` is the host's to set"),
        (json!({"GIT_SSH_COMMAND": "<rig:id>"}), "makes programs run something"),
        (json!({"PAGER": "x"}), "makes programs run something"),
        (
            json!({"BD_ACTOR": "<rig:id>"}),
            "has a fixed value in `env` of the program",
        ),
        (json!({"A": "<all:ref>"}), "can't be in a variable"),
        (json!({"A": "<all…:id>"}), ""),
        (json!({"A": "a\nb"}), ""),
        (json!({"A B": "x"}), "is no name of a variable"),
        (json!({"A": "<rig:int>"}), "can't be in a variable"),
    ] {
        assert_refused(of(env), says);
    }
}

#[test]
fn what_is_passed_is_what_was_named() {
    let manifest = read(&with(program(
        json!({"pass_env": ["ANTHROPIC_*", "SSH_AUTH_SOCK", "B_*", "NO_*"]}),
    )))
    .expect("it is right");
    let bd = &manifest.programs["bd"];
    for name in ["ANTHROPIC_API_KEY", "SSH_AUTH_SOCK", "B_X"] {
        assert!(bd.passes(name), "{name}");
    }
    for name in [
        "ANTHROPIC",
        "SSH_AUTH_SOCK2",
        "BD_ACTOR",
        "LD_PRELOAD",
        "NO_COLOR",
        "PATH",
        "anthropic_api_key",
    ] {
        assert!(!bd.passes(name), "{name}");
    }
}

#[test]
fn what_may_run_anything_is_not_said_to_read() {
    let make = |effect: &str| {
        json!({
            "programs": {"make": {"reason": "r"}},
            "commands": {"test": {"argv": ["make", "test"], "cwd": "project", "effect": effect, "reason": "r"}}})
    };
    assert_refused(
        make("read"),
        "the command `test` is said to read, but may run anything: `make` runs what it is given",
    );
    assert_hint(make("read"), "its `effect` is `write`");
    let manifest = read(&with(make("write"))).expect("it says what it is");
    assert!(manifest.unbounded(&manifest.commands["test"]).is_some());
    let environment = json!({"env": {"GIT_SSH_COMMAND": "sh -c id"}});
    assert_refused(
        program(environment.clone()),
        "`GIT_SSH_COMMAND=sh -c id` makes programs run something",
    );
    let manifest = read(&with(command_of(environment, json!({"effect": "write"})))).expect("it says what it is");
    assert!(manifest.unbounded(&manifest.commands["beads"]).is_some());
}

#[test]
fn what_decides_what_runs_is_never_written() {
    let write = |place: &str, path: &str| file(json!({"access": "write", "place": place, "path": path}));
    for (path, says) in [
        (".git", "a repository of git"),
        (".git/hooks", "a repository of git"),
        (".GIT/config", "a repository of git"),
        ("vendor/x/.git/config", "a repository of git"),
        (".repo.git/hooks/post-commit", "a repository of git"),
        (".claude/settings.json", "what Claude Code runs"),
        ("a/.Claude", "what Claude Code runs"),
        (".beads", "only single files"),
        (".beads/formulas", "only single files"),
        (".beads/config.yaml", "only single files"),
        (".beads/formulas/a/b.formula.toml", "only single files"),
        (".beads/formulas/.formula.toml", "only single files"),
        (".beads/formulas/a.toml", "only single files"),
        (".Beads/formulas/a.formula.toml", "only single files"),
        ("a/.beads/formulas/a.formula.toml", "only single files"),
    ] {
        assert_refused(write("project", path), says);
        assert!(why_not_written(path).is_some(), "{path}");
        assert!(read(&with(file(json!({"path": path})))).is_ok(), "{path} may be read");
    }
    for path in ["app", "app/crew/joe", "mayor", "settings"] {
        assert_refused(write("town", path), "in the town only single formulas");
    }
    assert_refused(write("project", "."), "has to be relative");
    assert_refused(write("project", "a\u{200b}b"), "hidden characters");
    for path in [
        "conductor",
        "standup",
        ".gitignore",
        ".github",
        "docs/a.md",
        ".beads/formulas/a.formula.toml",
    ] {
        assert!(read(&with(write("project", path))).is_ok(), "{path}");
    }
    assert!(read(&with(write("town", ".beads/formulas/a.formula.toml"))).is_ok());
}
