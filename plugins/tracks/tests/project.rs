//! One small project for each way in which the files of `conductor/` belong together, or don't.

mod common;

use common::said;
use conductor_tracks::{PATTERNS, Project, Severity, Source, Unreadable};

/// Whether a pattern of `PATTERNS` asks the host for a path, as far as these patterns go.
fn asks_for(pattern: &str, path: &str) -> bool {
    let name = path.trim_end_matches('/').rfind('/').map_or(path, |at| &path[at + 1..]);
    let (wanted, anywhere) = match pattern.strip_prefix("**/") {
        Some(wanted) => (wanted, true),
        None => (pattern, false),
    };
    let braces = wanted
        .strip_prefix('{')
        .and_then(|names| names.strip_suffix('}'))
        .unwrap_or(wanted);
    (anywhere || name == path)
        && braces.split(',').any(|wanted| match wanted.strip_prefix('*') {
            Some(ending) => name.ends_with(ending),
            None => name == wanted,
        })
}

/// Reads a project of these files, of which the host gives those that were asked for.
fn project<'a>(files: &[(&'a str, &'a str)]) -> Project<'a> {
    let sources: Vec<_> = files
        .iter()
        .filter(|(path, _)| PATTERNS.iter().any(|pattern| asks_for(pattern, path)))
        .map(|(path, text)| Source {
            path,
            content: Ok(text.as_bytes()),
        })
        .collect();
    Project::read(&sources)
}

#[test]
fn a_project() {
    let project = project(&[
        (
            "tracks.md",
            "## [x] Track: A\n[a](./tracks/a_20260101/)\n## [~] Track: B\n[b](./tracks/b_20260101/)\n## [ ] Track: C\n[c](./tracks/c_20260101/)\n",
        ),
        ("beads.json", "{\"enabled\": true, \"mode\": \"stealth\"}"),
        ("setup_state.json", "{}"),
        ("tracks/a_20260101/plan.md", "- [x] one\n- [ ] two\n"),
        (
            "tracks/a_20260101/metadata.json",
            "{\"track_id\": \"a_20260101\", \"status\": \"new\", \"priority\": \"high\"}",
        ),
        ("tracks/a_20260101/implement_state.json", "{}"),
        ("tracks/b_20260101/", ""),
        ("tracks/b_20260101/plan.md", "## Phase 1: A\n- [x] one\n"),
        (
            "tracks/b_20260101/implement_state.json",
            "{\"current_phase\": \"Phase 1: Other\", \"current_phase_index\": 0}",
        ),
        ("tracks/lost_20260101/plan.md", "- [~] one\n"),
        ("tracks/empty_20260101/", ""),
        ("archive/old_20250101/plan.md", "- [x] one\n"),
    ]);
    let tracks: Vec<_> = project
        .tracks
        .iter()
        .map(|t| format!("{} {} {}", t.id, t.state.as_str(), t.archived))
        .collect();
    assert_eq!(
        tracks,
        [
            "a_20260101 done false",
            "b_20260101 in_progress false",
            "c_20260101 pending false",
            "old_20250101 done true",
            "lost_20260101 in_progress false",
        ]
    );
    assert_eq!(project.tracks[0].priority.as_deref(), Some("high"));
    assert_eq!(project.beads.as_ref().and_then(|beads| beads.enabled), Some(true));
    assert_eq!(project.named, ["setup_state.json"]);
    let found: Vec<_> = project
        .diagnostics
        .iter()
        .map(|d| format!("{} {} {}", d.severity.as_str(), d.code, d.file))
        .collect();
    assert_eq!(
        found,
        [
            "problem plan-open tracks.md",
            "note left-over tracks/a_20260101/implement_state.json",
            "note stale-status tracks/a_20260101/metadata.json",
            "note plan-done tracks.md",
            "problem other-phase tracks/b_20260101/implement_state.json",
            "problem no-plan tracks.md",
            "note no-entry tracks/lost_20260101/",
            "note empty-folder tracks/empty_20260101/",
        ]
    );
}

#[test]
fn files_that_can_not_be_read() {
    let why = Unreadable {
        code: "too-big",
        message: "it is larger than 64 MiB",
    };
    let sources = [
        Source {
            path: "tracks.md",
            content: Err(why),
        },
        Source {
            path: "tracks/a_1/plan.md",
            content: Err(why),
        },
        Source {
            path: "tracks/a_1/metadata.json",
            content: Ok(b"{\"id\": 1,}"),
        },
    ];
    let project = Project::read(&sources);
    assert_eq!(project.tracks.len(), 1);
    let said = said(&project.diagnostics);
    assert_eq!(
        said,
        ["problem unreadable", "problem unreadable", "problem invalid-json 1"]
    );
    assert!(project.diagnostics[0].reason.contains("too-big"));
}

#[test]
fn a_folder_that_can_not_be_read() {
    let denied = Err(Unreadable {
        code: "denied",
        message: "permission denied",
    });
    let registry = b"- [ ] **Track: A**\n*Link: [a](./tracks/a_20260101/)*\n- [ ] **Track: B**\n*Link: [b](./archive/b_20260101/)*\n";
    let sources = [
        ("tracks.md", Ok(&registry[..])),
        ("tracks/a_20260101/", denied),
        ("tracks/other_20260101/", denied),
        ("archive/", denied),
    ]
    .map(|(path, content)| Source { path, content });
    let project = Project::read(&sources);
    assert_eq!(project.tracks.len(), 2);
    assert_eq!(said(&project.diagnostics), ["problem unreadable"; 3]);
    assert_eq!(project.diagnostics[1].file, "tracks/a_20260101/");
    assert!(project.diagnostics[1].reason.contains("permission denied"));
}

#[test]
fn files_elsewhere() {
    let project = project(&[
        ("index.md", "- [Tracks Registry](./list.md)\n"),
        (
            "list.md",
            "- [x] [One](./one-plan.md)\n- [ ] **Track: Two**\n*Link: [t](./tracks/two_20260101/)*\n- [ ] **Track: Three**\n*Link: [t](./tracks/three_20260101/)*\n",
        ),
        ("one-plan.md", "- [x] a\n"),
        (
            "tracks/three_20260101/index.md",
            "- [Implementation Plan](./steps.md)\n",
        ),
        ("tracks/three_20260101/metadata.json", "{}"),
        ("tracks/three_20260101/steps.md", "- [ ] a\n"),
        ("tracks/group/two_20260101/plan.md", "- [ ] a\n"),
    ]);
    let plans: Vec<_> = project
        .tracks
        .iter()
        .map(|track| track.plan_file.as_deref().unwrap_or("-"))
        .collect();
    assert_eq!(
        plans,
        [
            "one-plan.md",
            "tracks/group/two_20260101/plan.md",
            "tracks/three_20260101/steps.md"
        ]
    );
    assert_eq!(said(&project.diagnostics), ["note moved-folder 2"]);
}

#[test]
fn plans_by_other_names() {
    let project = project(&[
        (
            "tracks.md",
            "- [~] **Track: W**\n*Link: [./w](./specs/w-plan.md)*\n- [ ] [T2](./tracks/t2.md)\n- [ ] **Track: Three**\n*Link: [t](./tracks/three_20260101/)*\n",
        ),
        ("specs/w-plan.md", "- [x] a\n- [ ] b\n"),
        ("tracks/t2.md", "- [ ] a\n"),
        ("tracks/three_20260101/index.md", "- [Plan](./sub/steps.md)\n"),
        ("tracks/three_20260101/sub/steps.md", "- [ ] a\n"),
    ]);
    let plans: Vec<_> = project
        .tracks
        .iter()
        .map(|t| (t.plan_file.as_deref(), t.counts().total()))
        .collect();
    assert_eq!(
        plans,
        [
            (Some("specs/w-plan.md"), 2),
            (Some("tracks/t2.md"), 1),
            (Some("tracks/three_20260101/sub/steps.md"), 1)
        ]
    );
    assert_eq!(said(&project.diagnostics), [] as [&str; 0]);
}

#[test]
fn an_index_that_names_what_is_not_there() {
    let project = project(&[
        ("index.md", "# Project\n- [Tracks Registry](./missing.md)\n"),
        ("tracks.md", "- [ ] **Track: A**\n*Link: [a](./tracks/a_20260101/)*\n"),
        ("tracks/a_20260101/index.md", "- [Plan](../../../plan-of-a.md)\n"),
        ("tracks/a_20260101/metadata.json", "{}"),
    ]);
    assert_eq!(
        said(&project.diagnostics),
        ["problem index-target 2", "problem index-target 1", "problem no-plan 1"]
    );
    let reasons: Vec<_> = project.diagnostics.iter().map(|found| found.reason.as_str()).collect();
    assert!(
        reasons[0]
            .ends_with("`./missing.md` as the registry, which is not there: not read, `tracks.md` is read instead")
    );
    assert!(reasons[1].contains("outside conductor/"), "{reasons:?}");
}

#[test]
fn dependencies_of_tracks() {
    let project = project(&[
        (
            "tracks.md",
            "- [x] **Track: Basket — the first**\n[a](./tracks/cart_20260101/)\n- [ ] **Track: Pay**\n[b](./tracks/pay_20260102/)\n",
        ),
        ("tracks/cart_20260101/plan.md", "- [x] a\n"),
        ("tracks/pay_20260102/plan.md", "- [ ] a\n"),
        (
            "tracks/pay_20260102/metadata.json",
            "{\"depends_on\": \"cart, Basket, cart_20260101, moon\"}",
        ),
    ]);
    let pay = &project.tracks[1];
    let found: Vec<_> = pay
        .depends_on
        .iter()
        .map(|name| project.dependency(name).map(|t| &*t.id))
        .collect();
    assert_eq!(
        found,
        [
            Some("cart_20260101"),
            Some("cart_20260101"),
            Some("cart_20260101"),
            None
        ]
    );
    let notes = project
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Note)
        .count();
    assert_eq!(
        (notes, said(&project.diagnostics)),
        (1, vec!["note wrong-type".into(), "problem unknown-track".into()])
    );
}

#[test]
fn a_track_that_waits_for_itself_is_a_problem() {
    let project = project(&[
        ("tracks.md", "- [ ] **Track: A**\n[a](./tracks/a_20260101/)\n"),
        ("tracks/a_20260101/plan.md", "- [ ] a\n"),
        ("tracks/a_20260101/metadata.json", "{\"depends_on\": [\"a_20260101\"]}"),
    ]);
    assert_eq!(said(&project.diagnostics), ["problem depends-cycle 1"]);
}

#[test]
fn a_registry_in_a_folder_of_its_own() {
    let project = project(&[
        (
            "index.md",
            "- [Tracks Registry](./reg/list.md)\n- [Tracks Directory](./work/)\n",
        ),
        (
            "reg/list.md",
            "- [x] [One](./one-plan.md)\n- [Two](../work/two_1/)\n- [ ] **Track: Three**\n*Link: [t](../tracks/three_1/)*\n",
        ),
        ("reg/one-plan.md", "- [x] a\n"),
        ("work/two_1/plan.md", "- [ ] a\n"),
        ("work/two_1/index.md", "- [Metadata](../meta/metadata.json)\n"),
        (
            "work/meta/metadata.json",
            "{\"track_id\": \"two_1\", \"priority\": \"high\"}",
        ),
        ("tracks/three_1/plan.md", "- [ ] a\n"),
    ]);
    let tracks: Vec<_> = project
        .tracks
        .iter()
        .map(|t| {
            format!(
                "{} {} {}",
                t.id,
                t.plan_file.as_deref().unwrap_or("-"),
                t.priority.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        tracks[..3],
        [
            "one reg/one-plan.md -",
            "two_1 work/two_1/plan.md high",
            "three_1 tracks/three_1/plan.md -"
        ]
    );
}

#[test]
fn an_index_that_names_another_folder_or_metadata() {
    let project = project(&[
        ("index.md", "- [Tracks Directory](./nowhere/)\n"),
        ("tracks.md", "- [ ] **Track: A**\n*Link: [a](./tracks/a_1/)*\n"),
        ("tracks/a_1/plan.md", "- [ ] a\n"),
        ("tracks/a_1/index.md", "- [Metadata](./about.json)\n"),
        ("tracks/a_1/about.json", "{}"),
    ]);
    assert_eq!(
        said(&project.diagnostics),
        ["problem index-target 1", "note index-target 1"]
    );
    let reasons: Vec<_> = project.diagnostics.iter().map(|found| found.reason.as_str()).collect();
    assert!(
        reasons[0].ends_with("`./nowhere/` as the tracks directory, which is not there"),
        "{reasons:?}"
    );
    assert!(
        reasons[1].contains("only a file called `metadata.json` is read"),
        "{reasons:?}"
    );
}

#[test]
fn titles_of_metadata_are_shown_as_others() {
    let project = project(&[
        ("tracks/a_1/plan.md", "- [ ] a\n"),
        (
            "tracks/a_1/metadata.json",
            "{\"title\": \"**Fix** the `--json` flag of [Docs](http://x)\"}",
        ),
        ("tracks/b_1/plan.md", "# Plan: **Pay** `it`\n- [ ] a\n"),
    ]);
    let titles: Vec<_> = project.tracks.iter().map(|track| &*track.title).collect();
    assert_eq!(titles, ["Fix the --json flag of Docs", "Pay it"]);
}
