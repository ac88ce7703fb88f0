//! What hangs at the end of a task line or a heading: commits, checkpoint, `✅`, `[BLOCKED: …]`, comments.

use crate::Span;
use crate::Text;
use crate::block::comments;
use crate::line::{contains_ignore_case, starts_with_ignore_case, text};
use crate::list::checkbox;
use crate::marker::Marker;
use crate::plan::{Checkpoint, Sha};
use crate::sha::{self, is_sha};

/// The end of a line taken apart.
#[derive(Debug, Default)]
pub(crate) struct Tail<'a> {
    /// Where the title ends, in the text that was given.
    pub(crate) title_end: usize,
    pub(crate) shas: Vec<Sha<'a>>,
    pub(crate) checkpoint: Option<Checkpoint<'a>>,
    pub(crate) remark: Option<Text<'a>>,
    /// `✅`, `(COMPLETED)`, `[DONE]`
    pub(crate) said_done: bool,
    /// A box at the end of a heading.
    pub(crate) marker: Option<Marker>,
    /// The comments: offset in the file, body.
    pub(crate) comments: Vec<(Span, &'a [u8])>,
}

/// Takes the end of a line apart. `base` is the offset of `line` in the file.
pub(crate) fn read(line: &[u8], base: usize) -> Tail<'_> {
    let mut tail = Tail {
        title_end: line.len(),
        ..Tail::default()
    };
    tail.take_comments(line, base);
    while let Some(shorter) = tail.cut(&line[..tail.title_end], base) {
        tail.title_end = shorter;
    }
    tail.shas.reverse();
    tail.take_inner(line, base);
    tail.shas.sort_by_key(|sha| sha.span.start);
    tail
}

impl<'a> Tail<'a> {
    /// Every comment of the line; those that name a commit give it.
    fn take_comments(&mut self, line: &'a [u8], base: usize) {
        for comment in comments(line) {
            let (Some(end), Some(body)) = (comment.end, comment.body(line)) else {
                continue;
            };
            match sha::list(body, base + comment.start + 4) {
                Some(shas) => self.shas.extend(shas.into_iter().rev()),
                None => {
                    let span = Span {
                        start: base + comment.start,
                        end: base + end,
                    };
                    self.comments.push((span, body));
                }
            }
        }
    }

    /// Cuts one thing off the end and says where the rest ends; `None` when the end is title.
    fn cut(&mut self, rest: &'a [u8], base: usize) -> Option<usize> {
        let kept = rest.trim_ascii_end();
        if kept.len() < rest.len() {
            return Some(kept.len());
        }
        if kept.ends_with(b"-->") {
            return kept.windows(4).rposition(|w| w == b"<!--");
        }
        match kept.last()? {
            b']' => self.cut_bracket(kept, base, b'['),
            b')' => self.cut_bracket(kept, base, b'('),
            b'_' | b'*' => self.cut_emphasis(kept, base),
            b'`' => self.cut_code(kept, base),
            b if b.is_ascii_hexdigit() => self.cut_bare(kept, base),
            _ => self.cut_sign(kept),
        }
    }

    /// `[…]` or `(…)`.
    fn cut_bracket(&mut self, kept: &'a [u8], base: usize, open: u8) -> Option<usize> {
        let start = kept.iter().rposition(|b| *b == open)?;
        let inner = &kept[start + 1..kept.len() - 1];
        let at = base + start + 1;
        if open == b'(' && start > 0 && kept[start - 1] == b']' {
            return None;
        }
        if let Some(checkpoint) = checkpoint(inner, at) {
            self.checkpoint = Some(checkpoint);
            return Some(start);
        }
        if let Some(shas) = sha::list(inner, at) {
            self.shas.extend(shas.into_iter().rev());
            return Some(start);
        }
        if says_done(inner) {
            self.said_done = true;
            return Some(start);
        }
        if is_remark(inner) {
            self.remark = Some(text(inner));
            return Some(start);
        }
        let found =
            checkbox(&kept[start..]).filter(|found| open == b'[' && start > 0 && found.length == inner.len() + 2)?;
        let marker = found.marker_at(base + start);
        self.marker = Some(marker).filter(|m| m.state() != crate::State::Unknown);
        self.marker.map(|_| start)
    }

    /// `_(commit: 1a2b3c4)_`
    fn cut_emphasis(&mut self, kept: &'a [u8], base: usize) -> Option<usize> {
        let sign = *kept.last()?;
        let inside = kept.len() - kept.iter().rev().take_while(|b| **b == sign).count();
        let open = match kept[..inside].last()? {
            b')' => b'(',
            b']' => b'[',
            _ => return None,
        };
        let start = kept[..inside].iter().rposition(|b| *b == open)?;
        if start == 0 || kept[start - 1] != sign {
            return None;
        }
        let cut = self.cut_bracket(&kept[..inside], base, open)?;
        let signs = kept[..cut].iter().rev().take_while(|b| **b == sign).count();
        Some(cut - signs)
    }

    /// `` `1a2b3c4` ``, also after `commit:`.
    fn cut_code(&mut self, kept: &'a [u8], base: usize) -> Option<usize> {
        let start = kept[..kept.len() - 1].iter().rposition(|b| *b == b'`')?;
        let shas = sha::list(&kept[start + 1..kept.len() - 1], base + start + 1)?;
        self.shas.extend(shas.into_iter().rev());
        Some(without_commit_word(kept, start).0)
    }

    /// A commit as the last word.
    fn cut_bare(&mut self, kept: &'a [u8], base: usize) -> Option<usize> {
        let start = kept.iter().rposition(|b| matches!(b, b' ' | b'\t' | b':'))? + 1;
        let word = &kept[start..];
        let (cut, said) = without_commit_word(kept, start);
        if !(is_sha(word) || said && sha::is_hex(word)) {
            return None;
        }
        self.shas.push(Sha {
            sha: text(word),
            span: Span {
                start: base + start,
                end: base + kept.len(),
            },
        });
        Some(cut)
    }

    /// A sign that says done.
    fn cut_sign(&mut self, kept: &'a [u8]) -> Option<usize> {
        for sign in [
            "✅",
            "✔",
            "✓",
            "☑",
            "\u{fe0f}",
            "🎉",
            "✅ COMPLETE",
            "✅ COMPLETED",
            "✅ DONE",
        ] {
            if kept.ends_with(sign.as_bytes()) {
                self.said_done = true;
                return Some(kept.len() - sign.len());
            }
        }
        None
    }

    /// Commits in brackets within the title: they stay in it. A checkpoint there counts as well.
    fn take_inner(&mut self, line: &'a [u8], base: usize) {
        let title = &line[..self.title_end];
        let mut from = 0;
        while let Some(at) = title[from..].iter().position(|b| matches!(b, b'[' | b'(')) {
            let start = from + at + 1;
            let close = if title[start - 1] == b'[' { b']' } else { b')' };
            from = start;
            if title[start - 1] == b'(' && start > 1 && title[start - 2] == b']' {
                continue;
            }
            // Longer than any commit in brackets; keeps a line of brackets linear.
            let Some(length) = title[start..].iter().take(120).position(|b| *b == close) else {
                continue;
            };
            let inner = &title[start..start + length];
            if let Some(found) = checkpoint(inner, base + start) {
                self.checkpoint.get_or_insert(found);
            } else if let Some(shas) = sha::list(inner, base + start) {
                self.shas.extend(shas);
            }
        }
    }
}

/// Where the text ends before ` commit: ` or ` — ` that stands before a commit, and whether that said that it is one.
fn without_commit_word(kept: &[u8], start: usize) -> (usize, bool) {
    let before = kept[..start].trim_ascii_end();
    for label in ["commit:", "commit", "sha:", "SHA:", "Commit:", "hash:"] {
        if let Some(rest) = before.strip_suffix(label.as_bytes())
            && rest.last().is_none_or(|b| !b.is_ascii_alphanumeric())
        {
            return (without_dash(rest).len(), true);
        }
    }
    (without_dash(before).len(), false)
}

/// Without a dash at the end.
fn without_dash(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_end();
    ["—", "–", " -", "→"]
        .iter()
        .find_map(|dash| text.strip_suffix(dash.as_bytes()))
        .unwrap_or(text)
}

/// `checkpoint: 1a2b3c4`, also empty or a word.
fn checkpoint(inner: &[u8], base: usize) -> Option<Checkpoint<'_>> {
    if !starts_with_ignore_case(inner, "checkpoint") {
        return None;
    }
    let rest = inner["checkpoint".len()..].trim_ascii_start();
    let rest = rest.strip_prefix(b":").unwrap_or(rest).trim_ascii_start();
    let value = rest.strip_prefix(b"`").unwrap_or(rest);
    let value = value.trim_ascii_end();
    let value = value.strip_suffix(b"`").unwrap_or(value);
    let start = base + inner.len() - rest.len() + usize::from(rest.starts_with(b"`"));
    Some(Checkpoint {
        text: text(value),
        is_sha: sha::is_hex(value),
        span: Span {
            start,
            end: start + value.len(),
        },
    })
}

/// `COMPLETED`, `done`, `✅ complete`
fn says_done(inner: &[u8]) -> bool {
    let word = String::from_utf8_lossy(inner);
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    ["complete", "completed", "done", "finished", "shipped"]
        .iter()
        .any(|w| word.eq_ignore_ascii_case(w))
}

/// `BLOCKED: …`, `REMOVED`, `SKIPPED - …`, `Deferred …`
fn is_remark(inner: &[u8]) -> bool {
    ["blocked", "removed", "skipped", "deferred", "cancelled", "waiting"]
        .iter()
        .any(|w| starts_with_ignore_case(inner, w) && inner.get(w.len()).is_none_or(|b| !b.is_ascii_alphanumeric()))
}

/// Whether a heading says in words after a sign that it is done: `✅ COMPLETE`.
pub(crate) fn cut_done_words(title: &[u8]) -> Option<usize> {
    let sign = memchr::memmem::find(title, "✅".as_bytes()).filter(|at| *at > 0)?;
    let words = &title[sign + "✅".len()..];
    (words.len() < 40 && (contains_ignore_case(words, "complete") || contains_ignore_case(words, "done")))
        .then_some(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(line: &str) -> (&str, Vec<String>) {
        let tail = read(line.as_bytes(), 0);
        let shas = tail.shas.iter().map(|sha| {
            assert_eq!(&line[sha.span.start..sha.span.end], sha.sha);
            sha.sha.to_string()
        });
        (&line[..tail.title_end], shas.collect())
    }

    #[test]
    fn commits() {
        for line in [
            "Do it 1a2b3c4",
            "Do it [1a2b3c4]",
            "Do it (1a2b3c4)",
            "Do it `1a2b3c4`",
            "Do it (commit: 1a2b3c4)",
            "Do it _(commit: 1a2b3c4)_",
            "Do it commit: 1a2b3c4",
            "Do it — 1a2b3c4",
            "Do it <!-- commit: 1a2b3c4 -->",
            "Do it <!-- SHA: 1a2b3c4 -->",
            "Do it <!-- AC-1 --> [1a2b3c4]",
            "Do it ✅ [1a2b3c4]",
        ] {
            assert_eq!(title(line), ("Do it", vec!["1a2b3c4".to_string()]), "{line}");
        }
        assert_eq!(
            title("Do it (1a2b3c4) well"),
            ("Do it (1a2b3c4) well", vec!["1a2b3c4".into()])
        );
        assert_eq!(
            title("Do it [1a2b3c4] 5d6e7f8"),
            ("Do it", vec!["1a2b3c4".into(), "5d6e7f8".into()])
        );
    }

    #[test]
    fn no_commits() {
        for line in [
            "Do it (2026)",
            "Do it 20260101",
            "Read [docs](a1b2c3d4)",
            "Do it (soon)",
            "Set #a1b2c3",
        ] {
            assert_eq!(title(line), (line, vec![]), "{line}");
        }
    }

    #[test]
    fn checkpoints() {
        for (line, value, is_sha) in [
            ("A [checkpoint: 1a2b3c4]", "1a2b3c4", true),
            ("A [checkpoint: ]", "", false),
            ("A [checkpoint: pending]", "pending", false),
            ("A [checkpoint: `1a2b3c4`] ✅", "1a2b3c4", true),
        ] {
            let tail = read(line.as_bytes(), 0);
            let found = tail.checkpoint.expect("a checkpoint");
            assert_eq!((&found.text[..], found.is_sha), (value, is_sha), "{line}");
            assert_eq!(&line[found.span.start..found.span.end], value, "{line}");
            assert_eq!(&line[..tail.title_end], "A", "{line}");
        }
    }

    #[test]
    fn words_and_signs() {
        assert!(read("A ✅".as_bytes(), 0).said_done);
        assert!(read(b"A (COMPLETED)", 0).said_done);
        assert_eq!(
            read(b"A [BLOCKED: no key]", 0).remark.as_deref(),
            Some("BLOCKED: no key")
        );
        assert_eq!(
            read(b"A [x]", 0).marker.map(|m| m.span),
            Some(Span { start: 3, end: 4 })
        );
        assert_eq!(read(b"[x]", 0).title_end, 3);
    }
}
