//! Finds the tasks of a plan again that were written down earlier, after a person has edited the plan.
//!
//! Lines are inserted, removed, reordered, reworded and renumbered between two runs. What was written down of a task is its phase's
//! title, its own title, and its key (`phase2/task1`). A task is the same by phase and title, else by its title in the track, else by
//! its key where both sides are otherwise unmatched. What could be two tasks is neither.

use std::collections::BTreeMap;

use conductor_tracks::Plan;
use serde::{Deserialize, Serialize};

/// A task of a plan: the phase's place, and the task's in it.
pub type At = (usize, usize);

/// What is written down of a task, so that it is found again.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Name {
    /// Phase and task by number: `phase2/task1`.
    #[serde(default)]
    pub key: String,
    /// The phase's title.
    #[serde(default)]
    pub phase: String,
    /// The task's title.
    #[serde(default)]
    pub title: String,
}

/// What a name means in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// This task.
    Task(At),
    /// None: it was removed, or reworded and moved at once.
    Gone,
    /// It could be several.
    Ambiguous,
}

impl Name {
    /// The name of a task as the plan has it now.
    #[must_use]
    pub fn of(plan: &Plan<'_>, (phase, task): At) -> Self {
        let of_phase = &plan.phases[phase];
        let of_task = &of_phase.tasks[task];
        let number = of_task
            .number
            .as_deref()
            .map(|number| number.rsplit('.').next().unwrap_or(number));
        let number = number.map_or_else(|| of_task.ordinal.to_string(), str::to_lowercase);
        Self {
            key: format!("{}/task{number}", of_phase.key()),
            phase: of_phase.title.to_string(),
            title: of_task.title.to_string(),
        }
    }
}

/// Finds each name in the plan. No task is found twice.
#[must_use]
pub fn find(plan: &Plan<'_>, names: &[Name]) -> Vec<Found> {
    let tasks: Vec<(At, Name)> = plan
        .phases
        .iter()
        .enumerate()
        .flat_map(|(phase, of)| (0..of.tasks.len()).map(move |task| (phase, task)))
        .map(|at| (at, Name::of(plan, at)))
        .collect();
    let mut matching = Matching {
        names,
        tasks: &tasks,
        found: vec![None; names.len()],
        taken: vec![false; tasks.len()],
    };
    matching.by(|name| (normal(&name.phase), normal(&name.title)), true);
    matching.by(|name| (String::new(), normal(&name.title)), false);
    matching.by_key();
    matching
        .found
        .into_iter()
        .map(|found| found.unwrap_or(Found::Gone))
        .collect()
}

/// Words in lower case: signs, code spans and emphasis are what people change in a title without meaning another task.
fn normal(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

struct Matching<'m> {
    names: &'m [Name],
    tasks: &'m [(At, Name)],
    found: Vec<Option<Found>>,
    taken: Vec<bool>,
}

impl Matching<'_> {
    /// Matches what is alone on both sides. Of several with the same words in the same phase the key tells which is which; where it
    /// does not, they stay ambiguous.
    fn by(&mut self, words: impl Fn(&Name) -> (String, String), keys_decide: bool) {
        let mut groups: BTreeMap<(String, String), (Vec<usize>, Vec<usize>)> = BTreeMap::new();
        for at in (0..self.names.len()).filter(|&at| self.found[at].is_none()) {
            groups.entry(words(&self.names[at])).or_default().0.push(at);
        }
        for at in (0..self.tasks.len()).filter(|&at| !self.taken[at]) {
            if let Some(group) = groups.get_mut(&words(&self.tasks[at].1)) {
                group.1.push(at);
            }
        }
        for ((_, title), (names, tasks)) in groups {
            match (names.as_slice(), tasks.as_slice()) {
                (_, []) => {}
                _ if title.is_empty() => {}
                ([name], [task]) => self.take(*name, *task),
                _ => {
                    if keys_decide {
                        self.same_keys(&names, &tasks);
                    }
                    let rest = |name: &&usize| self.found[**name].is_none();
                    let rest: Vec<usize> = names.iter().filter(rest).copied().collect();
                    rest.into_iter()
                        .for_each(|name| self.found[name] = Some(Found::Ambiguous));
                }
            }
        }
    }

    fn same_keys(&mut self, names: &[usize], tasks: &[usize]) {
        for &name in names {
            let same = tasks
                .iter()
                .find(|&&task| !self.taken[task] && self.tasks[task].1.key == self.names[name].key);
            if let Some(&task) = same {
                self.take(name, task);
            }
        }
    }

    /// A key is a place, and a place may hold another task by now: it counts only when no name has that task's title.
    fn by_key(&mut self) {
        for name in 0..self.names.len() {
            let is_same = |&task: &usize| !self.taken[task] && self.tasks[task].1.key == self.names[name].key;
            if self.found[name].is_none()
                && let Some(task) = (0..self.tasks.len()).find(is_same)
            {
                self.take(name, task);
            }
        }
    }

    fn take(&mut self, name: usize, task: usize) {
        self.found[name] = Some(Found::Task(self.tasks[task].0));
        self.taken[task] = true;
    }
}

/// What a person calls a task: `2.1`.
#[must_use]
pub fn task_name(plan: &Plan<'_>, (phase, task): At) -> String {
    let of = &plan.phases[phase];
    of.tasks[task].name(of)
}

#[cfg(test)]
mod tests {
    use conductor_tracks::Plan;
    use proptest::prelude::*;

    use super::{Found, Name, find};

    const PLAN: &str = "# P\n\n## Phase 1: Server\n- [ ] Task 1: Add the table\n- [ ] Task 2: Write tests\n\n\
                        ## Phase 2: Pages\n- [ ] Task 1: Form\n- [ ] Task 2: Write tests\n";

    fn names(text: &str) -> Vec<Name> {
        let (plan, _) = Plan::read("plan.md", text.as_bytes());
        let places = plan.phases.iter().enumerate();
        places
            .flat_map(|(phase, of)| (0..of.tasks.len()).map(move |task| (phase, task)))
            .map(|at| Name::of(&plan, at))
            .collect()
    }

    /// The titles that the names of `PLAN` are found at in another plan; `-` where one is gone, `?` where it is ambiguous.
    fn found(text: &str) -> Vec<String> {
        let (plan, _) = Plan::read("plan.md", text.as_bytes());
        let shown = |found: Found| match found {
            Found::Task((phase, task)) => format!("{}: {}", phase + 1, plan.phases[phase].tasks[task].title),
            Found::Gone => "-".to_owned(),
            Found::Ambiguous => "?".to_owned(),
        };
        find(&plan, &names(PLAN)).into_iter().map(shown).collect()
    }

    #[test]
    fn each_edit_of_a_plan_leaves_each_task_what_it_was() {
        let same = ["1: Add the table", "1: Write tests", "2: Form", "2: Write tests"];
        assert_eq!(found(PLAN), same);
        let inserted = PLAN
            .replace("- [ ] Task 1: Add", "- [ ] Task 1: Something new\n- [ ] Task 2: Add")
            .replace("2: Write", "3: Write");
        assert_eq!(found(&inserted), same);
        let deleted = PLAN.replace("- [ ] Task 1: Add the table\n", "");
        assert_eq!(found(&deleted), ["-", "1: Write tests", "2: Form", "2: Write tests"]);
        let reordered = "# P\n\n## Phase 1: Pages\n- [ ] Task 1: Write tests\n- [ ] Task 2: Form\n\n\
                         ## Phase 2: Server\n- [ ] Task 1: Write tests\n- [ ] Task 2: Add the table\n";
        assert_eq!(
            found(reordered),
            ["2: Add the table", "2: Write tests", "1: Form", "1: Write tests"]
        );
        let renamed = PLAN.replace("Add the table", "Make the new table");
        assert_eq!(found(&renamed)[0], "1: Make the new table");
        let renumbered = PLAN
            .replace("## Phase 2", "## Phase 7")
            .replace("Phase 1: Server", "Phase 3: Servers");
        assert_eq!(found(&renumbered), same);
        let marked = PLAN.replace("[ ]", "[x]").replace("Form", "`Form`");
        assert_eq!(found(&marked)[2], "2: Form");
    }

    #[test]
    fn what_could_be_two_tasks_is_neither() {
        // Both phases have a new title, so that only the words are left, and these are there twice.
        let text = PLAN
            .replace("Server", "One")
            .replace("Pages", "Other")
            .replace("Task 2: Write tests", "Task 9: Write tests");
        assert_eq!(found(&text), ["1: Add the table", "?", "2: Form", "?"]);
    }

    proptest! {
        #[test]
        fn a_shuffled_plan_with_lines_between_is_found_again_as_a_whole(
            order in Just((0..6usize).collect::<Vec<_>>()).prop_shuffle(),
            between in prop::collection::vec(any::<bool>(), 6),
        ) {
            let title = |n: usize| format!("Make thing number {n}");
            let plan = |order: &[usize], between: &[bool]| {
                let mut text = "# P\n\n## Phase 1: A\n".to_owned();
                for (place, n) in order.iter().enumerate() {
                    if between[place] {
                        text += &format!("- [ ] Task: New at {place}\n");
                    }
                    text += &format!("- [ ] Task: {}\n", title(*n));
                }
                text
            };
            let before = names(&plan(&[0, 1, 2, 3, 4, 5], &[false; 6]));
            let after = plan(&order, &between);
            let (plan, _) = Plan::read("plan.md", after.as_bytes());
            for (n, found) in find(&plan, &before).into_iter().enumerate() {
                let Found::Task((phase, task)) = found else { panic!("{n}: {found:?}") };
                prop_assert_eq!(plan.phases[phase].tasks[task].title.to_string(), title(n));
            }
        }
    }
}
