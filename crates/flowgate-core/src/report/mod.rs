//! One file per place that people read: each a pure function of values, byte-identical for the same input.
//!
//! Text from flows is redacted first and escaped then ([`safe`]). What a report shows is decided before: nothing here
//! judges a flow.

mod chart;
pub mod comment;
pub mod diff;
pub mod drift;
#[cfg(test)]
mod fixture;
pub mod html;
pub mod json;
#[cfg(test)]
mod law;
mod layout;
#[cfg(test)]
mod linear;
mod mermaid;
pub mod receipts;
pub mod result;
mod risk;
pub mod rollback;
mod routes;
pub mod rules;
pub mod safe;
pub mod sarif;
#[cfg(test)]
mod schema;
mod secrets;
mod story;
mod telling;
pub mod terminal;
mod values;
mod words;

pub use telling::{Detail, Telling};
