//! The sentences of the report, the same in each form: one for an area, one for all.

use crate::check::{Check, State};
use crate::mode::Mode;
use crate::report::{Area, Report};

/// The sign before a line. Words say the same.
pub(crate) fn sign(state: State, needed: bool) -> &'static str {
    match (state, needed) {
        (State::Ok, _) | (State::Look, false) => "✓",
        (State::Missing | State::Unknown, false) => "–",
        (State::Look | State::Missing | State::Unknown, true) => "!",
    }
}

/// Whether the checks of an area are shown one by one: where it was asked for, and where something of what is needed is not as it
/// should be. One alone that is well says no more than its area.
pub(crate) fn is_opened(report: &Report, area: &Area) -> bool {
    match area.state {
        State::Ok => report.asked && area.checks.len() > 1,
        _ => area.needed,
    }
}

/// Whether a check is shown in an area that is opened.
pub(crate) fn is_shown(report: &Report, check: &Check) -> bool {
    report.asked || check.state != State::Ok
}

/// What there is to say of an area in one line.
pub(crate) fn of_area(report: &Report, area: &Area) -> String {
    match area.state {
        State::Look if !is_opened(report, area) => {
            format!(
                "{}; known trouble: `conductor doctor --for {}`",
                here(area),
                area.name.name()
            )
        }
        State::Ok | State::Look => here(area),
        State::Missing | State::Unknown if is_opened(report, area) => how_many(area),
        State::Missing | State::Unknown => {
            let steps = format!("; steps: `conductor doctor --for {}`", area.name.name());
            let steps = if area.count_open() > 1 { steps } else { String::new() };
            let optional = if report.mode.is_some() { "optional: " } else { "" };
            format!("{optional}{}{steps}", lacks(area))
        }
    }
}

/// The checks that name an area when all is well.
fn here(area: &Area) -> String {
    let brief: Vec<&str> = area
        .checks
        .iter()
        .filter(|check| check.brief)
        .map(|check| check.text.as_str())
        .collect();
    brief.join(" · ")
}

fn how_many(area: &Area) -> String {
    let count = |state| area.checks.iter().filter(|check| check.state == state).count();
    match (count(State::Missing), count(State::Unknown)) {
        (0, unknown) => format!("{unknown} of {} could not be found out", area.checks.len()),
        (missing, _) => format!("{missing} of {} missing", area.checks.len()),
    }
}

/// What an area lacks: programs by their names, everything else in its own words.
fn lacks(area: &Area) -> String {
    let open = || {
        area.checks
            .iter()
            .filter(|check| matches!(check.state, State::Missing | State::Unknown))
    };
    let absent: Vec<&str> = open().filter_map(|check| check.absent).collect();
    let absent = match absent.as_slice() {
        [] => None,
        [one] => Some(format!("{one} is not installed")),
        several => Some(format!("{} are not installed", several.join(", "))),
    };
    // Without its program the rest could not be looked at.
    let others: Vec<String> = open()
        .filter(|check| check.absent.is_none())
        .map(|check| check.text.clone())
        .collect();
    let parts: Vec<String> = match absent {
        Some(absent) => vec![absent],
        None => others.into_iter().take(1).collect(),
    };
    parts.join("; ")
}

impl Area {
    fn count_open(&self) -> usize {
        let is_open = |check: &&Check| matches!(check.state, State::Missing | State::Unknown);
        self.checks.iter().filter(is_open).count()
    }
}

/// What belongs to a check beside its own words.
pub(crate) fn needed(check: &Check) -> Option<String> {
    let needed = check.needed.map(|needed| format!("needs {needed}"));
    let tested = check.tested.map(|tested| format!("tested with {tested}"));
    let parts: Vec<String> = needed.into_iter().chain(tested).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The host's own things in one line, where all of them are as they should be.
pub(crate) const HOST_OK: &str = "cache, data, grants and audit log can be used";

/// The last sentence.
pub(crate) fn all(report: &Report) -> String {
    let look = match report.look {
        0 => String::new(),
        1 => "1 thing to look at, ".to_owned(),
        several => format!("{several} things to look at, "),
    };
    let who = match (report.mode, report.asked) {
        (None, _) => return format!("{look}no project here, so nothing is needed"),
        (Some(Mode::Status), true) => "that `status` needs",
        (Some(mode), true) => {
            return format!(
                "{look}{} that {} needs{}",
                things(report.missing),
                mode.title(),
                is_missing(report.missing)
            );
        }
        (Some(_), false) => "that this project needs",
    };
    format!("{look}{} {who}{}", things(report.missing), is_missing(report.missing))
}

fn things(missing: usize) -> String {
    match missing {
        0 => "nothing".to_owned(),
        1 => "1 thing".to_owned(),
        several => format!("{several} things"),
    }
}

fn is_missing(missing: usize) -> &'static str {
    match missing {
        0 | 1 => " is missing",
        _ => " are missing",
    }
}
