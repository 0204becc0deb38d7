//! Integration tests: one binary, one story a test.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "the helpers of tests are tests"
)]

mod act;
mod action;
mod bump;
mod bystanders;
mod cases;
mod check_local;
mod cli;
mod clones;
mod corpus;
mod crash;
mod cxone;
mod deadline;
mod demo;
mod desk;
mod docs;
mod drift;
mod faults;
mod file_names;
mod flow_secrets;
mod github;
mod github_contents;
mod github_sticky;
mod graph;
mod held_back;
mod http2;
mod lag;
mod line_ends;
mod links;
mod one_by_one;
mod policy;
mod preview_laws;
#[cfg(target_os = "linux")]
mod progress;
mod pull;
mod rate_limits;
mod reference;
mod release;
mod rollback;
mod round_trips;
mod run_check;
mod run_deploy;
mod run_hostile;
mod samples;
mod scanning;
mod sequences;
mod sources;
mod static_binary;
mod supply_chain;
mod support;
mod tenants;
mod two_at_a_time;
mod unseen;
mod webhook_examples;
mod workflows;
