//! What the real tools have answered, read by the functions that ask them. `tests/real/record.py` records it anew.

mod calls;
mod play;

use std::collections::BTreeSet;
use std::fs;

use conductor_beads::Kind;
use conductor_gastown::escalation::Stands;
use conductor_gastown::repository::{self, Side};
use conductor_gastown::sling::{Slung, Started};
use conductor_gastown::{convoy, cross_rig, polecat, reads, rig_beads, rigs, scratch};
use conductor_plugin::Output;
use play::refusals::REFUSALS;
use play::{Recording, SOURCES, play, slung};

#[test]
fn every_answer_is_read_and_every_refusal_has_its_kind() {
    let refused = |name: &str| {
        REFUSALS
            .iter()
            .find(|(refused, _)| *refused == name)
            .map(|(_, kind)| *kind)
    };
    let mut seen = 0;
    for recording in Recording::all() {
        let kind = play(&recording).err();
        assert_eq!(
            kind.as_ref().map(|error| error.kind),
            refused(&recording.name),
            "{}: {kind:?}",
            recording.name
        );
        seen += usize::from(kind.is_some());
    }
    assert_eq!(seen, REFUSALS.len(), "a refusal is named that was not recorded");
}

#[test]
fn every_call_is_recorded_word_for_word() {
    let recorded = Recording::all();
    for call in calls::ALL {
        let own: Vec<_> = recorded
            .iter()
            .filter(|recording| recording.call == call.name)
            .collect();
        assert!(!own.is_empty(), "there is no recording of `{}`", call.name);
        for recording in own {
            assert_eq!(recording.argv, call.argv, "{}: record it anew", recording.name);
        }
    }
    let names: BTreeSet<&str> = calls::ALL.iter().map(|call| call.name).collect();
    assert_eq!(names.len(), calls::ALL.len(), "two calls have one name");
    // A call that is not listed would need no recording.
    let declared: usize = SOURCES
        .iter()
        .map(|source| source.matches(": Call = Call {").count())
        .sum();
    assert_eq!(declared, calls::ALL.len(), "a call is not listed in tests/calls/mod.rs");
}

#[test]
fn a_program_of_that_name_that_says_nothing_is_not_understood() {
    for mut recording in Recording::all() {
        if recording.argv.first().is_some_and(|program| program == "git") {
            continue;
        }
        recording.output = Output {
            status: Some(0),
            ..Output::default()
        };
        let kind = play(&recording).map_err(|error| error.kind);
        assert_eq!(kind, Err(Kind::NotUnderstood), "{}", recording.name);
    }
}

#[test]
fn what_is_told_of_a_failure_is_one_line_without_usage() {
    for (name, _) in REFUSALS {
        let error = play(&Recording::of(name)).expect_err("it was refused");
        assert!(!error.message.contains('\n'), "{name}: {error}");
        assert!(!error.message.contains("Usage"), "{name}: {error}");
    }
    let message = |name: &str| play(&Recording::of(name)).expect_err("it was refused").message;
    assert_eq!(
        message("sling.parked"),
        "`gt`: cannot sling to parked rig \"shop\" gt rig unpark shop"
    );
    let dolt = message("convoys.dolt-down");
    assert_eq!(dolt, "`gt` can't reach its Dolt server");
}

fn started(name: &str) -> Started {
    match slung(&Recording::of(name)) {
        Ok(Slung::Started(started)) => started,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn a_sling_says_who_has_the_bead() {
    let fresh = started("sling.fresh");
    assert!(fresh.assignee.starts_with("shop/polecats/"), "{fresh:?}");
    assert!(!fresh.reused && fresh.convoy.is_none(), "{fresh:?}");
    assert!(
        fresh.molecule.as_deref().is_some_and(|id| id.starts_with("sp-wisp-")),
        "{fresh:?}"
    );

    assert!(started("sling.reused").reused);
    assert_eq!(started("sling.raw").molecule, None);
    assert_eq!(started("sling.raw-unbridged").molecule, None);
    assert_eq!(started("sling-to-crew.given").assignee, "shop/crew/ada");
    assert!(started("sling.forced").molecule.is_some());
    assert!(
        started("sling-from-branch.fresh")
            .assignee
            .starts_with("shop/polecats/")
    );
    assert!(started("sling-with-formula.fresh").molecule.is_some());

    let after_its_end = started("sling.after-its-end");
    assert!(
        !after_its_end.reused,
        "the one whose session has ended is left behind: {after_its_end:?}"
    );

    for again in ["sling.again", "sling.again-in-progress"] {
        assert_eq!(
            slung(&Recording::of(again)),
            Ok(Slung::Already(fresh.assignee.clone())),
            "{again}"
        );
    }
    for scheduled in ["sling.scheduled", "sling.scheduled-again"] {
        assert_eq!(slung(&Recording::of(scheduled)), Ok(Slung::Scheduled), "{scheduled}");
    }
}

#[test]
fn a_convoy_is_the_same_when_it_is_staged_again_with_more() {
    let stage = |name: &str| {
        let recording = Recording::of(name);
        let beads = recording.list("beads");
        let staged = convoy::stage(&recording.host(), &beads, recording.value("title")).wait();
        staged.expect("it was staged")
    };
    let (fresh, more) = (stage("convoy-stage.fresh"), stage("convoy-stage.more"));
    assert_eq!(fresh.convoy_id, more.convoy_id);
    assert_eq!((fresh.restaged, more.restaged), (false, true));
    assert_eq!(more.waves.iter().map(|wave| wave.tasks.len()).sum::<usize>(), 2);
    assert!(more.errors.is_empty() && more.warnings.is_empty(), "{more:?}");

    let many = stage("convoy-stage.many");
    let [warning] = &many.warnings[..] else {
        panic!("one warning: {many:?}")
    };
    assert_eq!((warning.category.as_str(), warning.bead_ids.len()), ("capacity", 9));
    assert_eq!(many.status, "staged_warnings");

    let list = |name: &str| convoy::list(&Recording::of(name).host()).wait().expect("a list");
    assert_eq!(list("convoys.none"), []);
    let [staged] = &list("convoys.staged")[..] else {
        panic!("one convoy")
    };
    assert_eq!(staged.id, more.convoy_id);
    assert_eq!(staged.title, "Conductor: views_20260301");
    assert_eq!((staged.completed, staged.total, staged.tracked.len()), (0, 2, 2));
    assert!(staged.is_staged() && !list("convoys.launched")[0].is_staged());
    // This gt and this bd as a person has them.
    let [unread] = &list("convoys.counts-nothing")[..] else {
        panic!("one convoy")
    };
    assert_eq!((unread.total, unread.tracked.len()), (0, 0));
}

#[test]
fn a_worktree_says_whose_it_is_and_for_which_bead() {
    let recording = Recording::of("rig-worktrees.working");
    let trees = repository::worktrees(&recording.host(), "shop").wait().expect("a list");
    let of_polecats: Vec<_> = trees
        .iter()
        .filter_map(|tree| Some((tree.polecat()?, tree.bead()?)))
        .collect();
    let fresh = started("sling.fresh").assignee;
    let bead = Recording::of("sling.fresh").value("bead").to_owned();
    let polecat = fresh.rsplit('/').next().expect("a name");
    assert_eq!(of_polecats, [(polecat, bead.as_str())]);
    assert_eq!(
        trees.len(),
        2,
        "the refinery's too, not the repository's own: {trees:?}"
    );

    let status = |name: &str| {
        let recording = Recording::of(name);
        let status = polecat::status(&recording.host(), "shop", recording.value("polecat")).wait();
        status.expect("it is there")
    };
    let working = status("polecat-status.working");
    assert_eq!(
        (working.name.as_str(), working.issue.as_str()),
        (polecat, bead.as_str())
    );
    assert!(working.session_running, "{working:?}");
    assert_eq!(working.session_id, format!("sp-{polecat}"));
    let stalled = status("polecat-status.stalled");
    assert_eq!((stalled.state.as_str(), stalled.session_running), ("stalled", false));
    assert_eq!(status("polecat-status.idle").state, "idle");
}

#[test]
fn what_a_worker_has_not_handed_in_is_counted() {
    let state = |name: &str| {
        let recording = Recording::of(name);
        let state = polecat::git_state(&recording.host(), "shop", recording.value("polecat")).wait();
        state.expect("it is there")
    };
    let clean = state("polecat-git-state.clean");
    assert!(clean.clean && clean.unpushed_commits == 0, "{clean:?}");
    let unsaved = state("polecat-git-state.unsaved");
    assert!(!unsaved.clean, "{unsaved:?}");
    assert_eq!(unsaved.uncommitted_files, ["unsaved.txt"]);
    assert_eq!((unsaved.unpushed_commits, unsaved.unpreserved_patch_count), (1, 1));
}

#[test]
fn a_commit_is_found_again_after_it_was_rebased() {
    let commits = |name: &str| {
        let recording = Recording::of(name);
        let sha = recording.value("sha").to_owned();
        let commits = repository::since(&recording.host(), "shop", &sha, "main").wait();
        (sha, commits.expect("a list"))
    };
    let (sha, before) = commits("rig-commits.handed-in");
    assert_eq!(repository::merged_as(&before, &sha, &sha), None);
    assert!(before.iter().any(|commit| commit.side == Side::Target), "{before:?}");

    let (sha, after) = commits("rig-commits.rebased");
    let merged = repository::merged_as(&after, &sha, &sha).expect("it is there in another form");
    assert_ne!(merged.sha, sha);
    assert_eq!(merged.sha, Recording::of("rig-is-on-target.there").value("sha"));
    let of_worker = |subject: &str| -> Vec<&str> {
        let own = before
            .iter()
            .filter(|commit| commit.side == Side::Worker && commit.subject == subject);
        own.map(|commit| commit.sha.as_str()).collect()
    };
    let [second, first] = of_worker("wip")[..] else {
        panic!("two commits of the same words: {before:?}")
    };
    let in_place = |own: &str| repository::merged_as(&after, &sha, own).expect("it is merged");
    assert_eq!(merged.parent, in_place(second).sha);
    assert_eq!(in_place(second).parent, in_place(first).sha);
    assert!(merged.message.starts_with(&merged.subject) && !merged.message.ends_with('\n'));

    let is_on = |name: &str| {
        let recording = Recording::of(name);
        repository::is_on_target(&recording.host(), "shop", recording.value("sha"), "main").wait()
    };
    assert_eq!(is_on("rig-is-on-target.not-yet"), Ok(false));
    assert_eq!(is_on("rig-is-on-target.there"), Ok(true));

    let tip = |name: &str| {
        let recording = Recording::of(name);
        let tip = repository::remote_tip(&recording.host(), "origin", recording.value("branch")).wait();
        tip.expect("the remote answers")
    };
    assert_eq!(tip("remote-tip.there").as_deref(), Some(merged.sha.as_str()));
    assert_eq!(tip("remote-tip.no-branch"), None);
}

#[test]
fn what_a_worker_left_that_gave_up_is_found_where_it_was() {
    let reflog = |name: &str| {
        let recording = Recording::of(name);
        let asked = repository::reflog(&recording.host(), "shop", recording.value("polecat"));
        asked.wait().expect("a reflog")
    };
    let polecat = Recording::of("polecat-reflog.moved-on").value("polecat").to_owned();
    let rescued = Recording::of("rig-rescue.pushed");
    let (bead, sha) = (rescued.value("bead"), rescued.value("sha"));
    let moved_on = reflog("polecat-reflog.moved-on");
    assert_eq!(repository::last_on_branch(&moved_on, &polecat, bead), Some(sha));
    assert_eq!(repository::last_on_branch(&moved_on, &polecat, "sp-zzz"), None);
    assert!(repository::has_commits_on_branch(&moved_on, &polecat, bead));
    assert!(repository::has_commits_on_branch(
        &reflog("polecat-reflog.given-up"),
        &polecat,
        bead
    ));
    assert!(!repository::has_commits_on_branch(&moved_on, &polecat, "sp-zzz"));
    // It is on that branch still: its worktree has the commit.
    assert_eq!(
        repository::last_on_branch(&reflog("polecat-reflog.given-up"), &polecat, bead),
        None
    );
    let trees = repository::worktrees(&Recording::of("rig-worktrees.given-up").host(), "shop");
    let trees = trees.wait().expect("a list");
    let own = trees.iter().find(|tree| tree.polecat() == Some(polecat.as_str()));
    assert_eq!(own.map(|own| (own.bead(), own.head.as_str())), Some((Some(bead), sha)));
}

#[test]
fn a_conflict_is_mended_in_a_worktree_of_its_own() {
    let request = Recording::of("scratch-add.made").value("request").to_owned();
    let host = |name: &str| Recording::of(name).host();
    let rebased = |name: &str, side| {
        scratch::rebase(&host(name), "shop", &request, side, "main")
            .wait()
            .expect("it goes on or waits")
    };
    assert_eq!(
        rebased("scratch-rebase.stopped", scratch::Side::Neither),
        scratch::Rebased::Stopped
    );
    assert_eq!(
        rebased("scratch-rebase.whole", scratch::Side::Branch),
        scratch::Rebased::Whole
    );
    let files = scratch::uncommitted(&host("scratch-status.stopped"), "shop", &request).wait();
    assert_eq!(files.expect("a list"), ["same.txt"]);
    let commits = |name: &str| {
        scratch::commits(&host(name), "shop", &request, "main")
            .wait()
            .expect("commits")
    };
    let of = |own, missing| scratch::Commits {
        own,
        missing,
        has_merge: false,
    };
    assert_eq!(commits("scratch-commits.apart"), of(1, 1));
    assert_eq!(commits("scratch-commits.whole"), of(1, 0));
    let kept = |name: &str| scratch::kept(&host(name), "shop", &request).wait().expect("an answer");
    assert_eq!(
        (kept("scratch-kept.none"), kept("scratch-kept.kept")),
        (None, Some(Recording::of("scratch-add.made").value("sha").to_owned()))
    );
    for (name, is) in [("scratch-stopped.not", false), ("scratch-stopped.stopped", true)] {
        let stopped = scratch::is_stopped(&host(name), "shop", &request).wait();
        assert_eq!(stopped.expect("an answer"), is, "{name}");
    }
}

#[test]
fn the_prefix_of_new_beads_is_asked_of_the_database() {
    let prefix = |name: &str| {
        rig_beads::prefix(&Recording::of(name).host(), "depot")
            .wait()
            .expect("a prefix")
    };
    assert_eq!(prefix("rig-prefix.other-prefix"), "depot");
    assert_eq!(prefix("rig-prefix.set-right"), "dp");
    // `bd where` tells what the configuration says, which no new bead gets.
    let told = rig_beads::workspace(&Recording::of("rig-where.other-prefix").host(), "depot").wait();
    assert_eq!(told.expect("it is there").prefix.as_deref(), Some("dp"));
}

#[test]
fn a_rig_says_whether_it_takes_work() {
    let list = |name: &str| rigs::list(&Recording::of(name).host()).wait().expect("a list");
    let [rig] = &list("rig-list.parked")[..] else {
        panic!("one rig")
    };
    assert_eq!(
        (rig.name.as_str(), rig.prefix.as_str(), rig.status.as_str()),
        ("shop", "sp", "parked")
    );
    let of = |name: &str| {
        list(name)
            .into_iter()
            .find(|rig| rig.name == "shop")
            .expect("it is there")
    };
    assert_eq!(
        (of("rig-list.stopped").status, of("rig-list.stopped").refinery),
        ("operational".to_owned(), "stopped".to_owned())
    );
    assert_eq!(of("rig-list.running").refinery, "running");
    // The database server is not asked.
    assert!(!list("rig-list.dolt-down").is_empty());
    let town = |name: &str| reads::town(&Recording::of(name).host()).wait().expect("a town");
    assert!(town("town-status.dolt-down").is_dolt_down());
    assert!(!town("town-status.working").is_dolt_down());
}

#[test]
fn recordings_name_no_machine() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded");
    for entry in fs::read_dir(folder).expect("the folder") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a file");
        for part in ["/root", "/home/", "/tmp/", "/usr/"] {
            assert!(!text.contains(part), "{part} is in:\n{text}");
        }
    }
}

#[test]
fn what_the_mayor_answers_is_found() {
    let told: serde_json::Value =
        serde_json::from_slice(&Recording::of("escalate.told").output.stdout).expect("what `gt` prints");
    let recording = Recording::of("town-beads.answered");
    let notices = reads::notices(&recording.host()).wait().expect("a list");
    let asked = notices.escalation(told["id"].as_str().expect("an id"));
    let asked = asked.expect("it was told");
    assert_eq!((asked.stands, asked.by), (Stands::Closed, Some("mayor/")));
    assert_eq!(
        asked.answer().as_deref(),
        Some("mayor/: Use the second API.; mayor/: the second API has it")
    );
    let unread: Vec<&str> = notices.unread().map(|letter| letter.from).collect();
    assert_eq!(
        unread,
        ["mayor/"],
        "the person has not read the answer; what they have told the Mayor is not theirs"
    );
}

#[test]
fn beads_are_found_by_their_ids_where_they_are_there() {
    let found = |name: &str| {
        let recording = Recording::of(name);
        let ids: Vec<&str> = recording.value("ids").split(',').collect();
        let rig = if name.starts_with("town") { "hq" } else { "shop" };
        let beads = cross_rig::by_id(&recording.host(), rig, &ids).wait().expect("a list");
        let ids = beads.iter().map(|bead| bead.id.clone());
        (ids.collect::<Vec<_>>(), recording.value("ids").to_owned())
    };
    let (beads, asked) = found("rig-by-id.there");
    assert_eq!(beads, [asked]);
    let (beads, asked) = found("town-by-id.there");
    assert_eq!(beads, [asked.split(',').next().expect("an id")]);
    assert!(found("rig-by-id.none").0.is_empty() && found("town-by-id.none").0.is_empty());
}
