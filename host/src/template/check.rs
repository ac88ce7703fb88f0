//! Where which hole may stand: so that a value can't become an option, another command, or a file that was not meant.

use super::{Element, Hole, Item, Kind, Part, Template, TemplateError};

/// What stands before an argument that matters for it.
#[derive(Clone, Copy)]
struct Context<'a> {
    at: &'a str,
    after_dashes: bool,
}

pub(super) fn check(template: &Template) -> Result<(), TemplateError> {
    check_second(template)?;
    let mut after_dashes = false;
    for (index, item) in template.items.iter().enumerate() {
        let at = format!("argv[{}]", index + 1);
        check_item(item, &at, after_dashes)?;
        after_dashes |= matches!(item, Item::Always(element) if is_dashes(element));
    }
    check_names(template)
}

/// The argument behind the program is most often its command, and decides what the rest means.
fn check_second(template: &Template) -> Result<(), TemplateError> {
    match template.items.first() {
        None => Ok(()),
        Some(Item::Always(element)) if element.literal().is_some_and(|text| !text.is_empty()) => Ok(()),
        Some(_) => Err(TemplateError::whole(
            "argv[1]",
            "what stands behind the program has to be literal",
            "name the program's own command there, or put an option or `--` first",
        )),
    }
}

fn is_dashes(element: &Element) -> bool {
    element.literal() == Some("--")
}

fn check_item(item: &Item, at: &str, mut after_dashes: bool) -> Result<(), TemplateError> {
    let elements = match item {
        Item::Always(element) => return check_element(element, Context { at, after_dashes }),
        Item::Optional(elements) => elements,
    };
    if elements.iter().all(|element| element.holes().next().is_none()) {
        return Err(TemplateError::whole(
            at,
            "nothing decides whether these arguments are used",
            "give them a hole, or take them out of their list",
        ));
    }
    for (index, element) in elements.iter().enumerate() {
        let at = &format!("{at}[{index}]");
        check_element(element, Context { at, after_dashes })?;
        after_dashes |= is_dashes(element);
    }
    Ok(())
}

fn check_element(element: &Element, context: Context<'_>) -> Result<(), TemplateError> {
    let parts = element.parts();
    for (index, part) in parts.iter().enumerate() {
        let Part::Hole(hole) = part else { continue };
        let wrong = |(what, fix): (&str, &str)| {
            Err(TemplateError::whole(
                context.at,
                format!("the hole `{hole}` {what}"),
                fix,
            ))
        };
        let rules = [
            alone(hole, parts),
            apart(index, parts),
            at_end(hole, index, parts),
            in_option(hole, element),
            free_text(hole, element, context.after_dashes),
        ];
        if let Some(rule) = rules.into_iter().flatten().next() {
            return wrong(rule);
        }
    }
    Ok(())
}

/// What is wrong with a hole where it stands, and what to write.
type Rule = Option<(&'static str, &'static str)>;

fn alone(hole: &Hole, parts: &[Part]) -> Rule {
    let whole = parts.len() == 1;
    match hole.kind {
        Kind::Stdin if !whole => Some((
            "is what the command reads, and no part of an argument",
            "let it stand alone",
        )),
        Kind::Stdin | Kind::Tempfile if hole.many => Some(("can't be a list", "take the `…` out")),
        _ if hole.many && !whole => Some((
            "is a list, and stands in an argument with other text",
            "a list is a whole argument of its own",
        )),
        _ => None,
    }
}

/// Without text between them nobody could say where one value ends and the next begins.
fn apart(index: usize, parts: &[Part]) -> Rule {
    let beside = index > 0 && matches!(parts[index - 1], Part::Hole(_));
    beside.then_some(("touches the one before it", "put text between them"))
}

/// A path is replaced by an absolute one: text behind it would make it another, and before it only an option's name makes sense.
fn at_end(hole: &Hole, index: usize, parts: &[Part]) -> Rule {
    if !matches!(hole.kind, Kind::Path(_) | Kind::Tempfile) {
        return None;
    }
    let before = match index.checked_sub(1).map(|before| &parts[before]) {
        None => true,
        Some(Part::Literal(text)) => text.ends_with(['=', '@']),
        Some(Part::Hole(_)) => false,
    };
    let stands = before && index + 1 == parts.len();
    (!stands).then_some((
        "becomes a whole path",
        "let it be the whole argument, or the end of one behind `=` or `@`",
    ))
}

/// In an argument that is an option, a value stands behind the `=`: elsewhere it would choose the option. A number may stand
/// behind a single letter, or none, as in `-n<count:int>` and `-<count:int>`.
fn in_option(hole: &Hole, element: &Element) -> Rule {
    let start = element.start();
    if !start.starts_with('-') || start.contains('=') {
        return None;
    }
    let short = start.len() <= 2 && start != "--" && hole.kind == Kind::Int;
    (!short).then_some((
        "could choose another option",
        "write `--name=<…>`, or the option and its value as two arguments",
    ))
}

/// Free text stands where a program takes it for nothing else.
fn free_text(hole: &Hole, element: &Element, after_dashes: bool) -> Rule {
    let start = element.start();
    let named = start
        .strip_prefix("--")
        .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.contains('='));
    let free = matches!(hole.kind, Kind::Text { .. }) && !named && !after_dashes;
    free.then_some((
        "is free text where it could be taken for something else",
        "write `--name=<…>` in one argument, put a literal `--` before it, or use the type `stdin`",
    ))
}

/// A name stands for one value, whose type is the same wherever it stands.
fn check_names(template: &Template) -> Result<(), TemplateError> {
    let holes: Vec<&Hole> = template.holes().collect();
    for (index, hole) in holes.iter().enumerate() {
        let before = &holes[..index];
        if let Some(other) = before.iter().find(|other| other.name == hole.name) {
            let once = matches!(hole.kind, Kind::Stdin | Kind::Tempfile);
            if other != hole || once {
                let what = format!("the holes `{other}` and `{hole}` have one name");
                return Err(TemplateError::whole("argv", what, "give them different names"));
            }
        }
        if hole.kind == Kind::Stdin && before.iter().any(|other| other.kind == Kind::Stdin) {
            return Err(TemplateError::whole("argv", "two holes are stdin", "a command has one"));
        }
    }
    Ok(())
}
