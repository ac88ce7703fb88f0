//! Puts a plugin's values into a template: what comes out has the template's arguments in their places, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::hole::Misfit;
use super::{Element, Hole, Item, Kind, Part, Template};
use crate::error::near;
use crate::manifest::Place;
use crate::visible;

/// The most values of a list: ids of the tasks of one convoy.
pub const MOST_VALUES: usize = 1024;
/// The most bytes of a command line: a quarter of what macOS takes, whose environment counts too.
pub const MOST_LINE_BYTES: usize = 256 << 10;

/// A template with values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The name of the program, without a path.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// What it reads from stdin.
    pub stdin: Option<Vec<u8>>,
}

/// One argument of a filled template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Text.
    Text(String),
    /// `before`, and behind it the absolute path of a file with this content, which the host writes.
    Tempfile {
        /// Text that stands before the path, such as `--graph=`.
        before: String,
        /// What the file holds.
        content: String,
    },
    /// `before`, and behind it the absolute path of what the host finds at `path` without leaving the place.
    Path {
        /// Text that stands before the path, such as `--file=`.
        before: String,
        /// The place.
        place: Place,
        /// The path in the place, lexically inside it.
        path: String,
    },
}

/// Why values can't be put into a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FillError {
    /// The hole of this name has no value.
    Missing(String),
    /// The command has no hole of this name.
    Unknown {
        /// The name, safe to show.
        name: String,
        /// The one that was meant, if one is near.
        near: Option<String>,
    },
    /// The name comes twice.
    Twice(String),
    /// The hole takes one value and was given several.
    NotOne(String),
    /// The value is not of the hole's type.
    Wrong {
        /// The hole.
        name: String,
        /// Which values fit.
        takes: String,
    },
    /// The argument would begin with this character, which makes it an option, or a file that the program reads.
    Begins {
        /// The hole.
        name: String,
        /// `-` or `@`.
        with: char,
    },
    /// The value is too long, or a list has too many.
    TooLong {
        /// The hole, or what else is too long.
        what: String,
        /// The most that it may have.
        most: usize,
        /// Of what: `bytes` or `values`.
        of: &'static str,
    },
    /// Of optional arguments that come together, one has a value and another has none.
    Incomplete {
        /// The hole that has a value.
        name: String,
        /// The one that has none.
        missing: String,
    },
    /// The call has a stdin, and the command reads none.
    NoStdin,
}

impl FillError {
    /// What kind, for plugins: the open list of the interface.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) | Self::Incomplete { .. } => "missing-value",
            Self::Unknown { .. } | Self::NoStdin => "unknown-value",
            Self::Twice(_) | Self::NotOne(_) | Self::Wrong { .. } | Self::Begins { .. } => "invalid-value",
            Self::TooLong { .. } => "too-big",
        }
    }
}

impl fmt::Display for FillError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "`{name}` has no value"),
            Self::Unknown { name, near: None } => write!(f, "the command takes no value `{name}`"),
            Self::Unknown { name, near: Some(near) } => {
                write!(f, "the command takes no value `{name}` (did you mean `{near}`?)")
            }
            Self::Twice(name) => write!(f, "`{name}` is given twice"),
            Self::NotOne(name) => write!(f, "`{name}` takes one value, not a list"),
            Self::Wrong { name, takes } => write!(f, "the value of `{name}` is not {takes}"),
            Self::Begins { name, with: '-' } => {
                write!(f, "the value of `{name}` begins with `-`, which makes it an option")
            }
            Self::Begins { name, with } => write!(
                f,
                "the value of `{name}` begins with `{with}`, for which programs read a file; its hole does not allow it"
            ),
            Self::TooLong { what, most, of } => write!(f, "{what} has more than {most} {of}"),
            Self::Incomplete { name, missing } => {
                write!(
                    f,
                    "`{name}` has a value that is used only together with `{missing}`, which has none"
                )
            }
            Self::NoStdin => f.write_str("the command reads no stdin"),
        }
    }
}

impl std::error::Error for FillError {}

/// The values of one call, each used once or more.
#[derive(Debug)]
pub struct Values<'a> {
    given: BTreeMap<&'a str, &'a [String]>,
    stdin: Option<Vec<u8>>,
    /// The names whose values were used.
    used: BTreeSet<String>,
    bytes: usize,
}

impl<'a> Values<'a> {
    /// Takes the values of a call; a name without values has none. `holes` are all that the command has.
    ///
    /// # Errors
    /// A name that is unknown, or there twice; a stdin for a command that reads none.
    pub fn new<'h>(
        given: &'a [(String, Vec<String>)],
        stdin: Option<Vec<u8>>,
        holes: impl Iterator<Item = &'h Hole>,
    ) -> Result<Self, FillError> {
        let (reads, holes): (Vec<&Hole>, Vec<&Hole>) = holes.partition(|hole| hole.kind == Kind::Stdin);
        if stdin.is_some() && reads.is_empty() {
            return Err(FillError::NoStdin);
        }
        let mut values = BTreeMap::new();
        for (name, list) in given {
            let known = holes.iter().map(|hole| hole.name.as_str());
            if !known.clone().any(|known| known == name) {
                let shown = visible::line(name, 64);
                let near = near(&shown, known).map(str::to_owned);
                return Err(FillError::Unknown { name: shown, near });
            }
            if values.insert(name.as_str(), list.as_slice()).is_some() {
                return Err(FillError::Twice(name.clone()));
            }
        }
        values.retain(|_, list| !list.is_empty());
        Ok(Self {
            given: values,
            stdin,
            used: BTreeSet::new(),
            bytes: 0,
        })
    }

    /// The value of a hole that takes one, checked.
    ///
    /// # Errors
    /// None, several, or one that does not fit.
    pub fn one(&mut self, hole: &Hole) -> Result<&'a str, FillError> {
        match self.list(hole)? {
            [value] => Ok(value),
            _ => Err(FillError::NotOne(hole.name.clone())),
        }
    }

    /// The values of a hole, at least one, each checked.
    fn list(&mut self, hole: &Hole) -> Result<&'a [String], FillError> {
        let name = &hole.name;
        let list = *self
            .given
            .get(name.as_str())
            .ok_or_else(|| FillError::Missing(name.clone()))?;
        if list.len() > MOST_VALUES {
            let what = format!("the list `{name}`");
            return Err(FillError::TooLong {
                what,
                most: MOST_VALUES,
                of: "values",
            });
        }
        for value in list {
            hole.kind.check(value).map_err(|misfit| misfit_of(hole, &misfit))?;
        }
        self.used.insert(name.clone());
        Ok(list)
    }

    fn take_stdin(&mut self, hole: &Hole) -> Result<Vec<u8>, FillError> {
        let bytes = self.stdin.take().ok_or_else(|| FillError::Missing(hole.name.clone()))?;
        hole.kind
            .check_length(bytes.len())
            .map_err(|misfit| misfit_of(hole, &misfit))?;
        Ok(bytes)
    }

    fn has(&self, hole: &Hole) -> bool {
        match hole.kind {
            Kind::Stdin => self.stdin.is_some(),
            _ => self.given.contains_key(hole.name.as_str()),
        }
    }

    /// Counts what goes on the command line.
    fn count(&mut self, text: &str) -> Result<(), FillError> {
        self.bytes += text.len() + 1;
        if self.bytes <= MOST_LINE_BYTES {
            return Ok(());
        }
        Err(FillError::TooLong {
            what: "the command line".to_owned(),
            most: MOST_LINE_BYTES,
            of: "bytes",
        })
    }
}

fn misfit_of(hole: &Hole, misfit: &Misfit) -> FillError {
    match *misfit {
        Misfit::Longer(most) => FillError::TooLong {
            what: format!("the value of `{}`", hole.name),
            most,
            of: "bytes",
        },
        Misfit::Other => FillError::Wrong {
            name: hole.name.clone(),
            takes: hole.kind.takes(),
        },
    }
}

impl Template {
    /// Puts the values in.
    ///
    /// # Errors
    /// The first value that is missing, unused, or does not fit.
    pub fn fill(&self, mut values: Values<'_>) -> Result<Filled, FillError> {
        let mut filled = Filled {
            program: self.program.clone(),
            arguments: Vec::new(),
            stdin: None,
        };
        let mut left_out = Vec::new();
        for item in &self.items {
            let holes = || item.elements().iter().flat_map(Element::holes);
            if let Item::Optional(_) = item
                && let Some(missing) = holes().find(|hole| !values.has(hole))
            {
                left_out.extend(holes().filter(|hole| values.has(hole)).map(|hole| (hole, missing)));
                continue;
            }
            for element in item.elements() {
                element.fill(&mut values, &mut filled)?;
            }
        }
        // A value that the plugin gave is used, or the command is not what it meant.
        let unused = |hole: &Hole| match hole.kind {
            Kind::Stdin => filled.stdin.is_none(),
            _ => !values.used.contains(&hole.name),
        };
        match left_out.into_iter().find(|(hole, _)| unused(hole)) {
            Some((hole, missing)) => Err(FillError::Incomplete {
                name: hole.name.clone(),
                missing: missing.name.clone(),
            }),
            None => Ok(filled),
        }
    }
}

impl Element {
    fn fill(&self, values: &mut Values<'_>, filled: &mut Filled) -> Result<(), FillError> {
        match self.parts() {
            [Part::Hole(hole)] if hole.kind == Kind::Stdin => filled.stdin = Some(values.take_stdin(hole)?),
            [Part::Hole(hole)] if hole.many => {
                for value in values.list(hole)? {
                    let argument = with_value(String::new(), hole, value);
                    self.add(argument, values, filled)?;
                }
            }
            parts => self.add(argument(parts, values)?, values, filled)?,
        }
        Ok(())
    }

    /// Adds an argument that was put together, if it is what the template says.
    fn add(&self, argument: Argument, values: &mut Values<'_>, filled: &mut Filled) -> Result<(), FillError> {
        if let Argument::Text(text) = &argument {
            self.check_begin(text)?;
        }
        values.count(argument.known())?;
        filled.arguments.push(argument);
        Ok(())
    }

    /// No value makes an argument an option. This holds behind `--` as well, since a `--` may be the value of the option before
    /// it. Nor does one make the value of an option begin with `@`, which programs such as `bd` take for the name of a file.
    fn check_begin(&self, text: &str) -> Result<(), FillError> {
        let Some(first) = self.holes().next() else {
            return Ok(());
        };
        let begins = |with| {
            let name = first.name.clone();
            Err(FillError::Begins { name, with })
        };
        let start = self.start();
        let is_option = start.starts_with('-');
        if text.starts_with('-') && !is_option {
            return begins('-');
        }
        // A number behind a letter: `-n-5` is no longer `-n` with a number.
        if is_option && !start.contains('=') && text[start.len()..].starts_with('-') {
            return begins('-');
        }
        let value = if is_option {
            start.find('=').map_or(start.len(), |at| at + 1)
        } else {
            0
        };
        let allowed = start.len() > value || first.kind == Kind::Text { at: true };
        if text[value..].starts_with('@') && !allowed {
            return begins('@');
        }
        Ok(())
    }
}

/// Puts one argument together. A path ends it (`check.rs`).
fn argument(parts: &[Part], values: &mut Values<'_>) -> Result<Argument, FillError> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Hole(hole) => match with_value(text, hole, values.one(hole)?) {
                Argument::Text(longer) => text = longer,
                file => return Ok(file),
            },
        }
    }
    Ok(Argument::Text(text))
}

fn with_value(before: String, hole: &Hole, value: &str) -> Argument {
    match hole.kind {
        Kind::Path(place) => Argument::Path {
            before,
            place,
            path: value.to_owned(),
        },
        Kind::Tempfile => Argument::Tempfile {
            before,
            content: value.to_owned(),
        },
        _ => Argument::Text(before + value),
    }
}

impl Argument {
    /// What of it is known before the host finds or writes its file.
    fn known(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Tempfile { before, .. } => before,
            Self::Path { path, .. } => path,
        }
    }
}
