//! The delta matrix: what is different between two flows, as data. A pure function of two flows and the layout list.
//!
//! Law: the delta has nothing added, removed or modified exactly when the two digests are equal. What a change means
//! for callers is for `risk`; how it looks is for [`crate::report`].

mod model;

pub use model::{Bucket, Buckets, Change, ChangeKind, Delta, FieldChange, Subject, SubjectKind};
