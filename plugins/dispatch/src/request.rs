//! What was asked for on the command line, as one thing to do.

use conductor_plugin::{Arguments, Failure};

/// What a run is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Show what would be started, and start it once the person has agreed.
    Dispatch,
    /// Only show the order of the work.
    Graph {
        /// As a Mermaid diagram.
        mermaid: bool,
    },
    /// Say which tracks workers hold, for a command that would carry them out by itself.
    Holders,
    /// A worker has ended.
    Report(Report),
    /// The person has verified a phase.
    Pass(String),
    /// The person has not found a phase right.
    Reject {
        /// The phase.
        phase: String,
        /// What is to be mended.
        reason: String,
    },
    /// Start nothing more.
    Abort,
    /// Make the beads, and begin nothing.
    Prepare,
    /// Show a worker's brief again.
    Brief(String),
    /// A worker that will not report any more.
    Lost(String),
    /// Work that a polecat does not do.
    Release(String),
    /// Work that can't be merged as it is.
    Resolve(Resolve),
    /// Work that is on the target, and whose merge request is still open.
    Merged(String),
}

/// How a merge conflict is resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolve {
    /// The merge request, the refinery's task about it, the bead, or the task's name.
    pub what: String,
    /// The way that was chosen; nothing where the person is asked.
    pub pick: Option<Pick>,
    /// Whether what a person has resolved is taken up.
    pub done: bool,
}

/// A way to resolve a merge conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// A: by hand, in a worktree that is prepared.
    MergeTool,
    /// B: what is on the target wins.
    Target,
    /// C: what the worker has handed in wins.
    Branch,
    /// D: not now, and nothing more begins.
    Stop,
}

/// What a worker says at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its name.
    pub worker: String,
    /// Whether its work is done.
    pub completed: bool,
    /// Its last commit.
    pub sha: Option<String>,
    /// Why it failed.
    pub reason: Option<String>,
}

impl Request {
    /// Reads the arguments.
    ///
    /// # Errors
    /// `usage` when two things are asked at once, or one is half said.
    pub fn of(arguments: &Arguments) -> Result<Self, Failure> {
        let asked: Vec<&str> = [
            "report", "pass", "reject", "brief", "lost", "release", "merged", "resolve",
        ]
        .into_iter()
        .filter(|name| arguments.text(name).is_some())
        .chain(
            ["graph", "mermaid", "holders", "abort", "prepare"]
                .into_iter()
                .filter(|name| arguments.flag(name)),
        )
        .collect();
        let at_most = if asked == ["graph", "mermaid"] { 2 } else { 1 };
        if asked.len() > at_most {
            let flags: Vec<String> = asked.iter().map(|name| format!("`--{name}`")).collect();
            return Err(usage(format!("{} are asked for at once", flags.join(" and "))).hinted("one at a time"));
        }
        let text = |name: &str| arguments.text(name).map(str::to_owned);
        let request = match asked.first().copied() {
            None => Self::Dispatch,
            Some("graph" | "mermaid") => Self::Graph {
                mermaid: arguments.flag("mermaid"),
            },
            Some("holders") => Self::Holders,
            Some("report") => Self::Report(Report::of(arguments)?),
            Some("pass") => Self::Pass(text("pass").unwrap_or_default()),
            Some("reject") => Self::Reject {
                phase: text("reject").unwrap_or_default(),
                reason: text("reason")
                    .filter(|reason| !reason.trim().is_empty())
                    .ok_or_else(|| {
                        usage("`--reject` needs a reason: what is to be mended".to_owned()).hinted("`--reason TEXT`")
                    })?,
            },
            Some("brief") => Self::Brief(text("brief").unwrap_or_default()),
            Some("lost") => Self::Lost(text("lost").unwrap_or_default()),
            Some("merged") => Self::Merged(text("merged").unwrap_or_default()),
            Some("resolve") => Self::Resolve(Resolve::of(arguments)?),
            Some("release") => Self::Release(text("release").unwrap_or_default()),
            Some("prepare") => Self::Prepare,
            Some(_) => Self::Abort,
        };
        if text("sha").is_some() && !matches!(request, Self::Report(_)) {
            return Err(usage("`--sha` says where a worker's work is".to_owned()).hinted("it goes with `--report`"));
        }
        let of_resolve = text("by").is_some() || arguments.flag("done");
        if of_resolve && !matches!(request, Self::Resolve(_)) {
            return Err(
                usage("`--by` and `--done` say how a merge conflict is resolved".to_owned())
                    .hinted("they go with `--resolve`"),
            );
        }
        if text("reason").is_some() && !matches!(request, Self::Report(_) | Self::Reject { .. }) {
            return Err(usage("`--reason` stands alone".to_owned())
                .hinted("it goes with `--report WORKER=failed` or `--reject PHASE`"));
        }
        Ok(request)
    }
}

impl Resolve {
    fn of(arguments: &Arguments) -> Result<Self, Failure> {
        let pick = match arguments.text("by") {
            None => None,
            Some("hand") => Some(Pick::MergeTool),
            Some("target") => Some(Pick::Target),
            Some("branch") => Some(Pick::Branch),
            Some(_) => Some(Pick::Stop),
        };
        let done = arguments.flag("done");
        if done && pick.is_some() {
            return Err(usage("`--by` and `--done` are asked for at once".to_owned())
                .hinted("`--done` takes up what you have resolved after `--by hand`"));
        }
        Ok(Self {
            what: arguments.text("resolve").unwrap_or_default().to_owned(),
            pick,
            done,
        })
    }
}

impl Report {
    fn of(arguments: &Arguments) -> Result<Self, Failure> {
        let said = arguments.text("report").unwrap_or_default();
        let form = || "`--report WORKER=completed --sha SHA`, or `--report WORKER=failed --reason TEXT`";
        let (worker, word) = said
            .split_once('=')
            .ok_or_else(|| usage(format!("`{said}` names no worker and outcome")).hinted(form()))?;
        let completed = match word {
            "completed" | "done" => true,
            "failed" => false,
            _ => return Err(usage(format!("a worker ends `completed` or `failed`, not `{word}`")).hinted(form())),
        };
        let sha = arguments.text("sha").map(str::to_owned);
        let reason = arguments.text("reason").map(str::to_owned);
        let is_sha = |sha: &str| (7..=64).contains(&sha.len()) && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
        match (&sha, &reason) {
            (Some(sha), _) if !is_sha(sha) => {
                return Err(usage(format!("`{sha}` is no commit: 7 to 64 hexadecimal digits"))
                    .hinted("`git rev-parse HEAD` shows one"));
            }
            (None, _) if completed => {
                return Err(usage("a completed worker names its last commit".to_owned()).hinted(form()));
            }
            (_, None) if !completed => return Err(usage("a failed worker says why".to_owned()).hinted(form())),
            _ => {}
        }
        Ok(Self {
            worker: worker.to_owned(),
            completed,
            sha: sha.filter(|_| completed).map(|sha| sha.to_ascii_lowercase()),
            reason: reason.filter(|_| !completed),
        })
    }
}

/// An error of what was typed.
fn usage(message: String) -> Failure {
    Failure::new("usage", message)
}

/// Names of tasks between commas, `2.1,2.3` or `6.3-6.7`: whether a task is one of them.
///
/// # Errors
/// `usage`, where a range has no two ends in one phase.
pub fn selection(text: &str) -> Result<Selection, Failure> {
    let mut ranges = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range = (parts(first), parts(last));
        let is_range = !range.0.is_empty() && range.0.len() == range.1.len() && range.0 <= range.1;
        if !is_range {
            return Err(usage(format!("`{part}` names no tasks")).hinted("like `2.1`, `2.1,2.3` or `6.3-6.7`"));
        }
        ranges.push(range);
    }
    Ok(Selection(ranges))
}

/// The names of tasks that were typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection(Vec<(Vec<u32>, Vec<u32>)>);

impl Selection {
    /// Whether a task of this name is meant.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let name = parts(name);
        self.0
            .iter()
            .any(|(first, last)| *first <= name && name <= *last && name.len() == first.len())
    }

    /// Whether nothing was named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `6.10` as numbers; nothing where it is no such name.
fn parts(name: &str) -> Vec<u32> {
    let name = name.trim().trim_start_matches("phase").trim_start_matches("task");
    name.split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use conductor_plugin::Arguments;
    use serde_json::json;

    use super::{Pick, Report, Request, selection};

    fn request(arguments: serde_json::Value) -> Result<Request, String> {
        Request::of(&Arguments::from_json(&arguments.to_string())).map_err(|failure| failure.message)
    }

    #[test]
    fn each_wish_is_one_thing_to_do() {
        assert_eq!(request(json!({})), Ok(Request::Dispatch));
        assert_eq!(request(json!({"graph": true})), Ok(Request::Graph { mermaid: false }));
        assert_eq!(
            request(json!({"graph": true, "mermaid": true})),
            Ok(Request::Graph { mermaid: true })
        );
        assert_eq!(request(json!({"pass": "2"})), Ok(Request::Pass("2".to_owned())));
        let report = Report {
            worker: "worker_1_api".to_owned(),
            completed: true,
            sha: Some("abcdef1".to_owned()),
            reason: None,
        };
        assert_eq!(
            request(json!({"report": "worker_1_api=completed", "sha": "ABCDEF1"})),
            Ok(Request::Report(report))
        );
    }

    #[test]
    fn a_conflict_is_resolved_in_one_of_four_ways() {
        let of = |by: Option<&str>, done: bool| {
            let Ok(Request::Resolve(resolve)) = request(json!({"resolve": "sp-1", "by": by, "done": done})) else {
                panic!("{by:?}")
            };
            assert_eq!((resolve.what.as_str(), resolve.done), ("sp-1", done));
            resolve.pick
        };
        for (by, pick) in [
            ("hand", Pick::MergeTool),
            ("target", Pick::Target),
            ("branch", Pick::Branch),
            ("stop", Pick::Stop),
        ] {
            assert_eq!(of(Some(by), false), Some(pick));
        }
        assert_eq!((of(None, false), of(None, true)), (None, None));
    }

    #[test]
    fn what_is_half_said_is_told() {
        for (arguments, part) in [
            (json!({"pass": "1", "abort": true}), "at once"),
            (json!({"report": "worker_1"}), "no worker and outcome"),
            (
                json!({"report": "a=great", "sha": "abcdef1"}),
                "`completed` or `failed`",
            ),
            (json!({"report": "a=completed"}), "names its last commit"),
            (json!({"report": "a=completed", "sha": "HEAD"}), "no commit"),
            (json!({"report": "a=failed"}), "says why"),
            (json!({"reject": "1"}), "needs a reason"),
            (json!({"sha": "abcdef1"}), "`--sha`"),
            (json!({"reason": "x"}), "`--reason`"),
            (json!({"by": "hand"}), "`--by`"),
            (json!({"done": true}), "`--done`"),
            (json!({"resolve": "sp-1", "by": "hand", "done": true}), "at once"),
        ] {
            let message = request(arguments.clone()).expect_err("not a request");
            assert!(message.contains(part), "{arguments}: {message}");
        }
    }

    #[test]
    fn ranges_of_tasks() {
        let some = selection("2.1, 6.3-6.7").expect("tasks");
        assert!(some.has("2.1") && some.has("6.3") && some.has("6.7"));
        assert!(!some.has("6.10") && !some.has("2.2") && !some.has("6"));
        assert!(selection("3").expect("a phase").has("3"));
        for wrong in ["x", "6.7-6.3", "2-3.1", "-"] {
            assert!(selection(wrong).is_err(), "{wrong}");
        }
        assert!(selection("").expect("nothing").is_empty());
    }
}
