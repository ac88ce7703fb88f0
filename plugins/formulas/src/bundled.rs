//! The formulas that are bundled, and whether a file is one of them.

use conductor_plugin::digest;

use crate::SUFFIX;

/// A formula that is bundled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bundled {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in a line.
    pub summary: &'static str,
    text: &'static str,
}

macro_rules! bundled {
    ($name:literal, $summary:literal) => {
        Bundled {
            name: $name,
            summary: $summary,
            text: include_str!(concat!("bundled/", $name, ".formula.toml")),
        }
    };
}

/// All of them.
pub const ALL: [Bundled; 6] = [
    bundled!("conductor-track", "a track from its first open task to its last"),
    bundled!("conductor-task", "one task, test first"),
    bundled!(
        "conductor-parallel-phase",
        "one task beside others that work on the same phase"
    ),
    bundled!("conductor-review-fixes", "what a review has found"),
    bundled!("conductor-bugfix", "a fault: seen first, then mended"),
    bundled!(
        "conductor-spike",
        "a question that needs an answer, and no code that stays"
    ),
];

/// What a file is that has the name of a bundled formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installed {
    /// As it is bundled.
    Current,
    /// As another version of `conductor` has bundled it.
    Older,
    /// Changed by hand, or made by somebody else.
    Changed,
}

/// The bundled formula of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Bundled> {
    ALL.iter().find(|bundled| bundled.name == name)
}

impl Bundled {
    /// The name of its file.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}{SUFFIX}", self.name)
    }

    /// Its text as it is installed. The first line has a digest of the rest: by it a file is known that nobody has changed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}{}", self.mark(self.text), self.text)
    }

    fn mark(&self, text: &str) -> String {
        format!(
            "# {} of conductor, sha256:{}. While nobody changes it, `conductor formula install` keeps it up to date.\n",
            self.name,
            digest(text.as_bytes())
        )
    }

    /// What a file is that has its name.
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> Installed {
        // git may have given it the line ends of Windows.
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        if text == self.text() {
            return Installed::Current;
        }
        let unchanged = text.split_once('\n').is_some_and(|(first, rest)| {
            let said = first.split_once("sha256:").and_then(|(_, said)| said.get(..64));
            first.starts_with(&format!("# {} of conductor, ", self.name)) && said == Some(&digest(rest.as_bytes()))
        });
        match unchanged {
            true => Installed::Older,
            false => Installed::Changed,
        }
    }
}
