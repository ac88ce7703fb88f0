//! Headings of a plan: which begin a phase, which are tasks, which hold checks.

use memchr::memmem::find;

use crate::Text;
use crate::inline::{shown, visible};
use crate::label::{self, number, separator};
use crate::line::{Line, contains_ignore_case, indent, starts_with_ignore_case, text};
use crate::list::checkbox;
use crate::marker::Marker;
use crate::tail::{self, Tail};

/// A heading taken apart.
#[derive(Debug)]
pub(crate) struct Heading<'a> {
    /// 1 to 6.
    pub(crate) level: u8,
    pub(crate) kind: Kind<'a>,
    pub(crate) marker: Option<Marker>,
    /// What hangs at its end.
    pub(crate) tail: Tail<'a>,
    /// The text between number signs and line end, as written.
    pub(crate) text: &'a [u8],
    /// Where that starts in the file.
    pub(crate) start: usize,
}

impl Heading<'_> {
    /// Where its text ends in the file, before closing number signs.
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// What a heading is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind<'a> {
    /// `Phase 1: name`
    Phase { number: Option<Text<'a>>, title: Text<'a> },
    /// `Task 1.1: name`
    Task { number: Option<Text<'a>>, title: Text<'a> },
    /// `Verification`, `Phase 1 Checkpoint`: boxes below it are checks.
    Checks,
    /// `Tasks`: says nothing new within a phase.
    Tasks,
    /// Anything else.
    Other,
}

/// The level and where the text starts, for a line that is a heading.
pub(crate) fn level(line: &[u8]) -> Option<(u8, usize)> {
    let (columns, at) = indent(line);
    let signs = line[at..].iter().take(7).take_while(|b| **b == b'#').count();
    let space = matches!(line.get(at + signs), None | Some(b' ' | b'\t'));
    (columns < 4 && (1..=6).contains(&signs) && space).then_some((signs as u8, at + signs))
}

/// Reads a heading, `None` when the line is none.
pub(crate) fn read<'a>(line: &Line<'a>) -> Option<Heading<'a>> {
    let (level, start) = level(line.text)?;
    let whole = trim_closing_signs(&line.text[start..]);
    let skipped = whole.len() - whole.trim_ascii_start().len();
    let (start, whole) = (line.start + start + skipped, whole.trim_ascii());
    let front = checkbox(whole).map(|found| (found.marker_at(start), found.length));
    let body_at = front.map_or(0, |(_, length)| length);
    let mut tail = tail::read(&whole[body_at..], start + body_at);
    let mut title = &whole[body_at..][..tail.title_end];
    if let Some(end) = tail::cut_done_words(title) {
        tail.said_done = true;
        title = title[..end].trim_ascii_end();
    }
    tail.said_done |= title.trim_ascii_start().starts_with("✅".as_bytes());
    let marker = front.map(|(marker, _)| marker).or(tail.marker);
    Some(Heading {
        level,
        kind: kind(title, level, marker.is_some()),
        marker,
        tail,
        text: whole,
        start,
    })
}

/// Without the `##` that may close a heading.
fn trim_closing_signs(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_end();
    let open = text.len() - text.iter().rev().take_while(|b| **b == b'#').count();
    match text[..open].last() {
        None | Some(b' ' | b'\t') => &text[..open],
        _ => text,
    }
}

fn kind(title: &[u8], level: u8, has_box: bool) -> Kind<'_> {
    let bare = strip_decoration(title);
    if let Some(phase) = phase(bare) {
        return phase;
    }
    if is_task(bare, level) {
        let labelled = label::read(title);
        return Kind::Task {
            number: labelled.number,
            title: labelled.title,
        };
    }
    if has_box && level > 1 {
        return Kind::Task {
            number: None,
            title: visible(title),
        };
    }
    match bare {
        _ if is_tasks(bare) => Kind::Tasks,
        _ if is_checks(bare) => Kind::Checks,
        _ => Kind::Other,
    }
}

/// Without emphasis and emoji before the first letter or digit. Brackets and quotes stay.
fn strip_decoration(title: &[u8]) -> &[u8] {
    let at = title
        .iter()
        .position(|b| !matches!(b, b' ' | b'\t' | b'*' | b'_' | b'~'));
    let title = &title[at.unwrap_or(title.len())..];
    let word = String::from_utf8_lossy(&title[..title.len().min(16)]);
    match word.chars().next() {
        Some(c) if !c.is_ascii() && !c.is_alphanumeric() => {
            let at = title
                .iter()
                .position(|b| b.is_ascii() && !matches!(b, b' ' | b'*' | b'_'));
            &title[at.unwrap_or(0)..]
        }
        _ => title,
    }
}

/// `Phase 1: name`, `Phase: name`, `Phase 2a — name`, `Phase 6-10: name`, `Phase 1`. A separator is required, so that
/// `Phase 1 Verification Checkpoint`, `Phases` and `Phase Dependencies` are none.
fn phase(title: &[u8]) -> Option<Kind<'_>> {
    if !starts_with_ignore_case(title, "phase") {
        return None;
    }
    let rest = &title[5..];
    if let Some(name) = rest.trim_ascii_start().strip_prefix(b":") {
        return Some(Kind::Phase {
            number: None,
            title: clean(name),
        });
    }
    let word = rest.trim_ascii_start();
    if word.len() == rest.len() && !word.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let (number, after) = phase_number(word)?;
    let name = separated(after)?;
    Some(Kind::Phase {
        number: Some(text(number)),
        title: clean(name),
    })
}

/// `1`, `2.1`, `2a`, `6-10`, `A`, `One`: a number with or without a range, or one word.
fn phase_number(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let (found, after) = number(word);
    let Some(found) = found else {
        let end = word
            .iter()
            .position(|b| !b.is_ascii_alphanumeric())
            .unwrap_or(word.len());
        let (found, after) = word.split_at(end);
        // A word counts only where a sign follows at once, a letter or numeral also before a dash.
        let named = after.starts_with(b":") || found.len() <= 4 && separated(after).is_some_and(|_| !after.is_empty());
        return (end > 0 && end < 12 && named).then_some((found, after));
    };
    for dash in ["-", "–", "—", " - ", " – ", "/", "+", " & "] {
        if let (Some(_), rest) = after.strip_prefix(dash.as_bytes()).map_or((None, after), number) {
            return Some((&word[..word.len() - rest.len()], rest));
        }
    }
    Some((found, after))
}

/// What follows `:`, `.`, `-`, a dash, `(` or the end.
fn separated(after: &[u8]) -> Option<&[u8]> {
    let rest = after.trim_ascii_start();
    match rest.first() {
        None => Some(rest),
        Some(b'(' | b'[') => Some(rest),
        Some(b'*' | b'_') => separated(rest.trim_ascii_start_matches(|b| matches!(b, b'*' | b'_'))),
        Some(b':' | b'.' | b'-' | b'|' | b')') => separator(rest),
        _ if ["—", "–", "→", "："]
            .iter()
            .any(|dash| rest.starts_with(dash.as_bytes())) =>
        {
            separator(rest).or(Some(rest))
        }
        _ => None,
    }
}

/// A small help that slices lack.
trait TrimStart {
    fn trim_ascii_start_matches(&self, drop: impl Fn(u8) -> bool) -> &[u8];
}

impl TrimStart for [u8] {
    fn trim_ascii_start_matches(&self, drop: impl Fn(u8) -> bool) -> &[u8] {
        let at = self.iter().position(|b| !drop(*b)).unwrap_or(self.len());
        &self[at..]
    }
}

/// A phase's name; without the sign that closes emphasis which stands before `Phase`.
fn clean(name: &[u8]) -> Text<'_> {
    let name = name.trim_ascii();
    let name = name
        .strip_prefix(b"**")
        .filter(|_| count(name, b"**") % 2 == 1)
        .unwrap_or(name);
    let closed = [&b"**"[..], b"__"].into_iter().find(|sign| count(name, sign) % 2 == 1);
    let Some((sign, at)) = closed.and_then(|sign| Some((sign, find(name, sign)?))) else {
        return visible(name);
    };
    match &name[at + sign.len()..] {
        [] => visible(&name[..at]),
        rest => shown(Text::Owned(text(&name[..at]).into_owned() + &text(rest))),
    }
}

fn count(hay: &[u8], needle: &[u8]) -> usize {
    memchr::memmem::find_iter(hay, needle).count()
}

/// `Task 1.1: …`, `T1.1 …`, and from level 3 on `Task: …`.
fn is_task(title: &[u8], level: u8) -> bool {
    if level == 1 {
        return false;
    }
    let labelled = label::read(title);
    let task = starts_with_ignore_case(title, "task");
    let short = title.first() == Some(&b'T') && title.get(1).is_some_and(u8::is_ascii_digit);
    labelled.labelled && (task && (labelled.number.is_some() || level > 2) || short)
}

fn is_tasks(title: &[u8]) -> bool {
    let title = title.trim_ascii_start_matches(|b| !b.is_ascii_alphanumeric());
    ["tasks", "task list", "to-do", "todo", "steps", "subtasks", "sub-tasks"]
        .iter()
        .any(|w| starts_with_ignore_case(title, w) && title.get(w.len()).is_none_or(|b| !b.is_ascii_alphanumeric()))
}

/// Sections whose boxes say when something is good, not what to do.
fn is_checks(title: &[u8]) -> bool {
    const STARTS: [&str; 14] = [
        "verification",
        "verify",
        "acceptance",
        "success criteria",
        "definition of done",
        "quality gate",
        "exit criteria",
        "completion",
        "done when",
        "final verification",
        "track completion",
        "phase ",
        "checkpoint",
        "pre-merge",
    ];
    STARTS.iter().any(|start| starts_with_ignore_case(title, start))
        || ["checklist", "checkpoint", "acceptance criteria"]
            .iter()
            .any(|word| contains_ignore_case(title, word))
}

/// Whether a task is a verification by the person: it says "User Manual Verification" or begins with `Conductor -`.
pub(crate) fn is_verification(title: &str) -> bool {
    let title = title.trim_start_matches(['*', '_', ' ', '`']);
    if contains_ignore_case(title.as_bytes(), "user manual verification") {
        return true;
    }
    let Some(rest) = title
        .get(.."conductor".len())
        .filter(|w| w.eq_ignore_ascii_case("conductor"))
        .map(|w| &title[w.len()..])
    else {
        return false;
    };
    rest.trim_start().starts_with(['-', '–', '—', ':'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(text: &str) -> Option<Heading<'_>> {
        read(&Line {
            number: 1,
            start: 0,
            text: text.as_bytes(),
        })
    }

    fn phase_of(text: &str) -> Option<(Option<String>, String)> {
        match heading(text)?.kind {
            Kind::Phase { number, title } => Some((number.map(Into::into), title.into())),
            _ => None,
        }
    }

    #[test]
    fn phases() {
        for (line, number, title) in [
            ("## Phase 1: Build", Some("1"), "Build"),
            ("### [x] Phase 1 — Build", Some("1"), "Build"),
            ("## Phase: Review Fixes", None, "Review Fixes"),
            ("## Phase A: Build", Some("A"), "Build"),
            ("## Phase 2a: Build", Some("2a"), "Build"),
            ("## Phase 2.1 - Build", Some("2.1"), "Build"),
            ("## Phase 6-10: Build ✅", Some("6-10"), "Build"),
            ("## Phase 7–9: Build", Some("7–9"), "Build"),
            ("## **Phase 1: Build**", Some("1"), "Build"),
            ("## 🚀 Phase 1: Build", Some("1"), "Build"),
            ("## ✅ Phase 1: Build", Some("1"), "Build"),
            ("## Phase 1: Build [checkpoint: 1a2b3c4]", Some("1"), "Build"),
            ("## Phase 1: Build ✅ COMPLETE", Some("1"), "Build"),
            ("## Phase 1: Build (COMPLETED) ##", Some("1"), "Build"),
            ("#### PHASE 3. Build", Some("3"), "Build"),
            ("## Phase 1", Some("1"), ""),
            ("## Phase 1: **Bold** and the rest", Some("1"), "Bold and the rest"),
            ("## Phase 1: all of **it**", Some("1"), "all of it"),
            (
                "## **Phase 1: Fix** the `--json` flag",
                Some("1"),
                "Fix the --json flag",
            ),
            ("## **Phase 1:** Build", Some("1"), "Build"),
            ("## Phase 1: Add `foo`", Some("1"), "Add foo"),
            ("## Phase 1: [Docs](http://x) rewrite", Some("1"), "Docs rewrite"),
            ("## Phase One: Build", Some("One"), "Build"),
            ("## Phase II - Build", Some("II"), "Build"),
            ("## Phase 1 (Build)", Some("1"), "(Build)"),
        ] {
            assert_eq!(phase_of(line), Some((number.map(Into::into), title.into())), "{line}");
        }
    }

    #[test]
    fn false_friends() {
        for line in [
            "# Track: Phase 6 - Tests",
            "## Phases",
            "## Phase Dependencies",
            "## Cross-Phase Notes",
            "### Phase 1 Verification Checkpoint",
            "### Phase Completion Verification",
            "### Internal Phase Dependencies",
            "##Phase 1: x",
            "text",
        ] {
            assert_eq!(phase_of(line), None, "{line}");
        }
    }

    #[test]
    fn tasks() {
        for (line, number, title, marker) in [
            ("### Task 1.1: Do it", Some("1.1"), "Do it", None),
            ("### [x] Task 1.1 — Do it", Some("1.1"), "Do it", Some('x')),
            ("### Task 1.5 — Do it [x]", Some("1.5"), "Do it", Some('x')),
            ("### T1.1: Do it", Some("1.1"), "Do it", None),
            ("#### Task: Do it", None, "Do it", None),
            ("### [x] Phase 1 Checkpoint", None, "Phase 1 Checkpoint", Some('x')),
        ] {
            let found = heading(line).expect("a heading");
            let kind = Kind::Task {
                number: number.map(Into::into),
                title: title.into(),
            };
            assert_eq!((found.kind, found.marker.map(|m| m.char)), (kind, marker), "{line}");
        }
        assert!(heading("### Task 1.1: Do it ✅").expect("a heading").tail.said_done);
    }

    #[test]
    fn other_sections() {
        for (line, kind) in [
            ("### Tasks", Kind::Tasks),
            ("### Tasks:", Kind::Tasks),
            ("### Verification", Kind::Checks),
            ("### Phase 1 Verification Checkpoint", Kind::Checks),
            ("## Acceptance Criteria", Kind::Checks),
            ("## Notes", Kind::Other),
            ("# Task 1: the plan's title", Kind::Other),
            ("## Task Summary", Kind::Other),
        ] {
            assert_eq!(heading(line).expect("a heading").kind, kind, "{line}");
        }
    }

    #[test]
    fn verifications() {
        assert!(is_verification(
            "Conductor - User Manual Verification 'x' (Protocol in workflow.md)"
        ));
        assert!(is_verification("conductor — Phase 3 Verification"));
        assert!(is_verification("User Manual Verification of it"));
        assert!(!is_verification("Conductor setup"));
        assert!(!is_verification("Verify it"));
    }
}
