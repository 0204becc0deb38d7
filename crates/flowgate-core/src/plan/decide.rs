//! Deciding what merging does with one flow: make what is published equal to what is on the branch, never over an
//! unseen console edit, never back to a version that was rolled back, never a flow that no pull request has shown.
//!
//! [`decide`] knows no findings; [`settle`] blocks what findings forbid. What a write looks like is in `write`, whether
//! this commit may carry it out in `provenance`. Nothing here writes or asks.

use std::cmp::Ordering;
use std::sync::Arc;

use semver::Version;

use super::decision::{Decision, blocked, held_back, nothing, reason, words};
use super::write::{Live, create, write};
use super::{
    Action, Facts, LayoutChanges, PlanSettings, Planned, Reason, Release, Scope, Touch,
    UnknownFlows, VersionPolicy,
};
use crate::drift::{OnDrift, OnNewFlow, Standing, stands};
use crate::finding::{Finding, Severity};
use crate::platform::{Answer, FlowOnPlatform, History, Published};

/// What merging does with one flow, findings aside.
pub fn decide(facts: &Facts<'_>, settings: &PlanSettings) -> Planned {
    let decision = match facts
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
        )) => against_base(facts, settings),
        Some((Answer::CannotTell, platform)) => against_history(facts, platform, settings),
        Some((Answer::Unavailable(why), _)) => blocked(
            "baseline-unavailable",
            format!("CXone could not say what is live: {why}"),
        ),
        Some((Answer::Absent, platform)) => new_flow(facts, platform, settings),
        Some((Answer::Known(published), platform)) => {
            against_published(facts, published, platform, settings)
        }
    };
    let (action, mut reasons) = not_published(facts, settings, &decision).unwrap_or(decision);
    if action.writes() && facts.touch == Touch::Named {
        reasons.push(reason("named", "the dispatch names it"));
    }
    Planned {
        arrival: None,
        path: facts.path.clone(),
        flow_id: Some(facts.flow_id.clone()),
        action,
        reasons,
    }
}

/// What is done in place of a write that merging does not carry out; `None` where it does.
fn not_published(
    facts: &Facts<'_>,
    settings: &PlanSettings,
    (action, _): &Decision,
) -> Option<Decision> {
    if facts.touch == Touch::Covered {
        return Some(nothing(
            "newly-covered",
            "this change makes it a flow file; the next change of it publishes it",
        ));
    }
    let why = settings.publishes_nothing.as_ref()?;
    action
        .writes()
        .then(|| nothing("not-deployed", why.clone()))
}

/// The plan once findings are known: an error that the baseline does not have blocks a flow that would be written.
pub fn settle(mut planned: Planned, findings: &[&Finding]) -> Planned {
    let mut rules: Vec<_> = findings
        .iter()
        .filter(|finding| {
            finding.severity == Severity::Error && finding.is_news() && finding.cause.is_none()
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

/// Nothing is known about what is live: what this change does to the file decides.
fn against_base(facts: &Facts<'_>, settings: &PlanSettings) -> Decision {
    if !facts.touch.asks_for_write() {
        let why = match facts.platform {
            Some(_) => "this change does not touch it, and CXone cannot tell what is live",
            None => "this change does not touch it, and CXone was not asked what is live",
        };
        return nothing("untouched", why);
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
    same_content(facts, base.version(), settings, unchanged)
        .unwrap_or_else(|| create(facts, Some(base), changed(facts, None)))
}

/// What is live cannot be read, but the versions can be listed: our own records say what was put there.
fn against_history(
    facts: &Facts<'_>,
    platform: &FlowOnPlatform,
    settings: &PlanSettings,
) -> Decision {
    let newest = platform.published_last();
    if newest.is_none() && platform.may_be_live() {
        // Which of the stored versions is live is not told: as little is known as where they are only counted.
        return against_base(facts, settings);
    }
    let ours = newest.and_then(|version| version.record.as_ref());
    if ours.is_some_and(|record| &record.content_digest == facts.digest) {
        return nothing(
            "in-sync",
            "the version published last is what the file says",
        );
    }
    if !facts.touch.asks_for_write() && (ours.is_none() && newest.is_some()) {
        return unmanaged();
    }
    let live = newest.map(|newest| Live {
        version_id: Some(&newest.id),
        version: newest.version.as_ref(),
    });
    if !facts.moves(&settings.layout)
        && let Some(live) = live
        && let Some(held) = platform.held(facts.said(), live.version_id, live.version)
    {
        return held_back(held, facts.touch, facts.fault());
    }
    write(
        facts,
        platform,
        settings,
        facts.base,
        live,
        changed(facts, newest.and_then(|version| version.version.as_ref())),
    )
}

fn new_flow(facts: &Facts<'_>, platform: &FlowOnPlatform, settings: &PlanSettings) -> Decision {
    if settings.on_new_flow == OnNewFlow::Fail {
        return blocked(
            "new-flow-refused",
            format!(
                "CXone knows no flow `{}`, and new flows are not created (`on-new-flow: fail`)",
                facts.flow_id
            ),
        );
    }
    if !facts.touch.asks_for_write() {
        if settings.scope == Scope::Changed {
            return nothing(
                "untouched",
                "not live on CXone, and this change does not touch it",
            );
        }
        // Without a version of ours no pull request has ever put it on its way: this change does not either.
        if settings.unknown_flows == UnknownFlows::Wait && !platform.has_record() {
            return unmanaged();
        }
    }
    let why = reason(
        "new-flow",
        format!(
            "nothing is live yet: creates {} and puts it live",
            facts.version
        ),
    );
    write(facts, platform, settings, None, None, why)
}

fn against_published(
    facts: &Facts<'_>,
    published: &Arc<Published>,
    platform: &FlowOnPlatform,
    settings: &PlanSettings,
) -> Decision {
    let live = published.version();
    let in_sync = || nothing("in-sync", already_live(live));
    let standing = stands(
        platform,
        published,
        &facts.files(),
        facts.wrong,
        &settings.layout,
    );
    if standing == Standing::InSync {
        return match same_content(facts, live, settings, in_sync) {
            Some(decision) => decision,
            // Only where things are drawn is different, and that is to be published.
            None if facts.touch.asks_for_write() || settings.scope == Scope::Managed => write(
                facts,
                platform,
                settings,
                Some(&published.flow),
                Some(published.into()),
                changed(facts, live),
            ),
            None => in_sync(),
        };
    }
    if !facts.touch.asks_for_write() {
        // A version that is not ours, on a flow that was: somebody made it in the console.
        let theirs = standing == Standing::UnmanagedAndDifferent && platform.was_ours();
        match standing {
            _ if theirs || standing == Standing::Edited => {
                return nothing(
                    "edited-in-console",
                    "edited in the console since; this change does not touch it",
                );
            }
            Standing::Edited | Standing::Unmanaged | Standing::UnmanagedAndDifferent => {
                return not_looked_after(live);
            }
            Standing::Behind if settings.scope == Scope::Changed => {
                return nothing(
                    "untouched",
                    "an earlier merge is not live yet, but this change does not touch it",
                );
            }
            Standing::Behind | Standing::InSync | Standing::Wrong => {}
        }
    }
    if standing == Standing::Wrong
        && let Some(decision) = take_back(facts, published, platform)
    {
        return decision;
    }
    let stored = Live::from(published);
    if !facts.moves(&settings.layout)
        && !standing.is_drift()
        && let Some(held) = platform.held(facts.said(), stored.version_id, stored.version)
    {
        return held_back(held, facts.touch, facts.fault());
    }
    if standing.is_drift() && settings.on_drift == OnDrift::Fail {
        let text = if standing == Standing::Edited {
            format!(
                "what is live ({}) was edited in the console since; merging would undo that",
                words(live)
            )
        } else {
            format!(
                "what is live ({}) {}; merging would replace it unseen",
                words(live),
                facts.looked_back.not_found()
            )
        };
        return blocked("edited-in-console", text);
    }
    if let Some(decision) = same_content(facts, live, settings, in_sync) {
        return decision;
    }
    write(
        facts,
        platform,
        settings,
        Some(&published.flow),
        Some(published.into()),
        changed(facts, live),
    )
}

/// The decision where nothing that matters is different from what the flow is compared with; `same` where nothing is.
fn same_content(
    facts: &Facts<'_>,
    before: Option<&Version>,
    settings: &PlanSettings,
    same: impl FnOnce() -> Decision,
) -> Option<Decision> {
    let delta = facts.delta?;
    if !delta.is_layout_only()
        || (!delta.is_empty() && settings.layout_changes == LayoutChanges::Publish)
    {
        return None;
    }
    if !delta.is_empty() {
        return Some(nothing(
            "layout-only",
            "elements only moved on the canvas: callers notice nothing, no version is made",
        ));
    }
    Some(
        match before.map(|before| (before, before.cmp(facts.version))) {
            // The number was taken when the content was published, and stays what it became.
            Some((before, Ordering::Greater)) if settings.version_policy == VersionPolicy::Auto => {
                nothing(
                    "in-sync",
                    format!(
                        "{before} is live with this content; the file says {}, a number that was taken",
                        facts.version
                    ),
                )
            }
            Some((before, Ordering::Less | Ordering::Greater)) => nothing(
                "version-only",
                format!(
                    "only the version number changed ({before} to {}): nothing to publish",
                    facts.version
                ),
            ),
            Some((_, Ordering::Equal)) | None => same(),
        },
    )
}

/// What is live is ours and wrong: where the file says the same content still, the version before is put live again. A
/// file that says other content goes on.
fn take_back(
    facts: &Facts<'_>,
    published: &Published,
    platform: &FlowOnPlatform,
) -> Option<Decision> {
    let wrong = facts.wrong?;
    let record = published.record.as_ref()?;
    let live = published.version();
    let is_raised = live.is_some_and(|live| facts.version > live);
    if record.content_digest != *facts.digest || (facts.touch == Touch::Named && is_raised) {
        return None;
    }
    let what = format!(
        "{} is live, and CXone holds other content of it than was sent ({})",
        words(live),
        wrong.what
    );
    let Some(before) = platform.live_before(&wrong.version_id) else {
        let what = format!("{what}; no version was live before it: raise the version");
        return Some(blocked("wrong-content", what));
    };
    let text = format!("{what}: puts {} live again", words(before.version.as_ref()));
    let action = Action::TakeBack {
        release: Box::new(Release {
            flow_id: facts.flow_id.clone(),
            version: live.unwrap_or(facts.version).clone(),
            digest: record.content_digest.clone(),
            delta: None,
            immutable: Vec::new(),
            content: Some(Arc::clone(facts.head)),
        }),
        version_id: wrong.version_id.clone(),
        to: before.id.clone(),
    };
    Some((action, vec![reason("wrong-content", text)]))
}

fn not_looked_after(live: Option<&Version>) -> Decision {
    nothing(
        "not-looked-after",
        format!(
            "not looked after yet: {} is live, which is not what the file says; its next merge, or a start by hand that names it, publishes it",
            words(live)
        ),
    )
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
