//! Delays, pauses with files, edits in the console at a chosen moment, revoked tokens.

use std::path::Path;
use std::time::{Duration, Instant};

use flowgate_sandbox::{
    ConsoleEdit, Delay, Fault, Moment, Operation, Outcome, Pause, Position, Sandbox,
};
use serde_json::value::RawValue;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::client::{User, sandbox, version_of};

async fn until(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "it never happened"
        );
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn versions(sandbox: &Sandbox) -> usize {
    sandbox
        .state()
        .flow("a")
        .map_or(0, |flow| flow.versions.len())
}

fn pause(at: Position, dir: &Path) -> Fault {
    Fault::Pause(Pause {
        at,
        touch: Some(dir.join("touched")),
        until: Some(dir.join("go-on")),
        ms: None,
    })
}

#[tokio::test]
async fn a_pause_opens_a_window_before_and_after_the_change() {
    for (position, stored) in [(Position::Received, 0), (Position::Committed, 1)] {
        let dir = tempfile::tempdir().unwrap();
        let sandbox = sandbox().await;
        let user = User::log_in(&sandbox).await;
        sandbox.fail_next(Operation::CreateVersion, pause(position, dir.path()));
        let in_the_window = async {
            until(|| dir.path().join("touched").exists()).await;
            assert_eq!(versions(&sandbox), stored);
            assert_eq!(sandbox.requests()[1].outcome, Outcome::Pending);
            std::fs::write(dir.path().join("go-on"), "").unwrap();
        };
        let (id, ()) = tokio::join!(user.create("1.0.0"), in_the_window);
        assert_eq!(id, "ver-000001");
        let line = std::fs::read_to_string(dir.path().join("touched")).unwrap();
        assert_eq!(line, "createVersion a\n");
    }
}

#[tokio::test]
async fn a_pause_after_the_answer_only_tells() {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    sandbox.fail_next(
        Operation::CreateVersion,
        pause(Position::Answered, dir.path()),
    );
    user.create("1.0.0").await;
    until(|| dir.path().join("touched").exists()).await;
}

#[tokio::test]
async fn a_pause_ends_after_its_time() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    sandbox.fail_next(
        Operation::ReadFlow,
        Fault::Pause(Pause {
            ms: Some(50),
            until: Some("/nowhere/at/all".into()),
            ..Pause::default()
        }),
    );
    let start = Instant::now();
    assert_eq!(user.get("a").await.status, 404);
    assert!(start.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_file_that_cannot_be_touched_is_said_aloud() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let nowhere = Path::new("/nowhere/at/all");
    sandbox.fail_next(Operation::CreateVersion, pause(Position::Received, nowhere));
    let reply = user
        .post("a/versions", &version_of("a", "1.0.0").to_string())
        .await;
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("/nowhere/at/all/touched"));
    assert_eq!(versions(&sandbox), 0);
}

#[tokio::test]
async fn a_slow_write_happens_although_the_client_has_left() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    sandbox.fail_next(Operation::CreateVersion, Fault::delay_ms(500));
    let body = version_of("a", "1.0.0").to_string();
    let request = format!(
        "POST /api/v2/flows/a/versions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        user.token,
        body.len()
    );
    let address = sandbox.base_url().replace("http://", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    until(|| sandbox.count(Operation::CreateVersion) == 1).await;
    drop(stream);
    assert_eq!(versions(&sandbox), 0);
    until(|| versions(&sandbox) == 1).await;
}

#[tokio::test]
async fn a_slow_answer_comes_after_the_change() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    sandbox.fail_next(
        Operation::CreateVersion,
        Fault::Delay(Delay {
            ms: 100,
            at: Moment::Committed,
        }),
    );
    let start = Instant::now();
    user.create("1.0.0").await;
    assert!(start.elapsed() >= Duration::from_millis(100));
}

#[tokio::test]
async fn somebody_edits_between_the_look_and_the_answer() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let flow = r#"{"flowId": "a", "elements": [], "connectors": []}"#;
    sandbox.seed_published(flow, "1.0.0").unwrap();
    let edit = ConsoleEdit {
        at: Moment::Committed,
        flow: RawValue::from_string(flow.to_owned()).unwrap(),
    };
    sandbox.fail_next(Operation::ReadFlow, Fault::ConsoleEdit(edit));
    assert_eq!(user.get("a").await.json()["version"], "1.0.0");
    assert_eq!(user.get("a").await.json()["version"], "1.0.1");
}

#[tokio::test]
async fn a_token_can_die_in_the_middle_of_a_run() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    sandbox.fail_next(Operation::ReadFlow, Fault::RevokeTokens);
    assert_eq!(user.get("a").await.status, 401);
    assert_eq!(user.get("a").await.status, 401);
    let user = User::log_in(&sandbox).await;
    assert_eq!(user.get("a").await.status, 404);
}

#[tokio::test]
async fn faults_hit_connections_that_are_kept_open_too() {
    let sandbox = sandbox().await;
    let address = sandbox.base_url().replace("http://", "");
    let mut stream = TcpStream::connect(address).await.unwrap();
    sandbox.fail_next(Operation::ReadFlow, Fault::status(418));
    sandbox.fail_next(Operation::ReadFlow, Fault::DropBefore);
    let request = b"GET /api/v2/flows/a HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(request).await.unwrap();
    until(|| sandbox.requests().len() == 1 && sandbox.requests()[0].outcome != Outcome::Pending)
        .await;
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // Ends because the sandbox closes, not because we asked it to.
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    assert!(answer.starts_with("HTTP/1.1 418"));
    assert_eq!(sandbox.requests()[1].outcome, Outcome::Dropped);
}
