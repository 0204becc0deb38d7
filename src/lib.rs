//! The program: everything that touches the world. What it decides is decided in `flowgate_core`.

pub mod actions;
pub mod audit;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod cxone;
pub mod deploy;
pub mod event;
pub mod exit;
pub mod files;
pub mod gate;
pub mod github;
pub mod http;
pub mod metrics;
pub mod pipeline;
pub mod reference;
pub mod settings;
pub mod source;
pub mod sticky;
#[cfg(test)]
mod testing;
mod threads;
pub mod values;
pub mod webhook;
