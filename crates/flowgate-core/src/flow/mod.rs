//! Flow files: reading them, the model, the canonical form and its digest, and names for people.
//!
//! One file per file format (`native` is the tutorial's). Rules about a flow's meaning live in [`crate::rules`].

pub mod json;
mod model;
pub mod native;
mod nearest;
mod problem;

pub use model::{Connector, Element, ElementType, Flow, Parts};
pub use nearest::nearest;
pub use problem::{Content, Problem, ProblemKind, Reading};
