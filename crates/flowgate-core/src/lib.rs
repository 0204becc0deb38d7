//! The pure heart of Flowgate: flow files, deltas, rules, plans and reports.
//!
//! Nothing here reads a file, a clock, the environment or the network, and nothing is async: bytes and facts come in,
//! values go out. The modules stand in the order in which they know each other; each uses only what stands before it.

pub mod hash;
pub mod ids;
pub mod text;

pub mod flow;

pub mod day;

pub mod finding;

pub mod waiver;

pub mod delta;

pub mod merge;

pub mod risk;

pub mod platform;

pub mod drift;

pub mod order;
pub mod parallel;

pub mod rules;

pub mod policy;

pub mod plan;

pub mod review;

pub mod rollback;

pub mod receipt;

pub mod redact;

pub mod report;
