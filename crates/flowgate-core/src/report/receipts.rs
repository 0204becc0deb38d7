//! What happened in a deployment, for a terminal and as markdown: each flow, totals, what to do next.

use std::fmt::Write as _;

use super::safe;
use super::story::count;
use crate::ids::VersionId;
use crate::receipt::{AsReviewed, Receipt, State};
use crate::redact::Redactor;

/// What was done, for headings and for what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// What the branch says was put live.
    Deployed,
    /// An earlier version was put live again.
    TakenBack,
}

/// The result for a terminal.
pub fn text(receipts: &[Receipt], deed: Deed, redactor: &Redactor) -> String {
    let plain = |text: &str| safe::terminal(&redactor.of_flow(&safe::line(text)));
    let mut out = String::new();
    for receipt in receipts {
        let version = receipt.version.as_deref();
        let ids = [
            beside(receipt),
            receipt.version_id.as_ref().map(VersionId::as_str),
        ];
        let ids: Vec<String> = ids.into_iter().flatten().map(plain).collect();
        let _ = write!(out, "{} {}", sign(receipt.state), plain(&receipt.name));
        if let Some(version) = version {
            let _ = write!(out, " {}", plain(version));
        }
        if !ids.is_empty() {
            let _ = write!(out, " ({})", ids.join(", "));
        }
        let _ = writeln!(out, ": {}", words(receipt.state, deed));
        if let Some(error) = &receipt.error {
            let _ = writeln!(out, "    error: {}", plain(error));
        }
        // Most errors say themselves what callers get now.
        let error = receipt.error.as_deref().unwrap_or_default();
        if let Some(live) = receipt
            .live_now
            .as_ref()
            .filter(|live| !error.contains(*live))
        {
            let _ = writeln!(out, "    {}", plain(live));
        }
        for notice in &receipt.notices {
            let _ = writeln!(out, "    note: {}", plain(notice));
        }
        if let Some(said) = receipt.as_reviewed {
            let _ = writeln!(out, "    {}", reviewed(said));
        }
    }
    let _ = writeln!(out, "{}", totals(receipts, deed));
    for next in next(receipts, deed) {
        let _ = writeln!(out, "next: {next}");
    }
    safe::stop_commands(out)
}

/// The result as GitHub markdown, worst flows first. `None` of it is cut: past `rows` flows only counts.
pub fn markdown(receipts: &[Receipt], deed: Deed, redactor: &Redactor, rows: usize) -> String {
    let line = |text: &str| redactor.of_flow(&safe::line(text)).into_owned();
    let good = receipts.iter().all(|receipt| receipt.state.is_good());
    let mut parts = vec![format!(
        "### {} {}: {}",
        if good { "✅" } else { "❌" },
        match deed {
            Deed::Deployed => "Deployed to CXone",
            Deed::TakenBack => "Taken back on CXone",
        },
        totals(receipts, deed)
    )];
    let mut sorted: Vec<&Receipt> = receipts.iter().collect();
    sorted.sort_by_key(|receipt| (std::cmp::Reverse(weight(receipt.state)), &receipt.path));
    if !sorted.is_empty() {
        let mut table = vec![
            "| | Flow | Version | What happened | Callers get now |".to_owned(),
            "|---|---|---|---|---|".to_owned(),
        ];
        for receipt in sorted.iter().take(rows) {
            let version = [
                receipt
                    .version
                    .as_ref()
                    .map(|version| safe::inline(&line(version))),
                receipt
                    .version_id
                    .as_ref()
                    .map(|id| safe::code(&line(id.as_str()))),
            ];
            let version: Vec<String> = version.into_iter().flatten().collect();
            let mut happened = words(receipt.state, deed).to_owned();
            if let Some(error) = &receipt.error {
                let _ = write!(happened, ": {}", safe::prose(&line(error)));
            }
            for notice in &receipt.notices {
                let _ = write!(happened, "; note: {}", safe::prose(&line(notice)));
            }
            if let Some(said) = receipt.as_reviewed {
                let _ = write!(happened, "; {}", reviewed(said));
            }
            let id = beside(receipt).map(|id| format!(" {}", safe::code(&line(id))));
            let now = receipt.live_now.as_deref().unwrap_or("not known");
            // The column says already that it is what is live.
            let now = now.strip_prefix("live now: ").unwrap_or(now);
            table.push(format!(
                "| {} | **{}**{} | {} | {happened} | {} |",
                sign(receipt.state),
                safe::inline(&line(&receipt.name)),
                id.unwrap_or_default(),
                version.join(" "),
                safe::prose(&line(now))
            ));
        }
        if sorted.len() > rows {
            table.push(format!("| … | and {} more | | | |", sorted.len() - rows));
        }
        parts.push(table.join("\n"));
    }
    let next: Vec<String> = next(receipts, deed)
        .into_iter()
        .map(|next| format!("- {next}"))
        .collect();
    if !next.is_empty() {
        parts.push(format!("**What to do next**\n{}", next.join("\n")));
    }
    format!("{}\n", parts.join("\n\n"))
}

/// The flow's id, where its name does not say it already.
fn beside(receipt: &Receipt) -> Option<&str> {
    let id = receipt.flow_id.as_ref()?.as_str();
    (receipt.name != id).then_some(id)
}

fn sign(state: State) -> &'static str {
    match state {
        State::Verified => "✅",
        State::PublishedUnverified => "⚠️",
        State::Skipped => "▫️",
        State::Blocked | State::Failed => "❌",
        State::RolledBack => "↩️",
        State::Unknown => "❓",
    }
}

fn words(state: State, deed: Deed) -> &'static str {
    match state {
        State::RolledBack if deed == Deed::TakenBack => {
            "not taken back: what was live before is live again"
        }
        State::Verified => "live, read back and right",
        State::PublishedUnverified => "accepted; this CXone tenant offers no way to look",
        State::Skipped => "nothing to do",
        State::Blocked => "blocked, nothing was written",
        State::Failed => "failed",
        State::RolledBack => "taken back, the version before is live again",
        State::Unknown => "not known: a person must look",
    }
}

fn reviewed(said: AsReviewed) -> &'static str {
    match said {
        AsReviewed::Same => "as the pull request's comment showed it",
        AsReviewed::Different => "⚠️ not what the pull request's comment showed",
        AsReviewed::NotShown => "no comment of the pull request showed it",
    }
}

fn weight(state: State) -> u8 {
    match state {
        State::Unknown => 6,
        State::RolledBack => 5,
        State::Failed => 4,
        State::Blocked => 3,
        State::PublishedUnverified => 2,
        State::Verified => 1,
        State::Skipped => 0,
    }
}

fn totals(receipts: &[Receipt], deed: Deed) -> String {
    let mut parts = Vec::new();
    let [live, accepted, put_back] = match deed {
        Deed::Deployed => ["live", "accepted, not verified", "taken back"],
        Deed::TakenBack => ["taken back", "taken back, not verified", "not taken back"],
    };
    for (state, word) in [
        (State::Verified, live),
        (State::PublishedUnverified, accepted),
        (State::Skipped, "without anything to do"),
        (State::Blocked, "blocked"),
        (State::Failed, "failed"),
        (State::RolledBack, put_back),
        (State::Unknown, "not known"),
    ] {
        let number = receipts
            .iter()
            .filter(|receipt| receipt.state == state)
            .count();
        if number > 0 {
            parts.push(format!("{number} {word}"));
        }
    }
    if parts.is_empty() {
        match deed {
            Deed::Deployed => "no flow to deploy".to_owned(),
            Deed::TakenBack => "no flow to take back".to_owned(),
        }
    } else {
        format!("{}: {}", count(receipts.len(), "flow"), parts.join(", "))
    }
}

/// What people do now; empty where all is well. Holds nothing from a file.
fn next(receipts: &[Receipt], deed: Deed) -> Vec<&'static str> {
    let any = |state| receipts.iter().any(|receipt| receipt.state == state);
    let mut next = Vec::new();
    if any(State::Unknown) {
        next.push("look in CXone which version of the flows marked ❓ is published, then run the deployment again: it reads first and writes only what is missing");
    }
    if any(State::RolledBack) {
        next.push("find out why CXone showed other content for the flows marked ↩️ before you merge them again");
    }
    if any(State::Failed) {
        next.push("mend what the error says and run the job again: flows that are live already are left alone");
    }
    if any(State::Blocked) {
        next.push(match deed {
            Deed::Deployed => "mend the blocked flows in a new pull request; `flowgate check` says what stands in the way",
            Deed::TakenBack => "the errors of the blocked flows say what stands in the way, and which setting goes over it",
        });
    }
    next
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::report::fixture::HOSTILE;

    fn receipt(name: &str, state: State) -> Receipt {
        let id = name.to_lowercase().replace(' ', "-");
        Receipt {
            name: name.to_owned(),
            flow_id: Some(id.parse().unwrap()),
            path: format!("flows/{id}.json").parse().unwrap(),
            version: Some("1.3.0".into()),
            version_id: None,
            state,
            verified: state == State::Verified,
            error: None,
            live_now: Some("live now: 1.2.0, unchanged".into()),
            digest: None,
            as_reviewed: None,
            warns: false,
            notices: Vec::new(),
        }
    }

    pub(in crate::report) fn receipts() -> Vec<Receipt> {
        let mut verified = receipt("Main line", State::Verified);
        verified.version_id = Some("v-77".parse().unwrap());
        verified.live_now = Some("live now: 1.3.0".into());
        let mut failed = receipt("Night line", State::Failed);
        failed.error = Some(format!(
            "publish of `night-line` was refused: 403 {HOSTILE}"
        ));
        vec![verified, failed, receipt("old-line", State::Skipped)]
    }

    #[test]
    fn a_failure_says_what_callers_get_now_and_what_to_do() {
        let mut receipts = receipts();
        receipts[1].error =
            Some("publish was refused: 403, scope `flows:publish` is missing".into());
        insta::assert_snapshot!(text(&receipts, Deed::Deployed, &Redactor::default()), @r#"
    ✅ Main line 1.3.0 (main-line, v-77): live, read back and right
        live now: 1.3.0
    ❌ Night line 1.3.0 (night-line): failed
        error: publish was refused: 403, scope `flows:publish` is missing
        live now: 1.2.0, unchanged
    ▫️ old-line 1.3.0: nothing to do
        live now: 1.2.0, unchanged
    3 flows: 1 live, 1 without anything to do, 1 failed
    next: mend what the error says and run the job again: flows that are live already are left alone
    "#);
        insta::assert_snapshot!(markdown(&receipts, Deed::Deployed, &Redactor::default(), 50), @r#"
    ### ❌ Deployed to CXone: 3 flows: 1 live, 1 without anything to do, 1 failed

    | | Flow | Version | What happened | Callers get now |
    |---|---|---|---|---|
    | ❌ | **Night line** `night-line` | 1.3.0 | failed: publish was refused: 403, scope `flows:publish` is missing | 1.2.0, unchanged |
    | ✅ | **Main line** `main-line` | 1.3.0 `v-77` | live, read back and right | 1.3.0 |
    | ▫️ | **old-line** | 1.3.0 | nothing to do | 1.2.0, unchanged |

    **What to do next**
    - mend what the error says and run the job again: flows that are live already are left alone
    "#);
    }

    #[test]
    fn what_the_server_says_is_as_hostile_as_a_file() {
        let (text, markdown) = (
            text(&receipts(), Deed::Deployed, &Redactor::default()),
            markdown(&receipts(), Deed::Deployed, &Redactor::default(), 50),
        );
        for shown in [&text, &markdown] {
            assert!(
                !shown.contains("c4n4ry") && !shown.contains("##["),
                "{shown}"
            );
            assert!(shown.chars().all(|char| char == '\n' || !char.is_control()));
        }
        assert!(
            !markdown.contains("@everyone") && !markdown.contains("<b>"),
            "{markdown}"
        );
    }
}
