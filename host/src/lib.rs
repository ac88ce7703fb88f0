//! The host: finds a plugin, finds the project, runs the plugin in a sandbox that holds it to its grants, and shows what came of it.
//!
//! ARCHITECTURE.md has the way through. Each module is one step of it, or one thing that a step needs; data goes down once.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

#[cfg(not(unix))]
compile_error!(
    "`conductor` runs on Linux and macOS: on Windows there are no process groups to end a program with all that it has started, \
     and no owner and mode bits to tell who could have exchanged it; use it there in WSL"
);

pub mod agreement;
pub mod args;
mod ask;
pub mod audit;
pub mod command;
mod completion;
pub mod component;
pub mod config;
pub mod consent;
pub mod digest;
pub mod error;
pub mod files;
mod folders;
pub mod grant;
pub mod grant_file;
mod health;
pub mod line;
pub mod lock;
pub mod manifest;
pub mod outcome;
mod pattern;
pub mod place;
pub mod plugin;
pub mod process;
pub mod progress;
#[cfg(test)]
mod published;
pub mod question;
pub mod render;
pub mod sandbox;
pub mod session;
mod stat;
pub mod store;
pub mod tape;
pub mod template;
mod unique;
mod user_file;
pub mod visible;
