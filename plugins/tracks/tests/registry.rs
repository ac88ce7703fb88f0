//! One small registry for each form of entry that the reader takes and each oddity met in real files.

mod common;

use common::said;
use conductor_tracks::State;
use conductor_tracks::registry::Registry;

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
    let (registry, diagnostics) = Registry::read("tracks.md", text.as_bytes());
    let ids: Vec<_> = registry.entries.iter().map(|entry| &*entry.id).collect();
    assert_eq!(ids, ["first-level", "noid_20250111", "bare_20250111"]);
    let named = diagnostics
        .iter()
        .find(|found| found.code == "other-boxes")
        .expect("a note");
    let lines: Vec<u32> = named.lines.iter().map(|lines| lines.first).collect();
    let named: Vec<u32> = named.lines.iter().flat_map(|lines| lines.first..=lines.last).collect();
    assert_eq!(named, [3, 4], "{lines:?}");
}

/// `id | title | state | remark` of each entry.
fn entries(text: &str) -> (Vec<String>, Vec<String>) {
    let (registry, found) = Registry::read("tracks.md", text.as_bytes());
    let shown = registry.entries.iter().map(|entry| {
        let state = entry.state.map_or("-", State::as_str);
        let remark = entry
            .remark
            .as_deref()
            .map(|remark| format!(" | {remark}"))
            .unwrap_or_default();
        format!("{} | {} | {state}{remark}", entry.id, entry.title)
    });
    (shown.collect(), said(&found))
}

/// The title of an entry with this line.
fn title(line: &str) -> String {
    let (registry, _) = Registry::read("tracks.md", line.as_bytes());
    assert_eq!(registry.entries.len(), 1, "{line}");
    registry.entries[0].title.to_string()
}

#[test]
fn a_title_is_the_line_as_a_person_sees_it() {
    for (line, wanted) in [
        ("## [ ] Track: **Bold** and the rest", "Bold and the rest"),
        ("- [ ] **Track: Fix** the `--json` flag", "Fix the --json flag"),
        ("- [ ] **Track:** Fix it", "Fix it"),
        ("- [ ] Track: Add `foo`", "Add foo"),
        ("- [ ] `foo` and `bar`", "foo and bar"),
        ("- [ ] [Docs](http://x) rewrite of guide", "Docs rewrite of guide"),
        ("- [ ] **Track: See [RFC](http://x) for pay**", "See RFC for pay"),
        ("- [ ] [Docs](./tracks/docs_20260101/)", "Docs"),
        ("- [ ] Track: Say \"no\"", "Say \"no\""),
        ("- [ ] Track: \"All of it\"", "All of it"),
        ("- [ ] Track: 2 * 3 and snake_case", "2 * 3 and snake_case"),
        (
            "## [ ] Track: Pay (completed half) and ship",
            "Pay (completed half) and ship",
        ),
        ("## [x] Track: Pay (archived: 2026-02-23)", "Pay"),
        (
            "- [x] Track: Pay ([Plan](./tracks/pay_20260101/plan.md), [Spec](./tracks/pay_20260101/spec.md))",
            "Pay",
        ),
        ("- [x] **Pay** — [View](./archive/pay_20260101/)", "Pay"),
        ("- [ ] pay_20260101: Pay [RFC](http://x)", "Pay RFC"),
        ("- [ ] **pay_20260101: Pay** and ship", "Pay and ship"),
        ("- [ ] pay_20260101 — Review - all of it", "Review - all of it"),
        (
            "<!-- Archived 2026-01-01: Old pages → archive/old_20250101/ -->",
            "Old pages",
        ),
        (
            "<!-- Archived 2026-01-01: old_20250101 (Old pages) of the shop -->",
            "(Old pages) of the shop",
        ),
        (
            "<!-- Archived 2026-01-01: old_20250101 — Flow completed by users -->",
            "Flow completed by users",
        ),
    ] {
        assert_eq!(title(line), wanted, "{line}");
    }
}

#[test]
fn what_is_no_title_is_kept_elsewhere() {
    let (entries, found) = entries(
        "- [x] `glb_20260405/` — Loading\n- **Old** (`old_20250101`) — Archived 2026-01-02 (in part). [View](./archive/old_20250101/)\n- [x] new_20260101 (complete)\n- [ ] **Fix** login\n- [ ] **Fix** logout\n- [x] [Track 4: Settings](./track-4-plan.md) - Their own page\n## Track: Pay [BLOCKED: no key]\n",
    );
    assert_eq!(
        entries,
        [
            "glb_20260405 | Loading | done",
            "old_20250101 | Old | done | in part",
            "new_20260101 | new_20260101 | done",
            "fix-login | Fix login | pending",
            "fix-logout | Fix logout | pending",
            "track-4-settings | Track 4: Settings - Their own page | done",
            "pay | Pay | blocked",
        ]
    );
    assert_eq!(found, [""; 0]);
}

#[test]
fn titles_of_rows() {
    let (entries, found) = entries(
        "| ID | Title | Description | Status |\n|---|---|---|---|\n| a_1 | See [RFC](http://x) for `pay` | All of it | ✅ |\n| b_1 (old) | Eps \\| pipe | | 🟢 done |\n| `c_1` | **Bold** rest | | Blocked by ops |\n| d_1 | D | | 🚧 |\n| | Without an id | | In progress (80%) |\n| _No more yet_ | | | |\n",
    );
    assert_eq!(
        entries,
        [
            "a_1 | See RFC for pay | done | All of it",
            "b_1 | Eps | pipe | done | (old)",
            "c_1 | Bold rest | blocked",
            "d_1 | D | -",
            "without-an-id | Without an id | in_progress",
        ]
    );
    assert_eq!(found, ["note unknown-status 6"]);
}

#[test]
fn states_in_words() {
    let text = "## a_20260101\n- *Type:* bug | *Status:* **paused** (phase 3)\n## b_20260101\n**Status:** Completed 2026-01-01\n## c_20260101\nStatus: Waiting for the moon\n## Archived\n- d_20260101\n  Status: somewhere\n";
    let (entries, found) = entries(text);
    let states: Vec<_> = entries
        .iter()
        .map(|entry| entry.rsplit(" | ").next().unwrap_or_default())
        .collect();
    assert_eq!(states, ["blocked", "done", "-", "done"]);
    assert_eq!(found, ["note unknown-status 5", "note unknown-status 8"]);
}

#[test]
fn dependencies_are_split_and_shown() {
    let text = "## [ ] Track: A\n_Depends on: Console (complete); [Peers](./tracks/peers_20260101/), `c_1` (phase 4) | Blocks: none_\n## [ ] Track: B\n- Depends on: (none — builds on what is there)\n";
    let (registry, _) = Registry::read("tracks.md", text.as_bytes());
    assert_eq!(registry.entries[0].depends_on, ["Console", "peers_20260101", "c_1"]);
    assert_eq!(registry.entries[1].depends_on, [""; 0]);
}

#[test]
fn rows_that_say_by_themselves_what_they_are() {
    let (entries, found) = entries(
        "Track | Owner\n---|---\na_20260101 | me\nb_1 | you\n\nc_20260101 | [x] | Pay | 3\n\n## More\n| what | where |\n|---|---|\n| [Ship](./tracks/ship_1/) | done |\n| Mail | `tracks/mail_1/` |\n| [ ] | log-pages | Log |\n| src/a.rs | see tracks/x_1/spec.md |\n| file | lines |\nPriority: high | Type: bug\n",
    );
    assert_eq!(
        entries,
        [
            "a_20260101 | a_20260101 | -",
            "b_1 | b_1 | -",
            "c_20260101 | Pay | done",
            "ship_1 | Ship | done",
            "mail_1 | Mail | -",
            "log-pages | Log | pending",
        ]
    );
    assert_eq!(found, ["note other-boxes 14"]);
}

#[test]
fn lines_with_an_early_colon_under_a_heading_entry() {
    let (entries, found) = entries(
        "## [ ] Track: A\n*Link: [a](./tracks/a_20260101/)*\n- b_20260101: Second\n- [Third: it](./tracks/c_20260101/)\n\n## [ ] Track: D\n*Link: [d](./tracks/d_20260101/)*\n- **Depends on:** [e](./tracks/e_20260101/)\n- Supersedes: [f](./tracks/f_20260101/)\n- Then: [g](./tracks/g_20260101/)\n- Spec: [spec](./tracks/d_20260101/spec.md)\n",
    );
    let ids: Vec<_> = entries
        .iter()
        .map(|entry| entry.split(" | ").next().unwrap_or_default())
        .collect();
    assert_eq!(ids, ["a_20260101", "b_20260101", "c_20260101", "d_20260101"]);
    assert_eq!(found, ["note other-boxes 10"]);
}
