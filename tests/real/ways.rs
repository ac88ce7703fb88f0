//! The ways of work beside the usual one: crew, a merge without the queue, no merge at all, and what the scheduler holds back.

use serde_json::{Value, json};

use crate::status;
use crate::town::{Act, RIG, Town};
use crate::{TRACK, request, state};

/// Brings work on each of these ways, and checks what the status says of it. Leaves a polecat and a crew that do nothing.
pub(crate) fn check(town: &Town) {
    let titles = [
        "Claimed",
        "Direct",
        "No queue",
        "Of crew",
        "Hanging",
        "Scheduled",
        "Open",
    ];
    let beads = town.beads(TRACK, titles);
    let [claimed, direct, no_queue, of_crew, hanging, scheduled, open] = &beads;

    let convoy = town.direct(direct);
    assert_eq!(state(town, direct), "closed Direct merge to main (convoy strategy)");
    assert_eq!(town.merge_request(direct), None);
    assert!(town.is_on_main(&format!("src/{direct}.txt")));

    town.without_queue(no_queue);
    assert_eq!(
        state(town, no_queue),
        "closed No-merge work completed; merge queue skipped"
    );
    assert_eq!(town.merge_request(no_queue), None);
    assert!(!town.is_on_main(&format!("src/{no_queue}.txt")));
    let pushed = town.git(&["ls-remote", "origin"]);
    assert!(pushed.contains(&format!("/{no_queue}@")), "{pushed}");

    town.claimed(claimed);
    let in_hand = request(town, claimed);
    assert_eq!(
        (&in_hand["status"], &in_hand["assignee"]),
        (&json!("open"), &json!("refinery-1"))
    );

    town.of_crew(of_crew, "alice");
    assert_eq!(
        (state(town, of_crew).as_str(), &town.bead(of_crew)["assignee"]),
        ("hooked", &json!(format!("{RIG}/crew/alice")))
    );

    town.tell(hanging, Act::Hang);
    town.sling(hanging);

    town.scheduled(scheduled);
    assert_eq!(
        (state(town, scheduled).as_str(), state(town, open).as_str()),
        ("open", "open")
    );
    let held = town.gt_json(&["scheduler", "list", "--json"]);
    assert_eq!(held[0]["id"], **scheduled, "{held}");

    status::dispatched(&town.project(), TRACK, &convoy);
    let expected = |of_crew_is: &'static str| {
        [
            (claimed, "submitted"),
            (direct, "merged"),
            (no_queue, "no_queue"),
            (of_crew, of_crew_is),
            (hanging, "working"),
            (scheduled, "scheduled"),
            (open, "open"),
        ]
    };
    let gastown = status::of_track(town, TRACK);
    states_are(&gastown, &expected("working"));
    let counted = ["total", "merged", "active", "completed", "queued", "conflicts"].map(|key| &gastown[key]);
    assert_eq!(counted, [7, 1, 2, 3, 1, 0].map(Value::from).each_ref());
    assert_eq!(worker(&gastown, of_crew), "alice");

    town.gt(&["crew", "stop", &format!("{RIG}/alice")]);
    states_are(&status::of_track(town, TRACK), &expected("stalled"));
}

fn states_are(gastown: &Value, expected: &[(&String, &str)]) {
    for (bead, state) in expected {
        assert_eq!(line(gastown, bead)["state"], *state, "{bead}: {gastown}");
    }
}

fn worker<'v>(gastown: &'v Value, bead: &str) -> &'v str {
    line(gastown, bead)["worker"].as_str().unwrap_or_default()
}

fn line<'v>(gastown: &'v Value, bead: &str) -> &'v Value {
    let work = gastown["work"].as_array().expect("work");
    let line = work.iter().find(|line| line["bead"] == bead);
    line.unwrap_or_else(|| panic!("no {bead}: {gastown}"))
}
