//! What the line of a registry's entry says: the track's title, its id, a state in words, and what else stands there.
//!
//! The title is the line as a person sees it (`inline`), without what is known to be something else: the id, `Track:`,
//! commits and `✅` at the end, `(archived: 2026-02-23)`, links such as `[View](./archive/old_20251201/)`.

use crate::Text;
use crate::inline::visible;
use crate::line::{starts_with_ignore_case, text};
use crate::link::{Link, Meaning, folder_name, links, meaning};
use crate::status_word;
use crate::tail;

/// How often the end of a line is looked at again; keeps a line of nothing but ends linear.
const MOST_ROUNDS: usize = 8;

/// A line taken apart.
#[derive(Debug, Default)]
pub(crate) struct Titled<'a> {
    pub(crate) title: Text<'a>,
    pub(crate) id: Option<Text<'a>>,
    /// What an id is made of where there is none: the title, or the label of the link that the line begins with.
    pub(crate) name: Option<Text<'a>>,
    /// `complete` of `- auth_20250110 (complete)`.
    pub(crate) status: Option<Text<'a>>,
    /// What stands behind `— Archived 2026-05-03.`
    pub(crate) remark: Option<Text<'a>>,
    /// `Track:` stood before it.
    pub(crate) labelled: bool,
    /// The id ends with a date: `auth_20250110`.
    pub(crate) dated: bool,
    /// The title is the id and nothing else, or a sign follows the id.
    pub(crate) id_leads: bool,
}

/// Takes the text after a box apart.
pub(crate) fn read(line: &[u8]) -> Titled<'_> {
    let kept = without_end(line);
    let shown = without_signs(visible(kept));
    let (labelled, shown) = match after_label(&shown) {
        Some(at) => (true, cut(shown, at, usize::MAX)),
        None => (false, shown),
    };
    let (shown, remark) = without_state(shown);
    let mut found = Titled {
        labelled,
        remark,
        ..Titled::default()
    };
    if found.lead_id(&shown) {
        // `(complete)` at the end is a state in words where nothing else says one.
        let said = visible(&line[kept.len()..]);
        let said = said.trim_matches(['(', ')', '[', ']', ' ']);
        if found.status.is_none() && status_word::state(said).is_some() {
            found.status = Some(Text::Owned(said.to_string()));
        }
    } else {
        found.inner_id(kept, shown);
        let first = links(kept).next().filter(|link| is_lead(kept, link));
        found.name = first.map(|link| visible(link.label));
    }
    found
}

impl<'a> Titled<'a> {
    /// An id at the start, and the title behind it.
    fn lead_id(&mut self, shown: &Text<'a>) -> bool {
        let end = shown.find([' ', ':', ',', ')']).unwrap_or(shown.len());
        let word = shown[..end].trim_end_matches('/');
        if !is_id(word.as_bytes()) {
            return false;
        }
        let after = shown[end..].trim_start();
        self.dated = is_dated(word.as_bytes());
        self.id_leads = after.is_empty() || begins_with_sign(after);
        if !self.dated && !self.id_leads {
            return false;
        }
        self.id = Some(cut(shown.clone(), 0, word.len()));
        let title = after_id(shown.clone(), end);
        // `- id (complete)` says a state, not a title; `- id (2026-01-02)` a date.
        let is_state = says_state(&title);
        self.title = match is_state || !title.contains(char::is_alphabetic) {
            true => cut(shown.clone(), 0, word.len()),
            false => title.clone(),
        };
        self.status = Some(title).filter(|_| is_state);
        true
    }

    /// A dated id in backticks or in parentheses: `**Old** (`old_20251201`)`.
    fn inner_id(&mut self, kept: &'a [u8], shown: Text<'a>) {
        let id = code_spans(kept)
            .chain(bracketed(kept))
            .map(|word| word.strip_suffix(b"/").unwrap_or(word));
        let id = id.filter(|word| is_id(word) && is_dated(word)).map(text).next();
        self.title = match &id {
            Some(id) => without_id(&shown, id).map_or_else(|| shown.clone(), Text::Owned),
            None => shown,
        };
        self.title = without_quotes(std::mem::take(&mut self.title));
        self.dated = id.is_some();
        self.id = id;
    }
}

/// The title in a comment: ` — Old pages (2026-01-02)`, `(Old pages)`, `Old pages completed 2026-05-07`.
pub(crate) fn of_comment(rest: &[u8]) -> (Text<'_>, Option<Text<'_>>) {
    let shown = visible(rest);
    let title = after_id(shown, 0);
    without_state(title)
}

/// Whether a link begins the line, signs and emphasis apart.
fn is_lead(line: &[u8], link: &Link<'_>) -> bool {
    let before = visible(&line[..link.start]);
    without_signs(before.clone()).trim_matches(['*', '_', ' ']).is_empty() || after_label(&before) == Some(before.len())
}

/// A line without commits, boxes and `✅` at its end, and without links that only lead to the track.
fn without_end(line: &[u8]) -> &[u8] {
    let mut kept = line;
    for _ in 0..MOST_ROUNDS {
        let shorter = without_pointer(&kept[..tail::read(kept, 0).title_end]);
        if shorter.len() == kept.len() {
            break;
        }
        kept = shorter;
    }
    kept
}

/// Without `[View](./archive/a_1/)` or `([Plan](…), [Spec](…))` at the end, and what led to it.
fn without_pointer(kept: &[u8]) -> &[u8] {
    let bare = kept.trim_ascii_end();
    let (open, inner) = match bare.strip_suffix(b")").filter(|inner| inner.ends_with(b")")) {
        Some(inner) => (memchr::memmem::rfind(inner, b"(["), inner),
        None => (None, bare),
    };
    let from = open.unwrap_or(0);
    let mut end = inner.len();
    for link in links(&inner[from..]).collect::<Vec<_>>().into_iter().rev() {
        let between = &inner[from + link.end..end];
        let joined = text(between)
            .chars()
            .all(|c| matches!(c, ' ' | ',' | '|' | '·' | '/' | '*' | '_'));
        if !joined || !is_pointer(&link) {
            break;
        }
        end = from + link.start;
    }
    let all = open.is_none_or(|open| end == open + 1);
    if end == inner.len() || !all || is_no_title(&inner[..open.unwrap_or(end)]) {
        return kept;
    }
    let mut left = inner[..open.unwrap_or(end)].trim_ascii_end();
    for _ in 0..MOST_ROUNDS {
        let sign = ["—", "–", "→", " -", "|", ":"]
            .iter()
            .find_map(|sign| left.strip_suffix(sign.as_bytes()));
        let Some(shorter) = sign else { break };
        left = shorter.trim_ascii_end();
    }
    left
}

/// Whether nothing of a title is left.
fn is_no_title(kept: &[u8]) -> bool {
    let shown = visible(kept);
    let shown = after_label(&shown).map_or(&*shown, |at| &shown[at..]);
    !shown.contains(char::is_alphanumeric)
}

/// Whether a link only leads to the track: it leads into `conductor/`, and its label says where, not what.
fn is_pointer(link: &Link<'_>) -> bool {
    const WORDS: [&str; 17] = [
        "view",
        "plan",
        "spec",
        "link",
        "folder",
        "details",
        "index",
        "track",
        "see",
        "open",
        "metadata",
        "implementation",
        "specification",
        "archive",
        "the",
        "and",
        "here",
    ];
    let Meaning::Inside { folder, .. } = meaning(link.target, "") else {
        return false;
    };
    let label = visible(link.label);
    let words = || {
        label
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
    };
    label.contains('/')
        || label.ends_with(".md")
        || folder_name(&folder) == &*label
        || words().all(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}

/// Where the text after `Track:` begins.
pub(crate) fn after_label(shown: &str) -> Option<usize> {
    let start = shown.find(|c: char| !matches!(c, '*' | '_' | ' '))?;
    let bare = &shown[start..];
    let rest =
        starts_with_ignore_case(bare.as_bytes(), "track").then(|| bare[5..].trim_start_matches([' ', '*', '_']))?;
    let rest = rest.strip_prefix(':')?;
    Some(shown.len() - rest.trim_start().len())
}

/// Without emoji and arrows before the first letter; all of it where there is no letter.
fn without_signs(shown: Text<'_>) -> Text<'_> {
    let sign =
        |c: char| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{200d}' | '\u{1f000}'..='\u{1faff}' | ' ');
    match shown.find(|c| !sign(c)) {
        Some(at) if at > 0 => cut(shown, at, usize::MAX),
        _ => shown,
    }
}

/// Without a state at the end: `(archived: 2026-02-23)`, ` — Archived 2026-05-03. A remark`, ` completed 2026-05-07`.
/// What a state's words say besides is the remark.
fn without_state(shown: Text<'_>) -> (Text<'_>, Option<Text<'_>>) {
    let words = ["archived", "completed", "complete", "done", "merged"];
    let said = shown
        .char_indices()
        .filter(|(_, c)| !c.is_alphanumeric())
        .find_map(|(at, c)| {
            let from = at + c.len_utf8();
            let rest = &shown[from..];
            let word = words
                .iter()
                .find(|word| starts_with_ignore_case(rest.as_bytes(), word))?;
            let before = shown[..from].trim_end_matches(['(', '[', ' ', '-', '–', '—', ':', '.', ',', '*']);
            let after = rest[word.len()..].trim_start_matches([':', ' ', '*']);
            let date = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-').len();
            let is_date = after.as_bytes().first().is_some_and(u8::is_ascii_digit) && date >= 8;
            let dashed = shown[..from].trim_end().ends_with(['-', '–', '—']) && after.trim_matches('.').is_empty();
            let alone = dashed || c == '(' && after == ")";
            (is_date || alone).then(|| (before.len(), shown.len() - after.len() + if is_date { date } else { 0 }))
        });
    let Some((end, from)) = said else {
        return (shown, None);
    };
    let remark = shown[from..].trim_matches([')', ']', '.', ' ', ',', ';', '*']);
    let remark = match remark.matches('(').count() > remark.matches(')').count() {
        true => format!("{remark})"),
        false => remark.to_string(),
    };
    let remark = remark
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(&remark);
    let remark = Some(Text::Owned(remark.to_string())).filter(|remark| !remark.is_empty());
    (cut(shown, 0, end), remark)
}

/// Whether `:`, a dash or a parenthesis comes first.
fn begins_with_sign(after: &str) -> bool {
    after.starts_with([':', '-', '(', '—', '–', '→'])
}

/// What follows an id and signs; parentheses around all of it are taken off.
fn after_id(shown: Text<'_>, end: usize) -> Text<'_> {
    let rest = shown[end..].trim_start_matches([' ', ':', '-', '—', '–', '/']);
    let inner = rest.strip_prefix('(').and_then(|inner| inner.strip_suffix(')'));
    let (from, to) = (shown.len() - rest.len(), shown.len());
    let (from, to) = match inner.filter(|inner| !inner.contains(['(', ')'])) {
        Some(_) => (from + 1, to - 1),
        None => (from, to),
    };
    without_quotes(cut(shown, from, to))
}

/// Without the quotes around the whole of it.
fn without_quotes(shown: Text<'_>) -> Text<'_> {
    let inner = shown.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
    match inner.filter(|inner| !inner.is_empty() && !inner.contains('"')) {
        Some(inner) => {
            let end = inner.len() + 1;
            cut(shown, 1, end)
        }
        None => shown,
    }
}

/// A title without its id, where the id stands apart: in parentheses, at the end or before a dash.
fn without_id(shown: &str, id: &str) -> Option<String> {
    let at = shown.find(id)?;
    let (mut before, mut after) = (&shown[..at], shown[at + id.len()..].trim_start_matches('/'));
    let in_brackets = before.ends_with(['(', '[']) && after.starts_with([')', ']']);
    if in_brackets {
        (before, after) = (&before[..before.len() - 1], &after[1..]);
    } else if !after.is_empty() && !begins_with_sign(after.trim_start()) {
        return None;
    }
    let before = before.trim_end();
    let before = if after.trim().is_empty() {
        before.trim_end_matches(['—', '–', '-', ':', ' '])
    } else {
        before
    };
    Some(format!("{before}{after}").trim().to_string()).filter(|title| title.contains(char::is_alphanumeric))
}

/// Whether a title says a state and nothing else: `complete`, `done (2026-01-02)`, `✅ COMPLETE (21 tests)`.
fn says_state(title: &str) -> bool {
    if title.starts_with(status_word::DONE_SIGNS) && status_word::phrase(title).is_some() {
        return true;
    }
    let (word, rest) = title.split_at(title.find('(').unwrap_or(title.len()));
    !rest.contains(char::is_alphabetic) && status_word::state(word).is_some()
}

/// Bytes `from..to` of a text, trimmed.
fn cut(shown: Text<'_>, from: usize, to: usize) -> Text<'_> {
    let to = to.min(shown.len());
    match shown {
        Text::Borrowed(shown) => Text::Borrowed(shown.get(from..to).unwrap_or_default().trim()),
        Text::Owned(shown) => Text::Owned(shown.get(from..to).unwrap_or_default().trim().to_string()),
    }
}

/// The code spans of a line.
pub(crate) fn code_spans(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| *b == b'`').skip(1).step_by(2)
}

/// What stands in parentheses.
fn bracketed(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| *b == b'(')
        .skip(1)
        .filter_map(|rest| rest.split(|b| *b == b')').next())
}

/// Whether a word can be a track's id: letters, digits, `_`, `-`, `.`, with a `_` or `-` and a letter among them.
pub(crate) fn is_id(word: &[u8]) -> bool {
    word.len() > 2
        && word
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        && word.iter().any(u8::is_ascii_alphabetic)
        && word[1..].iter().any(|b| matches!(b, b'_' | b'-'))
        && word[0].is_ascii_alphanumeric()
}

/// Whether an id holds a date: eight digits after `_` or `-`.
pub(crate) fn is_dated(id: &[u8]) -> bool {
    id.windows(9)
        .any(|w| matches!(w[0], b'_' | b'-') && w[1..].iter().all(u8::is_ascii_digit))
}

/// An id made of a title, for an entry that has none.
pub(crate) fn slug(title: &str) -> String {
    let mut slug = String::new();
    for char in title.chars().flat_map(char::to_lowercase) {
        if char.is_alphanumeric() {
            slug.push(char);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_string()
}
