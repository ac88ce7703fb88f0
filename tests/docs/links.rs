//! Links between pages and to files, and paths of the repository that are named in code spans.

use std::fs;
use std::path::Path;

use crate::page::{Page, root};

/// Folders of the repository: a code span that begins with one is a path that has to be there.
const FOLDERS: [&str; 11] = [
    "host/",
    "plugins/",
    "tests/",
    "docs/",
    "wit/",
    "bin/",
    "commands/",
    "examples/",
    ".ci/",
    ".claude-plugin/",
    "hooks/",
];

/// What leads nowhere, one line each.
pub(crate) fn broken(page: &Page) -> Vec<String> {
    let mut broken = Vec::new();
    for (number, line) in page.prose() {
        let mut wrong = |what: &str| broken.push(format!("{}:{number}: `{what}` leads nowhere", page.name));
        targets(line).filter(|target| !leads(page, target)).for_each(&mut wrong);
        spans(line).filter(|span| !is_there(span)).for_each(wrong);
    }
    broken
}

/// The targets of `[label](target)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0))
}

/// What stands between backticks.
fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn leads(page: &Page, target: &str) -> bool {
    if target.starts_with("https://") {
        return true;
    }
    let (path, anchor) = target
        .split_once('#')
        .map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let folder = Path::new(&page.name).parent().unwrap_or(Path::new(""));
    let file = match path {
        "" => root().join(&page.name),
        path => root().join(folder).join(path),
    };
    match anchor {
        None => file.exists(),
        Some(anchor) => {
            fs::read_to_string(file).is_ok_and(|text| text.lines().any(|line| slug(line).as_deref() == Some(anchor)))
        }
    }
}

/// The anchor of a heading, as GitHub makes it.
fn slug(line: &str) -> Option<String> {
    let title = line.strip_prefix('#')?.trim_start_matches('#').trim();
    let kept = title
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    Some(
        kept.flat_map(char::to_lowercase)
            .map(|c| if c == ' ' { '-' } else { c })
            .collect(),
    )
}

/// A path that names one thing of the repository is there; one with a placeholder in it names none.
fn is_there(span: &str) -> bool {
    let named = FOLDERS.iter().any(|folder| span.starts_with(folder)) && !span.contains(['<', '*', '{', '…', ' ']);
    !named || root().join(span).exists()
}
