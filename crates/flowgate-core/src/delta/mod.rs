//! The delta matrix: what is different between two flows, as data. A pure function of two flows and the layout list.
//!
//! Law: for two flows of one id, the delta has nothing added, removed or modified exactly when the two digests are
//! equal. What a change means for callers is for `risk`; how it looks is for [`crate::report`].

mod diff;
mod fields;
mod json;
#[cfg(test)]
mod laws;
mod matrix;
mod model;
mod name;
#[cfg(test)]
mod sketch;
#[cfg(test)]
mod tests;

pub use diff::{all_new, diff};
pub(crate) use diff::{same_connectors, same_elements};
pub(crate) use fields::item_keys;
pub use json::{DiffReport, DiffRow};
pub use matrix::DeltaMatrix;
pub use model::{Bucket, Buckets, Change, ChangeKind, Delta, FieldChange, Subject, SubjectKind};
