//! What the stories share.

pub(crate) mod cxone;
pub(crate) mod script;
