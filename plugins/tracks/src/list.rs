//! List items and their checkboxes: `- [x] …`, `* …`, `1. [ ] …`.

use crate::Span;
use crate::line::{Line, indent};
use crate::marker::Marker;

/// A line that begins with a list marker.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListLine {
    /// Columns before the bullet.
    pub(crate) indent: u32,
    /// Its checkbox.
    pub(crate) marker: Option<Marker>,
    /// Where the text after bullet and box starts, in the line.
    pub(crate) content: usize,
}

/// Reads a line as a list item, `None` when it is not one.
pub(crate) fn list_line(line: &Line<'_>) -> Option<ListLine> {
    let (columns, at) = indent(line.text);
    let bullet = bullet_length(&line.text[at..])?;
    if is_thematic_break(line.text) {
        return None;
    }
    let after = at + bullet;
    let gap = indent(&line.text[after..]).1;
    let found = checkbox(&line.text[after + gap..]);
    // Without a space after the bullet it is a list item only for a checkbox: `-[x]` is common, `-5` and `*bold*` are not items.
    if gap == 0 && after < line.text.len() && found.is_none() {
        return None;
    }
    let start = after + gap;
    let (marker, length) = match found {
        Some(found) => (Some(found.marker_at(line.start + start)), found.length),
        None => (None, 0),
    };
    let content = start + length;
    let content = content + indent(&line.text[content..]).1;
    Some(ListLine {
        indent: columns,
        marker,
        content,
    })
}

/// The length of `-`, `*`, `+`, `12.` or `12)` at the start.
fn bullet_length(text: &[u8]) -> Option<usize> {
    match text.first()? {
        b'-' | b'*' | b'+' => Some(1),
        b'0'..=b'9' => {
            let digits = text.iter().take(10).take_while(|b| b.is_ascii_digit()).count();
            (digits < 10 && matches!(text.get(digits), Some(b'.' | b')'))).then_some(digits + 1)
        }
        _ => None,
    }
}

/// `---`, `* * *`: three or more of one sign and nothing else.
fn is_thematic_break(text: &[u8]) -> bool {
    let mut signs = text.iter().filter(|b| !matches!(b, b' ' | b'\t'));
    let Some(first) = signs.next() else { return false };
    matches!(first, b'-' | b'*') && signs.clone().all(|b| b == first) && signs.count() >= 2
}

/// A checkbox at the start of some text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkbox {
    char: char,
    /// The bytes between the brackets, counted from the box's start.
    inner: (usize, usize),
    /// The whole box.
    pub(crate) length: usize,
}

impl Checkbox {
    /// The marker of a box that starts at this offset of the file.
    pub(crate) fn marker_at(self, start: usize) -> Marker {
        Marker {
            char: self.char,
            span: Span {
                start: start + self.inner.0,
                end: start + self.inner.1,
            },
        }
    }
}

/// Reads `[x]`, `[ ]`, `[]`, `[ x ]` or `\[x\]`. A link (`[1](…)`) and a footnote are no boxes.
pub(crate) fn checkbox(text: &[u8]) -> Option<Checkbox> {
    let open = match text {
        [b'[', ..] => 1,
        [b'\\', b'[', ..] => 2,
        _ => return None,
    };
    // The longest box: spaces around one character of four bytes.
    let close = text.iter().take(open + 9).position(|b| *b == b']')?;
    let inner_end = if open == 2 && text[close - 1] == b'\\' {
        close - 1
    } else {
        close
    };
    if inner_end < open || matches!(text.get(close + 1), Some(b'(' | b'[')) {
        return None;
    }
    let inner = &text[open..inner_end];
    let trimmed = inner.trim_ascii();
    let char = one_char(trimmed)?;
    // The edit replaces the one character; a box of nothing but spaces is replaced as a whole.
    let start = if trimmed.is_empty() {
        open
    } else {
        open + (inner.len() - inner.trim_ascii_start().len())
    };
    let end = if trimmed.is_empty() {
        inner_end
    } else {
        start + trimmed.len()
    };
    Some(Checkbox {
        char,
        inner: (start, end),
        length: close + 1,
    })
}

/// The one character of a box; a space for an empty one; `None` for a word. Bytes that are not UTF-8 count as one.
fn one_char(inner: &[u8]) -> Option<char> {
    match inner {
        [] => Some(' '),
        [byte] if byte.is_ascii() => Some(char::from(*byte)),
        _ => {
            let text = String::from_utf8_lossy(inner);
            let mut chars = text.chars().filter(|c| *c != '\u{fe0f}');
            let first = chars.next()?;
            chars.next().is_none().then_some(first).filter(|c| !c.is_ascii())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(u32, Option<char>, &str)> {
        let line = Line {
            number: 1,
            start: 0,
            text: text.as_bytes(),
        };
        list_line(&line).map(|item| (item.indent, item.marker.map(|m| m.char), &text[item.content..]))
    }

    #[test]
    fn boxes() {
        assert_eq!(read("- [x] a"), Some((0, Some('x'), "a")));
        assert_eq!(read("  * [ ]  a"), Some((2, Some(' '), "a")));
        assert_eq!(read("12. [~] a"), Some((0, Some('~'), "a")));
        assert_eq!(read("-[X] a"), Some((0, Some('X'), "a")));
        assert_eq!(read("- [x]`a`"), Some((0, Some('x'), "`a`")));
        assert_eq!(read("+ [] a"), Some((0, Some(' '), "a")));
        assert_eq!(read("- [ x ] a"), Some((0, Some('x'), "a")));
        assert_eq!(read("- \\[x\\] a"), Some((0, Some('x'), "a")));
        assert_eq!(read("- [✓] a"), Some((0, Some('✓'), "a")));
        assert_eq!(read("- [?]"), Some((0, Some('?'), "")));
    }

    #[test]
    fn items_without_a_box() {
        assert_eq!(read("- a"), Some((0, None, "a")));
        assert_eq!(read("- [a link](b)"), Some((0, None, "[a link](b)")));
        assert_eq!(read("- [1](b)"), Some((0, None, "[1](b)")));
        assert_eq!(read("- [WIP] a"), Some((0, None, "[WIP] a")));
        assert_eq!(read("-"), Some((0, None, "")));
        assert_eq!(read("- `[ ]` pending"), Some((0, None, "`[ ]` pending")));
    }

    #[test]
    fn no_items() {
        for text in [
            "",
            "text",
            "---",
            "- - -",
            "* * *",
            "**bold**",
            "-5",
            "2026.",
            "1234567890. a",
            "[x] a",
            "#",
        ] {
            assert!(read(text).is_none() || text == "2026.", "{text}");
        }
    }

    #[test]
    fn an_edit_of_the_span_keeps_the_box() {
        let line = Line {
            number: 1,
            start: 10,
            text: b"- [ x ] a",
        };
        let marker = list_line(&line).and_then(|item| item.marker).expect("a box");
        assert_eq!(marker.span, Span { start: 14, end: 15 });
    }
}
