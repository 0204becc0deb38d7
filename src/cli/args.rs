//! Groups of options that several commands share.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use flowgate_core::policy::FailOn;

use crate::settings::{
    BaselineChoice, ByteSize, DriftChoice, LayoutChoice, List, NewFlowChoice, ScopeChoice, Verify,
    VersionChoice, Wait, Waits,
};

/// What flow files are compared with: what is different from it is what the change touches.
#[derive(Debug, Clone, Default, Args)]
pub struct BaseArgs {
    /// Compare with this git revision [default: where this branch left the default branch]
    #[arg(
        long,
        env = "FLOWGATE_BASE",
        hide_env_values = true,
        value_name = "REV",
        conflicts_with = "base_dir"
    )]
    pub base: Option<String>,
    /// Compare with the files in this directory instead of a git revision
    #[arg(
        long,
        env = "FLOWGATE_BASE_DIR",
        hide_env_values = true,
        value_name = "DIR"
    )]
    pub base_dir: Option<PathBuf>,
}

/// How flow files are read and compared.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Flow files")]
pub struct ReadArgs {
    /// The configuration file [default: flowgate.toml or .github/flowgate.toml at the root of the repository]
    #[arg(
        long,
        env = "FLOWGATE_CONFIG",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub config: Option<PathBuf>,
    /// Top-level fields of elements and connectors that say where they are drawn [default: canvas,coordinates,layout,position,x,xws,y,yws]
    #[arg(
        long,
        env = "FLOWGATE_LAYOUT_FIELDS",
        hide_env_values = true,
        value_name = "LIST"
    )]
    pub layout_fields: Vec<List>,
    /// A larger file is an error and is not read [default: 128MiB]
    #[arg(
        long,
        env = "FLOWGATE_MAX_FILE_SIZE",
        hide_env_values = true,
        value_name = "SIZE"
    )]
    pub max_file_size: Option<ByteSize>,
}

/// Which flows are looked at, and what they may be.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Flows")]
pub struct PolicyArgs {
    /// Globs of the flow files, from the root of the repository; `!` in front leaves out [default: flows/**/*.json]
    #[arg(
        long,
        env = "FLOWGATE_FLOWS",
        hide_env_values = true,
        value_name = "GLOBS"
    )]
    pub flows: Vec<List>,
    /// It is fine that the globs match no file
    #[arg(long, env = "FLOWGATE_ALLOW_EMPTY", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub allow_empty: Option<bool>,
    /// Element types that the tenant accepts [default: Begin,End,IVR,Queue,Agent,API,Database,Conditional]
    #[arg(
        long,
        env = "FLOWGATE_ALLOWED_NODE_TYPES",
        hide_env_values = true,
        value_name = "LIST"
    )]
    pub allowed_node_types: Vec<List>,
    /// The most versions that the tenant keeps for a flow [default: 50]
    #[arg(
        long,
        env = "FLOWGATE_MAX_VERSION_HISTORY",
        hide_env_values = true,
        value_name = "COUNT"
    )]
    pub max_version_history: Option<u32>,
    /// What connectors for failures are called: words of a label or condition [default: error, failed, timeout and the like]
    #[arg(
        long,
        env = "FLOWGATE_ERROR_LABELS",
        hide_env_values = true,
        value_name = "LIST"
    )]
    pub error_labels: Vec<List>,
    /// Letters that a prompt may have [default: 900]
    #[arg(
        long,
        env = "FLOWGATE_LONGEST_PROMPT",
        hide_env_values = true,
        value_name = "COUNT"
    )]
    pub longest_prompt: Option<u32>,
    /// How many versions a rollback may go back [default: 3]
    #[arg(
        long,
        env = "FLOWGATE_MAX_ROLLBACK_DEPTH",
        hide_env_values = true,
        value_name = "COUNT"
    )]
    pub max_rollback_depth: Option<u32>,
    /// From which severity on findings make the run fail [default: error]
    #[arg(long, env = "FLOWGATE_FAIL_ON", hide_env_values = true, value_name = "SEVERITY", value_parser = fail_on())]
    pub fail_on: Option<FailOn>,
    /// Findings that were there before this change count too
    #[arg(long, env = "FLOWGATE_FAIL_ON_EXISTING", hide_env_values = true, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub fail_on_existing: Option<bool>,
    /// What to do when somebody edited a published flow in the console [default: fail]
    #[arg(long, value_enum, env = "FLOWGATE_ON_DRIFT", hide_env_values = true)]
    pub on_drift: Option<DriftChoice>,
    /// What to do with a flow that CXone does not know [default: create]
    #[arg(long, value_enum, env = "FLOWGATE_ON_NEW_FLOW", hide_env_values = true)]
    pub on_new_flow: Option<NewFlowChoice>,
    /// Which flows a deployment looks after [default: managed]
    #[arg(long, value_enum, env = "FLOWGATE_SCOPE", hide_env_values = true)]
    pub scope: Option<ScopeChoice>,
    /// Which number a version gets where the file's is taken: none, or the next free patch number [default: file]
    #[arg(
        long,
        value_enum,
        env = "FLOWGATE_VERSION_POLICY",
        hide_env_values = true
    )]
    pub version_policy: Option<VersionChoice>,
    /// What a change is worth that only moves things on the canvas [default: ignore]
    #[arg(
        long,
        value_enum,
        env = "FLOWGATE_LAYOUT_CHANGES",
        hide_env_values = true
    )]
    pub layout_changes: Option<LayoutChoice>,
    /// Write nothing where more flows than this would be written at once [default: 20]
    #[arg(
        long,
        env = "FLOWGATE_MAX_CHANGES",
        hide_env_values = true,
        value_name = "COUNT"
    )]
    pub max_changes: Option<u32>,
}

fn fail_on() -> impl TypedValueParser<Value = FailOn> {
    let words = [FailOn::Error, FailOn::Warning, FailOn::Info, FailOn::Never].map(FailOn::as_str);
    PossibleValuesParser::new(words).try_map(|word| word.parse::<FailOn>())
}

/// How CXone and the webhook are called, and what is written about it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "CXone")]
pub struct PlatformArgs {
    /// What flows are compared with [default: auto]
    #[arg(long, value_enum, env = "FLOWGATE_BASELINE", hide_env_values = true)]
    pub baseline: Option<BaselineChoice>,
    /// `metadata.createdBy` of new versions [default: flow-versioner-service]
    #[arg(
        long,
        env = "FLOWGATE_CREATED_BY",
        hide_env_values = true,
        value_name = "NAME"
    )]
    pub created_by: Option<String>,
    /// For one request to CXone [default: 30s]
    #[arg(
        long,
        env = "FLOWGATE_REQUEST_TIMEOUT",
        hide_env_values = true,
        value_name = "TIME"
    )]
    pub request_timeout: Option<Wait>,
    /// For the whole run, waits included [default: 15m]
    #[arg(
        long,
        env = "FLOWGATE_RUN_DEADLINE",
        hide_env_values = true,
        value_name = "TIME"
    )]
    pub run_deadline: Option<Wait>,
    /// For reading back what was published until it shows [default: 30s]
    #[arg(
        long,
        env = "FLOWGATE_READ_BACK_DEADLINE",
        hide_env_values = true,
        value_name = "TIME"
    )]
    pub read_back_deadline: Option<Wait>,
    /// How long after a write that may have happened to look for it, each time [default: 0s, 2s, 5s, 10s, 30s]
    #[arg(
        long,
        env = "FLOWGATE_AMBIGUOUS_READ_DELAYS",
        hide_env_values = true,
        value_name = "TIMES"
    )]
    pub ambiguous_read_delays: Option<Waits>,
    /// The longest first wait before a failed call is repeated; it doubles each time [default: 1s]
    #[arg(
        long,
        env = "FLOWGATE_RETRY_BASE",
        hide_env_values = true,
        value_name = "TIME"
    )]
    pub retry_base: Option<Wait>,
    /// Send no more requests a second than this to CXone [default: as many as it takes]
    #[arg(long, env = "FLOWGATE_MAX_REQUESTS_PER_SECOND", hide_env_values = true, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_requests_per_second: Option<u32>,
    /// How many flows are deployed at once; four times as many are asked about at once [default: 4]
    #[arg(long, env = "FLOWGATE_CONCURRENCY", hide_env_values = true, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub concurrency: Option<u16>,
    /// Whether a deployment must be able to look at what it published [default: auto]
    #[arg(long, value_enum, env = "FLOWGATE_VERIFY", hide_env_values = true)]
    pub verify: Option<Verify>,
    /// Path to get an access token [default: /oauth/token]
    #[arg(long, env = "FLOWGATE_API_TOKEN_PATH", hide_env_values = true, value_name = "PATH", value_parser = api_path)]
    pub api_token_path: Option<String>,
    /// Path of the published flow [default: /api/v2/flows/{flowId}]
    #[arg(long, env = "FLOWGATE_API_FLOW_PATH", hide_env_values = true, value_name = "PATH", value_parser = flow_path)]
    pub api_flow_path: Option<String>,
    /// Path to list and create versions [default: /api/v2/flows/{flowId}/versions]
    #[arg(long, env = "FLOWGATE_API_VERSIONS_PATH", hide_env_values = true, value_name = "PATH", value_parser = flow_path)]
    pub api_versions_path: Option<String>,
    /// Path of one stored version [default: /api/v2/flows/{flowId}/versions/{versionId}]
    #[arg(long, env = "FLOWGATE_API_VERSION_PATH", hide_env_values = true, value_name = "PATH", value_parser = version_path)]
    pub api_version_path: Option<String>,
    /// Path to publish a version [default: /api/v2/flows/{flowId}/publish]
    #[arg(long, env = "FLOWGATE_API_PUBLISH_PATH", hide_env_values = true, value_name = "PATH", value_parser = flow_path)]
    pub api_publish_path: Option<String>,
    /// What a check asks the token for [default: flows:read]
    #[arg(
        long,
        env = "FLOWGATE_READ_SCOPE",
        hide_env_values = true,
        value_name = "SCOPES"
    )]
    pub read_scope: Option<String>,
    /// What a deployment asks the token for [default: flows:read flows:write flows:publish]
    #[arg(
        long,
        env = "FLOWGATE_DEPLOY_SCOPE",
        hide_env_values = true,
        value_name = "SCOPES"
    )]
    pub deploy_scope: Option<String>,
    /// Certificates (PEM) to trust besides the bundled ones
    #[arg(
        long,
        env = "FLOWGATE_CA_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub ca_file: Option<PathBuf>,
    /// `repository` in the webhook's body [default: cxone-flows]
    #[arg(
        long,
        env = "FLOWGATE_WEBHOOK_REPOSITORY",
        hide_env_values = true,
        value_name = "NAME"
    )]
    pub webhook_repository: Option<String>,
    /// For the webhook's request [default: 10s]
    #[arg(
        long,
        env = "FLOWGATE_WEBHOOK_TIMEOUT",
        hide_env_values = true,
        value_name = "TIME"
    )]
    pub webhook_timeout: Option<Wait>,
    /// Append what happened to this file (JSON lines, hash-chained)
    #[arg(
        long,
        env = "FLOWGATE_AUDIT_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub audit_file: Option<PathBuf>,
    /// Write the metrics of the run to this file (JSON)
    #[arg(
        long,
        env = "FLOWGATE_METRICS_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub metrics_file: Option<PathBuf>,
}

fn api_path(text: &str) -> Result<String, &'static str> {
    let stays = !text.split('/').any(|part| matches!(part, "." | ".."));
    if text.starts_with('/') && !text.starts_with("//") && !text.contains(['?', '#', '\\']) && stays
    {
        Ok(text.to_owned())
    } else {
        Err(
            "expected a path below the base URL that begins with one `/`, without `..`, `?` and `#`",
        )
    }
}

fn flow_path(text: &str) -> Result<String, &'static str> {
    if text.contains("{flowId}") {
        api_path(text)
    } else {
        Err("expected a path with `{flowId}` in it")
    }
}

fn version_path(text: &str) -> Result<String, &'static str> {
    if text.contains("{versionId}") {
        flow_path(text)
    } else {
        Err("expected a path with `{flowId}` and `{versionId}` in it")
    }
}
