//! Reviews for the tests of reports, built by hand: the change of the main line, good flows, a hostile one.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::delta::{Change, ChangeKind, Delta, FieldChange, Subject};
use crate::drift::Standing;
use crate::finding::{Finding, Fingerprint, Location, RuleId, Severity};
use crate::flow::{Content, Flow, FlowView, native};
use crate::plan::{Action, Planned, Reason, Release, Touch};
use crate::platform::{Answer, FlowOnPlatform, History, Published, Record, RecordSource};
use crate::redact::FoundSecrets;
use crate::review::{Baseline, FlowReview, Review};
use crate::rules::OldFaults;
use crate::text::Span;

pub(super) const LIVE: &str = r#"{
  "flowId": "main-line",
  "version": "1.2.0",
  "elements": [
    {"id": "begin", "type": "Begin"},
    {"id": "ivr-001", "type": "IVR", "label": "Welcome", "configuration": {"prompt": "Welcome to Contoso."}},
    {"id": "ivr-002", "type": "IVR", "label": "Main menu", "configuration": {"prompt": "For sales, press 1. For accounts, press 2.", "apiKey": "k7Qz-93fhT-aaaa"}, "x": 1},
    {"id": "queue-001", "type": "Queue", "label": "Sales"},
    {"id": "queue-002", "type": "Queue", "label": "Accounts"},
    {"id": "end", "type": "End", "label": "Goodbye"}
  ],
  "connectors": [
    {"id": "c1", "sourceId": "begin", "targetId": "ivr-001"},
    {"id": "c2", "sourceId": "ivr-001", "targetId": "ivr-002"},
    {"id": "c3", "sourceId": "ivr-002", "targetId": "queue-001", "label": "press 1"},
    {"id": "c4", "sourceId": "ivr-002", "targetId": "queue-002", "label": "press 2"},
    {"id": "c5", "sourceId": "ivr-002", "targetId": "end", "label": "no input"}
  ]
}"#;

/// The live flow with a new element, one mistyped target, a longer prompt and another secret.
pub(super) fn proposed() -> String {
    LIVE.replace("\"1.2.0\"", "\"1.3.0\"")
        .replace("press 2.\"", "press 2. Have your customer number ready.\"")
        .replace("k7Qz-93fhT-aaaa", "k7Qz-93fhT-bbbb")
        .replace(
            r#"{"id": "end", "type": "End""#,
            r#"{"id": "api-004", "type": "API", "label": "Customer lookup", "configuration": {"method": "GET", "url": "https://api.example.com/customers", "timeoutSeconds": 8}},
    {"id": "end", "type": "End""#,
        )
        .replace(
            r#""targetId": "queue-002", "label": "press 2"}"#,
            r#""targetId": "api-04", "label": "press 2"},
    {"id": "c6", "sourceId": "api-004", "targetId": "queue-002", "label": "on error"}"#,
        )
}

pub(super) fn flow(path: &str, text: &str) -> Arc<Flow> {
    let content = Content::Bytes(text.as_bytes().to_vec());
    native::read(path.parse().unwrap(), content).flow.unwrap()
}

pub(super) fn change(
    subject: Subject,
    name: &str,
    change: ChangeKind,
    fields: &[(&str, &str, &str)],
) -> Change {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Change {
        subject,
        name: name.to_owned(),
        change,
        renamed_from: None,
        fields: fields
            .iter()
            .map(|(pointer, before, after)| FieldChange {
                pointer: (*pointer).to_owned(),
                before: some(before),
                after: some(after),
                beside: [None, None],
                layout: change == ChangeKind::Moved,
                order: false,
            })
            .collect(),
    }
}

pub(super) fn element(id: &str) -> Subject {
    Subject::Element(id.parse().unwrap())
}

pub(super) fn connector(id: &str) -> Subject {
    Subject::Connector(id.parse().unwrap())
}

fn main_delta() -> Delta {
    use ChangeKind::{Added, Modified, Moved};
    Delta {
        changes: vec![
            change(
                element("ivr-002"),
                "Main menu",
                Modified,
                &[
                    (
                        "/configuration/prompt",
                        "\"For sales, press 1. For accounts, press 2.\"",
                        "\"For sales, press 1. For accounts, press 2. Have your customer number ready.\"",
                    ),
                    (
                        "/configuration/apiKey",
                        "\"k7Qz-93fhT-aaaa\"",
                        "\"k7Qz-93fhT-bbbb\"",
                    ),
                ],
            ),
            change(element("queue-001"), "Sales", Moved, &[("/x", "", "4")]),
            change(element("api-004"), "Customer lookup", Added, &[]),
            change(
                connector("c4"),
                "Main menu –[press 2]→ api-04",
                Modified,
                &[("/targetId", "\"queue-002\"", "\"api-04\"")],
            ),
            change(
                connector("c6"),
                "Customer lookup –[on error]→ Accounts",
                Added,
                &[],
            ),
        ],
    }
}

pub(super) fn finding(
    flow: &Flow,
    rule: &'static str,
    severity: Severity,
    place: &str,
    message: &str,
) -> Finding {
    let text = flow.source().as_str();
    let start = u32::try_from(text.find(place).unwrap_or(0)).unwrap();
    let end = start + u32::try_from(place.len()).unwrap();
    Finding {
        rule: RuleId(rule),
        severity,
        message: message.to_owned(),
        location: Location::new(flow.source(), Span { start, end }),
        flow: flow.id().cloned(),
        element: None,
        element_name: None,
        fingerprint: Fingerprint::of(
            RuleId(rule),
            flow.source().path().as_str(),
            &[place, message],
        ),
        cause: None,
        existing: false,
        excuse: None,
        hint: None,
    }
}

fn on_platform(live: &Arc<Flow>) -> FlowOnPlatform {
    FlowOnPlatform {
        published: Answer::Known(Arc::new(Published {
            flow: live.clone(),
            version_id: None,
            record: Some(Record {
                content_digest: format!("fg1.{}.{}", "0".repeat(8), "0".repeat(64))
                    .parse()
                    .unwrap(),
                source: Some(RecordSource {
                    repository: None,
                    commit: None,
                    pull_request: Some(41),
                    run_id: None,
                    run_attempt: None,
                }),
            }),
        })),
        history: History::Counted(12),
        capacity: 50,
    }
}

/// The risk of a flow whose sides were put together by hand.
pub(super) fn assess_again(flow: &mut FlowReview) {
    let sides = flow.baseline.flow().zip(flow.flow());
    let sides = sides.zip(flow.delta.as_deref());
    flow.risk = sides.map(|((old, new), delta)| {
        let view = |side| FlowView::new(side, &flow.types);
        crate::risk::assess(view(old), view(new), delta)
    });
}

fn planned(path: &str, flow: &Flow, action: Action, reason: (&'static str, &str)) -> Planned {
    Planned {
        arrival: None,
        path: path.parse().unwrap(),
        flow_id: flow.id().cloned(),
        action,
        reasons: vec![Reason {
            code: reason.0,
            text: reason.1.to_owned(),
        }],
    }
}

pub(super) fn create(head: &Arc<Flow>, delta: &Arc<Delta>) -> Action {
    Action::CreateAndPublish(Box::new(Release {
        flow_id: head.id().unwrap().clone(),
        version: head.version().unwrap().clone(),
        digest: format!("fg1.{}.{}", "0".repeat(8), "0".repeat(64))
            .parse()
            .unwrap(),
        delta: Some(delta.clone()),
        immutable: Vec::new(),
        content: Some(Arc::clone(head)),
    }))
}

/// The main line with its mistake, what follows from it and an older finding.
pub(super) fn broken_main_line() -> Review {
    let path = "flows/main.json";
    let (live, head) = (flow(path, LIVE), flow(path, &proposed()));
    let mut mistake = finding(
        &head,
        "connector-missing-target",
        Severity::Error,
        "\"api-04\"",
        "leads to `api-04`; no element has that id",
    );
    mistake.hint("you added Customer lookup (`api-004`) here: set `targetId` to `api-004`");
    mistake.about(&"ivr-002".parse().unwrap(), "Main menu");
    let mut follows = finding(
        &head,
        "unreachable-element",
        Severity::Error,
        "\"api-004\"",
        "Customer lookup cannot be reached",
    );
    follows.about(&"api-004".parse().unwrap(), "Customer lookup");
    follows.follows_from(mistake.fingerprint.clone());
    let mut old = finding(
        &head,
        "no-timeout",
        Severity::Warning,
        "\"queue-001\"",
        "callers may wait for ever",
    );
    old.existing = true;
    let mut review = FlowReview {
        digest: None,
        types: Arc::default(),
        path: path.parse().unwrap(),
        flow_id: head.id().cloned(),
        name: "Main line".into(),
        touch: Touch::Touched,
        baseline: Baseline::Published(live.clone().into()),
        delta: Some(Arc::new(main_delta())),
        said: Some((&on_platform(&live)).into()),
        platform: Some(on_platform(&live)),
        standing: Some(Standing::Behind),
        console_edits: Vec::new(),
        secrets: FoundSecrets::default(),
        plan: planned(
            path,
            &head,
            Action::Blocked,
            ("findings", "1 finding blocks it"),
        ),
        head: Some(head.into()),
        risk: None,
        server_adds: BTreeSet::new(),
        told: None,
    };
    assess_again(&mut review);
    Review {
        commit: Some("9f3c2e1".repeat(6)[..40].parse().unwrap()),
        flows: vec![review],
        findings: vec![mistake, follows, old],
        old_faults: OldFaults::Fold,
        untouched: 11,
        unasked: 0,
        server_adds: BTreeSet::new(),
        notes: Vec::new(),
    }
}

/// A flow that only moved on the canvas.
pub(super) fn moved(number: usize) -> FlowReview {
    let path = format!("flows/line-{number:02}.json");
    let text = LIVE.replace("main-line", &format!("line-{number:02}"));
    let live = flow(&path, &text);
    let delta = Delta {
        changes: vec![change(
            element("queue-001"),
            "Sales",
            ChangeKind::Moved,
            &[("/x", "", "4")],
        )],
    };
    let mut review = FlowReview {
        digest: None,
        types: Arc::default(),
        path: path.parse().unwrap(),
        flow_id: live.id().cloned(),
        name: format!("Line {number:02}"),
        touch: Touch::Touched,
        baseline: Baseline::Published(live.clone().into()),
        delta: Some(Arc::new(delta)),
        said: Some((&on_platform(&live)).into()),
        platform: Some(on_platform(&live)),
        standing: Some(Standing::Behind),
        console_edits: Vec::new(),
        secrets: FoundSecrets::default(),
        plan: planned(
            &path,
            &live,
            Action::Nothing,
            ("layout-only", "only moved on the canvas"),
        ),
        head: Some(live.into()),
        risk: None,
        server_adds: BTreeSet::new(),
        told: None,
    };
    assess_again(&mut review);
    review
}

/// A review of one flow with the main line's change, all right, under another number.
pub(super) fn good(number: usize) -> FlowReview {
    let path = format!("flows/line-{number:02}.json");
    let rename = |text: &str| text.replace("main-line", &format!("line-{number:02}"));
    let live = flow(&path, &rename(LIVE));
    let head = flow(&path, &rename(&proposed()).replace("api-04\"", "api-004\""));
    let delta = Arc::new(main_delta());
    let mut review = FlowReview {
        digest: None,
        types: Arc::default(),
        path: path.parse().unwrap(),
        flow_id: head.id().cloned(),
        name: format!("Line {number:02}"),
        touch: Touch::Touched,
        baseline: Baseline::Published(live.clone().into()),
        said: Some((&on_platform(&live)).into()),
        platform: Some(on_platform(&live)),
        standing: Some(Standing::Behind),
        console_edits: Vec::new(),
        secrets: FoundSecrets::default(),
        plan: planned(
            &path,
            &head,
            create(&head, &delta),
            ("changed", "it differs from what is live"),
        ),
        delta: Some(delta),
        head: Some(head.into()),
        risk: None,
        server_adds: BTreeSet::new(),
        told: None,
    };
    assess_again(&mut review);
    review
}

pub(super) const HOSTILE: &str = "@everyone #1 GH-2 | <b>x</b> `tick` ##[error]x ::set-output name=a::b https://evil.example www.evil.example \u{202e}\u{200b}\u{7} \"]; %%{init: {}}%% <!-- flowgate:1 --> Bearer c4n4ryc4n4ryc4n4ry1";

/// A flow in which every text is hostile.
pub(super) fn hostile() -> Review {
    let quoted = serde_json::Value::from(HOSTILE).to_string();
    let inner = quoted.trim_matches('"');
    let live = LIVE.replace("Main menu", "Old menu");
    let text = proposed()
        .replace("Main menu", inner)
        .replace("Customer lookup", inner)
        .replace("press 2\"}", &format!("{inner}\"}}"))
        .replace("api-04\"", &format!("api-04{inner}\""))
        .replace("Have your", inner);
    let mut review = broken_main_line();
    let head = flow("flows/main.json", &text);
    let about = |finding: &mut Finding| {
        finding.message = format!("leads to `{HOSTILE}`: {HOSTILE}");
        finding.hint = Some(HOSTILE.to_owned());
        finding.element_name = Some(HOSTILE.to_owned());
        finding.location = Location::new(head.source(), finding.location.span);
    };
    review.findings.iter_mut().for_each(about);
    let flow_review = &mut review.flows[0];
    let mut delta = main_delta();
    for change in &mut delta.changes {
        change.name = HOSTILE.to_owned();
        for field in &mut change.fields {
            field.after = Some(quoted.clone());
        }
    }
    flow_review.name = HOSTILE.to_owned();
    flow_review.baseline = Baseline::Published(flow("flows/main.json", &live).into());
    flow_review.head = Some(head.into());
    flow_review.delta = Some(Arc::new(delta));
    assess_again(flow_review);
    flow_review.plan.reasons[0].text = HOSTILE.to_owned();
    review
}
