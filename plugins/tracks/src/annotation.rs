//! The one-line comments that steer a plan: `<!-- execution: parallel -->`, `<!-- depends: phase1 -->`,
//! `<!-- files: src/a.rs, src/b.rs -->`.

use crate::line::text;
use crate::{Span, Text};

/// `execution` of a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execution {
    /// One task after the other.
    Sequential,
    /// Tasks without `depends` may run at once.
    Parallel,
}

/// A comment of the form `<!-- key: value -->`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation<'a> {
    /// As written, without spaces around it.
    pub key: Text<'a>,
    /// As written, without spaces around it. May be empty.
    pub value: Text<'a>,
    /// The line, 1-based.
    pub line: u32,
    /// The whole comment, from `<!--` to `-->`.
    pub span: Span,
}

/// `depends` of a phase or a task.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Depends<'a> {
    /// No such annotation: a phase follows the one before it, a task follows its phase's `execution`.
    #[default]
    Absent,
    /// An empty one: depends on nothing.
    Empty,
    /// Only on these.
    On(Vec<Target<'a>>),
}

impl<'a> Depends<'a> {
    /// The targets, none when absent or empty.
    pub fn targets(&self) -> &[Target<'a>] {
        match self {
            Self::On(targets) => targets,
            _ => &[],
        }
    }
}

/// What one item of `depends` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<'a> {
    /// As written.
    pub text: Text<'a>,
    /// Phase, task, or neither.
    pub kind: TargetKind,
    /// The number in lower case without spaces: `1` of `Phase 1`, `2.3` of `task2.3`; the whole text when neither.
    pub number: String,
    /// The line of the annotation, 1-based.
    pub line: u32,
}

/// What a target says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// `phase1`, `Phase 1`, `phaseA`
    Phase,
    /// `task2`, `Task 2.3`, a bare `2.3`, `phase1_task2` (number `1.2` by ordinals)
    Task,
    /// Anything else.
    Other,
}

/// `files` of a task: the paths it claims for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files<'a> {
    /// The paths in order; may be empty.
    pub claims: Vec<Claim<'a>>,
    /// Parts that are no path but a sentence, as written. They claim nothing.
    pub prose: Vec<Text<'a>>,
    /// The line of the annotation, 1-based.
    pub line: u32,
}

/// One claimed path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim<'a> {
    /// Relative to the repository, without a leading `./` and without backticks. A folder's ends with `/`.
    pub path: Text<'a>,
    /// What stood in parentheses or after a dash: `new`, `delete`.
    pub remark: Option<Text<'a>>,
    /// Whether it holds `*`, `?`, `[` or `{` and names many files.
    pub glob: bool,
}

impl<'a> Annotation<'a> {
    /// Reads the body of a comment; `None` when it has no key. `span` is the whole comment.
    pub(crate) fn parse(body: &'a [u8], line: u32, span: Span) -> Option<Self> {
        let colon = body.iter().position(|b| *b == b':')?;
        let key = body[..colon].trim_ascii();
        let is_key = !key.is_empty()
            && key
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        let value = body[colon + 1..].trim_ascii();
        is_key.then(|| Self {
            key: text(key),
            value: text(value),
            line,
            span,
        })
    }

    /// Whether this is the annotation `key`; `_` and `-` and case don't matter.
    pub(crate) fn is(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }
}

impl Execution {
    /// Reads the value of `execution`, `None` when it is neither word.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        match value.trim().to_ascii_lowercase().as_str() {
            "sequential" | "serial" => Some(Self::Sequential),
            "parallel" => Some(Self::Parallel),
            _ => None,
        }
    }
}

impl<'a> Depends<'a> {
    /// Reads the value of `depends`: targets between commas. `none` is an empty list.
    pub(crate) fn parse(value: &Text<'a>, line: u32) -> Self {
        let mut targets = Vec::new();
        each_part(value, |part| {
            if !part.eq_ignore_ascii_case("none") && part != "-" {
                targets.push(Target::parse(part, line));
            }
        });
        if targets.is_empty() {
            Self::Empty
        } else {
            Self::On(targets)
        }
    }
}

impl<'a> Depends<'a> {
    /// Adds another annotation's targets.
    pub(crate) fn add(&mut self, more: Self) {
        match (&mut *self, more) {
            (Self::On(targets), Self::On(more)) => targets.extend(more),
            (Self::On(_), _) | (_, Self::Absent) => {}
            (_, more) => *self = more,
        }
    }
}

impl<'a> Target<'a> {
    fn parse(part: Text<'a>, line: u32) -> Self {
        let plain: String = part
            .chars()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_lowercase)
            .collect();
        let (kind, number) = Self::kind_of(&plain);
        Self {
            text: part,
            kind,
            number,
            line,
        }
    }

    /// Kind and number of a target in lower case without spaces.
    fn kind_of(plain: &str) -> (TargetKind, String) {
        let number = |rest: &str| rest.trim_matches(['-', '_', '#', ':']).to_string();
        if let Some(rest) = plain.strip_prefix("phase") {
            return match rest.find("task") {
                Some(at) => (
                    TargetKind::Task,
                    format!("{}.{}", number(&rest[..at]), number(&rest[at + 4..])),
                ),
                None => (TargetKind::Phase, number(rest)),
            };
        }
        if let Some(rest) = plain.strip_prefix("task") {
            return (TargetKind::Task, number(rest));
        }
        let digits = plain.strip_prefix('t').unwrap_or(plain);
        match digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && digits.starts_with(|c: char| c.is_ascii_digit())
        {
            true => (TargetKind::Task, digits.to_string()),
            false => (TargetKind::Other, plain.to_string()),
        }
    }
}

impl<'a> Files<'a> {
    /// Reads the value of `files`: paths between commas (or lines), each with a remark in parentheses or after a dash.
    pub(crate) fn parse(value: &Text<'a>, line: u32) -> Self {
        let mut files = Self {
            claims: Vec::new(),
            prose: Vec::new(),
            line,
        };
        each_part(value, |part| match Claim::parse(&part) {
            Some(claim) => files.claims.push(claim),
            None => files.prose.push(part),
        });
        files
    }
}

impl<'a> Claim<'a> {
    /// Reads one path; `None` when it is a sentence.
    fn parse(part: &Text<'a>) -> Option<Self> {
        let plain = part.trim_start_matches(['-', '*', ' ']).trim();
        let (path, remark) = split_remark(plain);
        let path = path.trim().trim_matches(['`', '"', '\'']);
        let path = path.strip_prefix("./").unwrap_or(path);
        if path.is_empty() || path.contains(char::is_whitespace) && !path.contains(['/', '.']) {
            return None;
        }
        if path.split_whitespace().count() > 2 || path.starts_with('(') {
            return None;
        }
        let glob = path.contains(['*', '?', '[', '{']);
        Some(Self {
            path: part_of(part, path),
            remark: remark.map(|r| part_of(part, r)),
            glob,
        })
    }
}

/// Splits `path (new)`, `path — new` and `path - new`.
fn split_remark(part: &str) -> (&str, Option<&str>) {
    if let Some(open) = part.find(" (").filter(|_| part.ends_with(')')) {
        return (&part[..open], Some(part[open + 2..part.len() - 1].trim()));
    }
    for dash in [" — ", " – ", " - ", " -> "] {
        if let Some((path, remark)) = part.split_once(dash) {
            return (path, Some(remark.trim()));
        }
    }
    (part, None)
}

/// Calls back with each part between commas and line ends that is not empty. Commas in parentheses and braces don't split.
fn each_part<'a>(value: &Text<'a>, mut found: impl FnMut(Text<'a>)) {
    let (mut depth, mut start) = (0u32, 0);
    for (at, char) in value.char_indices().chain([(value.len(), ',')]) {
        match char {
            '(' | '{' => depth = depth.saturating_add(1),
            ')' | '}' => depth = depth.saturating_sub(1),
            ',' | '\n' | '\r' | ';' if depth == 0 || at == value.len() => {
                let part = value[start..at].trim();
                start = (at + char.len_utf8()).min(value.len());
                if !part.is_empty() {
                    found(part_of(value, part));
                }
            }
            _ => {}
        }
    }
}

/// A part of a text, borrowed from the file where the text is.
fn part_of<'a>(whole: &Text<'a>, part: &str) -> Text<'a> {
    match whole {
        Text::Borrowed(whole) => {
            let start = part.as_ptr() as usize - whole.as_ptr() as usize;
            Text::Borrowed(&whole[start..start + part.len()])
        }
        Text::Owned(_) => Text::Owned(part.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(value: &str) -> (Vec<String>, usize) {
        let found = Files::parse(&value.into(), 1);
        (
            found.claims.iter().map(|claim| claim.path.to_string()).collect(),
            found.prose.len(),
        )
    }

    #[test]
    fn claims() {
        assert_eq!(
            files("a.rs, ./src/b.rs,`c.rs`"),
            (vec!["a.rs".into(), "src/b.rs".into(), "c.rs".into()], 0)
        );
        assert_eq!(
            files("a.rs (new), b.rs - delete"),
            (vec!["a.rs".into(), "b.rs".into()], 0)
        );
        assert_eq!(
            files("src/{a,b}.rs\nMakefile"),
            (vec!["src/{a,b}.rs".into(), "Makefile".into()], 0)
        );
        assert_eq!(files(""), (vec![], 0));
        assert_eq!(files("(various, as found)"), (vec![], 1));
        assert_eq!(files("all the files that need it"), (vec![], 1));
        assert_eq!(files("(a"), (vec![], 1));
    }

    #[test]
    fn targets() {
        let parse = |value: &str| match Depends::parse(&value.into(), 1) {
            Depends::On(targets) => targets.into_iter().map(|t| (t.kind, t.number)).collect(),
            other => {
                assert_eq!(other, Depends::Empty);
                Vec::new()
            }
        };
        assert_eq!(parse(""), []);
        assert_eq!(parse("none"), []);
        assert_eq!(
            parse("phase1, Phase 2, phaseA"),
            [
                (TargetKind::Phase, "1".into()),
                (TargetKind::Phase, "2".into()),
                (TargetKind::Phase, "a".into())
            ]
        );
        assert_eq!(
            parse("task1, Task 2.3, 4.5, phase1_task2"),
            ["1", "2.3", "4.5", "1.2"].map(|n| (TargetKind::Task, n.to_string()))
        );
        assert_eq!(parse("the API"), [(TargetKind::Other, "theapi".into())]);
    }

    #[test]
    fn a_key_is_one_word() {
        let parse = |body: &str| {
            Annotation::parse(body.as_bytes(), 1, Span::default()).map(|a| (a.key.to_string(), a.value.to_string()))
        };
        assert_eq!(parse(" depends: phase1 "), Some(("depends".into(), "phase1".into())));
        assert_eq!(
            parse(" parallel-group : g "),
            Some(("parallel-group".into(), "g".into()))
        );
        assert_eq!(parse(" see this: it "), None);
        assert_eq!(parse(" no colon "), None);
    }
}
