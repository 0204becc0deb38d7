//! The program: everything that touches the world. What it decides is decided in `flowgate_core`.

pub mod audit;
pub mod clock;
pub mod cxone;
pub mod deploy;
pub mod metrics;
pub mod webhook;
