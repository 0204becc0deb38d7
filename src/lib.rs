//! The program: everything that touches the world. What it decides is decided in `flowgate_core`.

pub mod cxone;
pub mod http;
