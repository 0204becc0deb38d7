//! State on disk, starting and stopping.

use std::path::Path;

use flowgate_sandbox::{Config, Fault, Operation, Sandbox, StartError, State};
use tokio::net::TcpStream;

use crate::client::{User, sandbox, version_of};

async fn start_on(data: &Path) -> Result<Sandbox, StartError> {
    let config = Config {
        data: Some(data.to_owned()),
        ..Config::default()
    };
    Sandbox::start(config).await
}

#[tokio::test]
async fn state_outlives_the_sandbox_and_ids_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("made/here");
    let first = start_on(&data).await.unwrap();
    let user = User::log_in(&first).await;
    let body = r#"{"flowId":"a","version":"1.0.0","elements":[{"id":"b","type":"Begin","n":1.10}],"connectors":[]}"#;
    let id = user.post("a/versions", body).await.json()["id"].clone();
    user.publish(id.as_str().unwrap()).await;
    drop(first);

    let second = start_on(&data).await.unwrap();
    let user = User::log_in(&second).await;
    let read = user.get("a").await;
    assert_eq!(read.json()["versionId"], id);
    assert!(read.text().contains("1.10"));
    let mut next = version_of("a", "1.1.0");
    next["elements"][0] = serde_json::json!({"id": "begin", "type": "IVR"});
    next["elements"][2] = serde_json::json!({"id": "b", "type": "Begin"});
    next["connectors"] = serde_json::json!([]);
    let next = user.post("a/versions", &next.to_string()).await;
    assert_eq!(next.json()["id"], "ver-000002", "{}", next.text());
    assert_eq!(next.json()["createdAt"], "2026-01-01T00:00:03.000Z");
}

#[tokio::test]
async fn a_write_is_on_disk_before_its_answer_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = start_on(dir.path()).await.unwrap();
    let user = User::log_in(&sandbox).await;
    sandbox.fail_next(Operation::CreateVersion, Fault::DropAfter);
    let body = version_of("a", "1.0.0").to_string();
    user.try_post("a/versions", &body).await.unwrap_err();
    let on_disk = State::load(dir.path()).unwrap();
    assert_eq!(on_disk.flow("a").unwrap().versions[0].version, "1.0.0");
}

#[tokio::test]
async fn a_disk_that_fails_is_no_success() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let sandbox = start_on(&data).await.unwrap();
    let user = User::log_in(&sandbox).await;
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::write(&data, "in the way").unwrap();
    let body = version_of("a", "1.0.0").to_string();
    let reply = user.post("a/versions", &body).await;
    assert_eq!(reply.status, 500);
    assert_eq!(reply.json()["code"], "STORE_FAILED");
}

#[tokio::test]
async fn a_broken_state_or_a_taken_port_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("state.json"), "{").unwrap();
    let broken = start_on(dir.path()).await;
    assert!(matches!(broken, Err(StartError::Store(_))), "{broken:?}");

    let first = sandbox().await;
    let port = first
        .base_url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let config = Config {
        port,
        ..Config::default()
    };
    let taken = Sandbox::start(config.clone()).await;
    assert!(matches!(taken, Err(StartError::Bind { .. })), "{taken:?}");
    first.shutdown().await;
    assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    Sandbox::start(config).await.unwrap();
}

#[tokio::test]
async fn a_stop_leaves_what_is_held_undone() {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = start_on(dir.path()).await.unwrap();
    let user = User::log_in(&sandbox).await;
    sandbox.fail_next(Operation::CreateVersion, Fault::delay_ms(60_000));
    let body = version_of("a", "1.0.0").to_string();
    let stop = async {
        while sandbox.count(Operation::CreateVersion) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        reply = user.try_post("a/versions", &body) => panic!("{reply:?}"),
        () = stop => {}
    }
    sandbox.shutdown().await;
    assert!(State::load(dir.path()).unwrap().flows.is_empty());
}
