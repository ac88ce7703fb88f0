//! What `bd` 1.0.5 and `gt` 1.2.1 want of a version, a type and steps.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::finding::Findings;
use crate::keys;
use crate::read::Step;

/// The version is a whole number from 1; without one it is 1.
pub(crate) fn version(table: &DeTable<'_>, findings: &mut Findings<'_>) {
    let number = |value: &DeValue<'_>| {
        let number = value.as_integer()?;
        i64::from_str_radix(number.as_str(), number.radix()).ok()
    };
    let kind = ("the formula", "a whole number, as in `version = 1`");
    let given = keys::of_kind(table, "version", kind, findings, number);
    if let (Some(given), Some((_, value))) = (given.filter(|given| *given < 0), keys::entry(table, "version")) {
        findings.wrong(
            value.span().start,
            format!("the formula: `version` is at least 1, and not {given}"),
        );
    }
}

/// The type is one of four; each has what it is made of.
pub(crate) fn kind(table: &DeTable<'_>, findings: &mut Findings<'_>) {
    let text = ("the formula", "a text");
    let given = keys::of_kind(table, "type", text, findings, DeValue::as_str);
    let at = keys::entry(table, "type").map_or(0, |(_, value)| value.span().start);
    let has = |name: &str| keys::entry(table, name).is_some();
    match given {
        Some("convoy" | "expansion" | "aspect") => {}
        Some("workflow") | None => {
            let of_another_kind = given.is_none() && ["legs", "template", "aspects", "advice"].into_iter().any(has);
            if !has("steps") && !has("extends") && !of_another_kind {
                findings.wrong(
                    at,
                    "the formula has no steps: `[[steps]]` with `id`, `title` and `description`".to_owned(),
                );
            }
        }
        Some(other) => findings.wrong(
            at,
            format!("the formula: `type` is `workflow`, `expansion`, `aspect` or `convoy`, and not `{other}`"),
        ),
    }
}

/// A step while it is checked.
struct Found<'t, 'i> {
    /// `step 2 (load-context)`.
    whose: String,
    at: usize,
    table: &'t DeTable<'i>,
    step: Step,
}

/// The steps, those below a step behind it.
pub(crate) fn steps(table: &DeTable<'_>, findings: &mut Findings<'_>) -> Vec<Step> {
    let mut found = Vec::new();
    collect(table, "steps", "step", findings, &mut found);
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for one in &found {
        if one.step.id.is_empty() {
            continue;
        }
        match first.get(one.step.id.as_str()) {
            Some(other) => findings.wrong(one.at, format!("{}: {other} has the same `id`", one.whose)),
            None => drop(first.insert(&one.step.id, &one.whose)),
        }
    }
    for one in &found {
        for need in one.step.needs.iter().filter(|need| !first.contains_key(need.as_str())) {
            let at = keys::entry(one.table, "needs").or_else(|| keys::entry(one.table, "depends_on"));
            let at = at.map_or(one.at, |(_, value)| value.span().start);
            findings.wrong(
                at,
                format!("{}: it needs `{need}`, and there is no such step", one.whose),
            );
        }
        waits_for(one, &first, findings);
    }
    cycle(&found, findings);
    let mut templates = Vec::new();
    collect(table, "template", "template", findings, &mut templates);
    found.into_iter().map(|one| one.step).collect()
}

fn collect<'t, 'i>(
    table: &'t DeTable<'i>,
    key: &str,
    word: &str,
    findings: &mut Findings<'_>,
    found: &mut Vec<Found<'t, 'i>>,
) {
    let tables = (word, "tables, `[[steps]]`");
    let Some(steps) = keys::of_kind(table, key, tables, findings, DeValue::as_array) else {
        return;
    };
    for (number, value) in steps.iter().enumerate() {
        let Some(of) = value.get_ref().as_table() else {
            findings.wrong(value.span().start, format!("{word} {} is no table", number + 1));
            continue;
        };
        let one = step(of, value, format!("{word} {}", number + 1), findings);
        let below = format!("{} below", one.whose);
        found.push(one);
        collect(of, "children", &below, findings, found);
    }
}

fn step<'t, 'i>(
    of: &'t DeTable<'i>,
    value: &Spanned<DeValue<'_>>,
    number: String,
    findings: &mut Findings<'_>,
) -> Found<'t, 'i> {
    let at = value.span().start;
    let id = keys::text(of, "id").unwrap_or_default();
    let whose = match id {
        "" => number,
        id => format!("{number} (`{id}`)"),
    };
    keys::check(of, &keys::STEP, &whose, findings);
    let mut texts = [""; 3];
    for (text, name) in texts.iter_mut().zip(["id", "title", "description"]) {
        *text = keys::of_kind(of, name, (&whose, "a text"), findings, DeValue::as_str).unwrap_or_default();
    }
    let [id, title, description] = texts;
    for (name, text) in [("id", id), ("title", title)] {
        let is_text = keys::entry(of, name).is_none_or(|(_, value)| value.get_ref().is_str());
        if text.is_empty() && is_text && (name == "id" || keys::entry(of, "expand").is_none()) {
            findings.wrong(at, format!("{whose}: it has no `{name}`; bd takes no step without"));
        }
    }
    if description.is_empty() && keys::entry(of, "expand").is_none() && keys::entry(of, "children").is_none() {
        findings.note(
            at,
            format!("{whose}: it has no `description`: whoever works by it reads only its title"),
        );
    }
    let priority = |value: &DeValue<'_>| {
        value
            .as_integer()?
            .as_str()
            .parse()
            .ok()
            .filter(|number| (0..=4).contains(number))
    };
    let _: Option<i64> = keys::of_kind(of, "priority", (&whose, "a number from 0 to 4"), findings, priority);
    let mut needs = Vec::new();
    for name in ["needs", "depends_on"] {
        let list = |value: &DeValue<'_>| {
            let values = value.as_array()?.iter();
            values
                .map(|value| value.get_ref().as_str().map(str::to_owned))
                .collect::<Option<Vec<_>>>()
        };
        needs.extend(keys::of_kind(of, name, (&whose, "a list of ids"), findings, list).unwrap_or_default());
    }
    Found {
        at,
        table: of,
        step: Step {
            id: id.to_owned(),
            title: title.to_owned(),
            description: description.to_owned(),
            needs,
        },
        whose,
    }
}

fn waits_for(one: &Found<'_, '_>, steps: &BTreeMap<&str, &str>, findings: &mut Findings<'_>) {
    let Some(word) = keys::text(one.table, "waits_for").filter(|word| !word.is_empty()) else {
        return;
    };
    let children_of = word
        .strip_prefix("children-of(")
        .and_then(|rest| rest.strip_suffix(')'));
    if !matches!(word, "all-children" | "any-children") && !children_of.is_some_and(|step| steps.contains_key(step)) {
        let at = keys::entry(one.table, "waits_for").map_or(one.at, |(_, value)| value.span().start);
        findings.wrong(
            at,
            format!(
                "{}: `waits_for` is `all-children`, `any-children` or `children-of(STEP)`, and not `{word}`",
                one.whose
            ),
        );
    }
}

/// `bd` takes steps that wait for each other, and shows them; `gt` does not, and then nobody reads the formula's text.
fn cycle(found: &[Found<'_, '_>], findings: &mut Findings<'_>) {
    let mut open: Vec<&Found<'_, '_>> = found.iter().filter(|one| !one.step.id.is_empty()).collect();
    loop {
        let waits = |one: &&Found<'_, '_>| open.iter().any(|other| one.step.needs.contains(&other.step.id));
        let left: Vec<&Found<'_, '_>> = open.iter().copied().filter(waits).collect();
        if left.len() == open.len() {
            break;
        }
        open = left;
    }
    // What only waits for those in the circle is not in it.
    loop {
        let needed = |one: &&Found<'_, '_>| open.iter().any(|other| other.step.needs.contains(&one.step.id));
        let left: Vec<&Found<'_, '_>> = open.iter().copied().filter(needed).collect();
        if left.len() == open.len() {
            break;
        }
        open = left;
    }
    if let Some(first) = open.first() {
        let names: Vec<String> = open.iter().map(|one| format!("`{}`", one.step.id)).collect();
        findings.wrong(
            first.at,
            match names.len() {
                1 => format!("{} waits for itself: gt takes no such formula", names[0]),
                _ => format!("{} wait for each other: gt takes no such formula", names.join(", ")),
            },
        );
    }
}
