//! One small plan, registry or project for each thing that the reader takes and each oddity met in real files.

use conductor_tracks::annotation::{Depends, Execution, TargetKind};
use conductor_tracks::plan::{ItemKind, TaskForm};
use conductor_tracks::registry::Registry;
use conductor_tracks::{PATTERNS, Plan, Project, Severity, Source, State, Unreadable};

/// The diagnostics as `severity code lines`.
fn said(found: &[conductor_tracks::Diagnostic<'_>]) -> Vec<String> {
    let lines = |d: &conductor_tracks::Diagnostic<'_>| d.lines.iter().map(|l| format!(" {l}")).collect::<String>();
    found
        .iter()
        .map(|d| format!("{} {}{}", d.severity.as_str(), d.code, lines(d)))
        .collect()
}

fn plan(text: &str) -> (Plan<'_>, Vec<String>) {
    let (plan, found) = Plan::read("plan.md", text.as_bytes());
    let found = said(&found);
    (plan, found)
}

/// `phase: number state title` of each task.
fn tasks(plan: &Plan<'_>) -> Vec<String> {
    let of = |phase: &conductor_tracks::Phase<'_>| {
        let tasks = phase
            .tasks
            .iter()
            .map(|task| format!("{} {} {}", task.name(phase), task.state.as_str(), task.title));
        tasks.collect::<Vec<_>>()
    };
    plan.phases.iter().flat_map(of).collect()
}

#[test]
fn phases_tasks_and_sub_tasks() {
    let (plan, found) = plan(
        "# Plan: a shop\n\n## Phase 1: Basics [checkpoint: 1a2b3c4]\n\n- [x] Task 1: Cart 0a1b2c3\n  - [x] tests\n  - [ ] code\n    a note\n- [~] Task 2: Pay\n\n## Phase 2: More\n- [ ] Task: Ship\n",
    );
    assert_eq!(plan.title.as_deref(), Some("Plan: a shop"));
    assert_eq!(
        tasks(&plan),
        ["1.1 done Cart", "1.2 in_progress Pay", "2.1 pending Ship"]
    );
    assert_eq!(plan.phases[0].checkpoint.as_ref().map(|c| &*c.text), Some("1a2b3c4"));
    let cart = &plan.phases[0].tasks[0];
    assert_eq!((cart.line, cart.last_line, &*cart.shas[0].sha), (5, 8, "0a1b2c3"));
    let items: Vec<_> = cart
        .items
        .iter()
        .map(|item| (item.kind, item.state(), &*item.text))
        .collect();
    assert_eq!(
        items,
        [
            (ItemKind::SubTask, Some(State::Done), "tests"),
            (ItemKind::SubTask, Some(State::Pending), "code")
        ]
    );
    assert_eq!(found, [""; 0]);
}

#[test]
fn markers_and_counting() {
    let (plan, found) =
        plan("- [ ] a\n- [x] b\n- [X] c\n- [~] d\n- [/] e\n- [!] f\n- [-] g\n- [?] h\n1. [x] i\n* [ ] j\n");
    let counts = plan.counts();
    assert_eq!(
        (counts.total(), counts.done, counts.in_progress, counts.blocked),
        (9, 3, 2, 1)
    );
    assert_eq!(
        (counts.removed, counts.unknown, counts.pending, counts.percent()),
        (1, 1, 2, Some(33))
    );
    assert_eq!(found, ["note unknown-marker 8"]);
}

#[test]
fn heading_tasks_hold_checks() {
    let (plan, found) = plan(
        "## Phase 1: A\n### Task 1.1: a ✅\n- [x] one\n- [ ] two\n### [~] Task 1.2 — b\n### Task 1.3: c\n- [x] one\n### Task 1.4: d\n- [x] one\n- [ ] two\n### Task 1.5: e\nprose\n### Task 1.6: f [x]\n",
    );
    assert_eq!(
        tasks(&plan),
        [
            "1.1 done a",
            "1.2 in_progress b",
            "1.3 done c",
            "1.4 in_progress d",
            "1.5 pending e",
            "1.6 done f"
        ]
    );
    assert!(plan.tasks().all(|task| task.form == TaskForm::Heading));
    assert_eq!(plan.phases[0].tasks[0].items[1].kind, ItemKind::Check);
    assert_eq!(found, ["note open-checks 4"]);
}

#[test]
fn annotations() {
    let (plan, found) = plan(
        "## Phase 1: A\n<!-- execution: parallel -->\n<!-- depends: -->\n- [ ] Task 1: a\n  <!-- files: src/a.rs, b.rs (new) -->\n- [ ] Task 2: b <!-- depends: task1 -->\n  <!-- files:\n    c.rs,\n    d.rs\n  -->\n- [ ] Task 3: c\n## Phase 2: B\n<!-- depends: Phase 1, phase1_task2 -->\n- [ ] Task: d\n",
    );
    let phase = &plan.phases[0];
    assert_eq!(
        (phase.execution, &phase.depends),
        (Some(Execution::Parallel), &Depends::Empty)
    );
    let files = |at: usize| {
        phase.tasks[at]
            .files
            .as_ref()
            .map(|f| f.claims.iter().map(|c| &*c.path).collect::<Vec<_>>())
    };
    assert_eq!(
        (files(0), files(1), files(2)),
        (Some(vec!["src/a.rs", "b.rs"]), Some(vec!["c.rs", "d.rs"]), None)
    );
    assert_eq!(phase.tasks[1].depends.targets()[0].number, "1");
    let targets: Vec<_> = plan.phases[1]
        .depends
        .targets()
        .iter()
        .map(|t| (t.kind, &*t.number))
        .collect();
    assert_eq!(targets, [(TargetKind::Phase, "1"), (TargetKind::Task, "1.2")]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn annotations_that_do_not_fit() {
    let (plan, found) = plan(
        "<!-- depends: phase1 -->\n## Phase 1: A\n<!-- execution: both -->\n- [ ] Task 1: a\n  <!-- depends: phase9, the API, task7 -->\n",
    );
    assert_eq!(plan.phases[0].execution, None);
    let depends = "problem unknown-depends 5";
    assert_eq!(
        found,
        [
            "note unused-annotation 1",
            "note unused-annotation 3",
            depends,
            depends,
            depends
        ]
    );
}

#[test]
fn claims() {
    let (_, found) = plan(
        "## Phase 1: A\n<!-- execution: parallel -->\n- [ ] Task 1: a\n  <!-- files: x.rs -->\n- [ ] Task 2: b\n  <!-- files: x.rs, y.rs -->\n- [ ] Task 3: c\n  <!-- files: y.rs -->\n  <!-- depends: task2 -->\n- [ ] Task 4: d\n  <!-- files: (as found) -->\n## Phase 2: B\n- [ ] Task 1: a\n  <!-- files: x.rs -->\n## Phase 3: C\n<!-- execution: parallel -->\n<!-- depends: phase1 -->\n- [ ] Task 1: a\n  <!-- files: z.rs -->\n- [ ] Task: Conductor - User Manual Verification 'C'\n## Phase 4: D\n<!-- depends: -->\n- [ ] Task 1: a\n  <!-- files: z.rs -->\n",
    );
    // x.rs: 1.1 and 1.2 only (phase 2 comes after phase 1); y.rs is ordered by `depends`; z.rs: phase 4 waits for nothing.
    assert_eq!(
        found,
        [
            "note shared-file 4 6",
            "note files-prose 11",
            "note parallel-one-task 16",
            "note shared-file 19 24"
        ]
    );
}

#[test]
fn boxes_that_are_no_tasks() {
    let (plan, found) = plan(
        "- [ ] before\n## Phase 1: A\n### Tasks\n- [ ] Task 1.1: a\n### Verification\n- [ ] it works\n## Final Verification\n- [ ] all\n- [x] good\n",
    );
    assert_eq!(tasks(&plan), ["1.1 pending a"]);
    assert_eq!(plan.phases[0].items[0].kind, ItemKind::Check);
    assert_eq!(plan.outside.iter().map(|item| item.line).collect::<Vec<_>>(), [1, 8, 9]);
    assert_eq!(found, ["note outside-boxes 1", "note outside-boxes 8-9"]);
}

#[test]
fn odd_boxes_are_named() {
    let (plan, found) = plan(
        "## Phase 1: A\n- [ ] a\n[x] bare\n> - [ ] quoted\n| [ ] | cell |\n- [done] word\n```\n- [ ] code\n```\n<!--\n- [ ] hidden\n-->\n",
    );
    assert_eq!(plan.tasks().count(), 1);
    assert_eq!(
        found,
        [
            "note bare-box 3 4",
            "note table-box 5",
            "note word-box 6",
            "note hidden-boxes 7-9",
            "note hidden-boxes 10-12"
        ]
    );
}

#[test]
fn nothing_unclosed_hides_the_rest() {
    let (plan, found) = plan("## Phase 1: A\n```\n- [ ] a\n<!-- note\n- [ ] b\n");
    assert_eq!(tasks(&plan), ["1.1 pending a", "1.2 pending b"]);
    assert_eq!(found, ["problem unclosed-fence 2", "problem unclosed-comment 4"]);
}

#[test]
fn an_unclosed_fence_is_closed_by_its_own_sign() {
    for (fence, close) in [("~~~", "with `~~~`"), ("```", "with three backticks")] {
        let text = format!("## Phase 1: A\n{fence}\n- [ ] a\n");
        let (_, found) = Plan::read("plan.md", text.as_bytes());
        assert!(found[0].reason.ends_with(close), "{found:?}");
    }
}

#[test]
fn plans_without_tasks_say_why() {
    for (text, wanted) in [
        (&b""[..], "problem empty-plan"),
        (b"\xef\xbb\xbf \n", "problem empty-plan"),
        (b"\xff\xfe#\0 \0", "problem utf-16"),
        (br"# Plan\n\n## Phase 1: A\n- [ ] a", "problem escaped-newlines"),
        (b"# Plan\n\n## Steps\n- do it\n", "problem no-tasks"),
        (b"## Phase 1: A\n1. do it\n", "problem no-tasks 1"),
        (b"## Success Criteria\n- [ ] good\n", "problem no-tasks"),
    ] {
        let (plan, found) = Plan::read("plan.md", text);
        assert_eq!(plan.tasks().count(), 0);
        assert!(
            said(&found).iter().any(|found| found == wanted),
            "{wanted}: {:?}",
            said(&found)
        );
    }
}

#[test]
fn a_plan_without_phases_is_one_phase() {
    let (plan, found) =
        plan("# Plan\n## Tasks\n### 1.1 One\n- [x] a\n### 1.2 Two\n- [ ] b\n## Success Criteria\n- [ ] good\n");
    assert_eq!((plan.phases.len(), plan.phases[0].implicit), (1, true));
    assert_eq!(tasks(&plan), ["1 done a", "2 pending b"]);
    assert_eq!(found, ["note outside-boxes 8"]);
}

#[test]
fn line_ends_and_bytes() {
    let text = b"\xef\xbb\xbf## Phase 1: A\r\n- [x] caf\xe9\r- [ ] b\n";
    let (plan, found) = Plan::read("plan.md", text);
    assert_eq!(tasks(&plan), ["1.1 done caf\u{fffd}", "1.2 pending b"]);
    assert_eq!(said(&found), ["note not-utf8 2"]);
    assert_eq!(plan.phases[0].line, 1);
}

#[test]
fn numbers() {
    let (plan, found) = plan(
        "## Phase 0: A\n- [ ] a\n## Phase 2a: B\n<!-- depends: phase0 -->\n- [ ] Task 1: a\n- [ ] Task 1: b\n## Phase 2a: Checkpoint\n- [ ] look\n## Phase 2a: C\n- [ ] c\n## Phase 4-6: D\n- [ ] d\n## Phase 7: E\n<!-- depends: phase5 -->\n- [ ] e\n",
    );
    let labels: Vec<_> = plan.phases.iter().map(|phase| phase.label()).collect();
    assert_eq!(labels, ["0", "2a", "2a", "4-6", "7"]);
    assert_eq!(plan.phases[1].items.len(), 1);
    assert_eq!(found, ["note same-number 3 9", "note same-number 5 6"]);
}

#[test]
fn registry_forms() {
    let text = "# Project Tracks\n\n---\n\n## [~] Track: Cart\n*Link: [./conductor/tracks/cart_20260101/](./conductor/tracks/cart_20260101/)* | Priority: High\n\n---\n\n- [ ] **Track: Pay**\n  _Link: [./tracks/pay_20260102/](./tracks/pay_20260102/)_\n- [x] **ship_20260103** - Shipping\n  - Depends on: cart_20260101 (done), pay_20260102\n\n| Status | Track ID | Title |\n|---|---|---|\n| [!] | `mail_20260104` | Mail |\n| completed | [log_20260105](./tracks/log_20260105/index.md) | Log |\n\n## Archived Tracks\n- ✅ **Old** (`old_20250101`) — Archived. [View](./conductor/archive/old_20250101/)\n### core_20250102 -- Core\n- **Status:** completed\n<!-- Archived 2025-02-01: page_20250103 — Page → conductor/archive/page_20250103/ -->\n";
    let (registry, found) = Registry::read("tracks.md", text.as_bytes());
    let entries: Vec<_> = registry
        .entries
        .iter()
        .map(|e| {
            format!(
                "{} {} {} {}",
                e.id,
                e.state.map_or("-", State::as_str),
                e.title,
                e.folder.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        entries,
        [
            "cart_20260101 in_progress Cart tracks/cart_20260101/",
            "pay_20260102 pending Pay tracks/pay_20260102/",
            "ship_20260103 done Shipping -",
            "mail_20260104 blocked Mail -",
            "log_20260105 done Log tracks/log_20260105/",
            "old_20250101 done Old archive/old_20250101/",
            "page_20250103 done Page archive/page_20250103/",
            "core_20250102 done Core -",
        ]
    );
    assert_eq!(registry.entries[0].priority.as_deref(), Some("High"));
    assert_eq!(registry.entries[2].depends_on, ["cart_20260101", "pay_20260102"]);
    assert_eq!(registry.entries.iter().filter(|entry| entry.archived).count(), 3);
    assert_eq!(said(&found), [""; 0]);
}

#[test]
fn registry_oddities() {
    let text = "# Tracks\n## Legend\n- [x] done\n## [?] Track: A\n[a](./tracks/a_1/)\n## [x] Track: A\n[a](./tracks/a_1/)\n- **Status:** in progress\n## [ ] Track: Out\n*Link: [x](../../etc/)*\n";
    let (registry, found) = Registry::read("tracks.md", text.as_bytes());
    assert_eq!(registry.entries.len(), 3);
    let said = said(&found);
    for wanted in [
        "note other-boxes 3",
        "note unknown-marker 4",
        "note two-states 6",
        "problem entries-differ 4 6",
        "problem outside-link 9",
    ] {
        assert!(said.iter().any(|found| found == wanted), "{wanted}: {said:?}");
    }
}

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
fn boxes_in_an_annotation_are_named_too() {
    let (plan, found) = plan("- [ ] a\n<!-- files: a.rs,\n- [ ] b -->\n- [ ] c\n");
    assert_eq!(tasks(&plan), ["1 pending a", "2 pending c"]);
    // `- [ ] b` is no path either.
    assert_eq!(found, ["note files-prose 2", "note hidden-boxes 2-3"]);
}

#[test]
fn what_waits_for_itself_is_a_problem() {
    let (_, found) = plan(
        "## Phase 1: A\n<!-- depends: phase2 -->\n- [ ] a <!-- depends: task2 -->\n- [ ] b <!-- depends: task1 -->\n## Phase 2: B\n- [ ] c\n",
    );
    assert_eq!(found, ["problem depends-cycle 1 5", "problem depends-cycle 3 4"]);
    let project = project(&[
        ("tracks.md", "- [ ] **Track: A**\n[a](./tracks/a_20260101/)\n"),
        ("tracks/a_20260101/plan.md", "- [ ] a\n"),
        ("tracks/a_20260101/metadata.json", "{\"depends_on\": [\"a_20260101\"]}"),
    ]);
    assert_eq!(said(&project.diagnostics), ["problem depends-cycle 1"]);
}

#[test]
fn items_under_a_heading_entry_may_be_other_tracks() {
    let text = "## [~] Track: Nested\n*Link: [n](./tracks/n_20260101/)*\n\n- [Spec](./tracks/n_20260101/spec.md)\n- Depends on: [b](./tracks/b_20260101/)\n- ✅ **Audit** (`audit_20260503`) — Archived. [View](./conductor/archive/audit_20260503/)\n\n## [ ]\n";
    let (registry, found) = Registry::read("tracks.md", text.as_bytes());
    let ids: Vec<_> = registry.entries.iter().map(|entry| &*entry.id).collect();
    assert_eq!(ids, ["n_20260101", "audit_20260503"]);
    assert_eq!(said(&found), ["note other-boxes 8"]);
}

#[test]
fn what_looks_like_a_track_and_is_none_of_the_forms_is_named() {
    let text = "# [ ] Track: First level\n\n##[ ] Track: no space\n> - [ ] **Track: quoted**\n\n\
                | Track | Kind |\n|---|---|\n| noid_20250111 | feature |\n\nbare_20250111 | [ ] | no bars\n";
    let (registry, diagnostics) = conductor_tracks::registry::Registry::read("tracks.md", text.as_bytes());
    assert_eq!(registry.entries.len(), 1, "{:?}", registry.entries);
    let named = diagnostics
        .iter()
        .find(|found| found.code == "other-boxes")
        .expect("a note");
    let lines: Vec<u32> = named.lines.iter().map(|lines| lines.first).collect();
    let named: Vec<u32> = named.lines.iter().flat_map(|lines| lines.first..=lines.last).collect();
    assert_eq!(named, [3, 4, 8, 10], "{lines:?}");
}
