//! The facts for a person at a terminal.

use conductor_common::count;
use conductor_common::width::{one_line, shortened, width};
use conductor_plugin::{Style, Text};

use super::facts::{All, Facts, Stretch};

/// The column at which what belongs to a word begins.
const INDENT: usize = 10;

/// The text.
pub(super) fn text(facts: &Facts, columns: u16) -> Text {
    let mut page = Page::new(columns);
    page.track(facts);
    page.text
}

/// The text of all tracks.
pub(super) fn all(all: &All, columns: u16) -> Text {
    let mut page = Page::new(columns);
    for facts in &all.tracks {
        page.track(facts);
        page.text.end_line();
    }
    for held in &all.held {
        page.line(&format!("{}: {}", one_line(&held.track), one_line(&held.why)));
        page.list("Next", held.next.as_slice());
    }
    if all.tracks.is_empty() && all.held.is_empty() {
        page.line("No track is begun, and none can be.");
    }
    page.text
}

struct Page {
    text: Text,
    columns: usize,
}

impl Page {
    fn new(columns: u16) -> Self {
        Self {
            text: Text::default(),
            columns: usize::from(columns).max(40),
        }
    }

    fn track(&mut self, facts: &Facts) {
        match facts.what {
            "brief" => self.briefs(facts),
            "begun" => {
                self.line(&format!("Begun: {}", count(facts.begins.len(), "worker")));
                self.list("Changed", &facts.changed);
                match facts.mode {
                    "gastown" => self.polecats(facts),
                    _ => self.briefs(facts),
                }
            }
            "done" => {
                self.line(&format!("{} is done", one_line(&facts.track)));
                self.list("Changed", &facts.changed);
            }
            _ => self.plan(facts),
        }
    }

    fn line(&mut self, line: &str) {
        self.text.plain(&shortened(line, self.columns));
        self.text.end_line();
    }

    /// A word, and lines behind it.
    fn list(&mut self, word: &str, lines: &[String]) {
        for (at, line) in lines.iter().enumerate() {
            let word = if at == 0 { word } else { "" };
            self.text.push(Style::Strong, word);
            self.text.plain(&" ".repeat(INDENT.saturating_sub(width(word))));
            let line = one_line(line);
            self.text.plain(&shortened(&line, self.columns - INDENT));
            self.text.end_line();
        }
    }

    fn plan(&mut self, facts: &Facts) {
        let rig = facts.rig.as_deref().map(one_line).unwrap_or_default();
        let how = match facts.mode {
            "gastown" => format!("Gas Town, rig {rig}"),
            "native-beads" => "native, Claude's own sub-agents, with Beads".to_owned(),
            _ => "native, Claude's own sub-agents".to_owned(),
        };
        let head = match facts.what {
            "plan" => format!("Plan for {}: {how}", one_line(&facts.track)),
            _ => format!("{}: {how}", one_line(&facts.track)),
        };
        self.line(&head);
        self.list("Changed", &facts.changed);
        self.list("Known", &facts.notes);
        if facts.items > 0 {
            self.text.end_line();
            self.line(&format!(
                "{} for workers in {}, at most {} at once; {} for you",
                count(facts.items, "item"),
                count(facts.waves as usize, "wave"),
                facts.width,
                count(
                    facts.order.iter().map(|stretch| stretch.then.len()).sum(),
                    "verification"
                )
            ));
            for stretch in &facts.order {
                self.stretch(stretch);
            }
        }
        let chained = facts.chained.iter();
        let chained: Vec<String> = chained
            .map(|chain| format!("{}: {}", chain.items.join(" -> "), chain.files.join(", ")))
            .collect();
        self.list("Chained", &chained);
        if !facts.without_files.is_empty() {
            let names = facts.without_files.join(", ");
            self.list(
                "Unclear",
                &[format!(
                    "{names}: no file is claimed, so what may collide can't be foreseen"
                )],
            );
        }
        self.list("Problem", &facts.problems);
        self.text.end_line();
        let at_work = facts.at_work.iter().map(|worker| {
            let since = worker
                .since
                .as_deref()
                .map_or_else(String::new, |since| format!(", since {since}"));
            let elsewhere = if worker.elsewhere {
                ", of another Claude session"
            } else {
                ""
            };
            let bead = worker
                .bead
                .as_deref()
                .map_or_else(String::new, |bead| format!(" ({bead})"));
            let state = worker
                .state
                .map_or_else(String::new, |state| format!(", {}", state.replace('_', " ")));
            let who = if worker.worker.is_empty() {
                "nobody"
            } else {
                &worker.worker
            };
            format!("{who}: {}{bead}{state}{since}{elsewhere}", worker.title)
        });
        self.list("At work", &at_work.collect::<Vec<_>>());
        let begins = facts.begins.iter().enumerate().map(|(at, begins)| {
            let files = if begins.files.is_empty() {
                String::new()
            } else {
                format!(", claims {}", begins.files.join(", "))
            };
            let who = match begins.worker.as_str() {
                "" => "a polecat",
                worker => worker,
            };
            format!("{}  {who} on {} {}{files}", at + 1, begins.item, begins.title)
        });
        let mut now: Vec<String> = Vec::new();
        if facts.makes > 0 {
            now.push(format!(
                "{} in the rig, and one convoy over them",
                count(facts.makes, "bead")
            ));
        }
        now.extend(begins);
        self.list("Now", &now);
        let asks = facts
            .asks
            .iter()
            .flat_map(|asks| [format!("{}: {}", asks.item, asks.why), format!("  {}", asks.next)]);
        self.list("You", &asks.collect::<Vec<_>>());
        let waits = facts
            .held_back
            .iter()
            .map(|waits| format!("{}: {}", waits.item, waits.why));
        self.list("Waits", &waits.collect::<Vec<_>>());
        let due = facts.due.iter().map(|due| {
            format!(
                "phase {} verification (plan.md:{}): `--pass {}`, or `--reject {} --reason TEXT`",
                due.phase, due.line, due.phase, due.phase
            )
        });
        self.list("You", &due.collect::<Vec<_>>());
        match (facts.what, &facts.digest) {
            (_, Some(digest)) if facts.mode == "gastown" => {
                self.line(&format!(
                    "It starts agents on this machine, with your account (plan {})",
                    &digest[..8]
                ));
            }
            (_, Some(digest)) => self.line(&format!(
                "Sub-agents live in Claude Code: `/conductor-dispatch {}` there (plan {})",
                one_line(&facts.track),
                &digest[..8]
            )),
            ("nothing", None) => self.line("Nothing to start."),
            _ => {}
        }
    }

    fn stretch(&mut self, stretch: &Stretch) {
        let last = stretch.from + u32::try_from(stretch.waves.len()).unwrap_or(u32::MAX).saturating_sub(1);
        let word = match stretch.waves.len() {
            0 => "now".to_owned(),
            1 => format!("wave {}", stretch.from),
            _ => format!("waves {}-{last}", stretch.from),
        };
        let items: Vec<String> = stretch.waves.iter().map(|items| items.join(" · ")).collect();
        let then = match stretch.then.as_slice() {
            [] => String::new(),
            [one] => format!("then you: phase {one}"),
            several => format!("then you: phases {}", several.join(", ")),
        };
        let room = self.columns.saturating_sub(16 + then.len() + 3);
        let items = items.join(", ");
        let shown = shortened(&items, room);
        let gap = room.saturating_sub(width(&shown)) + 2;
        self.text.plain(&format!("  {word:<14}{shown}"));
        if !then.is_empty() {
            self.text
                .plain(&" ".repeat(gap.min(48usize.saturating_sub(width(&shown)).max(2))));
            self.text.push(Style::Warn, &then);
        }
        self.text.end_line();
    }

    /// Who has what, and what to watch.
    fn polecats(&mut self, facts: &Facts) {
        self.list("Known", &facts.notes);
        let has = facts
            .begins
            .iter()
            .map(|begins| format!("{} has {} {}", begins.worker, begins.item, begins.title));
        self.list("At work", &has.collect::<Vec<_>>());
        let convoy = facts
            .convoy
            .iter()
            .map(|convoy| format!("`gt convoy status {convoy}` in the town"));
        let again = format!(
            "`conductor dispatch {}` again goes on, `--watch --yes` by itself",
            one_line(&facts.track)
        );
        let peek = "`gt dashboard --bind 127.0.0.1`, `gt mayor attach`".to_owned();
        self.list("Watch", &convoy.chain([peek, again]).collect::<Vec<_>>());
    }

    fn briefs(&mut self, facts: &Facts) {
        for begins in &facts.begins {
            self.text.end_line();
            self.text.push(Style::Strong, &begins.worker);
            self.text.end_line();
            self.text.plain(begins.brief.as_deref().unwrap_or_default());
        }
    }
}
