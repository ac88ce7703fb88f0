//! Which values fit, what a filled template is, and what is said when one can't be filled.

use serde_json::{Value, json};

use super::super::*;
use super::template;

fn given(values: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let list = |list: &[&str]| list.iter().map(|&value| value.to_owned()).collect();
    values
        .iter()
        .map(|(name, values)| ((*name).to_owned(), list(values)))
        .collect()
}

fn fill(argv: &Value, values: &[(&str, &[&str])], stdin: Option<&[u8]>) -> Result<Filled, FillError> {
    let (template, given) = (template(argv), given(values));
    template.fill(Values::new(&given, stdin.map(<[u8]>::to_vec), template.holes())?)
}

/// The arguments, all of which have to be text.
fn line(argv: &Value, values: &[(&str, &[&str])]) -> Result<Vec<String>, FillError> {
    let text = |argument: &Argument| match argument {
        Argument::Text(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    };
    Ok(fill(argv, values, None)?.arguments.iter().map(text).collect())
}

#[test]
fn values_fit_their_types() {
    let long = |length: usize| "a".repeat(length);
    let (id, id_too_long) = (long(128), long(129));
    let (name, name_too_long) = (long(255), long(256));
    let (text, text_too_long) = (long(32 << 10), long((32 << 10) + 1));
    let (path, path_too_long) = (long(1024), long(1025));
    let cases: [(&str, &[&str], &[&str]); 8] = [
        (
            "<x:id>",
            &["a", "hq-cv-3swyi", "1.2", "A_b", &id],
            &[
                "",
                "-a",
                ".a",
                "..",
                "a/b",
                "a b",
                "ä",
                "a\n",
                "a\0",
                "@a",
                &id_too_long,
            ],
        ),
        (
            "--x=<x:int>",
            &["0", "-5", "9223372036854775807", "007"],
            &["", "+5", "1.5", "0x1", " 1", "1\n", "٣", "9223372036854775808", "-"],
        ),
        (
            "<x:sha>",
            &["0123abc", "ABCDEF0", &"f".repeat(64)],
            &["", "012345", "0123abg", &"f".repeat(65), "HEAD", "-123abc", "0123abc\n"],
        ),
        (
            "<x:ref>",
            &["main", "polecat/onyx/app-4k2", "v1.2", "a-b", "a-ä", &name],
            &[
                "",
                "-a",
                "/a",
                "a/",
                "a//b",
                "a..b",
                "a.lock",
                "a.lock/b",
                "a/.b",
                "a.",
                "a b",
                "a~1",
                "a^",
                "a:b",
                "a?",
                "a*",
                "a[",
                "a\\b",
                "a@{1}",
                "@",
                "a\u{7f}",
                "a\nb",
                ".a",
                &name_too_long,
            ],
        ),
        (
            "--x=<x:text>",
            &["", "-a", "--force", "a b\nc", "a@b", "$(rm -rf ~)", &text],
            &["a\0b", &text_too_long],
        ),
        ("<x:one of a|b-c>", &["a", "b-c"], &["", "A", "a|b-c", "b", "-"]),
        (
            "<x:path in project>",
            &["a", "a/b.md", "..a", "-a", "a b", "a:b", &path],
            &[
                "",
                ".",
                "..",
                "/a",
                "a/../b",
                "a/./b",
                "a//b",
                "a/",
                "./a",
                "a\\b",
                "a\0b",
                "a\nb",
                &path_too_long,
            ],
        ),
        (
            "<x:tempfile>",
            &["", "a\0b", "@", "-", &text_too_long],
            &[&long((8 << 20) + 1)],
        ),
    ];
    for (hole, fit, unfit) in cases {
        let argv = json!(["bd", "show", hole]);
        for value in fit {
            let filled = fill(&argv, &[("x", &[value])], None);
            assert!(filled.is_ok(), "{hole} takes {value:.60?}: {filled:?}");
        }
        for value in unfit {
            let error = fill(&argv, &[("x", &[value])], None).expect_err(&format!("{hole} {value:.60?}"));
            assert!(matches!(error.code(), "invalid-value" | "too-big"), "{error:?}");
        }
    }
}

#[test]
fn a_filled_template_has_everything_in_its_place() {
    let sling = json!([
        "gt",
        "sling",
        "<bead:id>",
        "<rig:id>",
        "--no-boot",
        ["--args=<brief:text>", "--for=<bead:id>"]
    ]);
    let both: [(&str, &[&str]); 2] = [("rig", &["app"]), ("bead", &["app-4k2"])];
    assert_eq!(
        line(&sling, &both),
        Ok(["sling", "app-4k2", "app", "--no-boot"].map(String::from).to_vec())
    );
    let more = [both[0], both[1], ("brief", &["a; b"][..])];
    let expected = ["sling", "app-4k2", "app", "--no-boot", "--args=a; b", "--for=app-4k2"];
    assert_eq!(line(&sling, &more), Ok(expected.map(String::from).to_vec()));
    let stage = json!(["gt", "convoy", "stage", "<ids…:id>", "--json"]);
    let expected = ["convoy", "stage", "a-1", "a-2", "--json"];
    assert_eq!(
        line(&stage, &[("ids", &["a-1", "a-2"])]),
        Ok(expected.map(String::from).to_vec())
    );

    let create = json!([
        "bd",
        "create",
        "--graph=<graph:tempfile>",
        ["--from", "<at:path in town>"],
        ["--stdin", "<body:stdin>"]
    ]);
    let filled = fill(&create, &[("graph", &["{}"]), ("at", &["app/a.md"])], Some(b"\0\xff")).expect("it fits");
    let (before, content) = ("--graph=".to_owned(), "{}".to_owned());
    assert_eq!(
        filled.arguments,
        [
            Argument::Text("create".to_owned()),
            Argument::Tempfile { before, content },
            Argument::Text("--from".to_owned()),
            Argument::Path {
                before: String::new(),
                place: crate::manifest::Place::Town,
                path: "app/a.md".to_owned()
            },
            Argument::Text("--stdin".to_owned()),
        ]
    );
    assert_eq!(
        (filled.program.as_str(), filled.stdin.as_deref()),
        ("bd", Some(&b"\0\xff"[..]))
    );
    let filled = fill(&create, &[("graph", &[""])], None).expect("the rest is optional");
    assert_eq!((filled.arguments.len(), filled.stdin), (2, None));
}

#[test]
fn what_does_not_go_together_is_refused_in_words() {
    let argv = json!([
        "bd",
        "list",
        "--track=<track:id>",
        ["--from", "<from:sha>", "<to:sha>"],
        ["<ids…:id>"],
        ["<in:stdin>", "<q:id>"]
    ]);
    type Named<'a> = (&'a str, &'a [&'a str]);
    type Case<'a> = (&'a [Named<'a>], Option<&'a [u8]>, &'a str, &'a str);
    let track: Named<'_> = ("track", &["a"]);
    let many = vec!["a"; 1025];
    let cases: [Case<'_>; 12] = [
        (&[], None, "missing-value", "`track` has no value"),
        (&[("track", &[])], None, "missing-value", "`track` has no value"),
        (
            &[("trak", &["a"])],
            None,
            "unknown-value",
            "no value `trak` (did you mean `track`?)",
        ),
        (&[("zzz\u{1b}[0m", &["a"])], None, "unknown-value", "no value `zzz[0m`"),
        (&[("in", &["a"])], None, "unknown-value", "no value `in`"),
        (&[track, track], None, "invalid-value", "`track` is given twice"),
        (
            &[("track", &["a", "b"])],
            None,
            "invalid-value",
            "`track` takes one value",
        ),
        (
            &[("track", &["a b"])],
            None,
            "invalid-value",
            "the value of `track` is not an id",
        ),
        (
            &[track, ("from", &["0123abc"])],
            None,
            "missing-value",
            "`from` has a value that is used only together with `to`",
        ),
        (
            &[track],
            Some(b""),
            "missing-value",
            "`in` has a value that is used only together with `q`",
        ),
        (
            &[track, ("q", &["a"])],
            None,
            "missing-value",
            "`q` has a value that is used only together with `in`",
        ),
        (
            &[track, ("ids", &many)],
            None,
            "too-big",
            "the list `ids` has more than 1024 values",
        ),
    ];
    for (values, stdin, code, says) in cases {
        let error = fill(&argv, values, stdin).expect_err(says);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(says), "`{error}` does not say `{says}`");
    }
    let error = fill(&json!(["bd", "list"]), &[], Some(b"")).expect_err("it reads none");
    assert_eq!(error.to_string(), "the command reads no stdin");
    let error = fill(&json!(["bd", "list", "<in:stdin>"]), &[], None).expect_err("it reads one");
    assert_eq!(error.to_string(), "`in` has no value");
    let large = vec![b'a'; (8 << 20) + 1];
    assert_eq!(
        fill(&json!(["bd", "list", "<in:stdin>"]), &[], Some(&large))
            .expect_err("too large")
            .code(),
        "too-big"
    );
}

#[test]
fn an_empty_list_is_no_list() {
    // `bd close` without an id closes what was touched last.
    let close = json!(["bd", "close", "<ids…:id>"]);
    assert_eq!(line(&close, &[("ids", &[])]), Err(FillError::Missing("ids".to_owned())));
}

#[test]
fn a_command_line_is_bounded_as_a_whole() {
    let elements: Vec<Value> = (0..9)
        .map(|index| json!(format!("--a{index}=<a{index}:text>")))
        .collect();
    let argv = json!([vec![json!("bd"), json!("create")], elements].concat());
    let long = "a".repeat(32 << 10);
    let names: Vec<String> = (0..9).map(|index| format!("a{index}")).collect();
    let list = [long.as_str()];
    let values: Vec<(&str, &[&str])> = names.iter().map(|name| (name.as_str(), &list[..])).collect();
    let error = fill(&argv, &values, None).expect_err("9 times 32 KiB");
    assert_eq!(
        error.to_string(),
        format!("the command line has more than {} bytes", 256 << 10)
    );
}

#[test]
fn no_value_begins_an_option_or_names_a_file() {
    let refused = |hole: &str, value: &str, with: char| {
        let argv = json!(["git", "log", "--max-count", "--", hole]);
        let error = fill(&argv, &[("x", &[value])], None).expect_err(hole);
        assert_eq!(
            error,
            FillError::Begins {
                name: "x".to_owned(),
                with
            },
            "{hole}"
        );
    };
    refused("<x:text>", "--output=/etc/passwd", '-');
    refused("<x…:text>", "-o", '-');
    refused("<x:int>", "-5", '-');
    refused("-n<x:int>", "-5", '-');
    refused("-<x:int>", "-5", '-');
    refused("<x:text>", "@/etc/passwd", '@');
    refused("<x…:text>", "@/etc/passwd", '@');
    refused("--body=<x:text>", "@/etc/passwd", '@');
    assert_eq!(
        line(&json!(["bd", "create", "--body=<x:text@>"]), &[("x", &["@a"])]).expect("the hole says so")[1],
        "--body=@a"
    );
    assert_eq!(
        line(&json!(["bd", "create", "--body=Re: <x:text>"]), &[("x", &["@a"])]).expect("inside")[1],
        "--body=Re: @a"
    );
    // Two values together must not do what one may not.
    let argv = json!(["bd", "create", "--", "<x:text>-<y:id>"]);
    assert!(line(&argv, &[("x", &[""]), ("y", &["f"])]).is_err());
    let argv = json!(["bd", "create", "--body=<x:text>@<y:id>"]);
    assert!(line(&argv, &[("x", &[""]), ("y", &["f"])]).is_err());
}
