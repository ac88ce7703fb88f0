//! The plugin of `conductor-dispatch` as a component. The library exports none: `conductor migrate` is built with it, and one component
//! has one plugin.

conductor_plugin::export!(conductor_dispatch::DispatchPlugin);
