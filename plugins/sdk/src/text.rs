//! Text in styles; the host alone turns a style into colour.

use crate::Outcome;

/// How a piece of text stands out. Colour never carries meaning alone: the words say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As everything else.
    Plain,
    /// Titles and what matters first.
    Strong,
    /// What can be skipped.
    Dim,
    /// Done, healthy.
    Good,
    /// Worth a look.
    Warn,
    /// Wrong.
    Bad,
}

impl Style {
    /// Its name in the interface.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Strong => "strong",
            Self::Dim => "dim",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// Text that is being laid out: neighbours of one style are one span.
#[derive(Clone, Debug, Default)]
pub struct Text(Vec<(String, String)>);

impl Text {
    /// Appends text in a style.
    pub fn push(&mut self, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some((last, written)) if last == style.name() => written.push_str(text),
            _ => self.0.push((style.name().to_owned(), text.to_owned())),
        }
    }

    /// Appends plain text.
    pub fn plain(&mut self, text: &str) {
        self.push(Style::Plain, text);
    }

    /// Ends the line.
    pub fn end_line(&mut self) {
        self.plain("\n");
    }

    /// The text without its styles.
    #[must_use]
    pub fn to_plain(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }
}

impl From<Text> for Outcome {
    /// An outcome that is only text.
    fn from(text: Text) -> Self {
        Self {
            text: text.0,
            json: String::new(),
            plan: None,
        }
    }
}
