//! What a template may be, what comes of it with values, and that no value makes it another command.

use serde_json::{Value, json};

use super::*;

mod fill;
mod lint;
mod properties;

fn read(argv: &Value) -> Result<Template, TemplateError> {
    let words: Vec<Word> = serde_json::from_value(argv.clone()).expect("texts and lists of texts");
    Template::try_from(words)
}

fn template(argv: &Value) -> Template {
    read(argv).unwrap_or_else(|error| panic!("{argv}: {error}"))
}

#[test]
fn a_person_is_shown_what_will_be_run() {
    for (argv, shown) in [
        (json!(["bd"]), "bd"),
        (
            json!(["bd", "create", "--title=<title:text>", "--json"]),
            "bd create --title=<title:text> --json",
        ),
        (
            json!([
                "gt",
                "sling",
                "<bead:id>",
                "<rig:id>",
                "--no-boot",
                ["--args=<brief:text>"]
            ]),
            "gt sling <bead:id> <rig:id> --no-boot [--args=<brief:text>]",
        ),
        (
            json!([
                "bd",
                "create",
                "--type",
                "<kind:one of task|bug>",
                "--parent",
                "<parent:id>"
            ]),
            "bd create --type <kind:one of task|bug> --parent <parent:id>",
        ),
        (
            json!(["gt", "convoy", "stage", "<ids…:id>"]),
            "gt convoy stage <ids…:id>",
        ),
        (json!(["git", "log", "--format=%h %s"]), "git log --format='%h %s'"),
        (
            json!(["git", "log", "--format=%an <<%ae>"]),
            "git log --format='%an <%ae>'",
        ),
        (
            json!(["git", "log", "it's", "", "a b=<x:id>"]),
            r"git log 'it'\''s' '' 'a b='<x:id>",
        ),
        (json!(["git", "log", "[--all]", "<x:id>"]), "git log '[--all]' <x:id>"),
        (
            json!(["git", "show", "--stat", "<file:path in project>"]),
            "git show --stat <file:path in project>",
        ),
        (
            json!([
                "bd",
                "create",
                "--body-file",
                "-",
                "--metadata=@<meta:tempfile>",
                "<body:stdin>"
            ]),
            "bd create --body-file - --metadata=@<meta:tempfile> <body:stdin>",
        ),
    ] {
        let template = template(&argv);
        assert_eq!(template.to_string(), shown);
        assert_eq!(template.canonical(), argv.to_string());
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_to_write() {
    for (argv, at, what, fix) in [
        (json!([]), "`argv[0]`: ", "is missing", "begin with it"),
        (json!([["git"]]), "`argv[0]`: ", "is missing", "begin with it"),
        (
            json!(["/usr/bin/git", "log"]),
            "`argv[0]`: ",
            "no name of a program",
            "without a path",
        ),
        (
            json!(["<x:id>", "log"]),
            "`argv[0]`: ",
            "no name of a program",
            "without holes",
        ),
        (
            json!(["-git", "log"]),
            "`argv[0]`: ",
            "no name of a program",
            "such as `git`",
        ),
        (
            json!(["git", "<x:id>"]),
            "`argv[1]`: ",
            "has to be literal",
            "`--` first",
        ),
        (
            json!(["git", ["log", "<x:id>"]]),
            "`argv[1]`: ",
            "has to be literal",
            "`--` first",
        ),
        (json!(["git", ""]), "`argv[1]`: ", "has to be literal", "`--` first"),
        (
            json!(["git", "a", "ü <x"]),
            "`argv[2]`, character 3: ",
            "does not end",
            "`<<`",
        ),
        (
            json!(["git", "a", "<x>"]),
            "`argv[2]`, character 1: ",
            "`<x>` has no type",
            "`<track:id>`",
        ),
        (
            json!(["git", "a", "<:id>"]),
            "`argv[2]`, character 1: ",
            "has no name",
            "lower-case",
        ),
        (
            json!(["git", "a", "<X:id>"]),
            "`argv[2]`, character 1: ",
            "has no name",
            "lower-case",
        ),
        (
            json!(["git", "a", "<xs...:id>"]),
            "`argv[2]`, character 1: ",
            "has no name",
            "`…`",
        ),
        (
            json!(["git", "a", ["b", "--c=<x:string>"]]),
            "`argv[2][1]`, character 5: ",
            "no type `string`",
            "types are",
        ),
        (
            json!(["git", "a", "<x: id>"]),
            "`argv[2]`, character 1: ",
            "no type ` id`",
            "types are",
        ),
        (
            json!(["git", "a", "<x:path>"]),
            "`argv[2]`, character 1: ",
            "no type `path`",
            "`path in project`",
        ),
        (
            json!(["git", "a", "<x:path in home>"]),
            "`argv[2]`, character 1: ",
            "no place `home`",
            "`town`",
        ),
        (
            json!(["git", "a", "<x:one of >"]),
            "`argv[2]`, character 1: ",
            "no word",
            "one of a|b|c",
        ),
        (
            json!(["git", "a", "<x:one of a |b>"]),
            "`argv[2]`, character 1: ",
            "`a ` is no word",
            "without spaces",
        ),
        (
            json!(["git", "a", "<x:one of a|-b>"]),
            "`argv[2]`, character 1: ",
            "`-b` is no word",
            "letter or digit",
        ),
        (
            json!(["git", "a", "<x:one of a|a>"]),
            "`argv[2]`, character 1: ",
            "twice",
            "take one out",
        ),
        (
            json!(["git", "a\u{202e}b"]),
            "`argv[1]`, character 2: ",
            "`\\u{202e}`",
            "take it out",
        ),
        (
            json!(["git", "a\nb"]),
            "`argv[1]`, character 2: ",
            "`\\n`",
            "through a hole",
        ),
        (
            json!(["git", "a\0"]),
            "`argv[1]`, character 2: ",
            "`\\0`",
            "take it out",
        ),
        (json!(["git", "a", ["--b"]]), "`argv[2]`: ", "nothing decides", "hole"),
        (json!(["git", "a", []]), "`argv[2]`: ", "nothing decides", "hole"),
        (
            json!(["git", "a", "--<x:id>"]),
            "`argv[2]`: ",
            "choose another option",
            "two arguments",
        ),
        (
            json!(["git", "a", "--x<x:int>"]),
            "`argv[2]`: ",
            "choose another option",
            "two arguments",
        ),
        (
            json!(["git", "a", "-x<x:id>"]),
            "`argv[2]`: ",
            "choose another option",
            "two arguments",
        ),
        (
            json!(["git", "a", "<x:text>"]),
            "`argv[2]`: ",
            "free text",
            "`--name=<…>`",
        ),
        (
            json!(["git", "a", "--x", "<x:text>"]),
            "`argv[3]`: ",
            "free text",
            "`--name=<…>`",
        ),
        (
            json!(["git", "a", "x=<x:text>"]),
            "`argv[2]`: ",
            "free text",
            "`--name=<…>`",
        ),
        (
            json!(["git", "a", "--=<x:text>"]),
            "`argv[2]`: ",
            "free text",
            "`--name=<…>`",
        ),
        (
            json!(["git", "a", ["--", "<x:id>"], "<y:text>"]),
            "`argv[3]`: ",
            "free text",
            "literal `--`",
        ),
        (
            json!(["git", "a", "<x:id><y:id>"]),
            "`argv[2]`: ",
            "touches",
            "text between",
        ),
        (
            json!(["git", "a", "b<x…:id>"]),
            "`argv[2]`: ",
            "is a list",
            "argument of its own",
        ),
        (
            json!(["git", "a", "<x…:stdin>"]),
            "`argv[2]`: ",
            "can't be a list",
            "`…`",
        ),
        (
            json!(["git", "a", "<x…:tempfile>"]),
            "`argv[2]`: ",
            "can't be a list",
            "`…`",
        ),
        (
            json!(["git", "a", "--x=<x:stdin>"]),
            "`argv[2]`: ",
            "no part of an argument",
            "alone",
        ),
        (
            json!(["git", "a", "<x:path in data>.bak"]),
            "`argv[2]`: ",
            "whole path",
            "end of one",
        ),
        (
            json!(["git", "a", "/etc/<x:path in data>"]),
            "`argv[2]`: ",
            "whole path",
            "behind `=`",
        ),
        (
            json!(["git", "a", "<x:id>", "<x:sha>"]),
            "`argv`: ",
            "have one name",
            "different names",
        ),
        (
            json!(["git", "a", "<x:id>", "<x…:id>"]),
            "`argv`: ",
            "have one name",
            "different names",
        ),
        (
            json!(["git", "a", "<x:tempfile>", "<x:tempfile>"]),
            "`argv`: ",
            "have one name",
            "different names",
        ),
        (
            json!(["git", "a", "<x:stdin>", "<y:stdin>"]),
            "`argv`: ",
            "two holes are stdin",
            "one",
        ),
        (json!(vec!["a"; 65]), "`argv`: ", "65 arguments", "several commands"),
        (
            json!(["git", "a", vec!["a"; 65]]),
            "`argv[2]`: ",
            "65 arguments",
            "several commands",
        ),
        (
            json!(["git", "a".repeat(1025)]),
            "`argv[1]`: ",
            "1025 bytes",
            "through a hole",
        ),
    ] {
        let error = read(&argv).expect_err(&argv.to_string());
        let text = error.to_string();
        let (message, hint) = text.split_once("\nhint: ").expect("a message and a hint");
        assert!(message.starts_with(at), "{argv}: {text}");
        assert!(message.contains(what) && hint.contains(fix), "{argv}: {text}");
        assert!(!message.contains(char::is_control), "{text:?}");
    }
}

#[test]
fn an_entry_that_is_no_text_is_named() {
    for argv in [
        json!([1]),
        json!(["git", null]),
        json!(["git", "a", [["b"]]]),
        json!("git"),
    ] {
        assert!(serde_json::from_value::<Template>(argv.clone()).is_err(), "{argv}");
    }
}
