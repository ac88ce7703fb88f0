//! What counts as a commit's name in a plan.
//!
//! `workflow.md` says "append the first 7 characters of the commit hash" and not how, so every bracket is met.

use crate::Span;
use crate::line::{starts_with_ignore_case, text};
use crate::plan::Sha;

/// Whether a word is a commit's name by itself: 7 to 40 lower-case hexadecimal digits with at least one digit among them,
/// so that words such as `defaced` are none; without a letter only 7 or 40 of them, so that dates are none.
pub(crate) fn is_sha(word: &[u8]) -> bool {
    let has_digit = word.iter().any(u8::is_ascii_digit);
    let has_letter = word.iter().any(|b| matches!(b, b'a'..=b'f'));
    is_hex(word) && has_digit && (has_letter || matches!(word.len(), 7 | 40))
}

/// Whether a word may be a commit's name where the text says that it is one (`commit: 1234567`).
pub(crate) fn is_hex(word: &[u8]) -> bool {
    (7..=40).contains(&word.len()) && word.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The commits in what stands between brackets, backticks or comment signs, when there is nothing else in it:
/// `1a2b3c4`, `commit: 1a2b3c4`, `SHA: 1a2b3c4, 5d6e7f8`. `base` is the offset of `inner` in the file.
pub(crate) fn list<'a>(inner: &'a [u8], base: usize) -> Option<Vec<Sha<'a>>> {
    let (rest, said) = without_label(inner);
    let mut at = inner.len() - rest.len();
    let mut shas = Vec::new();
    for part in rest.split(|b| matches!(b, b',' | b' ' | b'+' | b'&' | b';' | b'/')) {
        let word = part
            .strip_prefix(b"`")
            .and_then(|p| p.strip_suffix(b"`"))
            .unwrap_or(part);
        let start = base + at + (part.len() - word.len()) / 2;
        at += part.len() + 1;
        match word {
            b"" => {}
            _ if is_sha(word) || is_hex(word) && (said || matches!(word.len(), 7 | 40)) => {
                shas.push(Sha {
                    sha: text(word),
                    span: Span {
                        start,
                        end: start + word.len(),
                    },
                });
            }
            _ => return None,
        }
    }
    (!shas.is_empty()).then_some(shas)
}

/// What follows `commit`, `commits`, `sha` or `hash`, and whether one of them was there.
fn without_label(inner: &[u8]) -> (&[u8], bool) {
    for label in ["commits", "commit", "sha", "hash"] {
        if starts_with_ignore_case(inner.trim_ascii_start(), label) {
            let rest = &inner.trim_ascii_start()[label.len()..];
            let value = rest.trim_ascii_start();
            let value = value.strip_prefix(b":").unwrap_or(value).trim_ascii_start();
            if value.len() < rest.len() {
                return (value, true);
            }
        }
    }
    (inner, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(inner: &str) -> Option<Vec<(String, usize)>> {
        list(inner.as_bytes(), 0).map(|shas| shas.iter().map(|s| (s.sha.to_string(), s.span.start)).collect())
    }

    #[test]
    fn forms() {
        for (inner, start) in [
            ("1a2b3c4", 0),
            ("commit: 1a2b3c4", 8),
            ("commit 1a2b3c4", 7),
            ("SHA: 1a2b3c4", 5),
            ("commit:1a2b3c4", 7),
            ("`1a2b3c4`", 1),
            (" 1a2b3c4 ", 1),
        ] {
            assert_eq!(found(inner), Some(vec![("1a2b3c4".into(), start)]), "{inner}");
        }
        assert_eq!(
            found("1a2b3c4, 5d6e7f8"),
            Some(vec![("1a2b3c4".into(), 0), ("5d6e7f8".into(), 9)])
        );
        assert_eq!(found("commit: 1234567"), Some(vec![("1234567".into(), 8)]));
    }

    #[test]
    fn no_commits() {
        for inner in [
            "",
            "20260101",
            "facade",
            "1A2B3C4",
            "commit tbd",
            "no-op",
            "1a2b3c",
            "new",
            "1a2b3c4 done",
        ] {
            assert_eq!(found(inner), None, "{inner}");
        }
    }
}
