//! What was typed: clap structs, no meaning. What is meant is in [`crate::settings`].
//!
//! Every input `foo-bar` is the flag `--foo-bar` and the environment variable `FLOWGATE_FOO_BAR`; a test holds this.

mod args;
mod live;
mod local;
mod reference;
mod run;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::Resettable;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::settings::{Environment, List, SandboxChoice};

pub use args::{BaseArgs, PlatformArgs, PolicyArgs, ReadArgs};
pub use live::{DriftArgs, PullArgs, RollbackArgs};
pub use local::{DiffDriverArgs, FmtArgs, MergeDriverArgs};
pub use reference::{ActionInput, action_inputs, reference};
pub use run::{CommentChoice, DirectPushChoice, Mode, RunArgs};

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
    #[arg(
        long,
        global = true,
        value_enum,
        env = "FLOWGATE_LOG",
        hide_env_values = true,
        value_name = "LEVEL"
    )]
    pub log: Option<LogLevel>,
    /// Say more on stderr: `-v` what is done, `-vv` every step
    #[arg(short, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// When to use colours [default: auto, on a terminal without `NO_COLOR`]
    #[arg(
        long,
        global = true,
        value_enum,
        env = "FLOWGATE_COLOR",
        hide_env_values = true,
        value_name = "WHEN"
    )]
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

/// `flowgate check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Flow files, directories or globs to check [default: those that `--flows` matches]
    pub paths: Vec<PathBuf>,
    /// What to compare with.
    #[command(flatten)]
    pub base: BaseArgs,
    /// How to write the result
    #[arg(long, value_enum, env = "FLOWGATE_FORMAT", hide_env_values = true, default_value_t = ReviewFormat::Text)]
    pub format: ReviewFormat,
    /// Write the findings to this file for code scanning (SARIF)
    #[arg(
        long,
        env = "FLOWGATE_SARIF_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub sarif_file: Option<PathBuf>,
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

/// `flowgate deploy`
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// What to compare with.
    #[command(flatten)]
    pub base: BaseArgs,
    /// Deploy to an embedded CXone, which lives as long as this run; with a URL to one that `flowgate sandbox` serves
    #[arg(long, env = "FLOWGATE_SANDBOX", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "URL")]
    pub sandbox: Option<SandboxChoice>,
    /// Say what would be done, and do nothing
    #[arg(long, env = "FLOWGATE_DRY_RUN", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub dry_run: Option<bool>,
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

/// `flowgate diff`
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The flow file before
    pub old: PathBuf,
    /// The flow file after
    pub new: PathBuf,
    /// How to write the result
    #[arg(long, value_enum, env = "FLOWGATE_FORMAT", hide_env_values = true, default_value_t = TextFormat::Text)]
    pub format: TextFormat,
    /// End with exit code 1 when the flows differ
    #[arg(long, env = "FLOWGATE_EXIT_CODE", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub exit_code: Option<bool>,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `flowgate graph`
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// The flow file
    pub file: PathBuf,
    /// Mark what is different from this flow file
    #[arg(
        long,
        env = "FLOWGATE_AGAINST",
        hide_env_values = true,
        value_name = "OLD"
    )]
    pub against: Option<PathBuf>,
    /// How to draw it
    #[arg(long, value_enum, env = "FLOWGATE_FORMAT", hide_env_values = true, default_value_t = GraphFormat::Html)]
    pub format: GraphFormat,
    /// Write the picture to this file [default: stdout]
    #[arg(
        long,
        short,
        env = "FLOWGATE_OUTPUT",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub output: Option<PathBuf>,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `flowgate bump`
#[derive(Debug, Args)]
pub struct BumpArgs {
    /// Flow files, directories or globs to look at [default: those that `--flows` matches]
    pub paths: Vec<PathBuf>,
    /// What to compare with.
    #[command(flatten)]
    pub base: BaseArgs,
    /// Which flows, and what they may be.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `flowgate accept`
#[derive(Debug, Args)]
pub struct AcceptArgs {
    /// Only drop what is gone; accept nothing new
    #[arg(long, env = "FLOWGATE_PRUNE", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub prune: Option<bool>,
    /// Which flows, and what they may be.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// How files are read.
    #[command(flatten)]
    pub read: ReadArgs,
}

/// `flowgate sandbox`
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Port on 127.0.0.1; 0 takes any that is free
    #[arg(
        long,
        env = "FLOWGATE_PORT",
        hide_env_values = true,
        default_value_t = 0
    )]
    pub port: u16,
    /// Keep the state in this directory [default: in memory]
    #[arg(
        long,
        env = "FLOWGATE_DATA",
        hide_env_values = true,
        value_name = "DIR"
    )]
    pub data: Option<PathBuf>,
    /// Fail as this script says (JSON)
    #[arg(
        long,
        env = "FLOWGATE_FAULTS",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub faults: Option<PathBuf>,
    /// Begin with the flow in this file live, as if it had been made in the console
    #[arg(
        long,
        env = "FLOWGATE_SEED",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub seed: Vec<PathBuf>,
    /// Write every request to this file when stopped (JSON lines; secrets included)
    #[arg(
        long,
        env = "FLOWGATE_RECORD",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub record: Option<PathBuf>,
    /// Offer the tutorial's three calls alone: create, count, publish
    #[arg(long, env = "FLOWGATE_MINIMAL", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub minimal: Option<bool>,
    /// Differ from a plain tenant: adds-members, reorders-arrays, normalises-numbers, honours-idempotency-key, hides-scope, ignores-scope
    #[arg(
        long,
        env = "FLOWGATE_BEHAVIOURS",
        hide_env_values = true,
        value_name = "LIST"
    )]
    pub behaviours: Vec<List>,
    /// Refuse more calls a second than this with 429 [default: no limit]
    #[arg(
        long,
        env = "FLOWGATE_RATE_LIMIT",
        hide_env_values = true,
        value_name = "COUNT"
    )]
    pub rate_limit: Option<u16>,
}

/// `flowgate rules`
#[derive(Debug, Args)]
pub struct RulesArgs {
    /// How to write the list
    #[arg(long, value_enum, env = "FLOWGATE_FORMAT", hide_env_values = true, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// `flowgate explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule's id, as `flowgate rules` lists it
    pub rule: String,
}

/// `flowgate schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Of what
    #[arg(value_enum)]
    pub of: SchemaOf,
}

/// What there are schemas of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// A flow file.
    Flow,
    /// `flowgate.toml`.
    Config,
    /// What `check`, `deploy` and `diff` print with `--format json`.
    Report,
    /// A line of the audit.
    Audit,
}

/// `flowgate audit`
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Check the hash chain of an audit file
    Verify(AuditVerifyArgs),
}

/// `flowgate audit verify`
#[derive(Debug, Args)]
pub struct AuditVerifyArgs {
    /// The audit file (JSON lines)
    pub file: PathBuf,
    /// The digest that the last line must have: shows that no line was cut off
    #[arg(
        long,
        env = "FLOWGATE_HEAD",
        hide_env_values = true,
        value_name = "SHA256"
    )]
    pub head: Option<String>,
}

/// Formats of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReviewFormat {
    /// For a terminal.
    Text,
    /// As the comment on a pull request.
    Markdown,
    /// For programs.
    Json,
    /// For code scanning.
    Sarif,
}

/// Formats of most commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Formats of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// One page for a browser, with search and details.
    Html,
    /// For places that draw mermaid.
    Mermaid,
}

/// Formats of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For a terminal.
    Text,
    /// As a page.
    Markdown,
    /// For programs.
    Json,
}

impl Cli {
    /// Reads what was typed. A variable that is set to nothing counts as not set.
    pub fn read(
        typed: impl IntoIterator<Item = OsString>,
        environment: &Environment,
    ) -> Result<Self, clap::Error> {
        let mut command = without_empty(Self::command(), environment);
        let matches = command.try_get_matches_from_mut(typed)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

fn without_empty(command: clap::Command, environment: &Environment) -> clap::Command {
    command
        .mut_args(|arg| {
            let set = arg
                .get_env()
                .and_then(|name| name.to_str())
                .is_some_and(|name| environment.get(name).is_some());
            if set { arg } else { arg.env(Resettable::Reset) }
        })
        .mut_subcommands(|command| without_empty(command, environment))
}

#[cfg(test)]
mod tests;
