//! `{{name}}` in the texts of a formula: whether each is declared.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::finding::Findings;

/// Words of templates that are no variables, as `gt` has them.
const WORDS: [&str; 14] = [
    "else", "this", "root", "index", "key", "first", "last", "end", "range", "with", "block", "define", "template",
    "nil",
];

/// Texts of steps that say what can't be done, and why.
const GONE: [(&str, &str); 2] = [
    (
        "bd sync",
        "`bd sync` is there no more since bd 0.58: what is written is in the database at once",
    ),
    (
        "gt sling",
        "a polecat can't `gt sling`: who gives work out is `conductor dispatch`, or a person",
    ),
];

/// Names each variable that no table declares, and what is not there any more, in every text of the table.
pub(crate) fn check(table: &DeTable<'_>, declared: &BTreeSet<String>, findings: &mut Findings<'_>) {
    let mut told = BTreeSet::new();
    for (_, value) in table {
        of_value(value, declared, &mut told, findings);
    }
}

fn of_value(
    value: &Spanned<DeValue<'_>>,
    declared: &BTreeSet<String>,
    told: &mut BTreeSet<String>,
    findings: &mut Findings<'_>,
) {
    match value.get_ref() {
        DeValue::String(_) => of_text(value, declared, told, findings),
        DeValue::Array(values) => values
            .iter()
            .for_each(|value| of_value(value, declared, told, findings)),
        DeValue::Table(table) => table
            .iter()
            .for_each(|(_, value)| of_value(value, declared, told, findings)),
        _ => {}
    }
}

fn of_text(
    value: &Spanned<DeValue<'_>>,
    declared: &BTreeSet<String>,
    told: &mut BTreeSet<String>,
    findings: &mut Findings<'_>,
) {
    let start = value.span().start;
    let written = findings.text().get(value.span()).unwrap_or_default();
    for (at, name) in names(written) {
        if !declared.contains(name) && told.insert(name.to_owned()) {
            findings.wrong(
                start + at,
                format!("`{{{{{name}}}}}` is declared nowhere, so that it stays as it stands: `[vars.{name}]` with a description"),
            );
        }
    }
    for (part, why) in GONE {
        if let Some(at) = written.find(part) {
            findings.note(start + at, why.to_owned());
        }
    }
}

/// The variables of a text, each with its place.
pub(crate) fn names(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices("{{").filter_map(|(at, _)| {
        let name = text.get(at + 2..)?.split_once("}}")?.0;
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
        (is_name && !WORDS.contains(&name)).then_some((at, name))
    })
}
