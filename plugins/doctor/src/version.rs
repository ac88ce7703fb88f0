//! Versions, as programs print them: three numbers somewhere in a line.

use std::fmt;

/// A version: at most three numbers, and the word they stand in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    numbers: [u32; 3],
    text: String,
}

impl Version {
    /// The first word of a text that has a number, less what stands before that: `git version 2.39.5`, `tmux 3.3a`, `go1.26.8`.
    pub(crate) fn in_text(text: &str) -> Option<Self> {
        let word = text
            .split_whitespace()
            .find(|word| word.contains(|c: char| c.is_ascii_digit()))?;
        let text = word.trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned();
        let mut numbers = [0; 3];
        for (number, part) in numbers.iter_mut().zip(text.split('.')) {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            *number = part[..digits].parse().ok()?;
            if digits < part.len() {
                break;
            }
        }
        Some(Self { numbers, text })
    }

    /// Whether it is this one or a later one.
    pub(crate) fn is_at_least(&self, least: [u32; 3]) -> bool {
        self.numbers >= least
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, numbers: [u32; 3]) -> bool {
        self.numbers == numbers
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn the_version_is_found_in_what_programs_print() {
        for (text, numbers, shown) in [
            ("git version 2.39.5", [2, 39, 5], "2.39.5"),
            ("git version 2.39.5 (Apple Git-154)", [2, 39, 5], "2.39.5"),
            ("2.1.330 (Claude Code)", [2, 1, 330], "2.1.330"),
            ("tmux 3.3a", [3, 3, 0], "3.3a"),
            ("tmux next-3.5", [3, 5, 0], "3.5"),
            ("go version go1.26.8 linux/amd64", [1, 26, 8], "1.26.8"),
            ("dolt version 2.1.4\nWarning: …", [2, 1, 4], "2.1.4"),
            ("1.0.5-rc.1", [1, 0, 5], "1.0.5-rc.1"),
            ("v2", [2, 0, 0], "2"),
        ] {
            let version = Version::in_text(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((version.numbers, version.text.as_str()), (numbers, shown), "{text}");
        }
        for text in ["", "tmux master", "99999999999.1"] {
            assert_eq!(Version::in_text(text), None, "{text}");
        }
    }

    #[test]
    fn later_ones_are_later_by_number() {
        let version = |text| Version::in_text(text).expect("a version");
        assert!(version("2.25").is_at_least([2, 25, 0]));
        assert!(version("3.0.0").is_at_least([2, 25, 0]));
        assert!(!version("2.9.9").is_at_least([2, 25, 0]));
        assert!(version("1.2.1").is([1, 2, 1]));
    }
}
