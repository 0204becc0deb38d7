//! Integration tests.

mod supply_chain;
