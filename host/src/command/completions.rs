//! `conductor completions`: what a shell needs to complete commands, arguments and track ids.

use crate::completion;
use crate::error::Result;
use crate::render::Render;

/// Prints the script for a shell.
pub(super) fn print(render: &Render, shell: &str) -> Result<u8> {
    let mut script = Vec::new();
    completion::script(shell, &mut script)?;
    Ok(render.text(&String::from_utf8_lossy(&script)))
}
