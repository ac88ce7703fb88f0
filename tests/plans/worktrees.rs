//! `--worktrees`: each worker has a checkout of its own, and what it reports is merged; with the real git.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::STANDING;
use crate::events::{answered, digest, question};
use crate::scene::{SESSION, Scene, TRACK};

/// The worktree of a worker.
fn of(scene: &Scene, worker: &str) -> PathBuf {
    scene.project().join(".worktrees").join(format!("{TRACK}_{worker}"))
}

/// A worker writes a file in its worktree and commits it: the commit's name.
fn works(scene: &Scene, worker: &str, file: &str, text: &str) -> String {
    let place = of(scene, worker);
    fs::write(place.join(file), text).expect("written");
    scene.git(&place, &["add", "--all"]);
    scene.git(&place, &["commit", "--quiet", "--message", &format!("{worker} works")]);
    scene.git(&place, &["rev-parse", "HEAD"])
}

fn begun() -> (Scene, Value) {
    let scene = Scene::new();
    let context = scene.context(&format!("{TRACK} --worktrees"));
    let asked = question(&context);
    scene.hook("answer", &answered(SESSION, &asked, STANDING).to_string());
    let begun = scene.data(&["--worktrees", "--apply", &digest(&asked)]);
    (scene, begun)
}

fn report(scene: &Scene, worker: &str, sha: &str) -> Value {
    scene.data(&["--report", &format!("{worker}=completed"), "--sha", sha])
}

#[test]
fn each_works_in_its_own_and_all_comes_together() {
    let (scene, begun) = begun();
    let project = scene.project();
    let brief = begun["begins"][0]["brief"].as_str().expect("a brief");
    assert!(
        brief.contains(&format!("`cd` to `.worktrees/{TRACK}_worker_1_table`")) && !brief.contains("--only"),
        "{brief}"
    );
    let untracked = scene.git(&project, &["status", "--porcelain", "--untracked-files=all"]);
    assert!(!untracked.contains(".worktrees"), "{untracked}");

    let table = works(&scene, "worker_1_table", "db.rs", "table");
    let login = works(&scene, "worker_2_login", "form.rs", "form");
    let next = report(&scene, "worker_1_table", &table);
    // What follows has a worktree too, with what was merged in it.
    assert_eq!(next["begins"][0]["worker"], "worker_3_notes", "{next}");
    assert_eq!(
        fs::read_to_string(of(&scene, "worker_3_notes").join("db.rs")).expect("it is there"),
        "table"
    );
    report(&scene, "worker_2_login", &login);
    assert!(project.join("form.rs").exists() && !of(&scene, "worker_2_login").exists());
    let branches = scene.git(&project, &["branch", "--format=%(refname:short)"]);
    assert_eq!(
        branches
            .lines()
            .filter(|branch| branch.contains("worker"))
            .collect::<Vec<_>>(),
        [format!("{TRACK}_worker_3_notes")]
    );
    // Reported once more, nothing is merged a second time.
    let head = scene.git(&project, &["rev-parse", "HEAD"]);
    report(&scene, "worker_2_login", &login);
    assert_eq!(head, scene.git(&project, &["rev-parse", "HEAD"]));
    assert!(
        scene
            .file("plan.md")
            .contains(&format!("- [x] Task 2: Login form [{}]", &login[..7]))
    );
}

#[test]
fn a_conflict_is_a_choice_and_each_way_goes() {
    let (scene, _) = begun();
    let project = scene.project();
    let mine = scene.commit("db.rs", "a person's own");
    let table = works(&scene, "worker_1_table", "db.rs", "table");
    let plan = scene.file("plan.md");
    let refused = |arguments: &[&str]| {
        let output = scene.run(&[&["dispatch", TRACK], arguments].concat());
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (exit, said) = refused(&["--report", "worker_1_table=completed", "--sha", &table]);
    assert!(
        exit == Some(3) && said.contains("worker_1_table can't be merged: conflicts in db.rs"),
        "{said}"
    );
    assert_eq!(
        (plan, mine),
        (scene.file("plan.md"), scene.git(&project, &["rev-parse", "HEAD"]))
    );

    // The worker mends it, as its brief says.
    let brief = scene.data(&["--brief", "worker_1_table"]);
    let brief = brief["begins"][0]["brief"].as_str().expect("a brief");
    assert!(
        brief.contains("could not be merged: conflicts in db.rs")
            && brief.contains("git merge --no-edit main-worktree/HEAD"),
        "{brief}"
    );
    let place = of(&scene, "worker_1_table");
    scene.git(
        &place,
        &["merge", "--quiet", "--no-edit", "-X", "theirs", "main-worktree/HEAD"],
    );
    let mended = scene.git(&place, &["rev-parse", "HEAD"]);
    report(&scene, "worker_1_table", &mended);
    assert!(scene.file("plan.md").contains("- [x] Task 1: Table"));

    // The person mends it in their checkout.
    let login = works(&scene, "worker_2_login", "form.rs", "form");
    scene.commit("form.rs", "a person's own");
    let (exit, _) = refused(&["--report", "worker_2_login=completed", "--sha", &login]);
    assert_eq!(exit, Some(3));
    scene.git(
        &project,
        &[
            "merge",
            "--quiet",
            "--no-edit",
            "-X",
            "ours",
            &format!("{TRACK}_worker_2_login"),
        ],
    );
    report(&scene, "worker_2_login", &login);

    // Given up, its work stays where it is.
    works(&scene, "worker_3_notes", "notes.txt", "notes");
    scene.data(&["--lost", "worker_3_notes"]);
    assert!(of(&scene, "worker_3_notes").join("notes.txt").exists());
}

#[test]
fn a_checkout_with_changes_of_its_own_keeps_them() {
    let (scene, _) = begun();
    fs::write(scene.project().join("db.rs"), "not committed").expect("written");
    let table = works(&scene, "worker_1_table", "db.rs", "table");
    assert_eq!(
        scene.code(&["--report", "worker_1_table=completed", "--sha", &table]),
        "not-merged"
    );
    let kept = fs::read_to_string(scene.project().join("db.rs")).expect("it is there");
    assert_eq!(kept, "not committed");
    fs::remove_file(scene.project().join("db.rs")).expect("removed");
    report(&scene, "worker_1_table", &table);
}

/// What is not in the commit that is named would be left behind, and its task marked done.
#[test]
fn a_report_of_half_of_what_was_committed_is_refused() {
    let (scene, _) = begun();
    let half = works(&scene, "worker_1_table", "db.rs", "half");
    let whole = works(&scene, "worker_1_table", "more.rs", "the other half");
    let plan = scene.file("plan.md");
    for sha in [half, scene.git(&scene.project(), &["rev-parse", "HEAD"])] {
        assert_eq!(
            scene.code(&["--report", "worker_1_table=completed", "--sha", &sha]),
            "not-whole"
        );
    }
    assert_eq!(plan, scene.file("plan.md"));
    report(&scene, "worker_1_table", &whole);
    assert!(scene.project().join("db.rs").exists() && scene.project().join("more.rs").exists());
}

#[test]
fn a_worker_gets_no_worktree_that_another_has_left() {
    let (scene, _) = begun();
    works(&scene, "worker_1_table", "db.rs", "given up");
    scene.data(&["--lost", "worker_1_table,worker_2_login"]);
    let state = scene
        .project()
        .join("conductor/tracks")
        .join(TRACK)
        .join("parallel_state.json");
    fs::remove_file(state).expect("removed");
    // Agreed to before, as a whole.
    scene.context(&format!("{TRACK} --worktrees"));
    let shown = scene.data(&["--worktrees", "--dry-run"]);
    let digest = shown["digest"].as_str().expect("a digest");
    let begun = scene.data(&["--worktrees", "--apply", digest]);
    let brief = begun["begins"][0]["brief"].as_str().expect("a brief");
    assert!(
        brief.contains(&format!(".worktrees/{TRACK}_worker_1_table_2`")),
        "{brief}"
    );
    assert!(!of(&scene, "worker_1_table_2").join("db.rs").exists());
}

#[test]
fn a_worktree_that_was_deleted_is_made_again_with_its_commits() {
    let (scene, _) = begun();
    works(&scene, "worker_1_table", "db.rs", "table");
    fs::remove_dir_all(of(&scene, "worker_1_table")).expect("removed");
    scene.data(&["--brief", "worker_1_table"]);
    assert!(of(&scene, "worker_1_table").join("db.rs").exists());
}
