//! A line's text as a person sees it: a link is its label, signs of emphasis and code are gone where they come in pairs,
//! `\|` is `|`.
//!
//! What is no pair stays, so that no sign of a title is lost: `2 * 3`, `src/*.rs`, `snake_case`, `__init__`.

use std::ops::Range;

use crate::Text;
use crate::line::text;
use crate::link::links;

/// The visible text of a part of a line, without white space around it.
pub(crate) fn visible(part: &[u8]) -> Text<'_> {
    let part = part.trim_ascii();
    let is_plain = |b: &u8| !matches!(b, b'*' | b'_' | b'`' | b'[' | b'\\' | b'~');
    if part.iter().all(is_plain) {
        return text(part);
    }
    let mut dropped = dropped(part);
    if dropped.is_empty() {
        return text(part);
    }
    dropped.sort_unstable_by_key(|range| range.start);
    let mut kept = Vec::with_capacity(part.len());
    let mut from = 0;
    for range in dropped {
        kept.extend_from_slice(part.get(from..range.start).unwrap_or_default());
        from = from.max(range.end);
    }
    kept.extend_from_slice(&part[from..]);
    Text::Owned(String::from_utf8_lossy(&kept).trim().to_string())
}

/// The visible text of a text.
pub(crate) fn shown(whole: Text<'_>) -> Text<'_> {
    match whole {
        Text::Borrowed(whole) => visible(whole.as_bytes()),
        Text::Owned(whole) => Text::Owned(visible(whole.as_bytes()).into_owned()),
    }
}

/// The visible text of a value behind a key: also without a sign whose partner stands before the key (`_Blocks: none_`).
pub(crate) fn value(part: &[u8]) -> Text<'_> {
    // `**Status:** done` closes its emphasis behind the colon.
    let start = part.iter().take_while(|b| matches!(b, b'*' | b'_')).count();
    let is_edge = |c: char| matches!(c, '*' | '_') || c.is_whitespace();
    match visible(&part[start..]) {
        Text::Borrowed(shown) => Text::Borrowed(shown.trim_end_matches(is_edge)),
        Text::Owned(shown) => Text::Owned(shown.trim_end_matches(is_edge).to_string()),
    }
}

/// Signs that a `\` keeps from being markup; before others it is one of a path (`.\src`).
const ESCAPED: &[u8] = b"|*_`[]<>#~";

/// The bytes that are not seen.
fn dropped(part: &[u8]) -> Vec<Range<usize>> {
    let code = code_spans(part);
    let mut dropped = Vec::new();
    let in_code = |at: usize| {
        let before = code.partition_point(|span| span.start <= at);
        before > 0 && at < code[before - 1].end
    };
    // The ends of labels with their targets; the text between is read as any other.
    let mut hidden: Vec<Range<usize>> = Vec::new();
    for link in links(part) {
        let label_end = link.start + 1 + link.label.len();
        let is_escaped = |at: usize| at > 0 && part[at - 1] == b'\\';
        if [link.start, label_end]
            .into_iter()
            .any(|at| in_code(at) || is_escaped(at))
        {
            continue;
        }
        let image = link.start > 0 && part[link.start - 1] == b'!';
        dropped.push(link.start - usize::from(image)..link.start + 1);
        hidden.push(label_end..link.end);
    }
    let mut signs = Signs::default();
    let (mut at, mut next_code, mut next_hidden) = (0, 0, 0);
    while at < part.len() {
        while hidden.get(next_hidden).is_some_and(|range| range.start < at) {
            next_hidden += 1;
        }
        if let Some(range) = hidden.get(next_hidden).filter(|range| range.start == at) {
            dropped.push(range.clone());
            at = range.end;
            continue;
        }
        while code.get(next_code).is_some_and(|span| span.start < at) {
            next_code += 1;
        }
        if let Some(span) = code.get(next_code).filter(|span| span.start == at) {
            drop_code_signs(part, span, &mut dropped);
            at = span.end;
            continue;
        }
        match part[at] {
            b'\\' if part.get(at + 1).is_some_and(|b| ESCAPED.contains(b)) => {
                dropped.push(at..at + 1);
                at += 2;
            }
            sign @ (b'*' | b'_' | b'~') => {
                let length = part[at..].iter().take_while(|b| **b == sign).count();
                signs.run(part, at, length, &mut dropped);
                at += length;
            }
            _ => at += 1,
        }
    }
    dropped
}

/// The code spans with their backticks: each run of backticks and the next one of the same length.
fn code_spans(part: &[u8]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in memchr::memchr_iter(b'`', part) {
        match runs.last_mut().filter(|run| run.end == at) {
            Some(run) => run.end += 1,
            None => runs.push(at..at + 1),
        }
    }
    let mut partner = vec![None; runs.len()];
    let mut later = std::collections::BTreeMap::new();
    for (index, run) in runs.iter().enumerate().rev() {
        partner[index] = later.insert(run.len(), index);
    }
    let mut spans = Vec::new();
    let mut index = 0;
    while index < runs.len() {
        match partner[index] {
            Some(close) => {
                spans.push(runs[index].start..runs[close].end);
                index = close + 1;
            }
            None => index += 1,
        }
    }
    spans
}

/// The backticks around a code span; in it only `\|` is another sign, which a table needs.
fn drop_code_signs(part: &[u8], span: &Range<usize>, dropped: &mut Vec<Range<usize>>) {
    let length = part[span.clone()].iter().take_while(|b| **b == b'`').count();
    let inner = span.start + length..span.end - length;
    dropped.push(span.start..inner.start);
    for at in memchr::memchr_iter(b'\\', &part[inner.clone()]) {
        let at = inner.start + at;
        if part[at + 1] == b'|' {
            dropped.push(at..at + 1);
        }
    }
    dropped.push(inner.end..span.end);
}

/// Runs of signs of emphasis that are open.
#[derive(Default)]
struct Signs {
    stars: Vec<Range<usize>>,
    lines: Vec<Range<usize>>,
    tildes: Vec<Range<usize>>,
}

impl Signs {
    /// Takes a run: it closes what it can, and what is left of it may open.
    fn run(&mut self, part: &[u8], at: usize, length: usize, dropped: &mut Vec<Range<usize>>) {
        let sign = part[at];
        let (opens, closes) = sides(part, at, at + length);
        let open = match sign {
            b'*' => &mut self.stars,
            b'_' => &mut self.lines,
            _ => &mut self.tildes,
        };
        let mut run = at..at + length;
        while closes && !run.is_empty() {
            let Some(last) = open.last_mut() else { break };
            let both = if last.len() > 1 && run.len() > 1 { 2 } else { 1 };
            if sign == b'~' && both == 1 || sign == b'_' && both == 2 && is_name(&part[last.end..run.start]) {
                break;
            }
            dropped.push(last.end - both..last.end);
            dropped.push(run.start..run.start + both);
            last.end -= both;
            run.start += both;
            if Range::is_empty(last) {
                open.pop();
            }
        }
        if opens && !run.is_empty() {
            open.push(run);
        }
    }
}

/// `init` of `__init__`.
fn is_name(inner: &[u8]) -> bool {
    inner
        .iter()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_')
}

/// Whether a run of signs can open, and can close: it touches the text inside, and no path or word outside.
fn sides(part: &[u8], start: usize, end: usize) -> (bool, bool) {
    let double = end - start > 1;
    let (before, after) = (start.checked_sub(1).map(|at| part[at]), part.get(end).copied());
    let inside = |b: Option<u8>| b.is_some_and(|b| !b.is_ascii_whitespace() && b != b'/');
    // `2*3`, `snake_case`: no emphasis; `**a**b` and letters of scripts without spaces are.
    let outside = |b: Option<u8>| match b {
        None => true,
        Some(b'/') => false,
        Some(b) => !b.is_ascii_alphanumeric() || double && part[start] != b'_',
    };
    let glob = after == Some(b'.') && before.is_none_or(|b| b.is_ascii_whitespace());
    (
        inside(after) && outside(before) && !glob,
        inside(before) && outside(after),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, shown: &str) {
        assert_eq!(visible(line.as_bytes()), shown, "{line}");
    }

    #[test]
    fn pairs_are_taken_out() {
        check("**Bold** and the rest", "Bold and the rest");
        check("Track: **Fix** the `--json` flag", "Track: Fix the --json flag");
        check("Add `foo`", "Add foo");
        check("`foo` and ``a`b``", "foo and a`b");
        check("***all*** _of_ ~~it~~", "all of it");
        check("**Fix**es, **修正**の", "Fixes, 修正の");
        check("*(quietly)*.", "(quietly).");
        check("", "");
    }

    #[test]
    fn signs_without_a_partner_stay() {
        for line in [
            "2 * 3 * 4",
            "2*3*4",
            "snake_case_name",
            "src/*.rs, docs/*.md",
            "**/*.rs in src/**",
            "*.rs and *.md",
            "__init__ and __init__.py",
            "a ` b",
            "~5 and ~6",
            "**open",
            "C:\\dir",
            "[WIP] it",
        ] {
            check(line, line);
        }
        check("`**` and `_a_`", "** and _a_");
    }

    #[test]
    fn links_are_their_labels() {
        check("[Docs](http://x) rewrite of guide", "Docs rewrite of guide");
        check("See [RFC](http://x/a_(b)) for pay", "See RFC for pay");
        check("[**A** `b`](./c/)", "A b");
        check("![logo](a.png) [x [y] z](b)", "logo x [y] z");
        check("`[a](b)`", "[a](b)");
        check("[a](b", "[a](b");
        check("\\[a\\](b) and [c\\](d)", "[a](b) and [c](d)");
    }

    #[test]
    fn escapes() {
        check("Eps \\| pipe `a\\|b`", "Eps | pipe a|b");
        check(
            "\\*no\\* \\[x\\] .\\src \\.github \\\\",
            "*no* [x] .\\src \\.github \\\\",
        );
    }

    #[test]
    fn values() {
        for (line, shown) in [
            ("** done", "done"),
            ("* **paused** (phase 3)", "paused (phase 3)"),
            (" none_", "none"),
            (" `a_1`", "a_1"),
        ] {
            assert_eq!(value(line.as_bytes()), shown, "{line}");
        }
    }
}
