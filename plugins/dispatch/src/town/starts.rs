//! What Gas Town starts beside polecats when the person asks for it: the refinery, a crew member's session, a whole convoy.

use conductor_common::count;
use conductor_gastown::town::Rig;
use conductor_gastown::{convoy, rigs};
use conductor_plugin::{Failure, Host};

use super::crew;
use super::look::{Look, failure};
use crate::graph::Kind;
use crate::ground::Ground;
use crate::offer::{Offer, Starts};
use crate::standing::Standing;

/// What is to be started with what is ready.
///
/// # Errors
/// `not-one-wave`, where a convoy is to be launched of which something has to wait.
pub fn of(ground: &Ground<'_>, look: &Look, standing: &Standing) -> Result<Starts, Failure> {
    let arguments = &ground.arguments;
    let launch = arguments.flag("launch") && !standing.ready.is_empty();
    if launch {
        one_wave(ground, standing)?;
    }
    let runs = |crew: &str| {
        let agents = look.agents().into_iter().flat_map(|rig| &rig.agents);
        agents
            .filter(|agent| agent.role == "crew" && agent.name == crew)
            .any(|agent| agent.running)
    };
    Ok(Starts {
        refinery: arguments.flag("start-refinery") && !launch && !look.agents().is_some_and(Rig::has_refinery),
        crew: !standing.ready.is_empty() && crew::of(ground).is_some_and(|crew| !runs(crew)),
        launch,
    })
}

/// Gas Town gives out what it takes for ready: all that is closed counts for it, merged or not, and what a worker does with its task it
/// does not know.
fn one_wave(ground: &Ground<'_>, standing: &Standing) -> Result<(), Failure> {
    let nodes = &ground.graph.nodes;
    let is_in = |at: &usize| standing.ready.contains(at);
    let waiting = (0..nodes.len()).filter(|at| nodes[*at].kind != Kind::Joint && !is_in(at));
    let waiting = waiting.count();
    let several = nodes.iter().find(|node| node.tasks.len() > 1);
    let why = if waiting > 0 {
        format!(
            "{} of the plan {} to wait",
            count(waiting, "item"),
            if waiting == 1 { "has" } else { "have" }
        )
    } else if let Some(node) = several {
        format!("one worker does all of {}", node.name(ground.plan))
    } else if crew::of(ground).is_some() {
        "a crew member gets one item at a time".to_owned()
    } else if let Some(formula) = &ground.formula {
        format!("with the rig's own formula, and not with `{}`", formula.name)
    } else if !ground.has_merge_queue() {
        "`use_refinery` in beads.json is false, and `gt` hands its convoys to the merge queue".to_owned()
    } else {
        return Ok(());
    };
    Err(Failure::new(
        "not-one-wave",
        format!("`gt convoy launch` gives out all at once, and {why}"),
    )
    .hinted("without `--launch` each item is given out when it may begin"))
}

/// Starts the refinery and the crew member's session. What was changed.
///
/// # Errors
/// What `gt` says.
pub fn before_slings(ground: &Ground<'_>, look: &Look, offer: &Offer) -> Result<Vec<String>, Failure> {
    let (host, rig) = (ground.host, &look.rig);
    let mut changed = Vec::new();
    if offer.starts.refinery {
        rigs::start_refinery(host, rig).wait().map_err(failure)?;
        changed.push(format!("the refinery of `{rig}` was started"));
    }
    if let Some(crew) = offer.crew.as_deref().filter(|_| offer.starts.crew) {
        rigs::start_crew(host, rig, crew).wait().map_err(failure)?;
        changed.push(format!("{rig}/crew/{crew} was started"));
    }
    Ok(changed)
}

/// Has `gt` give out the track's convoy. One that was launched before is left alone. What was changed.
///
/// # Errors
/// What `gt` says.
pub fn launch(host: &dyn Host, title: &str) -> Result<Option<String>, Failure> {
    let convoys = convoy::list(host).wait().map_err(failure)?;
    let mut ours = convoys.iter().filter(|convoy| convoy.title == title);
    let Some(ours) = ours.find(|convoy| convoy.is_staged()) else {
        return Ok(None);
    };
    convoy::launch(host, &ours.id).wait().map_err(failure)?;
    Ok(Some(format!("{} launched", ours.id)))
}

#[cfg(test)]
mod tests {
    use conductor_plugin::Output;
    use conductor_plugin::testing::FakeHost;
    use serde_json::Value;

    use super::*;

    /// What a real tool has answered, of those that the library of its calls keeps.
    fn recorded(recording: &str) -> Output {
        let recording: Value = serde_json::from_str(recording).expect("JSON");
        Output {
            status: Some(0),
            stdout: recording["stdout"].as_str().expect("text").into(),
            ..Output::default()
        }
    }

    #[test]
    fn a_convoy_is_launched_once() {
        let list = |recording| FakeHost::new().command("convoys", &[], recorded(recording));
        let staged = list(include_str!("../../../gastown/tests/recorded/convoys.staged.json")).command(
            "convoy-launch",
            &[("convoy", &["hq-cv-d8cgd"])],
            recorded(include_str!(
                "../../../gastown/tests/recorded/convoy-launch.launched.json"
            )),
        );
        let launched = launch(&staged, "Conductor: views_20260301").expect("it goes well");
        assert_eq!(launched.as_deref(), Some("hq-cv-d8cgd launched"));
        let open = list(include_str!("../../../gastown/tests/recorded/convoys.launched.json"));
        assert_eq!(launch(&open, "Conductor: gone_20260301").expect("no call"), None);
    }
}
