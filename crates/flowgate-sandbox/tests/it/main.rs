//! The sandbox's promises as stories, told over real sockets.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows test functions, not their helpers"
)]

mod client;
mod disk;
mod faults;
mod hooks;
mod reads;
mod tenants;
mod tokens;
mod writes;
