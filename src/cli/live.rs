//! What was typed to commands about what is live: deploy, rollback, drift, pull.

use clap::Args;
use flowgate_core::rollback::To;

use super::{
    BaseArgs, BranchArgs, DryRunArgs, ListFormat, Mode, PlaceArgs, RunArgs, TenantArgs, TextFormat,
};
use crate::values::List;

/// `flowgate deploy`
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// What to compare with.
    #[command(flatten)]
    pub base: BaseArgs,
    /// On which CXone.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Whether to do it.
    #[command(flatten)]
    pub dry_run: DryRunArgs,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = TextFormat::Text)]
    pub format: TextFormat,
    /// The flow files, and the CXone that they are compared with.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// `flowgate rollback`
#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// Flows to take back, by their ids
    #[arg(long, value_name = "FLOW_IDS", required = true)]
    pub flow: Vec<List>,
    /// The version to put live, or `previous`: the one below the highest that was ever live [default: previous]
    #[arg(long, value_name = "VERSION")]
    pub to: Option<To>,
    /// Although routing elements (Queue, Agent, Conditional) of the live version are lost
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub force_routing: Option<bool>,
    /// On which CXone.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Whether to do it.
    #[command(flatten)]
    pub dry_run: DryRunArgs,
    /// From which branch.
    #[command(flatten)]
    pub branch: BranchArgs,
    /// How to write the result
    #[arg(long, value_enum, default_value_t = TextFormat::Text)]
    pub format: TextFormat,
    /// The flow files, and the CXone that they are compared with.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// In GitHub Actions, `flowgate rollback` is `flowgate run --mode rollback`.
impl From<RollbackArgs> for RunArgs {
    fn from(args: RollbackArgs) -> Self {
        Self {
            mode: Mode::Rollback,
            branch: args.branch,
            direct_push: None,
            target: None,
            job_index: 0,
            comment: None,
            flow: args.flow,
            to: args.to,
            force_routing: args.force_routing,
            report_file: None,
            working_directory: None,
            sarif_file: None,
            dry_run: args.dry_run,
            base: None,
            tenant: args.tenant,
        }
    }
}

/// `flowgate drift`
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// How to write the result
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// The flow files, and the CXone that they are compared with.
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// `flowgate pull`
#[derive(Debug, Args)]
pub struct PullArgs {
    /// Flows to bring in, by their ids, whatever is live; also such that have no file yet [default: those that were edited in the console]
    #[arg(long, value_name = "FLOW_IDS")]
    pub flow: Vec<List>,
    /// Whether to do it.
    #[command(flatten)]
    pub dry_run: DryRunArgs,
    /// The flow files, and the CXone that they are compared with.
    #[command(flatten)]
    pub tenant: TenantArgs,
}
