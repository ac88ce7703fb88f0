//! The bundled plugin behind `conductor doctor`: what is there and what is missing, by what one wants to do, and what to type next.
//!
//! The way through: every program is asked at once ([`probe`]), the files are read meanwhile, and all that was found out
//! ([`facts`]) becomes a [`report`], shown in one of three forms of the same words. Each of `conductor`, `programs`, `pair`,
//! `workspace`, `town`, `ignore` and `health` knows one kind of thing and decides from the facts alone.

use conductor_plugin::{Failure, Format, Host, Outcome, Plugin};

mod check;
mod conductor;
mod facts;
mod health;
mod ignore;
mod markdown;
mod mode;
mod pair;
mod probe;
mod programs;
mod report;
mod terminal;
mod town;
mod version;
mod words;
mod workspace;

/// Shows what is there and what is missing.
#[derive(Debug)]
pub struct DoctorPlugin;

impl Plugin for DoctorPlugin {
    fn run(host: &dyn Host) -> Result<Outcome, Failure> {
        let facts = probe::Probes::start(host).wait(host);
        let asked = host.arguments().text("for").and_then(mode::Mode::named);
        let report = report::report(&facts, asked);
        let text = match host.presentation() {
            Format::Terminal(columns) => terminal::text(&report, columns),
            Format::Markdown(_) => markdown::text(&report),
            Format::Json => Default::default(),
        };
        // In each form, since the host takes the exit code from it.
        let json = serde_json::to_string(&report).expect("a report holds only text, numbers and lists, which JSON has");
        Ok(Outcome { json, ..text.into() })
    }
}

conductor_plugin::export!(DoctorPlugin);

#[cfg(test)]
mod tests;
