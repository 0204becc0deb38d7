//! The plan of a rollback: what goes back to which version, what callers would notice, what stands in the way.
//!
//! What became of it is told by [`super::receipts`].

use std::fmt::Write as _;

use super::story::count;
use super::terminal::Colour;
use super::{comment, diff, safe, words};
use crate::ids::FlowId;
use crate::plan::Action;
use crate::redact::Redactor;
use crate::review::{FlowReview, Review};

/// So many flows stand in the table.
const ROWS: usize = 200;
/// So many bytes of differences are folded under it, all flows together.
const DIFFERENCES: usize = 100_000;

/// The plan for a terminal.
pub fn text(review: &Review, redactor: &Redactor, colour: Colour) -> String {
    let plain = |text: &str| safe::terminal(&redactor.of_flow(&safe::line(text)));
    let mut out = String::new();
    for flow in &review.flows {
        let id = flow.flow_id.as_ref().map(FlowId::as_str);
        let id = id.filter(|id| *id != flow.name);
        let id = id.map_or_else(String::new, |id| format!(" ({})", plain(id)));
        let way = way(flow).map(|[from, to]| format!(": {from} → {to}"));
        let _ = writeln!(
            out,
            "{} {}{id}{}",
            sign(&flow.plan.action),
            plain(&flow.name),
            way.unwrap_or_default()
        );
        for reason in &flow.plan.reasons {
            let _ = writeln!(out, "    {}", plain(&reason.text));
        }
        if let Some(callers) = comment::callers(flow, redactor) {
            let _ = writeln!(out, "    {}", plain(&callers));
        }
        if let Some(difference) = difference(flow, redactor, colour) {
            let _ = writeln!(out, "    what is different then:");
            for line in difference.lines().filter(|line| !line.is_empty()) {
                let _ = writeln!(out, "      {line}");
            }
        }
    }
    let _ = writeln!(out, "{}", totals(review));
    safe::stop_commands(out)
}

/// The plan as GitHub markdown.
pub fn markdown(review: &Review, redactor: &Redactor) -> String {
    let line = |text: &str| redactor.of_flow(&safe::line(text)).into_owned();
    let mut parts = vec![format!("### ↩️ Rollback: {}", totals(review))];
    let mut table = vec![
        "| | Flow | Live now | Goes back to | Why |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    for flow in review.flows.iter().take(ROWS) {
        let id = flow.flow_id.as_ref().map(FlowId::as_str);
        let id = id.filter(|id| *id != flow.name);
        let id = id.map(|id| format!(" {}", safe::code(&line(id))));
        let [from, to] = way(flow).unwrap_or_else(|| [String::new(), "stays".to_owned()]);
        let mut why: Vec<String> = flow
            .plan
            .reasons
            .iter()
            .map(|reason| safe::prose(&line(&reason.text)))
            .collect();
        why.extend(comment::callers(flow, redactor).map(|text| safe::prose(&text)));
        table.push(format!(
            "| {} | **{}**{} | {} | {} | {} |",
            sign(&flow.plan.action),
            safe::inline(&line(&flow.name)),
            id.unwrap_or_default(),
            safe::inline(&from),
            safe::inline(&to),
            why.join("<br>")
        ));
    }
    if review.flows.len() > ROWS {
        let more = review.flows.len() - ROWS;
        table.push(format!("| … | and {more} more | | | |"));
    }
    parts.push(table.join("\n"));
    let mut room = DIFFERENCES;
    for flow in &review.flows {
        let Some(text) = difference(flow, redactor, Colour::Plain) else {
            continue;
        };
        let Some(left) = room.checked_sub(text.len()) else {
            parts
                .push("<sub>The other differences did not fit: the log has them.</sub>".to_owned());
            break;
        };
        room = left;
        parts.push(format!(
            "<details><summary>What is different then in {}</summary>\n\n{}\n\n</details>",
            safe::html(&line(&flow.name)),
            safe::fence(&text, "")
        ));
    }
    format!("{}\n", parts.join("\n\n"))
}

fn sign(action: &Action) -> &'static str {
    match action {
        Action::Blocked => "❌",
        Action::Nothing => "▫️",
        _ => "↩️",
    }
}

/// From which version to which.
fn way(flow: &FlowReview) -> Option<[String; 2]> {
    let release = flow.plan.action.release()?;
    let from = words::live_version(flow);
    let from = from.map_or_else(|| "what is live".to_owned(), ToString::to_string);
    Some([from, release.version.to_string()])
}

fn difference(flow: &FlowReview, redactor: &Redactor, colour: Colour) -> Option<String> {
    let (live, target) = (flow.baseline.flow()?, flow.flow()?);
    let delta = flow.delta.as_ref()?;
    Some(diff::render(delta, live, target, redactor, colour))
}

fn totals(review: &Review) -> String {
    let number = |of: fn(&Action) -> bool| {
        let flows = review.flows.iter();
        flows.filter(|flow| of(&flow.plan.action)).count()
    };
    let mut parts = vec![format!("{} to take back", count(review.writes(), "flow"))];
    for (number, words) in [
        (
            number(|action| matches!(action, Action::Blocked)),
            "blocked",
        ),
        (
            number(|action| matches!(action, Action::Nothing)),
            "without anything to do",
        ),
    ] {
        if number > 0 {
            parts.push(format!("{number} {words}"));
        }
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Planned, Reason};
    use crate::report::fixture::{self, HOSTILE};
    use crate::review::Baseline;

    /// The main line goes back from what was proposed to what was live; another flow is blocked.
    fn review() -> Review {
        let mut review = fixture::broken_main_line();
        review.findings.clear();
        let flow = &mut review.flows[0];
        let (live, before) = (
            flow.flow().cloned().unwrap(),
            flow.baseline.flow().cloned().unwrap(),
        );
        let delta = crate::delta::diff(&live, &before, &crate::flow::Layout::default());
        let Action::CreateAndPublish(mut release) = fixture::create(&before, &delta.into()) else {
            panic!()
        };
        release.version = before.version().unwrap().clone();
        flow.delta = release.delta.clone();
        flow.baseline = Baseline::Published(live.into());
        flow.head = Some(before.into());
        fixture::assess_again(flow);
        flow.said = None;
        flow.plan = Planned {
            arrival: None,
            action: Action::RollBack {
                release,
                version_id: "v-1".parse().unwrap(),
            },
            reasons: vec![Reason {
                code: "rollback",
                text: "puts 1.2.0 live again in place of 1.3.0".to_owned(),
            }],
            ..flow.plan.clone()
        };
        let mut blocked = fixture::good(1);
        blocked.head = None;
        blocked.delta = None;
        fixture::assess_again(&mut blocked);
        blocked.plan.action = Action::Blocked;
        blocked.plan.reasons = vec![Reason {
            code: "routing-lost",
            text: format!("{HOSTILE} is lost"),
        }];
        review.flows.push(blocked);
        review
    }

    #[test]
    fn a_plan_says_what_callers_get_and_what_stands_in_the_way() {
        let mut review = review();
        review.flows[1].plan.reasons[0].text = "Billing (`q`) is lost".to_owned();
        let redactor = Redactor::default();
        insta::assert_snapshot!(text(&review, &redactor, Colour::Plain), @r#"
        ↩️ Main line (main-line): 1.3.0 → 1.2.0
            puts 1.2.0 live again in place of 1.3.0
            Callers who press 2 would reach Accounts; one text is new.
            what is different then:
              ~ element Main menu (ivr-002) modified
                  /configuration/apiKey: ‹redacted› → ‹redacted, changed›
                  /configuration/prompt: "For sales, press 1. For accounts, press 2. Have your customer number ready." → "For sales, press 1. For accounts, press 2."
              - element Customer lookup (api-004) removed
              ~ connector Main menu –[press 2]→ Accounts (c4) modified
                  /targetId: "api-04" → "queue-002"
              - connector Customer lookup –[on error]→ Accounts (c6) removed
              elements: 1 removed, 1 modified
              connectors: 1 removed, 1 modified
        ❌ Line 01 (line-01)
            Billing (`q`) is lost
        1 flow to take back, 1 blocked
        "#);
        let told = markdown(&review, &redactor);
        let (table, _) = told.split_once("<details>").unwrap();
        insta::assert_snapshot!(table, @r"
        ### ↩️ Rollback: 1 flow to take back, 1 blocked

        | | Flow | Live now | Goes back to | Why |
        |---|---|---|---|---|
        | ↩️ | **Main line** `main-line` | 1.3.0 | 1.2.0 | puts 1.2.0 live again in place of 1.3.0<br>Callers who press 2 would reach Accounts; one text is new. |
        | ❌ | **Line 01** `line-01` |  | stays | Billing \(`q`\) is lost |
        ");
    }

    #[test]
    fn what_a_flow_says_is_harmless_in_a_plan() {
        let redactor = Redactor::default();
        for shown in [
            text(&review(), &redactor, Colour::Plain),
            markdown(&review(), &redactor),
        ] {
            assert!(
                !shown.contains("c4n4ry") && !shown.contains("##["),
                "{shown}"
            );
            assert!(shown.chars().all(|char| char == '\n' || !char.is_control()));
        }
        let told = markdown(&review(), &redactor);
        assert!(
            !told.contains("@everyone") && !told.contains("<b>"),
            "{told}"
        );
    }
}
