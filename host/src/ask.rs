//! Asking the person at the terminal. What widens a plugin's powers is decided by a person there and nowhere else.
//!
//! This keeps an agent that runs commands from saying yes in the person's place by mistake or by habit. One that has a free shell
//! could make itself a terminal; docs/security.md says so.

use std::io::{self, BufRead, IsTerminal, Read};

use rustix::termios::{QueueSelector, tcflush};

use crate::error::{Error, Result};
use crate::render::Render;

/// Variables that agents set for what they run.
const AGENT: [&str; 2] = ["CLAUDECODE", "AI_AGENT"];
/// The most bytes of an answer.
const MOST: u64 = 1 << 10;

/// A person who can be asked: somebody sits at the terminal, and no agent has started this.
#[derive(Debug)]
pub struct Person(());

impl Person {
    /// Finds out whether there is one. `what` needs a person; `command` is what that person would type.
    ///
    /// # Errors
    /// `needs-person`, with the line to type.
    pub fn find(what: &str, command: &str) -> Result<Self> {
        let variable = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let why = if AGENT.iter().any(variable) {
            format!("ask the user to run `{command}` in their own terminal")
        } else if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
            format!("in a terminal: `{command}`")
        } else {
            return Ok(Self(()));
        };
        Err(Error::denied(
            "needs-person",
            format!("{what} is for a person at a terminal to decide"),
        )
        .hinted(why))
    }

    /// Asks; nothing when there is no answer (the end of the input).
    ///
    /// What was typed before the question was shown is no answer to it.
    #[must_use]
    pub fn ask(&self, render: &Render, question: &str) -> Option<String> {
        let _ = tcflush(io::stdin(), QueueSelector::IFlush);
        render.prompt(&format!("{question} "));
        let mut answer = String::new();
        let read = io::stdin().lock().take(MOST).read_line(&mut answer);
        (read.ok()? > 0).then(|| answer.trim().to_lowercase())
    }

    /// Asks for a yes; anything else is a no.
    #[must_use]
    pub fn agrees(&self, render: &Render, question: &str) -> bool {
        let answer = self.ask(render, &format!("{question} [y/N]"));
        answer.is_some_and(|answer| ["y", "yes"].contains(&answer.as_str()))
    }
}
