//! A fake GitHub: a stateful server on loopback. Handlers change Rust structs; tests look at them afterwards.
//!
//! Faults and hooks are scripted from outside; every request is recorded.

mod exchanges;
mod faults;
mod routes;
mod server;
mod shapes;
mod state;
mod world;

pub(crate) use faults::{Fault, When};
pub(crate) use server::FakeGitHub;
pub(crate) use state::{ACTIONS_BOT, Barrier, FakeRepository, File, sha};
pub(crate) use world::{World, connect};
