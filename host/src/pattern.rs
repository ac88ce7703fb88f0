//! File patterns, as `wit/files.wit` describes them: which names in which folders a snapshot reads. Pure.

/// How many patterns a call may have, and how long one may be: more is not a question about files.
pub const MAX_PATTERNS: usize = 64;
/// See [`MAX_PATTERNS`].
pub const MAX_PATTERN_LENGTH: usize = 256;
/// How many names the `{…}` of a part may stand for: each is tried at every name.
const MAX_ALTERNATIVES: usize = 64;

/// The patterns of one call, cut at their `/`.
#[derive(Debug)]
pub struct Patterns(Vec<Pattern>);

#[derive(Debug)]
struct Pattern {
    parts: Vec<Part>,
    folder: bool,
}

/// What a pattern says of one name.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// This very name.
    Plain(String),
    /// A name like one of these, in which `*` and `?` stand for other characters.
    Like(Vec<Vec<char>>),
    /// `**`: any number of folders.
    Folders,
}

/// The parts that the names in a folder have to match: (which pattern, which part).
pub type Active = Vec<(usize, usize)>;

/// What a name in a folder means for the patterns.
#[derive(Debug, Default)]
pub struct Matched {
    /// A file of this name is asked for.
    pub file: bool,
    /// A folder of this name is asked for.
    pub folder: bool,
    /// What the names in a folder of this name have to match.
    pub deeper: Active,
}

impl Matched {
    /// Whether the name means nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        !self.file && !self.folder && self.deeper.is_empty()
    }
}

impl Patterns {
    /// Reads the patterns of a call.
    ///
    /// # Errors
    /// What is wrong, as one sentence.
    pub fn parse(patterns: &[String]) -> Result<Self, String> {
        if patterns.len() > MAX_PATTERNS {
            return Err(format!("{} patterns are more than {MAX_PATTERNS}", patterns.len()));
        }
        patterns
            .iter()
            .map(|pattern| parse(pattern))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What the names in the topmost folder have to match.
    #[must_use]
    pub fn start(&self) -> Active {
        self.closure((0..self.0.len()).map(|at| (at, 0)))
    }

    /// What a name means in a folder whose names have to match these parts.
    #[must_use]
    pub fn matched(&self, active: &Active, name: &str) -> Matched {
        let mut matched = Matched::default();
        let mut next = Vec::new();
        for &(at, part) in active {
            let pattern = &self.0[at];
            let is_last = part + 1 == pattern.parts.len();
            match &pattern.parts[part] {
                // At the end of a pattern it stands for everything below.
                Part::Folders => next.push((at, part)),
                like if !like.is(name) => continue,
                _ if !is_last => next.push((at, part + 1)),
                _ => {}
            }
            matched.file |= is_last && !pattern.folder;
            matched.folder |= is_last && pattern.folder;
        }
        matched.deeper = self.closure(next.into_iter());
        matched
    }

    /// Adds what `**` stands for when it stands for no folder at all.
    fn closure(&self, active: impl Iterator<Item = (usize, usize)>) -> Active {
        let mut all = Active::new();
        for (at, part) in active {
            let parts = &self.0[at].parts;
            let mut add = |part| {
                if !all.contains(&(at, part)) {
                    all.push((at, part))
                }
            };
            add(part);
            if parts[part] == Part::Folders && part + 1 < parts.len() {
                add(part + 1);
            }
        }
        all
    }
}

impl Part {
    fn is(&self, name: &str) -> bool {
        match self {
            Self::Plain(plain) => plain == name,
            Self::Like(alternatives) => {
                let name: Vec<char> = name.chars().collect();
                alternatives.iter().any(|like| is_like(like, &name))
            }
            Self::Folders => true,
        }
    }
}

fn parse(pattern: &str) -> Result<Pattern, String> {
    let wrong = |why: &str| {
        format!(
            "`{}` is no pattern: {why}",
            crate::visible::line(pattern, MAX_PATTERN_LENGTH)
        )
    };
    if pattern.len() > MAX_PATTERN_LENGTH {
        return Err(wrong(&format!("it is longer than {MAX_PATTERN_LENGTH} bytes")));
    }
    let (body, folder) = pattern.strip_suffix('/').map_or((pattern, false), |body| (body, true));
    let mut parts = body
        .split('/')
        .map(part)
        .collect::<Result<Vec<_>, _>>()
        .map_err(wrong)?;
    // `**/**` says no more than `**`.
    parts.dedup_by(|a, b| *a == Part::Folders && *b == Part::Folders);
    Ok(Pattern { parts, folder })
}

fn part(text: &str) -> Result<Part, &'static str> {
    match text {
        "" | "." | ".." => Err("it has to be relative, without empty parts, `.` and `..`"),
        "**" => Ok(Part::Folders),
        _ if !text.contains(['*', '?', '{', '}']) => Ok(Part::Plain(text.to_owned())),
        _ => Ok(Part::Like(
            alternatives(text)?.iter().map(|like| like.chars().collect()).collect(),
        )),
    }
}

/// Writes out what the `{a,b}` in a part stand for.
fn alternatives(text: &str) -> Result<Vec<String>, &'static str> {
    let Some((before, behind)) = text.split_once('{') else {
        return if text.contains('}') {
            Err("it has a `}` without a `{`")
        } else {
            Ok(vec![text.to_owned()])
        };
    };
    let (choice, rest) = behind.split_once('}').ok_or("a `{` has to end in the same part")?;
    if before.contains('}') || choice.contains('{') {
        return Err("a `{…}` can't stand in another one");
    }
    let rest = alternatives(rest)?;
    let all: Vec<String> = choice
        .split(',')
        .flat_map(|word| rest.iter().map(move |rest| format!("{before}{word}{rest}")))
        .collect();
    if all.len() > MAX_ALTERNATIVES {
        Err("its `{…}` stand for more than 64 names")
    } else {
        Ok(all)
    }
}

/// Whether a name is like this. When it does not go on after a `*`, that one takes one more character; only the last `*` has to
/// be tried again, so the time is at most the product of both lengths.
fn is_like(like: &[char], name: &[char]) -> bool {
    let (mut at, mut in_name) = (0, 0);
    let mut star = None;
    while in_name < name.len() {
        match like.get(at) {
            Some('*') => {
                star = Some((at + 1, in_name));
                at += 1;
            }
            Some(&c) if c == '?' || c == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((behind, taken)) = star else { return false };
                star = Some((behind, taken + 1));
                (at, in_name) = (behind, taken + 1);
            }
        }
    }
    like[at..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a path below the folder is matched: as a folder where it ends with `/`.
    fn is_matched(pattern: &str, path: &str) -> bool {
        let patterns = Patterns::parse(&[pattern.to_owned()]).unwrap_or_else(|wrong| panic!("{wrong}"));
        let (body, folder) = path.strip_suffix('/').map_or((path, false), |body| (body, true));
        let mut active = patterns.start();
        let mut names = body.split('/').peekable();
        loop {
            let matched = patterns.matched(&active, names.next().expect("there is one more"));
            if names.peek().is_none() {
                return if folder { matched.folder } else { matched.file };
            }
            active = matched.deeper;
        }
    }

    #[test]
    fn a_pattern_matches_what_the_interface_says() {
        for (pattern, yes, no) in [
            ("*.md", &["a.md", ".md"][..], &["a.txt", "b/a.md", "a.md/"][..]),
            (
                "tracks/*/plan.md",
                &["tracks/a/plan.md"],
                &["tracks/plan.md", "tracks/a/b/plan.md"],
            ),
            (
                "**/plan.md",
                &["plan.md", "a/plan.md", "a/b/c/plan.md"],
                &["a/plan.md.x", "plan.md/"],
            ),
            ("**", &["a", "a/b"], &["a/"]),
            ("**/**/a", &["a", "b/a", "b/c/a"], &["b"]),
            ("a/**", &["a/b", "a/b/c"], &["a", "b/a"]),
            ("a/**/b/", &["a/b/", "a/x/y/b/"], &["a/b", "b/"]),
            ("*/", &["a/"], &["a", "a/b/"]),
            ("{a,b}.{md,json}", &["a.md", "b.json"], &["a", "c.md", "a.txt"]),
            ("{a*,,b}x", &["ax", "abcx", "x", "bx"], &["cx", "bcx"]),
            ("a*b*c", &["abc", "axbxc", "abcbc"], &["abcb", "ac"]),
            ("?.md", &["a.md", "ä.md"], &["ab.md"]),
            ("[ab]*", &["[ab]", "[ab]c"], &["a", "b"]),
            ("!*", &["!", "!a"], &["a"]),
            ("[wip]", &["[wip]"], &["w"]),
            ("a\\*", &["a\\b"], &["a*"]),
        ] {
            for path in yes {
                assert!(is_matched(pattern, path), "{pattern} {path}");
            }
            for path in no {
                assert!(!is_matched(pattern, path), "{pattern} {path}");
            }
        }
    }

    #[test]
    fn what_is_no_pattern_is_named() {
        for (pattern, why) in [
            ("../a", "relative"),
            ("/a", "relative"),
            ("a//b", "relative"),
            ("", "relative"),
            ("/", "relative"),
            ("./a", "relative"),
            ("{a/b,c}", "end in the same part"),
            ("{a,b", "end in the same part"),
            ("a}", "without a `{`"),
            ("{a,{b,c}}", "in another one"),
            ("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}", "more than 64"),
        ] {
            let wrong = Patterns::parse(&[pattern.to_owned()]).expect_err(pattern);
            assert!(wrong.contains(why), "{pattern}: {wrong}");
        }
        let wrong = Patterns::parse(&["x".repeat(5_000_000)]).expect_err("too long");
        assert!(
            wrong.contains("longer than 256") && wrong.len() < 1_000,
            "{} bytes",
            wrong.len()
        );
        assert!(Patterns::parse(&vec!["a".to_owned(); 65]).is_err_and(|wrong| wrong.contains("65")));
    }

    /// The worst that fits: it has to stay far below what a walk may take.
    #[test]
    fn no_pattern_takes_long() {
        let words = |n: usize| vec!["*a"; n].join(",");
        let name = "a".repeat(255);
        for pattern in [
            "*a".repeat(100) + "b",
            format!("{{{0}}}{{{0}}}*a*a*a*ab", words(8)),
            "**/*a/".repeat(40) + "b",
        ] {
            let patterns = Patterns::parse(&[pattern]).expect("it fits");
            let mut active = patterns.start();
            let started = std::time::Instant::now();
            for _ in 0..9 {
                active = patterns.matched(&active, &name).deeper;
            }
            assert!(started.elapsed().as_secs() < 5, "{patterns:?}: {:?}", started.elapsed());
        }
    }
}
