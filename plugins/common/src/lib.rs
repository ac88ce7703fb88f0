//! What bundled plugins share: finding the track that a person means, and fitting text into a line.

pub mod select;
pub mod width;

/// `1 task`, `3 tasks`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
