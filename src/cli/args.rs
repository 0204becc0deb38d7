//! Groups of options that several commands share.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use flowgate_core::policy::FailOn;

use super::PlatformArgs;
use crate::values::{
    ByteSize, DriftChoice, LayoutChoice, List, NewFlowChoice, SandboxChoice, ScopeChoice,
    VersionChoice,
};

/// The flow files, and the CXone that they are compared with.
#[derive(Debug, Clone, Default, Args)]
pub struct TenantArgs {
    /// The flow files.
    #[command(flatten)]
    pub files: FilesArgs,
    /// How CXone is called.
    #[command(flatten)]
    pub platform: PlatformArgs,
}

/// Which flow files, and how they are read.
#[derive(Debug, Clone, Default, Args)]
pub struct FilesArgs {
    /// Which flows, and what they may be.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// Which CXone is written to.
#[derive(Debug, Clone, Default, Args)]
pub struct PlaceArgs {
    /// On a sandbox that `flowgate sandbox` serves, by its URL; without one on an embedded CXone that lives as long as this run
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "URL")]
    pub sandbox: Option<SandboxChoice>,
}

impl PlaceArgs {
    /// The sandbox, where one was asked for.
    pub fn chosen(&self) -> SandboxChoice {
        self.sandbox.clone().unwrap_or(SandboxChoice::Off)
    }
}

/// Whether to do it.
#[derive(Debug, Clone, Default, Args)]
pub struct DryRunArgs {
    /// Say what would be done, and do nothing
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub dry_run: Option<bool>,
}

impl DryRunArgs {
    /// Whether nothing is to be done.
    pub fn asked(&self) -> bool {
        self.dry_run.unwrap_or(false)
    }
}

/// From which branch is deployed.
#[derive(Debug, Clone, Default, Args)]
pub struct BranchArgs {
    /// The branch that is deployed from [default: the repository's default branch]
    #[arg(long, value_name = "BRANCH")]
    pub deploy_branch: Option<String>,
}

/// Which files are flow files.
#[derive(Debug, Clone, Default, Args)]
pub struct GlobArgs {
    /// Globs of the flow files, from the root of the repository; `!` in front leaves out [default: flows/**/*.json]
    #[arg(long, value_name = "GLOBS")]
    pub flows: Vec<List>,
}

/// What flow files are compared with: what is different from it is what the change touches.
#[derive(Debug, Clone, Default, Args)]
pub struct BaseArgs {
    /// Compare with this git revision [default: where this branch left the default branch]
    #[arg(long, value_name = "REV", conflicts_with = "base_dir")]
    pub base: Option<String>,
    /// Compare with the files in this directory instead of a git revision
    #[arg(long, value_name = "DIR")]
    pub base_dir: Option<PathBuf>,
}

/// How flow files are read and compared.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Flow files")]
pub struct ReadArgs {
    /// The configuration file [default: flowgate.toml or .github/flowgate.toml at the root of the repository]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Top-level fields of elements and connectors that say where they are drawn [default: canvas,coordinates,layout,position,x,xws,y,yws]
    #[arg(long, value_name = "LIST")]
    pub layout_fields: Vec<List>,
    /// A larger file is an error and is not read [default: 128MiB]
    #[arg(long, value_name = "SIZE")]
    pub max_file_size: Option<ByteSize>,
}

/// Which flows are looked at, and what they may be.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Flows")]
pub struct PolicyArgs {
    /// Which files are flow files.
    #[command(flatten)]
    pub globs: GlobArgs,
    /// It is fine that the globs match no file
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub allow_empty: Option<bool>,
    /// Element types that the tenant accepts [default: Begin,End,IVR,Queue,Agent,API,Database,Conditional]
    #[arg(long, value_name = "LIST")]
    pub allowed_node_types: Vec<List>,
    /// The most versions that the tenant keeps for a flow [default: 50]
    #[arg(long, value_name = "COUNT")]
    pub max_version_history: Option<u32>,
    /// What connectors for failures are called: words of a label or condition [default: error, failed, timeout and the like]
    #[arg(long, value_name = "LIST")]
    pub error_labels: Vec<List>,
    /// Letters that a prompt may have [default: 900]
    #[arg(long, value_name = "COUNT")]
    pub longest_prompt: Option<u32>,
    /// How many versions a rollback may go back [default: 3]
    #[arg(long, value_name = "COUNT")]
    pub max_rollback_depth: Option<u32>,
    /// From which severity on findings make the run fail [default: error]
    #[arg(long, value_name = "SEVERITY", value_parser = fail_on())]
    pub fail_on: Option<FailOn>,
    /// Findings that were there before this change count too
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub fail_on_existing: Option<bool>,
    /// What to do when somebody edited a published flow in the console [default: fail]
    #[arg(long, value_enum)]
    pub on_drift: Option<DriftChoice>,
    /// What to do with a flow that CXone does not know [default: create]
    #[arg(long, value_enum)]
    pub on_new_flow: Option<NewFlowChoice>,
    /// Which flows a deployment looks after [default: managed]
    #[arg(long, value_enum)]
    pub scope: Option<ScopeChoice>,
    /// Which number a version gets where the file's is taken: none, or the next free patch number [default: file]
    #[arg(long, value_enum)]
    pub version_policy: Option<VersionChoice>,
    /// What a change is worth that only moves things on the canvas [default: ignore]
    #[arg(long, value_enum)]
    pub layout_changes: Option<LayoutChoice>,
    /// Write nothing where more flows than this would be written at once [default: 20]
    #[arg(long, value_name = "COUNT")]
    pub max_changes: Option<u32>,
}

fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    let words = [FailOn::Error, FailOn::Warning, FailOn::Info, FailOn::Never].map(FailOn::as_str);
    PossibleValuesParser::new(words).try_map(|word| word.parse::<FailOn>())
}
