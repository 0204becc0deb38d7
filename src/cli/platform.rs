//! How CXone and the webhook are called: options that every command that calls them shares.

use std::path::PathBuf;

use clap::Args;

use crate::values::{BaselineChoice, List, PathTemplate, Verify, Wait, Waits};

/// How CXone and the webhook are called, and what is written about it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "CXone")]
pub struct PlatformArgs {
    /// What flows are compared with [default: auto]
    #[arg(long, value_enum)]
    pub baseline: Option<BaselineChoice>,
    /// `metadata.createdBy` of new versions [default: flow-versioner-service]
    #[arg(long, value_name = "NAME")]
    pub created_by: Option<String>,
    /// For one request to CXone [default: 30s]
    #[arg(long, value_name = "TIME")]
    pub request_timeout: Option<Wait>,
    /// For the whole run, from the start of the process: reading, judging and waits included [default: 15m]
    #[arg(long, value_name = "TIME")]
    pub run_deadline: Option<Wait>,
    /// For reading back what was published until it shows [default: 30s]
    #[arg(long, value_name = "TIME")]
    pub read_back_deadline: Option<Wait>,
    /// How long after a write that may have happened to look for it, each time [default: 0s, 2s, 5s, 10s, 30s]
    #[arg(long, value_name = "TIMES")]
    pub ambiguous_read_delays: Option<Waits>,
    /// The longest first wait before a failed call is repeated; it doubles each time [default: 1s]
    #[arg(long, value_name = "TIME")]
    pub retry_base: Option<Wait>,
    /// Send no more requests a second than this to CXone [default: as many as it takes]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub max_requests_per_second: Option<u32>,
    /// How many flows are deployed at once; four times as many are asked about at once [default: 4]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub concurrency: Option<u16>,
    /// Whether a deployment must be able to look at what it published [default: auto]
    #[arg(long, value_enum)]
    pub verify: Option<Verify>,
    /// Members that CXone adds to elements and connectors of its own accord: a stored version that has them besides what would be sent is taken over all the same [default: what it showed of versions that Flowgate created]
    #[arg(long, value_name = "NAMES")]
    pub server_fields: Vec<List>,
    /// Path to get an access token [default: /oauth/token]
    #[arg(long, value_name = "PATH")]
    pub api_token_path: Option<PathTemplate>,
    /// Path of the published flow [default: /api/v2/flows/{flowId}]
    #[arg(long, value_name = "PATH", value_parser = PathTemplate::of_flow)]
    pub api_flow_path: Option<PathTemplate>,
    /// Path to list and create versions [default: /api/v2/flows/{flowId}/versions]
    #[arg(long, value_name = "PATH", value_parser = PathTemplate::of_flow)]
    pub api_versions_path: Option<PathTemplate>,
    /// Path of one stored version [default: /api/v2/flows/{flowId}/versions/{versionId}]
    #[arg(long, value_name = "PATH", value_parser = PathTemplate::of_version)]
    pub api_version_path: Option<PathTemplate>,
    /// Path to publish a version [default: /api/v2/flows/{flowId}/publish]
    #[arg(long, value_name = "PATH", value_parser = PathTemplate::of_flow)]
    pub api_publish_path: Option<PathTemplate>,
    /// What a check asks the token for [default: flows:read]
    #[arg(long, value_name = "SCOPES")]
    pub read_scope: Option<String>,
    /// What a deployment asks the token for [default: flows:read flows:write flows:publish]
    #[arg(long, value_name = "SCOPES")]
    pub deploy_scope: Option<String>,
    /// Certificates (PEM) to trust besides the bundled ones
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// `repository` in the webhook's body [default: cxone-flows]
    #[arg(long, value_name = "NAME")]
    pub webhook_repository: Option<String>,
    /// For the webhook's request [default: 10s]
    #[arg(long, value_name = "TIME")]
    pub webhook_timeout: Option<Wait>,
    /// Append what happened to this file (JSON lines, hash-chained) [default in GitHub Actions, where something is written: a file in `RUNNER_TEMP`]
    #[arg(long, value_name = "FILE")]
    pub audit_file: Option<PathBuf>,
    /// Write the metrics of the run to this file (JSON)
    #[arg(long, value_name = "FILE")]
    pub metrics_file: Option<PathBuf>,
}
