//! Stories of reads that fail: what is repeated, what is said, and what is never said.

use std::time::Duration;

use flowgate::cxone::{ErrorKind, FlowPlatform, Outcome};
use flowgate_core::platform::Answer;
use flowgate_sandbox::{CLIENT_SECRET, Config, Cut, Entry, Fault, Operation, Sandbox, Scripted};

use crate::support::cxone::{FILE, FLOW, Setup, provenance, release};
use crate::support::script::{self, json};

#[tokio::test]
async fn a_read_is_repeated_until_the_server_has_recovered() {
    for fault in [
        Fault::status(408),
        Fault::status(500),
        Fault::status(502),
        Fault::status(503),
        Fault::status(504),
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Truncate(Cut::WrongLength),
        Fault::delay_ms(2_000),
    ] {
        let sandbox = Sandbox::start(Config::default()).await.unwrap();
        sandbox.seed_published(FILE, "1.0.0").unwrap();
        let client = Setup {
            timeout: Duration::from_millis(500),
            ..Setup::of(&sandbox)
        }
        .client();
        sandbox.add_fault(Entry::new(Operation::ReadFlow, fault.clone()).times(2));
        let answer = client.api.published(&FLOW.parse().unwrap()).await;
        assert!(
            matches!(answer, Ok(Answer::Known(_))),
            "{fault:?}: {answer:?}"
        );
        assert_eq!(sandbox.count(Operation::ReadFlow), 3, "{fault:?}");
        assert_eq!(client.calls.records().pop().unwrap().attempts, 3);
    }
}

#[tokio::test]
async fn a_server_that_stays_down_is_given_up_with_its_own_words() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup::of(&sandbox).client();
    let fault = Fault::Status(Scripted {
        body: Some(
            "<html><head><title>502 Bad Gateway</title></head><body>x</body></html>".to_owned(),
        ),
        content_type: Some("text/html".to_owned()),
        ..Scripted::new(502)
    });
    sandbox.add_fault(Entry::new(Operation::ListVersions, fault).always());
    let error = client
        .api
        .history(&FLOW.parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::Server, Some(502)));
    assert_eq!(error.said, "502 Bad Gateway");
    assert_eq!(error.outcome, Outcome::DidNotHappen);
    assert_eq!(sandbox.count(Operation::ListVersions), 5);
}

#[tokio::test]
async fn an_answer_that_is_no_flow_is_an_error_and_not_an_absent_flow() {
    for fault in [Fault::Rubbish, Fault::Truncate(Cut::RightLength)] {
        let sandbox = Sandbox::start(Config::default()).await.unwrap();
        sandbox.seed_published(FILE, "1.0.0").unwrap();
        let client = Setup::of(&sandbox).client();
        let flow = FLOW.parse().unwrap();
        sandbox.fail_next(Operation::ReadFlow, fault.clone());
        let error = client.api.published(&flow).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Protocol, "{error}");
        sandbox.fail_next(Operation::ListVersions, fault);
        assert_eq!(
            client.api.history(&flow).await.unwrap_err().kind,
            ErrorKind::Protocol
        );
    }
}

#[tokio::test]
async fn nobody_listening_is_tried_again_and_then_said_with_a_hint() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Setup::at(&base_url).client();
    let error = client
        .api
        .create(&release(), &provenance())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.outcome),
        (ErrorKind::Transport, Outcome::DidNotHappen)
    );
    assert!(error.to_string().contains("CXONE_BASE_URL"), "{error}");
    assert_eq!(client.calls.records()[0].attempts, 5);
}

#[tokio::test]
async fn a_redirect_is_refused_and_no_credentials_follow_it() {
    let elsewhere = script::Scripted::start(vec![json(200, "{}")]).await;
    let to = format!("{}/api/v2/flows/main-ivr", elsewhere.base_url);
    let redirect = format!(
        "HTTP/1.1 307 X\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    let server = script::Scripted::start(vec![redirect]).await;
    let client = Setup::at(&server.base_url).client();
    let error = client
        .api
        .published(&FLOW.parse().unwrap())
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Protocol);
    assert!(
        error.to_string().contains("a redirect to `127.0.0.1`"),
        "{error}"
    );
    assert!(elsewhere.requests().is_empty());
    assert_eq!(server.requests().len(), 2, "a token and one call");
}

#[tokio::test]
async fn a_server_that_repeats_secrets_in_its_answers_does_not_get_them_printed() {
    let body = format!(
        r#"{{"message":"no: Bearer scripted-token, {CLIENT_SECRET}","errors":[{{"field":"scripted-token","message":"{CLIENT_SECRET}\u0007"}}]}}"#
    );
    for status in [400, 401, 403, 404, 409, 422, 500, 503] {
        let answer = json(status, &body).replace(
            "Connection: close",
            "Connection: close\r\nX-Request-Id: scripted-token\r\nX-Canary: 1",
        );
        let server = script::Scripted::start(vec![answer]).await;
        let client = Setup::at(&server.base_url).client();
        let error = client
            .api
            .create(&release(), &provenance())
            .await
            .unwrap_err();
        for text in [
            error.to_string(),
            format!("{error:?}"),
            format!("{:?}", client.api),
            format!("{:?}", client.calls),
        ] {
            assert!(!text.contains("scripted-token"), "{status}: {text}");
            assert!(!text.contains(CLIENT_SECRET), "{status}: {text}");
        }
        assert!(
            error.said.contains("no: Bearer ‹redacted›, ‹redacted›"),
            "{}",
            error.said
        );
    }
}
