use super::*;
use crate::line::{Came, Presentation, SCHEMA, Seed};

fn text(text: &str) -> Text {
    Text::new(text.as_bytes().to_vec())
}

fn start(values: &[(&str, &[&str])]) -> Start {
    let texts = |texts: &[&str]| texts.iter().map(|value| text(value)).collect::<Vec<_>>();
    Start {
        command: "commits".to_owned(),
        values: values
            .iter()
            .map(|(name, values)| ((*name).to_owned(), texts(values)))
            .collect(),
        argv: Some(texts(&["git", "log"])),
        stdin: Some(text("in")),
    }
}

/// A command with two holes, a change of a file, a lock.
fn player() -> Player {
    let made = start(&[("since", &["monday"]), ("ids", &["a", "b"])]);
    let command = Command {
        call: 1,
        at_ms: 0,
        command: made.command,
        values: made.values,
        argv: made.argv.expect("it has one"),
        stdin: made.stdin,
        result: Came::NotWaited,
    };
    let change = Change {
        call: 2,
        at_ms: 1,
        operation: Operation::Create,
        grant: "page".to_owned(),
        path: "today.md".to_owned(),
        sha256: Some("d1".to_owned()),
        error: None,
    };
    let lock = Lock {
        call: 3,
        at_ms: 2,
        name: "page".to_owned(),
        error: None,
    };
    let header = Header {
        schema: SCHEMA.to_owned(),
        plugin: "p".to_owned(),
        digest: "d".to_owned(),
        arguments: serde_json::Map::new(),
        dry_run: false,
        presentation: Presentation::Json,
        project_name: String::new(),
        conductor: None,
        applies: None,
        session: None,
        over: Vec::new(),
        consents: Vec::new(),
        clock_ms: 0,
        seed: Seed([0; 32]),
    };
    let calls = vec![Call::Command(command), Call::File(change), Call::Lock(lock)];
    Player::new(Tape { header, calls })
}

fn differs(made: &Start) -> String {
    player().command(made).expect_err("it is another").to_string()
}

#[test]
fn the_same_calls_in_the_same_order_are_answered() {
    let mut player = player();
    let same = start(&[("ids", &["a", "b"]), ("since", &["monday"])]);
    assert_eq!(player.command(&same).expect("it is the first").call, 1);
    assert_eq!(
        player.left().collect::<Vec<_>>(),
        [
            "call 2: the plugin creates `today.md` of the grant `page`",
            "call 3: the plugin takes the lock `page`"
        ]
    );
    let change = player.change(Operation::Create, "page", "today.md", Some("d1"));
    assert_eq!(change.expect("it is the second").call, 2);
    assert_eq!(player.lock("page").expect("it is the third").call, 3);
    assert_eq!(player.left().len(), 0);
    assert_eq!(
        player.lock("page").expect_err("there are three").to_string(),
        "call 4 is not that of the tape: the plugin takes the lock `page`; the tape has no further call"
    );
}

#[test]
fn who_can_fill_no_template_is_not_asked_for_the_command_line() {
    let mut made = start(&[("since", &["monday"]), ("ids", &["a", "b"])]);
    made.argv = None;
    assert!(player().command(&made).is_ok());
}

#[test]
fn the_first_thing_that_differs_is_named() {
    let same: [(&str, &[&str]); 2] = [("since", &["monday"]), ("ids", &["a", "b"])];
    let mut other = start(&same);
    other.command = "stage".to_owned();
    let cases = [
        (other, "the plugin starts `stage`; on the tape it starts `commits`"),
        (
            start(&[("since", &["today"]), same[1]]),
            "`since` of `commits` is `today`, and on the tape `monday`",
        ),
        (
            start(&[same[0], ("ids", &["a", "c"])]),
            "value 2 of `ids` of `commits` is `c`, and on the tape `b`",
        ),
        (
            start(&[same[0], ("ids", &["a"])]),
            "`ids` of `commits` has 1 values, and on the tape 2",
        ),
        (
            start(&same[..1]),
            "`ids` of `commits` has no value, and on the tape one",
        ),
        (
            start(&[same[0], same[1], ("author", &["x"])]),
            "`author` of `commits` has a value, and on the tape none",
        ),
        (
            Start {
                argv: Some(vec![text("git"), text("show")]),
                ..start(&same)
            },
            "argument 2 of the command line of `commits` is `show`, and on the tape `log`",
        ),
        (
            Start {
                stdin: Some(text("other")),
                ..start(&same)
            },
            "stdin of `commits` is `other`, and on the tape `in`",
        ),
        (
            Start {
                stdin: None,
                ..start(&same)
            },
            "`commits` is given no stdin, and on the tape one",
        ),
    ];
    for (made, what) in cases {
        assert_eq!(differs(&made), format!("call 1 is not that of the tape: {what}"));
    }
}

#[test]
fn another_kind_of_call_and_other_bytes_are_named() {
    let mut first = player();
    assert_eq!(
        first.lock("page").expect_err("a command is first").to_string(),
        "call 1 is not that of the tape: the plugin takes the lock `page`; on the tape it starts `commits`"
    );
    let error = first
        .change(Operation::Create, "page", "today.md", Some("d2"))
        .expect_err("other bytes");
    assert!(error.what.contains("other bytes (sha256 d2)"), "{error}");
}

#[test]
fn a_difference_deep_in_a_long_value_is_shown() {
    let long = |end: &str| "x".repeat(500) + end;
    let (of, made, taped) = ("stdin", text(&long("here")), text(&long("there")));
    let what = one(of, &made, &taped).expect_err("they differ");
    assert!(
        what.contains("here`") && what.contains("there`") && what.len() < 300,
        "{what}"
    );
}
