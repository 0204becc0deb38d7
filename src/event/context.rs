//! Where a run stands: the variables that GitHub Actions sets for every event.

use std::path::PathBuf;

use flowgate_core::ids::CommitSha;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::EventError;

const NON_ALPHANUMERIC_BUT_DOTS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');

/// The repository that the workflow runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// `owner/name`.
    pub full_name: String,
    /// GitHub's number for it, which a rename does not change; `None` where neither payload nor environment says.
    pub id: Option<u64>,
    /// The default branch; `None` where the payload does not say.
    pub default_branch: Option<String>,
}

impl Repository {
    /// The part before the slash.
    pub fn owner(&self) -> &str {
        self.full_name
            .split_once('/')
            .map_or("", |(owner, _)| owner)
    }

    /// The part after the slash.
    pub fn name(&self) -> &str {
        self.full_name.split_once('/').map_or("", |(_, name)| name)
    }
}

/// A run of a workflow. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunContext {
    /// The repository.
    pub repository: Repository,
    /// `https://github.com`, or an Enterprise Server.
    pub server_url: String,
    /// `https://api.github.com`, or `https://HOST/api/v3`.
    pub api_url: String,
    /// `https://api.github.com/graphql`, or `https://HOST/api/graphql`.
    pub graphql_url: String,
    /// The run's number, unique on the server.
    pub run_id: u64,
    /// From 1; one more with every "Re-run".
    pub run_attempt: u64,
    /// Who started it.
    pub actor: Option<String>,
    /// The full ref of the run.
    pub reference: Option<String>,
    /// `GITHUB_SHA`: a hint, never what the gate looks at.
    pub sha: Option<CommitSha>,
    /// `GITHUB_WORKSPACE`.
    pub workspace: Option<PathBuf>,
    /// Where outputs are written.
    pub output_path: Option<PathBuf>,
    /// Where the job summary is written.
    pub summary_path: Option<PathBuf>,
    /// Whether there is a token at all; what it may do is found out by using it.
    pub has_token: bool,
    /// The file of the workflow that runs, from the repository's root.
    pub workflow: Option<String>,
    /// Where the Action came from; `None` where it is not told, as with a checkout of it in the workspace.
    pub action: Option<ActionSource>,
}

/// The repository and the revision that a workflow names the Action by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionSource {
    /// `owner/name`.
    pub repository: String,
    /// A commit, tag or branch.
    pub revision: String,
}

impl ActionSource {
    /// From where the runner put the Action: `…/_actions/OWNER/NAME/REVISION`. The variables that should tell it are
    /// empty in a composite action.
    fn at(path: &str) -> Option<Self> {
        let path = path.replace('\\', "/");
        let (_, place) = path.rsplit_once("/_actions/")?;
        let mut parts = place.trim_end_matches('/').splitn(3, '/');
        let (owner, name, revision) = (parts.next()?, parts.next()?, parts.next()?);
        let is_plain = |part: &str| is_part(part) && !part.starts_with('.');
        let is_named = is_plain(owner) && is_plain(name) && revision.split('/').all(is_plain);
        is_named.then(|| Self {
            repository: format!("{owner}/{name}"),
            revision: revision.to_owned(),
        })
    }
}

/// Whether an owner, a repository or a part of a revision may be called so.
fn is_part(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// What a payload says about its repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KnownRepository {
    pub(super) id: Option<u64>,
    pub(super) default_branch: Option<String>,
}

impl RunContext {
    pub(super) fn read<'a>(
        variable: impl Fn(&str) -> Option<&'a str>,
        known: KnownRepository,
    ) -> Result<Self, EventError> {
        let needed = |name: &'static str| variable(name).ok_or(EventError::Missing { name });
        let number = |name: &'static str| {
            needed(name)?.parse().map_err(|_| EventError::Invalid {
                name,
                expected: "a number",
            })
        };
        let full_name = needed("GITHUB_REPOSITORY")?.to_owned();
        if !full_name
            .split_once('/')
            .is_some_and(|(owner, name)| is_part(owner) && is_part(name))
        {
            return Err(EventError::Invalid {
                name: "GITHUB_REPOSITORY",
                expected: "`OWNER/NAME`",
            });
        }
        let url = |name: &str, default: &str| {
            variable(name)
                .unwrap_or(default)
                .trim_end_matches('/')
                .to_owned()
        };
        let api_url = url("GITHUB_API_URL", "https://api.github.com");
        Ok(Self {
            repository: Repository {
                full_name,
                id: variable("GITHUB_REPOSITORY_ID")
                    .and_then(|id| id.parse().ok())
                    .or(known.id),
                default_branch: known.default_branch,
            },
            server_url: url("GITHUB_SERVER_URL", "https://github.com"),
            graphql_url: url("GITHUB_GRAPHQL_URL", &graphql_beside(&api_url)),
            api_url,
            run_id: number("GITHUB_RUN_ID")?,
            run_attempt: match variable("GITHUB_RUN_ATTEMPT") {
                Some(_) => number("GITHUB_RUN_ATTEMPT")?,
                None => 1,
            },
            actor: variable("GITHUB_ACTOR").map(str::to_owned),
            reference: variable("GITHUB_REF").map(str::to_owned),
            sha: variable("GITHUB_SHA").and_then(|sha| sha.parse().ok()),
            workspace: variable("GITHUB_WORKSPACE").map(PathBuf::from),
            output_path: variable("GITHUB_OUTPUT").map(PathBuf::from),
            summary_path: variable("GITHUB_STEP_SUMMARY").map(PathBuf::from),
            has_token: variable("GITHUB_TOKEN").is_some(),
            workflow: variable("GITHUB_WORKFLOW_REF").and_then(workflow_path),
            action: variable("GITHUB_ACTION_PATH").and_then(ActionSource::at),
        })
    }

    /// A page of the documentation that came with the Action, by its path there; `None` where it is not told where the
    /// Action came from. On an Enterprise Server that takes actions from elsewhere the page may not be there.
    pub fn documentation(&self, page: &str) -> Option<String> {
        let action = self.action.as_ref()?;
        let (server, repository, revision) =
            (&self.server_url, &action.repository, &action.revision);
        Some(format!("{server}/{repository}/blob/{revision}/docs/{page}"))
    }

    /// Where it is told how to take a deployment back.
    pub fn rollback_help(&self) -> Option<String> {
        self.documentation("reliability.md#taking-a-version-back")
    }

    /// The page of a workflow by the name of its file: where it is started by hand.
    pub fn workflow_url(&self, name: &str) -> String {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC_BUT_DOTS);
        format!(
            "{}/{}/actions/workflows/{name}",
            self.server_url, self.repository.full_name
        )
    }

    /// The page of this run.
    pub fn run_url(&self) -> String {
        format!(
            "{}/{}/actions/runs/{}/attempts/{}",
            self.server_url, self.repository.full_name, self.run_id, self.run_attempt
        )
    }
}

/// `acme/flows/.github/workflows/flows.yml@refs/heads/main`.
fn workflow_path(reference: &str) -> Option<String> {
    let (path, _) = reference.split_once('@')?;
    let mut parts = path.splitn(3, '/');
    parts.nth(2).map(str::to_owned)
}

/// Enterprise Server has `/api/v3` and `/api/graphql` side by side.
fn graphql_beside(api_url: &str) -> String {
    format!("{}/graphql", api_url.strip_suffix("/v3").unwrap_or(api_url))
}
