//! What the Action passes to `flowgate run`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use flowgate_core::rollback::To;

use super::{BranchArgs, DryRunArgs, TenantArgs};
use crate::values::{DirectPushChoice, List};

/// What a run does. Every choice passes the gate before anything is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Mode {
    /// What fits the event: check, deploy, report drift, or nothing.
    Auto,
    /// Check, and say on the pull request what merging would do.
    Check,
    /// Publish what the branch says.
    Deploy,
    /// Put an earlier version live again.
    Rollback,
    /// Say what is live and not from this branch.
    Drift,
}

/// Whether the pull request gets a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CommentChoice {
    /// Where it touches a flow and the token may write.
    Auto,
    /// Never.
    Off,
}

/// `flowgate run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// What to do
    #[arg(long, value_enum, default_value_t = Mode::Auto)]
    pub mode: Mode,
    /// From which branch.
    #[command(flatten)]
    pub branch: BranchArgs,
    /// What to do with a push that belongs to no merged pull request [default: refuse]
    #[arg(long, value_enum)]
    pub direct_push: Option<DirectPushChoice>,
    /// Name of the CXone that this run is about, where a repository serves several: each has a comment of its own
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// Which job of a matrix this is, from 0: jobs without a `target` of their own have a comment each
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub job_index: u64,
    /// Whether to comment on the pull request [default: auto]
    #[arg(long, value_enum)]
    pub comment: Option<CommentChoice>,
    /// Flows that are meant by their ids: to take back, or to deploy although they are held
    #[arg(long, value_name = "FLOW_IDS")]
    pub flow: Vec<List>,
    /// In a rollback: the version to put live, or `previous`: the one below the highest that was ever live [default: previous]
    #[arg(long, value_name = "VERSION")]
    pub to: Option<To>,
    /// In a rollback: although routing elements of the live version are lost
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub force_routing: Option<bool>,
    /// Write the whole report to this file (markdown)
    #[arg(long, value_name = "FILE")]
    pub report_file: Option<PathBuf>,
    /// In a check: write the findings to this file for code scanning (SARIF)
    #[arg(long, value_name = "FILE")]
    pub sarif_file: Option<PathBuf>,
    /// Whether to do it.
    #[command(flatten)]
    pub dry_run: DryRunArgs,
    /// The folder of the checkout, where `actions/checkout` was given a `path` [default: where the step runs]
    #[arg(long, value_name = "FOLDER")]
    pub working_directory: Option<PathBuf>,
    /// Compare with this git revision [default: what the event says]
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
    /// The flow files, and the CXone that they are compared with.
    #[command(flatten)]
    pub tenant: TenantArgs,
}
