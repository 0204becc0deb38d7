//! Rules about the plan as a whole.

pub(super) mod too_many_changes;
