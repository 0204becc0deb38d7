//! A client of the embedded sandbox, with waits short enough for tests.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flowgate::cxone::flows::{FlowsApi, FlowsConfig};
use flowgate::cxone::{Budget, CallLog, Credentials, Limits, Outside, Provenance, Purpose};
use flowgate::http::{ClientOptions, Entropy, Peer, RetryPolicy, WallClock, client};
use flowgate_core::delta::{Change, ChangeKind, Delta, Subject};
use flowgate_core::flow::{Content, native};
use flowgate_core::plan::{Release, Shipment};
use flowgate_core::platform::RecordSource;
use flowgate_sandbox::{CLIENT_ID, CLIENT_SECRET, ENVIRONMENT, Sandbox};

/// The flow of most stories.
pub(crate) const FLOW: &str = "main-ivr";

/// A flow file with content that others like to spoil.
pub(crate) const FILE: &str = r#"{
  "flowId": "main-ivr", "version": {"major": 1, "minor": 1, "patch": 0}, "note": "not sent",
  "elements": [
    {"id": "begin", "type": "Begin", "configuration": {}, "x": 1.10},
    {"id": "menu",  "type": "IVR", "configuration": {"timeout": 12345678901234567890, "prompt": "caf\u00e9"}, "unknown": [1e5]},
    {"id": "end", "type": "End", "configuration": {}}
  ],
  "connectors": [ {"id": "c1", "sourceId": "begin", "targetId": "menu"}, {"id": "c2", "sourceId": "menu", "targetId": "end"} ]
}"#;

/// A client and the log of its calls.
pub(crate) struct Client {
    pub(crate) api: FlowsApi,
    pub(crate) calls: CallLog,
}

/// What a story sets about its client.
pub(crate) struct Setup {
    pub(crate) base_url: String,
    pub(crate) purpose: Purpose,
    pub(crate) id: &'static str,
    pub(crate) secret: &'static str,
    pub(crate) limits: Limits,
    pub(crate) timeout: Duration,
}

impl Setup {
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        Self::at(&sandbox.base_url())
    }

    pub(crate) fn at(base_url: &str) -> Self {
        Self {
            base_url: base_url.to_owned(),
            purpose: Purpose::Write,
            id: CLIENT_ID,
            secret: CLIENT_SECRET,
            limits: Limits::default(),
            timeout: Duration::from_secs(10),
        }
    }

    pub(crate) fn client(self) -> Client {
        let credentials = Credentials {
            client_id: self.id.into(),
            client_secret: self.secret.into(),
            environment: ENVIRONMENT.to_owned(),
        };
        let base_url = self.base_url.parse().unwrap();
        let mut config = FlowsConfig::new(base_url, credentials, self.purpose);
        config.timeout = self.timeout;
        let calls = CallLog::default();
        let outside = Outside {
            client: client(&ClientOptions::new(Peer::Loopback)).unwrap(),
            budget: Arc::new(Budget::new(self.limits)),
            retry: RetryPolicy {
                base: Duration::from_millis(2),
                ..RetryPolicy::default()
            },
            clock: WallClock::new(SystemTime::now),
            entropy: Entropy::new(|| u32::MAX),
            calls: calls.clone(),
        };
        Client {
            api: FlowsApi::new(config, outside),
            calls,
        }
    }
}

/// The release that [`FILE`] asks for.
pub(crate) fn release() -> Shipment {
    let reading = native::read(
        "flows/main.json".parse().unwrap(),
        Content::Bytes(FILE.as_bytes().to_vec()),
    );
    let change = |id: &str, change| Change {
        subject: Subject::Element(id.parse().unwrap()),
        name: id.to_owned(),
        change,
        renamed_from: None,
        fields: Vec::new(),
    };
    let release = Release {
        flow_id: FLOW.parse().unwrap(),
        version: "1.1.0".parse().unwrap(),
        digest: format!("fg1.00000000.{}", "a".repeat(64)).parse().unwrap(),
        delta: Some(Arc::new(Delta {
            changes: vec![
                change("menu", ChangeKind::Added),
                change("begin", ChangeKind::Moved),
                Change {
                    subject: Subject::Connector("c1".parse().unwrap()),
                    ..change("begin → menu", ChangeKind::Modified)
                },
            ],
        })),
        immutable: vec!["begin".parse().unwrap(), "end".parse().unwrap()],
        content: reading.flow,
    };
    Shipment::of(&release).unwrap()
}

/// Who creates it.
pub(crate) fn provenance() -> Provenance {
    Provenance {
        created_by: "flow-versioner-service".to_owned(),
        max_rollback_depth: 3,
        created_at: "2026-11-22T12:00:00.000Z".to_owned(),
        source: RecordSource {
            repository: Some("acme/flows".to_owned()),
            commit: Some("b".repeat(40).parse().unwrap()),
            pull_request: Some(12),
            run_id: Some(34),
            run_attempt: Some(1),
        },
        idempotency_key: "main-ivr-1.1.0-aaaa".to_owned(),
    }
}
