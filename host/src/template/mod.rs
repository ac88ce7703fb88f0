//! What a plugin may start, as a list of arguments in which only holes of a stated type are left open. Pure.
//!
//! ```text
//! ["gt", "sling", "<bead:id>", "<rig:id>", "--no-boot", ["--args=<brief:text>"]]
//! ["bd", "create", "--graph", "<graph:tempfile>", "--json"]
//! ```
//!
//! An argument is literal text with holes `<name:type>`; `<<` is a plain `<`. A nested list is optional: it is used when all of
//! its holes have values. `<name…:type>`, as a whole argument, takes a list and becomes that many arguments. The program and what
//! stands behind it are literal. `read.rs` reads an argument, `check.rs` says where which hole may stand, `fill.rs` puts values
//! in, `lint.rs` knows programs that run what they are given.

mod check;
mod fill;
mod hole;
mod lint;
mod read;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use fill::{Argument, FillError, Filled, Values};
pub use hole::{Hole, Kind};
pub use lint::{runs_by_environment, unbounded};
pub use read::{TemplateError, argument as read_argument};

/// The most arguments of a template: a person reads it before granting it.
pub const MOST_ARGUMENTS: usize = 64;
/// The most bytes of one argument of a template, for the same reason.
pub const MOST_ARGUMENT_BYTES: usize = 1024;

/// A command line with holes, checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Vec<Word>", into = "Vec<Word>")]
pub struct Template {
    /// The name of the program, without a path.
    program: String,
    /// What stands behind it.
    items: Vec<Item>,
}

/// An argument, or several that come together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Always(Element),
    Optional(Vec<Element>),
}

/// One argument: literals and holes, no two of a kind side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element(Vec<Part>);

/// A piece of an argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stays as it is.
    Literal(String),
    /// What the plugin gives a value for.
    Hole(Hole),
}

/// An entry of `argv` as the manifest writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "an entry of `argv` is a text, or a list of texts for arguments that are optional"
)]
pub enum Word {
    /// An argument: literal text with holes such as `<track:id>`.
    One(String),
    /// Arguments that are used only when all of their holes have values.
    Optional(Vec<String>),
}

impl Template {
    /// The name of the program, without a path.
    #[must_use]
    pub fn program(&self) -> &str {
        &self.program
    }

    /// Every hole, in the order of the template; a name that stands in two places comes twice.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.elements().flat_map(Element::holes)
    }

    /// The template as one line of JSON. Two templates have the same one if and only if they are the same: for digests.
    #[must_use]
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).expect("a list of texts is JSON")
    }

    fn elements(&self) -> impl Iterator<Item = &Element> {
        self.items.iter().flat_map(Item::elements)
    }
}

impl TryFrom<Vec<Word>> for Template {
    type Error = TemplateError;

    fn try_from(words: Vec<Word>) -> Result<Self, TemplateError> {
        let (program, items) = read::words(&words)?;
        let template = Self { program, items };
        check::check(&template)?;
        Ok(template)
    }
}

impl From<Template> for Vec<Word> {
    fn from(template: Template) -> Self {
        let program = Element(vec![Part::Literal(template.program)]);
        let sources = |elements: &[Element]| elements.iter().map(Element::source).collect();
        std::iter::once(Word::One(program.source()))
            .chain(template.items.iter().map(|item| match item {
                Item::Always(element) => Word::One(element.source()),
                Item::Optional(elements) => Word::Optional(sources(elements)),
            }))
            .collect()
    }
}

impl Item {
    fn elements(&self) -> &[Element] {
        match self {
            Self::Always(element) => std::slice::from_ref(element),
            Self::Optional(elements) => elements,
        }
    }
}

impl Element {
    /// Its pieces.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Its holes.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.0.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(hole),
            Part::Literal(_) => None,
        })
    }

    /// The text before its first hole.
    fn start(&self) -> &str {
        match self.0.first() {
            Some(Part::Literal(text)) => text,
            _ => "",
        }
    }

    /// Its text, where it has no hole.
    fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// As the manifest writes it.
    fn source(&self) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.replace('<', "<<"),
                Part::Hole(hole) => hole.to_string(),
            })
            .collect()
    }
}

/// The template as a person is shown it: `bd create --title=<title:text> [--parent=<parent:id>] --json`. What would not be one
/// plain word is quoted as for a shell, so that different templates never look the same.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.program)?;
        for item in &self.items {
            match item {
                Item::Always(element) => write!(f, " {element}")?,
                Item::Optional(elements) => {
                    let shown: Vec<String> = elements.iter().map(Element::to_string).collect();
                    write!(f, " [{}]", shown.join(" "))?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("''");
        }
        for part in &self.0 {
            match part {
                Part::Literal(text) => quoted(f, text)?,
                Part::Hole(hole) => write!(f, "{hole}")?,
            }
        }
        Ok(())
    }
}

/// A literal, quoted where it is not a plain word; behind the `=` of an option, since `--format='%h %s'` is how it is typed.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let plain = |text: &str| !text.contains(|c: char| c.is_whitespace() || "'\"<>[]\\".contains(c));
    if plain(text) {
        return f.write_str(text);
    }
    let (option, value) = match text.split_once('=') {
        Some((option, value)) if option.starts_with('-') && plain(option) => (format!("{option}="), value),
        _ => (String::new(), text),
    };
    write!(f, "{option}'{}'", value.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests;
