//! A file's lines, one after the other, without copying: `\n`, `\r\n` and a lone `\r` end a line.

use std::io::BufRead;

use crate::Text;

/// One line without its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: u32,
    /// Offset of its first byte in the file.
    pub(crate) start: usize,
    /// Its bytes.
    pub(crate) text: &'a [u8],
}

impl Line<'_> {
    /// Offset after its last byte that is not a space.
    pub(crate) fn text_end(&self) -> usize {
        self.start + self.text.trim_ascii_end().len()
    }
}

/// Goes through the lines of a file. Copying it is looking ahead.
#[derive(Debug, Clone)]
pub(crate) struct Lines<'a> {
    bytes: &'a [u8],
    pos: usize,
    number: u32,
    /// Whether there is any `\r`; most files have none.
    has_returns: bool,
}

impl<'a> Lines<'a> {
    /// From the start of a file, after its byte order mark.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let pos = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Self {
            bytes,
            pos,
            number: 0,
            has_returns: bytes.contains(&b'\r'),
        }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let start = self.pos;
        let rest = self.bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let (length, end) = if self.has_returns {
            any_line_end(rest)
        } else {
            line_feed(rest)
        };
        self.pos = start + length + end;
        self.number = self.number.saturating_add(1);
        Some(Line {
            number: self.number,
            start,
            text: &rest[..length],
        })
    }
}

/// The length of the first line and of its end, in a text without `\r`.
fn line_feed(rest: &[u8]) -> (usize, usize) {
    let mut reader = rest;
    // Reading from a slice can't fail. This is the standard library's way to its fast search for one byte.
    let taken = reader.skip_until(b'\n').unwrap_or(rest.len());
    match rest[..taken].last() {
        Some(b'\n') => (taken - 1, 1),
        _ => (taken, 0),
    }
}

fn any_line_end(rest: &[u8]) -> (usize, usize) {
    let length = rest
        .iter()
        .position(|b| matches!(b, b'\n' | b'\r'))
        .unwrap_or(rest.len());
    match rest.get(length..) {
        Some([b'\r', b'\n', ..]) => (length, 2),
        Some([_, ..]) => (length, 1),
        _ => (length, 0),
    }
}

/// Bytes as text; what is not UTF-8 becomes `U+FFFD`.
pub(crate) fn text(bytes: &[u8]) -> Text<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Text::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// Columns of white space at the start of a line, and how many bytes they take. A tab goes to the next multiple of four.
pub(crate) fn indent(line: &[u8]) -> (u32, usize) {
    let mut columns = 0u32;
    for (index, byte) in line.iter().enumerate() {
        match byte {
            b' ' => columns = columns.saturating_add(1),
            b'\t' => columns = (columns & !3).saturating_add(4),
            _ => return (columns, index),
        }
    }
    (columns, line.len())
}

/// Whether `hay` starts with `prefix`, case of ASCII letters apart.
pub(crate) fn starts_with_ignore_case(hay: &[u8], prefix: &str) -> bool {
    hay.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// Whether `hay` holds `needle`, case of ASCII letters apart. `needle` begins with a lower-case letter.
pub(crate) fn contains_ignore_case(hay: &[u8], needle: &str) -> bool {
    let Some(first) = needle.bytes().next() else {
        return true;
    };
    let starts = hay
        .iter()
        .enumerate()
        .filter(|(_, byte)| byte.to_ascii_lowercase() == first);
    starts
        .map(|(at, _)| &hay[at..])
        .any(|rest| starts_with_ignore_case(rest, needle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end() {
        let lines: Vec<_> = Lines::new(b"\xef\xbb\xbfa\r\nb\rc\n\nd")
            .map(|l| (l.number, l.start, l.text))
            .collect();
        assert_eq!(
            lines,
            [
                (1, 3, &b"a"[..]),
                (2, 6, b"b"),
                (3, 8, b"c"),
                (4, 10, b""),
                (5, 11, b"d")
            ]
        );
        assert_eq!(Lines::new(b"").count(), 0);
    }

    #[test]
    fn tabs_count_to_the_next_multiple_of_four() {
        assert_eq!(indent(b"  \tx"), (4, 3));
        assert_eq!(indent(b"\t x"), (5, 2));
    }
}
