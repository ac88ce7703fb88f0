//! The bar of ten cells that the specification shows for a phase.

/// `████████░░` for 80 to 89 percent: rounded down, so that a full bar means done.
pub(crate) fn bar(percent: u32) -> String {
    let full = percent.min(100) as usize / 10;
    "█".repeat(full) + &"░".repeat(10 - full)
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn only_a_whole_is_full() {
        let table = [
            (0, "░░░░░░░░░░"),
            (9, "░░░░░░░░░░"),
            (10, "█░░░░░░░░░"),
            (80, "████████░░"),
            (99, "█████████░"),
            (100, "██████████"),
        ];
        for (percent, expected) in table {
            assert_eq!(bar(percent), expected, "{percent} %");
        }
    }
}
