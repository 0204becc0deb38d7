//! Calls to GitHub: what is read, what is waited for, and what is never sent twice.

use flowgate::gate::{HeadRepository, Lookup};
use flowgate::github::{API_VERSION, ErrorKind, Relation, lookup};
use flowgate_core::ids::CommitSha;

use crate::support::github::{ACTIONS_BOT, Fault, File, When, World, connect, sha};

fn commit(name: &str) -> CommitSha {
    sha(name).parse().unwrap()
}

fn files() -> std::collections::BTreeMap<String, File> {
    [("flows/a.json".to_owned(), File::Regular(b"{}".to_vec()))].into()
}

#[tokio::test]
async fn every_request_names_the_token_and_the_api_version_once() {
    let world = World::new().await;
    world.fake.state().open_pull(7, "head");
    world.client.pull_request(7).await.unwrap();
    world.client.create_comment(7, "hello").await.unwrap();
    world.client.update_comment(1000, "bye").await.unwrap();
    world.client.whoami().await.unwrap();
    world.client.delete_comment(1000).await.unwrap();
    let requests = world.fake.requests();
    let methods: Vec<&str> = requests.iter().map(|r| r.method.as_str()).collect();
    assert_eq!(methods, ["GET", "POST", "PATCH", "POST", "DELETE"]);
    for request in &requests {
        for (name, value) in [
            ("x-github-api-version", API_VERSION),
            ("authorization", "Bearer t0ken"),
        ] {
            let all = request.headers.iter().filter(|(n, _)| n == name);
            let all: Vec<&str> = all.map(|(_, v)| v.as_str()).collect();
            assert_eq!(all, [value], "{name} of {request:?}");
        }
    }
}

#[tokio::test]
async fn all_pages_of_the_comments_are_read_from_one_host() {
    let world = World::new().await;
    world.fake.state().open_pull(7, "head");
    for number in 0..250 {
        world
            .fake
            .state()
            .comment(7, ACTIONS_BOT, format!("{number}"));
    }
    let comments = world.client.comments(7).await.unwrap();
    assert_eq!(comments.len(), 250);
    assert_eq!(comments[249].body, "249");
    assert_eq!(
        world.fake.requests().len(),
        3,
        "the pages' own links lead elsewhere and are not followed"
    );
}

#[tokio::test]
async fn a_pull_request_tells_forks_and_lost_repositories() {
    let world = World::new().await;
    for (number, repository, expected) in [
        (1, Some(10), HeadRepository::Same),
        (2, Some(11), HeadRepository::Fork),
        (3, None, HeadRepository::Gone),
    ] {
        world.fake.state().open_pull(number, "head").head_repository = repository;
        let pull = world.client.pull_request(number).await.unwrap();
        assert_eq!(pull.head, expected);
        assert_eq!(pull.head_sha, commit("head"));
    }
}

#[tokio::test]
async fn reads_are_repeated_while_github_is_down_and_writes_are_not() {
    let world = World::new().await;
    world.fake.state().open_pull(7, "head");
    let read = When("GET", "/pulls/7");
    for fault in [Fault::Status(502), Fault::Dropped, Fault::Status(503)] {
        world.fake.fail_next(read, fault);
    }
    assert!(world.client.pull_request(7).await.is_ok());
    assert_eq!(world.waits(), [1, 3, 9]);

    world
        .fake
        .fail_next(When("POST", "/comments"), Fault::Status(502));
    let error = world.client.create_comment(7, "hello").await.unwrap_err();
    assert_eq!(
        (error.kind, error.may_have_happened()),
        (ErrorKind::Server, true)
    );
    assert_eq!(world.fake.writes(), ["POST"]);
}

#[tokio::test]
async fn github_is_given_the_time_that_it_asks_for() {
    let world = World::new().await;
    world.fake.state().open_pull(7, "head");
    let write = When("POST", "/comments");
    world.fake.fail_next(write, Fault::SecondaryLimit(17));
    world.fake.fail_next(write, Fault::TooMany);
    world.fake.fail_next(write, Fault::UsedUp(42));
    world.fake.fail_next(write, Fault::SecondaryLimit(0));
    world.client.create_comment(7, "hello").await.unwrap();
    assert_eq!(world.waits(), [17, 60, 42, 1], "and never nothing at all");
    assert_eq!(world.fake.state().bodies(7), ["hello"]);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_an_error_at_once() {
    let world = World::new().await;
    world
        .fake
        .fail_next(When("GET", "/pulls/7"), Fault::UsedUp(3600));
    let error = world.client.pull_request(7).await.unwrap_err();
    assert!(
        matches!(error.kind, ErrorKind::RateLimited(Some(_))),
        "{error}"
    );
    assert!(world.waits().is_empty());
}

#[tokio::test]
async fn a_missing_right_is_told_with_the_permission_that_is_missing() {
    let world = World::new().await;
    world.fake.state().open_pull(7, "head");
    world.fake.state().may_write = false;
    let error = world.client.create_comment(7, "hello").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not write the comment: GitHub answered 403: Resource not accessible by integration"
    );
    assert_eq!(error.missing_permission(), Some("pull-requests: write"));
    assert!(
        error
            .hint()
            .unwrap()
            .contains("permissions: pull-requests: write")
    );
    assert!(!error.may_have_happened());
}

#[tokio::test]
async fn the_merged_pull_request_of_a_push_is_found_among_the_others() {
    let world = World::new().await;
    let merge = sha("merge");
    {
        let mut state = world.fake.state();
        let pulls: [(u64, &str, bool, &str, u64); 5] = [
            (1, "main", false, "merge", 10), // open, its trial merge happens to be this commit
            (2, "release", true, "merge", 10), // merged elsewhere
            (3, "main", true, "other", 10),  // merged as another commit
            (4, "main", true, "merge", 99),  // of the repository that this one was forked from
            (5, "main", true, "merge", 10),
        ];
        for (number, base, merged, as_commit, repository) in pulls {
            let pull = state.open_pull(number, "head");
            pull.base_ref = base.into();
            pull.base_repository = repository;
            pull.merged = merged;
            pull.merge_commit = Some(sha(as_commit));
            pull.commits = vec![merge.clone()];
        }
    }
    let pushed = commit("merge");
    let look = |branch| lookup(&world.client, &pushed, branch, Some(10));
    assert_eq!(look("main").await, Lookup::Found(5));
    assert_eq!(look("develop").await, Lookup::NotFound);
    assert_eq!(
        world.waits(),
        [1, 2, 4, 8, 15],
        "GitHub learns of a merge up to half a minute later"
    );

    world
        .fake
        .fail_next(When("GET", "/pulls"), Fault::Status(404));
    assert!(
        matches!(look("main").await, Lookup::Failed(_)),
        "not knowing is not none"
    );
}

#[tokio::test]
async fn a_pull_request_that_github_learns_of_late_is_found() {
    let world = World::new().await;
    let merge = commit("merge");
    world.fake.state().open_pull(5, "head");
    world.fake.just_before(When("GET", "page=1"), |_| ());
    world.fake.just_before(When("GET", "page=1"), |state| {
        let pull = state.pulls.get_mut(&5).unwrap();
        pull.merged = true;
        pull.merge_commit = Some(sha("merge"));
        pull.commits.push(sha("merge"));
    });
    let found = lookup(&world.client, &merge, "main", Some(10)).await;
    assert_eq!(found, Lookup::Found(5));
    assert_eq!(world.waits(), [1]);
}

#[tokio::test]
async fn history_tells_ancestors_branches_and_parents() {
    let world = World::new().await;
    {
        let repository = &mut world.fake.state().repository;
        repository.commit("first", &[], &files());
        repository.commit("second", &["first"], &files());
        repository.commit("side", &["first"], &files());
        repository.commit("merge", &["second", "side"], &files());
        repository.branches.insert("team/main".into(), sha("merge"));
    }
    let client = &world.client;
    for (base, head, expected) in [
        ("first", "merge", Relation::Ahead),
        ("merge", "first", Relation::Behind),
        ("side", "second", Relation::Diverged),
        ("side", "side", Relation::Identical),
    ] {
        let relation = client.compare(&commit(base), &commit(head)).await.unwrap();
        assert_eq!(relation, expected, "{base}...{head}");
    }
    assert_eq!(
        client.branch_tip("team/main").await.unwrap(),
        Some(commit("merge"))
    );
    assert_eq!(client.branch_tip("gone").await.unwrap(), None);
    let merge = client.commit(&commit("merge")).await.unwrap();
    assert_eq!(merge.parents, [commit("second"), commit("side")]);
}

#[tokio::test]
async fn the_token_stands_in_no_error_and_no_debug_output() {
    let mut shown = Vec::new();
    for fault in [Fault::Status(401), Fault::Status(422), Fault::Dropped] {
        let world = World::new().await;
        for _ in 0..4 {
            world.fake.fail_next(When("GET", "/pulls/7"), fault);
        }
        let error = world.client.pull_request(7).await.unwrap_err();
        shown.push(format!(
            "{error} {error:?} {:?} {:?}",
            error.hint(),
            world.client
        ));
    }
    for text in shown {
        assert!(!text.contains("t0ken"), "{text}");
    }
}

#[tokio::test]
async fn the_token_is_sent_to_no_plain_address_but_this_machine() {
    for (url, good) in [
        ("https://ghe.example/api/v3", true),
        ("http://localhost:3000", true),
        ("http://ghe.example/api/v3", false),
        ("http://localhost.evil.example", false),
        ("https://me:pw@ghe.example", false),
        ("ghe.example", false),
        ("", false),
    ] {
        assert_eq!(connect(url, "t").is_ok(), good, "{url}");
    }
    for token in ["", "a\nb"] {
        assert!(connect("https://ghe.example", token).is_err(), "{token:?}");
    }
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let error = connect("https://ghe.example", "t").unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not set up the GitHub client: it needs a Tokio runtime"
    );
}

#[tokio::test]
async fn a_renamed_repository_is_followed_on_the_same_host_by_reads_and_writes() {
    let world = World::new().await;
    {
        let mut state = world.fake.state();
        state.open_pull(7, "head");
        state.moved_to = Some(world.fake.api_url());
        for number in 0..150 {
            state.comment(7, ACTIONS_BOT, format!("{number}"));
        }
    }
    let client = &world.client;
    assert_eq!(client.pull_request(7).await.unwrap().number, 7);
    assert_eq!(client.comments(7).await.unwrap().len(), 150, "pages, too");
    let made = client.create_comment(7, "hello").await.unwrap();
    client.update_comment(made.id, "bye").await.unwrap();
    assert_eq!(world.fake.state().bodies(7).last(), Some(&"bye"));
    client.delete_comment(made.id).await.unwrap();
    assert_eq!(world.fake.state().bodies(7).len(), 150);
}

#[tokio::test]
async fn a_token_is_sent_to_no_host_that_a_redirect_names() {
    for elsewhere in [
        "https://elsewhere.example/api/v3",
        "http://127.0.0.1:9/api/v3",
        "http://localhost/api/v3",
    ] {
        let world = World::new().await;
        world.fake.state().open_pull(7, "head");
        world.fake.state().moved_to = Some(elsewhere.to_owned());
        let error = world.client.create_comment(7, "hello").await.unwrap_err();
        assert_eq!((error.kind, error.status), (ErrorKind::Moved, Some(307)));
        let host = elsewhere
            .split('/')
            .nth(2)
            .unwrap()
            .split(':')
            .next()
            .unwrap();
        assert!(error.to_string().contains(host), "{error}");
        assert!(error.hint().unwrap().contains("no other host"));
        assert_eq!(world.fake.requests().len(), 1);
    }
    // Nor is one followed for ever.
    let world = World::new().await;
    let to = world
        .fake
        .api_url()
        .replace("/api/v3", "/api/v3/repos/acme/flows");
    world.fake.state().moved_to = Some(to);
    world.client.pull_request(7).await.unwrap_err();
    assert!(world.fake.requests().len() < 6);
}
