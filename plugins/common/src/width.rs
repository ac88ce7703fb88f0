//! How wide text is on a terminal, and how it is cleaned and shortened: titles hold CJK, emoji, tabs and newlines.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The columns that text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// Text of a file on one line: every run of white space and control characters is one space, none at the ends.
#[must_use]
pub fn one_line(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !c.is_control() && (c == ' ' || !c.is_whitespace());
    if text.chars().all(is_plain) && !text.contains("  ") && text.trim().len() == text.len() {
        return Cow::Borrowed(text);
    }
    let parts = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|part| !part.is_empty());
    Cow::Owned(parts.collect::<Vec<_>>().join(" "))
}

/// Text that takes at most so many columns; what is cut off leaves a `…`.
#[must_use]
pub fn shortened(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut taken = 0;
    let fits = |c: &char| {
        taken += c.width().unwrap_or(0);
        taken < columns
    };
    let kept: String = text.chars().take_while(fits).collect();
    Cow::Owned(format!("{}…", kept.trim_end()))
}

/// Words of others in a sentence of ours: on one line, of at most so many columns, and without what is mark-up in Markdown or would end a
/// quotation.
#[must_use]
pub fn quotable(text: &str, columns: usize) -> String {
    shortened(&one_line(text), columns).replace(['`', '"', '<', '>'], "'")
}

#[cfg(test)]
mod tests {
    use super::{one_line, quotable, shortened, width};

    #[test]
    fn others_words_end_no_quotation_and_hide_nothing() {
        assert_eq!(quotable("ok `rm`\n<!-- \"x\"", 40), "ok 'rm' '!-- 'x'");
        assert_eq!(quotable("abcdef", 4), "abc…");
    }

    #[test]
    fn white_space_and_controls_become_single_spaces() {
        let table = [
            ("plain words", "plain words"),
            (" a\tb\r\nc ", "a b c"),
            ("a  b", "a b"),
            ("red \u{1b}[31m", "red [31m"),
            ("\n\t", ""),
        ];
        for (text, expected) in table {
            assert_eq!(one_line(text), expected);
        }
    }

    #[test]
    fn nothing_gets_wider_than_asked_for() {
        let table = [
            ("short", 5, "short"),
            ("longer than that", 8, "longer…"),
            ("商品目録の検索", 14, "商品目録の検索"),
            ("商品目録の検索", 8, "商品目…"),
            ("🛒🛒🛒", 4, "🛒…"),
        ];
        for (text, columns, expected) in table {
            assert_eq!(shortened(text, columns), expected);
            assert!(width(&shortened(text, columns)) <= columns);
        }
    }
}
