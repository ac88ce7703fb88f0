//! A hole of a template: what it is called, and which values fit.

use std::fmt;

use crate::manifest::Place;

/// The most bytes of a text on a command line: a quarter of what Linux takes as one argument.
pub const MOST_TEXT_BYTES: usize = 32 << 10;
/// The most bytes of a file that the host writes for a command, or gives it as stdin: the graph of a plan with 2,000 tasks has 2 MiB.
pub const MOST_FILE_BYTES: usize = 8 << 20;
/// The most bytes of an id.
const MOST_ID_BYTES: usize = 128;
/// The most bytes of a name in git: a file system takes no longer one.
const MOST_REF_BYTES: usize = 255;
/// The most bytes of a path in a place: a quarter of what Linux takes as one.
const MOST_PATH_BYTES: usize = 1024;

/// What the plugin gives a value for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The name that its value comes under.
    pub name: String,
    /// Whether it takes a list and becomes that many arguments.
    pub many: bool,
    /// Which values fit.
    pub kind: Kind,
}

/// Which values fit a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A letter or digit, then letters, digits, `.`, `_`, `-`; at most 128.
    Id,
    /// A whole number.
    Int,
    /// Of a commit: 7 to 64 hexadecimal digits.
    Sha,
    /// A name in git (`git check-ref-format`) that begins with a letter or digit.
    Ref,
    /// Any text without NUL, up to 32 KiB.
    Text {
        /// Whether it may begin with `@`, which makes programs such as `bd` read a file.
        at: bool,
    },
    /// A relative path in a place; the command gets the absolute one, found without leaving the place.
    Path(Place),
    /// One of these words.
    OneOf(Vec<String>),
    /// Content of a file that the host writes for the command and removes after it; the command gets its path.
    Tempfile,
    /// What the command reads from stdin. It becomes no argument.
    Stdin,
}

/// Why a value does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It is longer than so many bytes.
    Longer(usize),
    /// It is not of the type.
    Other,
}

/// The types by the names that a template gives them, without those that need a word more.
static PLAIN: [(&str, Kind); 8] = [
    ("id", Kind::Id),
    ("int", Kind::Int),
    ("sha", Kind::Sha),
    ("ref", Kind::Ref),
    ("text", Kind::Text { at: false }),
    ("text@", Kind::Text { at: true }),
    ("tempfile", Kind::Tempfile),
    ("stdin", Kind::Stdin),
];

/// How the types are written, for errors.
const ALL: &str = "`id`, `int`, `sha`, `ref`, `text`, `text@`, `path in project`, `one of a|b|c`, `tempfile`, `stdin`";

impl Kind {
    /// Reads a type as a template writes it.
    ///
    /// # Errors
    /// What is wrong, and what to write.
    pub(super) fn read(text: &str) -> Result<Self, (String, String)> {
        if let Some((_, kind)) = PLAIN.iter().find(|(name, _)| *name == text) {
            return Ok(kind.clone());
        }
        if let Some(words) = text.strip_prefix("one of ") {
            return one_of(words);
        }
        if let Some(place) = text.strip_prefix("path in ") {
            return Place::named(place).map(Self::Path).ok_or_else(|| {
                (
                    format!("there is no place `{place}`"),
                    "places are `project`, `town`, `data`".to_owned(),
                )
            });
        }
        let fix = match text {
            "path" => "say in which place: `path in project`, `path in town`, `path in data`".to_owned(),
            _ => format!("types are {ALL}"),
        };
        Err((format!("there is no type `{text}`"), fix))
    }

    /// Which values fit, for the one who gave another.
    pub(super) fn takes(&self) -> String {
        match self {
            Self::Id => "an id: a letter or digit, then letters, digits, `.`, `_`, `-`, at most 128".to_owned(),
            Self::Int => "a whole number".to_owned(),
            Self::Sha => "a commit: 7 to 64 hexadecimal digits".to_owned(),
            Self::Ref => "a name in git that begins with a letter or digit".to_owned(),
            Self::Text { .. } => "text without NUL".to_owned(),
            Self::Path(place) => format!("a path in {place}, relative, without `.` and `..`"),
            Self::OneOf(words) => format!("one of `{}`", words.join("`, `")),
            Self::Tempfile | Self::Stdin => "any content".to_owned(),
        }
    }

    /// The most bytes of one value.
    fn most(&self) -> usize {
        match self {
            Self::Id | Self::Int | Self::Sha | Self::OneOf(_) => MOST_ID_BYTES,
            Self::Ref => MOST_REF_BYTES,
            Self::Text { .. } => MOST_TEXT_BYTES,
            Self::Path(_) => MOST_PATH_BYTES,
            Self::Tempfile | Self::Stdin => MOST_FILE_BYTES,
        }
    }

    /// Whether a value fits.
    pub(super) fn check(&self, value: &str) -> Result<(), Misfit> {
        self.check_length(value.len())?;
        let fits = match self {
            Self::Id => is_id(value),
            Self::Int => value.parse::<i64>().is_ok() && !value.starts_with('+'),
            Self::Sha => (7..=64).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit()),
            Self::Ref => is_ref(value),
            Self::Text { .. } => !value.contains('\0'),
            Self::Path(_) => is_path(value),
            Self::OneOf(words) => words.iter().any(|word| word == value),
            Self::Tempfile | Self::Stdin => true,
        };
        if fits { Ok(()) } else { Err(Misfit::Other) }
    }

    pub(super) fn check_length(&self, bytes: usize) -> Result<(), Misfit> {
        match self.most() {
            most if bytes > most => Err(Misfit::Longer(most)),
            _ => Ok(()),
        }
    }
}

/// The words of `one of`. They begin with a letter or digit, so that none is an option.
fn one_of(text: &str) -> Result<Kind, (String, String)> {
    let words: Vec<String> = text.split('|').map(str::to_owned).collect();
    let of_word = |c: char| c.is_ascii_alphanumeric() || "._:/+-".contains(c);
    let wrong = |word: &&String| {
        word.len() > 64 || !word.starts_with(|c: char| c.is_ascii_alphanumeric()) || !word.chars().all(of_word)
    };
    if let Some(word) = words.iter().find(wrong) {
        return Err((
            format!("`{word}` is no word to choose"),
            "write `one of a|b|c`, without spaces at the `|`; a word begins with a letter or digit and goes on with these and `.`, \
             `_`, `:`, `/`, `+`, `-`"
                .to_owned(),
        ));
    }
    match (1..words.len()).find(|&index| words[..index].contains(&words[index])) {
        Some(index) => Err((format!("`{}` is there twice", words[index]), "take one out".to_owned())),
        None => Ok(Kind::OneOf(words)),
    }
}

fn is_id(value: &str) -> bool {
    value.starts_with(|c: char| c.is_ascii_alphanumeric())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// The rules of `git check-ref-format`, for a name of one level or more.
fn is_ref(value: &str) -> bool {
    let of_name = |c: char| !c.is_control() && !c.is_whitespace() && !"~^:?*[\\".contains(c);
    let level = |level: &str| !level.is_empty() && !level.starts_with('.') && !level.ends_with(".lock");
    value.starts_with(|c: char| c.is_ascii_alphanumeric())
        && value.chars().all(of_name)
        && value.split('/').all(level)
        && !value.ends_with('.')
        && !value.contains("..")
        && !value.contains("@{")
}

/// Only what can be seen from the path itself; whether a link leads out of the place is for the one who opens it.
fn is_path(value: &str) -> bool {
    let plain = |part: &str| !matches!(part, "" | "." | "..");
    value.split('/').all(plain) && !value.contains(|c: char| c.is_control() || c == '\\')
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(place) => write!(f, "path in {place}"),
            Self::OneOf(words) => write!(f, "one of {}", words.join("|")),
            _ => {
                let plain = PLAIN.iter().find(|(_, kind)| kind == self);
                f.write_str(plain.expect("every other type is in the list").0)
            }
        }
    }
}

impl fmt::Display for Hole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let many = if self.many { "…" } else { "" };
        write!(f, "<{}{many}:{}>", self.name, self.kind)
    }
}
