//! The types and imports of `wit/`, as wit-bindgen writes them: the only place that generates them for guests.
#![allow(
    missing_docs,
    unsafe_code,
    unreachable_pub,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "conductor-plugin",
    pub_export_macro: true,
    export_macro_name: "export_component",
});
