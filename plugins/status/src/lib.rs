//! The bundled plugin behind `conductor status`: reads a project's `conductor/` folder and shows where every track stands.
//!
//! The way through: one snapshot of the folder, read by `conductor-tracks` while Beads and Gas Town are asked where the project
//! uses them ([`live`]); the track that is meant ([`select`](conductor_common::select)); the facts ([`gather`] makes a [`report::Report`]); and one of three
//! forms of the same facts ([`terminal`], [`markdown`], [`json`]).

use conductor_common::{select, sources};
use conductor_plugin::{Failure, Format, Host, Outcome, Plugin, Style, Text};
use conductor_tracks::{PATTERNS, Project};

mod bar;
mod budget;
mod escape;
pub mod gather;
pub mod json;
mod layout;
pub mod live;
pub mod markdown;
mod next;
pub mod report;
mod survey;
pub mod terminal;
mod track;
mod waiting;
mod words;
mod words_live;

/// The name of the file grant in `plugin.json`.
const GRANT: &str = "conductor";

/// The most bytes of one file. The largest real plan of 681 has 46 kB; a plan of 1 MiB with nothing but tasks still fits
/// into the sandbox's memory many times over.
const MAX_BYTES: u64 = 1 << 20;

/// Shows where every track stands.
#[derive(Debug)]
pub struct StatusPlugin;

impl Plugin for StatusPlugin {
    fn run(host: &dyn Host) -> Result<Outcome, Failure> {
        let arguments = host.arguments();
        let entries = host.snapshot(GRANT, PATTERNS, MAX_BYTES)?;
        let asked = live::start(host, &entries, arguments.flag("offline"));
        let sources = sources(&entries);
        let project = Project::read(&sources);
        let selected = arguments
            .text("track")
            .map(|wanted| select::select(&project.tracks, wanted))
            .transpose()?;
        let live = asked.finish(host, &project, selected);
        let wish = gather::Wish {
            selected,
            live: Some(&live),
            all: arguments.flag("all"),
            diagnostics: arguments.flag("diagnostics"),
            is_set_up: entries.iter().any(|entry| is_set_up(&entry.path)),
        };
        let name = host.project_name();
        Ok(present(&gather::report(&name, &project, wish), host.presentation()))
    }
}

conductor_plugin::export!(StatusPlugin);

/// Only the form that was asked for is made: with thousands of tracks the others are what would cost most.
fn present(report: &report::Report, format: Format) -> Outcome {
    match format {
        Format::Terminal(columns) => terminal::text(report, columns).into(),
        Format::Markdown(bytes) => {
            let mut text = Text::default();
            text.push(Style::Plain, &markdown::text(report, bytes));
            text.into()
        }
        Format::Json => Outcome {
            text: Vec::new(),
            json: json::text(report),
            plan: None,
        },
    }
}

/// What `/conductor-setup` writes first: with it there, the next step is a track.
fn is_set_up(path: &str) -> bool {
    matches!(
        path,
        "product.md" | "tech-stack.md" | "workflow.md" | "tracks.md" | "index.md"
    )
}
