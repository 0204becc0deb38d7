//! What more than one command does with a change: have it reviewed, deploy it, take it back, say where its flows stand.
//!
//! A command parses what was typed, calls one of these, and prints.

pub(crate) mod check;
pub(crate) mod deployment;
pub(crate) mod drift;
pub(crate) mod made_up;
pub(crate) mod origins;
pub(crate) mod pulls;
pub(crate) mod recorded;
pub(crate) mod results;
pub(crate) mod rollback;
pub(crate) mod sarif;
pub(crate) mod turns;
pub(crate) mod wrong;
