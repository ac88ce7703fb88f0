//! What is text in a Markdown file and what is not: code fences and comments over several lines are stepped over.
//!
//! A fence or comment that is never closed hides nothing: it is reported, and the lines after it are read as usual.

use memchr::memchr;
use memchr::memmem::find;

use crate::line::{Line, Lines, indent};
use crate::list::list_line;
use crate::unclosed::Unclosed;

/// A piece of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Block<'a> {
    /// A line of text. Where a comment of several lines begins in it, the line ends before that.
    Line(Line<'a>),
    /// A comment of several lines.
    Comment(Comment<'a>),
    /// A code block.
    Code(Hidden),
    /// The line opens a code block, or a comment, that is never closed. Of a comment's the line itself follows, cut off there.
    Unclosed(Unclosed),
}

/// A comment of several lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Comment<'a> {
    /// Between `<!--` and `-->`.
    pub(crate) body: &'a [u8],
    /// Offset of `<!--`.
    pub(crate) start: usize,
    /// Its lines and the boxes in it.
    pub(crate) hidden: Hidden,
}

/// Lines that are not read as text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hidden {
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// How many of them are list items with a box.
    pub(crate) boxes: u32,
}

/// Goes through the pieces of a file in one pass.
#[derive(Debug, Clone)]
pub(crate) struct Blocks<'a> {
    bytes: &'a [u8],
    lines: Lines<'a>,
    queued: Option<Block<'a>>,
    /// For `` ` `` and `~`: a fence of this length or more is not closed by anything further down.
    unclosed: [usize; 2],
    comment_unclosed: bool,
}

/// Longer fences count as this long, so that the search for a fence's end fails a bounded number of times in a file.
const LONGEST_FENCE: usize = 16;

impl<'a> Blocks<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            lines: Lines::new(bytes),
            queued: None,
            unclosed: [usize::MAX; 2],
            comment_unclosed: false,
        }
    }

    /// Steps over the code block that this line opens.
    fn code(&mut self, line: &Line<'a>, open: Fence) -> Block<'a> {
        let known = &mut self.unclosed[usize::from(open.sign == b'~')];
        if open.length >= *known {
            return Block::Unclosed(Unclosed::fence(line.number, open.sign));
        }
        let mut ahead = self.lines.clone();
        let mut boxes = 0;
        while let Some(inside) = ahead.next() {
            if Fence::of(inside.text).is_some_and(|fence| fence.closes(open)) {
                self.lines = ahead;
                return Block::Code(Hidden {
                    first: line.number,
                    last: inside.number,
                    boxes,
                });
            }
            boxes += u32::from(is_box(&inside));
        }
        *known = open.length;
        Block::Unclosed(Unclosed::fence(line.number, open.sign))
    }

    /// Steps over the comment that starts at `at` of this line and does not end on it.
    fn comment(&mut self, line: Line<'a>, at: usize) -> Block<'a> {
        let before = Line {
            text: &line.text[..at],
            ..line
        };
        let start = line.start + at;
        let after = start + 4;
        let end = if self.comment_unclosed {
            None
        } else {
            find(&self.bytes[after..], b"-->")
        };
        let Some(end) = end.map(|end| after + end) else {
            self.comment_unclosed = true;
            self.queued = Some(Block::Line(before));
            return Block::Unclosed(Unclosed::comment(line.number));
        };
        let mut hidden = Hidden {
            first: line.number,
            last: line.number,
            boxes: 0,
        };
        for inside in self.lines.by_ref() {
            hidden.last = inside.number;
            hidden.boxes += u32::from(is_box(&inside));
            if inside.start + inside.text.len() > end {
                break;
            }
        }
        self.queued = Some(Block::Comment(Comment {
            body: &self.bytes[after..end],
            start,
            hidden,
        }));
        Block::Line(before)
    }
}

fn is_box(line: &Line<'_>) -> bool {
    list_line(line).is_some_and(|item| item.marker.is_some())
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        if let Some(block) = self.queued.take() {
            return Some(block);
        }
        let line = self.lines.next()?;
        if let Some(fence) = Fence::of(line.text).filter(|fence| fence.opens) {
            return Some(self.code(&line, fence));
        }
        Some(match open_comment(line.text) {
            Some(at) => self.comment(line, at),
            None => Block::Line(line),
        })
    }
}

/// A line of three or more backticks or tildes.
#[derive(Debug, Clone, Copy)]
struct Fence {
    sign: u8,
    length: usize,
    /// Whether it can open a block: no backtick after the backticks.
    opens: bool,
    /// Whether nothing follows, so that it can close one.
    bare: bool,
}

impl Fence {
    fn of(line: &[u8]) -> Option<Self> {
        let text = &line[indent(line).1..];
        let sign = *text.first().filter(|b| matches!(b, b'`' | b'~'))?;
        let length = text.iter().take_while(|b| **b == sign).count();
        let rest = &text[length..];
        (length >= 3).then(|| Self {
            sign,
            length: length.min(LONGEST_FENCE),
            opens: sign == b'~' || !rest.contains(&b'`'),
            bare: rest.trim_ascii().is_empty(),
        })
    }

    fn closes(self, open: Self) -> bool {
        self.bare && self.sign == open.sign && self.length >= open.length
    }
}

/// Where a comment starts that does not end on this line.
fn open_comment(text: &[u8]) -> Option<usize> {
    let mut open = None;
    for comment in comments(text) {
        open = comment.end.is_none().then_some(comment.start);
    }
    open
}

/// A comment of one line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InlineComment {
    /// Offset of `<!--` in the line.
    pub(crate) start: usize,
    /// Offset after `-->`, `None` when it does not end on the line.
    pub(crate) end: Option<usize>,
}

impl InlineComment {
    /// What stands between `<!--` and `-->` on its line; nothing when it does not end there.
    pub(crate) fn body<'a>(&self, line: &'a [u8]) -> Option<&'a [u8]> {
        line.get(self.start + 4..self.end?.saturating_sub(3))
    }
}

/// The comments of a line. `<!--` in a code span is none.
pub(crate) fn comments(text: &[u8]) -> impl Iterator<Item = InlineComment> {
    // Few lines hold a `<`, and looking for one byte costs the least.
    let mut from = if memchr(b'<', text).is_some() { 0 } else { text.len() };
    std::iter::from_fn(move || {
        while from < text.len() {
            match text[from] {
                b'`' => from += code_span_length(&text[from..]),
                b'<' if text[from..].starts_with(b"<!--") => {
                    let start = from;
                    let end = find(&text[start + 4..], b"-->").map(|at| start + 4 + at + 3);
                    from = end.unwrap_or(text.len());
                    return Some(InlineComment { start, end });
                }
                _ => from += 1,
            }
        }
        None
    })
}

/// How many bytes a code span takes, or only its backticks where it is not closed on the line.
fn code_span_length(text: &[u8]) -> usize {
    let open = text.iter().take_while(|b| **b == b'`').count();
    let mut at = open;
    // A search that fails is cut short, so that a line of backticks stays linear.
    while at < text.len().min(open + 4096) {
        let run = text[at..].iter().take_while(|b| **b == b'`').count();
        if run == open {
            return at + run;
        }
        at += run.max(1);
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str) -> Vec<String> {
        Blocks::new(text.as_bytes())
            .map(|block| match block {
                Block::Line(line) => format!("{} {}", line.number, String::from_utf8_lossy(line.text)),
                Block::Comment(c) => format!("{}-{} comment {}", c.hidden.first, c.hidden.last, c.hidden.boxes),
                Block::Code(code) => format!("{}-{} code {}", code.first, code.last, code.boxes),
                Block::Unclosed(unclosed) => format!("{} {}", unclosed.line, unclosed.code),
            })
            .collect()
    }

    #[test]
    fn fences() {
        assert_eq!(show("a\n```rust\n- [ ] b\n```\nc"), ["1 a", "2-4 code 1", "5 c"]);
        assert_eq!(show("````\n```\n````\nc"), ["1-3 code 0", "4 c"]);
        assert_eq!(show("~~~\n```\n~~~"), ["1-3 code 0"]);
        assert_eq!(show("```a```"), ["1 ```a```"]);
    }

    #[test]
    fn what_is_never_closed_hides_nothing() {
        assert_eq!(show("```\n- [ ] a"), ["1 unclosed-fence", "2 - [ ] a"]);
        assert_eq!(show("a <!-- b\n- [ ] c"), ["1 unclosed-comment", "1 a ", "2 - [ ] c"]);
    }

    #[test]
    fn comments_of_several_lines() {
        assert_eq!(show("a <!-- b\n- [ ] c\n-->\nd"), ["1 a ", "1-3 comment 1", "4 d"]);
        assert_eq!(
            show("<!-- b --> <!--\n-->\nd"),
            ["1 <!-- b --> ", "1-2 comment 0", "3 d"]
        );
    }

    #[test]
    fn comments_of_one_line() {
        assert_eq!(show("a `<!--` b"), ["1 a `<!--` b"]);
        let found: Vec<_> = comments(b"x <!-- a --> `<!-- b -->` <!-- c -->")
            .map(|c| (c.start, c.end))
            .collect();
        assert_eq!(found, [(2, Some(12)), (26, Some(36))]);
    }
}
