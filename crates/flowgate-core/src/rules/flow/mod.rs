//! Rules about one flow by itself.

pub(super) mod connector_missing_source;
pub(super) mod connector_missing_target;
pub(super) mod duplicate_connector_id;
pub(super) mod duplicate_element_id;
pub(super) mod field_not_published;
pub(super) mod unsupported_element_type;
