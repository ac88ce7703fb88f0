//! Text of files inside Markdown: what would end a code span, open a comment, a link or a command becomes plain text.

use conductor_common::width::{one_line, shortened};

/// The most columns that one piece of a file's text takes in Markdown.
const MOST: usize = 120;

/// For running text.
pub(crate) fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in shortened(&one_line(text), MOST).chars() {
        match c {
            // A backtick behind `!` would start a command of Claude Code.
            '`' => escaped.push('\''),
            '\\' | '*' | '<' | '>' | '[' | ']' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// As a code span: there nothing can be escaped, so what would end it or open a comment is replaced.
pub(crate) fn code(text: &str) -> String {
    let replaced = |c| match c {
        '`' => '\'',
        '<' => '‹',
        '>' => '›',
        c => c,
    };
    let text: String = shortened(&one_line(text), MOST).chars().map(replaced).collect();
    format!("`{text}`")
}

#[cfg(test)]
mod tests {
    use super::{code, plain};

    #[test]
    fn nothing_of_a_file_acts_as_markdown() {
        let table = [
            ("Card form", "Card form", "`Card form`"),
            ("snake_case stays", "snake_case stays", "`snake_case stays`"),
            ("run !`rm -rf .`", "run !'rm -rf .'", "`run !'rm -rf .'`"),
            ("a --> b <!-- c", "a --\\> b \\<!-- c", "`a --› b ‹!-- c`"),
            (
                "![x](http://e.example)",
                "!\\[x\\](http://e.example)",
                "`![x](http://e.example)`",
            ),
            ("two\n# lines", "two # lines", "`two # lines`"),
            ("**b** \\", "\\*\\*b\\*\\* \\\\", "`**b** \\`"),
        ];
        for (text, expected, expected_code) in table {
            assert_eq!(plain(text), expected);
            assert_eq!(code(text), expected_code);
        }
    }

    #[test]
    fn a_title_without_end_is_shortened() {
        assert_eq!(plain(&"a".repeat(1000)).chars().count(), 120);
    }
}
