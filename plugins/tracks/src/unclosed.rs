//! A code block or comment that is never closed, and how it is reported.

use crate::Text;
use crate::diagnostic::{Diagnostic, Lines};
use crate::plan_check::MOST_LINES;

/// What is never closed. The lines after it are read as text, so that nothing disappears in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unclosed {
    /// The code of its diagnostic.
    pub(crate) code: &'static str,
    /// The line that opens it.
    pub(crate) line: u32,
    what: &'static str,
    close: &'static str,
}

impl Unclosed {
    /// A code block that begins with this sign, a backtick or a tilde.
    pub(crate) fn fence(line: u32, sign: u8) -> Self {
        Self {
            code: "unclosed-fence",
            line,
            what: "code block",
            close: if sign == b'~' { "`~~~`" } else { "three backticks" },
        }
    }

    /// A comment.
    pub(crate) fn comment(line: u32) -> Self {
        Self {
            code: "unclosed-comment",
            line,
            what: "comment",
            close: "`-->`",
        }
    }

    /// Adds a problem, or a line to the one that is there: a file of nothing else would give as many as it has lines.
    pub(crate) fn report<'a>(self, file: &Text<'a>, diagnostics: &mut Vec<Diagnostic<'a>>) {
        if let Some(found) = diagnostics
            .iter_mut()
            .rev()
            .take(8)
            .find(|found| found.code == self.code)
        {
            found
                .lines
                .extend((found.lines.len() < MOST_LINES).then(|| Lines::one(self.line)));
            return;
        }
        let reason = format!(
            "the {} that begins here is never closed, so the lines after it are read as text: close it with {}",
            self.what, self.close
        );
        diagnostics.push(Diagnostic::problem(self.code, file.clone(), reason).at(self.line));
    }
}
