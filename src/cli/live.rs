//! What was typed to commands about what is live: rollback, drift, pull.

use clap::Args;
use flowgate_core::rollback::To;

use super::{ListFormat, Mode, PlatformArgs, PolicyArgs, ReadArgs, RunArgs, TextFormat};
use crate::settings::{List, SandboxChoice};

/// `flowgate rollback`
#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// Flows to take back, by their ids
    #[arg(
        long,
        env = "FLOWGATE_FLOW",
        hide_env_values = true,
        value_name = "FLOW_IDS",
        required = true
    )]
    pub flow: Vec<List>,
    /// The version to put live, or `previous`: the one below the highest that was ever live [default: previous]
    #[arg(
        long,
        env = "FLOWGATE_TO",
        hide_env_values = true,
        value_name = "VERSION"
    )]
    pub to: Option<To>,
    /// Although routing elements (Queue, Agent, Conditional) of the live version are lost
    #[arg(long, env = "FLOWGATE_FORCE_ROUTING", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub force_routing: Option<bool>,
    /// On a sandbox that `flowgate sandbox` serves, by its URL
    #[arg(long, env = "FLOWGATE_SANDBOX", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "URL")]
    pub sandbox: Option<SandboxChoice>,
    /// Say what would be done, and do nothing
    #[arg(long, env = "FLOWGATE_DRY_RUN", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub dry_run: Option<bool>,
    /// The branch that is deployed from [default: the repository's default branch]
    #[arg(
        long,
        env = "FLOWGATE_DEPLOY_BRANCH",
        hide_env_values = true,
        value_name = "BRANCH"
    )]
    pub deploy_branch: Option<String>,
    /// How to write the result
    #[arg(long, value_enum, env = "FLOWGATE_FORMAT", hide_env_values = true, default_value_t = TextFormat::Text)]
    pub format: TextFormat,
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

/// In GitHub Actions, `flowgate rollback` is `flowgate run --mode rollback`.
impl From<RollbackArgs> for RunArgs {
    fn from(args: RollbackArgs) -> Self {
        Self {
            mode: Mode::Rollback,
            deploy_branch: args.deploy_branch,
            direct_push: None,
            target: None,
            comment: None,
            flow: args.flow,
            to: args.to,
            force_routing: args.force_routing,
            report_file: None,
            sarif_file: None,
            dry_run: args.dry_run,
            base: None,
            policy: args.policy,
            read: args.read,
            platform: args.platform,
        }
    }
}

/// `flowgate drift`
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// How to write the result
    #[arg(long, value_enum, env = "FLOWGATE_FORMAT", hide_env_values = true, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
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

/// `flowgate pull`
#[derive(Debug, Args)]
pub struct PullArgs {
    /// Flows to bring in, by their ids, whatever is live; also such that have no file yet [default: those that were edited in the console]
    #[arg(
        long,
        env = "FLOWGATE_FLOW",
        hide_env_values = true,
        value_name = "FLOW_IDS"
    )]
    pub flow: Vec<List>,
    /// Say what would be done, and do nothing
    #[arg(long, env = "FLOWGATE_DRY_RUN", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub dry_run: Option<bool>,
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
