//! How a story is told: a flow's text, what is live of it and what was recorded, and how the review of it ends. No story
//! itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::drift::{LookedBack, OnDrift, OnNewFlow};
use crate::flow::{Content, Flow, Layout, Reading, digest, native};
use crate::plan::{PlanSettings, Scope, Touch};
use crate::platform::{
    Answer, FlowOnPlatform, History, Publication, Published, Record, VersionSummary,
};
use crate::policy::Policy;
use crate::review::{FlowFile, Input, Review, Settings, assemble};
use crate::rules::RuleSettings;

pub(super) const ID: &str = "main-line";

/// A flow whose menu says `prompt`, drawn at `x`.
pub(super) fn text(version: &str, prompt: &str, x: u32) -> String {
    format!(
        r#"{{"flowId":"{ID}","version":"{version}","elements":[
        {{"id":"b","type":"Begin"}},
        {{"id":"m","type":"IVR","name":"Menu","configuration":{{"prompt":"{prompt}"}},"x":{x}}},
        {{"id":"e","type":"End"}}],
        "connectors":[{{"id":"c1","sourceId":"b","targetId":"m"}},{{"id":"c2","sourceId":"m","targetId":"e"}}]}}"#
    )
}

pub(super) fn read(text: &str) -> Reading {
    native::read(
        "flows/main.json".parse().unwrap(),
        Content::Bytes(text.into()),
    )
}

pub(super) fn flow(text: &str) -> Arc<Flow> {
    read(text).flow.unwrap()
}

pub(super) fn digest_of(text: &str) -> crate::ids::Digest {
    digest(&flow(text), &Layout::default()).unwrap()
}

pub(super) fn record_of(text: &str) -> Record {
    Record {
        content_digest: digest_of(text),
        source: None,
    }
}

/// A stored version with this content of ours; `published` says whether it ever was live.
pub(super) fn stored(id: &str, version: &str, content: &str, published: bool) -> VersionSummary {
    VersionSummary {
        id: id.parse().unwrap(),
        version: Some(version.parse().unwrap()),
        publication: if published {
            Publication::Once
        } else {
            Publication::Never
        },
        created_at: None,
        published_at: published.then(|| format!("2026-01-01T00:00:{}Z", id.len())),
        record: Some(record_of(content)),
    }
}

/// One flow's story.
pub(super) struct Story {
    pub(super) live: Answer<Arc<Published>>,
    pub(super) history: History,
    pub(super) base: Option<String>,
    pub(super) head: Option<String>,
    pub(super) touch: Touch,
    pub(super) settings: Settings,
}

impl Story {
    /// Nobody asked CXone.
    pub(super) fn new(base: Option<&str>, head: Option<&str>) -> Self {
        Self {
            live: Answer::Absent,
            history: History::Listed(Vec::new()),
            base: base.map(str::to_owned),
            head: head.map(str::to_owned),
            touch: Touch::Touched,
            settings: Settings {
                plan: PlanSettings {
                    layout: Layout::default(),
                    on_drift: OnDrift::Fail,
                    on_new_flow: OnNewFlow::Create,
                    scope: Scope::Managed,
                    ..PlanSettings::default()
                },
                rules: RuleSettings::default(),
                policy: Policy::default(),
            },
        }
    }

    /// `content` is live as version `v1`; `ours` is what we recorded when we put it there.
    pub(super) fn live(mut self, content: &str, ours: Option<&str>) -> Self {
        self.live = Answer::Known(Arc::new(Published {
            flow: flow(content),
            version_id: Some("v1".parse().unwrap()),
            record: ours.map(record_of),
        }));
        let record = ours.map(record_of);
        let version = flow(content).version().unwrap().to_string();
        self.history = History::Listed(vec![VersionSummary {
            record,
            ..stored("v1", &version, content, true)
        }]);
        self
    }

    pub(super) fn also_stored(mut self, version: VersionSummary) -> Self {
        if let History::Listed(versions) = &mut self.history {
            versions.push(version);
        }
        self
    }

    pub(super) fn untouched(mut self) -> Self {
        self.touch = Touch::Untouched;
        self
    }

    pub(super) fn input(&self, asked: bool) -> Input {
        let platform = FlowOnPlatform {
            published: self.live.clone(),
            history: self.history.clone(),
            capacity: 50,
        };
        let file = FlowFile {
            path: "flows/main.json".parse().unwrap(),
            head: self.head.as_deref().map(read),
            base: self.base.as_deref().map(read),
            touch: self.touch,
        };
        Input {
            commit: None,
            files: vec![file],
            policy: Vec::new(),
            own_settings: BTreeMap::new(),
            unread: 0,
            unknown_base: None,
            notes: Vec::new(),
            platform: asked.then(|| BTreeMap::from([(ID.parse().unwrap(), platform)])),
            recorded: BTreeMap::new(),
            wrong: BTreeMap::new(),
            by_hand: false,
            looked_back: LookedBack::Whole,
            bystanders: BTreeMap::new(),
        }
    }

    pub(super) fn review(&self, asked: bool) -> Review {
        assemble(&self.input(asked), &self.settings)
    }

    /// `action reason`, and the rules of new errors.
    pub(super) fn ends(&self) -> String {
        told(&self.review(true))
    }

    pub(super) fn ends_unasked(&self) -> String {
        told(&self.review(false))
    }
}

pub(super) fn told(review: &Review) -> String {
    let Some(flow) = review.flows.first() else {
        return "not shown".to_owned();
    };
    let codes: Vec<_> = flow.plan.reasons.iter().map(|reason| reason.code).collect();
    let errors: Vec<_> = review
        .findings
        .iter()
        .filter(|finding| finding.severity == crate::finding::Severity::Error && !finding.existing)
        .map(|finding| finding.rule.as_str())
        .collect();
    let errors = if errors.is_empty() {
        String::new()
    } else {
        format!(" [{}]", errors.join(" "))
    };
    format!("{} {}{errors}", flow.plan.action.as_str(), codes.join(" "))
}
