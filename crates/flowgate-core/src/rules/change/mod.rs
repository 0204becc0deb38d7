//! Rules about a flow and its baseline: silent where the two are the same.

pub(super) mod immutable_element_changed;
pub(super) mod version_not_increased;
pub(super) mod version_step_too_small;
