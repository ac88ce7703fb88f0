//! JSON that agents wrote: read into values that keep order and repeated keys, and asked for fields by kind, so that a
//! wrong kind is named instead of losing the file.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::Text;
use crate::diagnostic::Diagnostic;

/// A JSON value. Numbers are kept as they print.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }

    /// A string, or what a number, a boolean or a list of such reads like; `None` for an object and null.
    pub(crate) fn as_text(&self) -> Option<String> {
        match self {
            Self::String(text) | Self::Number(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            Self::List(items) => Some(items.iter().filter_map(Self::as_text).collect::<Vec<_>>().join(", ")),
            Self::Map(_) | Self::Null => None,
        }
    }

    fn as_map(&self) -> Option<&[(String, Json)]> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }
}

/// A file's outermost object and its diagnostics.
#[derive(Debug)]
pub(crate) struct Fields<'f, 'a> {
    entries: &'f [(String, Json)],
    file: &'f Text<'a>,
    /// What stands before a key in a message: `workers[2].`.
    path: String,
}

/// Reads a file as one object. Invalid JSON, and JSON that is no object, is a problem and gives `None`.
pub(crate) fn object<'a>(file: &Text<'a>, bytes: &[u8], found: &mut Vec<Diagnostic<'a>>) -> Option<Json> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        found.push(Diagnostic::problem(
            "empty-json",
            file.clone(),
            "the file is empty; write `{}` or delete it",
        ));
        return None;
    }
    match parse(bytes) {
        Ok(json @ Json::Map(_)) => Some(json),
        Ok(other) => {
            let reason = format!("holds {}, not an object: not used", other.kind());
            found.push(Diagnostic::problem("not-an-object", file.clone(), reason));
            None
        }
        Err(error) => {
            let line = u32::try_from(error.line()).unwrap_or(u32::MAX).max(1);
            let reason = format!("invalid JSON, column {}: {}: not used", error.column(), what(&error));
            found.push(Diagnostic::problem("invalid-json", file.clone(), reason).at(line));
            None
        }
    }
}

fn parse(bytes: &[u8]) -> serde_json::Result<Json> {
    match std::str::from_utf8(bytes) {
        Ok(text) => serde_json::from_str(text),
        // Shown with replacement characters, as everywhere; inside strings that is still JSON.
        Err(_) => serde_json::from_str(&String::from_utf8_lossy(bytes)),
    }
}

/// The message without `at line … column …`.
fn what(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ")
        .map_or(text.clone(), |(what, _)| what.to_string())
}

impl Json {
    /// Its fields, for a file whose outermost value it is. Repeated keys are noted.
    pub(crate) fn fields<'f, 'a>(&'f self, file: &'f Text<'a>, found: &mut Vec<Diagnostic<'a>>) -> Fields<'f, 'a> {
        let entries = self.as_map().unwrap_or_default();
        let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        for pair in keys.windows(2).filter(|pair| pair[0] == pair[1]) {
            let reason = format!("`{}` is there more than once: the last one counts", pair[0]);
            found.push(Diagnostic::note("repeated-key", file.clone(), reason));
        }
        Fields {
            entries,
            file,
            path: String::new(),
        }
    }
}

impl<'f, 'a> Fields<'f, 'a> {
    /// The value of the first of some keys that is there and not null. Of a repeated key the last.
    pub(crate) fn get(&self, keys: &[&str]) -> Option<&'f Json> {
        let value = |key: &&str| {
            self.entries
                .iter()
                .rev()
                .find(|(name, _)| name == key)
                .map(|(_, value)| value)
        };
        keys.iter()
            .find_map(|key| value(key).filter(|value| **value != Json::Null))
    }

    fn wrong(&self, key: &str, json: &Json, wanted: &str) -> Diagnostic<'a> {
        let reason = format!("`{}{key}` is {}, not {wanted}", self.path, json.kind());
        Diagnostic::note("wrong-type", self.file.clone(), reason)
    }

    /// For an object in a list: that it lacks what it is there for.
    pub(crate) fn lacks(&self, key: &str) -> Diagnostic<'a> {
        let reason = format!("`{}` has no `{key}`: not used", self.path.trim_end_matches('.'));
        Diagnostic::note("wrong-type", self.file.clone(), reason)
    }

    /// A string; a number or boolean is taken as it prints, and any other kind is noted.
    pub(crate) fn text(&self, keys: &[&str], found: &mut Vec<Diagnostic<'a>>) -> Option<String> {
        let json = self.get(keys)?;
        if matches!(json, Json::Map(_) | Json::List(_)) {
            found.push(self.wrong(keys[0], json, "a string"));
        }
        json.as_text()
    }

    /// A string, of whatever kind, and without a note.
    pub(crate) fn loose_text(&self, keys: &[&str]) -> Option<String> {
        self.get(keys).and_then(Json::as_text)
    }

    /// A whole number that is not negative; a string of digits is taken too.
    pub(crate) fn number(&self, keys: &[&str], found: &mut Vec<Diagnostic<'a>>) -> Option<u64> {
        let json = self.get(keys)?;
        let number = json.as_text().and_then(|text| text.parse().ok());
        if number.is_none() {
            found.push(self.wrong(keys[0], json, "a whole number"));
        }
        number
    }

    /// A boolean; `"true"` and `"false"` are taken too.
    pub(crate) fn flag(&self, keys: &[&str], found: &mut Vec<Diagnostic<'a>>) -> Option<bool> {
        let json = self.get(keys)?;
        let flag = json.as_text().and_then(|text| text.parse().ok());
        if !matches!(json, Json::Bool(_)) {
            found.push(self.wrong(keys[0], json, "a boolean"));
        }
        flag
    }

    /// A list of strings. A string is split at commas and noted; objects in the list give their `id` or `name`.
    pub(crate) fn texts(&self, keys: &[&str], found: &mut Vec<Diagnostic<'a>>) -> Vec<String> {
        self.list(keys, &NAMES, found)
    }

    /// A list of paths: as [`texts`](Self::texts), but objects give their `path` or `file`, and a map gives its keys.
    pub(crate) fn paths(&self, keys: &[&str], found: &mut Vec<Diagnostic<'a>>) -> Vec<String> {
        match self.get(keys) {
            Some(Json::Map(entries)) => entries.iter().map(|(path, _)| path.clone()).collect(),
            _ => self.list(keys, &PATHS, found),
        }
    }

    fn list(&self, keys: &[&str], names: &[&str], found: &mut Vec<Diagnostic<'a>>) -> Vec<String> {
        match self.get(keys) {
            None => Vec::new(),
            Some(Json::List(items)) => items.iter().filter_map(|item| name_of(item, names)).collect(),
            Some(Json::String(text)) => {
                found.push(self.wrong(keys[0], &Json::String(String::new()), "a list: split at commas"));
                text.split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(String::from)
                    .collect()
            }
            Some(other) => {
                found.push(self.wrong(keys[0], other, "a list"));
                Vec::new()
            }
        }
    }

    /// A string, or a list of strings, without a note.
    pub(crate) fn loose_texts(&self, keys: &[&str]) -> Vec<String> {
        match self.get(keys) {
            Some(Json::List(items)) => items.iter().filter_map(|item| name_of(item, &NAMES)).collect(),
            Some(other) => other.as_text().into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// A map of strings, in the order of the file; a list gives empty keys.
    pub(crate) fn pairs(&self, keys: &[&str], found: &mut Vec<Diagnostic<'a>>) -> Vec<(String, String)> {
        match self.get(keys) {
            None => Vec::new(),
            Some(Json::Map(entries)) => entries
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), name_of(value, &NAMES)?)))
                .collect(),
            Some(Json::List(items)) => items
                .iter()
                .filter_map(|item| name_of(item, &NAMES))
                .map(|name| (String::new(), name))
                .collect(),
            Some(other) => {
                found.push(self.wrong(keys[0], other, "an object"));
                Vec::new()
            }
        }
    }

    /// The objects of a list, or of a map (then with their key), each with its fields. Other values are noted.
    pub(crate) fn objects(
        &self,
        keys: &[&str],
        found: &mut Vec<Diagnostic<'a>>,
    ) -> Vec<(Option<&'f str>, Fields<'f, 'a>)> {
        let Some(json) = self.get(keys) else { return Vec::new() };
        let items: Vec<(Option<&'f str>, &'f Json)> = match json {
            Json::List(items) => items.iter().map(|item| (None, item)).collect(),
            Json::Map(entries) => entries.iter().map(|(key, value)| (Some(key.as_str()), value)).collect(),
            other => {
                found.push(self.wrong(keys[0], other, "a list"));
                return Vec::new();
            }
        };
        let mut objects = Vec::new();
        for (index, (key, item)) in items.into_iter().enumerate() {
            let path = format!("{}{}[{index}]", self.path, keys[0]);
            match item.as_map() {
                Some(entries) => objects.push((
                    key,
                    Fields {
                        entries,
                        file: self.file,
                        path: path + ".",
                    },
                )),
                None => {
                    let reason = format!("`{path}` is {}, not an object: not used", item.kind());
                    found.push(Diagnostic::note("wrong-type", self.file.clone(), reason));
                }
            }
        }
        objects
    }

    /// Whether a list or map holds objects.
    pub(crate) fn holds_objects(&self, keys: &[&str]) -> bool {
        match self.get(keys) {
            Some(Json::List(items)) => items.iter().any(|item| item.as_map().is_some()),
            Some(Json::Map(entries)) => entries.iter().any(|(_, item)| item.as_map().is_some()),
            _ => false,
        }
    }

    /// The fields of an object.
    pub(crate) fn object(&self, key: &str, found: &mut Vec<Diagnostic<'a>>) -> Option<Fields<'f, 'a>> {
        let json = self.get(&[key])?;
        let Some(entries) = json.as_map() else {
            found.push(self.wrong(key, json, "an object"));
            return None;
        };
        Some(Fields {
            entries,
            file: self.file,
            path: format!("{}{key}.", self.path),
        })
    }
}

/// The fields by which an object in a list is known.
const NAMES: [&str; 6] = ["id", "task_id", "track_id", "name", "task", "path"];
/// The same where paths are listed.
const PATHS: [&str; 3] = ["path", "file", "name"];

/// A string, number or boolean; of an object the first of these fields.
fn name_of(json: &Json, names: &[&str]) -> Option<String> {
    let Some(entries) = json.as_map() else {
        return json.as_text();
    };
    names.iter().find_map(|key| {
        let (_, value) = entries.iter().find(|(name, _)| name == key)?;
        value.as_text()
    })
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_string()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Json::Map(map))
    }
}
