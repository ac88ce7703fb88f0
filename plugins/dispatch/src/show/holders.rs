//! Which tracks workers hold: said before a command that would carry one of them out by itself, as `/conductor-implement` does.

use conductor_common::count;
use conductor_common::width::one_line;
use conductor_plugin::{Outcome, Style, Text};
use conductor_tracks::{Project, State, Track};
use serde_json::json;

/// What is said; nothing where no track is held.
#[must_use]
pub fn holders(project: &Project<'_>) -> Outcome {
    let tracks = project.tracks.iter().filter(|track| !track.archived);
    let held: Vec<(&Track<'_>, String)> = tracks.filter_map(|track| Some((track, by(track)?))).collect();
    let mut text = Text::default();
    for (track, by) in &held {
        let id = one_line(&track.id);
        text.push(
            Style::Plain,
            &format!(
                "Track `{id}` is held by {by}. Carried out by hand as well, its tasks would be done twice: `/conductor-dispatch {id}` goes on with it, `conductor dispatch {id} --abort` stops what has not begun. Tell the user before anything of it is done.\n"
            ),
        );
    }
    let held: Vec<_> = held
        .iter()
        .map(|(track, by)| json!({"track": track.id, "by": by}))
        .collect();
    Outcome {
        json: json!({ "held": held }).to_string(),
        ..Outcome::from(text)
    }
}

fn by(track: &Track<'_>) -> Option<String> {
    let metadata = track.metadata.as_ref();
    let mode = metadata.and_then(|metadata| metadata.execution_mode.as_deref());
    if mode == Some("gastown") && !track.state.is_closed() {
        return Some("polecats of Gas Town".to_owned());
    }
    let workers = track.parallel_state.as_ref()?.workers.iter();
    let at_work = workers
        .filter(|worker| worker.state() == Some(State::InProgress))
        .count();
    (at_work > 0).then(|| count(at_work, "worker"))
}
