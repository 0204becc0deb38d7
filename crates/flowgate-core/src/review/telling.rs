//! What a review says of old faults, of files that nobody touched, and of edits in the console.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::drift::{LookedBack, OnDrift, OnNewFlow};
use crate::flow::{Content, Layout, Reading, digest, native};
use crate::plan::{PlanSettings, Scope, Touch};
use crate::platform::{Answer, History, Published, Record};
use crate::policy::Policy;
use crate::redact::Redactor;
use crate::report::comment::{self, CommentSettings};
use crate::report::terminal::{self, Colour};
use crate::rules::RuleSettings;

const FILE: &str = r#"{"flowId": "main", "version": "1.0.0", "description": "Main line", "elements": [
  {"id": "begin", "type": "Begin"},
  {"id": "menu", "type": "IVR", "label": "Menu", "configuration": {"prompt": "Hello."}},
  {"id": "end", "type": "End", "label": "Goodbye"}], "connectors": [
  {"id": "c1", "sourceId": "begin", "targetId": "menu"},
  {"id": "c2", "sourceId": "menu", "targetId": "end"}]}"#;

fn settings() -> Settings {
    Settings {
        plan: PlanSettings {
            layout: Layout::default(),
            on_drift: OnDrift::Fail,
            on_new_flow: OnNewFlow::Create,
            scope: Scope::Managed,
            ..PlanSettings::default()
        },
        rules: RuleSettings::default(),
        policy: Policy::default(),
    }
}

fn read(path: &str, text: &str) -> Reading {
    native::read(
        path.parse().unwrap(),
        Content::Bytes(text.as_bytes().to_vec()),
    )
}

fn file(path: &str, base: &str, head: &str, touch: Touch) -> FlowFile {
    FlowFile {
        path: path.parse().unwrap(),
        head: Some(read(path, head)),
        base: Some(read(path, base)),
        touch,
    }
}

/// What CXone says where we published `ours` and `live` is what callers get.
fn live(ours: &str, live: &str) -> BTreeMap<FlowId, FlowOnPlatform> {
    let flow = |text| read("live.json", text).flow.unwrap();
    let content_digest = digest(&flow(ours), &Layout::default()).unwrap();
    let published = Published {
        flow: flow(live),
        version_id: None,
        record: Some(Record {
            content_digest,
            source: None,
        }),
    };
    let said = FlowOnPlatform {
        published: Answer::Known(Arc::new(published)),
        history: History::Counted(3),
        capacity: 50,
    };
    BTreeMap::from([("main".parse().unwrap(), said)])
}

fn review(
    files: Vec<FlowFile>,
    platform: Option<BTreeMap<FlowId, FlowOnPlatform>>,
) -> (Review, String, String) {
    let input = Input {
        wrong: BTreeMap::new(),
        by_hand: false,
        looked_back: LookedBack::Whole,
        commit: None,
        files,
        policy: Vec::new(),
        own_settings: BTreeMap::new(),
        unread: 0,
        unknown_base: None,
        notes: Vec::new(),
        platform,
        recorded: BTreeMap::new(),
        bystanders: BTreeMap::new(),
    };
    let review = assemble(&input, &settings());
    let redactor = Redactor::default();
    let comment = comment::render(&review, &redactor, &CommentSettings::default());
    let terminal = terminal::render(&review, &redactor, Colour::Plain);
    (review, comment, terminal)
}

#[test]
fn what_the_file_had_before_is_old_even_where_what_is_live_never_had_it() {
    let head = FILE.replace("1.0.0", "1.1.0").replace("Hello.", "Welcome.");
    let nameless = FILE.replace(r#""description": "Main line", "#, "");
    let changed = file("flows/main.json", FILE, &head, Touch::Touched);
    let (review, comment, terminal) = review(vec![changed], Some(live(&nameless, &nameless)));
    let old: Vec<_> = review
        .findings
        .iter()
        .map(|finding| (finding.rule.as_str(), finding.existing))
        .collect();
    assert_eq!(old, [("field-not-published", true)]);
    for told in [comment, terminal] {
        assert!(
            !told.contains("not sent") && !told.contains("lder"),
            "{told}"
        );
        assert!(
            told.contains("Nobody edited it in the console since"),
            "{told}"
        );
    }
}

#[test]
fn what_is_new_and_only_good_to_know_is_one_folded_line() {
    let nameless = FILE.replace(r#""description": "Main line", "#, "");
    let head = FILE.replace("1.0.0", "1.1.0").replace("Hello.", "Welcome.");
    let changed = file("flows/main.json", &nameless, &head, Touch::Touched);
    let (_, comment, terminal) = review(vec![changed], None);
    assert!(
        comment.contains("<details><summary>Good to know (1)</summary>"),
        "{comment}"
    );
    let info = "info[field-not-published] flows/main.json:1:40: not sent to CXone";
    assert!(terminal.starts_with(info), "{terminal}");
}

#[test]
fn an_old_file_that_cannot_be_read_is_in_nobody_s_way_and_told_to_whoever_asks() {
    let head = FILE.replace("1.0.0", "1.1.0").replace("Hello.", "Welcome.");
    let changed = || file("flows/main.json", FILE, &head, Touch::Touched);
    let broken = |touch| file("flows/old.json", "{", "{", touch);
    let (untouched, comment, terminal) = review(vec![changed(), broken(Touch::Untouched)], None);
    assert_eq!(untouched.flows.len(), 1);
    assert!(untouched.findings.iter().all(|finding| finding.existing));
    assert!(
        comment.contains("older faults, not changed here: `flows/old.json`"),
        "{comment}"
    );
    assert!(
        terminal.contains("note: flows/old.json has older faults"),
        "{terminal}"
    );
    for touch in [Touch::Asked, Touch::Touched] {
        let (review, ..) = review(vec![broken(touch)], None);
        assert_eq!(review.flows.len(), 1);
        assert!(!review.findings.is_empty(), "{touch:?}");
    }
    let (asked, ..) = review(vec![broken(Touch::Asked)], None);
    assert!(!asked.findings[0].existing);
}

#[test]
fn what_was_edited_in_the_console_is_named_and_so_is_what_both_changed() {
    let head = FILE.replace("1.0.0", "1.1.0").replace("Hello.", "Welcome.");
    let in_console = FILE
        .replace("Hello.", "Hello from the console.")
        .replace("Goodbye", "Good-bye *");
    let changed = file("flows/main.json", FILE, &head, Touch::Touched);
    let (review, comment, terminal) = review(vec![changed], Some(live(FILE, &in_console)));
    assert_eq!(review.flows[0].standing, Some(Standing::Edited));
    assert!(
        comment.contains(
            "⚠️ Edited in the console since: **Menu**, **Good-bye \\***. This change touches **Menu** too."
        ),
        "{comment}"
    );
    assert!(
        terminal.contains(
            "Edited in the console since: Menu, Good-bye *. This change touches Menu too"
        ),
        "{terminal}"
    );
}
