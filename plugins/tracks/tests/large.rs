//! Input far beyond what a person writes. Each of these was chosen so that a step that looks back or ahead once too often
//! would take minutes; what is asserted are counts, not times.

use conductor_tracks::registry::Registry;
use conductor_tracks::{Diagnostic, Plan, Project, Source, Unreadable};

const MANY: usize = 50_000;

/// Tasks and diagnostics of a plan.
fn read(text: &str) -> (usize, Vec<Diagnostic<'_>>) {
    let (plan, found) = Plan::read("plan.md", text.as_bytes());
    (plan.tasks().count(), found)
}

fn repeat(line: impl Fn(usize) -> String) -> String {
    (0..MANY).map(line).collect()
}

#[test]
fn many_tasks_phases_and_claims() {
    assert_eq!(read(&repeat(|i| format!("- [ ] Task {i}: a\n"))).0, MANY);
    let text = repeat(|i| {
        format!(
            "## Phase {i}: a\n<!-- depends: phase{} -->\n- [ ] a\n  <!-- files: a.rs -->\n",
            i + 7
        )
    });
    let (tasks, found) = read(&text);
    assert_eq!(tasks, MANY);
    // The last seven name phases that are not there, and nobody compares 50,000 claims on one file with each other.
    assert_eq!(found.iter().filter(|d| d.code == "unknown-depends").count(), 7);
    assert!(found.iter().any(|d| d.code == "files-unchecked"));
    let chain = repeat(|i| {
        format!(
            "- [ ] Task {i}: a\n  <!-- depends: task{} -->\n  <!-- files: a.rs -->\n",
            i + 1
        )
    });
    assert_eq!(
        read(&format!("## Phase 1: a\n<!-- execution: parallel -->\n{chain}")).0,
        MANY
    );
}

#[test]
fn deep_nesting() {
    let text: String = (0..3000).map(|i| format!("{}- [ ] a\n", " ".repeat(i))).collect();
    let (plan, _) = Plan::read("plan.md", text.as_bytes());
    // The second is one column deeper than the first: still beside it.
    assert_eq!(
        (
            plan.tasks().count(),
            plan.tasks().map(|task| task.items.len()).sum::<usize>()
        ),
        (2, 2998)
    );
    let mut found = Vec::new();
    let json = "[".repeat(MANY);
    let text = format!("{{\"a\": {json}");
    conductor_tracks::metadata::Metadata::read(&"metadata.json".into(), text.as_bytes(), &mut found);
    assert_eq!(found[0].code, "invalid-json");
}

#[test]
fn what_is_never_closed() {
    for text in [
        "```a\n".repeat(MANY),
        "<!--\n".repeat(MANY),
        "~~~\n```` x\n``` y\n".repeat(MANY),
    ] {
        let text = text + "- [ ] last\n";
        let (tasks, found) = read(&text);
        assert!(tasks <= 1 && !found.is_empty() && found.len() < 300, "{}", found.len());
    }
    let text: String = (0..2000).map(|i| format!("{}a\n", "`".repeat(2003 - i))).collect();
    assert_eq!(read(&format!("{text}- [ ] last\n")).0, 1);
}

#[test]
fn long_lines() {
    let pieces = [
        "[(",
        ")]",
        "**",
        " 1a2b3c4",
        " [1a2b3c4]",
        " ✅",
        "[a](b)",
        "](",
        "|`",
        "<!-- a: b -->",
        "<!-- ",
        "`",
        "commit: ",
        "#",
    ];
    for piece in pieces {
        let text = format!("- [ ] a {}\n- [ ] b\n", piece.repeat(MANY));
        assert_eq!(read(&text).0, 2, "{piece}");
        let (registry, _) = Registry::read("tracks.md", text.as_bytes());
        assert_eq!(registry.entries.len(), 2, "{piece}");
    }
}

#[test]
fn many_tracks() {
    let list: String = repeat(|i| format!("## [ ] Track: {i}\n[a](./tracks/a{i}/)\n"));
    let paths: Vec<String> = (0..MANY).map(|i| format!("tracks/a{i}/plan.md")).collect();
    let mut sources = vec![Source {
        path: "tracks.md",
        content: Ok(list.as_bytes()),
    }];
    sources.extend(paths.iter().map(|path| Source {
        path,
        content: Ok(b"- [ ] a\n"),
    }));
    let project = Project::read(&sources);
    assert_eq!((project.tracks.len(), project.diagnostics.len()), (MANY, 0));
    let same = "## [ ] Track: a\n[a](./tracks/a/)\n".repeat(MANY);
    let project = Project::read(&[Source {
        path: "tracks.md",
        content: Ok(same.as_bytes()),
    }]);
    assert_eq!(project.tracks.len(), 1);
}

#[test]
fn titles_of_nothing_but_signs() {
    for piece in [
        "*a ",
        "**a",
        "a*b_c~~",
        "_*a",
        "`",
        "``a`",
        "[",
        "[a](",
        "[a](()",
        "![a](b)",
        "](",
        "\\",
        "(archived ",
        "(done) ",
        "[View](./tracks/a/) ✅ ",
        "([Plan](./tracks/a/)) ",
        "a_20260101 (",
        " — Archived 2026-01-01. ",
        "a:",
        "✅",
        "| ",
    ] {
        let title = piece.repeat(MANY);
        for line in [
            format!("- [ ] Track: a {title}\n"),
            format!("| [ ] | a_1 | {title} |\n"),
            format!("## a_1\nStatus: {title}\n"),
        ] {
            let (registry, _) = Registry::read("tracks.md", line.as_bytes());
            assert!(registry.entries.len() <= 2, "{piece}");
        }
        assert_eq!(
            read(&format!("## Phase 1: a {title}\n- [ ] Task: a {title}\n")).0,
            1,
            "{piece}"
        );
    }
}

#[test]
fn a_plan_that_is_too_large_is_named_with_what_to_do() {
    let why = Unreadable {
        code: "too-big",
        message: "`tracks/a_20260101/plan.md` is larger than is read of it",
    };
    let plan = Source {
        path: "tracks/a_20260101/plan.md",
        content: Err(why),
    };
    let project = Project::read(&[plan]);
    let reasons: Vec<&str> = project.diagnostics.iter().map(|found| &*found.reason).collect();
    assert!(
        reasons
            .iter()
            .any(|reason| reason.contains("larger than") && reason.ends_with("or split the track")),
        "{reasons:?}"
    );
}
