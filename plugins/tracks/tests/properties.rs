//! Properties that hold for any bytes, and for text that looks like what people write.

use conductor_tracks::edit::apply;
use conductor_tracks::metadata::Metadata;
use conductor_tracks::parallel_state::ParallelState;
use conductor_tracks::plan::TaskForm;
use conductor_tracks::registry::Registry;
use conductor_tracks::{Plan, Project, Source, Span, State};
use proptest::prelude::*;

/// Lines of the kinds that plans are made of, and some that break them.
fn plan_line() -> impl Strategy<Value = String> {
    let marker = prop::sample::select(vec![" ", "x", "X", "~", "/", "!", "-", "?", "", "  ", " x ", "✓", "ä"]);
    let indent = prop::sample::select(vec!["", " ", "  ", "    ", "\t", "      "]);
    let bullet = prop::sample::select(vec!["-", "*", "+", "1.", "12)"]);
    let title = prop::sample::select(vec![
        "Task 1: Do it",
        "Task 1.2: Do it [1a2b3c4]",
        "**Task: Do it** (1a2b3c4)",
        "Conductor - User Manual Verification 'A' (Protocol in workflow.md)",
        "plain 1a2b3c4",
        "`code` <!-- files: a.rs, b.rs -->",
        "it [checkpoint: ] ✅",
        "it [BLOCKED: no key]",
        "",
    ]);
    let boxes = (indent, bullet, marker, title).prop_map(|(i, b, m, t)| format!("{i}{b} [{m}] {t}"));
    let fixed = prop::sample::select(vec![
        "# Plan",
        "## Phase 1: A",
        "## Phase 2: B [checkpoint: 1a2b3c4]",
        "### [x] Phase 3 — C ##",
        "### Task 1.1: D ✅",
        "### [ ] Task 2: E",
        "### Tasks",
        "### Verification",
        "## Notes",
        "<!-- execution: parallel -->",
        "<!-- depends: phase1, task2 -->",
        "  <!-- files: src/a.rs, (many) -->",
        "<!-- open",
        "-->",
        "```rust",
        "```",
        "~~~~",
        "- plain",
        "> - [ ] quoted",
        "| [x] | cell |",
        "[x] bare",
        "---",
        "",
        "text",
    ]);
    prop_oneof![3 => boxes, 2 => fixed.prop_map(String::from)]
}

fn plan_text() -> impl Strategy<Value = Vec<u8>> {
    let ends = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    let noise = prop::option::weighted(0.2, (any::<prop::sample::Index>(), any::<u8>()));
    (prop::collection::vec((plan_line(), ends), 0..40), any::<bool>(), noise).prop_map(|(lines, bom, noise)| {
        let mut text = String::from(if bom { "\u{feff}" } else { "" });
        lines.iter().for_each(|(line, end)| text.extend([line.as_str(), end]));
        let mut bytes = text.into_bytes();
        if let Some((index, byte)) = noise.filter(|_| !bytes.is_empty()) {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

fn is_inside(span: Span, bytes: &[u8]) -> bool {
    span.start <= span.end && span.end <= bytes.len()
}

/// Everything that points into the file points into it, and lines are in order.
fn check_plan(bytes: &[u8]) {
    let (plan, found) = Plan::read("plan.md", bytes);
    let mut last = 0;
    for phase in &plan.phases {
        assert!(phase.line_end <= bytes.len());
        assert!(
            phase
                .checkpoint
                .iter()
                .all(|checkpoint| is_inside(checkpoint.span, bytes))
        );
        for (at, task) in phase.tasks.iter().enumerate() {
            assert_eq!(task.ordinal as usize, at + 1);
            assert!(task.line > last && task.last_line >= task.line && task.last_line <= plan.lines);
            last = task.line;
            assert!(task.line_end <= bytes.len() && task.text_start <= bytes.len());
            assert!(task.marker.iter().all(|marker| is_inside(marker.span, bytes)));
            assert!(task.marker.is_some() || task.form == TaskForm::Heading);
            for sha in &task.shas {
                assert_eq!(sha.sha.as_bytes(), &bytes[sha.span.start..sha.span.end]);
            }
            assert!(
                task.annotations
                    .iter()
                    .all(|annotation| bytes[annotation.span.start..].starts_with(b"<!--"))
            );
            assert!(
                task.annotations
                    .iter()
                    .all(|annotation| bytes[..annotation.span.end].ends_with(b"-->"))
            );
        }
    }
    for diagnostic in &found {
        assert!(
            diagnostic
                .lines
                .iter()
                .all(|lines| lines.first >= 1 && lines.first <= lines.last)
        );
        assert!(
            !diagnostic.reason.is_empty() && !diagnostic.reason.ends_with('.'),
            "{}",
            diagnostic.reason
        );
    }
}

/// Setting a marker changes its bytes, keeps the rest, and is what a second reading finds.
fn check_edits(bytes: &[u8]) {
    let (plan, _) = Plan::read("plan.md", bytes);
    for (at, task) in plan.tasks().enumerate() {
        for new in [
            State::Pending,
            State::InProgress,
            State::Done,
            State::Blocked,
            State::Removed,
        ] {
            let edit = task.set_state(new).expect("boxes have markers, headings get one");
            let changed = apply(bytes, std::slice::from_ref(&edit)).expect("it fits");
            assert_eq!(changed[..edit.span.start], bytes[..edit.span.start]);
            assert_eq!(changed[edit.span.start + edit.text.len()..], bytes[edit.span.end..]);
            let (again, _) = Plan::read("plan.md", &changed);
            assert_eq!(again.tasks().nth(at).map(|task| task.state), Some(new));
            assert_eq!(again.tasks().count(), plan.tasks().count());
        }
        let changed = apply(bytes, &[task.set_sha("9f8e7d6")]).expect("it fits");
        let (again, _) = Plan::read("plan.md", &changed);
        let shas = again.tasks().nth(at).map(|task| &task.shas);
        assert!(
            shas.is_some_and(|shas| shas.iter().any(|sha| sha.sha == "9f8e7d6")),
            "{}",
            String::from_utf8_lossy(&changed)
        );
    }
}

/// Every line with a box is a task, an item, or named.
fn check_nothing_lost(bytes: &[u8]) {
    let (plan, found) = Plan::read("plan.md", bytes);
    let mut lines: Vec<u32> = plan.tasks().map(|task| task.line).collect();
    lines.extend(plan.tasks().flat_map(|task| &task.items).map(|item| item.line));
    lines.extend(
        plan.phases
            .iter()
            .flat_map(|phase| &phase.items)
            .chain(&plan.outside)
            .map(|item| item.line),
    );
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
    let boxes = text
        .trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .filter(|(_, line)| {
            let start = line.trim_start_matches([' ', '\t']);
            ["- [ ] ", "- [x] ", "* [~] ", "1. [?] "]
                .iter()
                .any(|sign| start.starts_with(sign))
        });
    for (index, line) in boxes {
        let number = index as u32 + 1;
        let named = found
            .iter()
            .flat_map(|d| &d.lines)
            .any(|l| (l.first..=l.last).contains(&number));
        assert!(named || lines.contains(&number), "line {number} is lost: {line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plans_of_lines(bytes in plan_text()) {
        check_plan(&bytes);
        check_edits(&bytes);
        check_nothing_lost(&bytes);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        check_plan(&bytes);
        let (registry, _) = Registry::read("tracks.md", &bytes);
        prop_assert!(registry.entries.iter().all(|entry| entry.marker.is_none_or(|m| is_inside(m.span, &bytes))));
        Metadata::read(&"metadata.json".into(), &bytes, &mut Vec::new());
        ParallelState::read(&"parallel_state.json".into(), &bytes, &mut Vec::new());
    }

    #[test]
    fn signs(text in "[-*+#|\\[\\]()<>!`~_ x1aé:\t\r\n,.]{0,300}") {
        check_plan(text.as_bytes());
        check_edits(text.as_bytes());
        Registry::read("tracks.md", text.as_bytes());
    }

    #[test]
    fn projects(files in prop::collection::btree_map("(tracks/|archive/|)([ab]_20260101/){0,2}(plan.md|metadata.json|tracks.md|index.md|implement_state.json|)", plan_text(), 0..12)) {
        let sources: Vec<_> = files.iter().filter(|(path, _)| !path.is_empty()).map(|(path, bytes)| Source { path, content: Ok(bytes) }).collect();
        let project = Project::read(&sources);
        let plans = files.keys().filter(|path| path.ends_with("/plan.md")).count();
        prop_assert_eq!(project.tracks.iter().filter(|track| track.plan.is_some()).count(), plans);
    }

    #[test]
    fn json_of_any_shape(json in "\\{(\"(workers|phase|files|status|depends_on|beads_tasks)\":(\\[\\]|\\{\\}|1|\"a\"|\\[1,\\{\"id\":2\\}\\]|null|true),?){0,5}\\}") {
        Metadata::read(&"metadata.json".into(), json.as_bytes(), &mut Vec::new());
        ParallelState::read(&"parallel_state.json".into(), json.as_bytes(), &mut Vec::new());
    }
}
