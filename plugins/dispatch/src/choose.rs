//! The track that is meant, and how its work is carried out.

use conductor_common::select;
use conductor_common::width::one_line;
use conductor_plugin::{Choice, Failure};
use conductor_tracks::{Project, State, Track};

use crate::ask::{choice, is_accepted};
use crate::beads::Beads;
use crate::ground::Ground;
use crate::town::beside::{self, POLECATS};
use crate::town::look::{Look, Missing, look};
use crate::town::pieces;

/// How a track's work is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Claude's own sub-agents.
    NativeTask,
    /// Claude's own sub-agents, and each task is a bead in the project's database.
    NativeBeads,
    /// The polecats of Gas Town.
    GasTown,
}

impl Mode {
    /// The word in `metadata.json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NativeTask => "native-task",
            Self::NativeBeads => "native-beads",
            Self::GasTown => "gastown",
        }
    }
}

/// The track that was named, or else the one that is next: the only one that is begun, else the first that can be.
///
/// # Errors
/// What fits none or several, and choices where the person has to say which.
pub fn track<'p, 'a>(project: &'p Project<'a>, wanted: Option<&str>) -> Result<&'p Track<'a>, Failure> {
    if let Some(wanted) = wanted {
        return select::select(&project.tracks, wanted);
    }
    let live = |track: &&Track| !track.archived && track.plan.is_some();
    let begun: Vec<&Track> = project
        .tracks
        .iter()
        .filter(live)
        .filter(|track| track.state == State::InProgress)
        .collect();
    match begun.as_slice() {
        [one] => Ok(one),
        [] => {
            let can_begin =
                |track: &&Track| track.state == State::Pending && open_dependencies(project, track).is_empty();
            let mut pending = project.tracks.iter().filter(live);
            pending.find(can_begin).ok_or_else(|| {
                Failure::new("no-track", "no track is begun, and none can be begun")
                    .hinted("`conductor status` shows where each stands; name one: `conductor dispatch TRACK`")
            })
        }
        several => {
            let failure = Failure::new("which-track", "several tracks are begun: which one?");
            Err(several.iter().zip('A'..='Z').fold(failure, |failure, (track, key)| {
                failure.choice(Choice {
                    key: key.to_string(),
                    label: one_line(&track.id).into_owned(),
                    description: one_line(&track.title).into_owned(),
                    args: vec![track.id.to_string()],
                })
            }))
        }
    }
}

/// The tracks that are begun or can be, in the registry's order.
#[must_use]
pub fn all(project: &Project<'_>) -> Vec<String> {
    let live = project
        .tracks
        .iter()
        .filter(|track| !track.archived && track.plan.is_some());
    let goes_on = |track: &&Track<'_>| match track.state {
        State::InProgress => true,
        State::Pending => open_dependencies(project, track).is_empty(),
        _ => false,
    };
    live.filter(goes_on).map(|track| track.id.to_string()).collect()
}

/// The ids of the tracks that a track waits for and that are not done.
#[must_use]
pub fn open_dependencies(project: &Project<'_>, track: &Track<'_>) -> Vec<String> {
    let names = track.depends_on.iter();
    let open = names.filter(|name| {
        let dependency = project.dependency(name);
        dependency.is_none_or(|dependency| !dependency.archived && !dependency.state.is_closed())
    });
    open.map(|name| one_line(name).into_owned()).collect()
}

/// How a track's work is carried out, with what was looked at to find that out.
#[derive(Debug)]
pub enum Way {
    /// By sub-agents of Claude's; why not in Gas Town, where there is a town.
    Native(Mode, Option<String>),
    /// In Gas Town.
    GasTown(Box<Look>),
}

/// As asked (`--mode`), else as the track was begun, else as `beads.json` wishes, else with what is there.
///
/// # Errors
/// What is missing of what was asked for, with the ways out.
pub fn way(ground: &Ground<'_>) -> Result<Way, Failure> {
    let track = ground.track.id.as_ref();
    let metadata = ground.track.metadata.as_ref();
    let asked = ground.arguments.text("mode");
    let under_way = metadata.and_then(|metadata| metadata.execution_mode.as_deref());
    let config = ground.project.beads.as_ref();
    let native = |wish: Option<&str>, note| {
        let facts = Facts {
            wish,
            beads_enabled: config.and_then(|config| config.enabled),
            has_beads: ground.has_beads(),
        };
        native(track, facts).map(|mode| Way::Native(mode, note))
    };
    match (asked, under_way) {
        (Some("gastown"), _) if ground.workers.at_work().next().is_some() => Err(Failure::new(
            "under-way",
            format!("`{track}` is under way, and sub-agents have work of it"),
        )
        .hinted(format!(
            "let them report, or give them up: `conductor dispatch {track} --lost all`"
        ))),
        (Some("gastown"), _) | (None, Some("gastown")) => needed(ground),
        (Some(asked), Some("gastown")) => {
            leave_town(ground, is_accepted(ground, POLECATS))?;
            native(Some(asked), None)
        }
        (asked, under_way) if asked.or(under_way).is_some() => native(asked.or(under_way), None),
        _ => {
            // Sub-agents, or another tool's workers, have work of it.
            let is_native = ground.workers.at_work().next().is_some();
            let off = is_native || config.and_then(|config| config.enabled) == Some(false);
            match ground.gastown_wish().and_then(|wish| wish.enabled) {
                _ if off => native(None, None),
                Some(false) => native(None, None),
                Some(true) => needed(ground),
                None => match look(ground.host, track) {
                    Ok(look) => Ok(Way::GasTown(Box::new(look))),
                    Err(Missing::Town) => native(None, None),
                    Err(Missing::Step(failure)) => native(None, Some(in_one_line(track, &failure))),
                    // Begun natively since a town was slow for once, a track would stay so.
                    Err(Missing::Silence(failure)) => Err(failure),
                },
            }
        }
    }
}

fn needed(ground: &Ground<'_>) -> Result<Way, Failure> {
    let track = ground.track.id.as_ref();
    let missing = match look(ground.host, track) {
        Ok(look) => return Ok(Way::GasTown(Box::new(look))),
        Err(missing) => missing,
    };
    let failure = match missing {
        Missing::Town => Failure::new("no-town", "there is no Gas Town here that you have confirmed").hinted(
            "`gt install ~/gt --git` makes one and `gt rig add NAME URL --prefix XY` in it a rig of this project; `GT_TOWN_ROOT` says where it is",
        ),
        Missing::Step(failure) | Missing::Silence(failure) => failure,
    };
    let failure = match failure.choices.is_empty() {
        true => failure.choice(choice(
            "A",
            "Look again",
            "once that is done",
            &[track, "--mode=gastown"],
        )),
        false => failure,
    };
    Err(failure.choice(match ground.is_in_town() {
        true => beside::natively("B", ground),
        false => choice(
            "B",
            "Go on without Gas Town",
            "Claude's own sub-agents",
            &[track, "--mode=native"],
        ),
    }))
}

/// A track leaves Gas Town when no polecat has anything of it, or the person has said that they go on beside it (`is_beside`). What is
/// merged is taken in first: natively it would be begun again.
fn leave_town(ground: &Ground<'_>, is_beside: bool) -> Result<(), Failure> {
    let track = ground.track.id.as_ref();
    let held = |why: String| {
        Failure::new("under-way", why)
            .choice(choice(
                "A",
                "Go on in Gas Town",
                "looks how far they are",
                &[track, "--mode=gastown"],
            ))
            .choice(beside::natively("B", ground))
    };
    // What they have got merged is taken in by that run.
    if is_beside {
        return Ok(());
    }
    let look = match look(ground.host, track) {
        Ok(look) => look,
        Err(Missing::Town) => {
            return Err(held(format!(
                "`{track}` is under way in a Gas Town that is not to be seen from here"
            ))
            .hinted("`GT_TOWN_ROOT` says where it is"));
        }
        Err(Missing::Step(failure) | Missing::Silence(failure)) => {
            let held = held(format!("`{track}` is under way in Gas Town: {}", failure.message));
            return Err(match failure.hint {
                Some(hint) => held.hinted(hint),
                None => held,
            });
        }
    };
    if !crate::town::settle::marks(ground, &look).marks.is_empty() {
        return Err(Failure::new(
            "under-way",
            format!("what polecats have done of `{track}` is not in its plan yet"),
        )
        .hinted(format!("`conductor dispatch {track}` takes it in; then the same again")));
    }
    let beads = Beads::in_rig(ground, &look.rig, &look.work.beads);
    let pieces = pieces::of(&look, &beads).into_iter();
    let at_work: Vec<String> = pieces
        .filter(|piece| piece.is_taken() && !piece.state.is_settled())
        .map(|piece| format!("{} ({})", piece.bead, piece.state.as_str()))
        .collect();
    match at_work.is_empty() {
        true => Ok(()),
        false => Err(held(format!(
            "`{track}` is under way in Gas Town: {}",
            at_work.join(", ")
        ))),
    }
}

fn in_one_line(track: &str, failure: &Failure) -> String {
    let way_out = match (&failure.hint, failure.choices.is_empty()) {
        (Some(hint), _) => format!(" ({hint})"),
        (None, false) => format!(" (`conductor dispatch {track} --mode gastown` has the ways out)"),
        (None, true) => String::new(),
    };
    format!("not in Gas Town: {}{way_out}", failure.message)
}

/// What speaks for and against a native mode.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// What was asked for, or the mode in which the track was begun.
    pub wish: Option<&'a str>,
    /// `enabled` in `beads.json`.
    pub beads_enabled: Option<bool>,
    /// Whether the project has a database of Beads.
    pub has_beads: bool,
}

/// With Beads where the project has them, unless something else is wished.
///
/// # Errors
/// A choice where Beads are asked for that are not there.
pub fn native(track: &str, facts: Facts<'_>) -> Result<Mode, Failure> {
    match facts.wish {
        Some("native-task") => Ok(Mode::NativeTask),
        Some("native-beads") if facts.has_beads => Ok(Mode::NativeBeads),
        Some("native-beads") => Err(Failure::new("no-beads", "this project has no database of Beads")
            .choice(choice(
                "A",
                "Make one (`bd init`)",
                "in .beads, without hooks, agents' files or a commit; an untracked .gitignore may stay",
                &[track, "--mode=native-beads", "--init-beads"],
            ))
            .choice(choice(
                "B",
                "Go on without Beads",
                "parallel_state.json keeps what is under way",
                &[track, "--mode=native-task"],
            ))),
        _ if facts.has_beads && facts.beads_enabled != Some(false) => Ok(Mode::NativeBeads),
        _ => Ok(Mode::NativeTask),
    }
}

#[cfg(test)]
mod tests {
    use conductor_tracks::{Plan, Project, State, Track};

    use super::{Facts, Mode, native, track};

    fn project(states: &[(&'static str, State, &'static [&'static str])]) -> Project<'static> {
        let tracks = states.iter().map(|(id, state, depends_on)| Track {
            id: (*id).into(),
            title: "T".into(),
            state: *state,
            plan: Some(Plan::default()),
            depends_on: depends_on.iter().map(|&name| name.into()).collect(),
            ..Track::default()
        });
        Project {
            tracks: tracks.collect(),
            ..Project::default()
        }
    }

    #[test]
    fn the_next_track_is_the_one_that_is_begun_or_can_be() {
        let table = [
            (
                project(&[
                    ("a", State::Done, &[]),
                    ("b", State::InProgress, &[]),
                    ("c", State::Pending, &[]),
                ]),
                Ok("b"),
            ),
            (
                project(&[
                    ("a", State::Pending, &["b"]),
                    ("b", State::Blocked, &[]),
                    ("c", State::Pending, &[]),
                ]),
                Ok("c"),
            ),
            (
                project(&[("a", State::InProgress, &[]), ("b", State::InProgress, &[])]),
                Err("which-track"),
            ),
            (project(&[("a", State::Done, &[])]), Err("no-track")),
        ];
        for (project, expected) in table {
            let found = track(&project, None);
            let found = found
                .as_ref()
                .map(|track| track.id.as_ref())
                .map_err(|failure| failure.code.as_str());
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_mode_is_asked_for_or_begun_or_what_is_there() {
        let facts = |wish, beads_enabled, has_beads| Facts {
            wish,
            beads_enabled,
            has_beads,
        };
        let table = [
            (facts(None, None, false), Ok(Mode::NativeTask)),
            (facts(None, None, true), Ok(Mode::NativeBeads)),
            (facts(None, Some(false), true), Ok(Mode::NativeTask)),
            (facts(Some("native-task"), None, true), Ok(Mode::NativeTask)),
            (facts(Some("native"), None, true), Ok(Mode::NativeBeads)),
            (facts(Some("native-beads"), None, false), Err("no-beads")),
        ];
        for (facts, expected) in table {
            assert_eq!(
                native("t", facts).map_err(|failure| failure.code),
                expected.map_err(str::to_owned),
                "{facts:?}"
            );
        }
    }
}
