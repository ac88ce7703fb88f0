//! What is wrong in a formula is named, each with its line.

use conductor_formulas::{bundled, read};

/// What is told of a formula's text: `LINE: what`, what is only worth knowing in brackets.
fn told(text: &str) -> Vec<String> {
    let (_, findings) = read("try.formula.toml", text.as_bytes());
    let line = |finding: &conductor_formulas::Finding| match finding.wrong {
        true => finding.to_string(),
        false => format!("({finding})"),
    };
    findings.iter().map(line).collect()
}

/// A formula that is right, with these lines behind its head and behind its only step.
fn with(head: &str, step: &str) -> String {
    format!(
        "formula = \"try\"\nversion = 1\n{head}\n[[steps]]\nid = \"a\"\ntitle = \"A\"\ndescription = \"do it\"\n{step}\n"
    )
}

#[test]
fn a_right_one_has_no_fault() {
    assert_eq!(told(&with("", "")), [""; 0]);
    for formula in bundled::ALL {
        let (read, findings) = read(&formula.file(), formula.text().as_bytes());
        assert_eq!(findings, [], "{}", formula.name);
        assert_eq!(read.name, formula.name);
        assert!(read.steps.len() >= 3, "{}", formula.name);
    }
}

/// Version as text, no titles, texts under a key that nobody reads, a variable that nobody declares, commands that are not there: as
/// formulas are often written by hand.
#[test]
fn each_fault_of_a_formula_is_named_at_once() {
    let text = r#"formula = "try"
description = "Carry out a track"
version = "1.0.0"

[metadata]
author = "somebody"

[[steps]]
id = "load"
description = "Load"
instructions = """
Read:
- conductor/tracks/{{track_id}}/spec.md
"""

[[steps]]
id = "do"
description = "Do"
needs = ["load"]
parallel = true
instructions = """
Spawn polecats via gt sling
"""

[[steps]]
id = "sync"
description = "Sync"
needs = ["do"]
instructions = """
Run bd sync
"""
"#;
    let title = "it has no `title`; bd takes no step without";
    let lost = "`instructions` is read by nobody, and what it says is lost: it is called `description`";
    assert_eq!(
        told(text),
        [
            "3: the formula: `version` has to be a whole number, as in `version = 1`, and not `\"1.0.0\"`".to_owned(),
            "(5: the formula: `metadata` is read by nobody)".to_owned(),
            format!("8: step 1 (`load`): {title}"),
            format!("11: step 1 (`load`): {lost}"),
            "13: `{{track_id}}` is declared nowhere, so that it stays as it stands: `[vars.track_id]` with a description"
                .to_owned(),
            format!("16: step 2 (`do`): {title}"),
            format!("21: step 2 (`do`): {lost}"),
            "(22: a polecat can't `gt sling`: who gives work out is `conductor dispatch`, or a person)".to_owned(),
            format!("25: step 3 (`sync`): {title}"),
            format!("29: step 3 (`sync`): {lost}"),
            "(30: `bd sync` is there no more since bd 0.58: what is written is in the database at once)".to_owned(),
        ]
    );
}

#[test]
fn each_kind_of_fault_is_named_with_its_line() {
    for (text, wanted) in [
        (String::new(), "1: the formula has no name: `formula = \"NAME\"`"),
        ("version = 1\n".to_owned(), "1: the formula has no name"),
        (
            "formula = 7\n".to_owned(),
            "1: the formula: `formula` has to be a text, and not `7`",
        ),
        ("formula = \"try\"\n".to_owned(), "1: the formula has no steps"),
        ("formula = \"try\"\nx =\n".to_owned(), "2: it is no TOML: "),
        ("formula = \"try\n".to_owned(), "1: it is no TOML: "),
        (with("[vars", ""), "3: it is no TOML: "),
        (with("formula = \"twice\"", ""), "3: it is no TOML: "),
        (
            with("type = \"recipe\"", ""),
            "3: the formula: `type` is `workflow`, `expansion`, `aspect` or `convoy`",
        ),
        (with("type = 3", ""), "3: the formula: `type` has to be a text"),
        (with("vars = 3", ""), "3: the formula: `vars` has to be a table"),
        (
            with("vars.a = 3", ""),
            "3: `vars.a` has to be a text, its default, or a table",
        ),
        (
            with("[vars.a]\nrequired = true\ndefault = \"x\"\n", ""),
            "3: `vars.a`: what is required has no default",
        ),
        (
            with("[vars.a]\nrequired = \"yes\"\n", ""),
            "4: `vars.a`: `required` has to be true or false",
        ),
        (
            with("[vars.a]\ndefault = 1\n", ""),
            "4: `vars.a`: `default` has to be a text",
        ),
        (
            "formula = \"try\"\nsteps = 3\n".to_owned(),
            "2: step: `steps` has to be tables",
        ),
        ("formula = \"try\"\nsteps = [3]\n".to_owned(), "2: step 1 is no table"),
        (
            with("", "[[steps]]\ntitle = \"B\"\ndescription = \"b\""),
            "8: step 2: it has no `id`",
        ),
        (
            with("", "[[steps]]\nid = 2\ntitle = \"B\"\ndescription = \"b\""),
            "9: step 2: `id` has to be a text",
        ),
        (
            with("", "[[steps]]\nid = \"a\"\ntitle = \"B\"\ndescription = \"b\""),
            "8: step 2 (`a`): step 1 (`a`) has the same `id`",
        ),
        (
            with("", "needs = [\"b\"]"),
            "8: step 1 (`a`): it needs `b`, and there is no such step",
        ),
        (with("", "depends_on = [\"b\"]"), "8: step 1 (`a`): it needs `b`"),
        (
            with("", "needs = \"b\""),
            "8: step 1 (`a`): `needs` has to be a list of ids, and not `\"b\"`",
        ),
        (with("", "needs = [\"a\"]"), "4: `a` waits for itself"),
        (
            with(
                "",
                "needs = [\"b\"]\n[[steps]]\nid = \"b\"\ntitle = \"B\"\ndescription = \"b\"\nneeds = [\"a\"]",
            ),
            "4: `a`, `b` wait for each other: gt takes no such formula",
        ),
        (
            with("", "priority = 7"),
            "8: step 1 (`a`): `priority` has to be a number from 0 to 4, and not `7`",
        ),
        (
            with("", "waits_for = \"all\""),
            "8: step 1 (`a`): `waits_for` is `all-children`",
        ),
        (
            with("", "[[steps.children]]\nid = \"a\"\ndescription = \"b\""),
            "8: step 1 (`a`) below 1 (`a`): it has no `title`",
        ),
        (with("", "assignee = \"{{who}}\""), "8: `{{who}}` is declared nowhere"),
    ] {
        let told = told(&text);
        assert!(
            told.iter().any(|line| line.starts_with(wanted)),
            "{text}\n{wanted}\n{told:#?}"
        );
    }
}

#[test]
fn what_only_looks_odd_is_no_fault() {
    for text in [
        with("[vars]\nwho = \"me\"", "assignee = \"{{who}}\""),
        with("", "notes = \"{{else}} {{#if x}} {{ }} {{1a}} {{\""),
        with("extends = [\"other\"]", "notes = \"{{of_the_other}}\""),
        with("", "waits_for = \"children-of(a)\""),
        with("", "acceptance = \"tests pass\"\nparallel = true").replace("title", "Title"),
        "formula = \"try\"\ntype = \"convoy\"\n[[legs]]\nid = \"a\"\n".to_owned(),
    ] {
        assert_eq!(told(&text), [""; 0], "{text}");
    }
    let (_, findings) = read("other.formula.toml", with("", "").as_bytes());
    assert_eq!(
        findings[0].to_string(),
        "1: it is found by its file's name, `other`, and says that it is `try`"
    );
    let (_, findings) = read("try.formula.toml", b"formula = \"try\"\n# \xff\n");
    assert_eq!(findings[0].to_string(), "2: it is not UTF-8");
}

#[test]
fn variables_are_filled_in_as_far_as_there_are_values() {
    let (formula, _) = read("try.formula.toml", with("[vars]\nb = \"two\"", "").as_bytes());
    let text = formula.filled("{{a}} {{b}} {{c}} {{else}} {{", &[("a", "{{b}}"), ("x", "y")]);
    assert_eq!(text, "{{b}} two {{c}} {{else}} {{");
}

#[test]
fn a_file_is_known_as_ours_while_nobody_has_changed_it() {
    use bundled::{ALL, Installed};
    for formula in ALL {
        let text = formula.text();
        assert_eq!(formula.is(text.as_bytes()), Installed::Current);
        assert_eq!(formula.is(text.replace('\n', "\r\n").as_bytes()), Installed::Current);
        assert_eq!(formula.is(text.replace("Read", "Skip").as_bytes()), Installed::Changed);
        assert_eq!(formula.is(b""), Installed::Changed);
        assert_eq!(
            formula.is(text.split_once('\n').expect("lines").1.as_bytes()),
            Installed::Changed
        );
        // As another version has bundled it: the digest is of what it says.
        let older = "formula = \"x\"\n";
        let digest = conductor_plugin::digest(older.as_bytes());
        let older = format!("# {} of conductor, sha256:{digest}. And more.\n{older}", formula.name);
        assert_eq!(formula.is(older.as_bytes()), Installed::Older);
        let others = older.replace(formula.name, "another");
        assert_eq!(formula.is(others.as_bytes()), Installed::Changed);
    }
}
