//! What has to be so before a polecat starts: looked at when something would begin, each trouble a choice with its way out.

use conductor_beads::{Call, answer, ask, ask_lists};
use conductor_common::width::one_line;
use conductor_gastown::reads::RIG;
use conductor_gastown::work::State as Stands;
use conductor_gastown::{repository, rigs};
use conductor_plugin::{Choice, Failure, Host};
use conductor_tracks::{Plan, State};

use super::look::{Look, failure};
use super::{crew, pieces};
use crate::ask::{although, choice, is_accepted};
use crate::beads::Beads;
use crate::ground::{Ground, in_folder};

/// How long git may take.
const TIMEOUT_MS: u64 = 20_000;
/// How long a remote may take.
const REMOTE_MS: u64 = 60_000;

/// Whether `tmux` is there.
pub const TMUX: Call = Call {
    name: "tmux-version",
    argv: &["tmux", "-V"],
    cwd: "project",
    timeout_ms: 5000,
};

/// Which the repository ignores of the files that `gt` and its agents write into a worktree. Where git would track one of them,
/// `gt done` refuses to hand work in, or the polecat is never used again (gastown 1.2.1).
pub const IGNORES: Call = Call {
    name: "ignored",
    argv: &[
        "git",
        "--no-optional-locks",
        "check-ignore",
        "--no-index",
        "CLAUDE.md",
        "CLAUDE.local.md",
        "GEMINI.md",
        ".claude/",
        ".beads/",
        ".runtime/",
        ".opencode/",
        ".logs/",
        "__pycache__/",
        "state.json",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// The files of [`IGNORES`].
fn to_ignore() -> impl Iterator<Item = &'static str> {
    IGNORES
        .argv
        .iter()
        .skip_while(|word| **word != "--no-index")
        .skip(1)
        .copied()
}

/// Which of the first ones are the repository's own.
pub const TRACKED: Call = Call {
    name: "tracked",
    argv: &["git", "--no-optional-locks", "ls-files", "--", "CLAUDE.md", "GEMINI.md"],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// The branch that a rig's work is merged into.
pub const TARGET: Call = Call {
    name: "rig-target",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "symbolic-ref",
        "--short",
        "HEAD",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// What the rig knows of that branch.
pub const TIP: Call = Call {
    name: "rig-tip",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "rev-parse",
        "--verify",
        "--quiet",
        "refs/remotes/origin/<target:ref>",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// Has the rig look at its remote.
pub const FETCH: Call = Call {
    name: "rig-fetch",
    argv: &["git", "--git-dir=.repo.git", "fetch", "--quiet", "origin"],
    cwd: RIG,
    timeout_ms: REMOTE_MS,
};

/// The files of `conductor/` in a commit, with the names of their contents.
pub const TREE: Call = Call {
    name: "rig-tree",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "ls-tree",
        "-r",
        "-z",
        "<sha:sha>",
        "--",
        "conductor",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// A content by its name.
pub const BLOB: Call = Call {
    name: "rig-blob",
    argv: &[
        "git",
        "--no-optional-locks",
        "--git-dir=.repo.git",
        "cat-file",
        "blob",
        "<blob:sha>",
    ],
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
};

/// The names of the contents of files in the project, as git would keep them.
pub const HASHES: Call = Call {
    name: "hash-files",
    argv: &[
        "git",
        "--no-optional-locks",
        "hash-object",
        "--",
        "<paths…:path in project>",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// A commit of the project that no branch of a remote has; nothing of `conductor/`, which is ours and pushed by nobody.
pub const UNPUSHED: Call = Call {
    name: "unpushed",
    argv: &[
        "git",
        "--no-optional-locks",
        "-c",
        "log.showSignature=false",
        "log",
        "--max-count=1",
        "--format=%h %s",
        "HEAD",
        "--not",
        "--remotes",
        "--",
        ":/",
        ":(exclude)conductor",
    ],
    cwd: "project",
    timeout_ms: TIMEOUT_MS,
};

/// What is worth knowing where nothing is wrong.
pub type Notes = Vec<String>;

/// Looks at all of it.
///
/// # Errors
/// The first trouble that the person has not accepted (`--although`), with its choices.
pub fn check(ground: &Ground<'_>, look: &Look) -> Result<Notes, Failure> {
    let host = ground.host;
    let mut notes = Notes::new();
    ask(host, TMUX, &[], answer::text)
        .wait()
        .map_err(|error| match error.kind {
            conductor_beads::Kind::NotInstalled => {
                Failure::new("no-tmux", "Gas Town's agents run in `tmux`, and it is not installed")
                    .hinted("install it, or `--mode native` goes on without Gas Town")
            }
            _ => failure(error),
        })?;
    takes_work(ground, look)?;
    if !is_accepted(ground, "ignores") {
        ignores(ground)?;
    }
    if !is_accepted(ground, "unpushed") {
        notes.extend(pushed(ground, look)?);
        has_what_was_done(ground, look)?;
    }
    if !is_accepted(ground, "refinery") {
        refinery(ground, look)?;
    }
    if look.town.daemon.running {
        notes.push("Gas Town's daemon runs: it feeds open convoys, and ours stays staged".to_owned());
    }
    Ok(notes)
}

/// The way out of each trouble that waiting does not mend.
fn natively(key: &str, track: &str) -> Choice {
    choice(
        key,
        "Go on natively",
        "with Claude's own sub-agents, as long as no polecat has work of it",
        &[track, "--mode=native"],
    )
}

/// A rig that is parked or docked takes none.
fn takes_work(ground: &Ground<'_>, look: &Look) -> Result<(), Failure> {
    let rigs = rigs::list(ground.host).wait().map_err(failure)?;
    let Some(ours) = rigs.iter().find(|rig| rig.name == look.rig) else {
        return Ok(());
    };
    let way_out = match ours.status.as_str() {
        "parked" => "unpark",
        "docked" => "undock",
        _ => return Ok(()),
    };
    let (track, rig, status) = (&ground.track.id, &look.rig, &ours.status);
    Err(
        Failure::new("rig-parked", format!("the rig `{rig}` is {status}: it takes no work"))
            .hinted(format!("`gt rig {way_out} {rig}` in the town"))
            .choice(choice("A", "Look again", "once it takes work", &[track]))
            .choice(natively("B", track)),
    )
}

fn ignores(ground: &Ground<'_>) -> Result<(), Failure> {
    let host = ground.host;
    let found = ask(host, IGNORES, &[], |output| {
        answer::text_if_any(output).map(Option::unwrap_or_default)
    });
    let tracked = ask(host, TRACKED, &[], answer::text);
    let (found, tracked) = (found.wait().map_err(failure)?, tracked.wait().map_err(failure)?);
    let is_in = |list: &str, name: &str| list.lines().any(|line| line == name);
    let missing: Vec<&str> = to_ignore()
        .filter(|name| !is_in(&found, name) && !is_in(&tracked, name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let track = &ground.track.id;
    Err(Failure::new(
        "not-ignored",
        format!(
            "the repository does not ignore {}: polecats could not hand in their work",
            missing.join(", ")
        ),
    )
    .choice(choice(
        "A",
        "Add them to .gitignore",
        "you commit and push it, then the same command again",
        &[track, "--add-ignores"],
    ))
    .choice(choice(
        "B",
        "Go on all the same",
        "where you know that they are ignored elsewhere",
        &[track, &although(ground, "ignores")],
    )))
}

/// Adds what is missing to the project's .gitignore; what stands there stays.
///
/// # Errors
/// Why it can't be changed.
pub fn add_ignores(host: &dyn Host) -> Result<Vec<String>, Failure> {
    const GRANT: &str = "gitignore";
    let before = match host.read(GRANT, "") {
        Ok(bytes) => Some(bytes),
        Err(error) if error.code == "not-found" => None,
        Err(error) => return Err(error.into()),
    };
    let text = before.clone().unwrap_or_default();
    let has = |name: &str| {
        String::from_utf8_lossy(&text)
            .lines()
            .any(|line| line.trim().trim_matches('/') == name.trim_matches('/'))
    };
    let missing: Vec<&str> = to_ignore().filter(|name| !has(name)).collect();
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let mut after = text.clone();
    if !after.is_empty() && !after.ends_with(b"\n") {
        after.push(b'\n');
    }
    after.extend_from_slice(b"# What Gas Town writes into its worktrees.\n");
    for name in &missing {
        after.extend_from_slice(name.as_bytes());
        after.push(b'\n');
    }
    match before {
        Some(before) => host.replace(GRANT, "", &conductor_plugin::digest(&before), &after)?,
        None => host.create(GRANT, "", &after)?,
    }
    Ok(vec![format!(".gitignore: {}", missing.join(", "))])
}

/// Polecats read spec, workflow and plan in their worktrees, which are made from the remote.
fn pushed(ground: &Ground<'_>, look: &Look) -> Result<Notes, Failure> {
    let host = ground.host;
    let target = target(host, look)?;
    let target = target.as_str();
    let tip = match fetched(host, look, target)? {
        Tip::Known(tip) => tip,
        Tip::None => return Ok(vec![format!("the remote has no branch `{target}`")]),
        Tip::Unseen => {
            return Ok(vec![format!(
                "origin/{target} has moved since the rig looked: whether `conductor/` is pushed shows when it begins"
            )]);
        }
    };
    let files = files(ground);
    let values: Vec<&str> = files.iter().map(String::as_str).collect();
    let hashes = ask_lists(host, HASHES, &[("paths", &values)], answer::text);
    let tree = ask(host, TREE, &[("rig", &look.rig), ("sha", &tip)], answer::text);
    let (hashes, tree) = (hashes.wait().map_err(failure)?, tree.wait().map_err(failure)?);
    let there = |path: &str| -> Option<String> {
        let mut entries = tree.split('\0').filter_map(|entry| entry.split_once('\t'));
        let (entry, _) = entries.find(|(_, of)| *of == path)?;
        entry.split(' ').next_back().map(str::to_owned)
    };
    let mut differ = Vec::new();
    for (path, hash) in files.iter().zip(hashes.lines()) {
        match there(path) {
            Some(blob) if blob == hash => {}
            // Markers and commits in it are ours, and nobody has to push them.
            Some(blob) if path.ends_with("/plan.md") && has_same_words(ground, look, &blob)? => {}
            _ => differ.push(path.as_str()),
        }
    }
    if differ.is_empty() {
        return Ok(Notes::new());
    }
    let track = &ground.track.id;
    Err(Failure::new(
        "not-pushed",
        format!(
            "{} on origin/{target} is not what is here: polecats read it there",
            differ.join(", ")
        ),
    )
    .hinted("commit and push it, then the same command again")
    .choice(choice("A", "I have pushed it", "looks anew", &[track]))
    .choice(choice(
        "B",
        "Go on all the same",
        "each bead has its tasks' words; spec and workflow are read as they are there",
        &[track, &although(ground, "unpushed")],
    )))
}

/// What comes after work that was done here, by sub-agents or by hand, builds on it.
fn has_what_was_done(ground: &Ground<'_>, look: &Look) -> Result<(), Failure> {
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    // What polecats have got merged is there.
    let merged: Vec<_> = pieces::of(look, &beads)
        .iter()
        .filter(|piece| piece.state != Stands::Open && piece.state != Stands::ClosedByHand)
        .flat_map(|piece| piece.tasks().collect::<Vec<_>>())
        .collect();
    let phases = ground.plan.phases.iter().enumerate();
    let mut tasks = phases.flat_map(|(phase, of)| (0..of.tasks.len()).map(move |task| (phase, task)));
    let is_done_here = |at| {
        let task = ground.task(at);
        task.state == State::Done && !task.verification && !merged.contains(&at)
    };
    if !tasks.any(is_done_here) {
        return Ok(());
    }
    // A repository without a commit has nothing to push.
    let log = ask(ground.host, UNPUSHED, &[], answer::text).wait().unwrap_or_default();
    let Some(commit) = log.lines().next() else {
        return Ok(());
    };
    let track = &ground.track.id;
    Err(Failure::new(
        "not-pushed",
        format!(
            "no branch of the remote has `{}`, and tasks of the plan are done here: polecats would begin without that",
            one_line(commit)
        ),
    )
    .hinted("push it and have it on the branch that polecats begin from, then the same command again")
    .choice(choice("A", "I have pushed it", "looks anew", &[track]))
    .choice(choice(
        "B",
        "Go on all the same",
        "where what is to begin needs nothing of it",
        &[track, &although(ground, "unpushed")],
    )))
}

/// The last commit of a branch at the remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tip {
    /// There is no such branch.
    None,
    /// The rig has not seen it, and a dry run does not have it look.
    Unseen,
    /// The rig has it.
    Known(String),
}

/// Has the rig look at its remote, where a branch has moved since it did.
///
/// # Errors
/// What git says.
pub fn fetched(host: &dyn Host, look: &Look, branch: &str) -> Result<Tip, Failure> {
    let rig = [("rig", look.rig.as_str())];
    let of_branch = [rig[0], ("target", branch)];
    let (on_remote, in_rig) = (
        repository::remote_tip(host, &look.remote, branch),
        ask(host, TIP, &of_branch, answer::text),
    );
    let Some(tip) = on_remote.wait().map_err(failure)? else {
        return Ok(Tip::None);
    };
    if in_rig.wait().map(|tip| tip.trim().to_owned()).unwrap_or_default() != tip {
        if host.dry_run() {
            return Ok(Tip::Unseen);
        }
        ask(host, FETCH, &rig, answer::text).wait().map_err(failure)?;
    }
    Ok(Tip::Known(tip))
}

/// The last commit of the rig's target at the remote, where the rig has it.
///
/// # Errors
/// What git says.
pub fn tip(host: &dyn Host, look: &Look) -> Result<Option<String>, Failure> {
    Ok(match fetched(host, look, &target(host, look)?)? {
        Tip::Known(tip) => Some(tip),
        Tip::None | Tip::Unseen => None,
    })
}

/// The branch that the rig's work is merged into.
///
/// # Errors
/// What git says.
pub fn target(host: &dyn Host, look: &Look) -> Result<String, Failure> {
    let target = ask(host, TARGET, &[("rig", &look.rig)], answer::text)
        .wait()
        .map_err(failure)?;
    Ok(target.trim().to_owned())
}

/// The files that a polecat is told to read, below the project.
fn files(ground: &Ground<'_>) -> Vec<String> {
    let of_track = ["spec.md"].into_iter().filter(|_| ground.has_spec);
    let of_track = of_track.filter_map(|name| in_folder(ground.track, name));
    let of_project = ["workflow.md"]
        .into_iter()
        .filter(|_| ground.has_workflow)
        .map(str::to_owned);
    let plan = ground.track.plan_file.as_deref().map(str::to_owned);
    of_track
        .chain(of_project)
        .chain(plan)
        .map(|path| format!("conductor/{path}"))
        .collect()
}

fn has_same_words(ground: &Ground<'_>, look: &Look, blob: &str) -> Result<bool, Failure> {
    let bytes = ask(ground.host, BLOB, &[("rig", &look.rig), ("blob", blob)], answer::text)
        .wait()
        .map_err(failure)?;
    let (theirs, _) = Plan::read("plan.md", bytes.as_bytes());
    Ok(words(&theirs) == words(ground.plan))
}

/// What a plan says of its work, without how far it is.
fn words(plan: &Plan<'_>) -> Vec<String> {
    let mut words = Vec::new();
    for phase in &plan.phases {
        words.push(phase.title.to_string());
        for task in &phase.tasks {
            words.push(task.title.to_string());
            words.extend(task.items.iter().map(|item| item.text.to_string()));
            let claims = task.files.iter().flat_map(|files| &files.claims);
            words.extend(claims.map(|claim| claim.path.to_string()));
        }
    }
    words
}

fn refinery(ground: &Ground<'_>, look: &Look) -> Result<(), Failure> {
    let runs = look.agents().is_some_and(conductor_gastown::town::Rig::has_refinery);
    let is_started = ["start-refinery", "launch"]
        .into_iter()
        .any(|flag| ground.arguments.flag(flag));
    let is_needed = ground.has_merge_queue() && crew::of(ground).is_none();
    if runs || is_started || !is_needed {
        return Ok(());
    }
    let track = &ground.track.id;
    Err(Failure::new(
        "no-refinery",
        format!(
            "the refinery of the rig `{}` does not run: nobody would merge what polecats hand in",
            look.rig
        ),
    )
    .choice(choice(
        "A",
        "Start it",
        "one more agent on this machine, with your account",
        &[track, "--start-refinery"],
    ))
    .choice(choice(
        "B",
        "Somebody else merges",
        "work waits in the merge queue until then",
        &[track, &although(ground, "refinery")],
    ))
    .choice(natively("C", track)))
}
