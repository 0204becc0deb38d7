//! Flow files: reading them, the model, the canonical form and its digest, and names for people.
//!
//! One file per file format (`native` is the tutorial's). Rules about a flow's meaning live in [`crate::rules`].

pub(crate) mod branch;
pub(crate) mod canonical;
mod configured;
mod containment;
pub mod format;
pub mod graph;
mod index;
pub mod json;
mod layout;
pub(crate) mod lists;
mod model;
pub mod names;
pub mod native;
mod nearest;
mod number;
pub(crate) mod pairing;
mod problem;
#[cfg(test)]
pub(crate) mod testing;
mod types;
mod view;
pub(crate) mod vocabulary;
pub(crate) mod words;

pub use canonical::{canonical, content_eq, digest, value_eq};
pub use containment::{Containment, Difference, anywhere, containment, contains};
pub use index::{FlowIndex, Way};
pub use layout::{Layout, NotLayout};
pub use model::{Connector, Element, ElementType, Elements, Ends, Flow, Parts};
pub use nearest::nearest;
pub use problem::{Content, Problem, ProblemKind, Reading};
pub use types::{ElementTypes, Role, TypeMeaning};
pub use view::FlowView;
