//! The person's word on a phase: it is verified, or something in it is to be mended.

use conductor_common::width::one_line;
use conductor_plugin::Failure;
use conductor_tracks::edit::Edit;
use conductor_tracks::{Phase, Plan, Span, State, edit};

use crate::commits;
use crate::folder;
use crate::graph::Kind;
use crate::ground::Ground;
use crate::identity::Name;
use crate::settle::{Mark, Marks, mark};

/// Sets a phase's verification done, and its checkpoint to the commit that `head` finds. What was changed.
///
/// # Errors
/// `unknown-phase`, `nothing-to-verify`, `not-due` where tasks before it are open; why the plan can't be changed.
pub fn pass(
    ground: &Ground<'_>,
    phase: &str,
    head: impl FnOnce() -> Result<Option<String>, Failure>,
) -> Result<Vec<String>, Failure> {
    let at = find(ground, phase)?;
    let of = &ground.plan.phases[at];
    let gates: Vec<usize> = (0..of.tasks.len())
        .filter(|&task| of.tasks[task].verification)
        .collect();
    let open = |task: &usize| !of.tasks[*task].state.is_closed();
    if gates.is_empty() {
        return Err(
            Failure::new("nothing-to-verify", format!("phase {} has no verification", of.label()))
                .hinted("its tasks are done when they are `[x]`"),
        );
    }
    let due = ground.standing().due;
    let is_held = |task: &usize| {
        let node = ground
            .graph
            .nodes
            .iter()
            .position(|node| node.phase == at && node.kind == Kind::Gate && node.tasks.contains(task));
        node.is_some_and(|node| !due.contains(&node))
    };
    if gates.iter().filter(|task| open(task)).any(is_held) {
        let left: Vec<String> = of
            .tasks
            .iter()
            .filter(|task| !task.state.is_closed() && !task.verification)
            .map(|task| task.name(of))
            .collect();
        let message = match left.as_slice() {
            [] => format!("phase {} can't be verified yet: a phase before it is open", of.label()),
            left => format!("phase {} can't be verified yet: {} open", of.label(), left.join(", ")),
        };
        return Err(Failure::new("not-due", message).hinted("your own `[x]` in plan.md passes it all the same"));
    }
    let sha = head()?.map(|sha| commits::short(&sha));
    let marks: Vec<Mark> = gates
        .into_iter()
        .map(|task| Mark {
            name: Name::of(ground.plan, (at, task)),
            state: State::Done,
            sha: None,
        })
        .collect();
    let marks = Marks { marks, checkpoint: sha };
    Ok(mark(ground.host, ground.plan_path()?, &marks)?.lines)
}

/// Puts a task before a phase's verification that says what is to be mended. What was changed.
///
/// # Errors
/// As of [`pass`].
pub fn reject(ground: &Ground<'_>, phase: &str, reason: &str) -> Result<Vec<String>, Failure> {
    let at = find(ground, phase)?;
    let (label, reason) = (ground.plan.phases[at].label(), one_line(reason).into_owned());
    let path = ground.plan_path()?;
    // Said twice, as a watched run does, it is one thing to mend.
    let title = format!("Fix: {reason}");
    let is_open = |task: &conductor_tracks::Task<'_>| task.title == title && !task.state.is_closed();
    if ground.plan.phases[at].tasks.iter().any(is_open) {
        return Ok(Vec::new());
    }
    let mut line = String::new();
    folder::change(ground.host, path, |bytes| {
        let (plan, _) = Plan::read(path, bytes);
        let phase = plan.phases.iter().find(|phase| phase.label() == label);
        let Some((phase, gate)) = phase.and_then(|phase| {
            Some((
                phase,
                phase
                    .tasks
                    .iter()
                    .find(|task| task.verification && !task.state.is_closed())?,
            ))
        }) else {
            return Err(
                Failure::new("nothing-to-verify", format!("phase {label} has no open verification"))
                    .hinted("a task of your own in plan.md says what is to be mended"),
            );
        };
        let (start, task) = fix(bytes, phase, gate.line_end, &reason);
        line = format!("{path}:{} {}", gate.line, task.trim_end());
        let edits = [Edit {
            span: Span { start, end: start },
            text: task,
        }];
        edit::apply(bytes, &edits).map_err(|error| Failure::new("bad-edit", format!("`conductor/{path}`: {error}")))
    })?;
    Ok(vec![line])
}

/// Where the task goes, and its line: written as the gate's is, before it.
fn fix(bytes: &[u8], phase: &Phase<'_>, gate_end: usize, reason: &str) -> (usize, String) {
    let start = bytes[..gate_end]
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    let end = if bytes.get(gate_end) == Some(&b'\r') {
        "\r\n"
    } else {
        "\n"
    };
    let gate = String::from_utf8_lossy(&bytes[start..gate_end]);
    let bullet: String = match gate.find('[') {
        Some(at) => gate[..at].to_owned(),
        None => "- ".to_owned(),
    };
    let number = phase.tasks.iter().filter(|task| task.number.is_some()).count() + 1;
    let has_numbers = number > 1;
    let label = if has_numbers {
        format!("Task {number}: ")
    } else {
        "Task: ".to_owned()
    };
    (start, format!("{bullet}[ ] {label}Fix: {reason}{end}"))
}

fn find(ground: &Ground<'_>, wanted: &str) -> Result<usize, Failure> {
    let wanted = wanted.trim().to_lowercase();
    let number = wanted.strip_prefix("phase").unwrap_or(&wanted).trim();
    let found = ground
        .plan
        .phases
        .iter()
        .position(|phase| phase.label().to_lowercase() == number);
    found.ok_or_else(|| {
        let known: Vec<String> = ground
            .plan
            .phases
            .iter()
            .map(|phase| format!("`{}`", phase.label()))
            .collect();
        Failure::new(
            "unknown-phase",
            format!("the plan has no phase `{}`", one_line(&wanted)),
        )
        .hinted(format!("its phases: {}", known.join(", ")))
    })
}
