//! The program: everything that touches the world. What it decides is decided in `flowgate_core`.

pub mod cli;
pub mod commands;
pub mod cxone;
pub mod exit;
pub mod gate;
pub mod settings;
pub mod source;
