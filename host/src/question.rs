//! The one question by which a person agrees to a plan: composed by the host, asked by Claude to the letter, compared to the letter.
//!
//! What Claude is given to ask is what the host knows of the plan, and the answer comes from the client (`conductor hook answer`): a
//! question that was reworded is another question, and its answer agrees to nothing.

use serde::{Deserialize, Serialize};

use crate::agreement;
use crate::sandbox::bindings::types::Plan;
use crate::visible;

/// How much of a digest a person reads.
pub const SHOWN: usize = 8;
/// The longest header that Claude Code shows.
const HEADER: usize = 12;
/// The most digits of a digest: those of SHA-512.
const MOST_DIGITS: usize = 128;
/// The longest scope; an id has up to 128 bytes.
const MOST_SCOPE: usize = 160;
/// The longest part of a question that is a plugin's.
const PART: usize = 80;

/// A question as Claude Code's AskUserQuestion has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// `Dispatch plan 7f3a91c2 for auth_20260101?`
    pub question: String,
    /// `Dispatch`.
    pub header: String,
    /// Two to four.
    pub options: Vec<Answer>,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The words to choose.
    pub label: String,
    /// What they mean.
    pub description: String,
    /// What follows from it.
    pub means: Means,
}

/// What follows from an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// A yes to this plan.
    Once,
    /// A yes to this plan and to all later ones of its scope.
    Standing,
    /// Another way, which is shown first: the plugin's own arguments.
    Other(Vec<String>),
    /// Nothing.
    No,
}

impl Question {
    /// The question about a plan of a plugin.
    #[must_use]
    pub fn of(plugin: &str, plan: &Plan) -> Self {
        let part = |text: &str| visible::line(text, PART).replace('"', "'");
        let name = capitalised(plugin);
        let digest: String = plan.digest.chars().take(SHOWN).collect();
        let yes = part(&plan.yes);
        let answer = |label: String, description: &str, means| Answer {
            label,
            description: description.to_owned(),
            means,
        };
        let mut options = vec![answer(
            yes.clone(),
            "Only what this plan says; you are asked again before anything later",
            Means::Once,
        )];
        // What is agreed to each time has no later plans.
        if !agreement::is_once(&plan.scope) {
            options.push(answer(
                format!("{yes}, and what follows"),
                match plan.scope.strip_prefix("track:") {
                    Some(_) => "Later plans of the same track begin without asking again",
                    None => "Later plans in this project begin without asking again",
                },
                Means::Standing,
            ));
        }
        options.extend(plan.others.first().map(|other| {
            answer(
                part(&other.label),
                "Shows the other plan first; nothing begins yet",
                Means::Other(other.args.clone()),
            )
        }));
        options.push(answer("Not now".to_owned(), "Nothing begins", Means::No));
        Self {
            question: format!("{name} plan {digest} for {}?", part(&plan.subject)),
            header: name.chars().take(HEADER).collect(),
            options,
        }
    }

    /// What the answer with this label means; nothing where it is none of ours.
    #[must_use]
    pub fn answer(&self, label: &str) -> Option<&Means> {
        self.options
            .iter()
            .find(|answer| answer.label == label)
            .map(|answer| &answer.means)
    }
}

/// What is wrong with a plan as a plugin gives it: it comes into questions, files and command lines of the host's.
///
/// # Errors
/// One part of a sentence.
pub fn check(plan: &Plan) -> Result<(), &'static str> {
    let line = |text: &str| !text.trim().is_empty() && !text.contains('\n') && visible::text(text) == text;
    let scope = plan.scope.as_str();
    if !is_digest(&plan.digest) {
        Err("its digest is not 8 to 128 digits of lower-case hex")
    } else if !line(scope) || scope.contains(char::is_whitespace) || scope.len() > MOST_SCOPE {
        Err("its scope is not one word of up to 160 bytes")
    } else if !line(&plan.yes) || !line(&plan.subject) {
        Err("its subject or its yes is not one line")
    } else {
        Ok(())
    }
}

/// Whether a text is a digest, or the beginning of one that is long enough to be meant.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (SHOWN..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(digit)
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::bindings::types::Choice;

    fn plan() -> Plan {
        Plan {
            digest: "7f3a91c2aaaaaaaaaaaaaaaa".to_owned(),
            subject: "auth_1".to_owned(),
            scope: "track:auth_1".to_owned(),
            yes: "Start 2 agents".to_owned(),
            others: Vec::new(),
        }
    }

    #[test]
    fn it_names_the_plan_and_each_answer_means_one_thing() {
        let question = Question::of("dispatch", &plan());
        assert_eq!(question.question, "Dispatch plan 7f3a91c2 for auth_1?");
        assert_eq!(question.header, "Dispatch");
        assert_eq!(question.answer("Start 2 agents"), Some(&Means::Once));
        assert_eq!(
            question.answer("Start 2 agents, and what follows"),
            Some(&Means::Standing)
        );
        assert_eq!(question.answer("Not now"), Some(&Means::No));
        assert_eq!(question.answer("yes"), None);
        let each_time = Plan {
            scope: "once:track:auth_1".to_owned(),
            ..plan()
        };
        assert_eq!(Question::of("migrate", &each_time).options.len(), 2);
        let with_another = Plan {
            others: vec![Choice {
                key: "B".to_owned(),
                label: "Natively".to_owned(),
                description: String::new(),
                args: vec!["--mode=native".to_owned()],
            }],
            ..plan()
        };
        let question = Question::of("dispatch", &with_another);
        assert_eq!(question.options.len(), 4);
        assert_eq!(
            question.answer("Natively"),
            Some(&Means::Other(vec!["--mode=native".to_owned()]))
        );
    }

    #[test]
    fn a_plan_that_is_not_right_is_told() {
        assert_eq!(check(&plan()), Ok(()));
        let wrong = |change: fn(&mut Plan)| {
            let mut plan = plan();
            change(&mut plan);
            check(&plan).expect_err("it is not right")
        };
        for digest in ["", "7f3a91c", "7F3A91C2", "7f3a91c2 --yes", "`7f3a91c2`"] {
            let plan = Plan {
                digest: digest.to_owned(),
                ..plan()
            };
            assert!(check(&plan).is_err(), "{digest}");
        }
        assert!(wrong(|plan| plan.scope.push_str(" x")).contains("scope"));
        assert!(wrong(|plan| plan.scope.clear()).contains("scope"));
        assert!(wrong(|plan| plan.yes.push_str("\nthen")).contains("yes"));
        assert!(wrong(|plan| plan.subject.push('\u{202e}')).contains("subject"));
    }

    #[test]
    fn no_words_of_a_plugin_can_break_out_of_it() {
        let question = Question::of(
            "dispatch",
            &Plan {
                subject: "a\n\u{1b}[2J\"b".to_owned(),
                ..plan()
            },
        );
        assert!(!question.question.contains(['\n', '\u{1b}', '"']), "{question:?}");
    }
}
