//! Finding the one track that a person means: by its id, then by a unique part of an id, then of a title.

use conductor_plugin::Failure;
use conductor_tracks::Track;

use crate::count;
use crate::width::one_line;

/// How many tracks an error names.
const NAMED: usize = 5;

/// Finds the track. Among several that a part fits, the only one that is not archived is the one that is meant.
///
/// # Errors
/// `unknown-track` with near names, or `ambiguous-track` with those that fit.
pub fn select<'p, 'a>(tracks: &'p [Track<'a>], wanted: &str) -> Result<&'p Track<'a>, Failure> {
    if let Some(track) = tracks.iter().find(|track| track.id == wanted) {
        return Ok(track);
    }
    let part = wanted.trim().to_lowercase();
    let in_ids = fitting(tracks, &part, |track| &track.id);
    let found = if in_ids.is_empty() {
        fitting(tracks, &part, |track| &track.title)
    } else {
        in_ids
    };
    match found.as_slice() {
        [] => Err(unknown(tracks, wanted)),
        [track] => Ok(track),
        several => only_live(several).ok_or_else(|| ambiguous(several, wanted)),
    }
}

fn fitting<'p, 'a>(tracks: &'p [Track<'a>], part: &str, text: impl Fn(&'p Track<'a>) -> &'p str) -> Vec<&'p Track<'a>> {
    let fits = |track: &&'p Track<'a>| !part.is_empty() && text(track).to_lowercase().contains(part);
    tracks.iter().filter(fits).collect()
}

fn only_live<'p, 'a>(tracks: &[&'p Track<'a>]) -> Option<&'p Track<'a>> {
    let mut live = tracks.iter().filter(|track| !track.archived);
    live.next().filter(|_| live.next().is_none()).copied()
}

fn ambiguous(tracks: &[&Track], wanted: &str) -> Failure {
    let mut lines: Vec<String> = tracks.iter().take(NAMED).map(|track| named(track)).collect();
    if tracks.len() > NAMED {
        lines.push(format!("and {} more", tracks.len() - NAMED));
    }
    let message = format!("`{}` fits {}", one_line(wanted), count(tracks.len(), "track"));
    Failure::new("ambiguous-track", message)
        .detailed(lines.join("\n"))
        .hinted("type more of the id, or all of it")
}

fn named(track: &Track) -> String {
    format!("{}   {}", one_line(&track.id), one_line(&track.title))
}

fn unknown(tracks: &[Track], wanted: &str) -> Failure {
    let message = format!(
        "no track matches `{}` ({}; an id or any unique part of an id or title will do)",
        one_line(wanted),
        count(tracks.len(), "track")
    );
    let near = near(tracks, wanted);
    let hint = match near.as_slice() {
        [] if tracks.is_empty() => "`/conductor-newtrack` in Claude Code plans the first track".to_owned(),
        [] => "`conductor status --all` shows every track".to_owned(),
        ids => format!(
            "did you mean {}?",
            ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" or ")
        ),
    };
    Failure::new("unknown-track", message).hinted(hint)
}

/// The ids that are nearest to what was typed, at most three.
fn near(tracks: &[Track], wanted: &str) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let most = (wanted.chars().count() / 3).min(3);
    let mut near: Vec<(usize, &str)> = tracks
        .iter()
        .map(|track| (distance(track, &wanted), track.id.as_ref()))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    near.sort_unstable();
    near.into_iter()
        .take(3)
        .map(|(_, id)| one_line(id).into_owned())
        .collect()
}

/// To the whole id, to the id without its date, or to one word of id or title, whichever is nearest.
fn distance(track: &Track, wanted: &str) -> usize {
    let (id, title) = (track.id.to_lowercase(), track.title.to_lowercase());
    let stem = id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    let words = id.split(['_', '-', '.']).chain(title.split_whitespace());
    let candidates = [id.as_str(), stem].into_iter().chain(words);
    candidates
        .map(|candidate| strsim::osa_distance(candidate, wanted))
        .min()
        .unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use conductor_tracks::Track;

    use super::select;

    fn track(id: &'static str, title: &'static str, archived: bool) -> Track<'static> {
        Track {
            id: id.into(),
            title: title.into(),
            archived,
            ..Track::default()
        }
    }

    fn tracks() -> Vec<Track<'static>> {
        vec![
            track("launch_20260204", "Website launch", false),
            track("app-i18n_20260204", "App in six languages", false),
            track("app-i18n_20250101", "First try of six languages", true),
            track("cart_20260301", "Basket", false),
            track("cart_20260301_2", "Basket, once more", false),
        ]
    }

    #[test]
    fn id_then_part_of_id_then_part_of_title() {
        let table = [
            ("launch_20260204", "launch_20260204"),
            ("cart_20260301", "cart_20260301"),
            ("LAUNCH", "launch_20260204"),
            ("i18n", "app-i18n_20260204"),
            ("first try", "app-i18n_20250101"),
            ("once", "cart_20260301_2"),
        ];
        for (wanted, id) in table {
            let tracks = tracks();
            assert_eq!(select(&tracks, wanted).expect(wanted).id, id, "{wanted}");
        }
    }

    #[test]
    fn what_fits_several_names_them() {
        let tracks = tracks();
        let failure = select(&tracks, "cart").expect_err("two carts");
        assert_eq!(failure.code, "ambiguous-track");
        assert_eq!(failure.message, "`cart` fits 2 tracks");
        assert_eq!(
            failure.details,
            "cart_20260301   Basket\ncart_20260301_2   Basket, once more"
        );
    }

    #[test]
    fn what_fits_none_names_the_near_ones() {
        let table = [
            ("laucnh", "did you mean `launch_20260204`?"),
            ("app-i81n", "did you mean `app-i18n_20250101` or `app-i18n_20260204`?"),
            ("languags", "did you mean `app-i18n_20250101` or `app-i18n_20260204`?"),
            ("payments", "`conductor status --all` shows every track"),
            ("", "`conductor status --all` shows every track"),
        ];
        for (wanted, hint) in table {
            let tracks = tracks();
            let failure = select(&tracks, wanted).expect_err(wanted);
            assert_eq!(
                (failure.code.as_str(), failure.hint.as_deref()),
                ("unknown-track", Some(hint)),
                "{wanted}"
            );
        }
    }

    #[test]
    fn without_tracks_the_hint_is_how_to_get_one() {
        let failure = select(&[], "auth").expect_err("no tracks");
        assert_eq!(
            failure.hint.as_deref(),
            Some("`/conductor-newtrack` in Claude Code plans the first track")
        );
    }
}
