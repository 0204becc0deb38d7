//! What the Action passes to `flowgate run`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use flowgate_core::rollback::To;
use serde::Deserialize;

use super::{PlatformArgs, PolicyArgs, ReadArgs};
use crate::settings::List;

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

/// What to do with a push that belongs to no merged pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectPushChoice {
    /// Nothing is written, and the run fails.
    Refuse,
    /// It is deployed as a merge is.
    Deploy,
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
    #[arg(long, value_enum, env = "FLOWGATE_MODE", hide_env_values = true, default_value_t = Mode::Auto)]
    pub mode: Mode,
    /// The branch that is deployed from [default: the repository's default branch]
    #[arg(
        long,
        env = "FLOWGATE_DEPLOY_BRANCH",
        hide_env_values = true,
        value_name = "BRANCH"
    )]
    pub deploy_branch: Option<String>,
    /// What to do with a push that belongs to no merged pull request [default: refuse]
    #[arg(long, value_enum, env = "FLOWGATE_DIRECT_PUSH", hide_env_values = true)]
    pub direct_push: Option<DirectPushChoice>,
    /// Name of the CXone that this run is about, where a repository serves several: each has a comment of its own
    #[arg(
        long,
        env = "FLOWGATE_TARGET",
        hide_env_values = true,
        value_name = "NAME"
    )]
    pub target: Option<String>,
    /// Whether to comment on the pull request [default: auto]
    #[arg(long, value_enum, env = "FLOWGATE_COMMENT", hide_env_values = true)]
    pub comment: Option<CommentChoice>,
    /// Flows that are meant by their ids: to take back, or to deploy although they are held
    #[arg(
        long,
        env = "FLOWGATE_FLOW",
        hide_env_values = true,
        value_name = "FLOW_IDS"
    )]
    pub flow: Vec<List>,
    /// In a rollback: the version to put live, or `previous`: the one below the highest that was ever live [default: previous]
    #[arg(
        long,
        env = "FLOWGATE_TO",
        hide_env_values = true,
        value_name = "VERSION"
    )]
    pub to: Option<To>,
    /// In a rollback: although routing elements of the live version are lost
    #[arg(long, env = "FLOWGATE_FORCE_ROUTING", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub force_routing: Option<bool>,
    /// Write the whole report to this file (markdown)
    #[arg(
        long,
        env = "FLOWGATE_REPORT_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub report_file: Option<PathBuf>,
    /// In a check: write the findings to this file for code scanning (SARIF)
    #[arg(
        long,
        env = "FLOWGATE_SARIF_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub sarif_file: Option<PathBuf>,
    /// Say what would be done, and do nothing
    #[arg(long, env = "FLOWGATE_DRY_RUN", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub dry_run: Option<bool>,
    /// Compare with this git revision [default: what the event says]
    #[arg(
        long,
        env = "FLOWGATE_BASE",
        hide_env_values = true,
        value_name = "REV"
    )]
    pub base: Option<String>,
    /// Which flows, and what they may be.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// How CXone is called.
    #[command(flatten)]
    pub platform: PlatformArgs,
}
