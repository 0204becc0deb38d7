//! The gate over the full product of its axes, against a hand-written list of the rows that may say yes.

use super::*;

const MERGE: &str = "1111111111111111111111111111111111111111";
const OTHER: &str = "2222222222222222222222222222222222222222";

fn sha(text: &str) -> CommitSha {
    text.parse().unwrap()
}

fn references() -> Vec<String> {
    [
        "refs/heads/main",
        "refs/heads/release",
        "refs/heads/mainline",
        "refs/heads/feature/main",
        "refs/tags/main",
        "refs/tags/v1",
        "refs/heads/gh-readonly-queue/main/pr-1",
        "refs/pull/1/merge",
        "main",
        "refs/heads/Main",
        "",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn triggers() -> Vec<Trigger> {
    let mut all = vec![Trigger::Outside];
    for event in [
        "pull_request_target",
        "merge_group",
        "schedule",
        "release",
        "push ",
        "",
    ] {
        all.push(Trigger::Other(event.to_owned()));
    }
    for reference in references() {
        all.push(Trigger::Dispatch {
            reference: reference.clone(),
        });
        for bits in 0..8 {
            all.push(Trigger::Push(Push {
                reference: reference.clone(),
                created: bits & 1 != 0,
                deleted: bits & 2 != 0,
                forced: bits & 4 != 0,
            }));
        }
    }
    for action in [
        "opened",
        "synchronize",
        "reopened",
        "edited",
        "ready_for_review",
        "closed",
        "labeled",
    ] {
        for merged in [false, true] {
            for base in ["main", "release", "refs/heads/main"] {
                for head in [
                    HeadRepository::Same,
                    HeadRepository::Fork,
                    HeadRepository::Gone,
                ] {
                    for merge_commit in [None, Some(sha(MERGE)), Some(sha(OTHER))] {
                        all.push(Trigger::PullRequest(PullRequest {
                            number: 7,
                            action: action.to_owned(),
                            merged,
                            base: base.to_owned(),
                            head,
                            merge_commit,
                        }));
                    }
                }
            }
        }
    }
    all
}

/// The rows that may say yes for a tenant, written by hand, row by row, with nothing shared with the gate.
fn may_write(row: &Situation) -> bool {
    let rows = [
        "push refs/heads/main false false false | main | found",
        "push refs/heads/main false false false | main | none deploy",
        "push refs/heads/release false false false | release | found",
        "push refs/heads/release false false false | release | none deploy",
        "dispatch refs/heads/main | main | 111 111",
        "dispatch refs/heads/main | main | 222 222",
        "dispatch refs/heads/release | release | 111 111",
        "dispatch refs/heads/release | release | 222 222",
        "closed true main same 111 | main | 111 | of 7",
        "closed true main same 222 | main | 222 | of 7",
        "closed true release same 111 | release | 111 | of 7",
        "closed true release same 222 | release | 222 | of 7",
    ];
    let branch = row.deploy_branch.clone().unwrap_or_else(|| "?".into());
    let short = |sha: &Option<CommitSha>| {
        sha.as_ref()
            .map_or("-".to_owned(), |sha| sha.as_str()[..3].to_owned())
    };
    let text = match &row.trigger {
        Trigger::Push(push) => {
            let lookup = match (&row.lookup, row.direct_push) {
                (Lookup::Found(_), _) => "found",
                (Lookup::NotFound, DirectPush::Deploy) => "none deploy",
                (Lookup::NotFound, DirectPush::Refuse) => "none refuse",
                (Lookup::Failed(_), _) => "failed",
                (Lookup::NoCheckOut(_), _) => "no checkout",
            };
            format!(
                "push {} {} {} {} | {branch} | {lookup}",
                push.reference, push.created, push.deleted, push.forced
            )
        }
        Trigger::Dispatch { reference } => format!(
            "dispatch {reference} | {branch} | {} {}",
            short(&row.head),
            short(&row.tip)
        ),
        Trigger::PullRequest(pull) => {
            let head = match pull.head {
                HeadRepository::Same => "same",
                HeadRepository::Fork => "fork",
                HeadRepository::Gone => "gone",
            };
            let lookup = match &row.lookup {
                Lookup::Found(number) => format!("of {number}"),
                Lookup::NotFound => "of none".to_owned(),
                Lookup::NoCheckOut(_) => "no checkout".to_owned(),
                Lookup::Failed(_) => "failed".to_owned(),
            };
            format!(
                "{} {} {} {head} {} | {branch} | {} | {lookup}",
                pull.action,
                pull.merged,
                pull.base,
                short(&pull.merge_commit),
                short(&row.head)
            )
        }
        Trigger::Outside => "outside".to_owned(),
        Trigger::Other(event) => format!("other {event}"),
    };
    rows.contains(&text.as_str())
}

fn situations() -> impl Iterator<Item = Situation> {
    let lookups = [
        Lookup::Found(7),
        Lookup::Found(8),
        Lookup::NotFound,
        Lookup::Failed("HTTP 502".into()),
        Lookup::NoCheckOut("there is no repository".into()),
    ];
    let branches = [None, Some("main".to_owned()), Some("release".to_owned())];
    let heads = [None, Some(sha(MERGE)), Some(sha(OTHER))];
    let tips = heads.clone();
    triggers().into_iter().flat_map(move |trigger| {
        let mut rows = Vec::new();
        for lookup in &lookups {
            for deploy_branch in &branches {
                for head in &heads {
                    for tip in &tips {
                        for direct_push in [DirectPush::Refuse, DirectPush::Deploy] {
                            rows.push(Situation {
                                target: Target::Tenant,
                                trigger: trigger.clone(),
                                deploy_branch: deploy_branch.clone(),
                                head: head.clone(),
                                tip: tip.clone(),
                                lookup: lookup.clone(),
                                direct_push,
                            });
                        }
                    }
                }
            }
        }
        rows
    })
}

#[test]
fn the_gate_says_yes_exactly_where_the_list_says_so() {
    let (mut rows, mut yes) = (0, 0);
    for situation in situations() {
        let verdict = decide(&situation);
        assert_eq!(
            verdict.is_ok(),
            may_write(&situation),
            "{situation:#?}\n{verdict:?}"
        );
        rows += 1;
        yes += usize::from(verdict.is_ok());
    }
    assert!(rows > 20_000, "{rows} rows");
    assert!(yes > 0, "the list is not empty");
}

#[test]
fn a_sandbox_is_not_cxone() {
    for mut situation in situations() {
        situation.target = Target::Sandbox;
        assert!(decide(&situation).is_ok());
    }
}

#[test]
fn only_a_person_takes_a_version_back() {
    for mut situation in situations() {
        let by_hand = matches!(situation.trigger, Trigger::Dispatch { .. });
        let verdict = decide_rollback(&situation);
        assert_eq!(
            verdict.is_ok(),
            by_hand && may_write(&situation),
            "{situation:#?}\n{verdict:?}"
        );
        situation.target = Target::Sandbox;
        assert!(decide_rollback(&situation).is_ok());
    }
}

#[test]
fn it_says_in_one_line_why() {
    for situation in situations() {
        let line = match decide(&situation) {
            Ok(permit) => permit.to_string(),
            Err(refusal) => refusal.to_string(),
        };
        assert_eq!(line.lines().count(), 1);
    }
}

#[test]
fn a_closed_pull_request_at_the_wrong_commit_is_told_the_ref_that_the_checkout_needs() {
    let refusal = decide(&Situation {
        target: Target::Tenant,
        trigger: Trigger::PullRequest(PullRequest {
            number: 7,
            action: "closed".into(),
            merged: true,
            base: "main".into(),
            head: HeadRepository::Same,
            merge_commit: Some(sha(MERGE)),
        }),
        deploy_branch: Some("main".into()),
        head: Some(sha(OTHER)),
        tip: None,
        lookup: Lookup::NotFound,
        direct_push: DirectPush::Refuse,
    })
    .unwrap_err();
    assert!(
        refusal
            .hint
            .unwrap()
            .contains("ref: ${{ github.event.pull_request.merge_commit_sha }}")
    );
}
