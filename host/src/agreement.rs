//! What the person has agreed to, and what they are being asked: `agreements.json` in the state folder.
//!
//! A plan is agreed to by its digest, once; a scope for all plans of it, until it is taken back. Both are for one plugin and one
//! project, by its canonical path. A plan that was shown for Claude is kept with its question until it is answered.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::folders;
use crate::question::{Means, Question};
use crate::sandbox::bindings::types::Plan;
use crate::user_file::{self, Content};

/// How many questions are kept that were not answered.
const QUESTIONS: usize = 50;
/// How long a question can be answered.
const OPEN: SignedDuration = SignedDuration::from_hours(24);
/// How many agreements are kept.
const AGREEMENTS: usize = 200;
/// How much of a digest has to be typed at least.
const LEAST: usize = 8;

/// Whom an agreement is with, and where.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Party {
    /// The plugin's name.
    pub plugin: String,
    /// The canonical path of the project; empty where there is none.
    pub project: String,
}

impl Party {
    /// A plugin in a project.
    #[must_use]
    pub fn of(plugin: &str, project: Option<&Path>) -> Self {
        Self {
            plugin: plugin.to_owned(),
            project: project.map(|path| path.display().to_string()).unwrap_or_default(),
        }
    }
}

/// What was agreed to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum To {
    /// One plan, by its digest.
    Plan(String),
    /// All plans of a scope.
    Scope(String),
}

/// A yes of the person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Agreement {
    /// With whom.
    #[serde(flatten)]
    pub party: Party,
    /// To what.
    pub to: To,
    /// When, in RFC 3339.
    #[cfg_attr(test, schemars(with = "String"))]
    pub at: Timestamp,
    /// Where it came from: `terminal`, or the Claude Code session.
    pub from: String,
}

/// A question that was not answered yet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
struct Pending {
    #[serde(flatten)]
    party: Party,
    digest: String,
    scope: String,
    session: String,
    at: Timestamp,
    question: Question,
}

/// The content of the file.
#[derive(Debug, Deserialize, Serialize)]
struct Agreements {
    version: u32,
    #[serde(default)]
    questions: Vec<Pending>,
    #[serde(default)]
    agreements: Vec<Agreement>,
}

impl Default for Agreements {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            questions: Vec::new(),
            agreements: Vec::new(),
        }
    }
}

impl Content for Agreements {
    const NAME: &'static str = "agreements.json";
    const VERSION: u32 = 1;
    const WITHOUT: &'static str = "you are asked again before anything begins";

    fn folder() -> anyhow::Result<PathBuf> {
        folders::state()
    }
}

impl Agreements {
    fn agree(&mut self, party: &Party, to: To, from: &str, now: Timestamp) {
        self.agreements
            .retain(|known| !(known.party == *party && known.to == to));
        self.agreements.push(Agreement {
            party: party.clone(),
            to,
            at: now,
            from: from.to_owned(),
        });
        let over = self.agreements.len().saturating_sub(AGREEMENTS);
        self.agreements.drain(..over);
    }

    fn tidy(&mut self, now: Timestamp) {
        self.questions.retain(|question| now.duration_since(question.at) < OPEN);
        let over = self.questions.len().saturating_sub(QUESTIONS);
        self.questions.drain(..over);
    }

    /// The whole digest that a typed one means, if the person has agreed to it.
    fn agreed(&self, party: &Party, typed: &str) -> Option<String> {
        let of_party = |known: &&Agreement| known.party == *party;
        let plan = self
            .agreements
            .iter()
            .filter(of_party)
            .find_map(|known| match &known.to {
                To::Plan(digest) if digest.starts_with(typed) => Some(digest.clone()),
                _ => None,
            });
        plan.or_else(|| {
            let mut shown = self
                .questions
                .iter()
                .rev()
                .filter(|question| question.party == *party && question.digest.starts_with(typed));
            let question = shown.find(|question| self.stands(party, &question.scope))?;
            Some(question.digest.clone())
        })
    }

    fn stands(&self, party: &Party, scope: &str) -> bool {
        self.agreements
            .iter()
            .any(|known| known.party == *party && known.to == To::Scope(scope.to_owned()))
    }
}

/// What an answer has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// It is written down.
    Agreed,
    /// The person does not want it, or something else.
    Not,
    /// The question is none that was to be asked.
    Unknown,
}

/// Keeps a question that is shown to Claude.
///
/// # Errors
/// As of [`user_file::change`].
pub fn ask(party: &Party, plan: &Plan, session: &str) -> Result<Question> {
    let question = Question::of(&party.plugin, plan);
    let now = Timestamp::now();
    user_file::change(|kept: &mut Agreements| {
        kept.questions.retain(|known| {
            known.question.question != question.question || known.party != *party || known.session != session
        });
        kept.questions.push(Pending {
            party: party.clone(),
            digest: plan.digest.clone(),
            scope: plan.scope.clone(),
            session: session.to_owned(),
            at: now,
            question: question.clone(),
        });
        kept.tidy(now);
        Ok(())
    })?;
    Ok(question)
}

/// Takes in an answer that the client gives. `asked` has the question as it was asked; its options' meanings are not looked at.
///
/// # Errors
/// As of [`user_file::change`].
pub fn answer(session: &str, asked: &Question, label: &str) -> Result<Answered> {
    let now = Timestamp::now();
    user_file::change(|kept: &mut Agreements| {
        kept.tidy(now);
        let same = kept
            .questions
            .iter()
            .position(|known| known.session == session && is_same(&known.question, asked));
        let Some(at) = same else { return Ok(Answered::Unknown) };
        let known = kept.questions.remove(at);
        let to = match known.question.answer(label) {
            Some(Means::Once) => vec![To::Plan(known.digest)],
            Some(Means::Standing) => vec![To::Plan(known.digest), To::Scope(known.scope)],
            Some(Means::Other(_) | Means::No) | None => return Ok(Answered::Not),
        };
        to.into_iter().for_each(|to| kept.agree(&known.party, to, session, now));
        Ok(Answered::Agreed)
    })
}

fn is_same(ours: &Question, asked: &Question) -> bool {
    let words = |question: &Question| -> Vec<(String, String)> {
        question
            .options
            .iter()
            .map(|answer| (answer.label.clone(), answer.description.clone()))
            .collect()
    };
    ours.question == asked.question && ours.header == asked.header && words(ours) == words(asked)
}

/// Writes down a yes that was given at the terminal.
///
/// # Errors
/// As of [`user_file::change`].
pub fn agree(party: &Party, to: To) -> Result<()> {
    user_file::change(|kept: &mut Agreements| {
        kept.agree(party, to, "terminal", Timestamp::now());
        Ok(())
    })
}

/// The whole digest of the plan that was agreed to and that `typed` begins.
///
/// # Errors
/// When it is no digest, and as of [`user_file::read`].
pub fn agreed(party: &Party, typed: &str) -> Result<Option<String>> {
    let typed = typed.to_ascii_lowercase();
    if typed.len() < LEAST || !typed.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(
            Error::usage(format!("`{typed}` is no plan: at least {LEAST} hexadecimal digits"))
                .hinted("`--dry-run` shows the plan with its digest"),
        );
    }
    Ok(user_file::read::<Agreements>()?.agreed(party, &typed))
}

/// The scopes that the person has agreed to as a whole.
///
/// # Errors
/// As of [`user_file::read`].
pub fn standing(party: &Party) -> Result<Vec<String>> {
    let scopes = user_file::read::<Agreements>()?.agreements.into_iter();
    let of_party = scopes.filter(|known| known.party == *party);
    Ok(of_party
        .filter_map(|known| {
            if let To::Scope(scope) = known.to {
                Some(scope)
            } else {
                None
            }
        })
        .collect())
}

/// A plan was carried out: a yes to it is used up.
///
/// # Errors
/// As of [`user_file::change`].
pub fn use_up(party: &Party, digest: &str) -> Result<()> {
    user_file::change(|kept: &mut Agreements| {
        kept.agreements
            .retain(|known| !(known.party == *party && known.to == To::Plan(digest.to_owned())));
        Ok(())
    })
}

/// Everything that was agreed to.
///
/// # Errors
/// As of [`user_file::read`].
pub fn all() -> Result<Vec<Agreement>> {
    Ok(user_file::read::<Agreements>()?.agreements)
}

/// Takes agreements back: those of a plugin, or all. How many.
///
/// # Errors
/// As of [`user_file::change`].
pub fn take_back(plugin: Option<&str>) -> Result<usize> {
    user_file::change(|kept: &mut Agreements| {
        let before = kept.agreements.len();
        kept.agreements
            .retain(|known| plugin.is_some_and(|plugin| plugin != known.party.plugin));
        Ok(before - kept.agreements.len())
    })
}

/// Whether the file can be read.
///
/// # Errors
/// As of [`user_file::read`].
pub fn check() -> Result<()> {
    user_file::read::<Agreements>().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(project: &str) -> Party {
        Party {
            plugin: "dispatch".to_owned(),
            project: project.to_owned(),
        }
    }

    #[test]
    fn a_yes_is_for_one_plan_of_one_plugin_in_one_project() {
        let mut kept = Agreements::default();
        let digest = "7f3a91c2".repeat(8);
        kept.agree(
            &party("/a"),
            To::Plan(digest.clone()),
            "terminal",
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(kept.agreed(&party("/a"), "7f3a91c2"), Some(digest));
        assert_eq!(kept.agreed(&party("/b"), "7f3a91c2"), None);
        assert_eq!(kept.agreed(&party("/a"), "7f3a91c3"), None);
        let other = Party {
            plugin: "standup".to_owned(),
            ..party("/a")
        };
        assert_eq!(kept.agreed(&other, "7f3a91c2"), None);
    }

    #[test]
    fn a_standing_yes_covers_only_plans_that_were_shown_of_its_scope() {
        let mut kept = Agreements::default();
        let pending = |digest: &str, scope: &str| Pending {
            party: party("/a"),
            digest: digest.repeat(8),
            scope: scope.to_owned(),
            session: "s".to_owned(),
            at: Timestamp::UNIX_EPOCH,
            question: Question {
                question: String::new(),
                header: String::new(),
                options: Vec::new(),
            },
        };
        kept.questions = vec![pending("aaaaaaaa", "track:a"), pending("bbbbbbbb", "track:b")];
        kept.agree(
            &party("/a"),
            To::Scope("track:a".to_owned()),
            "s",
            Timestamp::UNIX_EPOCH,
        );
        assert!(kept.agreed(&party("/a"), "aaaaaaaa").is_some());
        assert_eq!(kept.agreed(&party("/a"), "bbbbbbbb"), None);
        assert_eq!(kept.agreed(&party("/a"), "cccccccc"), None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut kept = Agreements::default();
        for number in 0..AGREEMENTS + 20 {
            kept.agree(
                &party("/a"),
                To::Plan(format!("{number:08}")),
                "s",
                Timestamp::UNIX_EPOCH,
            );
        }
        assert_eq!(kept.agreements.len(), AGREEMENTS);
        assert!(kept.agreed(&party("/a"), "00000000").is_none(), "the oldest goes first");
    }
}
