//! What the fake GitHub answers to each request.

use serde_json::{Value, json};

use super::server::{Recorded, Reply};
use super::shapes;
use super::state::{FakeComment, State};

/// GraphQL cuts the text of larger blobs.
const GRAPH_TEXT: usize = 512_000;
const COMMENT_LIMIT: usize = 65_536;

pub(super) fn answer(state: &mut State, request: &Recorded) -> Reply {
    if request.header("authorization") != Some("Bearer t0ken") {
        return Reply::message(401, "Bad credentials");
    }
    if let Some(barrier) = state.barrier
        && (barrier.is_for_reads() || request.is_write())
    {
        return Reply::message(403, barrier.words());
    }
    if request.path == "/api/graphql" {
        return graph(state, &request.body);
    }
    let by_name = request.path.strip_prefix("/api/v3/repos/acme/flows/");
    let by_number = request.path.strip_prefix("/api/v3/repositories/10/");
    if let (Some(path), Some(to)) = (by_name, &state.moved_to) {
        return moved(request, &format!("{to}/repositories/10/{path}"));
    }
    let Some(path) = by_name.or(by_number) else {
        return Reply::message(404, "Not Found");
    };
    let parts: Vec<&str> = path.split('/').collect();
    let number = |text: &str| text.parse::<u64>().unwrap_or(0);
    let found = match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["pulls", pull]) => state.pulls.get_mut(&number(pull)).map(|p| {
            let mut told = p.clone();
            if !p.late_heads.is_empty() {
                told.head = p.late_heads.remove(0);
            }
            Reply::ok(shapes::pull(&told))
        }),
        ("GET", ["commits", commit, "pulls"]) => {
            let listed = state
                .pulls
                .values()
                .filter(|p| p.commits.iter().any(|c| c == commit));
            Some(page(request, listed.map(shapes::listed_pull).collect()))
        }
        ("GET", ["issues", pull, "comments"]) => {
            let of = state.comments.iter().filter(|c| c.pull == number(pull));
            Some(page(request, of.map(shapes::comment).collect()))
        }
        ("GET", ["issues", "comments", id]) => {
            let comment = state.comments.iter().find(|c| c.id == number(id));
            comment.map(|comment| Reply::ok(shapes::comment(comment)))
        }
        ("POST" | "PATCH" | "DELETE", _) if !state.may_write => {
            return Reply::message(403, "Resource not accessible by integration");
        }
        ("POST", ["issues", pull, "comments"]) => create(state, number(pull), &request.body),
        ("PATCH", ["issues", "comments", id]) => update(state, number(id), &request.body),
        ("DELETE", ["issues", "comments", id]) => {
            let place = state.comments.iter().position(|c| c.id == number(id));
            place.map(|place| {
                state.comments.remove(place);
                Reply {
                    status: 204,
                    ..Reply::default()
                }
            })
        }
        ("GET", ["pulls", pull, "files"]) => {
            let files = state.files.get(&number(pull)).cloned().unwrap_or_default();
            let files = files.iter().map(|path| shapes::changed_file(path));
            Some(page(request, files.collect()))
        }
        ("GET", ["pulls", pull, "reviews"]) => {
            let said = state
                .reviews
                .get(&number(pull))
                .cloned()
                .unwrap_or_default();
            let pull = number(pull);
            let said = said
                .iter()
                .map(|(who, what)| shapes::review(pull, who, what));
            Some(page(request, said.collect()))
        }
        ("GET", ["actions", "runs", _]) if !state.may_read_runs => {
            return Reply::message(403, "Resource not accessible by integration");
        }
        ("GET", ["actions", "runs", run]) => {
            let found = state.runs.get(&number(run));
            found.map(|of| Reply::ok(shapes::run(number(run), of)))
        }
        ("GET", ["compare", range]) => compare(state, range),
        ("GET", ["git", "ref", "heads", branch @ ..]) => {
            let tip = state.repository.branches.get(&branch.join("/"));
            tip.map(|sha| Reply::ok(shapes::reference(&branch.join("/"), sha)))
        }
        ("GET", ["git", "commits", commit]) => state
            .repository
            .parents
            .get(*commit)
            .map(|parents| Reply::ok(shapes::git_commit(commit, parents))),
        ("GET", ["git", "trees", tree]) => {
            tree_json(state, tree, request.query.contains("recursive=1"))
        }
        ("GET", ["git", "blobs", blob]) => state.repository.blobs.get(*blob).map(|bytes| {
            assert_eq!(
                request.header("accept"),
                Some("application/vnd.github.raw+json")
            );
            Reply {
                status: 200,
                body: bytes.clone(),
                ..Reply::default()
            }
        }),
        _ => None,
    };
    found.unwrap_or_else(|| Reply::message(404, "Not Found"))
}

/// Where a request has to go that named the repository by its old name; a write is to be sent there as it is.
fn moved(request: &Recorded, to: &str) -> Reply {
    let status = if request.method == "GET" { 301 } else { 307 };
    let query = match request.query.as_str() {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let mut reply = Reply::message(status, "Moved Permanently");
    reply.headers.push(("location", format!("{to}{query}")));
    reply
}

fn body_of(body: &Value) -> Result<String, Reply> {
    let text = body["body"].as_str().unwrap_or_default();
    if text.chars().count() > COMMENT_LIMIT {
        return Err(Reply::message(
            422,
            "Validation Failed: body is too long (maximum is 65536 characters)",
        ));
    }
    Ok(text.to_owned())
}

fn create(state: &mut State, pull: u64, body: &Value) -> Option<Reply> {
    state.pulls.get(&pull)?;
    let body = match body_of(body) {
        Ok(body) => body,
        Err(reply) => return Some(reply),
    };
    let id = state.next_comment;
    state.next_comment += 1;
    let comment = FakeComment {
        id,
        pull,
        author: state.me.clone(),
        body,
        hidden: false,
    };
    let reply = Reply {
        status: 201,
        ..Reply::ok(shapes::comment(&comment))
    };
    state.comments.push(comment);
    Some(reply)
}

fn update(state: &mut State, id: u64, body: &Value) -> Option<Reply> {
    let me = state.me.clone();
    let comment = state.comments.iter_mut().find(|c| c.id == id)?;
    if comment.author != me {
        return Some(Reply::message(
            403,
            "Resource not accessible by integration",
        ));
    }
    match body_of(body) {
        Ok(body) => comment.body = body,
        Err(reply) => return Some(reply),
    }
    Some(Reply::ok(shapes::comment(comment)))
}

fn page(request: &Recorded, all: Vec<Value>) -> Reply {
    let ask = |name: &str, default: usize| {
        let pairs = request
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs
            .into_iter()
            .find(|(n, _)| *n == name)
            .map_or(default, |(_, v)| v.parse().unwrap())
    };
    let (size, page) = (ask("per_page", 30).min(100), ask("page", 1));
    let total = all.len();
    let items: Vec<Value> = all.into_iter().skip((page - 1) * size).take(size).collect();
    let mut reply = Reply::ok(Value::Array(items));
    if page * size < total {
        let next = format!(
            "<https://elsewhere.example/next?page={}>; rel=\"next\"",
            page + 1
        );
        reply.headers.push(("link", next));
    }
    reply
}

fn compare(state: &State, range: &str) -> Option<Reply> {
    let (base, head) = range.split_once("...")?;
    state.repository.parents.get(base)?;
    let (of_head, of_base) = (
        state.repository.ancestors(head),
        state.repository.ancestors(base),
    );
    let missing = |here: &[String], there: &[String]| -> Vec<String> {
        let only = here.iter().filter(|commit| !there.contains(*commit));
        only.rev().cloned().collect()
    };
    let between: Vec<Value> = missing(&of_head, &of_base)
        .iter()
        .map(|sha| shapes::commit(sha, &state.repository.parents[sha]))
        .collect();
    let behind = missing(&of_base, &of_head).len();
    let shared = of_head.iter().find(|commit| of_base.contains(*commit));
    // GitHub answers 404 where the two have nothing in common.
    let comparison = shapes::comparison(base, head, shared?, &between, behind);
    Some(Reply::ok(comparison))
}

fn tree_json(state: &State, id: &str, recursive: bool) -> Option<Reply> {
    let root = state.repository.roots.get(id).map_or(id, String::as_str);
    let mut entries = Vec::new();
    list(state, root, "", recursive, &mut entries)?;
    let truncated = recursive && entries.len() > state.tree_limit;
    if truncated {
        entries.truncate(state.tree_limit);
    }
    Some(Reply::ok(
        json!({"sha": root, "tree": entries, "truncated": truncated}),
    ))
}

fn list(
    state: &State,
    tree: &str,
    folder: &str,
    recursive: bool,
    out: &mut Vec<Value>,
) -> Option<()> {
    for (name, mode, id) in state.repository.trees.get(tree)? {
        let path = format!("{folder}{name}");
        let kind = match *mode {
            "040000" => "tree",
            "160000" => "commit",
            _ => "blob",
        };
        let mut entry = json!({"path": path, "mode": mode, "type": kind, "sha": id});
        if let Some(bytes) = state.repository.blobs.get(id) {
            entry["size"] = json!(bytes.len());
        }
        out.push(entry);
        if recursive && kind == "tree" {
            list(state, id, &format!("{path}/"), recursive, out)?;
        }
    }
    Some(())
}

fn graph(state: &mut State, body: &Value) -> Reply {
    let query = body["query"].as_str().unwrap_or_default();
    if let Some(node) = body["variables"]["id"].as_str() {
        return comment_by_node(state, query, node);
    }
    if query.contains("viewer") {
        return Reply::ok(
            json!({"data": {"viewer": {"login": state.me.login, "databaseId": state.me.id}}}),
        );
    }
    assert_eq!(body["variables"], json!({"owner": "acme", "name": "flows"}));
    if query.contains("history(first:") && state.histories_fail {
        return Reply::ok(json!({"data": null, "errors": [{"message": "Something went wrong"}]}));
    }
    if query.contains("history(first:") {
        return Reply::ok(json!({"data": {"repository": histories(state, query)}}));
    }
    if query.contains("associatedPullRequests") {
        return Reply::ok(json!({"data": {"repository": associated(state, query)}}));
    }
    let mut objects = serde_json::Map::new();
    for field in query.split("object(oid: \"").skip(1).enumerate() {
        let (place, rest) = field;
        let id = rest.split('"').next().unwrap_or_default();
        let blob = state.repository.blobs.get(id).map(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            let binary = bytes.contains(&0);
            let cut: String = text.chars().take(GRAPH_TEXT).collect();
            json!({"text": if binary { Value::Null } else { json!(cut) }, "byteSize": bytes.len(), "isTruncated": cut.len() < text.len()})
        });
        objects.insert(format!("b{place}"), blob.unwrap_or(Value::Null));
    }
    Reply::ok(json!({"data": {"repository": objects}}))
}

/// What REST does not tell of a comment, and cannot change.
fn comment_by_node(state: &mut State, query: &str, node: &str) -> Reply {
    let may_write = state.may_write;
    let mut comments = state.comments.iter_mut();
    let Some(comment) = comments.find(|comment| format!("IC_{}", comment.id) == node) else {
        return Reply::ok(
            json!({"data": null, "errors": [{"type": "NOT_FOUND", "message": "Could not resolve to a node"}]}),
        );
    };
    if !query.starts_with("mutation") {
        return Reply::ok(json!({"data": {"node": {"isMinimized": comment.hidden}}}));
    }
    if !may_write {
        let message = "Resource not accessible by integration";
        return Reply::ok(
            json!({"data": null, "errors": [{"type": "FORBIDDEN", "message": message}]}),
        );
    }
    comment.hidden = query.contains(" minimizeComment(");
    Reply::ok(json!({"data": {"done": {"clientMutationId": null}}}))
}

fn associated(state: &State, query: &str) -> Value {
    let mut commits = serde_json::Map::new();
    for (place, rest) in query.split("object(oid: \"").skip(1).enumerate() {
        let id = rest.split('"').next().unwrap_or_default();
        let nodes = pulls_of(state, id);
        let known = state.repository.parents.contains_key(id);
        commits.insert(
            format!("c{place}"),
            if known {
                json!({"associatedPullRequests": {"nodes": nodes}})
            } else {
                Value::Null
            },
        );
    }
    Value::Object(commits)
}

/// The pull requests that hold a commit, as GraphQL tells them.
fn pulls_of(state: &State, commit: &str) -> Vec<Value> {
    let of = state
        .pulls
        .values()
        .filter(|pull| pull.commits.iter().any(|of_pull| of_pull == commit));
    of.map(|pull| {
        json!({
            "number": pull.number,
            "merged": pull.merged,
            "headRefOid": pull.head,
            "baseRefName": pull.base_ref,
            "mergeCommit": pull.merge_commit.as_ref().map(|oid| json!({"oid": oid})),
            "baseRepository": {"databaseId": pull.base_repository},
            "headRepository": pull.head_repository.map(|id| json!({"databaseId": id})),
        })
    })
    .collect()
}

/// `history(first:, path:)` of commits: a merge that took a file over from one side did not change it.
fn histories(state: &State, query: &str) -> Value {
    let mut found = serde_json::Map::new();
    for (place, rest) in query.split("object(oid: \"").skip(1).enumerate() {
        let head = rest.split('"').next().unwrap_or_default();
        let (_, path) = rest.split_once("path: \"").unwrap();
        let path = path.split('"').next().unwrap_or_default();
        let repository = &state.repository;
        let mut seen = std::collections::BTreeSet::new();
        let mut ancestors = repository.ancestors(head);
        ancestors.retain(|commit| seen.insert(commit.clone()));
        let changed = ancestors.iter().filter(|commit| {
            let here = repository.blob_at(commit, path);
            let parents = &repository.parents[*commit];
            let mut before = parents
                .iter()
                .map(|parent| repository.blob_at(parent, path));
            if parents.is_empty() {
                here.is_some()
            } else {
                before.all(|before| before != here)
            }
        });
        let nodes: Vec<Value> = changed
            .map(|commit| {
                json!({
                    "oid": commit,
                    "author": {"name": "Dana", "user": {"login": "dana"}},
                    "associatedPullRequests": {"nodes": pulls_of(state, commit)},
                })
            })
            .collect();
        let history = json!({"pageInfo": {"hasNextPage": nodes.len() > 50}, "nodes": nodes.iter().take(50).collect::<Vec<_>>()});
        found.insert(format!("f{place}"), json!({"history": history}));
    }
    Value::Object(found)
}
