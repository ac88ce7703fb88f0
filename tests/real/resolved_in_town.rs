//! Merge conflicts in a real town: each way to resolve one, and what is on the target in the end.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::TRACK;
use crate::between::disturbed_in;
use crate::given::Given;
use crate::town::{Act, done, said};

/// Five pieces of work that change the same lines, though their plan does not say so.
const PLAN: &str = "# Plan\n\n## Phase 1: Lines\n<!-- execution: parallel -->\n
- [ ] Task 1: One line
  <!-- files: one.txt -->
- [ ] Task 2: Another line
  <!-- files: two.txt -->
- [ ] Task 3: A third line
  <!-- files: three.txt -->
- [ ] Task 4: A fourth line
  <!-- files: four.txt -->
- [ ] Task 5: A fifth line
  <!-- files: five.txt -->
";

/// The keys of the pieces that are in conflict.
fn in_conflict(given: &Given) -> Vec<String> {
    let seen = given.data(&["--although", "refinery"]);
    let asks = seen["asks"].as_array().expect("a list").iter();
    asks.filter(|asks| asks["why"].as_str().expect("text").contains("can't be merged as it is"))
        .map(|asks| {
            let item = asks["item"].as_str().expect("text");
            format!("phase1/task{}", item.rsplit('.').next().expect("a number"))
        })
        .collect()
}

/// A bead's merge request: its id and branch.
fn request_of(given: &Given, bead: &str) -> (String, String) {
    let requests = given
        .town
        .bd_json(&["list", "--all", "--limit", "0", "--label", "gt:merge-request", "--json"]);
    let of = |request: &&Value| {
        let text = request["description"].as_str().unwrap_or_default();
        text.contains(&format!("source_issue: {bead}\n"))
    };
    let requests = requests.as_array().expect("a list");
    let request = requests.iter().find(of).unwrap_or_else(|| panic!("{requests:?}"));
    let text = request["description"].as_str().expect("text");
    let branch = text.lines().find_map(|line| line.strip_prefix("branch: "));
    (
        request["id"].as_str().expect("an id").to_owned(),
        branch.expect("a branch").to_owned(),
    )
}

/// The tree that a person makes who rebases the branch with git and prefers one side.
fn tree_by_hand(given: &Given, branch: &str, side: &str) -> String {
    let checkout = given.town.path("by-hand");
    let _ = fs::remove_dir_all(&checkout);
    let at = checkout.display().to_string();
    let remote = given.town.remote().display().to_string();
    given.town.git(&["clone", "--quiet", "--branch", branch, &remote, &at]);
    given
        .town
        .git(&["-C", &at, "rebase", "--quiet", "-X", side, "origin/main"]);
    given.town.git(&["-C", &at, "rev-parse", "HEAD^{tree}"])
}

fn tree_of_main(given: &Given) -> String {
    let remote = given.town.remote().display().to_string();
    given.town.git(&["--git-dir", &remote, "rev-parse", "main^{tree}"])
}

/// Where a conflict is resolved by hand.
fn scratch(given: &Given, request: &str) -> PathBuf {
    given.town.rig().join(format!(".conductor/{request}.hand"))
}

fn in_scratch(given: &Given, request: &str, arguments: &[&str]) -> String {
    let mut git = given.town.command("git");
    git.arg("-C").arg(scratch(given, request)).args(arguments);
    done(git.env("GIT_EDITOR", "true"))
}

#[test]
fn each_way_to_resolve_a_conflict_ends_on_the_target() {
    let Some(given) = Given::new(&[]) else { return };
    given.write(&format!("conductor/tracks/{TRACK}/plan.md"), PLAN);
    given
        .town
        .git(&["commit", "--quiet", "--all", "--message", "plan: lines"]);
    given.town.git(&["push", "--quiet"]);
    given.town.tell_all("*", Act::Wait, "src/same.txt", "-");
    given.agree("--although refinery --max-workers 5");
    let keys: Vec<String> = (1..=5).map(|number| format!("phase1/task{number}")).collect();
    // One is told at a time: each is handed in from the same commit.
    for key in &keys {
        given.town.let_go(&given.id(key));
    }
    for key in &keys {
        given.town.until_submitted(&given.id(key));
    }
    given.town.refine_once();
    let mut open = in_conflict(&given);
    assert_eq!(open.len(), 4, "{open:?}");
    let resolve =
        |key: &str, more: &[&str]| given.data(&[&["--although", "refinery", "--resolve", key], more].concat());
    let merged = |key: &str| {
        let refined = said(&given.town.refine_once());
        let bead = given.bead(key);
        let reason = bead["close_reason"].as_str().unwrap_or_default();
        assert!(reason.starts_with("Merged in "), "{refined}\n{bead}");
    };

    // Nothing is chosen for anybody.
    let key = open.remove(0);
    let bead = given.id(&key);
    let (request, branch) = request_of(&given, &bead);
    assert_eq!(given.code(&["--resolve", &bead]), "merge-conflict");
    assert_eq!(given.code(&["--resolve", "nothing"]), "no-conflict");
    let by_hand = tree_by_hand(&given, &branch, "theirs");
    let seen = resolve(&request, &["--choose", "merge-conflict=C"]);
    assert!(seen["changed"].to_string().contains("was pushed"), "{seen}");
    assert_eq!(given.code(&["--resolve", &request]), "no-conflict", "it is resolved");
    merged(&key);
    assert_eq!(tree_of_main(&given), by_hand);

    let key = open.remove(0);
    let (request, branch) = request_of(&given, &given.id(&key));
    let by_hand = tree_by_hand(&given, &branch, "ours");
    // Killed at each step, and gone on with by the same command.
    let again = [
        "--although",
        "refinery",
        "--resolve",
        &request,
        "--choose",
        "merge-conflict=B",
    ];
    for (pattern, when) in [
        ("git *worktree add*", "after"),
        ("git *rebase*", "during"),
        ("git *push*", "during"),
        ("git *push*", "after"),
        ("git *worktree remove*", "after"),
        ("bd close*", "before"),
    ] {
        disturbed_in(&given, "dispatch", pattern, when, &again);
    }
    resolve(&request, &["--choose", "merge-conflict=B"]);
    merged(&key);
    assert_eq!(tree_of_main(&given), by_hand);
    let left = given.town.git_in_rig(&["for-each-ref", "refs/conductor/"]);
    assert_eq!(left, "", "nothing of it is left");

    let key = open.remove(0);
    let (request, branch) = request_of(&given, &given.id(&key));
    let seen = resolve(&request, &["--choose", "merge-conflict=A"]);
    let told = seen["changed"].to_string();
    let path = scratch(&given, &request);
    assert!(
        told.contains(&format!("git -C '{}' mergetool", path.display())),
        "{seen}"
    );
    assert_eq!(given.code(&["--resolve", &request, "--done"]), "not-resolved");
    fs::write(path.join("src/same.txt"), "both of them\n").expect("written");
    in_scratch(&given, &request, &["add", "src/same.txt"]);
    assert_eq!(
        given.code(&["--resolve", &request, "--done"]),
        "not-resolved",
        "it waits to go on"
    );
    in_scratch(&given, &request, &["rebase", "--continue"]);
    let by_hand = in_scratch(&given, &request, &["rev-parse", "HEAD^{tree}"]);
    // Somebody else has pushed to the branch: nothing of either is lost.
    let before = given
        .town
        .git(&["ls-remote", "origin", &format!("refs/heads/{branch}")]);
    let before = before.split_whitespace().next().expect("a commit");
    let to_branch = format!("refs/heads/{branch}");
    let own = "refs/remotes/origin/main:".to_owned() + &to_branch;
    given.town.git(&["fetch", "--quiet"]);
    given.town.git(&["push", "--quiet", "--force", "origin", &own]);
    assert_eq!(given.code(&["--resolve", &request, "--done"]), "push-refused");
    assert_eq!(
        fs::read_to_string(path.join("src/same.txt")).expect("it is there"),
        "both of them\n"
    );
    given
        .town
        .git_in_rig(&["push", "--quiet", "--force", "origin", &format!("{before}:{to_branch}")]);
    resolve(&request, &["--done"]);
    assert!(!path.exists(), "{} is there", path.display());
    merged(&key);
    assert_eq!(tree_of_main(&given), by_hand);

    let key = open.remove(0);
    let (request, _) = request_of(&given, &given.id(&key));
    let seen = resolve(&request, &["--choose", "merge-conflict=D"]);
    assert!(
        seen["changed"].to_string().contains("nothing more is begun by itself"),
        "{seen}"
    );
    assert_eq!(in_conflict(&given), [key], "it is as it was");
    assert_eq!(given.plan().matches("- [x] Task").count(), 4, "{}", given.plan());
}
