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
pub(crate) use state::{ACTIONS_BOT, Barrier, FakePull, FakeRepository, File, State, sha};
pub(crate) use world::{World, connect};

use serde_json::Value;

/// What a runner calls the ref of such an event.
pub(crate) fn reference_of(name: &str, payload: &Value) -> String {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let pull = &payload["pull_request"];
    let of_event = match name {
        "push" | "workflow_dispatch" => text(&payload["ref"]),
        "merge_group" => text(&payload["merge_group"]["head_ref"]),
        "pull_request" if pull["merged"] == true => {
            text(&pull["base"]["ref"]).map(|base| format!("refs/heads/{base}"))
        }
        "pull_request" => Some(format!("refs/pull/{}/merge", pull["number"])),
        _ => None,
    };
    of_event.unwrap_or_else(|| "refs/heads/main".to_owned())
}
