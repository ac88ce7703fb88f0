//! The project's tracks in Gas Town: which work is with whom, handed in, merged, in conflict or lost.

use conductor_beads::{Bead, Kind};
use conductor_gastown::cross_rig::Waits;
use conductor_gastown::escalation::ESCALATED;
use conductor_gastown::merge_request::Outcome;
use conductor_gastown::notices::Letter;
use conductor_gastown::overlap::Overlap;
use conductor_gastown::rig::Registry;
use conductor_gastown::town::Rig;
use conductor_gastown::work::{self, State, Work};
use conductor_gastown::{CrossRig, MergeRequest, Notices, RigWork, Town, cross_rig, reads};
use conductor_plugin::{Entry, Host};
use conductor_tracks::metadata::Metadata;
use conductor_tracks::{Project, State as TrackState, Track};

use super::beads;
use super::report::{
    ConvoyLine, Elsewhere, EscalationLine, Gastown, Live, MailLine, SharedFile, TrackGastown, Trouble, WaitsLine,
    WorkLine,
};
use super::trouble;
use crate::survey::is_closed;

/// The grant of the town's list of rigs.
const GRANT: &str = "rigs";

/// How many conflicts are looked at: each is a process.
const MOST: usize = 4;

/// A call that was started.
type Call<T> = conductor_beads::Asked<T>;

/// What was asked, or why nothing could be.
pub(super) enum Asked {
    /// The calls are under way.
    Started(Box<Calls>),
    /// There is no town to ask.
    Nothing(Trouble),
}

/// The calls that were started.
pub(super) struct Calls {
    town: Call<Town>,
    notices: Call<Notices>,
    rig: Result<AskedRig, Trouble>,
}

/// What was asked of the project's rig.
pub(super) struct AskedRig {
    name: String,
    registry: Registry,
    work: Call<RigWork>,
}

/// Asks the town, if a track that is not done was dispatched to one.
pub(super) fn start(host: &dyn Host, entries: &[Entry]) -> Option<Asked> {
    entries.iter().any(is_dispatched).then(|| match registry(host) {
        Ok(registry) => Asked::Started(Box::new(Calls {
            town: reads::town(host),
            notices: reads::notices(host),
            rig: ask_rig(host, registry),
        })),
        Err(trouble) => Asked::Nothing(trouble),
    })
}

/// Looked at before the whole folder is read, so that the tools and the reader work at once.
fn is_dispatched(entry: &Entry) -> bool {
    let is_metadata = entry.path.starts_with("tracks/") && entry.path.ends_with("/metadata.json");
    let speaks_of_it = |bytes: &[u8]| std::str::from_utf8(bytes).is_ok_and(|text| text.contains("gastown"));
    match &entry.content {
        Ok(bytes) if is_metadata && speaks_of_it(bytes) => {
            let metadata = Metadata::read(&entry.path.as_str().into(), bytes, &mut Vec::new());
            metadata.is_some_and(|metadata| in_gastown(&metadata) && metadata.state() != Some(TrackState::Done))
        }
        _ => false,
    }
}

fn in_gastown(metadata: &Metadata) -> bool {
    match metadata.execution_mode.as_deref() {
        Some(mode) => mode == "gastown",
        None => metadata.gastown_convoy.is_some(),
    }
}

fn registry(host: &dyn Host) -> Result<Registry, Trouble> {
    let bytes = host.read(GRANT, "").map_err(|error| {
        let (kind, message) = match error.code.as_str() {
            "denied" | "undeclared" => (Kind::NotGranted, format!("`{GRANT}` is not granted")),
            _ => (Kind::NoPlace, error.message),
        };
        trouble::new("rig", kind, &message)
    })?;
    serde_json::from_slice(&bytes).map_err(|_| {
        trouble::new(
            "rig",
            Kind::Damaged,
            "the town's list of rigs, `mayor/rigs.json`, can't be read",
        )
    })
}

fn ask_rig(host: &dyn Host, registry: Registry) -> Result<AskedRig, Trouble> {
    let remotes = reads::remotes(host)
        .wait()
        .map_err(|error| trouble::of("rig", &error))?;
    let name = registry.of_repository(&remotes).ok_or_else(|| Trouble {
        code: "no-rig",
        hint: Some("`gt rig add NAME URL` in the town makes it one"),
        ..trouble::new(
            "rig",
            Kind::Failed,
            "this project is no rig of the town: none has a repository in common with it",
        )
    })?;
    Ok(AskedRig {
        work: reads::work(host, name),
        name: name.to_owned(),
        registry: registry.clone(),
    })
}

impl Asked {
    /// Waits for the answers, if a track that is shown needs them.
    pub(super) fn finish(self, host: &dyn Host, project: &Project, selected: Option<&Track>, live: &mut Live) {
        let is_asked_for = |track: &Track| selected.is_none_or(|selected| std::ptr::eq(selected, track));
        let is_shown = |track: &&Track| {
            is_asked_for(track) && !is_closed(track) && track.metadata.as_ref().is_some_and(in_gastown)
        };
        let tracks: Vec<&Track> = project.tracks.iter().filter(is_shown).collect();
        if tracks.is_empty() {
            return;
        }
        let mut gastown = Gastown::default();
        match self {
            Self::Nothing(trouble) => {
                gastown.troubles.push(trouble);
                for track in tracks {
                    live.tracks.insert(track.id.to_string(), unknown(track));
                }
            }
            Self::Started(calls) => {
                let Calls { town, notices, rig } = *calls;
                let notices = notices.wait();
                let answers = answers(host, rig, town, notices.as_ref().ok(), &mut gastown);
                add_tracks(&tracks, &answers, &mut gastown, live);
                add_notices(notices, &mut gastown, live);
            }
        }
        live.gastown = Some(gastown);
    }
}

/// What came back of a rig and its town.
#[derive(Default)]
struct Answers<'n> {
    town: Option<Town>,
    notices: Option<&'n Notices>,
    waits: Waits,
    /// `None`: nothing of what follows is known.
    work: Option<RigWork>,
    /// By the merge request.
    files: Vec<(String, Vec<Overlap>)>,
}

/// The beads come first, since what they say is asked further while `gt`, which is slower, still thinks.
fn answers<'n>(
    host: &dyn Host,
    rig: Result<AskedRig, Trouble>,
    town: Call<Town>,
    notices: Option<&'n Notices>,
    gastown: &mut Gastown,
) -> Answers<'n> {
    let mut answers = Answers {
        notices,
        ..Answers::default()
    };
    match rig {
        Ok(rig) => {
            let name = rig.name.clone();
            answers.add_work(host, rig, &mut gastown.troubles);
            gastown.rig = Some(name);
        }
        Err(trouble) => gastown.troubles.push(trouble),
    }
    match town.wait() {
        Ok(town) => answers.town = Some(town),
        Err(error) => trouble::add(&mut gastown.troubles, trouble::of("sessions", &error)),
    }
    let rig = answers.rig(gastown);
    gastown.refinery_running = rig.map(Rig::has_refinery);
    if answers.town.as_ref().is_some_and(Town::is_dolt_down) && answers.work.is_none() {
        gastown.troubles.retain(|trouble| trouble.about != "work");
        gastown.troubles.push(Trouble {
            hint: Some("`gt dolt start` in the town starts it"),
            ..trouble::new("work", Kind::ServerDown, "the town's Dolt server does not run")
        });
    }
    answers
}

impl Answers<'_> {
    fn add_work(&mut self, host: &dyn Host, rig: AskedRig, troubles: &mut Vec<Trouble>) {
        match rig.work.wait() {
            Ok(mut work) => {
                if let Some(notices) = self.notices {
                    work.add_requests(notices);
                }
                self.files = files(host, &rig.name, &work, troubles);
                let beads = work.beads.iter();
                let (waits, wrong) = cross_rig::open(host, &rig.registry, &rig.name, beads, reads::TIMEOUT_MS);
                self.waits = waits;
                if let Some(error) = wrong {
                    trouble::add(troubles, trouble::of("rigs", &error));
                }
                self.work = Some(work);
            }
            Err(error) => trouble::add(troubles, trouble::of("work", &error)),
        }
    }

    fn rig(&self, gastown: &Gastown) -> Option<&Rig> {
        self.town.as_ref()?.rig(gastown.rig.as_deref()?)
    }

    fn shared_files(&self, request: Option<&MergeRequest>) -> Vec<SharedFile> {
        let Some(request) = request else { return Vec::new() };
        let of_request = self.files.iter().filter(|(id, _)| id == request.id);
        let shared = of_request.flat_map(|(_, files)| files).map(|file| {
            let others = file.on_target.iter().filter(|author| *author != request.worker);
            SharedFile {
                path: file.path.clone(),
                workers: std::iter::once(request.worker.to_owned())
                    .chain(others.cloned())
                    .collect(),
            }
        });
        shared.collect()
    }
}

/// The files of the conflicts, asked all at once.
fn files(host: &dyn Host, rig: &str, work: &RigWork, troubles: &mut Vec<Trouble>) -> Vec<(String, Vec<Overlap>)> {
    let requests = work.requests.iter().map(MergeRequest::of);
    let in_conflict =
        requests.filter(|request| request.is_open() && work.conflicts.iter().any(|task| work::is_about(task, request)));
    let asked: Vec<_> = in_conflict
        .take(MOST)
        .map(|request| {
            (
                request.id.to_owned(),
                reads::changes(host, rig, request.target, request.branch),
            )
        })
        .collect();
    let mut files = Vec::new();
    for (id, asked) in asked {
        match asked.wait() {
            Ok(overlaps) => files.push((id, overlaps)),
            Err(error) => trouble::add(troubles, trouble::of("files", &error)),
        }
    }
    files
}

fn convoy_of<'a>(track: &'a Track) -> Option<&'a str> {
    track.metadata.as_ref()?.gastown_convoy.as_deref()
}

fn add_tracks(tracks: &[&Track], answers: &Answers, gastown: &mut Gastown, live: &mut Live) {
    for track in tracks {
        let mut of_track = unknown(track);
        if let Some(work) = &answers.work {
            add_work(&mut of_track, track, work, answers, gastown, live);
        }
        live.tracks.insert(track.id.to_string(), of_track);
    }
}

/// A track of which nothing is known yet but what its metadata says.
fn unknown(track: &Track) -> TrackGastown {
    TrackGastown {
        convoy: convoy_of(track).map(|id| ConvoyLine {
            id: id.to_owned(),
            status: None,
        }),
        ..TrackGastown::default()
    }
}

fn add_work(
    of_track: &mut TrackGastown,
    track: &Track,
    of_rig: &RigWork,
    answers: &Answers,
    gastown: &mut Gastown,
    live: &mut Live,
) {
    let own: Vec<&Bead> = of_rig
        .beads
        .iter()
        .filter(|bead| bead.metadata("conductor_track") == Some(&track.id))
        .collect();
    if own.is_empty() {
        let rig = gastown.rig.as_deref().unwrap_or_default();
        gastown.troubles.push(Trouble {
            code: "not-there",
            hint: None,
            ..trouble::new(
                "work",
                Kind::Failed,
                &format!("the rig `{rig}` has no bead of `{}`", track.id),
            )
        });
        return;
    }
    let rig = answers.rig(gastown);
    let requests: Vec<MergeRequest> = of_rig.requests.iter().map(MergeRequest::of).collect();
    let is_work = |bead: &&&Bead| !bead.is_epic() && !bead.is_gate();
    let found = own
        .iter()
        .filter(is_work)
        .map(|bead| (*bead, Work::of(bead, &requests, of_rig, rig)));
    let mut works: Vec<(&Bead, Work)> = found.collect();
    let settled = |id: &str| match works.iter().find(|(bead, _)| bead.id == id) {
        Some((_, work)) => work.state.is_settled(),
        None => own
            .iter()
            .find(|bead| bead.id == id)
            .is_none_or(|bead| bead.is_closed()),
    };
    let is_due = |bead: &&&Bead| bead.is_gate() && bead.status == "open" && bead.blocked_by().all(settled);
    live.waiting
        .extend(own.iter().filter(is_due).map(|bead| beads::gate(bead)));
    works.sort_by_key(|(bead, work)| (work.state, bead.metadata("conductor_key").map(str::to_owned)));
    let number = |wanted: &dyn Fn(State) -> bool| works.iter().filter(|(_, work)| wanted(work.state)).count();
    of_track.total = works.len();
    of_track.merged = number(&|state| matches!(state, State::Merged | State::NoChange));
    of_track.active = number(&|state| state == State::Working);
    of_track.completed = number(&State::is_handed_in);
    of_track.queued = number(&|state| state == State::Submitted);
    of_track.conflicts = number(&|state| state == State::Conflict);
    let lines = works.iter().map(|(bead, work)| line(bead, work, answers));
    let lines: Vec<WorkLine> = lines.collect();
    live.waiting
        .extend(lines.iter().filter_map(|line| waiting(&track.id, line)));
    of_track.work = Some(lines);
}

fn line(bead: &Bead, work: &Work, answers: &Answers) -> WorkLine {
    let request = work.merge_request.as_ref();
    let rejected = request.and_then(|request| match request.outcome {
        Outcome::Rejected(why) | Outcome::Closed(why) => Some(why),
        _ => None,
    });
    WorkLine {
        bead: work.id.to_owned(),
        title: work.title.to_owned(),
        key: bead.metadata("conductor_key").map(str::to_owned),
        state: work.state.as_str(),
        worker: (!work.worker.is_empty()).then(|| work.worker.to_owned()),
        merge_request: request.map(|request| request.id.to_owned()),
        reason: rejected.filter(|_| work.state == State::Rejected).map(str::to_owned),
        files: match work.state {
            State::Conflict => answers.shared_files(request),
            _ => Vec::new(),
        },
        escalation: answers
            .notices
            .filter(|_| work.state == State::Escalated)
            .and_then(|notices| notices.escalation(bead.metadata(ESCALATED)?))
            .map(|asked| EscalationLine {
                id: asked.id.to_owned(),
                status: asked.stands.as_str(),
                answer: asked.answer(),
            }),
        waits_for: match work.state {
            State::Open => answers
                .waits
                .get(&bead.id)
                .into_iter()
                .flatten()
                .map(waits_for)
                .collect(),
            _ => Vec::new(),
        },
    }
}

fn waits_for(on: &CrossRig) -> WaitsLine {
    WaitsLine {
        bead: on.id.clone(),
        rig: on.rig.clone(),
        title: on.title.clone(),
        status: on.status.clone(),
    }
}

fn waiting(track: &str, line: &WorkLine) -> Option<Elsewhere> {
    let (track, bead, title) = (track.to_owned(), line.bead.clone(), line.title.clone());
    match line.state {
        "conflict" => Some(Elsewhere::Conflict {
            track,
            bead,
            title,
            files: line.files.clone(),
        }),
        "escalated" => Some(Elsewhere::Escalated {
            track,
            bead,
            title,
            worker: line.worker.clone(),
            answer: line.escalation.as_ref().and_then(|asked| asked.answer.clone()),
        }),
        "open" => line.waits_for.first().map(|on| Elsewhere::CrossRig {
            track,
            bead,
            title,
            on: on.clone(),
        }),
        "rejected" => Some(Elsewhere::Rejected {
            track,
            bead,
            title,
            reason: line.reason.clone().unwrap_or_default(),
        }),
        _ => None,
    }
}

/// Convoys and mail. With the database down there is nothing to say of them that is not said already.
fn add_notices(notices: Result<Notices, conductor_beads::Error>, gastown: &mut Gastown, live: &mut Live) {
    let notices = match notices {
        Ok(notices) => notices,
        Err(error) => {
            let is_told = |trouble: &Trouble| trouble.message == error.message || trouble.code == "server-down";
            if !gastown.troubles.iter().any(is_told) {
                trouble::add(&mut gastown.troubles, trouble::of("mail", &error));
            }
            return;
        }
    };
    for line in live.tracks.values_mut().filter_map(|track| track.convoy.as_mut()) {
        line.status = notices.convoy(&line.id).map(str::to_owned);
        if line.status.is_none() {
            let message = format!("the town has no convoy `{}`", line.id);
            gastown.troubles.push(Trouble {
                code: "not-there",
                hint: None,
                ..trouble::new("convoy", Kind::Failed, &message)
            });
        }
    }
    gastown.mail = notices.unread().map(mail).collect();
    gastown.unread_mail = Some(gastown.mail.len());
    if let Some(newest) = gastown.mail.last() {
        live.waiting.push(Elsewhere::Mail {
            unread: gastown.mail.len(),
            newest: newest.clone(),
        });
    }
}

fn mail(letter: Letter<'_>) -> MailLine {
    MailLine {
        id: letter.id.to_owned(),
        from: letter.from.to_owned(),
        subject: letter.subject.to_owned(),
    }
}
