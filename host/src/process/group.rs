//! A process group: everything that a program has started and that has not left it.

use std::fs;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// Sends a signal to all of it. That nobody is left to hear it is as good.
pub(super) fn signal(group: Pid, signal: Signal) {
    let _ = kill_process_group(group, signal);
}

/// Whether any process of it lives. As long as one is left, its number is not given to another group.
///
/// Whoever has ended and is not waited for counts for the system, and in a container there is often nobody who waits for
/// orphans: where the system tells more (Linux), these are left out.
pub(super) fn has_members(group: Pid) -> bool {
    test_kill_process_group(group).is_ok() && lives(group).unwrap_or(true)
}

fn lives(group: Pid) -> Option<bool> {
    let group = group.to_string();
    let mut stats = fs::read_dir("/proc").ok()?.filter_map(|entry| {
        let path = entry.ok()?.path();
        path.file_name()?.to_str()?.parse::<u32>().ok()?;
        fs::read_to_string(path.join("stat")).ok()
    });
    Some(stats.any(|stat| is_alive_in(&stat, &group).unwrap_or(false)))
}

/// The fields behind the name, which is in parentheses and can hold any: state, parent, group (`man 5 proc_pid_stat`).
fn is_alive_in(stat: &str, group: &str) -> Option<bool> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    Some(!matches!(state, "Z" | "X") && fields.nth(1)? == group)
}
