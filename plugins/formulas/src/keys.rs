//! Which keys a formula has: those that `bd` 1.0.5 or `gt` 1.2.1 reads. Both pass over others without a word.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::finding::Findings;

/// Of a formula itself.
pub(crate) const FORMULA: [&str; 21] = [
    "formula",
    "description",
    "version",
    "type",
    "extends",
    "vars",
    "steps",
    "template",
    "compose",
    "advice",
    "pointcuts",
    "phase",
    "pour",
    "agent",
    "review_only",
    "inputs",
    "prompts",
    "output",
    "legs",
    "synthesis",
    "aspects",
];

/// Of a step.
pub(crate) const STEP: [&str; 23] = [
    "id",
    "title",
    "description",
    "notes",
    "type",
    "priority",
    "labels",
    "metadata",
    "depends_on",
    "needs",
    "waits_for",
    "assignee",
    "expand",
    "expand_vars",
    "condition",
    "children",
    "gate",
    "loop",
    "on_complete",
    "target",
    "parallel",
    "interactive",
    "acceptance",
];

/// Of a variable.
pub(crate) const VARIABLE: [&str; 6] = ["description", "default", "required", "enum", "pattern", "type"];

/// What is often written, and what it is called.
const MEANT: [(&str, &str); 9] = [
    ("instructions", "description"),
    ("instruction", "description"),
    ("prompt", "description"),
    ("body", "description"),
    ("text", "description"),
    ("name", "title"),
    ("dependencies", "needs"),
    ("variables", "vars"),
    ("step", "steps"),
];

/// An entry of a table by its key; `bd` and `gt` do not tell upper case from lower case.
pub(crate) fn entry<'t, 'i>(
    table: &'t DeTable<'i>,
    name: &str,
) -> Option<(&'t Spanned<DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    table.iter().find(|(key, _)| key.get_ref().eq_ignore_ascii_case(name))
}

/// The text of an entry, where it is one.
pub(crate) fn text<'t>(table: &'t DeTable<'_>, name: &str) -> Option<&'t str> {
    entry(table, name)?.1.get_ref().as_str()
}

/// Names the keys that nobody reads. `whose` is what they are keys of.
pub(crate) fn check(table: &DeTable<'_>, known: &[&str], whose: &str, findings: &mut Findings<'_>) {
    for (key, _) in table {
        let name = key.get_ref().as_ref();
        if known.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            continue;
        }
        let at = key.span().start;
        let meant = MEANT
            .iter()
            .find(|(written, meant)| name.eq_ignore_ascii_case(written) && known.contains(meant));
        match meant {
            Some((_, meant)) => findings.wrong(
                at,
                format!("{whose}: `{name}` is read by nobody, and what it says is lost: it is called `{meant}`"),
            ),
            None => findings.note(at, format!("{whose}: `{name}` is read by nobody")),
        }
    }
}

/// Names an entry that is not of the kind it has to be; gives it where it is there and is.
pub(crate) fn of_kind<'t, 'i, R>(
    table: &'t DeTable<'i>,
    name: &str,
    (whose, kind): (&str, &str),
    findings: &mut Findings<'_>,
    take: impl Fn(&'t DeValue<'i>) -> Option<R>,
) -> Option<R> {
    let (_, value) = entry(table, name)?;
    let taken = take(value.get_ref());
    if taken.is_none() {
        let written = findings.text().get(value.span()).unwrap_or_default();
        let written = written.lines().next().unwrap_or_default();
        findings.wrong(
            value.span().start,
            format!("{whose}: `{name}` has to be {kind}, and not `{written}`"),
        );
    }
    taken
}
