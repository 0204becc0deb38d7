//! What was typed: clap structs, no meaning. What is meant is in [`crate::settings`].
//!
//! Every input `foo-bar` is the flag `--foo-bar` and the environment variable `FLOWGATE_FOO_BAR`; [`with_variables`] gives it that.

mod args;
mod change;
mod format;
mod live;
mod local;
mod lookup;
mod platform;
mod reference;
mod run;
mod sandbox;

use std::ffi::OsString;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::settings::Environment;

pub use args::{
    BaseArgs, BranchArgs, DryRunArgs, FilesArgs, GlobArgs, PlaceArgs, PolicyArgs, ReadArgs,
    TenantArgs,
};
pub use change::{AcceptArgs, BumpArgs, CheckArgs};
pub use format::{GraphFormat, ListFormat, ReviewFormat, TextFormat};
pub use live::{DeployArgs, DriftArgs, PullArgs, RollbackArgs};
pub use local::{DiffArgs, DiffDriverArgs, FmtArgs, GraphArgs, MergeDriverArgs};
pub use lookup::{AuditCommand, AuditVerifyArgs, ExplainArgs, RulesArgs, SchemaArgs, SchemaOf};
pub use platform::PlatformArgs;
pub use reference::{ActionInput, action_inputs, reference};
pub use run::{CommentChoice, Mode, RunArgs};
pub use sandbox::SandboxArgs;

/// How the variables of options begin.
const VARIABLES: &str = "FLOWGATE_";

/// Checks, compares and deploys CXone contact-centre flows from files.
#[derive(Debug, Parser)]
#[command(
    name = "flowgate",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// For every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct GlobalArgs {
    /// How much to say on stderr about what is going on [default: warn]
    #[arg(long, global = true, value_enum, value_name = "LEVEL")]
    pub log: Option<LogLevel>,
    /// Say more on stderr: `-v` what is done, `-vv` every step
    #[arg(short, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// When to use colours [default: auto, on a terminal without `NO_COLOR`]
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub color: Option<ColorWhen>,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// What may be wrong.
    Warn,
    /// What is done.
    Info,
    /// Every step.
    Debug,
    /// Everything.
    Trace,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Do in GitHub Actions what fits the event
    Run(Box<RunArgs>),
    /// Check flow files: findings, what changed, and what merging would do
    Check(Box<CheckArgs>),
    /// Publish to CXone what the flow files say
    Deploy(Box<DeployArgs>),
    /// Put a version live again that was live before
    Rollback(Box<RollbackArgs>),
    /// Say which flows are live otherwise than their files say
    Drift(Box<DriftArgs>),
    /// Bring what is live into the flow files
    Pull(Box<PullArgs>),
    /// Show what is different between two flow files
    Diff(DiffArgs),
    /// Draw a flow, or what is different between two
    Graph(GraphArgs),
    /// Record today's findings, so that only new ones fail
    Accept(Box<AcceptArgs>),
    /// Write flow files in one form that is easy to compare
    Fmt(FmtArgs),
    /// Write into the flow files the version that their change needs
    Bump(Box<BumpArgs>),
    /// Compare two flow files for `git diff`
    DiffDriver(DiffDriverArgs),
    /// Merge two flow files for `git merge`
    MergeDriver(MergeDriverArgs),
    /// Play the whole story on an embedded CXone: no account, no network
    Demo,
    /// Serve the embedded CXone for your own tests
    Sandbox(SandboxArgs),
    /// List the rules
    Rules(RulesArgs),
    /// Explain a rule
    Explain(ExplainArgs),
    /// Print the JSON Schema of flow files, flowgate.toml, reports or audit lines
    Schema(SchemaArgs),
    /// Work with audit files
    #[command(subcommand, arg_required_else_help = true)]
    Audit(AuditCommand),
}

impl Cli {
    /// Reads what was typed. A variable that is set to nothing counts as not set.
    pub fn read(
        typed: impl IntoIterator<Item = OsString>,
        environment: &Environment,
    ) -> Result<Self, clap::Error> {
        let mut command = Self::command();
        // Most runs outside of Actions set none, and need not look for each.
        if environment.names().any(|name| name.starts_with(VARIABLES)) {
            let is_set = |variable: &str| environment.get(variable).is_some();
            command = with_variables(command, &is_set);
        }
        let matches = command.try_get_matches_from_mut(typed)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// Gives every option the variable of its name, where `counts` says that the variable counts. What it holds is never
/// shown: it may be a secret in the wrong place.
fn with_variables(command: clap::Command, counts: &impl Fn(&str) -> bool) -> clap::Command {
    command
        .mut_args(|arg| {
            let Some(long) = arg.get_long() else {
                return arg;
            };
            let variable = VARIABLES.to_owned() + &long.to_uppercase().replace('-', "_");
            if counts(&variable) {
                arg.env(variable).hide_env_values(true)
            } else {
                arg
            }
        })
        .mut_subcommands(|command| with_variables(command, counts))
}

#[cfg(test)]
mod tests;
