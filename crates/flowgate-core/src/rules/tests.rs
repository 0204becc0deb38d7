//! The list of rules is whole, every example does what it says, and the engine's promises hold.

mod content;
mod examples;
mod fingerprints;
mod graphs;
mod hidden;
mod stories;
mod told;
