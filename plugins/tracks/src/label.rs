//! The label and number before a task's title: `Task 1.2: …`, `**Task:** …`, `1.2 …`, `T3. …`.

use std::borrow::Cow;

use crate::Text;
use crate::inline::{shown, visible};
use crate::line::{starts_with_ignore_case, text};

/// A title without what stands before it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Labelled<'a> {
    /// `1.2`, without `Task` and `T`.
    pub(crate) number: Option<Text<'a>>,
    pub(crate) title: Text<'a>,
    /// Whether `Task`, `T` or a number stood before it.
    pub(crate) labelled: bool,
}

/// Takes the label off a task's text.
pub(crate) fn read(line: &[u8]) -> Labelled<'_> {
    let line = line.trim_ascii();
    let (emphasis, inner) = emphasis(line);
    match label(inner) {
        Some((number, rest)) => Labelled {
            number: number.map(text),
            title: shown(close(rest, emphasis)),
            labelled: true,
        },
        None => Labelled {
            number: None,
            title: visible(line),
            labelled: false,
        },
    }
}

/// Splits `**`, `__`, `*`, `_` or `~~` off the start.
fn emphasis(line: &[u8]) -> (&[u8], &[u8]) {
    let length = ["**", "__", "~~", "*", "_"]
        .iter()
        .find(|sign| line.starts_with(sign.as_bytes()))
        .map_or(0, |s| s.len());
    line.split_at(length)
}

/// The number and what follows the label, `None` where there is no label.
fn label(line: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    if starts_with_ignore_case(line, "task") {
        let rest = line[4..].trim_ascii_start();
        let (number, after) = number(rest);
        let separated = separator(after);
        return match number {
            Some(_) => separated.map(|rest| (number, rest)),
            None => separated
                .filter(|_| matches!(after.first(), Some(b':' | b'*')))
                .map(|rest| (None, rest)),
        };
    }
    let (prefix, digits) = match line {
        [b'T', rest @ ..] => (true, rest),
        _ => (false, line),
    };
    let (number, after) = number(digits);
    let found = number?;
    let dotted = found.contains(&b'.');
    // A bare `3 files` or `T3 cell` is no number, `3. files`, `3: files` and `1.3 files` are.
    let marked = matches!(after.first(), Some(b':' | b'.' | b')')) || after.starts_with("—".as_bytes());
    let spaced = after.first().is_none_or(|b| matches!(b, b' ' | b'\t' | b'*'));
    let rest = separator(after).filter(|_| {
        if dotted || prefix && found.len() > 1 {
            spaced || marked
        } else {
            marked
        }
    })?;
    Some((number, rest))
}

/// Splits `12`, `1.2`, `2a` off the start.
pub(crate) fn number(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let mut end = line.iter().take_while(|b| b.is_ascii_digit()).count();
    if end == 0 {
        return (None, line);
    }
    while line.get(end) == Some(&b'.') && line.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end += 1;
        end += line[end..].iter().take_while(|b| b.is_ascii_digit()).count();
    }
    let letter = line.get(end).is_some_and(u8::is_ascii_alphabetic);
    if letter && line.get(end + 1).is_none_or(|b| !b.is_ascii_alphanumeric()) {
        end += 1;
    }
    match line.get(end) {
        Some(b) if b.is_ascii_alphanumeric() || *b == b'_' => (None, line),
        _ => (Some(&line[..end]), &line[end..]),
    }
}

/// What follows `:`, `.`, `)`, a dash or a space; `None` when something else stands there.
pub(crate) fn separator(line: &[u8]) -> Option<&[u8]> {
    if line.is_empty() {
        return Some(line);
    }
    let mut rest = line;
    loop {
        let next = rest.trim_ascii_start();
        // `**` right after the label closes the emphasis around it; after a space it opens the title's own.
        let close = rest.strip_prefix(b"**").or_else(|| rest.strip_prefix(b"__"));
        let signs = [":", ".", ")", "—", "–", "-", "|", "·", "]"];
        match close.or_else(|| signs.iter().find_map(|sign| next.strip_prefix(sign.as_bytes()))) {
            Some(after) => rest = after,
            None if next.len() < line.len() => return Some(next),
            None => return None,
        }
    }
}

/// A title that follows a label: the emphasis that was opened before the label is taken out where it closes.
fn close<'a>(title: &'a [u8], emphasis: &[u8]) -> Text<'a> {
    let title = title.trim_ascii();
    if emphasis.is_empty() {
        return text(title);
    }
    if let Some(shorter) = title.strip_suffix(emphasis) {
        let opens_again = title.starts_with(emphasis) || count(shorter, emphasis) % 2 == 1;
        return if opens_again {
            text(title)
        } else {
            text(shorter.trim_ascii_end())
        };
    }
    match memchr::memmem::find(title, emphasis) {
        Some(at) if emphasis.len() == 2 && count(title, emphasis) % 2 == 1 => {
            let rest = &title[at + emphasis.len()..];
            Cow::Owned(String::from_utf8_lossy(&title[..at]).into_owned() + &String::from_utf8_lossy(rest))
        }
        _ => text(title),
    }
}

fn count(hay: &[u8], needle: &[u8]) -> usize {
    hay.windows(needle.len()).filter(|window| *window == needle).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, number: Option<&str>, title: &str) {
        let found = read(line.as_bytes());
        assert_eq!((found.number.as_deref(), &found.title[..]), (number, title), "{line}");
    }

    #[test]
    fn labels() {
        check("Task 1.2: Do it", Some("1.2"), "Do it");
        check("Task 3: Do it", Some("3"), "Do it");
        check("Task: Do it", None, "Do it");
        check("**Task:** Do it", None, "Do it");
        check("**Task: Do it**", None, "Do it");
        check("**Task 1: Do it.**", Some("1"), "Do it.");
        check("**Task 1.1:** Do it", Some("1.1"), "Do it");
        check("**Task 1.1**: Do it", Some("1.1"), "Do it");
        check("**Task 1.1: Do it** - now", Some("1.1"), "Do it - now");
        check("Task 1.1 — Do it", Some("1.1"), "Do it");
        check("Task 2a: Do it", Some("2a"), "Do it");
        check("1.1 **Do** it", Some("1.1"), "Do it");
        check("Task 1: **Do it**", Some("1"), "Do it");
        check("task 7", Some("7"), "");
        check("1.2 Do it", Some("1.2"), "Do it");
        check("1.2. Do it", Some("1.2"), "Do it");
        check("**2.5 — Do it**", Some("2.5"), "Do it");
        check("3. Do it", Some("3"), "Do it");
        check("T1.1: Do it", Some("1.1"), "Do it");
        check("T001 Do it", Some("001"), "Do it");
        check("~~Task 1: Do it~~", Some("1"), "Do it");
        check("Task: **Bold** and the rest", None, "Bold and the rest");
        check("**Task: Fix** the `--json` flag", None, "Fix the --json flag");
        check("Task: Add `foo`", None, "Add foo");
        check("Task: [Docs](http://x) rewrite", None, "Docs rewrite");
        check("**Task: `a` and** `b`", None, "a and b");
    }

    #[test]
    fn no_labels() {
        check("Task force", None, "Task force");
        check("3 files", None, "3 files");
        check("3D view", None, "3D view");
        check("T3 cell", None, "T3 cell");
        check("`code` it", None, "code it");
        check("**Update `x`** — Remove", None, "Update x — Remove");
        check("**All of it**", None, "All of it");
        check("404: page", Some("404"), "page");
        check("", None, "");
    }
}
