//! Rules about the plan as a whole.

pub(super) mod not_in_order;
pub(super) mod too_many_changes;
