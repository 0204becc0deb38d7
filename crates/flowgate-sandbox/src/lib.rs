//! An embedded CXone on loopback.

mod answer;
mod api;
mod auth;
mod clock;
mod config;
mod faults;
mod json;
mod limit;
mod operation;
mod platform;
mod record;
mod serve;
mod server;
mod state;
mod store;
mod transport;
mod validate;
mod wire;

pub use clock::Clock;
pub use config::{
    Availability, Behaviour, CLIENT_ID, CLIENT_SECRET, Client, Config, ENVIRONMENT, Hints,
    LimitKind, Listing, READER_CLIENT_ID, READER_CLIENT_SECRET, RateLimit, RetryAfter, Scope,
    UnknownBehaviour, Visibility,
};
pub use faults::{
    ConsoleEdit, Cut, Delay, Entry, Fault, Nth, Pause, Position, Script, ScriptError, Scripted,
};
pub use operation::Operation;
pub use platform::ConsoleError;
pub use record::{Outcome, Recorded};
pub use server::{Sandbox, StartError};
pub use state::{Flow, Publish, State, Status, Version};
pub use store::StoreError;
