//! What a plugin for `conductor` is written with: a trait to implement, the host to ask, and a fake host for its tests.
//!
//! ```
//! use conductor_plugin::{Failure, Host, Outcome, Plugin, Style, Text};
//!
//! struct Hello;
//!
//! impl Plugin for Hello {
//!     fn run(host: &dyn Host) -> Result<Outcome, Failure> {
//!         let readme = host.read("project", "README.md")?;
//!         let mut text = Text::default();
//!         text.push(Style::Strong, &format!("{} bytes", readme.len()));
//!         Ok(text.into())
//!     }
//! }
//!
//! conductor_plugin::export!(Hello);
//! ```
//!
//! `export!` does something only when the crate is compiled for WebAssembly; natively the same code runs against
//! [`testing::FakeHost`]. The manifest is a file beside the sources (`plugin.json`) that `conductor plugin pack` puts into the
//! component.
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod arguments;
#[cfg_attr(
    not(target_family = "wasm"),
    allow(dead_code, reason = "the imports are called only inside the sandbox")
)]
#[doc(hidden)]
pub mod bindings;
#[cfg(target_family = "wasm")]
mod component;
mod digest;
mod failure;
mod host;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
mod text;

pub use arguments::Arguments;
pub use bindings::conductor::plugin::files::Entry;
pub use bindings::conductor::plugin::invocation::Format;
pub use bindings::conductor::plugin::types::{Choice, Error, Failure, Outcome, Plan};
pub use digest::digest;
pub use host::{Held, Host, Output, Plugin, Running};
pub use text::{Style, Text};

#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub use {bindings::export_component, bindings::exports::conductor::plugin::plugin::Guest, component::Sandboxed};

/// Makes a component of the plugin type that is named. Natively it expands to nothing.
#[macro_export]
macro_rules! export {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Component;
            impl $crate::Guest for Component {
                fn run() -> Result<$crate::Outcome, $crate::Failure> {
                    <$plugin as $crate::Plugin>::run(&$crate::Sandboxed)
                }
            }
    $crate::export_component!(Component with_types_in $crate::bindings);
        };
    };
}
