//! A flow with stored versions that somebody wants to take back.

use std::sync::Arc;

use super::super::*;
use crate::flow::testing::flow;
use crate::ids::{Digest, VersionId};
use crate::platform::{Publication, Record};

/// A flow with a prompt and these elements beside Begin, menu and End.
pub(super) fn text(version: &str, prompt: &str, more: &str) -> String {
    format!(
        r#"{{"flowId":"main","version":"{version}","elements":[{{"id":"b","type":"Begin"}},{{"id":"m","type":"IVR","label":"Menu","configuration":{{"prompt":"{prompt}"}}}},{{"id":"e","type":"End"}}{more}],"connectors":[{{"id":"1","sourceId":"b","targetId":"m"}},{{"id":"2","sourceId":"m","targetId":"e"}}]}}"#
    )
}

pub(super) fn digest_of(flow: &Flow) -> Digest {
    digest(flow, &Layout::default()).unwrap()
}

pub(super) fn id(number: &str) -> VersionId {
    format!("v-{number}").parse().unwrap()
}

/// A stored version that was published at this time (`None`: never), by us.
pub(super) fn stored(number: &str, published_at: Option<&str>) -> VersionSummary {
    VersionSummary {
        id: id(number),
        version: number.parse().ok(),
        publication: match published_at {
            Some(_) => Publication::Once,
            None => Publication::Never,
        },
        created_at: None,
        published_at: published_at.map(str::to_owned),
        record: Some(Record {
            content_digest: digest_of(&flow(&text(number, number, ""))),
            source: None,
        }),
    }
}

/// What CXone says where this text is live, as we put it there, and these versions are stored.
pub(super) fn said(live: &str, stored: Vec<VersionSummary>) -> FlowOnPlatform {
    let live = flow(live);
    FlowOnPlatform {
        published: Answer::Known(Arc::new(Published {
            version_id: live.version().map(|version| id(&version.to_string())),
            record: Some(Record {
                content_digest: digest_of(&live),
                source: None,
            }),
            flow: Arc::new(live),
        })),
        history: History::Listed(stored),
        capacity: 50,
    }
}

pub(super) fn limits() -> Limits {
    Limits {
        max_depth: 3,
        routing: Routing::Preserve,
        on_drift: OnDrift::Fail,
        layout: Layout::default(),
        types: ElementTypes::default(),
    }
}

pub(super) struct Case {
    pub(super) said: FlowOnPlatform,
    pub(super) file: Option<Flow>,
    pub(super) limits: Limits,
}

impl Case {
    /// 1.0.0 to 1.4.0 were live one after the other, 1.5.0 is stored, and this number is live.
    pub(super) fn with_live(number: &str) -> Self {
        let mut all: Vec<VersionSummary> = (0..5)
            .map(|minor| {
                let at = format!("2026-01-0{}", minor + 1);
                stored(&format!("1.{minor}.0"), Some(&at))
            })
            .collect();
        all.push(stored("1.5.0", None));
        Self {
            said: said(&text(number, number, ""), all),
            file: Some(flow(&text("1.4.0", "1.4.0", ""))),
            limits: limits(),
        }
    }

    /// Somebody else has put a version with this number live, with words of their own.
    pub(super) fn somebody_published(&mut self, number: &str) {
        self.said.published = Answer::Known(Arc::new(Published {
            version_id: Some(id(number)),
            record: None,
            flow: Arc::new(flow(&text(number, "by hand", ""))),
        }));
    }

    pub(super) fn subject<T>(&self, ask: impl FnOnce(&Subject<'_>) -> T) -> T {
        let path = "flows/main.json".parse().unwrap();
        let flow_id = "main".parse().unwrap();
        ask(&Subject {
            path: &path,
            flow_id: &flow_id,
            said: &self.said,
            file: self.file.as_ref(),
            sent: None,
        })
    }

    /// What a rollback does where the version to go back to holds this, by `text` of its number where `None`.
    pub(super) fn ask(&self, to: &str, content: Option<&str>) -> FlowReview {
        let to: To = to.parse().unwrap();
        self.subject(|subject| match target(subject, &to, &self.limits) {
            Err(stays) => *stays,
            Ok(target) => {
                let number = target.number.to_string();
                let usual = text(&number, &number, "");
                let content = Stored::Known(Arc::new(flow(content.unwrap_or(&usual))));
                review(subject, target, &content, &self.limits)
            }
        })
    }
}

pub(super) fn said_of(review: &FlowReview) -> (&'static str, Vec<&'static str>) {
    let codes = review.plan.reasons.iter().map(|reason| reason.code);
    (review.plan.action.as_str(), codes.collect())
}

#[track_caller]
pub(super) fn stays(review: &FlowReview, action: &str, code: &str, says: &str) {
    let (found, codes) = said_of(review);
    assert_eq!((found, codes.as_slice()), (action, &[code][..]));
    let text = &review.plan.reasons[0].text;
    assert!(text.contains(says), "{text}");
}
