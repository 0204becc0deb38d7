//! Rules about a flow and what CXone said about it.

pub(super) mod baseline_unavailable;
pub(super) mod edited_in_console;
pub(super) mod history_unknown;
pub(super) mod new_flow_refused;
pub(super) mod version_exists;
pub(super) mod version_history_full;
pub(super) mod version_history_nearly_full;
