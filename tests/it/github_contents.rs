//! Files at a commit through the API: the very bytes, in a handful of calls.

use std::collections::BTreeMap;

use flowgate::github::contents::{Listed, list, read};
use flowgate_core::flow::Content;
use flowgate_core::ids::RepoPath;

use crate::support::github::{Fault, File, When, World, sha};

const LIMIT: u64 = 5_000_000;

fn path(text: &str) -> RepoPath {
    text.parse().unwrap()
}

fn flow(number: usize) -> Vec<u8> {
    format!(
        "{{\"flowId\": \"flow-{number}\", \"note\": \"{}\"}}",
        "é".repeat(900)
    )
    .into_bytes()
}

/// A commit with these files on a fresh GitHub.
async fn world(files: impl IntoIterator<Item = (String, File)>) -> World {
    let world = World::new().await;
    let files: BTreeMap<_, _> = files.into_iter().collect();
    world.fake.state().repository.commit("head", &[], &files);
    world
}

async fn listed(world: &World) -> BTreeMap<RepoPath, Listed> {
    let head = sha("head").parse().unwrap();
    let in_flows = |folder: &str| folder == "flows" || folder.starts_with("flows/");
    list(&world.client, &head, in_flows, |path| {
        path.as_str().starts_with("flows/")
    })
    .await
    .unwrap()
}

async fn contents(world: &World) -> BTreeMap<RepoPath, Content> {
    read(&world.client, &listed(world).await, LIMIT)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_hundred_flows_before_and_after_take_a_handful_of_calls() {
    let files = |shift: usize| -> BTreeMap<String, File> {
        (0..100)
            .map(|n| (format!("flows/{n}.json"), File::Regular(flow(n + shift))))
            .collect()
    };
    let world = World::new().await;
    world
        .fake
        .state()
        .repository
        .commit("base", &[], &files(1000));
    world
        .fake
        .state()
        .repository
        .commit("head", &["base"], &files(0));
    for name in ["base", "head"] {
        let all = |_: &RepoPath| true;
        let found = list(&world.client, &sha(name).parse().unwrap(), |_| true, all)
            .await
            .unwrap();
        let read = read(&world.client, &found, LIMIT).await.unwrap();
        assert_eq!(read.len(), 100);
        let first = if name == "head" { 0 } else { 1000 };
        assert_eq!(read[&path("flows/0.json")], Content::Bytes(flow(first)));
    }
    let calls = world.fake.requests().len();
    assert!(calls <= 5, "{calls} calls");
}

#[tokio::test]
async fn bytes_come_back_as_they_are_whatever_they_are() {
    let large: Vec<u8> = b"{\"a\": 1}\n"
        .iter()
        .copied()
        .cycle()
        .take(1_500_000)
        .collect();
    let files = [
        ("text", b"plain \xc3\xa9\r\n".to_vec()),
        ("latin1", b"caf\xe9".to_vec()),
        ("binary", vec![0, 1, 2, 255]),
        ("empty", Vec::new()),
        ("bom", b"\xef\xbb\xbf{}".to_vec()),
        ("large", large),
    ];
    let of =
        |(name, bytes): &(&str, Vec<u8>)| (format!("flows/{name}"), File::Regular(bytes.clone()));
    let world = world(files.iter().map(of)).await;
    let read = contents(&world).await;
    for (name, bytes) in files {
        assert!(
            read[&path(&format!("flows/{name}"))] == Content::Bytes(bytes),
            "{name}"
        );
    }
}

#[tokio::test]
async fn links_are_not_followed_and_too_large_files_not_read() {
    let world = world([
        ("flows/link".to_owned(), File::Symlink("../secret".into())),
        ("flows/huge".to_owned(), File::Regular(vec![b' '; 2_000])),
        ("secret".to_owned(), File::Regular(b"x".to_vec())),
    ])
    .await;
    let read = read(&world.client, &listed(&world).await, 1_999)
        .await
        .unwrap();
    let expected = BTreeMap::from([
        (path("flows/link"), Content::Symlink),
        (
            path("flows/huge"),
            Content::TooLarge {
                size: 2_000,
                limit: 1_999,
            },
        ),
    ]);
    assert_eq!(read, expected);
    assert_eq!(world.fake.requests().len(), 1, "the list alone");
}

#[tokio::test]
async fn a_tree_that_github_cuts_is_walked_by_the_folders_that_matter() {
    let many = (0..40).flat_map(|n| {
        let file = File::Regular(flow(n));
        [
            (format!("flows/eu/{n}.json"), file.clone()),
            (format!("flows/us/deep/{n}.json"), file.clone()),
            (format!("other/{n}/x"), file),
        ]
    });
    let world = world(many).await;
    let whole = contents(&world).await;
    world.fake.state().tree_limit = 45;
    let before = world.fake.requests().len();
    assert_eq!(contents(&world).await, whole);
    assert_eq!(whole.len(), 80);
    let asked = world.fake.requests().into_iter().skip(before);
    let trees = asked
        .filter(|request| request.path.contains("/git/trees/"))
        .count();
    assert_eq!(
        trees, 6,
        "the root and flows, both in two forms, and the two folders below; `other` not at all"
    );
}

#[tokio::test]
async fn equal_files_are_read_once() {
    let copies = (0..50).map(|n| {
        (
            format!("flows/{n}.json"),
            File::Regular(vec![b' '; 450_000]),
        )
    });
    let world = world(copies).await;
    assert_eq!(contents(&world).await.len(), 50);
    assert_eq!(world.fake.requests().len(), 2);
}

#[tokio::test]
async fn where_graphql_does_not_serve_the_files_come_one_by_one() {
    let world = world((0..3).map(|n| (format!("flows/{n}"), File::Regular(flow(n))))).await;
    world
        .fake
        .fail_next(When("POST", "/graphql"), Fault::Status(403));
    let read = contents(&world).await;
    assert_eq!(read[&path("flows/2")], Content::Bytes(flow(2)));
    assert_eq!(world.fake.requests().len(), 1 + 1 + 3);
}
