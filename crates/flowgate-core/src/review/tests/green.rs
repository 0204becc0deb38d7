//! A check that is green is true: what blocks a flow fails the check, and what CXone will refuse is not sent.

use super::*;
use crate::finding::Severity;
use crate::rules::{Firm, find};

/// Faults that CXone refuses, as an edit of a sound flow.
const REFUSED: [(&str, &str, &str); 4] = [
    (
        "connector-missing-target",
        r#""targetId":"e""#,
        r#""targetId":"gone""#,
    ),
    (
        "duplicate-element-id",
        r#"{"id":"e","type":"End"}"#,
        r#"{"id":"e","type":"End"},{"id":"m","type":"IVR"}"#,
    ),
    (
        "unsupported-element-type",
        r#""type":"IVR""#,
        r#""type":"Fax""#,
    ),
    (
        "missing-field",
        r#"{"id":"e","type":"End"}"#,
        r#"{"id":"e","type":"End"},{"type":"IVR"}"#,
    ),
];

#[test]
fn an_old_fault_that_cxone_refuses_blocks_the_flow_that_a_change_would_send() {
    for (rule, sound, faulty) in REFUSED {
        let old = text("1.0.0", "Hello", 0).replace(sound, faulty);
        let new = text("1.1.0", "Good day", 0).replace(sound, faulty);
        let clean = text("1.0.0", "Hello", 0);
        let told = Story::new(Some(&old), Some(&new)).ends_unasked();
        assert_eq!(told, format!("blocked {rule} [{rule}]"));
        let told = Story::new(Some(&old), Some(&new))
            .live(&clean, Some(&clean))
            .ends();
        assert_eq!(told, format!("blocked {rule} [{rule}]"));
    }
}

#[test]
fn what_is_live_with_a_fault_was_accepted_with_it() {
    for (rule, sound, faulty) in REFUSED.iter().filter(|(rule, ..)| *rule != "missing-field") {
        let old = text("1.0.0", "Hello", 0).replace(sound, faulty);
        let new = text("1.1.0", "Good day", 0).replace(sound, faulty);
        let told = Story::new(Some(&old), Some(&new))
            .live(&old, Some(&old))
            .ends();
        assert_eq!(told, "createAndPublish changed", "{rule}");
    }
}

#[test]
fn what_an_earlier_merge_could_not_get_live_fails_the_next_check_as_it_will_fail_the_next_merge() {
    let (rule, sound, faulty) = REFUSED[0];
    let clean = text("1.0.0", "Hello", 0);
    let merged = text("1.1.0", "Good day", 0);
    let behind = |merged: &str| {
        let story = Story::new(Some(merged), Some(merged));
        story.live(&clean, Some(&clean)).untouched()
    };
    assert_eq!(behind(&merged).ends(), "createAndPublish changed");
    assert_eq!(
        behind(&merged.replace(sound, faulty)).ends(),
        format!("blocked {rule} [{rule}]")
    );
    let other = text("1.1.0", "Taken in the console", 0);
    let taken = behind(&merged).also_stored(stored("v2", "1.1.0", &other, false));
    assert_eq!(taken.ends(), "blocked version-exists [version-exists]");
}

/// All that may be known about a flow, one thing at a time: whatever blocks it, the check fails.
#[test]
fn no_flow_is_blocked_in_a_green_check() {
    let clean = |version: &str, prompt: &str| text(version, prompt, 0);
    let edited = clean("1.0.1", "Edited in the console");
    let mut blocked = 0;
    let mut texts = vec![clean("1.1.0", "Good day"), clean("1.0.0", "Good day")];
    texts.extend(REFUSED.map(|(_, sound, faulty)| clean("1.1.0", "New").replace(sound, faulty)));
    texts.extend(["{".to_owned(), "{}".to_owned(), String::new()]);
    texts.push(clean("1.1.0", "No version").replace(r#""version":"1.1.0","#, ""));
    let lives: [fn(Story, &str, &str) -> Story; 7] = [
        |story, _, _| story,
        |story, base, _| story.live(base, Some(base)),
        |story, base, _| story.live(base, None),
        |story, base, edited| story.live(edited, Some(base)),
        |mut story, _, _| {
            story.live = Answer::Unavailable("HTTP 503".into());
            story
        },
        |mut story, _, _| {
            story.history = History::Counted(50);
            story
        },
        |story, base, edited| {
            let story = story.live(base, Some(base));
            story.also_stored(stored("v2", "1.1.0", edited, false))
        },
    ];
    for head in &texts {
        for base in texts.iter().step_by(3) {
            for (nth, live) in lives.iter().enumerate() {
                for touch in [Touch::Touched, Touch::Named, Touch::Untouched] {
                    let mut story = live(
                        Story::new(Some(base), Some(head)),
                        &clean("1.0.0", "Hello"),
                        &edited,
                    );
                    story.touch = touch;
                    for asked in [true, false] {
                        let review = story.review(asked);
                        let fails = story.settings.policy.verdict(&review.findings).fails;
                        for flow in &review.flows {
                            let is_blocked = matches!(flow.plan.action, Action::Blocked);
                            blocked += usize::from(is_blocked);
                            assert!(
                                fails || !is_blocked,
                                "{head}\n{base}\n{nth} {touch:?}: {}",
                                told(&review)
                            );
                            let refused = review.findings.iter().any(|finding| {
                                let firm = find(finding.rule.as_str()).and_then(|rule| rule.firm);
                                finding.severity == Severity::Error
                                    && matches!(firm, Some(Firm::Refused(_)))
                            });
                            assert!(
                                !refused || !flow.plan.action.writes(),
                                "{head}\n{base}\n{nth} {touch:?}: {}",
                                told(&review)
                            );
                        }
                    }
                }
            }
        }
    }
    assert!(blocked > 100, "{blocked}");
}
