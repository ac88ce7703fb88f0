//! The character between the brackets of a checkbox, and what it says about a task or a track.

use crate::Span;

/// Where a task or a track stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum State {
    /// `[ ]`: not started.
    #[default]
    Pending,
    /// `[~]`, and `[/]` which some editors write for it.
    InProgress,
    /// `[x]` or `[X]`.
    Done,
    /// `[!]`: not done, something stands in the way.
    Blocked,
    /// `[-]`: taken out of the plan; leaves the total.
    Removed,
    /// `[?]` or any other character: not done, and named in a note.
    Unknown,
}

impl State {
    /// What a marker's character says.
    pub fn from_char(marker: char) -> Self {
        match marker {
            ' ' => Self::Pending,
            '~' | '/' => Self::InProgress,
            'x' | 'X' => Self::Done,
            '!' => Self::Blocked,
            '-' => Self::Removed,
            _ => Self::Unknown,
        }
    }

    /// The character that is written for it. An unknown state has none of its own and gets `?`.
    pub fn as_char(self) -> char {
        match self {
            Self::Pending => ' ',
            Self::InProgress => '~',
            Self::Done => 'x',
            Self::Blocked => '!',
            Self::Removed => '-',
            Self::Unknown => '?',
        }
    }

    /// One lower-case word (`in_progress` with the underscore of the JSON files).
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Done => "done",
            Self::Blocked => "blocked",
            Self::Removed => "removed",
            Self::Unknown => "unknown",
        }
    }

    /// Whether nothing remains to be done: done, or removed from the plan.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Done | Self::Removed)
    }
}

/// A checkbox as it stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    /// The character between the brackets; a space for `[ ]` and for an empty `[]`.
    pub char: char,
    /// The bytes between the brackets: what an edit replaces. Empty for `[]`.
    pub span: Span,
}

impl Marker {
    /// What the character says.
    pub fn state(self) -> State {
        State::from_char(self.char)
    }
}

/// How many tasks stand where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// `[ ]`
    pub pending: u32,
    /// `[~]`, `[/]`
    pub in_progress: u32,
    /// `[x]`
    pub done: u32,
    /// `[!]`
    pub blocked: u32,
    /// `[?]` and other characters: in the total, not done.
    pub unknown: u32,
    /// `[-]`: not in the total.
    pub removed: u32,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, state: State) {
        *match state {
            State::Pending => &mut self.pending,
            State::InProgress => &mut self.in_progress,
            State::Done => &mut self.done,
            State::Blocked => &mut self.blocked,
            State::Unknown => &mut self.unknown,
            State::Removed => &mut self.removed,
        } += 1;
    }

    /// Adds what another counted.
    pub fn merge(&mut self, other: Self) {
        self.pending += other.pending;
        self.in_progress += other.in_progress;
        self.done += other.done;
        self.blocked += other.blocked;
        self.unknown += other.unknown;
        self.removed += other.removed;
    }

    /// All but the removed ones.
    pub fn total(self) -> u32 {
        self.pending + self.in_progress + self.done + self.blocked + self.unknown
    }

    /// Done of total in percent, rounded down so that 100 means done. `None` when there is nothing to count.
    pub fn percent(self) -> Option<u32> {
        let percent = u64::from(self.done) * 100 / u64::from(self.total()).max(1);
        (self.total() > 0).then_some(percent as u32)
    }

    /// Where the whole stands: done when nothing is open, pending when nothing was begun, otherwise in progress.
    /// `None` when there is nothing to count.
    pub fn state(self) -> Option<State> {
        match self {
            _ if self.total() == 0 && self.removed == 0 => None,
            _ if self.total() == 0 => Some(State::Removed),
            _ if self.done == self.total() => Some(State::Done),
            _ if self.done == 0 && self.in_progress == 0 && self.blocked == 0 => Some(State::Pending),
            _ => Some(State::InProgress),
        }
    }
}

impl FromIterator<State> for Counts {
    fn from_iter<I: IntoIterator<Item = State>>(states: I) -> Self {
        let mut counts = Self::default();
        states.into_iter().for_each(|state| counts.add(state));
        counts
    }
}
