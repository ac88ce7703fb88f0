//! What a track waits for outside its rig, on the real tools: a bead of another rig, and the Mayor's answer about work that was given up.

use std::process::Command;

use serde_json::Value;

use crate::TRACK;
use crate::given::Given;
use crate::town::{self, Act, Town, done};

/// A rig of another project, whose beads begin with `ot`.
fn other_rig(town: &Town) {
    let (bare, clone) = (town.path("remotes/other.git"), town.path("other"));
    let git = |arguments: &[&str]| done(town.command("git").args(arguments));
    git(&["init", "--quiet", "--bare", &bare.display().to_string()]);
    git(&["init", "--quiet", &clone.display().to_string()]);
    let clone = clone.display().to_string();
    git(&["-C", &clone, "commit", "--quiet", "--allow-empty", "--message", "begin"]);
    git(&[
        "-C",
        &clone,
        "push",
        "--quiet",
        &bare.display().to_string(),
        "HEAD:refs/heads/main",
    ]);
    let url = format!("file://{}", bare.display());
    town.gt(&["rig", "add", "other", &url, "--prefix", "ot"]);
    town.gt(&["dolt", "init-rig", "other"]);
}

/// `bd` in the other rig.
fn bd_of_other(town: &Town, arguments: &[&str]) -> Value {
    let mut bd = town.command("bd");
    let printed = done(bd.args(arguments).current_dir(town.root().join("other")));
    serde_json::from_str(&printed).unwrap_or(Value::Null)
}

/// `gt` as the Mayor types it.
fn gt_of_mayor(town: &Town) -> Command {
    let mut gt = town.command("gt");
    gt.env("GT_ROLE", "mayor").env("BD_ACTOR", "mayor");
    gt
}

fn status(given: &Given) -> Value {
    town::status(|| given.town.conductor(&["status", TRACK, "--json"]))
}

/// What the status says of a piece of work.
fn work<'s>(status: &'s Value, bead: &str) -> &'s Value {
    let work = status["tracks"][0]["gastown"]["work"].as_array();
    let found = work.into_iter().flatten().find(|line| line["bead"] == bead);
    found.unwrap_or_else(|| panic!("nothing of {bead}: {status}"))
}

#[test]
fn what_another_rig_has_to_do_holds_an_item_and_the_mayors_answer_goes_with_one() {
    let Some(given) = Given::new(&[]) else { return };
    let town = &given.town;
    town.tell("Count which products are bought*", Act::Escalate);
    other_rig(town);
    let api = bd_of_other(town, &["create", "API for pairings", "--json"])["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    given.data(&["--mode", "gastown", "--prepare"]);
    let (first, second) = (given.id("phase1/task1"), given.id("phase1/task2"));
    town.bd(&["dep", "add", &second, &api]);

    // `bd` takes it for ready, and `gt` would sling it.
    let begun = given.agree("--although refinery");
    let begins: Vec<&Value> = begun["begins"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|begins| &begins["item"])
        .collect();
    assert_eq!(begins, ["1.1"], "{begun}");
    let held = begun["held_back"].to_string();
    let waits = format!("it waits for {api} of the rig `other` (\\\"API for pairings\\\", open)");
    assert!(held.contains(&waits), "{held}");
    let seen = status(&given);
    assert_eq!(work(&seen, &second)["waits_for"][0]["rig"], "other", "{seen}");
    assert_eq!(given.bead("phase1/task2")["status"], "open");

    given.until_closed(&first);
    given.data(&["--although", "refinery"]);
    let seen = status(&given);
    assert_eq!(work(&seen, &first)["escalation"]["status"], "open", "{seen}");
    let inbox: Value =
        serde_json::from_str(&done(gt_of_mayor(town).args(["mail", "inbox", "mayor/", "--json"]))).expect("JSON");
    let escalation = work(&seen, &first)["escalation"]["id"].clone();
    let mut mails = inbox.as_array().into_iter().flatten();
    let about = mails
        .find(|mail| mail["thread_id"] == escalation)
        .unwrap_or_else(|| panic!("{inbox}"));
    let about = about["id"].as_str().expect("an id");
    done(gt_of_mayor(town).args(["mail", "reply", about, "-m", "Use the second API."]));

    let answer = "mayor/: Use the second API.";
    let seen = status(&given);
    assert_eq!(work(&seen, &first)["escalation"]["answer"], answer, "{seen}");
    assert_eq!(seen["gastown"]["mail"][0]["from"], "mayor/", "{seen}");
    let seen = given.data(&["--although", "refinery"]);
    assert!(seen["asks"].to_string().contains(answer), "{seen}");

    bd_of_other(town, &["close", &api]);
    let offered = given.data(&["--although", "refinery", "--release", &first]);
    assert!(
        offered["changed"]
            .to_string()
            .contains("the answer to what was escalated is in its notes"),
        "{offered}"
    );
    assert_eq!(
        given.bead("phase1/task1")["notes"],
        format!("Answer to what was escalated: {answer}")
    );
    // Whoever gives it up next is told of anew.
    assert_eq!(
        given.bead("phase1/task1")["metadata"]["conductor_escalated"],
        "released"
    );
    let items: Vec<&Value> = offered["begins"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|begins| &begins["item"])
        .collect();
    assert_eq!(items, ["1.1", "1.2"], "what the other rig had to do is done: {offered}");
}
