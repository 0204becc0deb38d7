//! The comment on a merged pull request: what merging did, what callers get now, how to take it back.
//!
//! The table is that of [`super::receipts`]. Pure: no clock, no links but those that were given.

use super::receipts::{self, Deed};
use super::safe;
use crate::ids::CommitSha;
use crate::receipt::{Receipt, State};
use crate::redact::Redactor;

/// What the comment needs to know beside the receipts. Nothing in it comes from a flow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultSettings {
    /// The commit that was deployed.
    pub commit: Option<CommitSha>,
    /// The page of the run.
    pub run_link: Option<String>,
    /// Where it is told how to take a deployment back.
    pub rollback_link: Option<String>,
    /// Hash of the audit's last line.
    pub audit_head: Option<String>,
    /// The most bytes that the comment may have.
    pub max_bytes: usize,
}

/// The comment, with as many flows as there is room for, the worst first.
pub fn render(all: &[Receipt], redactor: &Redactor, settings: &ResultSettings) -> String {
    let mut rows = all.len();
    loop {
        let body = with_rows(all, redactor, settings, rows);
        if body.len() <= settings.max_bytes || rows == 0 {
            return body;
        }
        rows /= 2;
    }
}

fn with_rows(
    all: &[Receipt],
    redactor: &Redactor,
    settings: &ResultSettings,
    rows: usize,
) -> String {
    let mut parts = vec![
        receipts::markdown(all, Deed::Deployed, redactor, rows)
            .trim_end()
            .to_owned(),
    ];
    parts.extend(way_back(all, redactor, settings));
    let commit = settings.commit.as_ref();
    let foot: Vec<String> = [
        commit.map(|commit| format!("Deployed {}", commit.short())),
        settings
            .run_link
            .as_ref()
            .map(|link| format!("[the run]({link})")),
        settings
            .audit_head
            .as_ref()
            .map(|head| format!("audit head {}", safe::code(head))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !foot.is_empty() {
        parts.push(format!("<sub>{}</sub>", foot.join(" · ")));
    }
    format!("{}\n", parts.join("\n\n"))
}

/// How to take back what is live now; `None` where nothing new is.
fn way_back(all: &[Receipt], redactor: &Redactor, settings: &ResultSettings) -> Option<String> {
    let is_new =
        |receipt: &&Receipt| matches!(receipt.state, State::Verified | State::PublishedUnverified);
    let first = all.iter().find(is_new)?.flow_id.as_ref()?;
    let id = redactor.of_flow(first.as_str());
    let inputs = safe::code(&format!("mode: rollback, flow: {id}, to: previous"));
    let help = settings.rollback_link.as_ref();
    let help = help.map_or_else(String::new, |link| format!(" ([how]({link}))"));
    Some(format!(
        "**To take it back:** start the workflow by hand on the deploy branch with {inputs}{help}. The repository then still says the new version: revert the merge too."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receipt::AsReviewed;
    use crate::report::receipts::tests::receipts;

    fn settings() -> ResultSettings {
        ResultSettings {
            commit: Some("9f3c2e1a".repeat(5).parse().unwrap()),
            run_link: Some("https://github.com/acme/flows/actions/runs/7".to_owned()),
            audit_head: Some("ab12".to_owned()),
            rollback_link: Some("https://example.com/how".to_owned()),
            max_bytes: 60_000,
        }
    }

    #[test]
    fn the_result_says_what_is_live_whether_it_was_shown_and_how_to_take_it_back() {
        let mut all = receipts();
        all[0].as_reviewed = Some(AsReviewed::Same);
        all[1].error = Some("publish was refused: 403".to_owned());
        insta::assert_snapshot!(render(&all, &Redactor::default(), &settings()), @r"
        ### ❌ Deployed to CXone: 3 flows: 1 live, 1 without anything to do, 1 failed

        | | Flow | Version | What happened | Callers get now |
        |---|---|---|---|---|
        | ❌ | **Night line** `night-line` | 1.3.0 | failed: publish was refused: 403 | 1.2.0, unchanged |
        | ✅ | **Main line** `main-line` | 1.3.0 `v-77` | live, read back and right; as the pull request's comment showed it | 1.3.0 |
        | ▫️ | **old-line** | 1.3.0 | nothing to do | 1.2.0, unchanged |

        **What to do next**
        - mend what the error says and run the job again: flows that are live already are left alone

        **To take it back:** start the workflow by hand on the deploy branch with `mode: rollback, flow: main-line, to: previous` ([how](https://example.com/how)). The repository then still says the new version: revert the merge too.

        <sub>Deployed 9f3c2e1 · [the run](https://github.com/acme/flows/actions/runs/7) · audit head `ab12`</sub>
        ");
    }

    #[test]
    fn a_long_result_is_cut_to_the_worst_flows_and_counts() {
        let all: Vec<Receipt> = (0..200).flat_map(|_| receipts()).collect();
        let short = ResultSettings {
            max_bytes: 4_000,
            ..settings()
        };
        let body = render(&all, &Redactor::default(), &short);
        assert!(body.len() <= 4_000, "{}", body.len());
        assert!(
            body.contains("600 flows") && body.contains("more |"),
            "{body}"
        );
    }
}
