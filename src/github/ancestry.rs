//! How commits came to a branch: what lies between two of them, and by which pull requests the changes of a file came.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flowgate_core::ids::{CommitSha, RepoPath};
use serde::Deserialize;
use serde_json::json;

use super::client::Client;
use super::error::{GitHubError, Operation};
use super::wire::{WireGraphPull, WireNodes, WireObject};
use super::{PullRequest, Relation};

/// So many commits of a comparison come in one answer.
const COMMITS_A_PAGE: usize = 250;

/// So many of the last commits that changed a file are asked for.
const COMMITS_A_FILE: usize = 50;

/// How one commit stands to another, and what lies between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// How the second stands to the first.
    pub relation: Relation,
    /// The commits that the second has and the first has not, the oldest first.
    pub commits: Vec<ComparedCommit>,
    /// Whether these are all of them.
    pub is_whole: bool,
}

/// A commit of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedCommit {
    /// Its id.
    pub id: CommitSha,
    /// Its parents, the first one first.
    pub parents: Vec<CommitSha>,
    /// Who made it: the account's name, else the name in the commit (hostile).
    pub author: Option<String>,
}

/// A commit that changed a file, and the pull requests that hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCommit {
    /// Its id.
    pub id: CommitSha,
    /// Who made it: the account's name, else the name in the commit (hostile).
    pub author: Option<String>,
    /// The pull requests that hold it.
    pub pulls: Vec<PullRequest>,
}

/// The last commits that changed a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHistory {
    /// The newest first.
    pub commits: Vec<FileCommit>,
    /// Whether these are all of them.
    pub is_whole: bool,
}

impl Client {
    /// How `head` stands to `base`, with the commits between them (at most 250).
    pub async fn comparison(
        &self,
        base: &CommitSha,
        head: &CommitSha,
    ) -> Result<Comparison, GitHubError> {
        let path = self.route(&format!("compare/{base}...{head}"));
        let wire: WireComparison = self.get(Operation::CompareCommits, &path).await?;
        let is_whole =
            wire.commits.len() < COMMITS_A_PAGE && wire.total_commits <= wire.commits.len();
        Ok(Comparison {
            relation: wire.status,
            commits: wire.commits.into_iter().map(ComparedCommit::from).collect(),
            is_whole,
        })
    }

    /// The pull requests that hold each of these commits, in one call.
    pub async fn pull_requests_of_each(
        &self,
        commits: &[CommitSha],
    ) -> Result<BTreeMap<CommitSha, Vec<PullRequest>>, GitHubError> {
        let mut fields = String::new();
        for (place, commit) in commits.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(
                fields,
                "c{place}: object(oid: \"{commit}\") {{ ... on Commit {{ {PULLS} }} }} "
            );
        }
        let answer: WireRepository<WireAssociatedCommit> = self
            .ask_repository(Operation::FindPullRequests, &fields)
            .await?;
        let mut found = answer.repository.unwrap_or_default();
        let of = |(place, commit): (usize, &CommitSha)| {
            let commit_said = found.remove(&format!("c{place}")).flatten();
            let nodes = commit_said.and_then(|said| said.associated_pull_requests);
            (commit.clone(), pulls(nodes))
        };
        Ok(commits.iter().enumerate().map(of).collect())
    }

    /// The last commits up to `head` that changed each of these files, in one call.
    pub async fn file_histories(
        &self,
        head: &CommitSha,
        paths: &[RepoPath],
    ) -> Result<BTreeMap<RepoPath, FileHistory>, GitHubError> {
        let mut fields = String::new();
        for (place, path) in paths.iter().enumerate() {
            // A JSON string is a GraphQL string. Writing to a String cannot fail.
            let path = serde_json::Value::from(path.as_str());
            let _ = write!(
                fields,
                "f{place}: object(oid: \"{head}\") {{ ... on Commit {{ history(first: {COMMITS_A_FILE}, path: {path}) {{ pageInfo {{ hasNextPage }} nodes {{ oid author {{ name user {{ login }} }} {PULLS} }} }} }} }} "
            );
        }
        let answer: WireRepository<WireWithHistory> = self
            .ask_repository(Operation::FindPullRequests, &fields)
            .await?;
        let mut found = answer.repository.unwrap_or_default();
        let of = |(place, path): (usize, &RepoPath)| {
            let history = found.remove(&format!("f{place}")).flatten()?.history?;
            let commits = history.nodes.into_iter().flatten();
            let history = FileHistory {
                commits: commits.map(FileCommit::from).collect(),
                is_whole: history.page_info.is_some_and(|page| !page.has_next_page),
            };
            Some((path.clone(), history))
        };
        Ok(paths.iter().enumerate().filter_map(of).collect())
    }

    async fn ask_repository<T: for<'de> Deserialize<'de>>(
        &self,
        operation: Operation,
        fields: &str,
    ) -> Result<T, GitHubError> {
        let query = format!(
            "query($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {fields}}} }}"
        );
        let variables = json!({"owner": self.owner, "name": self.name});
        let query = json!({"query": query, "variables": variables});
        self.graph(operation, &query).await
    }
}

/// The pull requests of a commit, as GraphQL is asked for them.
const PULLS: &str = "associatedPullRequests(first: 5) { nodes { number merged headRefOid baseRefName mergeCommit { oid } baseRepository { databaseId } headRepository { databaseId } } }";

#[derive(Deserialize)]
struct WireComparison {
    status: Relation,
    // Older servers leave it out; the list says it then.
    #[serde(default)]
    total_commits: usize,
    #[serde(default)]
    commits: Vec<WireComparedCommit>,
}

#[derive(Deserialize)]
struct WireComparedCommit {
    sha: CommitSha,
    #[serde(default)]
    parents: Vec<WireObject>,
    author: Option<WireLogin>,
    commit: Option<WireCommitWords>,
}

#[derive(Deserialize)]
struct WireLogin {
    login: Option<String>,
}

#[derive(Deserialize)]
struct WireCommitWords {
    author: Option<WireName>,
}

#[derive(Deserialize)]
struct WireName {
    name: Option<String>,
    user: Option<WireLogin>,
}

impl From<WireComparedCommit> for ComparedCommit {
    fn from(wire: WireComparedCommit) -> Self {
        let named = wire.commit.and_then(|commit| commit.author?.name);
        Self {
            id: wire.sha,
            parents: wire.parents.into_iter().map(|parent| parent.sha).collect(),
            author: wire.author.and_then(|author| author.login).or(named),
        }
    }
}

#[derive(Deserialize)]
struct WireRepository<T> {
    repository: Option<BTreeMap<String, Option<T>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireAssociatedCommit {
    associated_pull_requests: Option<WireNodes>,
}

#[derive(Deserialize)]
struct WireWithHistory {
    history: Option<WireHistory>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireHistory {
    page_info: Option<WirePage>,
    #[serde(default)]
    nodes: Vec<Option<WireFileCommit>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePage {
    has_next_page: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireFileCommit {
    oid: CommitSha,
    author: Option<WireName>,
    associated_pull_requests: Option<WireNodes>,
}

impl From<WireFileCommit> for FileCommit {
    fn from(wire: WireFileCommit) -> Self {
        let author = wire.author.and_then(|author| {
            let login = author.user.and_then(|user| user.login);
            login.or(author.name)
        });
        Self {
            id: wire.oid,
            author,
            pulls: pulls(wire.associated_pull_requests),
        }
    }
}

fn pulls(nodes: Option<WireNodes>) -> Vec<PullRequest> {
    let nodes = nodes.map_or_else(Vec::new, |nodes| nodes.nodes);
    nodes
        .into_iter()
        .flatten()
        .map(|pull: WireGraphPull| PullRequest::from(pull))
        .collect()
}
