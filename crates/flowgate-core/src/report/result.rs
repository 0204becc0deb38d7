//! The comment on a merged pull request: what merging did or why it did nothing, what callers get now, how to take it
//! back, and that it was taken back.
//!
//! The table is that of [`super::receipts`]. Pure: no clock, no links but those that were given.

use std::collections::BTreeMap;

use super::receipts::{self, Deed};
use super::safe;
use super::story::count;
use crate::ids::{CommitSha, FlowId};
use crate::receipt::{Receipt, State};
use crate::redact::Redactor;

/// What the comment needs to know beside the receipts. Of it, only `before` comes from CXone, and nothing from a flow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultSettings {
    /// The commit that was deployed.
    pub commit: Option<CommitSha>,
    /// The page of the run.
    pub run_link: Option<String>,
    /// How a deployment is taken back.
    pub way_back: WayBack,
    /// What was live before, by flow; `previous` serves for a flow that is not in it.
    pub before: BTreeMap<FlowId, Before>,
    /// What a reader should know first: one sentence.
    pub lead: Option<String>,
    /// What was not looked at where flow files may be, and why: one sentence each (hostile).
    pub unseen: Vec<String>,
    /// Hash of the audit's last line.
    pub audit_head: Option<String>,
    /// The most bytes that the comment may have.
    pub max_bytes: usize,
}

/// How a deployment is taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WayBack {
    /// By this form, the page of a workflow that somebody can start by hand.
    Form(String),
    /// As this page tells.
    Page(String),
    /// By a workflow that somebody can start by hand.
    #[default]
    ByHand,
}

/// What was live before a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    /// This version.
    Version(String),
    /// Nothing: there is nothing to go back to.
    Nothing,
}

/// What a rollback did with a version that a pull request brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is live no more.
    TakenBack,
    /// It is live again, after it had been taken back.
    LiveAgain,
}

/// A version that somebody took back, or put live again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turned {
    /// What became of it.
    pub turn: Turn,
    /// What people call the flow (hostile).
    pub name: String,
    /// The version.
    pub version: String,
    /// What callers get now: `2.0.3`.
    pub now: Option<String>,
    /// Who did it, and when; `None` where it was found done, and nobody had said so.
    pub done: Option<Done>,
}

/// Who turned a version, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The account that started the rollback.
    pub by: Option<String>,
    /// The day.
    pub on: String,
    /// The page of the run that did it.
    pub run_link: Option<String>,
}

impl Turned {
    /// How each line about this version starts: a later one takes the place of an earlier one.
    pub fn start(&self, redactor: &Redactor) -> String {
        let line = |text: &str| safe::inline(&redactor.of_flow(&safe::line(text)));
        format!("↩️ **{} {}** was ", line(&self.name), line(&self.version))
    }

    /// One line of markdown.
    pub fn markdown(&self, redactor: &Redactor) -> String {
        let line = |text: &str| safe::inline(&redactor.of_flow(&safe::line(text)));
        let done = match &self.done {
            Some(Done { by, on, run_link }) => {
                let by = by.as_deref().map(|by| format!(" by {}", line(by)));
                let run = run_link.as_ref();
                let run = run.map(|page| format!(" ([the run]({page}))"));
                format!(
                    "{} on {}{}",
                    by.unwrap_or_default(),
                    line(on),
                    run.unwrap_or_default()
                )
            }
            None => ", by a run that ended before it could say so, or in CXone itself".to_owned(),
        };
        let now = match &self.now {
            Some(now) => format!("Callers get {}.", line(now)),
            None => "What callers get now is not known.".to_owned(),
        };
        let (turn, then) = match self.turn {
            Turn::TakenBack => (
                "taken back",
                format!(
                    " The branch still says {}: revert this pull request, or the next change of the flow publishes it again.",
                    line(&self.version)
                ),
            ),
            Turn::LiveAgain => ("put live again", String::new()),
        };
        format!("{}{turn}{done}. {now}{then}", self.start(redactor))
    }
}

/// The comment on a merged pull request of which nothing was deployed. `why` is what the run said, one sentence each;
/// `flows` are the files that the pull request changed.
pub fn stopped(
    why: &[String],
    flows: &[String],
    redactor: &Redactor,
    settings: &ResultSettings,
) -> String {
    const SHOWN: usize = 20;
    let line = |text: &str| redactor.of_flow(&safe::line(text)).into_owned();
    let mut parts =
        vec!["### ❌ Merged, and not deployed: callers get what they got before".to_owned()];
    parts.extend(why.iter().map(|why| safe::prose(&line(why))));
    if !flows.is_empty() {
        let shown = flows.iter().take(SHOWN);
        let mut shown: Vec<String> = shown.map(|path| safe::code(&line(path))).collect();
        if flows.len() > SHOWN {
            shown.push(format!("and {} more", flows.len() - SHOWN));
        }
        parts.push(format!("Not deployed: {}.", shown.join(", ")));
    }
    parts.extend(foot("Merged as", settings));
    format!("{}\n", parts.join("\n\n"))
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
    if let Some(lead) = &settings.lead {
        parts.insert(0, safe::prose(&redactor.of_flow(&safe::line(lead))));
    }
    parts.extend(way_back(all, redactor, settings, rows));
    parts.extend(unseen(redactor, settings));
    parts.extend(foot("Deployed", settings));
    format!("{}\n", parts.join("\n\n"))
}

fn foot(deed: &str, settings: &ResultSettings) -> Option<String> {
    let commit = settings.commit.as_ref();
    let foot: Vec<String> = [
        commit.map(|commit| format!("{deed} {}", commit.short())),
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
    (!foot.is_empty()).then(|| format!("<sub>{}</sub>", foot.join(" · ")))
}

/// What was not looked at; `None` where that is nothing.
fn unseen(redactor: &Redactor, settings: &ResultSettings) -> Option<String> {
    const SHOWN: usize = 10;
    let all = &settings.unseen;
    let line = |note: &String| format!("- {}", safe::prose(&redactor.of_flow(&safe::line(note))));
    let mut lines: Vec<String> = all.iter().take(SHOWN).map(line).collect();
    if all.len() > SHOWN {
        lines.push(format!("- and {} more", all.len() - SHOWN));
    }
    let lead = format!("{} not looked at", count(all.len(), "place"));
    let list = format!(
        "<details><summary>{lead}</summary>\n\n{}\n\n</details>",
        lines.join("\n")
    );
    (!lines.is_empty()).then_some(list)
}

/// How to take back what is live now; `None` where nothing new is, or nothing was live before.
fn way_back(
    all: &[Receipt],
    redactor: &Redactor,
    settings: &ResultSettings,
    rows: usize,
) -> Option<String> {
    let line = |text: &str| redactor.of_flow(&safe::line(text)).into_owned();
    let mut table = Vec::new();
    for receipt in all {
        let is_new = matches!(receipt.state, State::Verified | State::PublishedUnverified);
        let Some(flow) = receipt.flow_id.as_ref().filter(|_| is_new) else {
            continue;
        };
        let to = match settings.before.get(flow) {
            Some(Before::Nothing) => continue,
            Some(Before::Version(version)) => version.as_str(),
            None => "previous",
        };
        let id = safe::code(&line(flow.as_str()));
        let name = safe::inline(&line(&receipt.name));
        table.push(format!("| **{name}** | {id} | {} |", safe::code(&line(to))));
    }
    if table.is_empty() {
        return None;
    }
    if table.len() > rows {
        let more = table.len() - rows;
        table.truncate(rows);
        table.push(format!("| and {more} more | | |"));
    }
    let how = match &settings.way_back {
        WayBack::Form(page) => format!(
            "[open the form]({page}), press “Run workflow” and fill in `flow` and `to` from this table."
        ),
        WayBack::Page(page) => format!(
            "start the workflow by hand on the deploy branch with `mode: rollback` and this ([how]({page}))."
        ),
        WayBack::ByHand => {
            "start the workflow by hand on the deploy branch with `mode: rollback` and this."
                .to_owned()
        }
    };
    Some(format!(
        "**To take it back:** {how} The branch then still says the new version: revert the merge too.\n\n| | `flow` | `to` |\n|---|---|---|\n{}",
        table.join("\n")
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
            way_back: WayBack::Form("https://example.com/form".to_owned()),
            before: BTreeMap::from([(
                "main-line".parse().unwrap(),
                Before::Version("1.2.0".to_owned()),
            )]),
            lead: None,
            unseen: Vec::new(),
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

        **To take it back:** [open the form](https://example.com/form), press “Run workflow” and fill in `flow` and `to` from this table. The branch then still says the new version: revert the merge too.

        | | `flow` | `to` |
        |---|---|---|
        | **Main line** | `main-line` | `1.2.0` |

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

    #[test]
    fn where_nothing_was_live_there_is_nothing_to_go_back_to() {
        let first = ResultSettings {
            before: BTreeMap::from([("main-line".parse().unwrap(), Before::Nothing)]),
            ..settings()
        };
        let body = render(&receipts(), &Redactor::default(), &first);
        assert!(!body.contains("take it back"), "{body}");
        // What was live is not known everywhere.
        for (way, words) in [
            (WayBack::ByHand, "with `mode: rollback` and this. The"),
            (
                WayBack::Page("https://example.com/how".into()),
                "this ([how](https://example.com/how)). The",
            ),
        ] {
            let other = ResultSettings {
                before: BTreeMap::new(),
                way_back: way,
                ..settings()
            };
            let body = render(&receipts(), &Redactor::default(), &other);
            assert!(body.contains(words), "{body}");
            assert!(
                body.contains("| **Main line** | `main-line` | `previous` |"),
                "{body}"
            );
        }
    }

    #[test]
    fn a_merge_that_deployed_nothing_says_why_and_what_callers_get() {
        let why = [
            "nothing is written to CXone: 3 flows would be written, and `max-changes` is 1"
                .to_owned(),
            "raise `max-changes`".to_owned(),
        ];
        let flows = ["flows/a.json".to_owned()];
        insta::assert_snapshot!(stopped(&why, &flows, &Redactor::default(), &settings()), @r"
        ### ❌ Merged, and not deployed: callers get what they got before

        nothing is written to CXone: 3 flows would be written, and `max-changes` is 1

        raise `max-changes`

        Not deployed: `flows/a.json`.

        <sub>Merged as 9f3c2e1 · [the run](https://github.com/acme/flows/actions/runs/7) · audit head `ab12`</sub>
        ");
    }

    #[test]
    fn what_was_taken_back_says_by_whom_when_and_what_callers_get() {
        let back = Turned {
            turn: Turn::TakenBack,
            name: "Claims".to_owned(),
            version: "2.1.0".to_owned(),
            now: Some("2.0.3".to_owned()),
            done: Some(Done {
                by: Some("ann".to_owned()),
                on: "2026-11-22".to_owned(),
                run_link: Some("https://github.com/acme/flows/actions/runs/9".to_owned()),
            }),
        };
        insta::assert_snapshot!(back.markdown(&Redactor::default()), @"↩️ **Claims 2.1.0** was taken back by ann on 2026-11-22 ([the run](https://github.com/acme/flows/actions/runs/9)). Callers get 2.0.3. The branch still says 2.1.0: revert this pull request, or the next change of the flow publishes it again.");
        let hostile = Turned {
            name: crate::report::fixture::HOSTILE.to_owned(),
            done: Some(Done {
                by: Some("@everyone".to_owned()),
                on: "2026-11-22".to_owned(),
                run_link: None,
            }),
            now: None,
            ..back.clone()
        };
        let told = hostile.markdown(&Redactor::default());
        assert!(
            !told.contains("@everyone") && !told.contains("<b>"),
            "{told}"
        );
        assert_eq!(told.lines().count(), 1);
        let found = Turned { done: None, ..back };
        insta::assert_snapshot!(found.markdown(&Redactor::default()), @"↩️ **Claims 2.1.0** was taken back, by a run that ended before it could say so, or in CXone itself. Callers get 2.0.3. The branch still says 2.1.0: revert this pull request, or the next change of the flow publishes it again.");
    }
}
