//! The crew member that carries out a track in place of polecats: one session that goes on over all of it, with one item at a time.
//!
//! A polecat begins each item with nothing but its brief. On a long track whose waves are narrow that costs more than it wins, so that a
//! crew member is offered there (specification, "Future Enhancements" 2).

use conductor_gastown::town::Agent;
use conductor_plugin::{Choice, Failure};

use super::look::Look;
use crate::ask::{carry, choice};
use crate::choose::Mode;
use crate::folder::Value;
use crate::ground::Ground;
use crate::settle::set_metadata;
use crate::standing::Standing;

/// From how many waves on a track is long.
const LONG: u32 = 6;

/// The crew member that gets the items: who was asked for, else who has the track.
#[must_use]
pub fn of<'g>(ground: &'g Ground<'_>) -> Option<&'g str> {
    let asked = ground.arguments.text("crew");
    asked.or_else(|| kept(ground).filter(|_| !ground.arguments.flag("polecats")))
}

/// How a crew member ends its work on a bead: it has no `gt done` (gastown 1.2.1 refuses it to all but polecats) and no merge queue. That
/// the work is on the target is known by the bead's id in a commit's message.
#[must_use]
pub fn ends(bead: &str) -> String {
    format!(
        "Nobody merges it for you: with `({bead})` in the message of your last commit, `git pull --rebase` and `git push` to the branch that you began on. Then end with `bd close {bead}`.\n"
    )
}

/// Who has the track, of those that can be: the file is the repository's.
fn kept<'g>(ground: &'g Ground<'_>) -> Option<&'g str> {
    let metadata = ground.track.metadata.as_ref()?;
    let is_there = metadata.execution_mode.as_deref() == Some(Mode::GasTown.word());
    metadata
        .gastown_crew
        .as_deref()
        .filter(|name| is_there && is_name(name))
}

fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=64).contains(&text.len()) && !text.starts_with(['-', '.', '_']) && text.bytes().all(is_part)
}

/// Whether the crew member is one that may get the items.
///
/// # Errors
/// `usage` where polecats are asked for as well, `no-crew` where only metadata.json names them and the rig does not have them: a file of
/// the repository makes nobody.
pub fn check(ground: &Ground<'_>, look: &Look, standing: &Standing) -> Result<(), Failure> {
    let arguments = &ground.arguments;
    if arguments.text("crew").is_some() {
        return match arguments.flag("polecats") {
            true => Err(Failure::new("usage", "`--crew` and `--polecats` are asked for at once").hinted("one of them")),
            false => Ok(()),
        };
    }
    if standing.ready.is_empty() {
        return Ok(());
    }
    let Some(crew) = of(ground).filter(|crew| !members(look).any(|agent| agent.name == *crew)) else {
        return Ok(());
    };
    let (track, rig) = (&*ground.track.id, &look.rig);
    let make = format!("--crew={crew}");
    Err(Failure::new(
        "no-crew",
        format!("the track's metadata.json gives it to {rig}/crew/{crew}, and the rig has no such crew member"),
    )
    .choice(choice(
        "A",
        "Give it to polecats",
        "each item to one of its own, side by side",
        &[track, "--polecats"],
    ))
    .choice(choice(
        "B",
        &format!("Start crew member {crew}"),
        "with a workspace of its own in the rig",
        &[track, &make],
    )))
}

fn members(look: &Look) -> impl Iterator<Item = &Agent> {
    let agents = look.agents().into_iter().flat_map(|rig| &rig.agents);
    agents.filter(|agent| agent.role == "crew")
}

fn has_work(look: &Look, agent: &Agent) -> bool {
    let address = format!("{}/crew/{}", look.rig, agent.name);
    let mut beads = look.work.beads.iter();
    beads.any(|bead| bead.is_under_way() && bead.assignee == address)
}

/// The other way to carry the track out: by a crew member where it is long, by polecats where a crew member has it.
#[must_use]
pub fn others(ground: &Ground<'_>, look: &Look) -> Vec<Choice> {
    let track = &*ground.track.id;
    let mut others = match of(ground) {
        Some(_) => vec![choice(
            "A",
            "Polecats instead",
            "each item to one of its own, side by side",
            &[track, "--polecats"],
        )],
        None if is_long(ground) => {
            // Who runs gets it before who would be started.
            let mut free: Vec<&Agent> = members(look).filter(|agent| !has_work(look, agent)).collect();
            free.sort_by_key(|agent| (!agent.running, &agent.name));
            let first = free.first().map(|agent| {
                choice(
                    "A",
                    &format!("Crew member {} instead", agent.name),
                    "one item after the other, in one session that keeps what it has learnt",
                    &[track, &format!("--crew={}", agent.name)],
                )
            });
            first.into_iter().collect()
        }
        None => Vec::new(),
    };
    carry(ground.host, &mut others);
    others
}

fn is_long(ground: &Ground<'_>) -> bool {
    ground.graph.waves() >= LONG
}

/// Said once, before anything of a long track is begun, where the rig has no crew that could be offered.
#[must_use]
pub fn note(ground: &Ground<'_>, look: &Look) -> Option<String> {
    let is_begun = ground
        .track
        .metadata
        .as_ref()
        .is_some_and(|metadata| metadata.gastown_convoy.is_some());
    let is_said = is_begun || of(ground).is_some() || members(look).next().is_some();
    (is_long(ground) && !is_said).then(|| {
        format!(
            "it takes {} waves: `--crew NAME` makes a crew member of the rig, whose one session goes on over all of them",
            ground.graph.waves()
        )
    })
}

/// Writes down who has the track, so that the next run goes on with them. What was changed.
///
/// # Errors
/// Why the file can't be changed.
pub fn keep(ground: &Ground<'_>) -> Result<Option<String>, Failure> {
    let now = of(ground);
    let metadata = ground.track.metadata.as_ref();
    if now == metadata.and_then(|metadata| metadata.gastown_crew.as_deref()) {
        return Ok(None);
    }
    let value = now.map_or(Value::Absent, |crew| Value::Text(crew.to_owned()));
    set_metadata(ground.host, ground.track, &[("gastown_crew", value)])
}

#[cfg(test)]
mod tests {
    use conductor_beads::Bead;
    use conductor_gastown::Town;
    use conductor_gastown::town::{Agent, Rig};
    use conductor_plugin::Failure;
    use conductor_plugin::testing::FakeHost;

    use super::*;
    use crate::folder::GRANT;
    use crate::{agree, ground};

    /// A track of as many waves as it has phases.
    fn host(phases: usize, metadata: &str) -> FakeHost {
        let plan: String = (1..=phases)
            .map(|phase| format!("\n## Phase {phase}: P{phase}\n- [ ] Task 1: t{phase}\n"))
            .collect();
        FakeHost::new()
            .file(
                GRANT,
                "tracks.md",
                "# Tracks\n\n## [ ] Track: Shop\n*Link: [./tracks/shop_1/](./tracks/shop_1/)*\n",
            )
            .file(GRANT, "tracks/shop_1/plan.md", format!("# Plan\n{plan}"))
            .file(GRANT, "tracks/shop_1/metadata.json", metadata)
    }

    /// A rig with these crew members: name, and whether its session runs.
    fn look(crew: &[(&str, bool)]) -> Look {
        let agents = crew.iter().map(|&(name, running)| Agent {
            name: name.to_owned(),
            role: "crew".to_owned(),
            running,
            ..Agent::default()
        });
        let rig = Rig {
            name: "shop".to_owned(),
            agents: agents.collect(),
        };
        Look {
            rig: "shop".to_owned(),
            town: Town {
                rigs: vec![rig],
                ..Town::default()
            },
            ..Look::default()
        }
    }

    /// Something may begin.
    fn ready() -> Standing {
        Standing {
            ready: vec![0],
            ..Standing::default()
        }
    }

    fn on<R>(host: &FakeHost, act: impl FnOnce(&Ground<'_>) -> Result<R, Failure>) -> Result<R, Failure> {
        ground::on(host, Some("shop_1"), act)
    }

    fn offered(host: &FakeHost, look: &Look) -> Option<Vec<String>> {
        let others = on(host, |ground| Ok(others(ground, look))).expect("a track");
        others.into_iter().next().map(|choice| choice.args)
    }

    #[test]
    fn a_long_track_can_go_to_a_crew_member_who_is_free() {
        let mut rig = look(&[("ada", false), ("mel", true), ("zoe", true)]);
        assert_eq!(offered(&host(5, "{}"), &rig), None, "a short one goes to polecats");
        let args = |crew: &str| Some(vec!["shop_1".to_owned(), format!("--crew={crew}")]);
        assert_eq!(offered(&host(6, "{}"), &rig), args("mel"));
        rig.work.beads.push(Bead {
            id: "sp-1".to_owned(),
            status: "hooked".to_owned(),
            assignee: "shop/crew/mel".to_owned(),
            ..Bead::default()
        });
        assert_eq!(offered(&host(6, "{}"), &rig), args("zoe"));
        assert_eq!(offered(&host(6, "{}"), &look(&[("ada", false)])), args("ada"));
        assert_eq!(offered(&host(6, "{}"), &look(&[])), None);
        let carried = offered(&host(6, "{}").argument("although", "refinery"), &rig).expect("a way");
        assert_eq!(carried.last().map(String::as_str), Some("--although=refinery"));
    }

    #[test]
    fn one_is_told_that_a_crew_member_would_do_before_it_is_begun_and_not_again() {
        let told = |host: &FakeHost, look: &Look| on(host, |ground| Ok(note(ground, look))).expect("a track");
        assert!(told(&host(6, "{}"), &look(&[])).is_some_and(|note| note.contains("6 waves")));
        assert_eq!(told(&host(5, "{}"), &look(&[])), None);
        assert_eq!(told(&host(6, "{}"), &look(&[("mel", true)])), None, "it is offered");
        assert_eq!(told(&host(6, r#"{"gastown_convoy": "hq-cv-1"}"#), &look(&[])), None);
    }

    #[test]
    fn a_track_stays_with_its_crew_member_until_polecats_get_it_again() {
        let of = |host: &FakeHost| on(host, |ground| Ok(of(ground).map(str::to_owned))).expect("a track");
        let keep = |host: &FakeHost| on(host, keep).expect("it can be written");
        let rig = look(&[("mel", true)]);
        let begun = "{\n  \"execution_mode\": \"gastown\"\n}\n";
        let host = host(2, begun).argument("crew", "mel");
        assert!(keep(&host).is_some_and(|line| line.contains("gastown_crew")));
        let metadata = |host: &FakeHost| host.content(GRANT, "tracks/shop_1/metadata.json").expect("it is there");
        let kept = String::from_utf8(metadata(&host)).expect("text");

        let later = self::host(2, &kept);
        assert_eq!((of(&later).as_deref(), keep(&later)), (Some("mel"), None));
        let scope = |host: &FakeHost| on(host, |ground| Ok(agree::scope(ground, Mode::GasTown))).expect("a track");
        assert_eq!(
            scope(&later),
            "track:shop_1/gastown/crew/mel",
            "a yes for polecats is none for her"
        );
        assert_eq!(
            offered(&later, &rig),
            Some(vec!["shop_1".to_owned(), "--polecats".to_owned()])
        );
        let back = self::host(2, &kept).argument("polecats", true);
        assert_eq!(of(&back), None);
        assert!(keep(&back).is_some());
        assert_eq!(metadata(&back), begun.as_bytes());
    }

    #[test]
    fn a_file_of_the_repository_makes_no_crew_member() {
        let code = |host: &FakeHost, crew| {
            on(host, |ground| check(ground, &look(crew), &ready())).map_err(|failure| {
                let ways: Vec<String> = failure
                    .choices
                    .iter()
                    .flat_map(|choice| choice.args[1..].to_vec())
                    .collect();
                (failure.code, ways.join(" "))
            })
        };
        let named = r#"{"execution_mode": "gastown", "gastown_crew": "mel"}"#;
        assert_eq!(
            code(&host(2, named), &[("ada", true)]),
            Err(("no-crew".to_owned(), "--polecats --crew=mel".to_owned()))
        );
        assert_eq!(code(&host(2, named), &[("mel", false)]), Ok(()));
        assert_eq!(code(&host(2, named).argument("polecats", true), &[]), Ok(()));
        let nothing = |ground: &Ground<'_>| check(ground, &look(&[]), &Standing::default());
        assert!(
            on(&host(2, named), nothing).is_ok(),
            "nobody is asked where nothing begins"
        );
        for odd in ["--polecats", "a b", "", "x;y"] {
            let metadata = format!(r#"{{"execution_mode": "gastown", "gastown_crew": "{odd}"}}"#);
            assert_eq!(code(&host(2, &metadata), &[]), Ok(()), "{odd}");
        }
        let elsewhere = r#"{"execution_mode": "native-task", "gastown_crew": "mel"}"#;
        assert_eq!(code(&host(2, elsewhere), &[]), Ok(()), "it is not in Gas Town");
        // Who types a name may have that crew member made.
        assert_eq!(code(&host(2, "{}").argument("crew", "new"), &[]), Ok(()));
        let both = host(2, "{}").argument("crew", "mel").argument("polecats", true);
        assert_eq!(code(&both, &[("mel", true)]).expect_err("both").0, "usage");
    }
}
