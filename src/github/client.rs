//! The calls themselves: routes, pages, and when to ask again.

use std::fmt::Write as _;
use std::time::Duration;

use flowgate_core::ids::CommitSha;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::header::LOCATION;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;

use super::error::{ErrorKind, GitHubError, Operation};
use super::pace::{Pace, Timer, limited};
use super::transport::{Accept, Answer, Connection, ConnectionError, Request, Silence, Transport};
use super::wire::{
    WireBlobs, WireComment, WireCommit, WireComparison, WireError, WireFile, WireGraph, WireNode,
    WirePullRequest, WireReference, WireReview, WireRun, WireTree, WireViewer,
};
use super::{Account, Comment, Commit, Depth, ObjectId, PullRequest, Relation, Review, Run, Tree};

/// What stays as it is in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// Ten thousand comments; a list that goes on is not read to its end by anyone.
const MOST_PAGES: usize = 100;
const PAGE: usize = 100;

/// GitHub over HTTP, seen from one repository.
#[derive(Debug)]
pub struct Client {
    transport: Transport,
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) pace: Pace,
    pub(super) timer: Timer,
}

impl Client {
    /// A client for one repository. Must be called on a Tokio runtime.
    pub fn new(connection: &Connection, pace: Pace, timer: Timer) -> Result<Self, ConnectionError> {
        let (owner, name) = connection
            .repository
            .split_once('/')
            .filter(|(owner, name)| !owner.is_empty() && !name.is_empty())
            .ok_or_else(|| ConnectionError::Repository(connection.repository.clone()))?;
        Ok(Self {
            transport: Transport::new(connection)?,
            owner: owner.to_owned(),
            name: name.to_owned(),
            pace,
            timer,
        })
    }

    /// When to ask again what GitHub learns a little later.
    pub(crate) fn settle(&self) -> impl Iterator<Item = Duration> + use<> {
        self.pace.settle.clone().into_iter()
    }

    /// Waits.
    pub(crate) async fn sleep(&self, time: Duration) {
        self.timer.sleep(time).await;
    }

    pub(super) fn route(&self, rest: &str) -> String {
        let part = |text| utf8_percent_encode(text, SEGMENT);
        format!("/repos/{}/{}/{rest}", part(&self.owner), part(&self.name))
    }

    /// Sends a request until there is an answer that counts. What is repeated: anything that GitHub turned away for its
    /// rate or never received; reads also when GitHub is down.
    async fn ask(&self, operation: Operation, request: Request<'_>) -> Result<Answer, GitHubError> {
        let mut down = self.pace.down.iter();
        let mut limit = self.pace.longest_limit;
        loop {
            let error = match self.attempt(operation, request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = match error.kind {
                ErrorKind::RateLimited(asked) => {
                    // A wait of nothing would be a loop without end.
                    let wait = asked
                        .unwrap_or(self.pace.unnamed_limit)
                        .max(Duration::from_secs(1));
                    match limit.checked_sub(wait) {
                        Some(left) => limit = left,
                        None => return Err(error),
                    }
                    tracing::info!(seconds = wait.as_secs(), "GitHub asks to wait");
                    wait
                }
                ErrorKind::Server | ErrorKind::Lost if operation.is_write() => return Err(error),
                ErrorKind::Server | ErrorKind::Lost | ErrorKind::Unreachable => match down.next() {
                    Some(wait) => *wait,
                    None => return Err(error),
                },
                _ => return Err(error),
            };
            self.timer.sleep(wait).await;
        }
    }

    async fn attempt(
        &self,
        operation: Operation,
        request: Request<'_>,
    ) -> Result<Answer, GitHubError> {
        let failed = |kind, status, said| GitHubError {
            operation,
            kind,
            status,
            said,
        };
        let answer = match self.transport.send(request).await {
            Ok(answer) => answer,
            Err(Silence::NotSent(said)) => return Err(failed(ErrorKind::Unreachable, None, said)),
            Err(Silence::Lost(said)) => return Err(failed(ErrorKind::Lost, None, said)),
        };
        let status = answer.status;
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let mut said = WireError::words(&answer.body);
        if let (300..=399, Some(to)) = (status, answer.headers.get(LOCATION)) {
            let to = to.to_str().ok().and_then(|to| Url::parse(to).ok());
            let host = to.as_ref().and_then(Url::host_str);
            let _infallible = write!(said, " (to {})", host.unwrap_or("an address that is none"));
        }
        let kind = match limited(status, &answer.headers, &said, self.timer.now()) {
            Some(kind) => kind,
            None => match status {
                401 => ErrorKind::Unauthorized,
                403 => ErrorKind::Forbidden,
                404 => ErrorKind::NotFound,
                300..=399 => ErrorKind::Moved,
                408 | 500.. => ErrorKind::Server,
                _ => ErrorKind::Refused,
            },
        };
        Err(failed(kind, Some(status), said))
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        operation: Operation,
        path: &str,
    ) -> Result<T, GitHubError> {
        let request = Request::Get(path, Accept::Json);
        parse(operation, &self.ask(operation, request).await?)
    }

    async fn pages<T: DeserializeOwned>(
        &self,
        operation: Operation,
        path: &str,
    ) -> Result<Vec<T>, GitHubError> {
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let path = format!("{path}?per_page={PAGE}&page={page}");
            let answer = self
                .ask(operation, Request::Get(&path, Accept::Json))
                .await?;
            let items: Vec<T> = parse(operation, &answer)?;
            // The addresses in `Link` are not followed, so the token goes nowhere else; a proxy may drop the header.
            let more = match answer.headers.get("link") {
                Some(link) => link
                    .to_str()
                    .is_ok_and(|link| link.contains("rel=\"next\"")),
                None => items.len() >= PAGE,
            };
            all.extend(items);
            if !more {
                return Ok(all);
            }
        }
        Err(GitHubError {
            operation,
            kind: ErrorKind::Malformed,
            status: None,
            said: format!("the list goes on after {MOST_PAGES} pages"),
        })
    }

    pub(super) async fn graph<T: DeserializeOwned>(
        &self,
        operation: Operation,
        query: &serde_json::Value,
    ) -> Result<T, GitHubError> {
        let answer = self.ask(operation, Request::GraphQl(query)).await?;
        let graph: WireGraph<T> = parse(operation, &answer)?;
        let WireGraph { data, errors } = graph;
        data.ok_or_else(|| {
            let error = errors.into_iter().next();
            let (kind, said) = error.map(|e| (e.kind, e.message)).unwrap_or_default();
            GitHubError {
                operation,
                kind: match kind.as_deref() {
                    Some("FORBIDDEN") => ErrorKind::Forbidden,
                    Some("NOT_FOUND") => ErrorKind::NotFound,
                    Some("RATE_LIMITED") => ErrorKind::RateLimited(None),
                    _ => ErrorKind::Refused,
                },
                status: Some(answer.status),
                said: said.unwrap_or_default(),
            }
        })
    }
}

fn parse<T: DeserializeOwned>(operation: Operation, answer: &Answer) -> Result<T, GitHubError> {
    serde_json::from_slice(&answer.body).map_err(|error| GitHubError {
        operation,
        kind: ErrorKind::Malformed,
        status: Some(answer.status),
        said: format!("what it said cannot be understood ({error})"),
    })
}

/// Makes "not there" a value.
fn if_there<T>(result: Result<T, GitHubError>) -> Result<Option<T>, GitHubError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Client {
    /// Whose token this is.
    pub async fn whoami(&self) -> Result<Account, GitHubError> {
        // GET /user refuses the tokens of apps, the job's own among them; this does not.
        let query = json!({"query": "query { viewer { login databaseId } }"});
        let asked = self.graph(Operation::WhoAmI, &query).await;
        match asked.map(|answer: WireViewer| answer.viewer) {
            Ok(viewer) => Ok(Account {
                login: viewer.login,
                id: viewer.database_id,
            }),
            Err(error) if matches!(error.kind, ErrorKind::Forbidden | ErrorKind::NotFound) => {
                Ok(Account::actions_bot())
            }
            Err(error) => Err(error),
        }
    }

    /// One pull request.
    pub async fn pull_request(&self, number: u64) -> Result<PullRequest, GitHubError> {
        let path = self.route(&format!("pulls/{number}"));
        let wire: WirePullRequest = self.get(Operation::ReadPullRequest, &path).await?;
        Ok(wire.into())
    }

    /// GitHub's trial merge of a pull request whose head is this commit; `None` where it has none. GitHub makes it a moment
    /// after the head or the base branch has moved, so one that is not there yet is asked for again.
    pub async fn trial_merge(
        &self,
        number: u64,
        head: &CommitSha,
    ) -> Result<Option<CommitSha>, GitHubError> {
        let mut waits = self.pace.trial.iter();
        loop {
            let pull = self.pull_request(number).await?;
            if pull.head_sha != *head || pull.mergeable == Some(false) {
                return Ok(None);
            }
            if pull.mergeable == Some(true) {
                return Ok(pull.merge_commit);
            }
            match waits.next() {
                Some(wait) => self.timer.sleep(*wait).await,
                None => return Ok(pull.merge_commit),
            }
        }
    }

    /// The pull requests that hold a commit.
    pub async fn pull_requests_of(
        &self,
        commit: &CommitSha,
    ) -> Result<Vec<PullRequest>, GitHubError> {
        let path = self.route(&format!("commits/{commit}/pulls"));
        let wire: Vec<WirePullRequest> = self.pages(Operation::FindPullRequests, &path).await?;
        Ok(wire.into_iter().map(PullRequest::from).collect())
    }

    /// All comments of a pull request, the oldest first.
    pub async fn comments(&self, pull: u64) -> Result<Vec<Comment>, GitHubError> {
        let path = self.route(&format!("issues/{pull}/comments"));
        let wire: Vec<WireComment> = self.pages(Operation::ListComments, &path).await?;
        Ok(wire.into_iter().map(Comment::from).collect())
    }

    /// One comment; `None` where it is gone.
    pub async fn comment(&self, id: u64) -> Result<Option<Comment>, GitHubError> {
        let path = self.route(&format!("issues/comments/{id}"));
        let wire = self.get::<WireComment>(Operation::ReadComment, &path).await;
        Ok(if_there(wire)?.map(Comment::from))
    }

    /// Writes a new comment. See [`GitHubError::may_have_happened`].
    pub async fn create_comment(&self, pull: u64, body: &str) -> Result<Comment, GitHubError> {
        let path = self.route(&format!("issues/{pull}/comments"));
        let (operation, body) = (Operation::CreateComment, json!({"body": body}));
        let answer = self.ask(operation, Request::Post(&path, &body)).await?;
        parse::<WireComment>(operation, &answer).map(Comment::from)
    }

    /// Writes a comment anew. See [`GitHubError::may_have_happened`].
    pub async fn update_comment(&self, id: u64, body: &str) -> Result<Comment, GitHubError> {
        let path = self.route(&format!("issues/comments/{id}"));
        let (operation, body) = (Operation::UpdateComment, json!({"body": body}));
        let answer = self.ask(operation, Request::Patch(&path, &body)).await?;
        parse::<WireComment>(operation, &answer).map(Comment::from)
    }

    /// Takes a comment away; one that is gone already is fine.
    pub async fn delete_comment(&self, id: u64) -> Result<(), GitHubError> {
        let path = self.route(&format!("issues/comments/{id}"));
        let deleted = self.ask(Operation::DeleteComment, Request::Delete(&path));
        if_there(deleted.await).map(|_| ())
    }

    /// Whether somebody hid a comment.
    pub async fn is_hidden(&self, comment: &Comment) -> Result<bool, GitHubError> {
        let query = json!({
            "query": "query($id: ID!) { node(id: $id) { ... on IssueComment { isMinimized } } }",
            "variables": {"id": comment.node},
        });
        let answer: WireNode = self.graph(Operation::ReadComment, &query).await?;
        let hidden = answer.node.and_then(|node| node.is_minimized);
        Ok(hidden.unwrap_or(false))
    }

    /// Hides a comment as outdated: a click shows it.
    pub async fn hide(&self, comment: &Comment) -> Result<(), GitHubError> {
        let query = "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { clientMutationId } }";
        self.mutate(comment, query).await
    }

    /// Shows a comment again that somebody hid.
    pub async fn show(&self, comment: &Comment) -> Result<(), GitHubError> {
        let query = "mutation($id: ID!) { unminimizeComment(input: {subjectId: $id}) { clientMutationId } }";
        self.mutate(comment, query).await
    }

    async fn mutate(&self, comment: &Comment, query: &str) -> Result<(), GitHubError> {
        let query = json!({"query": query, "variables": {"id": comment.node}});
        let done: Result<serde_json::Value, _> = self.graph(Operation::HideComment, &query).await;
        done.map(|_| ())
    }

    /// How `head` stands to `base`: [`Relation::Ahead`] means that `base` is an ancestor of it.
    pub async fn compare(
        &self,
        base: &CommitSha,
        head: &CommitSha,
    ) -> Result<Relation, GitHubError> {
        // The relation alone is wanted, not the list of commits.
        let path = self.route(&format!("compare/{base}...{head}?per_page=1"));
        let wire: WireComparison = self.get(Operation::CompareCommits, &path).await?;
        Ok(wire.status)
    }

    /// Where two commits parted; `None` where they have nothing in common.
    pub async fn merge_base(
        &self,
        one: &CommitSha,
        two: &CommitSha,
    ) -> Result<Option<CommitSha>, GitHubError> {
        let path = self.route(&format!("compare/{one}...{two}?per_page=1"));
        let wire = self
            .get::<WireComparison>(Operation::CompareCommits, &path)
            .await;
        Ok(if_there(wire)?.map(|wire| wire.merge_base_commit.sha))
    }

    /// The paths that a pull request changes, those of before a rename among them.
    pub async fn files_of(&self, pull: u64) -> Result<Vec<String>, GitHubError> {
        let path = self.route(&format!("pulls/{pull}/files"));
        let wire: Vec<WireFile> = self.pages(Operation::ListFiles, &path).await?;
        Ok(wire.into_iter().flat_map(WireFile::paths).collect())
    }

    /// What was said about a pull request, the oldest first.
    pub async fn reviews(&self, pull: u64) -> Result<Vec<Review>, GitHubError> {
        let path = self.route(&format!("pulls/{pull}/reviews"));
        let wire: Vec<WireReview> = self.pages(Operation::ListReviews, &path).await?;
        Ok(wire.into_iter().map(Review::from).collect())
    }

    /// Where a branch stands (`main`, not `refs/heads/main`); `None` where there is none.
    pub async fn branch_tip(&self, branch: &str) -> Result<Option<CommitSha>, GitHubError> {
        const REFERENCE: &AsciiSet = &SEGMENT.remove(b'/');
        let branch = utf8_percent_encode(branch, REFERENCE);
        let path = self.route(&format!("git/ref/heads/{branch}"));
        let wire = self
            .get::<WireReference>(Operation::ReadBranch, &path)
            .await;
        Ok(if_there(wire)?.map(|reference| reference.object.sha))
    }

    /// A run of a workflow of this repository; `None` where there is none of this number.
    pub async fn run(&self, number: u64) -> Result<Option<Run>, GitHubError> {
        let path = self.route(&format!("actions/runs/{number}"));
        let wire = self.get::<WireRun>(Operation::ReadRun, &path).await;
        Ok(if_there(wire)?.map(Run::from))
    }

    /// One commit and its parents.
    pub async fn commit(&self, commit: &CommitSha) -> Result<Commit, GitHubError> {
        let path = self.route(&format!("git/commits/{commit}"));
        let wire: WireCommit = self.get(Operation::ReadCommit, &path).await?;
        Ok(wire.into())
    }

    /// A tree, by its own id or its commit's.
    pub async fn tree(&self, id: &ObjectId, depth: Depth) -> Result<Tree, GitHubError> {
        let query = match depth {
            Depth::Flat => "",
            Depth::Recursive => "?recursive=1",
        };
        let path = self.route(&format!("git/trees/{}{query}", id.as_str()));
        let wire: WireTree = self.get(Operation::ReadTree, &path).await?;
        Ok(wire.into())
    }

    /// The bytes of one blob.
    pub async fn blob(&self, id: &ObjectId) -> Result<Vec<u8>, GitHubError> {
        let path = self.route(&format!("git/blobs/{}", id.as_str()));
        let request = Request::Get(&path, Accept::Raw);
        Ok(self.ask(Operation::ReadBlob, request).await?.body)
    }

    /// Many blobs in one call, in the order of the ids; `None` where this call cannot give the exact bytes.
    pub async fn blobs(&self, ids: &[ObjectId]) -> Result<Vec<Option<Vec<u8>>>, GitHubError> {
        let mut fields = String::new();
        for (place, id) in ids.iter().enumerate() {
            // Hexadecimal digits alone: nothing to escape. Writing to a String cannot fail.
            let _ = write!(
                fields,
                "b{place}: object(oid: \"{}\") {{ ... on Blob {{ text byteSize }} }} ",
                id.as_str()
            );
        }
        let query = format!(
            "query($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {fields}}} }}"
        );
        let variables = json!({"owner": self.owner, "name": self.name});
        let query = json!({"query": query, "variables": variables});
        let answer: WireBlobs = self.graph(Operation::ReadBlob, &query).await?;
        let mut found = answer.repository.unwrap_or_default();
        Ok((0..ids.len())
            .map(|place| found.remove(&format!("b{place}")).flatten()?.exact())
            .collect())
    }
}
