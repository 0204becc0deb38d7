//! Rules about what stands in a flow: secrets, addresses, personal data, prompts, names and variables.

pub(super) mod cleartext_endpoint;
pub(super) mod empty_endpoint;
pub(super) mod hardcoded_secret;
pub(super) mod malformed_endpoint;
pub(super) mod missing_name;
pub(super) mod personal_data;
pub(super) mod private_endpoint;
pub(super) mod prompt_too_long;
pub(super) mod undefined_variable;
pub(super) mod unused_variable;
