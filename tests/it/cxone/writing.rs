//! Stories of writing: what is sent to the letter, and when a write is not repeated.

use flowgate::cxone::{ErrorKind, FlowPlatform, Outcome};
use flowgate_sandbox::{Config, Cut, Entry, Fault, Operation, Sandbox, Scripted};

use crate::support::cxone::{FLOW, Setup, provenance, release};

#[tokio::test]
async fn a_version_is_sent_as_the_contract_has_it() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup::of(&sandbox).client();
    let (id, _) = client.api.create(&release(), &provenance()).await.unwrap();
    client
        .api
        .publish(&FLOW.parse().unwrap(), &id)
        .await
        .unwrap();

    let requests = sandbox.requests();
    let create = &requests[1];
    assert_eq!(
        (create.method.as_str(), create.target.as_str()),
        ("POST", "/api/v2/flows/main-ivr/versions")
    );
    for (name, value) in [
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("idempotency-key", "main-ivr-1.1.0-aaaa"),
        (
            "user-agent",
            concat!("flowgate/", env!("CARGO_PKG_VERSION")),
        ),
    ] {
        assert_eq!(create.header(name), Some(value), "{name}");
    }
    assert!(
        create
            .header("authorization")
            .unwrap()
            .starts_with("Bearer ")
    );
    let digest = format!("fg1.00000000.{}", "a".repeat(64));
    let commit = "b".repeat(40);
    let expected = format!(
        concat!(
            r#"{{"flowId":"main-ivr","version":"1.1.0","name":"Version 1.1.0","#,
            r#""description":"Auto-generated version with 1 added, 0 removed, 0 modified elements","#,
            r#""elements":{elements},"connectors":{connectors},"#,
            r#""metadata":{{"deltaMatrix":{{"added":["menu"],"removed":[],"modified":[],"computedAt":"2026-11-22T12:00:00.000Z","#,
            r#""moved":["begin"],"connectors":{{"added":[],"removed":[],"modified":["c1"],"moved":[]}}}},"#,
            r#""rollbackSafetyDirective":{{"immutableNodes":["begin","end"],"preserveRoutingLogic":true,"maxRollbackDepth":3}},"#,
            r#""createdBy":"flow-versioner-service","createdAt":"2026-11-22T12:00:00.000Z","contentDigest":"{digest}","#,
            r#""source":{{"repository":"acme/flows","commit":"{commit}","pullRequest":12,"runId":34,"runAttempt":1}}}}}}"#,
        ),
        elements = release().flow().top("elements").unwrap().raw(),
        connectors = release().flow().top("connectors").unwrap().raw(),
        digest = digest,
        commit = commit,
    );
    assert_eq!(create.body_text(), expected);

    let publish = &requests[2];
    assert_eq!(publish.target, "/api/v2/flows/main-ivr/publish");
    assert_eq!(
        publish.body_text(),
        format!(r#"{{"versionId":"{id}","snapshot":true,"bypassValidation":false}}"#)
    );
}

#[tokio::test]
async fn a_write_that_may_have_happened_is_sent_once_and_said_to_be_unknown() {
    for (fault, kind) in [
        (Fault::status(500), ErrorKind::Server),
        (Fault::status(502), ErrorKind::Server),
        (Fault::status(503), ErrorKind::Server),
        (Fault::status(408), ErrorKind::Timeout),
        (Fault::status(302), ErrorKind::Protocol),
        (Fault::status(204), ErrorKind::Protocol),
        (Fault::DropBefore, ErrorKind::Transport),
        (Fault::DropAfter, ErrorKind::Transport),
        (Fault::Truncate(Cut::RightLength), ErrorKind::Protocol),
        (Fault::Truncate(Cut::WrongLength), ErrorKind::Transport),
        (Fault::Rubbish, ErrorKind::Protocol),
        (Fault::delay_ms(2_000), ErrorKind::Timeout),
    ] {
        let sandbox = Sandbox::start(Config::default()).await.unwrap();
        let client = Setup {
            timeout: std::time::Duration::from_millis(500),
            ..Setup::of(&sandbox)
        }
        .client();
        sandbox.fail_next(Operation::CreateVersion, fault.clone());
        let error = client
            .api
            .create(&release(), &provenance())
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind, error.outcome),
            (kind, Outcome::Unknown),
            "{fault:?}: {error}"
        );
        assert_eq!(sandbox.count(Operation::CreateVersion), 1, "{fault:?}");
        assert_eq!(client.calls.records().pop().unwrap().attempts, 1);
    }
}

#[tokio::test]
async fn a_refused_write_did_not_happen_and_says_what_to_do() {
    for (status, kind, hint) in [
        (400, ErrorKind::Refused, "flow file"),
        (403, ErrorKind::Forbidden, "flows:publish"),
        (404, ErrorKind::NotFound, "flowId"),
        (405, ErrorKind::Refused, "does not offer"),
        (409, ErrorKind::Conflict, "run again"),
        (422, ErrorKind::Refused, "flow file"),
    ] {
        let sandbox = Sandbox::start(Config::default()).await.unwrap();
        let client = Setup::of(&sandbox).client();
        let fault = Fault::Status(Scripted {
            body: Some(r#"{"message":"the server's own words"}"#.to_owned()),
            ..Scripted::new(status)
        });
        sandbox.add_fault(Entry::new(Operation::Publish, fault).always());
        let flow = FLOW.parse().unwrap();
        let error = client
            .api
            .publish(&flow, &"v1".parse().unwrap())
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind, error.outcome),
            (kind, Outcome::DidNotHappen),
            "{status}"
        );
        let text = error.to_string();
        assert!(
            text.starts_with(&format!(
                "could not publish the version of flow `main-ivr`: CXone answered HTTP {status}: the server's own words (request "
            )),
            "{text}"
        );
        assert!(text.contains(hint), "{text}");
        assert_eq!(sandbox.count(Operation::Publish), 1);
    }
}

#[tokio::test]
async fn a_version_number_that_exists_is_a_conflict_with_the_servers_words() {
    let sandbox = Sandbox::start(Config::default()).await.unwrap();
    let client = Setup::of(&sandbox).client();
    client.api.create(&release(), &provenance()).await.unwrap();
    let error = client
        .api
        .create(&release(), &provenance())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, error.outcome),
        (ErrorKind::Conflict, Outcome::DidNotHappen)
    );
    assert!(error.request_id.is_some());
    assert_eq!(sandbox.state().flow(FLOW).unwrap().versions.len(), 1);
}
