//! The track that is meant, and how its work is carried out.

use conductor_common::select;
use conductor_common::width::one_line;
use conductor_plugin::{Choice, Failure};
use conductor_tracks::{Project, State, Track};

/// How a track's work is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Claude's own sub-agents.
    NativeTask,
    /// Claude's own sub-agents, and each task is a bead in the project's database.
    NativeBeads,
}

impl Mode {
    /// The word in `metadata.json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::NativeTask => "native-task",
            Self::NativeBeads => "native-beads",
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

/// What speaks for and against a mode.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// `--mode`.
    pub asked: Option<&'a str>,
    /// The mode in the track's `metadata.json`.
    pub under_way: Option<&'a str>,
    /// `enabled` in `beads.json`.
    pub beads_enabled: Option<bool>,
    /// Whether the project has a database of Beads.
    pub has_beads: bool,
}

/// How the track is carried out: as asked, else as it was begun, else with Beads where the project has them.
///
/// # Errors
/// `gastown`, which this version does not carry out; and a choice where Beads are asked for that are not there.
pub fn mode(track: &str, facts: Facts<'_>) -> Result<Mode, Failure> {
    let wish = match (facts.asked, facts.under_way) {
        (Some(asked), Some("gastown")) if asked != "gastown" => {
            return Err(Failure::new(
                "under-way",
                format!("`{track}` is under way in Gas Town, and polecats may hold its work"),
            )
            .hinted(format!(
                "`conductor status {track}` shows it; a track stays in the mode that it was begun in"
            )));
        }
        (asked, under_way) => asked.or(under_way).unwrap_or("native"),
    };
    match wish {
        "native-task" => Ok(Mode::NativeTask),
        "native-beads" if facts.has_beads => Ok(Mode::NativeBeads),
        "native-beads" => Err(Failure::new("no-beads", "this project has no database of Beads")
            .choice(Choice {
                key: "A".to_owned(),
                label: "Make one (`bd init`)".to_owned(),
                description: "in .beads, without hooks, agents' files or a commit; an untracked .gitignore may stay"
                    .to_owned(),
                args: vec![
                    track.to_owned(),
                    "--mode=native-beads".to_owned(),
                    "--init-beads".to_owned(),
                ],
            })
            .choice(Choice {
                key: "B".to_owned(),
                label: "Go on without Beads".to_owned(),
                description: "parallel_state.json keeps what is under way".to_owned(),
                args: vec![track.to_owned(), "--mode=native-task".to_owned()],
            })),
        "gastown" => Err(Failure::new(
            "gastown",
            "this version of `conductor dispatch` does not send work to Gas Town yet",
        )
        .hinted(format!(
            "`conductor dispatch {track} --mode native` carries a track that is not begun yet out with Claude's own sub-agents"
        ))),
        _ if facts.has_beads && facts.beads_enabled != Some(false) => Ok(Mode::NativeBeads),
        _ => Ok(Mode::NativeTask),
    }
}

#[cfg(test)]
mod tests {
    use conductor_tracks::{Plan, Project, State, Track};

    use super::{Facts, Mode, mode, track};

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
        let facts = |asked, under_way, beads_enabled, has_beads| Facts {
            asked,
            under_way,
            beads_enabled,
            has_beads,
        };
        let table = [
            (facts(None, None, None, false), Ok(Mode::NativeTask)),
            (facts(None, None, None, true), Ok(Mode::NativeBeads)),
            (facts(None, None, Some(false), true), Ok(Mode::NativeTask)),
            (facts(None, Some("native-task"), None, true), Ok(Mode::NativeTask)),
            (
                facts(Some("native"), Some("native-task"), None, true),
                Ok(Mode::NativeBeads),
            ),
            (facts(Some("native-beads"), None, None, false), Err("no-beads")),
            (facts(None, Some("gastown"), None, true), Err("gastown")),
            (facts(Some("native"), Some("gastown"), None, true), Err("under-way")),
        ];
        for (facts, expected) in table {
            assert_eq!(
                mode("t", facts).map_err(|failure| failure.code),
                expected.map_err(str::to_owned),
                "{facts:?}"
            );
        }
    }
}
