//! The program: everything that touches the world. What it decides is decided in `flowgate_core`.

pub mod actions;
pub mod audit;
mod change;
pub mod cli;
mod clients;
pub mod clock;
pub mod commands;
pub mod cxone;
pub mod deadline;
pub mod deploy;
pub mod event;
pub mod exit;
pub mod files;
pub mod gate;
pub mod github;
pub mod http;
pub mod metrics;
pub mod output;
pub mod pipeline;
pub mod process;
mod progress;
pub mod reference;
mod services;
pub mod settings;
mod signal;
pub mod source;
pub mod sticky;
#[cfg(test)]
mod testing;
mod threads;
pub mod values;
pub mod webhook;
