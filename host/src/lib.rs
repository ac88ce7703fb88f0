//! The host: finds a plugin, finds the project, runs the plugin in a sandbox that holds it to its grants, and shows what came of it.
//!
//! ARCHITECTURE.md has the way through. Each module is one step of it, or one thing that a step needs; data goes down once.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod args;
pub mod command;
mod completion;
pub mod component;
pub mod digest;
pub mod error;
pub mod files;
mod folders;
pub mod grant;
pub mod manifest;
mod pattern;
pub mod place;
pub mod plugin;
mod process;
#[cfg(test)]
mod published;
pub mod render;
pub mod sandbox;
pub mod visible;
