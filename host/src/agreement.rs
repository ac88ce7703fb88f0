//! What the person has agreed to, and what they are being asked: `agreements.json` in the state folder.
//!
//! A plan is agreed to by its digest, once; a scope for all plans of it, until it is taken back. Both are for one plugin and one
//! project, by its canonical path. A plan that was shown for Claude is kept with its question until it is answered.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::folders;
use crate::plugin::{Origin, Plugin};
use crate::question::{Means, Question, SHOWN};
use crate::sandbox::bindings::types::Plan;
use crate::user_file::{self, Content};

/// How many questions are kept that were not answered.
const QUESTIONS: usize = 50;
/// How long a question can be answered.
const OPEN: SignedDuration = SignedDuration::from_hours(24);
/// How many agreements are kept.
const AGREEMENTS: usize = 200;
/// How the scope of a plan begins that a person has to agree to each time.
const ONCE: &str = "once:";
/// The scope that covers every plan of a plugin in a project.
pub const WHOLE_PROJECT: &str = "project";

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
    /// A plugin in a project. A component in a file is known by its digest too: it can't use what was agreed to for another one by
    /// taking its name.
    ///
    /// # Errors
    /// When the project's path is no text: what is kept under another path would be another project's.
    pub fn of(plugin: &Plugin, project: Option<&Path>) -> Result<Self> {
        let name = &plugin.manifest.name;
        let project = match project.map(|path| (path, path.to_str())) {
            Some((path, None)) => {
                let message = format!(
                    "`{}` is no path in UTF-8, so nothing can be agreed to for it",
                    path.display()
                );
                return Err(Error::failed("no-place", message));
            }
            Some((_, Some(path))) => path.to_owned(),
            None => String::new(),
        };
        Ok(Self {
            plugin: match plugin.origin {
                Origin::File(_) => format!("{name}@{}", plugin.digest),
                Origin::Bundled | Origin::Installed(_) => name.clone(),
            },
            project,
        })
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
    const PART: &'static str = "what you agreed to";
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

    /// The whole digest that a typed one means, if the person has agreed to it. A beginning of two plans means neither.
    fn agreed(&self, party: &Party, typed: &str) -> Option<Yes> {
        let of_party = self.agreements.iter().filter(|known| known.party == *party);
        let mut plans = of_party.filter_map(|known| match &known.to {
            To::Plan(digest) if digest.starts_with(typed) => Some(digest),
            _ => None,
        });
        match (plans.next(), plans.next()) {
            (Some(digest), None) => Some(Yes::Once(digest.clone())),
            (Some(_), Some(_)) => None,
            (None, _) => self.covered(party, typed).map(Yes::Standing),
        }
    }

    /// The same of a plan that was shown, by what the person has agreed to as a whole.
    fn covered(&self, party: &Party, typed: &str) -> Option<String> {
        let standing = self.standing(party);
        let shown = self.questions.iter().filter(|question| {
            question.party == *party && question.digest.starts_with(typed) && covers(&standing, &question.scope)
        });
        let mut digests: Vec<&String> = shown.map(|question| &question.digest).collect();
        digests.sort_unstable();
        digests.dedup();
        match digests.as_slice() {
            [digest] => Some((*digest).clone()),
            _ => None,
        }
    }

    fn standing(&self, party: &Party) -> Vec<String> {
        let of_party = self.agreements.iter().filter(|known| known.party == *party);
        let scopes = of_party.filter_map(|known| match &known.to {
            To::Scope(scope) => Some(scope.clone()),
            To::Plan(_) => None,
        });
        scopes.collect()
    }

    fn spend(&mut self, party: &Party, digest: &str) -> Option<Agreement> {
        let to = To::Plan(digest.to_owned());
        let at = self
            .agreements
            .iter()
            .position(|known| known.party == *party && known.to == to)?;
        Some(self.agreements.remove(at))
    }
}

/// How the person has agreed to a plan, with its whole digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Yes {
    /// To just this one: it is used up by it.
    Once(String),
    /// To all of its scope.
    Standing(String),
}

/// Whether what was agreed to as a whole covers a scope.
#[must_use]
pub fn covers(standing: &[String], scope: &str) -> bool {
    !is_once(scope) && standing.iter().any(|known| known == scope || known == WHOLE_PROJECT)
}

/// Whether a person has to agree to each plan of a scope.
#[must_use]
pub fn is_once(scope: &str) -> bool {
    scope.starts_with(ONCE)
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

/// Keeps a question that is shown to Claude, about a plan of the plugin of this name.
///
/// # Errors
/// As of [`user_file::change`].
pub fn ask(party: &Party, name: &str, plan: &Plan, session: &str) -> Result<Question> {
    let question = Question::of(name, plan);
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

/// Takes in an answer that the client gives, or that it gives none. `asked` has the question as it was asked; its options' meanings
/// are not looked at.
///
/// # Errors
/// As of [`user_file::change`].
pub fn answer(session: &str, asked: &Question, label: Option<&str>) -> Result<Answered> {
    let now = Timestamp::now();
    user_file::change(|kept: &mut Agreements| {
        kept.tidy(now);
        let same = kept
            .questions
            .iter()
            .position(|known| known.session == session && is_same(&known.question, asked));
        let Some(at) = same else { return Ok(Answered::Unknown) };
        let Some(label) = label else { return Ok(Answered::Not) };
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

/// Whether what was asked is meant for one of the plans that were shown, in whatever words.
///
/// # Errors
/// As of [`user_file::read`].
pub fn is_about_a_plan(input: &Value) -> Result<bool> {
    let questions = input.get("questions").and_then(Value::as_array);
    let Some(questions) = questions else { return Ok(false) };
    let known = user_file::read::<Agreements>()?.questions;
    Ok(known
        .iter()
        .any(|known| questions.iter().any(|asked| is_about(asked, known))))
}

/// It names the plan, or has its header and its yes.
fn is_about(asked: &Value, known: &Pending) -> bool {
    let text = |name| asked.get(name).and_then(Value::as_str).unwrap_or_default();
    let digest = known.digest.get(..SHOWN).unwrap_or(&known.digest);
    let yes = known.question.options.first().map(|answer| answer.label.as_str());
    let options = asked.get("options").and_then(Value::as_array).into_iter().flatten();
    let mut labels = options.map(|option| option.get("label").and_then(Value::as_str));
    text("question").contains(digest)
        || text("header") == known.question.header && labels.any(|label| label.is_some() && label == yes)
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

/// How the person has agreed to the plan that `typed` begins.
///
/// # Errors
/// As of [`user_file::read`].
pub fn agreed(party: &Party, typed: &str) -> Result<Option<Yes>> {
    Ok(user_file::read::<Agreements>()?.agreed(party, typed))
}

/// The scopes that the person has agreed to as a whole.
///
/// # Errors
/// As of [`user_file::read`].
pub fn standing(party: &Party) -> Result<Vec<String>> {
    Ok(user_file::read::<Agreements>()?.standing(party))
}

/// A plan is about to be begun: the yes to it is used up, and given for the case that nothing comes of it. Of two that begin it at
/// once only one gets it.
///
/// # Errors
/// As of [`user_file::change`].
pub fn spend(party: &Party, digest: &str) -> Result<Option<Agreement>> {
    user_file::change(|kept: &mut Agreements| Ok(kept.spend(party, digest)))
}

/// Nothing was begun: the yes is as good as before.
///
/// # Errors
/// As of [`user_file::change`].
pub fn give_back(yes: Agreement) -> Result<()> {
    user_file::change(|kept: &mut Agreements| {
        kept.agree(&yes.party, yes.to, &yes.from, yes.at);
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

/// What is meant by what the user names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Only those of this plugin.
    pub plugin: Option<String>,
    /// Only those of this project, by its canonical path.
    pub project: Option<String>,
    /// Only this scope, or the plan that begins like this.
    pub what: Option<String>,
}

impl Named {
    fn means(&self, known: &Agreement) -> bool {
        let what = |what: &String| match &known.to {
            To::Plan(digest) => digest.starts_with(what.as_str()),
            To::Scope(scope) => scope == what,
        };
        self.plugin.as_ref().is_none_or(|plugin| *plugin == known.party.plugin)
            && self
                .project
                .as_ref()
                .is_none_or(|project| *project == known.party.project)
            && self.what.as_ref().is_none_or(what)
    }
}

/// Takes agreements back. How many.
///
/// # Errors
/// As of [`user_file::change`].
pub fn take_back(named: &Named) -> Result<usize> {
    user_file::change(|kept: &mut Agreements| {
        let before = kept.agreements.len();
        kept.agreements.retain(|known| !named.means(known));
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
        assert_eq!(kept.agreed(&party("/a"), "7f3a91c2"), Some(Yes::Once(digest.clone())));
        assert_eq!(kept.agreed(&party("/b"), "7f3a91c2"), None);
        assert_eq!(kept.agreed(&party("/a"), "7f3a91c3"), None);
        let other = Party {
            plugin: "standup".to_owned(),
            ..party("/a")
        };
        assert_eq!(kept.agreed(&other, "7f3a91c2"), None);
        assert_eq!(kept.spend(&other, &digest), None);
        assert!(kept.spend(&party("/a"), &digest).is_some());
        assert_eq!(kept.spend(&party("/a"), &digest), None, "it is used up");
    }

    #[test]
    fn a_beginning_of_two_plans_means_neither() {
        let mut kept = Agreements::default();
        for digest in ["7f3a91c2aa", "7f3a91c2bb"] {
            kept.agree(
                &party("/a"),
                To::Plan(digest.to_owned()),
                "terminal",
                Timestamp::UNIX_EPOCH,
            );
        }
        assert_eq!(kept.agreed(&party("/a"), "7f3a91c2"), None);
        let one = Some(Yes::Once("7f3a91c2bb".to_owned()));
        assert_eq!(kept.agreed(&party("/a"), "7f3a91c2b"), one);
    }

    #[test]
    fn a_yes_for_the_project_covers_all_and_one_for_a_track_only_that() {
        let standing = |scope: &str| vec![scope.to_owned()];
        assert!(covers(&standing("track:a"), "track:a"));
        assert!(covers(&standing(WHOLE_PROJECT), "track:a"));
        assert!(!covers(&standing("track:a"), "track:ab"));
        assert!(!covers(&standing("track:a"), WHOLE_PROJECT));
        assert!(!covers(&[], "track:a"));
    }

    #[test]
    fn what_is_taken_back_is_what_is_named() {
        let known = |to| Agreement {
            party: party("/a"),
            to,
            at: Timestamp::UNIX_EPOCH,
            from: "terminal".to_owned(),
        };
        let (plan, scope) = (
            known(To::Plan("7f3a91c2aa".to_owned())),
            known(To::Scope("track:a".to_owned())),
        );
        let of = |named: Named| [named.means(&plan), named.means(&scope)];
        let what = |text: &str| Named {
            what: Some(text.to_owned()),
            ..Named::default()
        };
        assert_eq!(of(Named::default()), [true, true]);
        assert_eq!(of(what("track:a")), [false, true]);
        assert_eq!(of(what("7f3a91c2")), [true, false]);
        assert_eq!(of(what("track:")), [false, false]);
        let elsewhere = Named {
            project: Some("/b".to_owned()),
            ..Named::default()
        };
        assert_eq!(of(elsewhere), [false, false]);
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
