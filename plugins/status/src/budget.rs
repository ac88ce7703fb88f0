//! Lines of Markdown within a number of bytes: whole lines are left out, the least important first, and it says so.

/// How much a line matters. What is declared later is left out earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// Always there: the totals, and that titles are data.
    Always,
    /// What to do next.
    Next,
    /// What waits for the person.
    Waiting,
    /// The name of a track.
    Track,
    /// What is being worked on or blocked.
    Current,
    /// A phase that can be worked on, or its tasks.
    Open,
    /// A pending track.
    Pending,
    /// A problem or a note.
    Finding,
    /// A worker or a file lock.
    Worker,
    /// A phase that waits for another, or its tasks.
    Later,
    /// What is done.
    Done,
}

/// Bytes kept for the line that says what was left out.
const RESERVE: usize = 160;

/// Lines in order, each with its weight and with what it is, for the sentence about what is missing.
#[derive(Debug, Default)]
pub(crate) struct Lines(Vec<(Weight, &'static str, String)>);

impl Lines {
    /// Adds a line; `noun` is what it is: `phase`.
    pub(crate) fn add(&mut self, weight: Weight, noun: &'static str, line: String) {
        self.0.push((weight, noun, line));
    }

    /// Joins the lines; `last` ends the text. Where something was left out, a line before it says what, and `instead` where it is.
    pub(crate) fn within(mut self, bytes: usize, instead: &str, last: &str) -> String {
        let left_out = self.leave_out(bytes.saturating_sub(last.len() + 1));
        let mut text: String = self.0.iter().map(|(_, _, line)| format!("{line}\n")).collect();
        if !left_out.is_empty() {
            text += &format!("Left out here: {}. {instead}\n", left_out.join(", "));
        }
        text + last + "\n"
    }

    fn leave_out(&mut self, bytes: usize) -> Vec<String> {
        let mut size: usize = self.0.iter().map(|(_, _, line)| line.len() + 1).sum();
        if size <= bytes {
            return Vec::new();
        }
        let mut order: Vec<usize> = (0..self.0.len()).filter(|&at| self.0[at].0 > Weight::Always).collect();
        order.sort_by_key(|&at| std::cmp::Reverse((self.0[at].0, at)));
        let mut dropped = vec![false; self.0.len()];
        for at in order {
            if size + RESERVE <= bytes {
                break;
            }
            size -= self.0[at].2.len() + 1;
            dropped[at] = true;
        }
        let missing = self.count(&dropped);
        let mut dropped = dropped.into_iter();
        self.0.retain(|_| dropped.next() != Some(true));
        missing
    }

    fn count(&self, dropped: &[bool]) -> Vec<String> {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for ((_, noun, _), _) in self.0.iter().zip(dropped).filter(|(_, dropped)| **dropped) {
            match counts.iter_mut().find(|(known, _)| known == noun) {
                Some((_, count)) => *count += 1,
                None => counts.push((noun, 1)),
            }
        }
        counts
            .into_iter()
            .map(|(noun, count)| conductor_common::count(count, noun))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Lines, Weight};

    fn lines() -> Lines {
        let mut lines = Lines::default();
        lines.add(Weight::Always, "line", "totals".to_owned());
        lines.add(Weight::Track, "track", "track a".to_owned());
        for number in 0..100 {
            lines.add(Weight::Later, "phase", format!("phase {number:04}"));
        }
        lines.add(Weight::Next, "step", "next".to_owned());
        lines
    }

    #[test]
    fn everything_stays_that_fits() {
        let text = lines().within(5000, "See elsewhere.", "end");
        assert_eq!(text.lines().count(), 104);
        assert!(text.ends_with("next\nend\n"));
    }

    #[test]
    fn the_least_important_go_first_and_last_first() {
        let text = lines().within(300, "See elsewhere.", "end");
        assert!(text.len() <= 300, "{}", text.len());
        assert!(text.starts_with("totals\ntrack a\nphase 0000\n"), "{text}");
        assert!(
            text.contains("next\nLeft out here: 90 phases. See elsewhere.\nend\n"),
            "{text}"
        );
    }
}
