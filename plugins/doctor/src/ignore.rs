//! What Gas Town writes into the worktrees of its workers: a repository that does not ignore it can't be handed in from there.
//!
//! Seen with gt 1.2.1: a CLAUDE.md that is neither tracked nor ignored fails every `gt done`; any of the others leaves a worker that
//! is never used again.

use conductor_beads::{Call, Error};
use conductor_plugin::Output;

use crate::check::Check;
use crate::facts::Facts;
use crate::probe::TIMEOUT_MS;

/// Git's sign for the root of the repository. (The short one, `:/`, takes the `_` of `__pycache__` for another sign.)
const TOP: &str = ":(top)";

/// The names, from there, as `git check-ignore` is given them.
const NAMES: [&str; 10] = [
    ":(top)CLAUDE.md",
    ":(top)CLAUDE.local.md",
    ":(top)GEMINI.md",
    ":(top)state.json",
    ":(top).beads/",
    ":(top).claude/",
    ":(top).logs/",
    ":(top).opencode/",
    ":(top).runtime/",
    ":(top)__pycache__/",
];

/// Which of the names are ignored, and by what.
pub(crate) const IGNORED: Call = Call {
    name: "ignored",
    argv: &ARGV,
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// Whether the project has a CLAUDE.md of its own.
pub(crate) const TRACKED: Call = Call {
    name: "tracked",
    argv: &["git", "--no-optional-locks", "ls-files", "--", ":(top)CLAUDE.md"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

const ARGV: [&str; 16] = {
    let begin = [
        "git",
        "--no-optional-locks",
        "check-ignore",
        "--no-index",
        "--verbose",
        "--",
    ];
    let mut argv = [""; 16];
    let mut at = 0;
    while at < argv.len() {
        argv[at] = if at < begin.len() {
            begin[at]
        } else {
            NAMES[at - begin.len()]
        };
        at += 1;
    }
    argv
};

/// The names that a `.gitignore` of the repository ignores. What only this clone, or this user, ignores does not reach the rig.
pub(crate) fn read_ignored(output: &Output) -> Result<Vec<String>, Error> {
    match output.status {
        // 1: none of them is.
        Some(0 | 1) => {}
        _ => return Err(said(output)),
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().filter_map(ignored).map(str::to_owned).collect())
}

/// `.gitignore:8:CLAUDE.md<TAB>:(top)CLAUDE.md`; a pattern that begins with `!` takes a name out again.
fn ignored(line: &str) -> Option<&str> {
    let (rule, name) = line.split_once('\t')?;
    let mut parts = rule.splitn(3, ':');
    let (source, pattern) = (parts.next()?, parts.nth(1)?);
    let of_repository = source == ".gitignore" || source.ends_with("/.gitignore") && !source.starts_with(['/', '~']);
    (of_repository && !pattern.starts_with('!')).then_some(name)
}

/// The names that git tracks.
pub(crate) fn read_tracked(output: &Output) -> Result<Vec<String>, Error> {
    if !output.success() {
        return Err(said(output));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .map(|line| format!("{TOP}{}", line.trim_start_matches("../")))
        .collect())
}

fn said(output: &Output) -> Error {
    Error::said(String::from_utf8_lossy(&output.stderr).trim())
}

/// Whether all of the names are taken care of.
pub(crate) fn check(facts: &Facts) -> Check {
    let name = "ignored";
    let ignored = match &facts.ignored {
        Ok(ignored) => ignored,
        Err(error) => return Check::unknown(name, error),
    };
    let is_fine = |path: &&&str| ignored.iter().chain(&facts.tracked).any(|fine| fine == **path);
    let left: Vec<&str> = NAMES
        .iter()
        .filter(|path| !is_fine(path))
        .map(|path| path.trim_start_matches(TOP))
        .collect();
    if left.is_empty() {
        return Check::ok(name, "the repository ignores what Gas Town writes into worktrees");
    }
    Check::missing(
        name,
        format!(
            "not ignored, though Gas Town writes it into worktrees: {}",
            left.join(" ")
        ),
    )
    .next("add these names to the `.gitignore` at the root of the repository, a line each; commit and push it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_repository_itself_ignores_counts() {
        // git 2.39.5
        let output = Output {
            status: Some(0),
            stdout: b".gitignore:2:CLAUDE.md\t:(top)CLAUDE.md\n.gitignore:1:.runtime/\t:(top).runtime/\n.gitignore:3:!GEMINI.md\t:(top)GEMINI.md\n\
                .git/info/exclude:8:.logs/\t:(top).logs/\nweb/.gitignore:1:state.json\t:(top)state.json\n/home/me/.gitignore:1:.claude/\t:(top).claude/\n"
                .to_vec(),
            ..Output::default()
        };
        let ignored = read_ignored(&output).expect("it answered");
        assert_eq!(ignored, [":(top)CLAUDE.md", ":(top).runtime/", ":(top)state.json"]);
        let none = Output {
            status: Some(1),
            ..Output::default()
        };
        assert_eq!(read_ignored(&none).expect("none is no error"), Vec::<String>::new());
        let nowhere = Output {
            status: Some(128),
            stderr: b"fatal: not a git repository (or any of the parent directories): .git\n".to_vec(),
            ..Output::default()
        };
        assert!(read_ignored(&nowhere).is_err());
    }
}
