//! What a flow designer reads, as whole comments.

mod alike;
mod between;
mod heard;
mod ways;

use super::*;
use crate::report::fixture;
use crate::rules::OldFaults;

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
    insta::assert_snapshot!(comment(&fixture::broken_main_line()), @r#"
    ### ❌ Main line: 1 thing to fix. 🔴 Callers who press 2 would reach nothing; one text is new.

    Compared with what is **live on CXone** (1.2.0, from #41). Nobody edited it in the console since.

    **Fix before merging**
    | Where | Problem | Do this |
    |---|---|---|
    | **Main menu** –\[press 2\]→ ? · [line 17](https://github.example/o/r/blob/9f3c2e1/flows/main.json#L17) | leads to `api-04`; no element has that id | you added Customer lookup \(`api-004`\) here: set `targetId` to `api-004` |

    <sub>Goes away with it: Customer lookup cannot be reached. Older findings, not counted: 1.</sub>

    ```mermaid
    flowchart LR
      n0["Customer lookup"]:::new
      n1["? api-04"]:::missing
      n2["Goodbye"]:::same
      n3["Welcome"]:::same
      n4["Main menu"]:::changed
      n5["Sales"]:::same
      n6["Accounts"]:::same
      n0 ==>|"on error"| n6
      n3 -->|"next"| n4
      n4 -->|"no input"| n2
      n4 -->|"press 1"| n5
      n4 ==>|"press 2"| n1
      n4 -.-x|"press 2"| n6
      linkStyle 4 stroke:#cf222e
      classDef same fill:#f6f8fa,stroke:#8c959f,color:#1f2328
      classDef changed fill:#fff8c5,stroke:#9a6700,color:#1f2328
      classDef new fill:#dafbe1,stroke:#1a7f37,color:#1f2328
      classDef gone fill:#f6f8fa,stroke:#8c959f,color:#59636e,stroke-dasharray:4
      classDef missing fill:#ffebe9,stroke:#cf222e,color:#1f2328
    ```

    <sub>Green: new · yellow: changed · grey, dashed: gone · red: missing</sub>

    **What callers would notice**
    | | Way of the call | Live now | After merging |
    |---|---|---|---|
    | 🔀 goes elsewhere | Welcome → Main menu → **press 2** | Queue *Accounts* | **nowhere** ❌ |
    | 🔊 hears | Welcome → Main menu, prompt | “… 1. For accounts, press 2.” | “… 1. For accounts, press 2. **Have your customer number ready.**” |

    Unchanged: press 1, no input (2 of 3 exits).

    **Merging now:** blocked, nothing is published. **After the fix:** creates 1.3.0, live at once; 1.2.0 stays for rollback.
    1 finding blocks it · Risk: 🔴 **breaking** as it stands, at least **risky** once mended · step 1.2.0 → 1.3.0 is enough · 12 of 50 versions stored

    <details><summary>Behind the scenes (3)</summary>

    | | What | Detail |
    |---|---|---|
    | ✏️ | **Main menu** (IVR, `ivr-002`)<br><sub>after Welcome</sub> | `apiKey`: `‹redacted›` → `‹redacted, changed›` |
    | ➕ | **Customer lookup** (API, `api-004`)<br><sub>no call gets there</sub> | `GET https://api.example.com/customers` · waits 8 s · on error → Queue *Accounts* |
    | ▫️ | 1 element | only moved on the canvas |

    </details>

    <details><summary>Why it is breaking (2)</summary>

    - breaking at Welcome → Main menu: callers who take “press 2” reach nothing (`leads-nowhere`)
    - risky at Welcome → Main menu: callers hear something else (`prompt-changed`); a setting is different whose meaning only the tenant knows (`setting-changed`)

    </details>

    <details><summary>Every changed field (3)</summary>

    | Where | Field | Before | After |
    |---|---|---|---|
    | Main menu (`ivr-002`) | `/configuration/prompt` | `"For sales, press 1. For accounts, press 2."` | `"For sales, press 1. For accounts, press 2. Have your customer number ready."` |
    | Main menu (`ivr-002`) | `/configuration/apiKey` | `‹redacted›` | `‹redacted, changed›` |
    | Main menu –\[press 2\]→ api-04 (`c4`) | `/targetId` | `"queue-002"` | `"api-04"` |

    </details>

    <details><summary>Delta matrix: 2 added, 0 removed, 2 modified, 1 only moved</summary>

    | | Added | Removed | Modified | Only moved |
    |---|---|---|---|---|
    | Elements | 1: `api-004` | 0 | 1: `ivr-002` | 1: `queue-001` |
    | Connectors | 1: `c6` | 0 | 1: `c4` | 0 |

    </details>

    <sub>Checked 9f3c2e1 · [full report](https://github.example/o/r/runs/1) · the other 11 flows are untouched</sub>
    "#);
}

#[test]
fn a_change_that_only_moved_things_is_one_line() {
    let mut review = fixture::broken_main_line();
    review.findings.clear();
    review.flows = vec![fixture::moved(1), fixture::moved(2)];
    review.untouched = 1;
    insta::assert_snapshot!(comment(&review), @r#"
    ### ✅ 2 flows: 2 ready to merge

    | | Flow | State | Risk | What callers would notice | Merging |
    |---|---|---|---|---|---|
    | ✅ | **Line 01** | nothing to fix | ⚪ safe | Only moved on the canvas: callers notice nothing. | nothing is written |
    | ✅ | **Line 02** | nothing to fix | ⚪ safe | Only moved on the canvas: callers notice nothing. | nothing is written |

    <sub>Checked 9f3c2e1 · [full report](https://github.example/o/r/runs/1) · the other flow is untouched</sub>
    "#);
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
    insta::assert_snapshot!(counts, @r#"
    ### ❌ 🔴 30 flows: 1 to fix, 29 ready to merge, 1 breaking for callers

    1 thing to fix, 0 warnings. Elements and connectors: 60 added, 0 removed, 60 modified, 30 only moved.

    <sub>Shortened: the whole did not fit into a comment.</sub>

    <sub>Checked 9f3c2e1 · the other 11 flows are untouched</sub>
    "#);
}

#[test]
fn flows_that_merging_heals_besides_stand_after_those_of_the_change() {
    let mut review = fixture::broken_main_line();
    review.flows.clear();
    review.findings.clear();
    let mut behind = fixture::good(2);
    behind.touch = Touch::Untouched;
    let mut edited = fixture::moved(3);
    edited.touch = Touch::Untouched;
    edited.plan.reasons[0].text =
        "edited in the console since; this change does not touch it".to_owned();
    review.flows = vec![fixture::moved(1), behind, edited];
    let body = comment(&review);
    let (change, beside) = body.split_once("**Merging also").unwrap();
    assert!(!change.contains("Line 02") && !change.contains("Line 03"));
    insta::assert_snapshot!(beside, @r#"
     puts 1 flow live that this change leaves alone**
    | Flow | Merging | Why |
    |---|---|---|
    | **Line 02** (`flows/line-02.json`) | creates 1.3.0, live at once; 1.2.0 stays for rollback | merged earlier, and not live yet |
    | **Line 03** (`flows/line-03.json`) | nothing is written | edited in the console since; this change does not touch it |

    <sub>Checked 9f3c2e1 · [full report](https://github.example/o/r/runs/1) · the other 9 flows are untouched</sub>
    "#);
    let short = |max_bytes| {
        let settings = CommentSettings {
            max_bytes,
            ..settings()
        };
        render(&review, &Redactor::default(), &settings)
    };
    assert!(
        short(0).contains("Merging also puts 1 flow live that this change leaves alone."),
        "{}",
        short(0)
    );
    // Nobody could be asked about the rest.
    review.unasked = 9;
    assert!(comment(&review).contains(
        "the other 9 flows are untouched (CXone was not asked whether merging publishes them too)"
    ));
}

#[test]
fn old_faults_that_count_are_mistakes_like_new_ones() {
    let mut review = fixture::broken_main_line();
    review.findings.retain(|finding| finding.existing);
    let folded = comment(&review);
    assert!(
        folded.contains("Older findings, not counted: 1."),
        "{folded}"
    );
    assert!(!folded.contains("callers may wait for ever"), "{folded}");
    review.old_faults = OldFaults::Count;
    let counted = comment(&review);
    assert!(counted.contains("callers may wait for ever"), "{counted}");
    assert!(!counted.contains("not counted"), "{counted}");
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
            assert!((3..=7).contains(&line.matches('|').count()), "{line}");
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
