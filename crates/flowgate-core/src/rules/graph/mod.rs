//! Rules about a flow as a graph: what callers can reach, and whether they get out again.

pub(super) mod begin_has_incoming;
pub(super) mod conditional_duplicate_condition;
pub(super) mod conditional_without_default;
pub(super) mod dead_end;
pub(super) mod duplicate_connector;
pub(super) mod empty_configuration;
pub(super) mod empty_flow;
pub(super) mod end_has_outgoing;
pub(super) mod menu_key_not_offered;
pub(super) mod menu_key_without_way;
pub(super) mod menu_without_invalid_way;
pub(super) mod no_begin;
pub(super) mod no_end;
pub(super) mod no_error_branch;
pub(super) mod no_timeout;
pub(super) mod required_branch_missing;
pub(super) mod self_loop;
pub(super) mod several_begins;
pub(super) mod trapped_caller;
pub(super) mod unreachable_element;
