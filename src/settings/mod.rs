//! What is meant: flags, environment and `flowgate.toml` (in this order of precedence) resolved into one value.
//!
//! What was typed is in [`crate::cli`]. No other room reads the environment or has a default of its own.

pub mod accepted;
mod document;
mod environment;
mod file;
mod place;
#[cfg(test)]
mod schema;

use std::path::PathBuf;
use std::time::Duration;

use flowgate_core::drift::{OnDrift, OnNewFlow};
use flowgate_core::flow::{ElementType, Layout, NotLayout};
use flowgate_core::plan::{LayoutChanges, MAX_CHANGES, Scope, VersionPolicy};
use flowgate_core::policy::FailOn;
use flowgate_core::rules::OldFaults;
use flowgate_core::waiver::Accepted;

use crate::cli::{PlatformArgs, PolicyArgs, ReadArgs};
use crate::exit::{Ends, Exit};
use crate::values::{
    ApiPaths, BaselineChoice, ByteSize, List, PathTemplate, ScopeChoice, Verify, Wait,
};

pub use environment::{Credentials, CredentialsError, Environment, Webhook};
pub use file::{FileSettings, Tables};
pub use place::{Elsewhere, FileError, FileProblem, PLACES};

/// How flow files are read and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadSettings {
    /// Fields that say where a thing is drawn.
    pub layout: Layout,
    /// A larger file is not read.
    pub max_file_size: ByteSize,
}

/// Which flows are looked at, and what they may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySettings {
    /// Globs, from the root of the repository; `!` in front leaves out.
    pub flows: Vec<String>,
    /// Whether it is fine that the globs match no file.
    pub allow_empty: bool,
    /// Element types that the tenant accepts.
    pub allowed_node_types: Vec<String>,
    /// What connectors for failures are called; `None`: the rules' own list.
    pub error_labels: Option<Vec<String>>,
    /// Letters that a prompt may have; `None`: the rules' own limit.
    pub longest_prompt: Option<usize>,
    /// The most versions that the tenant keeps for a flow.
    pub max_version_history: u32,
    /// How far a rollback may go back.
    pub max_rollback_depth: u32,
    /// From which severity on findings make the run fail.
    pub fail_on: FailOn,
    /// What becomes of findings that were there before the change.
    pub old_faults: OldFaults,
    /// What to do about console edits.
    pub on_drift: OnDrift,
    /// What to do with a flow that CXone does not know.
    pub on_new_flow: OnNewFlow,
    /// Which flows a deployment looks after.
    pub scope: Scope,
    /// Which number a version gets.
    pub version_policy: VersionPolicy,
    /// What changes of layout alone are worth.
    pub layout_changes: LayoutChanges,
    /// More writes than this in one run are taken for a mistake.
    pub max_changes: usize,
    /// What the team decides about rules, paths and types, and what it lives with.
    pub tables: Tables,
    /// The findings that were accepted.
    pub accepted: Vec<Accepted>,
}

/// How CXone and the webhook are called, and what is written about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformSettings {
    /// What a proposed flow is compared with.
    pub baseline: BaselineChoice,
    /// `metadata.createdBy`.
    pub created_by: String,
    /// For one request to CXone.
    pub request_timeout: Duration,
    /// For the whole run, waits included.
    pub run_deadline: Duration,
    /// For reading back what was published until it shows.
    pub read_back_deadline: Duration,
    /// After a write that may have happened: how long after it to look for it, each time.
    pub ambiguous_read_delays: Vec<Duration>,
    /// The longest first wait before a call is repeated.
    pub retry_base: Duration,
    /// The most requests a second; `None`: as many as it takes.
    pub max_requests_per_second: Option<u32>,
    /// How many flows are deployed at once; at least 1.
    pub concurrency: usize,
    /// Whether a deployment must be able to look at what it published.
    pub verify: Verify,
    /// Members that CXone adds to elements and connectors of its own accord, by name.
    pub server_fields: Vec<String>,
    /// Paths of the API.
    pub paths: ApiPaths,
    /// What a check asks for.
    pub read_scope: String,
    /// What a deployment asks for.
    pub deploy_scope: String,
    /// Certificates to trust besides the bundled ones.
    pub ca_file: Option<PathBuf>,
    /// `repository` in the webhook's body.
    pub webhook_repository: String,
    /// For the webhook's request.
    pub webhook_timeout: Duration,
    /// Where the audit is appended.
    pub audit_file: Option<PathBuf>,
    /// Where the metrics are written.
    pub metrics_file: Option<PathBuf>,
}

/// A setting that cannot be meant.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A field of `layout-fields` says what a flow does.
    #[error("`layout-fields` cannot be used")]
    Layout(#[from] NotLayout),
}

impl Ends for SettingsError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl ReadSettings {
    /// From what was typed and what the file says.
    pub fn resolve(typed: &ReadArgs, file: &FileSettings) -> Result<Self, SettingsError> {
        let fields = list(
            &typed.layout_fields,
            file.layout_fields.as_ref(),
            &Layout::DEFAULT,
        );
        Ok(Self {
            layout: Layout::new(fields)?,
            max_file_size: typed
                .max_file_size
                .or(file.max_file_size)
                .unwrap_or(ByteSize::mebibytes(128)),
        })
    }
}

impl PolicySettings {
    /// From what was typed and what the file says.
    pub fn resolve(typed: &PolicyArgs, file: &FileSettings) -> Self {
        let known = ElementType::KNOWN;
        let known: Vec<&str> = known.iter().map(ElementType::as_str).collect();
        Self {
            flows: list(
                &typed.globs.flows,
                file.flows.as_ref(),
                &["flows/**/*.json"],
            ),
            allow_empty: typed.allow_empty.or(file.allow_empty).unwrap_or(false),
            error_labels: typed_list(&typed.error_labels, file.error_labels.as_ref()),
            longest_prompt: typed
                .longest_prompt
                .or(file.longest_prompt)
                .and_then(|letters| usize::try_from(letters).ok()),
            allowed_node_types: list(
                &typed.allowed_node_types,
                file.allowed_node_types.as_ref(),
                &known,
            ),
            max_version_history: typed
                .max_version_history
                .or(file.max_version_history)
                .unwrap_or(50),
            max_rollback_depth: typed
                .max_rollback_depth
                .or(file.max_rollback_depth)
                .unwrap_or(3),
            fail_on: typed.fail_on.or(file.fail_on).unwrap_or_default(),
            old_faults: match typed.fail_on_existing.or(file.fail_on_existing) {
                Some(true) => OldFaults::Count,
                Some(false) | None => OldFaults::Fold,
            },
            on_drift: typed
                .on_drift
                .or(file.on_drift)
                .map_or_else(OnDrift::default, Into::into),
            on_new_flow: typed
                .on_new_flow
                .or(file.on_new_flow)
                .map_or_else(OnNewFlow::default, Into::into),
            scope: typed
                .scope
                .or(file.scope)
                .unwrap_or(ScopeChoice::Managed)
                .into(),
            version_policy: typed
                .version_policy
                .or(file.version_policy)
                .map_or_else(VersionPolicy::default, Into::into),
            layout_changes: typed
                .layout_changes
                .or(file.layout_changes)
                .map_or_else(LayoutChanges::default, Into::into),
            max_changes: typed
                .max_changes
                .or(file.max_changes)
                .and_then(|most| usize::try_from(most).ok())
                .unwrap_or(MAX_CHANGES),
            tables: file.tables.clone(),
            accepted: file.accepted.clone(),
        }
    }
}

impl PlatformSettings {
    /// From what was typed and what the file says.
    pub fn resolve(typed: &PlatformArgs, file: &FileSettings) -> Self {
        let paths = ApiPaths::default();
        let path = |typed: &Option<PathTemplate>, default| typed.clone().unwrap_or(default);
        let text = |typed: &Option<String>, default: &str| {
            typed.clone().unwrap_or_else(|| default.to_owned())
        };
        let wait = |typed: Option<Wait>, file: Option<Wait>, default: u64| {
            typed.or(file).unwrap_or(Wait::seconds(default)).0
        };
        Self {
            baseline: typed
                .baseline
                .or(file.baseline)
                .unwrap_or(BaselineChoice::Auto),
            created_by: typed
                .created_by
                .clone()
                .or_else(|| file.created_by.clone())
                .unwrap_or_else(|| "flow-versioner-service".to_owned()),
            request_timeout: wait(typed.request_timeout, file.request_timeout, 30),
            run_deadline: wait(typed.run_deadline, file.run_deadline, 900),
            read_back_deadline: wait(typed.read_back_deadline, file.read_back_deadline, 30),
            ambiguous_read_delays: typed
                .ambiguous_read_delays
                .as_ref()
                .or(file.ambiguous_read_delays.as_ref())
                .map_or_else(
                    || [0, 2, 5, 10, 30].map(Duration::from_secs).to_vec(),
                    |waits| waits.0.clone(),
                ),
            retry_base: wait(typed.retry_base, file.retry_base, 1),
            max_requests_per_second: typed
                .max_requests_per_second
                .or(file.max_requests_per_second)
                .filter(|&requests| requests > 0),
            concurrency: usize::from(typed.concurrency.or(file.concurrency).unwrap_or(4).max(1)),
            verify: typed.verify.or(file.verify).unwrap_or(Verify::Auto),
            server_fields: list(&typed.server_fields, file.server_fields.as_ref(), &[]),
            paths: ApiPaths {
                token: path(&typed.api_token_path, paths.token),
                flow: path(&typed.api_flow_path, paths.flow),
                versions: path(&typed.api_versions_path, paths.versions),
                version: path(&typed.api_version_path, paths.version),
                publish: path(&typed.api_publish_path, paths.publish),
            },
            read_scope: text(&typed.read_scope, "flows:read"),
            deploy_scope: text(&typed.deploy_scope, "flows:read flows:write flows:publish"),
            ca_file: typed.ca_file.clone(),
            webhook_repository: text(&typed.webhook_repository, "cxone-flows"),
            webhook_timeout: wait(typed.webhook_timeout, None, 10),
            audit_file: typed.audit_file.clone(),
            metrics_file: typed.metrics_file.clone(),
        }
    }
}

/// A list that was typed (perhaps in several parts), else the file's, else the default.
fn list(typed: &[List], file: Option<&List>, default: &[&str]) -> Vec<String> {
    typed_list(typed, file).unwrap_or_else(|| default.iter().map(|&text| text.to_owned()).collect())
}

/// A list that was typed (perhaps in several parts), else the file's, else none.
fn typed_list(typed: &[List], file: Option<&List>) -> Option<Vec<String>> {
    if !typed.is_empty() {
        return Some(List::concat(typed.to_vec()).0);
    }
    file.map(|list| list.0.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_beats_the_file_and_the_file_beats_the_default() {
        let file = FileSettings {
            max_version_history: Some(20),
            fail_on: Some(FailOn::Warning),
            ..FileSettings::default()
        };
        let typed = PolicyArgs {
            max_version_history: Some(7),
            ..PolicyArgs::default()
        };
        let settings = PolicySettings::resolve(&typed, &file);
        assert_eq!(settings.max_version_history, 7);
        assert_eq!(settings.fail_on, FailOn::Warning);
        assert_eq!(settings.max_rollback_depth, 3);
        assert_eq!(settings.flows, ["flows/**/*.json"]);
    }
}
