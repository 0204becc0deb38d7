//! Every rule is declared, registered, documented, and its examples are true.

use std::collections::BTreeSet;
use std::path::Path;

use super::told::said_of_bad;
use crate::flow::{Problem, ProblemKind, Reading};
use crate::rules::testing::{change_findings, example_findings, of, sections};
use crate::rules::{ALL, Check, Sink, docs, find, nearest, shape};
use crate::text::{SourceText, Span};

/// Ids declared in the files of this module, each in a file of its name.
fn declared() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut ids = BTreeSet::new();
    for kind in [
        "shape",
        "flow",
        "graph",
        "content",
        "change",
        "repository",
        "platform",
        "plan",
        "policy",
    ] {
        for entry in std::fs::read_dir(root.join(kind)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = name.strip_suffix(".rs").unwrap();
            if name != "mod" {
                ids.insert(name.replace('_', "-"));
            }
        }
    }
    ids
}

#[test]
fn every_rule_has_one_file_of_its_name_and_stands_in_the_list_once() {
    let listed: Vec<String> = ALL.iter().map(|rule| rule.id.to_string()).collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), declared());
    assert_eq!(listed.len(), declared().len(), "an id stands twice");
}

#[test]
fn ids_are_kebab_case_and_every_rule_says_what_it_means() {
    for rule in ALL {
        let id = rule.id.as_str();
        assert!(
            id.split('-').all(|word| !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())),
            "{id}"
        );
        assert!(
            !rule.summary.ends_with('.') && !rule.summary.contains(['\n', '|']),
            "{id}"
        );
        assert!(
            rule.explanation.contains("\n\n"),
            "{id} says what it means, then what to do"
        );
        assert!(!rule.good.is_empty() && rule.bad != rule.good, "{id}");
    }
}

#[test]
fn every_bad_example_raises_its_rule_and_every_good_one_raises_nothing() {
    for rule in ALL {
        let bad = of(&said_of_bad(rule), rule.id.as_str());
        let mistakes = bad.iter().filter(|finding| finding.cause.is_none());
        assert_eq!(mistakes.count(), 1, "{}: {bad:#?}", rule.id);
        let good = example_findings(rule, rule.good);
        assert!(good.is_empty(), "{}: {good:#?}", rule.id);
    }
}

#[test]
fn change_rules_are_silent_where_nothing_changed() {
    for rule in ALL {
        for example in [rule.bad, rule.good] {
            for (name, flow) in sections(example) {
                let is_flow = name != "platform"
                    && !name.starts_with("policy ")
                    && !name.starts_with("flowgate");
                if !matches!(rule.check, Check::Shape) && is_flow {
                    let found = change_findings(&flow, &flow, None, None);
                    assert!(
                        found.iter().all(|finding| finding.existing),
                        "{}: {found:#?}",
                        rule.id
                    );
                }
            }
        }
    }
}

#[test]
fn every_kind_of_problem_is_raised_as_its_rule_with_the_readers_own_words() {
    let kinds = [
        (ProblemKind::NotAFile, "not-a-file"),
        (ProblemKind::TooLarge, "file-too-large"),
        (ProblemKind::Empty, "file-empty"),
        (ProblemKind::LfsPointer, "lfs-pointer"),
        (ProblemKind::NotUtf8, "not-utf8"),
        (ProblemKind::ByteOrderMark, "byte-order-mark"),
        (ProblemKind::NotJson, "not-json"),
        (ProblemKind::TooDeep, "nesting-too-deep"),
        (ProblemKind::DuplicateKey, "duplicate-key"),
        (ProblemKind::WrongType, "wrong-type"),
        (ProblemKind::MissingField, "missing-field"),
        (ProblemKind::FlowIdInvalid, "flow-id-invalid"),
        (ProblemKind::VersionRequired, "version-required"),
        (ProblemKind::VersionNotSemver, "version-not-semver"),
        (ProblemKind::ElementsNotArray, "elements-not-array"),
        (ProblemKind::ConnectorsNotArray, "connectors-not-array"),
    ];
    let shapes = ALL.iter().filter(|rule| matches!(rule.check, Check::Shape));
    assert_eq!(shapes.count(), kinds.len());
    for (kind, id) in kinds {
        let problem = Problem {
            kind,
            span: Span { start: 3, end: 5 },
            message: "what the reader said".into(),
            subject: "subject".into(),
            hint: Some("what to do".into()),
        };
        let reading = Reading {
            source: SourceText::new("flows/a.json".parse().unwrap(), "ab\ncd".into()),
            flow: None,
            problems: vec![problem],
        };
        let mut sink = Sink::default();
        shape(&reading, &mut sink);
        let finding = &sink.into_findings()[0];
        assert_eq!(finding.rule.as_str(), id);
        assert_eq!(finding.message, "what the reader said");
        assert_eq!(finding.hint.as_deref(), Some("what to do"));
        assert_eq!(
            (finding.location.start.line, finding.location.start.column),
            (2, 1)
        );
    }
}

#[test]
fn a_rule_is_found_by_its_id_and_a_mistyped_id_by_its_neighbour() {
    assert_eq!(find("version-required").unwrap().kind(), "shape");
    assert!(find("version-requird").is_none());
    assert_eq!(
        nearest("version-requird").unwrap().as_str(),
        "version-required"
    );
    assert_eq!(nearest("no-such-thing-at-all"), None);
}

#[test]
fn the_reference_has_an_anchor_for_every_rule_and_explain_knows_each() {
    let page = docs::markdown();
    for rule in ALL {
        let id = rule.id.as_str();
        assert!(page.contains(&format!("\n### {id}\n")), "{id}");
        assert!(page.contains(&format!("(#{id})")), "{id}");
        let text = docs::explain(id).unwrap();
        assert!(
            text.starts_with(id) && text.contains("\nBad:\n  "),
            "{text}"
        );
    }
    assert_eq!(page.matches("\n### ").count(), ALL.len());
    assert!(
        !page.contains('\u{feff}'),
        "an invisible mark teaches nobody"
    );
    assert_eq!(docs::explain("no-such-rule"), None);
}
