//! Which of the stored versions a rollback leads to.

use std::cmp::Reverse;

use semver::Version;

use super::{Decision, Limits, Subject, Target, To, blocked, possible, reason};
use crate::plan::Action;
use crate::platform::VersionSummary;

/// So many versions are named where the one that was asked for is not there.
const NAMED: usize = 5;

/// The version to go back to, or what is to be said instead.
pub(super) fn choose<'a>(
    subject: &Subject<'a>,
    to: &To,
    limits: &Limits,
) -> Result<Target<'a>, Decision> {
    let (live, all) = possible(subject)?;
    let is_live = |stored: &VersionSummary| match &live.version_id {
        Some(id) => stored.id == *id,
        None => same_number(stored, live.version()),
    };
    // What is not told may have been live: it counts, so that no limit is passed unseen.
    let may_have_been =
        |stored: &&VersionSummary| stored.publication.is_possible() || is_live(stored);
    let ladder = ladder(all.iter().filter(may_have_been));
    let rung = match to {
        // What was taken back is not gone back to: a lower version was put live after it.
        To::Previous => {
            let is_good = |rung: &usize| !was_taken_back(&ladder, *rung);
            (1..ladder.len()).find(is_good).unwrap_or(1)
        }
        To::Version(number) => {
            let is_it = |target: &Target<'_>| target.number.cmp_precedence(number).is_eq();
            let rung = ladder.iter().position(is_it);
            rung.ok_or_else(|| no_such(all, number, &ladder))?
        }
    };
    let (Some(&highest), Some(&chosen)) = (ladder.first(), ladder.get(rung)) else {
        return Err(blocked(
            "nothing-before",
            "no other version with a number was ever live: there is none to go back to",
        ));
    };
    if is_live(chosen.stored) {
        let more = match to {
            To::Previous => "; to go further back, name the version",
            To::Version(_) => "",
        };
        let text = format!("{} is live already{more}", chosen.number);
        return Err((Action::Nothing, vec![reason("already-live", text)]));
    }
    if *to == To::Previous && !chosen.stored.publication.is_known() {
        return Err(blocked(
            "not-told",
            format!(
                "CXone does not tell which of the stored versions were live before: name the version to go back to, such as {}",
                chosen.number
            ),
        ));
    }
    // Those between, which were taken back, are no steps.
    let steps = if *to == To::Previous { 1 } else { rung };
    if steps as u64 > u64::from(limits.max_depth) {
        return Err(blocked(
            "too-far-back",
            format!(
                "{} is {steps} published versions behind {}, the highest that was ever live, and `max-rollback-depth` is {}",
                chosen.number, highest.number, limits.max_depth
            ),
        ));
    }
    Ok(chosen)
}

/// Versions by number, the highest first, each number once (the one that was published last).
fn ladder<'a>(published: impl Iterator<Item = &'a VersionSummary>) -> Vec<Target<'a>> {
    let numbered = |stored: &'a VersionSummary| {
        let number = stored.version.as_ref()?;
        Some(Target { stored, number })
    };
    let mut ladder: Vec<Target<'a>> = published.filter_map(numbered).collect();
    ladder.sort_by_key(|target| Reverse((target.number, target.stored.published_at.as_ref())));
    ladder.dedup_by(|a, b| a.number.cmp_precedence(b.number).is_eq());
    ladder
}

/// Whether a lower version was published after this one, as far as CXone tells the times.
fn was_taken_back(ladder: &[Target<'_>], rung: usize) -> bool {
    let at = |target: &Target<'_>| target.stored.published_at.clone();
    let Some(mine) = ladder.get(rung).and_then(at) else {
        return false;
    };
    let below = ladder.get(rung + 1..).unwrap_or_default();
    below
        .iter()
        .any(|lower| at(lower).is_some_and(|lower| lower > mine))
}

fn same_number(stored: &VersionSummary, number: Option<&Version>) -> bool {
    match (&stored.version, number) {
        (Some(stored), Some(number)) => stored.cmp_precedence(number).is_eq(),
        _ => false,
    }
}

fn no_such(all: &[VersionSummary], number: &Version, ladder: &[Target<'_>]) -> Decision {
    let known: Vec<String> = ladder
        .iter()
        .map(|target| target.number.to_string())
        .take(NAMED)
        .collect();
    let known = format!("live before were {}", known.join(", "));
    if all.iter().any(|stored| same_number(stored, Some(number))) {
        return blocked(
            "never-published",
            format!(
                "{number} is stored and was never live: a rollback puts live what was live before; {known}"
            ),
        );
    }
    blocked(
        "no-such-version",
        format!("CXone has no version {number} of it; {known}"),
    )
}
