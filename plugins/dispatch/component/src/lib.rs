//! The plugin of `conductor-dispatch` as a component. The library exports none: `conductor migrate` is built with it, and one component
//! has one plugin.

use conductor_dispatch::DispatchPlugin;

conductor_plugin::export!(DispatchPlugin);
