//! The one place that makes clients of other machines: CXone, GitHub and the webhook, as the settings say.

pub(crate) mod github;
pub(crate) mod tenant;

pub(crate) use tenant::client;
