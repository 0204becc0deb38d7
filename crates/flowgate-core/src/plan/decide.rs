//! Deciding what merging does with one flow: make what is published equal to what is on the branch, never over an
//! unseen console edit, never back to a version that was rolled back, never a flow that no pull request has shown.
//!
//! [`decide`] knows no findings; [`settle`] blocks what findings forbid. Nothing here writes or asks.

use std::sync::Arc;

use semver::Version;

use super::{Action, Facts, PlanSettings, Planned, Reason, Release, Scope, Touch};
use crate::delta::all_new;
use crate::drift::{OnDrift, OnNewFlow, Standing, standing};
use crate::finding::{Finding, Severity};
use crate::flow::Flow;
use crate::ids::ElementId;
use crate::platform::{Answer, FlowOnPlatform, History, Published, VersionSummary};

/// What merging does with one flow, findings aside.
pub fn decide(facts: &Facts<'_>, settings: &PlanSettings) -> Planned {
    let (action, reasons) = match facts
        .platform
        .map(|platform| (&platform.published, platform))
    {
        None
        | Some((
            Answer::CannotTell,
            FlowOnPlatform {
                history: History::Counted(_) | History::Unknown(_),
                ..
            },
        )) => against_base(facts),
        Some((Answer::CannotTell, platform)) => against_history(facts, platform),
        Some((Answer::Unavailable(why), _)) => blocked(
            "baseline-unavailable",
            format!("CXone could not say what is live: {why}"),
        ),
        Some((Answer::Absent, platform)) => new_flow(facts, platform, settings),
        Some((Answer::Known(published), platform)) => {
            against_published(facts, published, platform, settings)
        }
    };
    Planned {
        path: facts.path.clone(),
        flow_id: Some(facts.flow_id.clone()),
        action,
        reasons,
    }
}

/// The plan once findings are known: an error that the baseline does not have blocks a flow that would be written.
pub fn settle(mut planned: Planned, findings: &[&Finding]) -> Planned {
    let mut rules: Vec<_> = findings
        .iter()
        .filter(|finding| {
            finding.severity == Severity::Error && !finding.existing && finding.cause.is_none()
        })
        .map(|finding| finding.rule)
        .collect();
    rules.sort_unstable();
    rules.dedup();
    if planned.action.writes() && !rules.is_empty() {
        planned.action = Action::Blocked;
        planned.reasons = rules
            .iter()
            .map(|rule| reason(rule.as_str(), format!("`{rule}` is not resolved")))
            .collect();
    }
    planned
}

type Decision = (Action, Vec<Reason>);

fn reason(code: &'static str, text: impl Into<String>) -> Reason {
    Reason {
        code,
        text: text.into(),
    }
}

fn nothing(code: &'static str, text: impl Into<String>) -> Decision {
    (Action::Nothing, vec![reason(code, text)])
}

fn blocked(code: &'static str, text: impl Into<String>) -> Decision {
    (Action::Blocked, vec![reason(code, text)])
}

/// Nothing is known about what is live: what this change does to the file decides.
fn against_base(facts: &Facts<'_>) -> Decision {
    if facts.touch != Touch::Touched {
        return nothing(
            "untouched",
            "this change does not touch it, and CXone cannot tell what is live",
        );
    }
    let Some(base) = facts.base else {
        return create(
            facts,
            None,
            reason(
                "new-flow",
                format!(
                    "creates {} as the first version of a new flow",
                    facts.version
                ),
            ),
        );
    };
    // What the base branch says need not be live: nothing is claimed about it.
    let unchanged = || {
        nothing(
            "unchanged",
            "nothing changed; what is live was not compared",
        )
    };
    same_content(facts, base.version(), unchanged)
        .unwrap_or_else(|| create(facts, Some(base), changed(facts, None)))
}

/// What is live cannot be read, but the versions can be listed: our own records say what was put there.
fn against_history(facts: &Facts<'_>, platform: &FlowOnPlatform) -> Decision {
    let versions = platform.history.listed().unwrap_or_default();
    let newest = versions
        .iter()
        .filter(|version| version.published_at.is_some())
        .max_by(|a, b| a.published_at.cmp(&b.published_at));
    let ours = newest.and_then(|version| version.record.as_ref());
    if ours.is_some_and(|record| &record.content_digest == facts.digest) {
        return nothing(
            "in-sync",
            "the version published last is what the file says",
        );
    }
    if facts.touch != Touch::Touched && (ours.is_none() && newest.is_some()) {
        return unmanaged();
    }
    write(
        facts,
        platform,
        facts.base,
        None,
        changed(facts, newest.and_then(|version| version.version.as_ref())),
    )
}

fn new_flow(facts: &Facts<'_>, platform: &FlowOnPlatform, settings: &PlanSettings) -> Decision {
    if settings.on_new_flow == OnNewFlow::Fail {
        return blocked(
            "new-flow",
            format!(
                "CXone knows no flow `{}`, and new flows are not created (`on-new-flow: fail`)",
                facts.flow_id
            ),
        );
    }
    if facts.touch != Touch::Touched && settings.scope == Scope::Changed {
        return nothing(
            "untouched",
            "not live on CXone, and this change does not touch it",
        );
    }
    let why = reason(
        "new-flow",
        format!(
            "nothing is live yet: creates {} and puts it live",
            facts.version
        ),
    );
    write(facts, platform, None, None, why)
}

fn against_published(
    facts: &Facts<'_>,
    published: &Arc<Published>,
    platform: &FlowOnPlatform,
    settings: &PlanSettings,
) -> Decision {
    let live = published.version();
    let in_sync = || nothing("in-sync", already_live(live));
    let standing = standing(published, facts.base, facts.head, &settings.layout);
    if standing == Standing::InSync {
        return same_content(facts, live, in_sync).unwrap_or_else(in_sync);
    }
    if facts.touch != Touch::Touched {
        match standing {
            Standing::Edited => {
                return nothing(
                    "edited-in-console",
                    "edited in the console since; this change does not touch it",
                );
            }
            Standing::Unmanaged | Standing::UnmanagedAndDifferent => return unmanaged(),
            Standing::Behind if settings.scope == Scope::Changed => {
                return nothing(
                    "untouched",
                    "an earlier merge is not live yet, but this change does not touch it",
                );
            }
            Standing::Behind | Standing::InSync => {}
        }
        if let Some(held) = held(facts, published, platform) {
            return nothing(
                "held",
                format!(
                    "{} was taken back; it stays so until its file changes",
                    words(held.version.as_ref())
                ),
            );
        }
    }
    if standing.is_drift() && settings.on_drift == OnDrift::Fail {
        let text = if standing == Standing::Edited {
            format!(
                "what is live ({}) was edited in the console since; merging would undo that",
                words(live)
            )
        } else {
            format!(
                "what is live ({}) was never in this repository; merging would replace it unseen",
                words(live)
            )
        };
        return blocked("edited-in-console", text);
    }
    if let Some(decision) = same_content(facts, live, in_sync) {
        return decision;
    }
    write(
        facts,
        platform,
        Some(&published.flow),
        Some(published),
        changed(facts, live),
    )
}

/// The decision where nothing that matters is different from what the flow is compared with; `same` where nothing is.
fn same_content(
    facts: &Facts<'_>,
    before: Option<&Version>,
    same: impl FnOnce() -> Decision,
) -> Option<Decision> {
    let delta = facts.delta?;
    if !delta.is_layout_only() {
        return None;
    }
    Some(if !delta.is_empty() {
        nothing(
            "layout-only",
            "elements only moved on the canvas: callers notice nothing, no version is made",
        )
    } else if before.is_some_and(|before| before != facts.version) {
        nothing(
            "version-only",
            format!(
                "only the version number changed ({} to {}): nothing to publish",
                words(before),
                facts.version
            ),
        )
    } else {
        same()
    })
}

/// Creates the version, or publishes it where it is stored already.
fn write(
    facts: &Facts<'_>,
    platform: &FlowOnPlatform,
    current: Option<&Flow>,
    live: Option<&Arc<Published>>,
    why: Reason,
) -> Decision {
    let stored = platform
        .history
        .listed()
        .unwrap_or_default()
        .iter()
        .find(|stored| {
            stored
                .version
                .as_ref()
                .is_some_and(|version| version.cmp_precedence(facts.version).is_eq())
        });
    let Some(stored) = stored else {
        return create(facts, current, why);
    };
    match &stored.record {
        Some(record) if &record.content_digest == facts.digest => {
            let text = if stored.published_at.is_some() {
                format!(
                    "{} is stored with this content: puts it live again",
                    facts.version
                )
            } else {
                format!(
                    "{} is stored with this content and was never live: puts it live",
                    facts.version
                )
            };
            (
                Action::Publish {
                    release: Box::new(release(facts, current)),
                    version_id: stored.id.clone(),
                },
                vec![reason("stored-version", text)],
            )
        }
        Some(record) => blocked(
            "version-exists",
            format!(
                "{} is stored with other content ({}, the file has {}): raise the version",
                facts.version,
                record.content_digest.short(),
                facts.digest.short()
            ),
        ),
        None if live.is_some_and(|live| live.version_id.as_ref() == Some(&stored.id)) => blocked(
            "version-exists",
            format!(
                "{} is live with other content: raise the version",
                facts.version
            ),
        ),
        None => blocked(
            "version-exists",
            format!(
                "{} is stored already, and not by us: raise the version",
                facts.version
            ),
        ),
    }
}

fn create(facts: &Facts<'_>, current: Option<&Flow>, why: Reason) -> Decision {
    (
        Action::CreateAndPublish(Box::new(release(facts, current))),
        vec![why],
    )
}

fn release(facts: &Facts<'_>, current: Option<&Flow>) -> Release {
    let immutable = |flow: &Flow| -> Vec<ElementId> {
        flow.elements()
            .iter()
            .filter(|element| element.kind.is_immutable())
            .map(|element| element.id.clone())
            .collect()
    };
    Release {
        flow_id: facts.flow_id.clone(),
        version: facts.version.clone(),
        flow: Arc::clone(facts.head),
        digest: facts.digest.clone(),
        delta: facts
            .delta
            .cloned()
            .unwrap_or_else(|| Arc::new(all_new(facts.head))),
        immutable: immutable(current.unwrap_or(facts.head)),
    }
}

/// The stored version with the file's content that was live before what is live now, and higher than it: it was taken
/// back on purpose.
fn held<'p>(
    facts: &Facts<'_>,
    live: &Published,
    platform: &'p FlowOnPlatform,
) -> Option<&'p VersionSummary> {
    platform.history.listed()?.iter().find(|stored| {
        stored.published_at.is_some()
            && live.version_id.as_ref() != Some(&stored.id)
            && stored
                .record
                .as_ref()
                .is_some_and(|record| &record.content_digest == facts.digest)
            && match (&stored.version, live.version()) {
                (Some(stored), Some(live)) => stored > live,
                _ => true,
            }
    })
}

fn unmanaged() -> Decision {
    nothing(
        "unmanaged",
        "Flowgate has not deployed it yet; it does so once a pull request changes it",
    )
}

fn changed(facts: &Facts<'_>, live: Option<&Version>) -> Reason {
    match live {
        Some(live) => reason(
            "changed",
            format!(
                "creates {}, live at once; {live} stays for rollback",
                facts.version
            ),
        ),
        None => reason(
            "changed",
            format!("creates {}, live at once", facts.version),
        ),
    }
}

fn already_live(live: Option<&Version>) -> String {
    match live {
        Some(live) => format!("{live} is live with this content"),
        None => "live with this content".to_owned(),
    }
}

fn words(version: Option<&Version>) -> String {
    version.map_or_else(|| "an unnumbered version".to_owned(), Version::to_string)
}
