//! Rules about all flow files together.

pub(super) mod duplicate_flow_id;
