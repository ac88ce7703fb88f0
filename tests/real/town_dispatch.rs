//! `/conductor-dispatch` in the real Claude Code client where polecats do the work: the person's answer starts them, and what they have
//! handed in comes back by the same command.

use std::fs;

use serde_json::Value;

use crate::client::Session;
use crate::dispatch::{TRACK, digest_of, plan, question_of};
use crate::town::{Act, Town, until};
use crate::{bash, done};

const STANDING: &str = "Start 2 agents, and what follows";

/// The rig's beads of the track, by their state.
fn in_state(town: &Town, status: &str) -> Vec<Value> {
    let beads = town.bd_json(&["list", "--all", "--limit", "0", "--label", "conductor", "--json"]);
    let beads = beads.as_array().expect("a list").iter();
    beads.filter(|bead| bead["status"] == status).cloned().collect()
}

#[test]
fn the_persons_answer_starts_polecats_and_their_work_comes_back() {
    let Some(town) = Town::up() else { return };
    let Some(session) = Session::in_town(town.project(), town.home(), town.variable("PATH")) else {
        return;
    };
    town.tell("*", Act::Wait);
    let words = [TRACK, "--although", "refinery"];
    let digest = digest_of(&session, &words);
    let typed = format!("/conductor-dispatch {}", words.join(" "));
    let apply = bash(&format!(
        "conductor dispatch {} --apply {digest} --format claude",
        words.join(" ")
    ));

    // Who says no has started nobody.
    let answers = [question_of(TRACK, &digest, "Start 2 agents"), apply.clone(), done()];
    session.with_person("manual", &typed, Some("Not now"), &answers);
    assert!(in_state(&town, "hooked").is_empty());

    let asked = session.with_person("manual", &typed, Some(STANDING), &answers);
    assert!(
        asked.all_text().contains("Gas Town, rig `shop`"),
        "{}",
        asked.all_text()
    );
    let hooked = in_state(&town, "hooked");
    assert_eq!(hooked.len(), 2, "{hooked:#?}");
    assert_eq!(plan(&session).matches("- [~] Task").count(), 2, "{}", plan(&session));

    // Conductor's own command is told who has the track.
    let commands = session.home().join(".claude/commands");
    fs::create_dir_all(&commands).expect("made");
    fs::write(commands.join("conductor-implement.md"), "Implement the track.\n").expect("written");
    let asked = session.ask("manual", "/conductor-implement", &[done()]);
    assert!(asked.all_text().contains("polecats"), "{}", asked.all_text());

    let ids: Vec<&str> = hooked.iter().map(|bead| bead["id"].as_str().expect("an id")).collect();
    for id in &ids {
        town.let_go(id);
    }
    for id in &ids {
        town.until_submitted(id);
    }
    town.refine();
    for id in &ids {
        until("merged", || {
            let reason = town.bead(id)["close_reason"].clone();
            reason
                .as_str()
                .is_some_and(|reason| reason.starts_with("Merged in "))
                .then_some(())
        });
    }
    // What has happened is marked, whatever the model does; what follows was agreed to.
    let next = bash(&format!("conductor dispatch {} --yes --format claude", words.join(" ")));
    session.with_person("manual", &typed, Some(STANDING), &[next, done()]);
    assert_eq!(plan(&session).matches("- [x] Task").count(), 2, "{}", plan(&session));
    assert_eq!(in_state(&town, "hooked").len(), 1);
}
