//! The project's own folder: whether it is set up, and with what its tracks are dispatched.

use conductor_common::sources;
use conductor_plugin::{Error, Host};
use conductor_tracks::{PATTERNS, Project, State};

use crate::check::Check;
use crate::mode::Mode;

/// The name of the file grant in `plugin.json`.
const GRANT: &str = "conductor";
/// The most bytes of one file, as in `conductor status`.
const MAX_BYTES: u64 = 1 << 20;

/// What matters of a `conductor/` folder here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Conductor {
    /// How many tracks it has.
    pub(crate) tracks: usize,
    /// Whether `product.md` is there.
    pub(crate) has_product: bool,
    /// With what its tracks are dispatched.
    pub(crate) mode: Mode,
}

/// Reads the folder.
///
/// # Errors
/// The host's own: there is no project, or the grant was revoked.
pub(crate) fn read(host: &dyn Host) -> Result<Conductor, Error> {
    let entries = host.snapshot(GRANT, PATTERNS, MAX_BYTES)?;
    let sources = sources(&entries);
    let project = Project::read(&sources);
    Ok(Conductor {
        tracks: project.tracks.len(),
        has_product: entries.iter().any(|entry| entry.path == "product.md"),
        mode: mode(&project),
    })
}

/// What `beads.json` says, and what a track under way was dispatched with. A project that says nothing is dispatched natively.
fn mode(project: &Project<'_>) -> Mode {
    let said = project.beads.as_ref().map_or(Mode::Native, |beads| {
        let gastown = beads.gastown.as_ref().and_then(|wish| wish.enabled);
        match (beads.enabled, gastown) {
            (Some(false), _) => Mode::Native,
            (_, Some(true)) => Mode::Gastown,
            (Some(true), _) => Mode::Beads,
            _ => Mode::Native,
        }
    });
    let under_way = project.tracks.iter().filter(|track| track.state == State::InProgress);
    let dispatched = under_way.filter_map(|track| match track.metadata.as_ref()?.execution_mode.as_deref()? {
        "gastown" => Some(Mode::Gastown),
        "native-beads" => Some(Mode::Beads),
        _ => None,
    });
    dispatched.fold(said, Mode::max)
}

/// Whether there is a project, by what the host says.
pub(crate) fn check(conductor: &Result<Conductor, Error>) -> Check {
    let name = "project";
    match conductor {
        Ok(Conductor { tracks: 1, .. }) => Check::ok(name, "conductor/ here, 1 track").brief(),
        Ok(Conductor { tracks, .. }) => Check::ok(name, format!("conductor/ here, {tracks} tracks")).brief(),
        Err(error) if error.code == "denied" => Check::new(name, crate::check::State::Unknown, error.message.clone())
            .next(format!("in a terminal: `conductor plugin allow doctor {GRANT}`")),
        Err(error) => Check::missing(name, error.message.clone())
            .next("`/conductor-setup` in Claude Code makes one; `--project DIR` looks elsewhere"),
    }
}

/// What a dispatch hands to workers; nothing to say where there is no project.
pub(crate) fn check_product(conductor: &Result<Conductor, Error>) -> Option<Check> {
    let conductor = conductor.as_ref().ok()?;
    let file = "conductor/product.md";
    Some(match conductor.has_product {
        true => Check::ok("product", file),
        false => Check::missing("product", format!("{file} is not there"))
            .next("`/conductor-setup` in Claude Code writes it"),
    })
}
