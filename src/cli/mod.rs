//! What was typed: clap structs, no meaning. What is meant is in [`crate::settings`].
//!
//! Every input `foo-bar` is the flag `--foo-bar` and the environment variable `FLOWGATE_FOO_BAR`; `with_variables` gives it that.

mod args;
mod change;
mod format;
mod late;
mod live;
mod local;
mod lookup;
mod platform;
mod run;
mod sandbox;

use std::ffi::OsString;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use args::{
    BaseArgs, BranchArgs, DryRunArgs, FilesArgs, GlobArgs, PlaceArgs, PolicyArgs, ReadArgs,
    TenantArgs,
};
pub use change::{AcceptArgs, BumpArgs, CheckArgs};
pub use format::{GraphFormat, ListFormat, ReviewFormat, TextFormat};
pub use late::Late;
pub use live::{DeployArgs, DriftArgs, PullArgs, RollbackArgs};
pub use local::{DiffArgs, DiffDriverArgs, FmtArgs, GraphArgs, MergeDriverArgs};
pub use lookup::{AuditCommand, AuditVerifyArgs, ExplainArgs, RulesArgs, SchemaArgs, SchemaOf};
pub use platform::PlatformArgs;
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
    Run(Late<RunArgs>),
    /// Check flow files: findings, what changed, and what merging would do
    Check(Late<CheckArgs>),
    /// Publish to CXone what the flow files say
    Deploy(Late<DeployArgs>),
    /// Put a version live again that was live before
    Rollback(Late<RollbackArgs>),
    /// Say which flows are live otherwise than their files say
    Drift(Late<DriftArgs>),
    /// Bring what is live into the flow files
    Pull(Late<PullArgs>),
    /// Show what is different between two flow files
    Diff(Late<DiffArgs>),
    /// Draw a flow, or what is different between two
    Graph(Late<GraphArgs>),
    /// Record today's findings, so that only new ones fail
    Accept(Late<AcceptArgs>),
    /// Write flow files in one form that is easy to compare
    Fmt(Late<FmtArgs>),
    /// Write into the flow files the version that their change needs
    Bump(Late<BumpArgs>),
    /// Compare two flow files for `git diff`
    DiffDriver(Late<DiffDriverArgs>),
    /// Merge two flow files for `git merge`
    MergeDriver(Late<MergeDriverArgs>),
    /// Play the whole story on an embedded CXone: no account, no network
    Demo,
    /// Serve the embedded CXone for your own tests
    Sandbox(Late<SandboxArgs>),
    /// List the rules
    Rules(Late<RulesArgs>),
    /// Explain a rule
    Explain(Late<ExplainArgs>),
    /// Print the JSON Schema of flow files, flowgate.toml, reports or audit lines
    Schema(Late<SchemaArgs>),
    /// Work with audit files
    #[command(subcommand, arg_required_else_help = true)]
    Audit(AuditCommand),
}

impl Cli {
    /// Reads what was typed. A variable that is set to nothing counts as not set.
    pub fn read(typed: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = with_variables(Self::command(), late::is_set);
        let matches = command.try_get_matches_from_mut(typed)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }

    /// All commands with all their options and variables, whichever are set.
    pub fn whole() -> clap::Command {
        let mut command = Self::command();
        command.build();
        with_all_variables(command)
    }
}

/// Gives every option the variable of its name, where `counts` says that the variable counts. What it holds is never
/// shown: it may be a secret in the wrong place.
fn with_variables(command: clap::Command, counts: impl Fn(&str) -> bool) -> clap::Command {
    command.mut_args(|arg| {
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
}

fn with_all_variables(command: clap::Command) -> clap::Command {
    with_variables(command, |_| true).mut_subcommands(with_all_variables)
}

#[cfg(test)]
mod tests;
