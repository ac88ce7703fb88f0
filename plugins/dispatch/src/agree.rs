//! Whether what is offered may begin: the person's yes, as the host knows it, against the offer of this moment.

use conductor_plugin::{Failure, Plan};

use crate::choose::Mode;
use crate::ground::Ground;
use crate::offer::Offer;
use crate::request::Request;
use crate::town::crew;

/// What a yes to every track of the project covers, in the host's words.
pub const PROJECT: &str = "project";

/// How a scope begins that no standing yes covers, in the host's words.
const ONCE: &str = "once:";

/// What a standing yes covers: a track, and by whom it is carried out. Who lets polecats work has not agreed to sub-agents in their session,
/// or to a crew member, nor the other way round.
#[must_use]
pub fn scope(ground: &Ground<'_>, mode: Mode) -> String {
    match mode {
        Mode::GasTown => match crew::of(ground) {
            Some(crew) => format!("track:{}/gastown/crew/{crew}", ground.track.id),
            None => format!("track:{}/gastown", ground.track.id),
        },
        Mode::NativeBeads | Mode::NativeTask => format!("track:{}", ground.track.id),
    }
}

/// The offer as the plan that the person is asked about.
#[must_use]
pub fn plan(ground: &Ground<'_>, offer: &Offer) -> Plan {
    Plan {
        digest: offer.digest.clone(),
        subject: ground.track.id.to_string(),
        // While it rests, only a yes to this very plan begins it; nor does a standing one start the session of a crew member.
        scope: match ground.workers.is_stopped() || offer.starts.crew {
            true => format!("{ONCE}{}", scope(ground, offer.mode)),
            false => scope(ground, offer.mode),
        },
        yes: offer.yes(),
        others: Vec::new(),
    }
}

/// Whether what is offered may begin: by the digest that the person agreed to, or, after a report or a verification, by a yes for
/// all of the track.
pub fn agreed(ground: &Ground<'_>, request: &Request, mode: Mode, offer: Option<&Offer>) -> Result<bool, Failure> {
    let host = ground.host;
    if host.dry_run() {
        return Ok(false);
    }
    let track = &ground.track.id;
    // Sub-agents live in a session; polecats in their own.
    let can_begin = ground.session.is_some() || mode == Mode::GasTown;
    let Some(digest) = host.applies() else {
        let covered = match request {
            Request::Lost(_) | Request::Release(_) => false,
            Request::Dispatch => begins_by_itself(ground) && host.consented(PROJECT),
            _ => host.consented(&scope(ground, mode)),
        };
        // Begun again by itself, what has failed once would fail for ever.
        let covered = covered && !offer.is_some_and(|offer| has_failed(ground, offer) || offer.starts.crew);
        return Ok(covered && !ground.workers.is_stopped() && can_begin && offer.is_some());
    };
    let Some(offer) = offer else {
        return Err(
            Failure::new("plan-changed", "nothing is left to begin of what was agreed to")
                .hinted(format!("`conductor dispatch {track}` shows where it stands")),
        );
    };
    if offer.digest != digest {
        return Err(Failure::new(
            "plan-changed",
            format!("the plan is `{}` by now, and not what was agreed to", offer.short()),
        )
        .hinted(format!(
            "`conductor dispatch {track} --dry-run` shows it; nothing was begun"
        )));
    }
    if !can_begin {
        return Err(Failure::new(
            "no-session",
            "Claude's own sub-agents are started from Claude Code, and this is not it",
        )
        .hinted(format!("type `/conductor-dispatch {track}` there; nothing was begun")));
    }
    Ok(true)
}

/// Whether a worker on one of these has failed before.
fn has_failed(ground: &Ground<'_>, offer: &Offer) -> bool {
    offer
        .nodes
        .iter()
        .any(|&node| ground.failed_before(node, None).is_some())
}

/// Whether it is to begin without a question: asked for by `--auto`, or wished by the repository (`auto_dispatch`). A wish counts only
/// for one who has agreed to every track of the project.
fn begins_by_itself(ground: &Ground<'_>) -> bool {
    let wish = ground.gastown_wish().and_then(|wish| wish.auto_dispatch);
    ground.arguments.flag("auto") || wish == Some(true)
}
