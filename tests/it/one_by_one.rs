//! A check that lets each flow go once it is judged says what one says that has all of them at hand.

use std::time::{Duration, Instant};

use std::collections::BTreeMap;
use std::path::PathBuf;

use flowgate::deadline::Deadline;
use flowgate::pipeline;
use flowgate::settings::Environment;
use flowgate::source::{BaseChoice, Place, Request, Sources, Untouched, gather};
use flowgate_core::plan::PlanSettings;
use flowgate_core::policy::Policy;
use flowgate_core::redact::Redactor;
use flowgate_core::report::comment::{self, CommentSettings};
use flowgate_core::report::json::{self, Outcome};
use flowgate_core::report::terminal::{self, Colour};
use flowgate_core::report::{Detail, Telling};
use flowgate_core::review::{Review, Settings};
use flowgate_core::rules::RuleSettings;
use proptest::prelude::*;

use crate::support::Repo;

/// What stands in a file.
#[derive(Debug, Clone)]
enum File {
    Flow { id: u8, version: u8, kind: u8 },
    NoJson,
    Nothing,
}

fn file() -> impl Strategy<Value = File> {
    prop_oneof![
        8 => (0_u8..6, 0_u8..3, 0_u8..6)
            .prop_map(|(id, version, kind)| File::Flow { id, version, kind }),
        1 => Just(File::NoJson),
        2 => Just(File::Nothing),
    ]
}

impl File {
    fn text(&self) -> Option<String> {
        let (id, version, kind) = match self {
            File::Nothing => return None,
            File::NoJson => return Some("{\"flowId\": ".to_owned()),
            File::Flow { id, version, kind } => (id, version, kind),
        };
        let flow_id = match id {
            0 => String::new(),
            id => format!("\"flowId\": \"line-{id}\","),
        };
        let prompt = if kind % 2 == 0 { "Hello." } else { "Good day." };
        let target = match kind {
            2 => "nowhere",
            3 => "agent",
            _ => "end",
        };
        Some(format!(
            r#"{{{flow_id} "version": "1.{version}.0",
  "elements": [
    {{"id": "begin", "type": "Begin"}},
    {{"id": "menu", "type": "IVR", "label": "Menu", "configuration": {{"prompt": "{prompt}", "apiKey": "k-{kind}-secret"}}}},
    {{"id": "agent", "type": "Agent"}},
    {{"id": "end", "type": "End"}}],
  "connectors": [
    {{"id": "c1", "sourceId": "begin", "targetId": "menu"}},
    {{"id": "c2", "sourceId": "menu", "targetId": "{target}", "label": "press 1"}},
    {{"id": "c3", "sourceId": "menu", "targetId": "agent", "label": "press 2"}}]}}
"#
        ))
    }
}

/// A file by its name, before and after.
type Pair = (File, File);

fn repository(files: &[Pair]) -> Repo {
    // The directory to compare with is always there.
    let mut repo = Repo::new()
        .file("before/flows/kept.json", "{}")
        .file("after/flows/kept.json", "{}");
    for (name, (before, after)) in files.iter().enumerate() {
        for (folder, file) in [("before", before), ("after", after)] {
            if let Some(text) = file.text() {
                repo = repo.file(&format!("{folder}/flows/{name}.json"), text);
            }
        }
    }
    repo
}

fn gathered(repo: &Repo, untouched: Untouched) -> Sources {
    let cwd = repo.root().join("after");
    gather(&Request {
        place: &Place {
            root: cwd.clone(),
            is_repository: false,
        },
        cwd: &cwd,
        paths: &[],
        flows: &["flows/**/*.json".to_owned()],
        base: BaseChoice::Directory(PathBuf::from("../before")),
        limit: 10_000,
        allow_empty: true,
        untouched,
        environment: &Environment::new(BTreeMap::<String, String>::new()),
    })
    .unwrap()
}

fn settings() -> Settings {
    Settings {
        plan: PlanSettings::default(),
        rules: RuleSettings::default(),
        policy: Policy::default(),
    }
}

/// Everything that reports say.
fn said(review: &Review) -> [String; 3] {
    let redactor = Redactor::default();
    let data = json::check(review, Outcome::Passed, &redactor);
    [
        terminal::render(review, &redactor, Colour::Plain),
        comment::render(review, &redactor, &CommentSettings::default()),
        serde_json::to_string_pretty(&data).unwrap(),
    ]
}

/// What is said by a review that has all flows at hand, and by one that lets them go.
fn both(files: &[Pair], untouched: Untouched) -> [[String; 3]; 2] {
    let repo = repository(files);
    let settings = settings();
    let deadline = Deadline::new(Instant::now(), Duration::MAX);
    let input = pipeline::read(gathered(&repo, untouched), &deadline).unwrap();
    let at_once = pipeline::review(&input, &settings, &deadline).unwrap();
    let redactor = Redactor::default();
    let telling = Telling {
        redactor: &redactor,
        detail: Detail::Comment,
    };
    let sources = gathered(&repo, untouched);
    let one_by_one =
        pipeline::review_one_by_one(sources, Vec::new(), &settings, &deadline, &telling).unwrap();
    assert!(one_by_one.flows.iter().all(|flow| flow.flow().is_none()));
    [said(&at_once), said(&one_by_one)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn letting_flows_go_changes_no_word(files in prop::collection::vec((file(), file()), 1..8), identify in any::<bool>()) {
        let untouched = if identify { Untouched::Identify { beyond: 0 } } else { Untouched::Read };
        let [at_once, one_by_one] = both(&files, untouched);
        prop_assert_eq!(at_once, one_by_one);
    }
}

/// More flows than are in flight at once, many of them in another file than before.
#[test]
fn nor_does_it_where_they_come_in_several_turns() {
    let flow = |id: usize, kind: usize| File::Flow {
        id: u8::try_from(id % 251).unwrap(),
        version: u8::from(kind > 0),
        kind: u8::try_from(kind % 6).unwrap(),
    };
    let files: Vec<Pair> = (0..250)
        .map(|nth| match nth % 5 {
            0 => (flow(nth, 0), flow(nth, nth / 5)),
            1 => (flow(nth, 0), flow(nth * 7, nth / 5)),
            2 => (File::Nothing, flow(nth + 2, 1)),
            3 => (flow(nth, 1), File::Nothing),
            _ => (flow(nth, 2), flow(nth, 2)),
        })
        .collect();
    let [at_once, one_by_one] = both(&files, Untouched::Identify { beyond: 0 });
    assert_eq!(at_once, one_by_one);
}
