//! A page of Markdown, as far as the test has to know it: its headings and its fenced blocks.

use std::fs;
use std::path::{Path, PathBuf};

/// What a command came to.
pub(crate) struct Ended {
    pub(crate) exit: i32,
    /// What it printed: stdout, then stderr.
    pub(crate) printed: String,
}

/// A document of the repository.
pub(crate) struct Page {
    /// Its path in the repository.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) blocks: Vec<Block>,
}

/// A fenced block.
pub(crate) struct Block {
    pub(crate) line: usize,
    pub(crate) language: String,
    pub(crate) body: String,
    /// Why its commands don't run here.
    pub(crate) not_run: Option<String>,
    /// A file without which its commands can't run.
    pub(crate) needs: Option<String>,
    /// The file that it is.
    pub(crate) file: Option<String>,
    /// The file of the repository that it is a part of.
    pub(crate) from: Option<String>,
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every document, the README first.
pub(crate) fn pages() -> Vec<Page> {
    let entries = fs::read_dir(root().join("docs")).expect("the folder of the documents");
    let names = entries.map(|entry| entry.expect("listed").file_name().to_string_lossy().into_owned());
    let mut docs: Vec<String> = names
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("docs/{name}"))
        .collect();
    docs.sort();
    let top = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(str::to_owned);
    top.into_iter().chain(docs).map(|name| Page::read(&name)).collect()
}

impl Page {
    pub(crate) fn read(name: &str) -> Self {
        let text = fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let blocks = blocks(&text);
        Self {
            name: name.to_owned(),
            text,
            blocks,
        }
    }

    /// Where a block stands, for messages.
    pub(crate) fn at(&self, block: &Block) -> String {
        format!("{}:{}", self.name, block.line)
    }

    /// The lines outside fenced blocks, with their numbers.
    pub(crate) fn prose(&self) -> Vec<(usize, &str)> {
        let mut fenced = false;
        let mut lines = Vec::new();
        for (at, line) in self.text.lines().enumerate() {
            if line.starts_with("```") {
                fenced = !fenced;
            } else if !fenced {
                lines.push((at + 1, line));
            }
        }
        lines
    }

    /// The cells of every table row outside blocks, without the rules under the headers.
    pub(crate) fn rows(&self) -> Vec<Vec<&str>> {
        let prose = self.prose();
        let rows = prose
            .into_iter()
            .filter_map(|(_, line)| line.strip_prefix("| ")?.strip_suffix(" |"));
        rows.map(|row| row.split(" | ").map(str::trim).collect()).collect()
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut above = "";
    for (at, line) in text.lines().enumerate() {
        match &mut open {
            Some(_) if line == "```" => blocks.extend(open.take()),
            Some(block) => block.body.push_str(&format!("{line}\n")),
            None if line.starts_with("```") => {
                let said = |key: &str| {
                    above
                        .strip_prefix(&format!("<!-- {key}: "))?
                        .strip_suffix(" -->")
                        .map(str::to_owned)
                };
                open = Some(Block {
                    line: at + 1,
                    language: line.trim_start_matches('`').to_owned(),
                    body: String::new(),
                    not_run: said("not run"),
                    needs: said("needs"),
                    file: said("file"),
                    from: said("from"),
                });
            }
            None => {}
        }
        above = line;
    }
    assert!(open.is_none(), "a fenced block is not closed");
    blocks
}

impl Block {
    /// The commands of an `sh` or `console` block; `\` at the end of a line joins it with the next.
    pub(crate) fn commands(&self) -> Vec<String> {
        let body = self.body.replace("\\\n", "");
        let commands = body.lines().filter_map(|line| match self.language.as_str() {
            "sh" => Some(line.split(" #").next().unwrap_or_default().trim())
                .filter(|line| !line.is_empty() && !line.starts_with('#')),
            "console" => line.strip_prefix("$ "),
            _ => None,
        });
        commands.map(str::to_owned).collect()
    }

    /// A `console` block with what its commands print now. A line `…` stands for any number of lines, and at the end of a line
    /// for the rest of it; they stay where what stands around them is still printed. (`…` alone would say nothing.)
    pub(crate) fn as_it_came(&self, run: impl Fn(&str) -> Ended) -> String {
        let mut said: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in self.body.lines() {
            match (line.strip_prefix("$ "), said.last_mut()) {
                (Some(command), _) => said.push((command, Vec::new())),
                (None, Some((_, output))) => output.push(line),
                (None, None) => panic!("line {}: a console block begins with `$ `", self.line),
            }
        }
        let came = said.iter().map(|(command, expected)| {
            let printed = run(command).printed;
            let shown = if **expected != ["…"] && fits(expected, &printed.lines().collect::<Vec<_>>()) {
                lines(expected)
            } else {
                printed
            };
            format!("$ {command}\n{shown}")
        });
        came.collect()
    }
}

fn lines(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Whether lines are those that were printed, where `…` stands for any number of them.
fn fits(expected: &[&str], printed: &[&str]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((&"…", rest)) => (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..])),
        Some((first, rest)) => printed
            .split_first()
            .is_some_and(|(line, left)| is_line(first, line) && fits(rest, left)),
    }
}

/// A line that ends with `…` is the beginning of the one that was printed.
fn is_line(expected: &str, printed: &str) -> bool {
    expected == printed
        || expected
            .strip_suffix('…')
            .is_some_and(|start| printed.starts_with(start))
}
