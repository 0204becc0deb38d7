//! What was typed to `flowgate sandbox`.

use std::path::PathBuf;

use clap::Args;

use crate::values::List;

/// `flowgate sandbox`
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Port on 127.0.0.1; 0 takes any that is free
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Keep the state in this directory [default: in memory]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Fail as this script says (JSON)
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
    /// Begin with the flow in this file live, as if it had been made in the console
    #[arg(long, value_name = "FILE")]
    pub seed: Vec<PathBuf>,
    /// Write every request to this file when stopped (JSON lines; secrets included)
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Offer the tutorial's three calls alone: create, count, publish
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub minimal: Option<bool>,
    /// Differ from a plain tenant: adds-members, reorders-arrays, normalises-numbers, honours-idempotency-key, hides-scope, ignores-scope, hides-publication, lists-no-metadata
    #[arg(long, value_name = "LIST")]
    pub behaviours: Vec<List>,
    /// Refuse more calls a second than this with 429 [default: no limit]
    #[arg(long, value_name = "COUNT")]
    pub rate_limit: Option<u16>,
}
