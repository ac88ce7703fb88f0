//! The worktree in which a merge conflict is resolved, by us or by a person, until its result is handed in.

use conductor_gastown::scratch::{self, Rebased, Side};
use conductor_gastown::{repository, rig_beads};
use conductor_plugin::{Failure, Host};

use super::look::{Look, failure};
use super::resolve::{Conflict, not_resolved};
use crate::ground::Ground;

/// The folder of what we work in, in the rig.
const FOLDER: &str = ".conductor";

/// A worktree in which a conflict is resolved. A person's and our own are two: what somebody has begun by hand stays.
pub(super) struct Scratch<'a> {
    rig: &'a str,
    /// The address of what the branch is pushed to.
    remote: &'a str,
    /// Its name: the merge request's id, with an ending where it is a person's.
    name: String,
    /// Where it is.
    path: String,
}

impl<'a> Scratch<'a> {
    fn named(look: &'a Look, name: String) -> Self {
        Self {
            rig: &look.rig,
            remote: &look.remote,
            path: format!("{}/{}/{FOLDER}/{name}", look.town.location, look.rig),
            name,
        }
    }

    pub(super) fn for_us(look: &'a Look, conflict: &Conflict) -> Self {
        Self::named(look, conflict.request.clone())
    }

    pub(super) fn by_hand(look: &'a Look, conflict: &Conflict) -> Self {
        Self::named(look, format!("{}.hand", conflict.request))
    }

    /// Whether it was begun, by this run or one before.
    fn is_kept(&self, host: &dyn Host) -> Result<bool, Failure> {
        let kept = scratch::kept(host, self.rig, &self.name).wait().map_err(failure)?;
        Ok(kept.is_some())
    }

    /// Makes it, with the branch as the remote has it now.
    fn make(&self, ground: &Ground<'_>, conflict: &Conflict) -> Result<(), Failure> {
        let host = ground.host;
        let tip = repository::remote_tip(host, self.remote, &conflict.branch).wait();
        let Some(tip) = tip.map_err(failure)? else {
            return Err(Failure::new(
                "no-branch",
                format!("the remote has no branch `{}` any more", conflict.branch),
            )
            .hinted("`--release BEAD` gives the work out anew"));
        };
        // Noted first: without its note nobody would know what is there.
        scratch::keep(host, self.rig, &self.name, &tip)
            .wait()
            .map_err(failure)?;
        scratch::add(host, self.rig, &self.name, &tip).wait().map_err(failure)
    }

    /// Resolves it for a side, and hands it in.
    pub(super) fn with(&self, ground: &Ground<'_>, conflict: &Conflict, side: Side) -> Result<Vec<String>, Failure> {
        let host = ground.host;
        // What a killed run has left is ours, and made again in a moment.
        if self.is_kept(host)? {
            drop(scratch::remove(host, self.rig, &self.name).wait());
        }
        self.make(ground, conflict)?;
        let rebased = scratch::rebase(host, self.rig, &self.name, side, &conflict.target).wait();
        if rebased.map_err(failure)? == Rebased::Stopped {
            let files = scratch::uncommitted(host, self.rig, &self.name)
                .wait()
                .map_err(failure)?;
            self.remove(host)?;
            return Err(not_resolved(ground, conflict, &files.join(", ")));
        }
        let whose = match side {
            Side::Target => format!("origin/{}'s", conflict.target),
            _ => format!("{}'s", conflict.worker),
        };
        self.hand_in(ground, conflict, &format!("{whose} lines were taken"))
    }

    /// Prepares it for a person.
    pub(super) fn prepared(&self, ground: &Ground<'_>, conflict: &Conflict) -> Result<Vec<String>, Failure> {
        let host = ground.host;
        if !self.is_kept(host)? {
            self.make(ground, conflict)?;
            let rebased = scratch::rebase(host, self.rig, &self.name, Side::Neither, &conflict.target).wait();
            if rebased.map_err(failure)? == Rebased::Whole {
                return self.hand_in(ground, conflict, "nothing was left to resolve");
            }
        }
        let path = &self.path;
        Ok(vec![
            format!("to resolve by hand: `git -C '{path}' mergetool && git -C '{path}' rebase --continue`"),
            format!(
                "then `conductor dispatch {} --resolve {} --done`",
                ground.track.id, conflict.request
            ),
        ])
    }

    /// Takes up what a person has resolved.
    pub(super) fn taken_up(&self, ground: &Ground<'_>, conflict: &Conflict) -> Result<Vec<String>, Failure> {
        let host = ground.host;
        if !self.is_kept(host)? {
            return self.prepared(ground, conflict);
        }
        let (stopped, files, commits) = (
            scratch::is_stopped(host, self.rig, &self.name),
            scratch::uncommitted(host, self.rig, &self.name),
            scratch::commits(host, self.rig, &self.name, &conflict.target),
        );
        let (path, target) = (&self.path, &conflict.target);
        let files = files.wait().map_err(failure)?;
        let commits = commits.wait().map_err(failure)?;
        let (why, hint) = if stopped.wait().map_err(failure)? || !files.is_empty() {
            (
                format!("it is not resolved to its end in {path}: {}", files.join(", ")),
                format!("`git -C '{path}' mergetool`, then `git -C '{path}' rebase --continue`"),
            )
        } else if commits.has_merge {
            (
                format!("{path} has a merge commit, which the refinery takes apart"),
                format!("`git -C '{path}' rebase origin/{target}` makes its commits one line"),
            )
        } else if commits.missing > 0 {
            (
                format!("{path} is not on top of origin/{target}"),
                format!("`git -C '{path}' rebase origin/{target}` puts it there"),
            )
        } else {
            return self.hand_in(ground, conflict, "as you have resolved it");
        };
        Err(Failure::new("not-resolved", why).hinted(hint))
    }

    /// Gives the worker's branch what is there, and lets the refinery go on.
    fn hand_in(&self, ground: &Ground<'_>, conflict: &Conflict, how: &str) -> Result<Vec<String>, Failure> {
        let host = ground.host;
        let Conflict {
            request, branch, tasks, ..
        } = conflict;
        let lease = scratch::kept(host, self.rig, &self.name).wait().map_err(failure)?;
        let lease = lease.unwrap_or_default();
        if let Err(error) = scratch::push(host, self.rig, &self.name, branch, &lease).wait() {
            return Err(Failure::new(
                "push-refused",
                format!("`{branch}` could not be changed: {}", error.message),
            )
            .hinted(format!(
                "the result is in {}; if somebody else has pushed to the branch, `git worktree remove` it and resolve again",
                self.path
            )));
        }
        self.remove(host)?;
        let reason = format!("resolved for {request}: {how}");
        let mut changed = vec![format!(
            "{request}: {how}; `{branch}` was pushed, and the refinery can merge it"
        )];
        for task in tasks {
            rig_beads::close(host, self.rig, &task.id, &reason)
                .wait()
                .map_err(failure)?;
            changed.push(format!("{} closed", task.id));
        }
        Ok(changed)
    }

    fn remove(&self, host: &dyn Host) -> Result<(), Failure> {
        scratch::remove(host, self.rig, &self.name).wait().map_err(failure)?;
        scratch::forget(host, self.rig, &self.name).wait().map_err(failure)
    }
}
