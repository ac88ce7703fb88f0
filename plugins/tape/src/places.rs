//! Symbols for the places of a machine, so that a tape is the same wherever it is recorded and replayed.
//!
//! `<project>/conductor/plan.md` stands for that file of the project. Bytes that look like a symbol and are none have their `<`
//! written as `<lt>`, so that what was replaced can be put back and nothing else is.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use serde_json::Value;

use crate::text::Text;

/// What a symbol stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symbol {
    /// The project's folder.
    Project,
    /// Gas Town's workspace.
    Town,
    /// The plugin's own folder.
    Data,
    /// The user's home folder.
    Home,
    /// A file that the host wrote for a command.
    Tempfile,
    /// A plain `<` where it would begin a symbol.
    Less,
}

impl Symbol {
    const ALL: [Self; 6] = [
        Self::Project,
        Self::Town,
        Self::Data,
        Self::Home,
        Self::Tempfile,
        Self::Less,
    ];

    /// How it is written.
    #[must_use]
    pub fn written(self) -> &'static str {
        match self {
            Self::Project => "<project>",
            Self::Town => "<town>",
            Self::Data => "<data>",
            Self::Home => "<home>",
            Self::Tempfile => "<tempfile>",
            Self::Less => "<lt>",
        }
    }

    /// The one that bytes begin with.
    fn at(bytes: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|symbol| bytes.starts_with(symbol.written().as_bytes()))
    }
}

/// The places of this machine, for one run.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<(Symbol, Vec<u8>)>);

impl Places {
    /// Adds a place by its absolute path. One that is no more than the root of the machine has no symbol.
    #[must_use]
    pub fn with(mut self, symbol: Symbol, path: &Path) -> Self {
        let path = path.as_os_str().as_bytes();
        let path = path.strip_suffix(b"/").unwrap_or(path);
        if path.starts_with(b"/") {
            self.0.push((symbol, path.to_owned()));
        }
        self
    }

    /// Bytes as they stand on a tape.
    #[must_use]
    pub fn taped(&self, bytes: &[u8]) -> Text {
        let mut taped = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some((&first, behind)) = rest.split_first() {
            if first == b'<' && Symbol::at(rest).is_some() {
                taped.extend_from_slice(Symbol::Less.written().as_bytes());
            } else if let Some((symbol, length)) = self.place_at(rest) {
                taped.extend_from_slice(symbol.written().as_bytes());
                rest = &rest[length..];
                continue;
            } else {
                taped.push(first);
            }
            rest = behind;
        }
        Text::new(taped)
    }

    /// What a text of a tape is on this machine. A symbol without a place here stays as it is.
    #[must_use]
    pub fn here(&self, text: &Text) -> Vec<u8> {
        let mut here = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((&first, behind)) = rest.split_first() {
            let symbol = (first == b'<').then(|| Symbol::at(rest)).flatten();
            let Some(symbol) = symbol else {
                here.push(first);
                rest = behind;
                continue;
            };
            let written = symbol.written().as_bytes();
            let path = self.0.iter().find(|(known, _)| *known == symbol);
            match (symbol, path) {
                (Symbol::Less, _) => here.push(b'<'),
                (_, Some((_, path))) => here.extend_from_slice(path),
                (_, None) => here.extend_from_slice(written),
            }
            rest = &rest[written.len()..];
        }
        here
    }

    /// What stands on a tape for text, a place, and text behind it.
    #[must_use]
    pub fn around(&self, before: &str, symbol: Symbol, behind: &str) -> Text {
        let [before, behind] = [before, behind].map(|text| self.taped(text.as_bytes()));
        Text::new([before.as_bytes(), symbol.written().as_bytes(), behind.as_bytes()].concat())
    }

    /// A value of JSON as it stands on a tape: each text in it.
    #[must_use]
    pub fn taped_json(&self, value: &Value) -> Value {
        each_text(value, &|text| self.taped(text.as_bytes()).as_bytes().to_vec())
    }

    /// What a value of JSON on a tape is on this machine.
    #[must_use]
    pub fn json_here(&self, value: &Value) -> Value {
        each_text(value, &|text| self.here(&Text::new(text.as_bytes().to_vec())))
    }

    /// The deepest place whose path the bytes begin with, and how long that is.
    fn place_at(&self, bytes: &[u8]) -> Option<(Symbol, usize)> {
        if bytes.first() != Some(&b'/') {
            return None;
        }
        let found = self
            .0
            .iter()
            .filter(|(_, path)| bytes.starts_with(path) && ends_a_name(&bytes[path.len()..]));
        let (symbol, path) = found.max_by_key(|(_, path)| path.len())?;
        Some((*symbol, path.len()))
    }
}

/// The same value with its texts replaced. (A path that is not UTF-8 can't stand in JSON.)
fn each_text(value: &Value, replaced: &impl Fn(&str) -> Vec<u8>) -> Value {
    match value {
        Value::String(text) => String::from_utf8_lossy(&replaced(text)).into_owned().into(),
        Value::Array(items) => items.iter().map(|item| each_text(item, replaced)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| (key.clone(), each_text(member, replaced)))
            .collect(),
        other => other.clone(),
    }
}

/// Whether the name of a folder ends in front of these bytes. (`/home/a/shop2` does not lie in `/home/a/shop`; a period ends a
/// name only where nothing of a name is behind it.)
fn ends_a_name(rest: &[u8]) -> bool {
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || !byte.is_ascii();
    match rest {
        [b'.', next, ..] => !of_name(*next),
        [first, ..] => !of_name(*first),
        [] => true,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places() -> Places {
        Places::default()
            .with(Symbol::Home, Path::new("/home/a"))
            .with(Symbol::Project, Path::new("/home/a/shop"))
            .with(Symbol::Town, Path::new("/"))
    }

    fn taped(bytes: &str) -> String {
        String::from_utf8(places().taped(bytes.as_bytes()).as_bytes().to_vec()).expect("it was text")
    }

    #[test]
    fn places_are_symbols_and_the_deepest_one_counts() {
        let cases = [
            ("/home/a/shop/conductor/plan.md:3", "<project>/conductor/plan.md:3"),
            ("in /home/a/shop.", "in <project>."),
            (r#"{"path":"/home/a/shop"}"#, r#"{"path":"<project>"}"#),
            (r"\n/home/a/shop", r"\n<project>"),
            (
                "/home/a/shop2 /home/a/shop.git /home/ab",
                "<home>/shop2 <home>/shop.git /home/ab",
            ),
            ("</home/a/shop>", "<<project>>"),
            ("<project> <lt> <b> <", "<lt>project> <lt>lt> <b> <"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(taped(bytes), expected);
        }
    }

    #[test]
    fn elsewhere_they_are_the_places_there() {
        let elsewhere = Places::default().with(Symbol::Project, Path::new("/copy/shop/"));
        let text = places().taped(b"/home/a/shop/x <project> /home/a/y");
        assert_eq!(elsewhere.here(&text), b"/copy/shop/x <project> <home>/y");
    }

    proptest! {
        #[test]
        fn what_is_put_back_is_what_was_there(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "/home/a/shop", "/home/a", "<project>", "<home>", "<lt>", "<", ">", "lt>", "project>", "<pro", "/", "x", ".", "\u{e9}",
                ]),
                0..12,
            ),
        ) {
            let bytes = pieces.concat();
            prop_assert_eq!(places().here(&places().taped(bytes.as_bytes())), bytes.into_bytes());
        }
    }
}
