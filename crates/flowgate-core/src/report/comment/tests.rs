//! What a flow designer reads, as whole comments.

use super::*;
use crate::report::fixture;

fn settings() -> CommentSettings {
    CommentSettings {
        file_link: Some("https://github.example/o/r/blob/9f3c2e1/".into()),
        full_report_link: Some("https://github.example/o/r/runs/1".into()),
        rollback_link: None,
        ..CommentSettings::default()
    }
}

fn comment(review: &Review) -> String {
    render(review, &Redactor::default(), &settings())
}

#[test]
fn a_mistyped_target_reads_as_what_callers_notice_and_what_to_do() {
    insta::assert_snapshot!(comment(&fixture::broken_main_line()), @"");
}

#[test]
fn a_change_that_only_moved_things_is_one_line() {
    let mut review = fixture::broken_main_line();
    review.findings.clear();
    review.flows = vec![fixture::moved(1), fixture::moved(2)];
    review.untouched = 1;
    insta::assert_snapshot!(comment(&review), @"");
}

#[test]
fn thirty_flows_begin_with_the_blocked_one_and_fit_at_every_size() {
    let mut review = fixture::broken_main_line();
    review.flows.extend((0..29).map(fixture::good));
    let full = comment(&review);
    assert!(full.len() <= CommentSettings::MOST);
    let first_row = full.lines().find(|line| line.starts_with("| ❌")).unwrap();
    assert!(first_row.contains("**Main line**"), "{first_row}");
    let mut lengths = Vec::new();
    for max_bytes in [65_536, 40_000, 20_000, 8_000, 5_000, 2_500, 1_000] {
        let settings = CommentSettings {
            max_bytes,
            ..settings()
        };
        let body = render(&review, &Redactor::default(), &settings);
        assert!(body.len() <= max_bytes, "{max_bytes}: {}", body.len());
        assert_eq!(
            body.matches("<details>").count(),
            body.matches("</details>").count()
        );
        assert_eq!(body.matches("```").count() % 2, 0);
        assert!(
            body.contains("30 flows: 1 to fix, 29 ready to merge"),
            "{body}"
        );
        lengths.push(body.len());
    }
    assert!(lengths.is_sorted_by(|a, b| a >= b), "{lengths:?}");
    let counts = render(
        &review,
        &Redactor::default(),
        &CommentSettings {
            max_bytes: 0,
            ..CommentSettings::default()
        },
    );
    insta::assert_snapshot!(counts, @"");
}

#[test]
fn the_same_review_is_the_same_comment() {
    let review = fixture::broken_main_line();
    assert_eq!(comment(&review), comment(&review.clone()));
}

#[test]
fn a_hostile_flow_can_do_nothing_and_tell_nothing() {
    let review = fixture::hostile();
    let mut several = review.clone();
    several.flows.push(fixture::good(1));
    for review in [review, several] {
        let body = comment(&review);
        assert!(!body.contains("c4n4ry"), "{body}");
        assert!(!body.contains("aaaa") && !body.contains("bbbb"), "{body}");
        assert!(!body.contains("<b>") && !body.contains("<!--"), "{body}");
        for line in body.lines().filter(|line| line.starts_with('|')) {
            assert!((3..=6).contains(&line.matches('|').count()), "{line}");
        }
        assert!(body.chars().all(|char| char == '\n' || !char.is_control()));
        // Mentions and links stand in code only.
        let mut prose = String::new();
        let mut in_fence = false;
        for line in body.lines() {
            if line.starts_with("```") {
                in_fence = !in_fence;
            } else if !in_fence {
                prose.extend(
                    line.split("``")
                        .step_by(2)
                        .flat_map(|part| part.split('`').step_by(2)),
                );
            }
        }
        assert!(!prose.contains("@everyone"), "{prose}");
        assert!(!prose.contains("https://evil"), "{prose}");
    }
}
