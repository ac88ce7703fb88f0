//! Files that a worker's branch and its target have both changed since they parted: where a merge conflict can only be.

use std::collections::BTreeMap;

use conductor_beads::{Error, answer};
use conductor_plugin::Output;

/// A file that both sides have changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// Its path in the repository.
    pub path: String,
    /// Who changed it on the target, the last one first.
    pub on_target: Vec<String>,
}

/// Reads the commits of both sides: for each a NUL, `<` or `>`, the author, and below that its files.
///
/// # Errors
/// When git has failed.
pub fn read(output: &Output) -> Result<Vec<Overlap>, Error> {
    let text = answer::text(output)?;
    let Sides { on_target, on_branch } = Sides::of(&text);
    let both = on_branch.into_iter().filter_map(|path| {
        Some(Overlap {
            path: path.to_owned(),
            on_target: on_target.get(path)?.clone(),
        })
    });
    Ok(both.collect())
}

/// Reads the same: the files that the branch has changed.
///
/// # Errors
/// When git has failed.
pub fn read_branch(output: &Output) -> Result<Vec<String>, Error> {
    let text = answer::text(output)?;
    let on_branch = Sides::of(&text).on_branch.into_iter();
    Ok(on_branch.map(str::to_owned).collect())
}

/// The files of both sides.
struct Sides<'t> {
    /// With who has changed each there.
    on_target: BTreeMap<&'t str, Vec<String>>,
    /// Each once, in order.
    on_branch: Vec<&'t str>,
}

impl<'t> Sides<'t> {
    fn of(text: &'t str) -> Self {
        let mut on_target: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut on_branch: Vec<&str> = Vec::new();
        for commit in text.split('\0').filter(|commit| !commit.is_empty()) {
            let mut lines = commit.lines();
            let head = lines.next().unwrap_or_default();
            let files = lines.filter(|line| !line.is_empty());
            match head.strip_prefix('<') {
                Some(author) => {
                    for file in files {
                        let authors = on_target.entry(file).or_default();
                        if !authors.iter().any(|known| known == author) {
                            authors.push(author.to_owned());
                        }
                    }
                }
                None => on_branch.extend(files),
            }
        }
        on_branch.sort_unstable();
        on_branch.dedup();
        Self { on_target, on_branch }
    }
}

#[cfg(test)]
mod tests {
    use conductor_plugin::Output;

    use super::{Overlap, read, read_branch};

    #[test]
    fn only_files_of_both_sides_are_named_with_those_who_changed_them_on_the_target() {
        let text = "\0>jade\n\nsrc/a.txt\nsrc/b.txt\n\0<opal\n\nsrc/b.txt\nsrc/c.txt\n\0<ruby\n\nsrc/b.txt\n\0<opal\n\nsrc/b.txt\n\0>jade\n";
        let output = Output {
            status: Some(0),
            stdout: text.into(),
            ..Output::default()
        };
        let both = Overlap {
            path: "src/b.txt".to_owned(),
            on_target: vec!["opal".to_owned(), "ruby".to_owned()],
        };
        assert_eq!(read(&output), Ok(vec![both]));
        let on_branch = ["src/a.txt", "src/b.txt"].map(str::to_owned);
        assert_eq!(read_branch(&output), Ok(on_branch.to_vec()));
    }

    #[test]
    fn what_git_complains_of_is_told() {
        let output = Output {
            status: Some(128),
            stderr: b"fatal: bad revision 'origin/x'\n".to_vec(),
            ..Output::default()
        };
        let error = read(&output).expect_err("it failed");
        assert_eq!(error.message, "fatal: bad revision 'origin/x'");
    }
}
