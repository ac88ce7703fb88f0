//! Changes of a file that touch only the bytes they must: a marker, a commit, a checkpoint.
//!
//! Each is made from what was read, and applied to the same bytes. Everything else in the file stays as it is.

use std::fmt;

use crate::Span;
use crate::marker::{Marker, State};
use crate::plan::{Checkpoint, Phase, Sha, Task, TaskForm};

/// Replaces a span of a file's bytes. An empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

impl Edit {
    fn insert(at: usize, text: String) -> Self {
        Self {
            span: Span { start: at, end: at },
            text,
        }
    }
}

impl Marker {
    /// Sets the box to a state: `[ ]` → `[x]`.
    pub fn set(self, state: State) -> Edit {
        Edit {
            span: self.span,
            text: state.as_char().to_string(),
        }
    }
}

impl Task<'_> {
    /// Sets the task's marker. A heading task without a box gets one before its text; `None` when there is nowhere to
    /// put one.
    pub fn set_state(&self, state: State) -> Option<Edit> {
        match (self.marker, self.form) {
            (Some(marker), _) => Some(marker.set(state)),
            (None, TaskForm::Heading) => Some(Edit::insert(self.text_start, format!("[{}] ", state.as_char()))),
            (None, TaskForm::Box) => None,
        }
    }

    /// Names a commit on the task's line: at its end, or in place of the last one that stands there.
    /// `sha` is 7 to 40 lower-case hexadecimal digits.
    pub fn set_sha(&self, sha: &str) -> Edit {
        match self.shas.last() {
            Some(last) => last.set(sha),
            None => self.add_sha(sha),
        }
    }

    /// Adds a commit at the end of the task's line.
    pub fn add_sha(&self, sha: &str) -> Edit {
        Edit::insert(self.line_end, format!(" [{sha}]"))
    }
}

impl Sha<'_> {
    /// Puts another commit in its place.
    pub fn set(&self, sha: &str) -> Edit {
        Edit {
            span: self.span,
            text: sha.to_string(),
        }
    }
}

impl Phase<'_> {
    /// Writes the phase's checkpoint into its heading; `None` for an implicit phase, which has none.
    pub fn set_checkpoint(&self, sha: &str) -> Option<Edit> {
        match &self.checkpoint {
            Some(checkpoint) => Some(checkpoint.set(sha)),
            None => (!self.implicit).then(|| Edit::insert(self.line_end, format!(" [checkpoint: {sha}]"))),
        }
    }
}

impl Checkpoint<'_> {
    /// Puts another value in its place.
    pub fn set(&self, sha: &str) -> Edit {
        Edit {
            span: self.span,
            text: sha.to_string(),
        }
    }
}

/// Why edits can't be applied. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditError {
    /// Two edits touch the same bytes.
    Overlap(Span),
    /// An edit reaches beyond the end of the file: it was made from other bytes.
    Outside(Span),
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overlap(span) => write!(f, "two edits touch bytes {}-{}", span.start, span.end),
            Self::Outside(span) => write!(f, "bytes {}-{} are not in the file", span.start, span.end),
        }
    }
}

impl std::error::Error for EditError {}

/// Applies edits, in whatever order they are given; inserts at one place stand in the given order.
pub fn apply(bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, EditError> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| edit.span.start);
    let mut result = Vec::with_capacity(bytes.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in sorted {
        let Span { start, end } = edit.span;
        if start > end || end > bytes.len() {
            return Err(EditError::Outside(edit.span));
        }
        let kept = bytes.get(at..start).ok_or(EditError::Overlap(edit.span))?;
        result.extend_from_slice(kept);
        result.extend_from_slice(edit.text.as_bytes());
        at = end;
    }
    result.extend_from_slice(&bytes[at..]);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Plan;

    fn edited(text: &str, edit: impl Fn(&Plan<'_>) -> Option<Edit>) -> String {
        let (plan, _) = Plan::read("plan.md", text.as_bytes());
        let edit = edit(&plan).expect("an edit");
        String::from_utf8(apply(text.as_bytes(), &[edit]).expect("applies")).expect("text")
    }

    #[test]
    fn markers() {
        let done = |plan: &Plan<'_>| plan.phases[0].tasks[0].set_state(State::Done);
        assert_eq!(
            edited("## Phase 1: A\r\n- [ ] a  \r\n", done),
            "## Phase 1: A\r\n- [x] a  \r\n"
        );
        assert_eq!(edited("- [] a", done), "- [x] a");
        assert_eq!(edited("- [ ~ ] a", done), "- [ x ] a");
        assert_eq!(edited("- [✗] a", done), "- [x] a");
        assert_eq!(
            edited("## Phase 1: A\n### Task 1: a\n", done),
            "## Phase 1: A\n### [x] Task 1: a\n"
        );
        assert_eq!(
            edited("## Phase 1: A\n### Task 1: a [ ] ##\n", done),
            "## Phase 1: A\n### Task 1: a [x] ##\n"
        );
    }

    #[test]
    fn commits() {
        let sha = |plan: &Plan<'_>| Some(plan.phases[0].tasks[0].set_sha("5d6e7f8"));
        assert_eq!(edited("- [x] a  \n  more", sha), "- [x] a [5d6e7f8]  \n  more");
        assert_eq!(edited("- [x] a (1a2b3c4) ✅\n", sha), "- [x] a (5d6e7f8) ✅\n");
    }

    #[test]
    fn checkpoints() {
        let set = |plan: &Plan<'_>| plan.phases[0].set_checkpoint("5d6e7f8");
        assert_eq!(edited("## Phase 1: A\n", set), "## Phase 1: A [checkpoint: 5d6e7f8]\n");
        assert_eq!(
            edited("## Phase 1: A ##\n", set),
            "## Phase 1: A [checkpoint: 5d6e7f8] ##\n"
        );
        assert_eq!(
            edited("## Phase 1: A [checkpoint: ]\n", set),
            "## Phase 1: A [checkpoint: 5d6e7f8]\n"
        );
        assert_eq!(
            edited("## Phase 1: A [checkpoint: 1a2b3c4] ✅", set),
            "## Phase 1: A [checkpoint: 5d6e7f8] ✅"
        );
    }

    #[test]
    fn edits_that_do_not_fit() {
        let edit = |start, end| Edit {
            span: Span { start, end },
            text: "x".into(),
        };
        assert_eq!(
            apply(b"abc", &[edit(1, 3), edit(0, 2)]),
            Err(EditError::Overlap(Span { start: 1, end: 3 }))
        );
        assert_eq!(
            apply(b"abc", &[edit(2, 4)]),
            Err(EditError::Outside(Span { start: 2, end: 4 }))
        );
        assert_eq!(apply(b"abc", &[edit(2, 3), edit(0, 1)]), Ok(b"xbx".to_vec()));
        assert_eq!(apply(b"abc", &[]), Ok(b"abc".to_vec()));
    }
}
