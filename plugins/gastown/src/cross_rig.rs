//! Beads of other rigs, and of the town, that a rig's work waits for.
//!
//! Of such a dependency `bd` keeps the name and nothing else, and takes what depends on it for ready; `gt` slings it. Whether the other
//! bead is closed only its own database tells. (Specification, "Future Enhancements" 1.)

use std::collections::{BTreeMap, BTreeSet};

use conductor_beads::{Asked, Bead, Call, Error, answer, ask, reads};
use conductor_plugin::Host;

use crate::reads::{RIG, TIMEOUT_MS};
use crate::rig::Registry;
use crate::work::is_closed_by_worker;

/// Beads of a rig by their ids. (`bd show` would keep an id as the last one that was touched.)
pub const IN_RIG: Call = Call {
    name: "rig-by-id",
    cwd: RIG,
    timeout_ms: TIMEOUT_MS,
    ..reads::BY_ID
};

/// Beads of the town's own database.
pub const IN_TOWN: Call = Call {
    name: "town-by-id",
    cwd: "town",
    ..IN_RIG
};

/// What the ids of the town's own beads begin with.
const TOWN: &str = "hq";

/// Something of another database that a bead waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrossRig {
    /// The bead's id; or the whole reference, `external:project:capability`, where it names no bead.
    pub id: String,
    /// The rig; `hq` for the town itself; `None` where no rig of the town has such ids.
    pub rig: Option<String>,
    /// Its title, where it was found.
    pub title: Option<String>,
    /// Its status, where it was found; [`NOT_MERGED`] where a worker has closed it and no merge was seen.
    pub status: Option<String>,
}

/// The status of a bead that its worker has handed in or given up: `gt done` closes it, and only the merge changes the reason for that.
pub const NOT_MERGED: &str = "not_merged";

/// What work waits for, by the id of the bead that waits.
pub type Waits = BTreeMap<String, Vec<CrossRig>>;

/// What the open ones of these beads of a rig wait for elsewhere and that is not done: one process for each rig that is named. What can't
/// be told counts as open; then the error says why. Without the rig's prefix nobody knows what is elsewhere.
#[must_use]
pub fn open<'b>(
    host: &dyn Host,
    registry: &Registry,
    rig: &str,
    beads: impl Iterator<Item = &'b Bead>,
    timeout_ms: u64,
) -> (Waits, Option<Error>) {
    let prefix = registry.rigs.get(rig).map_or("", |entry| entry.beads.prefix.as_str());
    if prefix.is_empty() {
        return (Waits::new(), None);
    }
    // Beads that were made before the rig's prefix was set right have another one, and are its own.
    let of = |id: &str| match id.starts_with("external:") {
        true => None,
        false => rig_of(registry, id).or(Some(rig)).map(str::to_owned),
    };
    let waiting: Vec<(&str, Vec<&str>)> = beads
        .filter(|bead| !bead.is_closed())
        .map(|bead| (bead.id.as_str(), elsewhere(bead, prefix).collect()))
        .filter(|(_, elsewhere): &(_, Vec<_>)| !elsewhere.is_empty())
        .collect();
    let mut by_rig: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for id in waiting.iter().flat_map(|(_, elsewhere)| elsewhere).copied() {
        if let Some(rig) = of(id) {
            by_rig.entry(rig).or_default().insert(id);
        }
    }
    let asked: Vec<Asked<Vec<Bead>>> = by_rig
        .into_iter()
        .map(|(rig, ids)| by_id(host, &rig, &ids.into_iter().collect::<Vec<_>>()).within(timeout_ms))
        .collect();
    let (mut found, mut wrong) = (Vec::new(), None);
    for asked in asked {
        match asked.wait() {
            Ok(beads) => found.extend(beads),
            Err(error) => wrong = Some(error),
        }
    }
    let told = |id: &str| {
        let bead = found.iter().find(|bead| bead.id == id);
        CrossRig {
            id: id.to_owned(),
            rig: of(id),
            title: bead.map(|bead| bead.title.clone()),
            status: bead.map(|bead| match is_not_merged(bead) {
                true => NOT_MERGED.to_owned(),
                false => bead.status.clone(),
            }),
        }
    };
    let waits = waiting.into_iter().filter_map(|(id, elsewhere)| {
        let told = elsewhere.into_iter().map(told);
        let open: Vec<CrossRig> = told.filter(|bead| bead.status.as_deref() != Some("closed")).collect();
        (!open.is_empty()).then(|| (id.to_owned(), open))
    });
    (waits.collect(), wrong)
}

/// What a person has closed so is done.
fn is_not_merged(bead: &Bead) -> bool {
    is_closed_by_worker(bead) && bead.assignee.contains("/polecats/")
}

/// What a bead of a rig waits for that is not the rig's.
fn elsewhere<'b>(bead: &'b Bead, prefix: &str) -> impl Iterator<Item = &'b str> {
    bead.blocked_by().map(name).filter(move |id| !is_of(id, prefix))
}

/// `gt` wraps ids of other databases as `external:ot:ot-ze9`.
fn name(reference: &str) -> &str {
    let mut parts = reference.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some("external"), Some(prefix), Some(id)) if is_of(id, prefix) => id,
        _ => reference,
    }
}

fn is_of(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('-'))
}

/// The rig with the longest prefix that fits.
fn rig_of<'r>(registry: &'r Registry, id: &str) -> Option<&'r str> {
    let rigs = registry
        .rigs
        .iter()
        .map(|(rig, entry)| (rig.as_str(), entry.beads.prefix.as_str()));
    let all = rigs
        .chain([(TOWN, TOWN)])
        .filter(|(_, prefix)| !prefix.is_empty() && is_of(id, prefix));
    all.max_by_key(|(_, prefix)| prefix.len()).map(|(rig, _)| rig)
}

/// `bd list --id` in a rig or the town: the beads with these ids, as far as they are there.
pub fn by_id(host: &dyn Host, rig: &str, ids: &[&str]) -> Asked<Vec<Bead>> {
    let ids = ids.join(",");
    match rig {
        TOWN => ask(host, IN_TOWN, &[("ids", &ids)], answer::list),
        _ => ask(host, IN_RIG, &[("rig", rig), ("ids", &ids)], answer::list),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use conductor_beads::Kind;
    use conductor_plugin::testing::FakeHost;
    use conductor_plugin::{Error as Refused, Output};
    use serde_json::json;

    use super::*;
    use crate::rig::{Entry, Routed};

    fn registry() -> Registry {
        let entry = |prefix: &str| Entry {
            beads: Routed {
                prefix: prefix.to_owned(),
            },
            ..Entry::default()
        };
        Registry {
            rigs: [("shop", "sp"), ("other", "ot"), ("long", "ot-x")]
                .into_iter()
                .map(|(rig, prefix)| (rig.to_owned(), entry(prefix)))
                .collect(),
        }
    }

    fn bead(id: &str, on: &[&str]) -> Bead {
        let on: Vec<_> = on
            .iter()
            .map(|on| json!({"depends_on_id": on, "type": "blocks"}))
            .collect();
        serde_json::from_value(json!({"id": id, "status": "open", "dependencies": on})).expect("a bead")
    }

    fn refused() -> Refused {
        Refused {
            code: "denied".to_owned(),
            message: "not granted".to_owned(),
            grant: None,
        }
    }

    fn printed(beads: serde_json::Value) -> Output {
        Output {
            status: Some(0),
            stdout: beads.to_string().into_bytes(),
            ..Output::default()
        }
    }

    #[test]
    fn what_is_open_elsewhere_is_told_with_its_rig() {
        let asked = Rc::new(RefCell::new(Vec::new()));
        let seen = Rc::clone(&asked);
        let host = FakeHost::new().answered(move |call, values| {
            let value = |name: &str| {
                values
                    .iter()
                    .find(|(hole, _)| *hole == name)
                    .map_or("", |(_, value)| value[0])
            };
            let (rig, ids) = (value("rig"), value("ids"));
            seen.borrow_mut().push(format!("{call} {rig} {ids}"));
            match ids {
                "ot-1,ot-2,ot-3,ot-4" => Ok(printed(json!([
                    {"id": "ot-1", "title": "API", "status": "in_progress"},
                    {"id": "ot-3", "title": "Form", "status": "closed", "close_reason": "Closed", "assignee": "other/polecats/jade"},
                    {"id": "ot-4", "title": "Row", "status": "closed", "close_reason": "Merged in ot-9", "assignee": "other/polecats/nux"},
                ]))),
                "shop-7" => Ok(printed(json!([{"id": "shop-7", "title": "Old", "status": "closed"}]))),
                "hq-2" => Ok(printed(json!([{"id": "hq-2", "title": "Keys", "status": "closed"}]))),
                "ot-x-3" => Ok(printed(json!([]))),
                _ => Err(refused()),
            }
        });
        let beads = [
            bead("sp-1", &["sp-9", "ot-1", "ot-2", "hq-2"]),
            bead("sp-2", &["external:ot:ot-1", "ot-x-3"]),
            bead("sp-3", &["external:other:api", "hq-2"]),
            bead("sp-4", &["hq-2", "ot-4", "shop-7"]),
            bead("sp-6", &["ot-3"]),
            Bead {
                status: "closed".to_owned(),
                ..bead("sp-5", &["ot-7"])
            },
        ];
        let (waits, wrong) = open(&host, &registry(), "shop", beads.iter(), 1);
        assert_eq!(wrong.map(|error| error.kind), None);
        let told: Vec<String> = waits
            .iter()
            .map(|(id, on)| {
                let on = on.iter().map(|on| {
                    format!(
                        "{}@{} {:?}",
                        on.id,
                        on.rig.as_deref().unwrap_or("?"),
                        on.status.as_deref()
                    )
                });
                format!("{id}: {}", on.collect::<Vec<_>>().join(", "))
            })
            .collect();
        assert_eq!(
            told,
            [
                r#"sp-1: ot-1@other Some("in_progress"), ot-2@other None"#,
                r#"sp-2: ot-1@other Some("in_progress"), ot-x-3@long None"#,
                "sp-3: external:other:api@? None",
                r#"sp-6: ot-3@other Some("not_merged")"#,
            ]
        );
        asked.borrow_mut().sort();
        assert_eq!(
            *asked.borrow(),
            [
                "rig-by-id long ot-x-3",
                "rig-by-id other ot-1,ot-2,ot-3,ot-4",
                "rig-by-id shop shop-7",
                "town-by-id  hq-2"
            ],
            "each once, and nothing of what is closed"
        );
    }

    #[test]
    fn what_can_not_be_told_counts_as_open() {
        let host = FakeHost::new().answered(|_, _| Err(refused()));
        let (waits, wrong) = open(&host, &registry(), "shop", [bead("sp-1", &["ot-1"])].iter(), 1);
        assert_eq!(wrong.map(|error| error.kind), Some(Kind::NotGranted));
        assert_eq!(
            (waits["sp-1"][0].id.as_str(), &waits["sp-1"][0].status),
            ("ot-1", &None)
        );
    }

    #[test]
    fn without_such_a_dependency_nothing_is_asked() {
        let host = FakeHost::new().answered(|call, _| panic!("{call}"));
        let (waits, wrong) = open(&host, &registry(), "shop", [bead("sp-1", &["sp-2"])].iter(), 1);
        assert!(waits.is_empty() && wrong.is_none());
    }
}
