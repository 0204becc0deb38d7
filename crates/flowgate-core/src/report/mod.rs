//! One file per place that people read: each a pure function of values, byte-identical for the same input.
//!
//! Text from flows is redacted first and escaped then ([`safe`]). What a report shows is decided before: nothing here
//! judges a flow.

pub mod comment;
#[cfg(test)]
mod fixture;
mod mermaid;
mod routes;
pub mod safe;
mod story;
mod view;
mod words;
