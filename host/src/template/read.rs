//! Reads the arguments of a template, and says where one is wrong.

use std::fmt;

use super::{Element, Hole, Item, Kind, MOST_ARGUMENT_BYTES, MOST_ARGUMENTS, Part, Word};
use crate::visible;

/// What is wrong with a template, where, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// Where: `argv[3]`, `argv[4][0]`, or another key of the manifest.
    pub at: String,
    /// The character in that argument, from 1, where it is not the whole of it.
    pub character: Option<usize>,
    /// What is wrong.
    pub what: String,
    /// What to write.
    pub fix: String,
}

/// Trouble inside one argument: (character from 1, what is wrong, what to write).
type Wrong = (usize, String, String);

impl fmt::Display for TemplateError {
    /// Two lines: the message, and `hint: ` with the fix.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.at)?;
        if let Some(character) = self.character {
            write!(f, ", character {character}")?;
        }
        write!(f, ": {}\nhint: {}", self.what, self.fix)
    }
}

impl std::error::Error for TemplateError {}

impl TemplateError {
    pub(super) fn whole(at: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            at: at.into(),
            character: None,
            what: what.into(),
            fix: fix.into(),
        }
    }
}

/// Reads `argv`: the program, and what stands behind it.
pub(super) fn words(words: &[Word]) -> Result<(String, Vec<Item>), TemplateError> {
    let (first, rest) = match words.split_first() {
        Some((Word::One(first), rest)) => (first, rest),
        _ => {
            return Err(TemplateError::whole(
                "argv[0]",
                "the name of the program is missing",
                "begin with it: `[\"git\", \"log\"]`",
            ));
        }
    };
    if words.len() > MOST_ARGUMENTS {
        return Err(TemplateError::whole(
            "argv",
            format!("{} arguments are more than {MOST_ARGUMENTS}", words.len()),
            "a person has to read it: make it several commands",
        ));
    }
    let items = rest.iter().enumerate();
    let items = items.map(|(index, word)| item(word, &format!("argv[{}]", index + 1)));
    Ok((program(first)?, items.collect::<Result<_, _>>()?))
}

/// A program is found by its name; a path would be one of the author's machine.
fn program(name: &str) -> Result<String, TemplateError> {
    let of_name = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    if name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(of_name) {
        return Ok(name.to_owned());
    }
    Err(TemplateError::whole(
        "argv[0]",
        format!("`{}` is no name of a program", visible::line(name, 64)),
        "a program is named without a path and without holes, such as `git`",
    ))
}

fn item(word: &Word, at: &str) -> Result<Item, TemplateError> {
    match word {
        Word::One(text) => argument(text, at).map(Item::Always),
        Word::Optional(texts) if texts.len() > MOST_ARGUMENTS => Err(TemplateError::whole(
            at,
            format!("{} arguments are more than {MOST_ARGUMENTS}", texts.len()),
            "a person has to read it: make it several commands",
        )),
        Word::Optional(texts) => {
            let elements = texts.iter().enumerate();
            let elements = elements.map(|(index, text)| argument(text, &format!("{at}[{index}]")));
            elements.collect::<Result<_, _>>().map(Item::Optional)
        }
    }
}

/// Reads one argument; `at` names it in errors.
///
/// # Errors
/// What is wrong, at which character, and what to write.
pub fn argument(text: &str, at: &str) -> Result<Element, TemplateError> {
    if text.len() > MOST_ARGUMENT_BYTES {
        return Err(TemplateError::whole(
            at,
            format!("{} bytes are more than {MOST_ARGUMENT_BYTES}", text.len()),
            "a person has to read it: long text comes through a hole",
        ));
    }
    parts(text).map_err(|(character, what, fix)| TemplateError {
        character: Some(character),
        ..TemplateError::whole(at, what, fix)
    })
}

fn parts(text: &str) -> Result<Element, Wrong> {
    let mut element = Element::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let character = text[..text.len() - rest.len()].chars().count() + 1;
        let taken = match rest.strip_prefix('<') {
            Some(inside) if !inside.starts_with('<') => {
                let (hole, length) = hole(inside, character)?;
                element.0.push(Part::Hole(hole));
                length + 2
            }
            Some(_) => push(&mut element, '<', 2),
            None => {
                check_visible(c, character)?;
                push(&mut element, c, c.len_utf8())
            }
        };
        rest = &rest[taken..];
    }
    Ok(element)
}

/// Adds a character to the literal at the end, and returns how many bytes of the source it took.
fn push(element: &mut Element, c: char, taken: usize) -> usize {
    if let Some(Part::Literal(text)) = element.0.last_mut() {
        text.push(c);
    } else {
        element.0.push(Part::Literal(c.to_string()));
    }
    taken
}

/// What a person is shown is what is run, so a template has no character that is not shown.
fn check_visible(c: char, character: usize) -> Result<(), Wrong> {
    if c != '\n' && visible::text(c.encode_utf8(&mut [0; 4])) == c.to_string() {
        return Ok(());
    }
    Err((
        character,
        format!("the character `{}` is not one that can be shown", c.escape_debug()),
        "take it out; text with line breaks comes through a hole".to_owned(),
    ))
}

/// Reads the hole whose inside begins `text`; returns it with the length of its inside.
fn hole(text: &str, character: usize) -> Result<(Hole, usize), Wrong> {
    let inside = text.split('>').next().unwrap_or_default();
    if inside.len() == text.len() {
        let fix = "close it: `<track:id>`; a plain `<` is written `<<`";
        return Err((character, "a hole begins that does not end".to_owned(), fix.to_owned()));
    }
    let shown = visible::line(inside, 64);
    let Some((name, kind)) = inside.split_once(':') else {
        return Err((
            character,
            format!("the hole `<{shown}>` has no type"),
            "write name and type: `<track:id>`; a plain `<` is written `<<`".to_owned(),
        ));
    };
    let (name, many) = name.strip_suffix('…').map_or((name, false), |name| (name, true));
    check_name(name).map_err(|fix| (character, format!("the hole `<{shown}>` has no name"), fix))?;
    let kind = Kind::read(kind).map_err(|(what, fix)| {
        let what = visible::line(&what, 100);
        (character, format!("the hole `<{shown}>`: {what}"), fix)
    })?;
    let name = name.to_owned();
    Ok((Hole { name, many, kind }, inside.len()))
}

/// Names as everywhere in a manifest.
fn check_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.len() <= 32 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain) {
        return Ok(());
    }
    Err(if name.ends_with("...") {
        "a list is written with the one character `…` (U+2026): `<ids…:id>`".to_owned()
    } else {
        "a name has lower-case letters, digits and `-`, a letter first, at most 32".to_owned()
    })
}
