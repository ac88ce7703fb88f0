//! Numbers and codes that pages list, compared with the code that they are taken from.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use conductor_host::manifest::HOST_FLAGS;
use serde_json::Value;

use crate::page::{Page, root};

/// Where limits stand, as public constants.
const LIMITS: [&str; 7] = [
    "host/src/sandbox/limits.rs",
    "host/src/files.rs",
    "host/src/pattern.rs",
    "host/src/audit/mod.rs",
    "host/src/audit/log.rs",
    "host/src/audit/record.rs",
    "plugins/tape/src/read.rs",
];

/// The page's table of limits has a row for each constant (last column) with its value (second column), and no other.
pub(crate) fn limits(page: &Page) {
    let constants: BTreeMap<String, u64> = LIMITS.iter().flat_map(|path| constants(&source(path))).collect();
    assert!(constants.len() > 20, "{constants:?}");
    let rows = page.rows();
    let rows = rows
        .iter()
        .filter(|row| row.len() == 4)
        .filter_map(|row| Some((row[3].strip_prefix('`')?.strip_suffix('`')?, row[1])));
    let said: BTreeMap<String, u64> = rows.map(|(name, value)| (name.to_owned(), quantity(value))).collect();
    assert_eq!(
        said, constants,
        "the limits of {}, and those of the code (bytes, milliseconds, or how many)",
        page.name
    );
}

/// The constants of a file as numbers: bytes, milliseconds, or how many.
fn constants(source: &str) -> Vec<(String, u64)> {
    let lines = source.lines().filter_map(|line| line.strip_prefix("pub const "));
    let named = lines.filter_map(|line| line.strip_suffix(';')?.split_once(" = "));
    named
        .filter_map(|(name, value)| Some((name.split(':').next()?.to_owned(), evaluated(value))))
        .collect()
}

/// `60`, `1_000`, `64 << 20`, `Duration::from_secs(10)`.
fn evaluated(value: &str) -> u64 {
    let parse = |text: &str| {
        text.replace('_', "")
            .parse()
            .unwrap_or_else(|_| panic!("`{value}` is no number that this test reads"))
    };
    let inside = |from: &str| Some(parse(value.strip_prefix(from)?.strip_suffix(')')?));
    match (
        inside("Duration::from_secs("),
        inside("Duration::from_millis("),
        value.split_once(" << "),
    ) {
        (Some(seconds), _, _) => seconds * 1000,
        (_, Some(milliseconds), _) => milliseconds,
        (_, _, Some((number, shift))) => parse(number) << parse(shift),
        _ => parse(value),
    }
}

/// `64 KiB`, `10 s`, `500,000`.
fn quantity(text: &str) -> u64 {
    let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
    let number: u64 = number
        .replace(',', "")
        .parse()
        .unwrap_or_else(|_| panic!("`{text}` is no quantity"));
    match unit {
        "" | "bytes" | "ms" => number,
        "KiB" => number << 10,
        "MiB" => number << 20,
        "s" => number * 1000,
        _ => panic!("`{unit}` is no unit that this test knows"),
    }
}

/// The page's tables name each code of the reader, and no other, in their first column.
pub(crate) fn diagnostics(page: &Page) {
    // Words of the reader that are written like codes: parts of titles, and of lines that are no commit; a code of the host.
    const WORDS: [&str; 4] = ["to-do", "sub-tasks", "pre-merge", "too-big"];
    let literals = sources("plugins/tracks/src")
        .into_iter()
        .flat_map(|source| kebab_literals(&source));
    let mut codes: BTreeSet<String> = literals.filter(|word| !WORDS.contains(&word.as_str())).collect();
    codes.extend(["more", "unreadable"].map(str::to_owned));
    let rows = page.rows();
    let said = rows
        .iter()
        .filter(|row| row.len() == 3)
        .filter_map(|row| row[0].strip_prefix('`')?.strip_suffix('`'));
    let said: BTreeSet<String> = said
        .filter(|code| !code.contains([' ', '.', '_', '[']))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        said, codes,
        "the codes of {}, and those of plugins/tracks/src",
        page.name
    );
}

/// Every code that the host gives, to plugins or to programs, stands on the page.
pub(crate) fn error_codes(page: &Page) {
    let makers = ["failed(", "limit(", "denied(", "error(", "denial(", "code: "];
    let sources = sources("host/src");
    let codes: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| makers.iter().flat_map(|maker| first_literals(source, maker)))
        .collect();
    assert!(codes.len() > 15, "{codes:?}");
    let missing: Vec<&&str> = codes
        .iter()
        .filter(|code| !page.text.contains(&format!("`{code}`")))
        .collect();
    assert!(missing.is_empty(), "{} does not describe {missing:?}", page.name);
}

/// Every key of a manifest, every value that it takes as a word, and every name that is refused, stand on the page.
pub(crate) fn manifest(page: &Page) {
    let schema = source("docs/schema/manifest.json");
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let mut words = BTreeSet::new();
    keys_and_words(&schema, &mut words);
    assert!(words.len() > 20, "{words:?}");
    words.extend(HOST_FLAGS);
    let missing: Vec<&&str> = words
        .iter()
        .filter(|word| {
            !["`", "\""]
                .iter()
                .any(|sign| page.text.contains(&format!("{sign}{word}{sign}")))
        })
        .collect();
    assert!(missing.is_empty(), "{} does not describe {missing:?}", page.name);
}

/// The names of properties, and the words of `const` and `enum`, anywhere in a schema.
fn keys_and_words<'s>(schema: &'s Value, found: &mut BTreeSet<&'s str>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        found.extend(properties.keys().map(String::as_str));
    }
    found.extend(schema.get("const").and_then(Value::as_str));
    found.extend(
        schema
            .get("enum")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
    );
    match schema {
        Value::Object(members) => members.values().for_each(|member| keys_and_words(member, found)),
        Value::Array(items) => items.iter().for_each(|item| keys_and_words(item, found)),
        _ => {}
    }
}

/// Every exit code of the program has its row.
pub(crate) fn exit_codes(page: &Page) {
    let source = source("host/src/error.rs");
    let codes = source
        .lines()
        .filter_map(|line| line.trim().strip_suffix(',')?.split_once(" = ")?.1.parse::<u8>().ok());
    let codes: BTreeSet<String> = codes.map(|code| code.to_string()).collect();
    assert!(codes.len() > 5, "{codes:?}");
    let rows = page.rows();
    let said: BTreeSet<String> = rows
        .iter()
        .filter(|row| row.len() == 2)
        .map(|row| row[0].to_owned())
        .collect();
    let missing: Vec<&String> = codes.difference(&said).collect();
    assert!(missing.is_empty(), "{}: no row for {missing:?}", page.name);
}

/// The code of a folder, each file without its tests.
fn sources(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
                found.push(source(&path));
            }
        }
    }
    found
}

fn source(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// Literals such as `"two-words"`, outside comments.
fn kebab_literals(source: &str) -> Vec<String> {
    let code = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    let literals = code.flat_map(|line| line.split('"').skip(1).step_by(2));
    let kebab = |word: &&str| word.contains('-') && is_code(word) && !word.contains("--");
    literals.filter(kebab).map(str::to_owned).collect()
}

/// The codes that are the first thing behind `maker`, as in `Error::failed("no-project", …)`.
fn first_literals<'s>(source: &'s str, maker: &str) -> Vec<&'s str> {
    let behind = source.split(maker).skip(1);
    behind
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .filter(|word| is_code(word))
        .collect()
}

fn is_code(word: &str) -> bool {
    word.len() > 1
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.ends_with(|c: char| c.is_ascii_alphanumeric())
        && word
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}
