//! A track from its first wave to its merged end, in the order in which a person has it.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::given::Given;

/// What of ours keeps workers alive, clears away what others have left, and notes on a bead which commit was handed in for it, before
/// `gt` clears away the merge request that says so: a script that does not loses work. On the track's epic it notes the convoy, as the
/// specification wants it.
pub(crate) const APART: [&str; 6] = [
    "polecat-heartbeat",
    "polecat-nuke",
    "polecat-nudge",
    "rig-fetch",
    "rig-delete-branch",
    "rig-keep",
];

impl Given {
    /// The whole way: a parallel phase of three, two of which claim one file, the person's word, a sequential phase, the person's word.
    pub(crate) fn whole_track(&self) {
        let shown = self.data(&["--although", "refinery", "--dry-run"]);
        assert_eq!(
            (shown["what"].as_str(), shown["mode"].as_str()),
            (Some("plan"), Some("gastown")),
            "{shown}"
        );
        let begun = self.agree("--although refinery");
        assert_eq!(begun["what"], "begun", "{begun}");
        assert_eq!(begun["begins"].as_array().map(Vec::len), Some(2), "{begun}");
        let metadata = self.metadata();
        assert_eq!(metadata["execution_mode"], "gastown");
        let convoy = metadata["gastown_convoy"].as_str().expect("a convoy").to_owned();
        let epic = self.town.bead(metadata["gastown_epic"].as_str().expect("an epic"));
        let of_track = format!("conductor/tracks/{}", self.track);
        for (name, value) in [
            ("conductor_track", self.track.to_owned()),
            ("gastown_convoy", convoy.clone()),
            ("spec_path", format!("{of_track}/spec.md")),
            ("plan_path", format!("{of_track}/plan.md")),
        ] {
            assert_eq!(epic["metadata"][name], value, "{epic}");
        }
        assert!(
            self.plan()
                .contains("- [~] Task 1: Count which products are bought together"),
            "{}",
            self.plan()
        );

        // Run again it does nothing.
        let again = self.data(&["--although", "refinery"]);
        assert_eq!(
            (again["what"].as_str(), again["changed"].as_array().map(Vec::len)),
            (Some("nothing"), Some(0)),
            "{again}"
        );

        let first = self.id("phase1/task1");
        self.town
            .bd(&["update", &first, "--append-notes", "Two orders within an hour are one."]);
        self.merged(&["phase1/task1", "phase1/task2"]);
        // What a person has not pushed yet stops nothing: all that is done was merged.
        self.write("README.md", "words of a person\n");
        self.town
            .git(&["commit", "--quiet", "--message", "docs: words", "--", "README.md"]);
        let next = self.data(&["--although", "refinery", "--yes"]);
        assert_eq!(
            (next["what"].as_str(), next["begins"][0]["item"].as_str()),
            (Some("begun"), Some("1.3")),
            "{next}"
        );
        let head = self.town.git(&["ls-remote", "origin", "main"]);
        self.town.git(&["fetch", "--quiet"]);
        for line in self.plan().lines().filter(|line| line.starts_with("- [x] Task")) {
            let sha = line
                .rsplit('[')
                .next()
                .and_then(|rest| rest.strip_suffix(']'))
                .expect("a commit");
            self.town.git(&[
                "merge-base",
                "--is-ancestor",
                sha,
                head.split_whitespace().next().expect("a commit"),
            ]);
        }
        // The worktree of the next wave has what was merged.
        let third = self.bead("phase1/task3");
        let polecat = third["assignee"]
            .as_str()
            .expect("a polecat")
            .rsplit('/')
            .next()
            .expect("a name")
            .to_owned();
        let worktree = self.town.rig().join("polecats").join(&polecat);
        let file = format!("src/{first}.txt");
        let found = walk(&worktree, &file);
        assert!(found, "{} has no {file}", worktree.display());

        self.merged(&["phase1/task3"]);
        let due = self.data(&["--although", "refinery", "--yes"]);
        assert_eq!(
            (due["what"].as_str(), due["due"][0]["phase"].as_str()),
            (Some("nothing"), Some("1")),
            "{due}"
        );
        let passed = self.data(&["--although", "refinery", "--pass", "1"]);
        let head = self.town.git(&["ls-remote", "origin", "main"]);
        assert!(
            self.plan().contains(&format!("[checkpoint: {}]", &head[..7])),
            "what is on the target was verified: {}",
            self.plan()
        );
        assert_eq!(
            (passed["what"].as_str(), passed["begins"][0]["item"].as_str()),
            (Some("begun"), Some("2.1–2.2")),
            "{passed}"
        );
        self.merged(&["phase2/task1"]);
        let due = self.data(&[]);
        assert_eq!(due["due"][0]["phase"], "2", "{due}");
        let done = self.data(&["--pass", "2"]);
        assert_eq!(done["what"], "done", "{done}");

        let plan = self.plan();
        assert!(!plan.contains("- [ ]") && !plan.contains("- [~]"), "{plan}");
        assert!(
            self.read("conductor/tracks.md")
                .contains("- [x] **Track: Teas that go together**")
        );
        let learnings = self.read(&format!("conductor/tracks/{}/learnings.md", self.track));
        assert!(
            learnings.contains(&format!("- 1.1 ({first}): Two orders within an hour are one.")),
            "{learnings}"
        );
        let beads = self.beads();
        let mut all = beads.as_array().expect("a list").iter();
        assert!(all.all(|bead| bead["status"] == "closed"), "{beads}");
        let convoys = self.town.gt_json(&["convoy", "list", "--json", "--all"]);
        let ours: Vec<&Value> = convoys
            .as_array()
            .expect("a list")
            .iter()
            .filter(|of| of["id"] == convoy.as_str())
            .collect();
        assert_eq!(
            (ours.len(), ours[0]["status"].as_str()),
            (1, Some("closed")),
            "{convoys}"
        );
        assert_eq!(self.data(&[])["changed"].as_array().map(Vec::len), Some(0));

        // What a script would have to change as well: all beads at once, a convoy, a sling for each item, and at the end what no worker
        // closes: two verifications, the task that another one's worker did with its own, two phases, the track, the convoy.
        let (mut writes, _) = self.audit();
        writes.retain(|name, _| !APART.contains(&name.as_str()));
        // Without the bridge the first sling of each run finds out that formulas fail.
        let slings = writes.remove("sling").unwrap_or_default();
        assert!((4..=7).contains(&slings), "{slings}");
        let expected = [
            ("convoy-close", 1),
            ("convoy-stage", 1),
            ("rig-close", 6),
            ("rig-create", 1),
        ];
        let expected: BTreeMap<String, usize> = expected.map(|(name, count)| (name.to_owned(), count)).into();
        assert_eq!(writes, expected);
    }
}

/// Whether a file is in a polecat's worktree, which lies in a folder of the rig's name in its own.
fn walk(polecat: &std::path::Path, file: &str) -> bool {
    let inside = fs::read_dir(polecat).into_iter().flatten().flatten();
    inside.map(|entry| entry.path()).any(|path| path.join(file).exists()) || polecat.join(file).exists()
}
