//! Text from plugins and files, made safe to show: what a terminal would obey and an eye would not see is taken out.

use std::borrow::Cow;

/// Whether a character is shown as it is: no control character but a newline, none that changes the direction of writing, none
/// of no width that could hide in a name. (U+FE0F stays: emoji need it, and it can't stand for anything.)
fn is_shown(c: char) -> bool {
    match c {
        '\n' => true,
        _ if c.is_control() => false,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => false,
        '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => false,
        _ => true,
    }
}

/// The text without what is not shown; a tab becomes a space.
#[must_use]
pub fn text(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_shown) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| if c == '\t' { ' ' } else { c })
            .filter(|&c| is_shown(c))
            .collect(),
    )
}

/// The same as one line of at most `most` characters: for words that stand inside a sentence of ours.
#[must_use]
pub fn line(line: &str, most: usize) -> String {
    let mut shown: String = line
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|&c| is_shown(c))
        .take(most + 1)
        .collect();
    if let Some((cut, _)) = shown.char_indices().nth(most) {
        shown.truncate(cut);
        shown.push('…');
    }
    shown
}

/// The same as one word of a command line, quoted where a shell would take it for more: what a person copies has to mean what it
/// says.
#[must_use]
pub fn word(word: &str) -> String {
    let shown = line(word, usize::MAX - 1);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !shown.is_empty() && shown.chars().all(plain) {
        return shown;
    }
    format!("'{}'", shown.replace('\'', r"'\''"))
}

/// JSON text with the same characters written as `\u…`. They can stand only inside its strings, so it means the same.
#[must_use]
pub fn json(json: &str) -> Cow<'_, str> {
    if json.chars().all(is_shown) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        // Between the values a control character can only be white space.
        if is_shown(c) || matches!(c, '\t' | '\r') {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_hidden_characters_do_not_get_through() {
        assert_eq!(text("a\u{1b}[31mb\u{202e}c\u{200b}d\re\tf\n"), "a[31mbcde f\n");
        assert_eq!(text("ok ✅ 漢字 é ⚠️"), "ok ✅ 漢字 é ⚠️");
    }

    #[test]
    fn a_line_stays_one_and_ends() {
        assert_eq!(line("a\nb\u{1b}[1m\u{2028}c", 20), "a b[1m c");
        assert_eq!(line("äöüß", 3), "äöü…");
        assert_eq!(line("äöü", 3), "äöü");
    }

    #[test]
    fn a_word_is_quoted_where_a_shell_would_take_it_for_more() {
        assert_eq!(word("--track=auth_20241226"), "--track=auth_20241226");
        assert_eq!(word("it's; $(x)\n"), r"'it'\''s; $(x) '");
        assert_eq!(word(""), "''");
    }

    #[test]
    fn json_means_the_same_afterwards() {
        let value = "{\"t\": \"a\u{202e}b\u{7f}\u{e0041}\"}";
        let shown = json(value);
        assert!(shown.chars().all(is_shown), "{shown}");
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("it is JSON");
        assert_eq!(parse(&shown), parse(value));
    }
}
