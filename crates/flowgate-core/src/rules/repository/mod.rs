//! Rules about all flow files together.

pub(super) mod base_unknown;
pub(super) mod duplicate_flow_id;
pub(super) mod flow_file_deleted;
pub(super) mod flow_id_changed;
pub(super) mod policy_changed;
