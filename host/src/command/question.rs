//! The question which of a plugin's wishes are granted.

use super::wishes::{Row, table};
use crate::ask::Person;
use crate::error::{Error, Result};
use crate::grant::Wish;
use crate::manifest::Effect;
use crate::render::Render;

/// What the person is asked.
const QUESTION: &str = "Grant all [a], the reading ones [r], numbers like 1,2, or none [N]?";
/// How often an answer that is none is asked for again.
const TRIES: usize = 3;

/// A wish that is asked about.
pub(super) struct Open<'a> {
    pub(super) wish: &'a Wish,
    /// What it was before, when it has changed.
    pub(super) was: Option<&'a Wish>,
}

/// Shows the wishes and asks which are granted. What may run anything is granted only by a yes of its own.
///
/// # Errors
/// When there is no answer.
pub(super) fn ask<'a>(person: &Person, render: &Render, open: &[Open<'a>]) -> Result<Vec<&'a Wish>> {
    let rows = open.iter().enumerate().map(|(number, open)| Row {
        wish: open.wish,
        lead: (number + 1).to_string(),
        was: open.was,
    });
    render.prompt(&table("number", &rows.collect::<Vec<_>>()));
    let wishes: Vec<&Wish> = open.iter().map(|open| open.wish).collect();
    for _ in 0..TRIES {
        let answer = person.ask(render, QUESTION).ok_or_else(no_answer)?;
        match understood(&answer, &wishes) {
            Ok(chosen) => return Ok(chosen.into_iter().filter(|wish| agreed(person, render, wish)).collect()),
            Err(why) => render.prompt(&format!("{why}\n")),
        }
    }
    Err(no_answer())
}

/// Whether the person agrees to a wish by name. What is bounded needs no second word.
pub(super) fn agreed(person: &Person, render: &Render, wish: &Wish) -> bool {
    let Some(why) = &wish.unbounded else { return true };
    let question = format!("`{}` runs anything as you: {why}. Grant it?", wish.name);
    person.agrees(render, &question)
}

fn no_answer() -> Error {
    Error::failed("no-answer", "there was no answer, so nothing was changed").hinted("`n` means none")
}

/// What an answer means; as an error, why it means nothing.
fn understood<'a>(answer: &str, wishes: &[&'a Wish]) -> std::result::Result<Vec<&'a Wish>, String> {
    let bounded = || wishes.iter().copied().filter(|wish| wish.unbounded.is_none());
    match answer {
        "" | "n" | "none" => return Ok(Vec::new()),
        "a" | "all" => return Ok(bounded().collect()),
        "r" => return Ok(bounded().filter(|wish| wish.effect == Effect::Read).collect()),
        _ => {}
    }
    let mut chosen = Vec::new();
    for word in answer.split([',', ' ']).filter(|word| !word.is_empty()) {
        let number = word.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let wish = number.and_then(|number| wishes.get(number));
        let wish = wish.ok_or_else(|| format!("`{word}` is none of a, r, n and 1 to {}", wishes.len()))?;
        if !chosen.contains(wish) {
            chosen.push(*wish);
        }
    }
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::{Grants, UserGrants};
    use crate::manifest;

    fn wishes() -> Vec<Wish> {
        let text = r#"{"name": "p", "version": "1", "summary": "s", "api": "0.1.0",
            "files": [{"grant": "docs", "place": "project", "path": "docs", "access": "write", "reason": "r"}],
            "programs": {"git": {"reason": "r"}, "make": {"reason": "r"}},
            "commands": {
                "build": {"argv": ["make", "--", "<what:id>"], "cwd": "project", "effect": "write", "reason": "r"},
                "log": {"argv": ["git", "log"], "cwd": "project", "effect": "read", "reason": "r"}}}"#;
        let manifest = manifest::parse(text, "a test").expect("it is right");
        let grants = Grants::of(&manifest, &UserGrants::Kept(Vec::new())).expect("nothing is named");
        grants.wishes().collect()
    }

    fn chosen(answer: &str) -> std::result::Result<Vec<String>, String> {
        let wishes = wishes();
        let wishes: Vec<&Wish> = wishes.iter().collect();
        let chosen = understood(answer, &wishes)?;
        Ok(chosen.into_iter().map(|wish| wish.name.clone()).collect())
    }

    #[test]
    fn nothing_is_granted_unless_it_is_said() {
        for answer in ["", "n", "none", ",", " , "] {
            assert_eq!(chosen(answer), Ok(Vec::new()), "{answer:?}");
        }
    }

    #[test]
    fn all_and_the_reading_ones_leave_out_what_may_run_anything() {
        assert_eq!(chosen("a").expect("all"), ["docs", "log"]);
        assert_eq!(chosen("r").expect("reading"), ["log"]);
    }

    #[test]
    fn numbers_choose_each_wish_once() {
        assert_eq!(chosen("2,1, 2").expect("numbers"), ["build", "docs"]);
        assert_eq!(chosen("3").expect("a number"), ["log"]);
    }

    #[test]
    fn an_answer_with_anything_else_in_it_is_none() {
        for answer in ["0", "4", "1,x", "yes", "-1", "99999999999999999999", "1;2", "a,r"] {
            assert!(chosen(answer).is_err(), "{answer}");
        }
    }
}
