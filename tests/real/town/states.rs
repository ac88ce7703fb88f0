//! The states that work is in between a plan and the merge, each brought about by the real tools.
//!
//! A bead made by [`Town::beads`] is open. The functions here take it on from there, and return when it is in the state that they
//! are named for. None needs Gas Town's daemon, and no witness or refinery runs unless a test starts it.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::process::Output;

use serde_json::Value;

use super::{RIG, Town, done, until};

/// What a scripted polecat does with its bead; `tests/real/town/agent` says what each means.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// Writes a file, commits, submits.
    Work,
    /// The same, but not before [`Town::let_go`].
    Wait,
    /// Nothing, for ever.
    Hang,
    /// Ends at once.
    Die,
    /// Commits and gives up.
    Escalate,
    /// Puts it off.
    Defer,
    /// Submits without a commit.
    Nothing,
}

impl Act {
    fn word(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Wait => "wait",
            Self::Hang => "hang",
            Self::Die => "die",
            Self::Escalate => "escalate",
            Self::Defer => "defer",
            Self::Nothing => "nothing",
        }
    }
}

impl Town {
    /// Tells polecats what to do with beads whose id or title is like a shell pattern (`*` for all). What is told later wins.
    pub(crate) fn tell(&self, pattern: &str, act: Act) {
        self.tell_all(pattern, act, "-", "-");
    }

    /// The same, with the file that is written and the commit's subject; `-` leaves one to the polecat.
    pub(crate) fn tell_all(&self, pattern: &str, act: Act, file: &str, subject: &str) {
        let mut acts = OpenOptions::new()
            .append(true)
            .open(self.path("ctl/acts"))
            .expect("town.sh made it");
        writeln!(acts, "{pattern}\t{}\t{file}\t{subject}", act.word()).expect("written");
    }

    /// Lets a polecat give up that waits.
    pub(crate) fn let_give_up(&self, bead: &str) {
        // At once, since an empty file lets it go on.
        let made = self.path(&format!("ctl/{bead}.made"));
        fs::write(&made, "escalate").expect("written");
        fs::rename(made, self.path(&format!("ctl/{bead}.go"))).expect("renamed");
    }

    /// Lets a polecat go on that waits.
    pub(crate) fn let_go(&self, bead: &str) {
        fs::write(self.path(&format!("ctl/{bead}.go")), "").expect("written");
    }

    /// Slings a bead to a polecat.
    pub(crate) fn sling(&self, bead: &str) {
        self.gt(&["sling", bead, RIG, "--no-boot", "--no-convoy"]);
    }

    /// The name of the polecat that a bead is hooked to.
    pub(crate) fn polecat(&self, bead: &str) -> String {
        let bead = self.bead(bead);
        let assignee = bead["assignee"].as_str().unwrap_or_else(|| panic!("nobody has {bead}"));
        assignee.rsplit('/').next().expect("a part").to_owned()
    }

    /// Hooked to a polecat that waits for [`Town::let_go`].
    pub(crate) fn working(&self, bead: &str) {
        self.tell(bead, Act::Wait);
        self.sling(bead);
        self.until_bead(bead, "hooked", |bead| bead["status"] == "hooked");
    }

    /// Closed by its polecat, with a merge request in the queue: its id.
    pub(crate) fn submitted(&self, bead: &str) -> String {
        self.tell(bead, Act::Work);
        self.sling(bead);
        self.until_submitted(bead)
    }

    /// Waits for a polecat that is at work to submit: the id of the merge request.
    pub(crate) fn until_submitted(&self, bead: &str) -> String {
        self.until_bead(bead, "closed", |bead| bead["status"] == "closed");
        until(&format!("a merge request of {bead}"), || self.merge_request(bead))
    }

    /// The id of the bead that is the merge request of another, open or closed. Without the bridge `gt` keeps it in the town.
    pub(crate) fn merge_request(&self, bead: &str) -> Option<String> {
        Some(self.request(bead)?["id"].as_str()?.to_owned())
    }

    /// Whether the refinery has merged a bead's work. Of bd 1.1.0 only its merge request says so.
    pub(crate) fn is_merged(&self, bead: &str) -> bool {
        reason(&self.bead(bead)).starts_with("Merged in ")
            || self.request(bead).is_some_and(|request| reason(&request) == "merged")
    }

    fn request(&self, bead: &str) -> Option<Value> {
        let list = [
            "list",
            "--all",
            "--include-infra",
            "--limit",
            "0",
            "--label",
            "gt:merge-request",
            "--json",
        ];
        let in_rig = self.bd_json(&list);
        let in_town = super::done(self.command("bd").args(list));
        let in_town: Value = serde_json::from_str(&in_town).expect("JSON");
        let line = format!("source_issue: {bead}");
        let of_bead = |request: &&Value| {
            let description = request["description"].as_str().unwrap_or_default();
            description.lines().any(|other| other == line)
        };
        let requests = [in_rig, in_town];
        let mut all = requests.iter().filter_map(Value::as_array).flatten();
        all.find(of_bead).cloned()
    }

    /// Merged by the refinery into the rig's main branch.
    pub(crate) fn merged(&self, bead: &str) {
        self.submitted(bead);
        self.refine();
        self.until_bead(bead, "merged", |bead| reason(bead).starts_with("Merged in "));
    }

    /// One pass of the refinery over all that is ready: what it said.
    pub(crate) fn refine(&self) -> String {
        let output = self.refine_once();
        assert!(output.status.success(), "{}", super::said(&output));
        String::from_utf8(output.stdout).expect("text")
    }

    /// The same, whatever comes of it. With `ctl/refinery-dies` it ends between push and post-merge.
    pub(crate) fn refine_once(&self) -> Output {
        let role = format!("{RIG}/refinery");
        let mut command = self.command("refinery");
        command.arg("--once").current_dir(self.rig().join("refinery/rig"));
        command.env("GT_RIG", RIG).env("GT_ROLE", &role).env("BD_ACTOR", &role);
        command.env("GT_TOWN_ROOT", self.root()).env("GT_ROOT", self.root());
        command.output().expect("it starts")
    }

    /// Two beads whose polecats wrote the same file: one of them merged, the other in conflict, in this order.
    pub(crate) fn conflict(&self, one: &str, other: &str) -> (String, String) {
        let file = format!("src/{one}-{other}.txt");
        for bead in [one, other] {
            self.tell_all(bead, Act::Wait, &file, "-");
            self.sling(bead);
        }
        // The second one submits before the first is merged: gt rebases a branch that comes later by itself.
        for bead in [one, other] {
            self.let_go(bead);
            self.until_submitted(bead);
        }
        let said = self.refine();
        assert!(said.contains(&format!("conflict in {file}")), "{said}");
        let is_merged = |bead: &str| reason(&self.bead(bead)).starts_with("Merged in ");
        match (is_merged(one), is_merged(other)) {
            (true, false) => (one.to_owned(), other.to_owned()),
            (false, true) => (other.to_owned(), one.to_owned()),
            both => panic!("merged: {both:?}\n{said}"),
        }
    }

    /// Submitted, and its merge request rejected.
    pub(crate) fn rejected(&self, bead: &str) {
        let request = self.submitted(bead);
        self.gt(&["mq", "reject", RIG, &request, "--reason", "not what was asked for"]);
    }

    /// Hooked to a polecat whose session is gone.
    pub(crate) fn stalled(&self, bead: &str) {
        self.tell(bead, Act::Hang);
        self.sling(bead);
        let session = format!("={}-{}", self.prefix(), self.polecat(bead));
        done(self.tmux().args(["kill-session", "-t", &session]));
    }

    /// Closed by a polecat that gave up: there is no merge request.
    pub(crate) fn escalated(&self, bead: &str) {
        self.tell(bead, Act::Escalate);
        self.sling(bead);
        self.until_bead(bead, "closed", |bead| bead["status"] == "closed");
    }

    /// Still hooked to a polecat that has put it off and is idle.
    pub(crate) fn deferred(&self, bead: &str) {
        self.tell(bead, Act::Defer);
        self.sling(bead);
        let log = self.path(&format!("log/done.{bead}.out"));
        until(&format!("{bead} put off"), || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            text.contains("\nexit ").then_some(())
        });
    }

    /// Closed by a polecat that found nothing to change.
    pub(crate) fn without_changes(&self, bead: &str) {
        self.tell(bead, Act::Nothing);
        self.sling(bead);
        self.until_bead(bead, "closed", |bead| {
            reason(bead).starts_with("Completed with no code changes")
        });
    }

    /// In the queue, and the refinery has taken it.
    pub(crate) fn claimed(&self, bead: &str) {
        let request = self.submitted(bead);
        // The refinery asks in its rig; elsewhere gt does not know whose merge request it is.
        let mut claim = self.command("gt");
        done(claim.args(["refinery", "claim", &request]).current_dir(self.rig()));
    }

    /// Pushed to the main branch by its polecat, as its convoy wants it: the convoy.
    pub(crate) fn direct(&self, bead: &str) -> String {
        let title = format!("Direct: {bead}");
        let said = self.gt(&["convoy", "create", &title, bead, "--owned", "--merge=direct"]);
        self.tell(bead, Act::Work);
        // With `--no-convoy` gt does not look at what the convoy wants.
        self.gt(&["sling", bead, RIG, "--no-boot"]);
        self.until_bead(bead, "merged directly", |bead| reason(bead).starts_with("Direct merge"));
        let id = said.split_whitespace().find(|word| word.starts_with("hq-cv-"));
        id.unwrap_or_else(|| panic!("no convoy in: {said}")).to_owned()
    }

    /// Done and pushed to a branch that nobody is to merge.
    pub(crate) fn without_queue(&self, bead: &str) {
        self.tell(bead, Act::Work);
        self.gt(&["sling", bead, RIG, "--no-boot", "--no-convoy", "--no-merge"]);
        self.until_bead(bead, "closed", |bead| bead["status"] == "closed");
    }

    /// Hooked to a crew of this name, which is new and does nothing.
    pub(crate) fn of_crew(&self, bead: &str, name: &str) {
        self.gt(&["crew", "add", name, "--rig", RIG]);
        self.gt(&["crew", "start", RIG, name]);
        let crew = format!("{RIG}/crew/{name}");
        self.gt(&["sling", bead, &crew, "--no-boot", "--no-convoy"]);
    }

    /// Held by the scheduler, which from now on gives away no more work: there is one polecat already.
    pub(crate) fn scheduled(&self, bead: &str) {
        self.gt(&["config", "set", "scheduler.max_polecats", "1"]);
        self.sling(bead);
    }

    /// Whether a file is on the main branch that all push to.
    pub(crate) fn is_on_main(&self, path: &str) -> bool {
        self.git(&["fetch", "--quiet"]);
        !self.git(&["ls-tree", "--name-only", "origin/main", path]).is_empty()
    }

    /// Mail for the person, not read yet.
    pub(crate) fn mail(&self, subject: &str) {
        self.gt(&["mail", "send", "overseer", "-s", subject, "-m", "please look"]);
    }

    /// A convoy over beads, staged and not launched: its id.
    pub(crate) fn convoy(&self, title: &str, beads: &[&str]) -> String {
        let mut arguments = vec!["convoy", "stage"];
        arguments.extend(beads);
        arguments.extend(["--json", "--title", title]);
        let staged = self.gt_json(&arguments);
        staged["convoy_id"]
            .as_str()
            .unwrap_or_else(|| panic!("{staged}"))
            .to_owned()
    }

    /// Stops the Dolt server. Then bd fails, and gt answers with 0 and wrong data, or that things are not found.
    pub(crate) fn stop_dolt(&self) {
        self.gt(&["dolt", "stop"]);
    }

    /// Starts it again. bd refuses for five seconds more, if it was asked while Dolt was down.
    pub(crate) fn start_dolt(&self) {
        self.gt(&["dolt", "start"]);
    }

    /// `tmux`, with the sessions of the town's agents.
    pub(crate) fn tmux(&self) -> std::process::Command {
        let mut command = self.command("tmux");
        command.args(["-L", self.variable("TMUX_SOCKET")]);
        command
    }

    fn prefix(&self) -> String {
        let rigs = self.gt_json(&["rig", "list", "--json"]);
        rigs[0]["beads_prefix"].as_str().expect("a prefix").to_owned()
    }

    fn until_bead(&self, id: &str, state: &str, is: impl Fn(&Value) -> bool) {
        until(&format!("{id} {state}"), || is(&self.bead(id)).then_some(()));
    }
}

/// Why a bead was closed.
fn reason(bead: &Value) -> &str {
    bead["close_reason"].as_str().unwrap_or_default()
}
