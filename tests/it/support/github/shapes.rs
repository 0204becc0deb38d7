//! GitHub's objects with every field that its published description requires, though the program looks at few of them:
//! so the conformance suite can hold the fake's answers to that description.

use serde_json::{Map, Value, json};

use super::state::{FakeComment, FakePull, FakeRun};

const API: &str = "https://api.github.com";
const WEB: &str = "https://github.com/acme/flows";
const AT: &str = "2026-11-22T10:00:00Z";

/// Adds `NAME_url` members below a base address.
fn urls(object: &mut Map<String, Value>, base: &str, names: &[&str]) {
    for name in names {
        object.insert(format!("{name}_url"), json!(format!("{base}/{name}")));
    }
}

fn object(mut json: Value) -> Map<String, Value> {
    std::mem::take(json.as_object_mut().unwrap())
}

pub(super) fn user(login: &str, id: Option<u64>) -> Value {
    let mut user = object(json!({
        "login": login, "id": id.unwrap_or(1), "node_id": "U_1", "gravatar_id": null, "site_admin": false,
        "type": if login.ends_with("[bot]") { "Bot" } else { "User" }, "url": format!("{API}/user/1"),
    }));
    urls(
        &mut user,
        API,
        &[
            "avatar",
            "events",
            "followers",
            "following",
            "gists",
            "html",
            "organizations",
            "received_events",
            "repos",
            "starred",
            "subscriptions",
        ],
    );
    Value::Object(user)
}

fn repository(id: u64) -> Value {
    let mut repository = object(json!({
        "id": id, "node_id": "R_1", "name": "flows", "full_name": "acme/flows", "owner": user("acme", Some(5)),
        "private": true, "description": null, "fork": false, "url": format!("{API}/repos/acme/flows"),
        "default_branch": "main", "forks": 0, "forks_count": 0, "has_downloads": true, "has_issues": true,
        "has_projects": true, "has_wiki": true, "has_pages": false, "homepage": null, "language": null,
        "archived": false, "disabled": false, "mirror_url": null, "open_issues": 0, "open_issues_count": 0,
        "license": null, "pushed_at": AT, "size": 1, "stargazers_count": 0, "watchers": 0, "watchers_count": 0,
        "created_at": AT, "updated_at": AT,
    }));
    urls(
        &mut repository,
        &format!("{API}/repos/acme/flows"),
        &[
            "archive",
            "assignees",
            "blobs",
            "branches",
            "clone",
            "collaborators",
            "comments",
            "commits",
            "compare",
            "contents",
            "contributors",
            "deployments",
            "downloads",
            "events",
            "forks",
            "git",
            "git_commits",
            "git_refs",
            "git_tags",
            "hooks",
            "html",
            "issue_comment",
            "issue_events",
            "issues",
            "keys",
            "labels",
            "languages",
            "merges",
            "milestones",
            "notifications",
            "pulls",
            "releases",
            "ssh",
            "stargazers",
            "statuses",
            "subscribers",
            "subscription",
            "svn",
            "tags",
            "teams",
            "trees",
        ],
    );
    Value::Object(repository)
}

fn side(reference: &str, sha: &str, repository_id: Option<u64>) -> Value {
    json!({
        "label": format!("acme:{reference}"), "ref": reference, "sha": sha, "user": user("acme", Some(5)),
        "repo": repository_id.map(repository),
    })
}

/// A pull request as a list shows it.
pub(super) fn listed_pull(pull: &FakePull) -> Value {
    let url = format!("{API}/repos/acme/flows/pulls/{}", pull.number);
    let links = [
        "comments",
        "commits",
        "statuses",
        "html",
        "issue",
        "review_comments",
        "review_comment",
        "self",
    ];
    let links: Map<String, Value> = links
        .iter()
        .map(|name| ((*name).to_owned(), json!({"href": format!("{url}/{name}")})))
        .collect();
    let mut listed = object(json!({
        "id": 1000 + pull.number, "node_id": "PR_1", "number": pull.number, "url": url,
        "state": if pull.merged { "closed" } else { "open" }, "locked": false, "title": "A change", "body": null,
        "user": user("dana", Some(7)), "author_association": "MEMBER", "assignee": null, "assignees": [],
        "requested_reviewers": [], "requested_teams": [], "labels": [], "milestone": null, "auto_merge": null,
        "draft": false, "created_at": AT, "updated_at": AT, "closed_at": pull.merged.then_some(AT),
        "merged_at": pull.merged.then_some(AT), "merge_commit_sha": pull.merge_commit, "_links": links,
        "head": side("topic", &pull.head, pull.head_repository),
        "base": side(&pull.base_ref, &pull.head, Some(pull.base_repository)),
    }));
    urls(
        &mut listed,
        &format!("{WEB}/pull/{}", pull.number),
        &[
            "comments",
            "commits",
            "diff",
            "html",
            "issue",
            "patch",
            "review_comment",
            "review_comments",
            "statuses",
        ],
    );
    Value::Object(listed)
}

/// A pull request by itself.
pub(super) fn pull(pull: &FakePull) -> Value {
    let mut whole = object(listed_pull(pull));
    whole.extend(object(json!({
        "merged": pull.merged, "merged_by": null, "mergeable": pull.mergeable, "mergeable_state": "unknown", "rebaseable": null,
        "additions": 1, "deletions": 0, "changed_files": 1, "comments": 0, "commits": 1, "review_comments": 0,
        "maintainer_can_modify": false,
    })));
    Value::Object(whole)
}

pub(super) fn comment(comment: &FakeComment) -> Value {
    let FakeComment {
        id,
        pull,
        author,
        body,
        hidden: _,
    } = comment;
    json!({
        "id": id, "node_id": format!("IC_{id}"), "body": body, "url": format!("{API}/repos/acme/flows/issues/comments/{id}"),
        "html_url": format!("{WEB}/pull/{pull}#issuecomment-{id}"),
        "issue_url": format!("{API}/repos/acme/flows/issues/{pull}"),
        "user": user(&author.login, author.id), "author_association": "NONE", "created_at": AT, "updated_at": AT,
    })
}

/// A run of a workflow.
pub(super) fn run(number: u64, run: &FakeRun) -> Value {
    let url = format!("{API}/repos/acme/flows/actions/runs/{number}");
    let mut shown = object(json!({
        "id": number, "node_id": "WFR_1", "name": "Flows", "head_branch": "topic", "head_sha": run.head,
        "path": run.workflow, "display_title": "A change", "run_number": number, "run_attempt": run.attempt,
        "event": run.event, "status": "in_progress", "conclusion": null, "workflow_id": 3, "url": url,
        "html_url": format!("{WEB}/actions/runs/{number}"), "pull_requests": [], "created_at": AT, "updated_at": AT,
        "head_commit": {
            "id": run.head, "tree_id": run.head, "message": "a commit", "timestamp": AT,
            "author": {"name": "Dana", "email": "dana@example.com"},
            "committer": {"name": "Dana", "email": "dana@example.com"},
        },
        "repository": repository(10), "head_repository": repository(10),
    }));
    let pages = [
        "jobs",
        "logs",
        "check_suite",
        "artifacts",
        "cancel",
        "rerun",
        "workflow",
    ];
    urls(&mut shown, &url, &pages);
    Value::Object(shown)
}

fn parent(sha: &str) -> Value {
    json!({"sha": sha, "url": format!("{API}/repos/acme/flows/commits/{sha}"), "html_url": format!("{WEB}/commit/{sha}")})
}

/// A commit of the repository, as comparisons show it.
pub(super) fn commit(sha: &str, parents: &[String]) -> Value {
    let who = json!({"name": "Dana", "email": "dana@example.com", "date": AT});
    let url = format!("{API}/repos/acme/flows/commits/{sha}");
    json!({
        "sha": sha, "node_id": "C_1", "url": url, "html_url": format!("{WEB}/commit/{sha}"),
        "comments_url": format!("{url}/comments"), "author": null, "committer": null,
        "parents": parents.iter().map(|sha| parent(sha)).collect::<Vec<_>>(),
        "commit": {
            "url": url, "author": who, "committer": who, "message": "a commit", "comment_count": 0,
            "tree": {"sha": sha, "url": url},
        },
    })
}

/// A commit of the git database.
pub(super) fn git_commit(sha: &str, parents: &[String]) -> Value {
    let who = json!({"name": "Dana", "email": "dana@example.com", "date": AT});
    let url = format!("{API}/repos/acme/flows/git/commits/{sha}");
    json!({
        "sha": sha, "node_id": "C_1", "url": url, "html_url": format!("{WEB}/commit/{sha}"),
        "author": who, "committer": who, "message": "a commit", "tree": {"sha": sha, "url": url},
        "parents": parents.iter().map(|sha| parent(sha)).collect::<Vec<_>>(),
        "verification": {"verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null},
    })
}

pub(super) fn reference(branch: &str, sha: &str) -> Value {
    json!({
        "ref": format!("refs/heads/{branch}"), "node_id": "REF_1",
        "url": format!("{API}/repos/acme/flows/git/refs/heads/{branch}"),
        "object": {"type": "commit", "sha": sha, "url": format!("{API}/repos/acme/flows/git/commits/{sha}")},
    })
}

/// How `head` stands to `base`; `between` are the commits that it has more, the oldest first.
pub(super) fn comparison(
    base: &str,
    head: &str,
    merge_base: &str,
    between: &[Value],
    behind: usize,
) -> Value {
    let status = match (between.len(), behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let url = format!("{API}/repos/acme/flows/compare/{base}...{head}");
    json!({
        "url": url, "html_url": url, "permalink_url": url, "diff_url": url, "patch_url": url, "status": status,
        "ahead_by": between.len(), "behind_by": behind, "total_commits": between.len(), "commits": between,
        "base_commit": commit(base, &[]), "merge_base_commit": commit(merge_base, &[]), "files": [],
    })
}

/// A file that a pull request changes.
pub(super) fn changed_file(path: &str) -> Value {
    let sha = "0".repeat(40);
    json!({
        "sha": sha, "filename": path, "status": "modified", "additions": 1, "deletions": 1, "changes": 2,
        "blob_url": format!("{WEB}/blob/{sha}/file"), "raw_url": format!("{WEB}/raw/{sha}/file"),
        "contents_url": format!("{API}/repos/acme/flows/contents/file?ref={sha}"),
    })
}

/// What somebody said about a pull request.
pub(super) fn review(pull: u64, who: &str, state: &str) -> Value {
    let (page, url) = (
        format!("{WEB}/pull/{pull}#pullrequestreview-1"),
        format!("{API}/repos/acme/flows/pulls/{pull}"),
    );
    json!({
        "id": 1, "node_id": "PRR_1", "user": user(who, Some(7)), "body": "", "state": state, "html_url": page,
        "pull_request_url": url, "author_association": "MEMBER", "submitted_at": AT, "commit_id": "0".repeat(40),
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
    })
}
