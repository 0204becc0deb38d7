//! What `flowgate drift` says: for a terminal, as GitHub markdown, as JSON. The worst flows first.

mod data;

use std::fmt::Write as _;

use super::safe;
use super::story::count;
use crate::delta::ChangeKind;
use crate::drift::{DriftState, FlowDrift, OnDrift};
use crate::finding::Severity;
use crate::ids::CommitSha;
use crate::redact::Redactor;

pub use data::{DriftReport, data};

/// So many flows stand in the table.
const ROWS: usize = 200;
/// So many edits of one flow are named.
const EDITS: usize = 20;

/// Where all flow files of a branch stand.
#[derive(Debug, Clone)]
pub struct Drift {
    /// The commit of the branch, where there is one.
    pub commit: Option<CommitSha>,
    /// All flow files.
    pub flows: Vec<FlowDrift>,
    /// What an edit in the console is worth.
    pub on_drift: OnDrift,
}

impl Drift {
    /// How many flows are live otherwise than their files say.
    pub fn count(&self) -> usize {
        self.flows
            .iter()
            .filter(|flow| flow.state.is_drift())
            .count()
    }

    /// How bad a flow's state is.
    pub fn severity(&self, flow: &FlowDrift) -> Option<Severity> {
        flow.state.severity(self.on_drift)
    }

    /// The flows, the worst first.
    fn sorted(&self) -> Vec<&FlowDrift> {
        let mut flows: Vec<&FlowDrift> = self.flows.iter().collect();
        flows.sort_by_key(|flow| (flow.state, &flow.path));
        flows
    }
}

/// The report for a terminal. Flows that are in sync are counted.
pub fn text(drift: &Drift, redactor: &Redactor) -> String {
    let plain = |text: &str| safe::terminal(&redactor.of_flow(&safe::line(text)));
    let mut out = String::new();
    for flow in drift.sorted() {
        if flow.state == DriftState::InSync {
            continue;
        }
        let _ = writeln!(
            out,
            "{} {} ({}): {}",
            sign(flow.state),
            plain(&flow.name),
            plain(flow.path.as_str()),
            flow.state.words()
        );
        let _ = writeln!(out, "    {}", plain(&flow.why));
        for edit in flow.edits.iter().take(EDITS) {
            let _ = writeln!(
                out,
                "    {} {} ({})",
                mark(edit.change),
                plain(&edit.name),
                plain(&edit.subject.id())
            );
        }
        if flow.edits.len() > EDITS {
            let _ = writeln!(out, "    and {} more", flow.edits.len() - EDITS);
        }
    }
    let _ = writeln!(out, "{}", totals(drift));
    safe::stop_commands(out)
}

/// The report as GitHub markdown.
pub fn markdown(drift: &Drift, redactor: &Redactor) -> String {
    let line = |text: &str| redactor.of_flow(&safe::line(text)).into_owned();
    let unknown = drift
        .flows
        .iter()
        .any(|flow| flow.state == DriftState::Unknown);
    let head = match (drift.count(), unknown) {
        (0, false) => "✅",
        (_, true) => "❓",
        _ => "⚠️",
    };
    let mut parts = vec![format!("### {head} What is live: {}", totals(drift))];
    let told: Vec<&FlowDrift> = drift
        .sorted()
        .into_iter()
        .filter(|flow| flow.state != DriftState::InSync)
        .collect();
    if !told.is_empty() {
        let mut table = vec![
            "| | Flow | File says | Live now | |".to_owned(),
            "|---|---|---|---|---|".to_owned(),
        ];
        for flow in told.iter().take(ROWS) {
            let version = |version: Option<&semver::Version>| {
                version.map_or_else(String::new, |version| safe::inline(&version.to_string()))
            };
            let now = flow.live.as_ref().and_then(|live| live.version.as_ref());
            let mut why = format!("{}: {}", flow.state.words(), safe::prose(&line(&flow.why)));
            if !flow.edits.is_empty() {
                let named: Vec<String> = flow
                    .edits
                    .iter()
                    .take(EDITS)
                    .map(|edit| {
                        let name = safe::inline(&line(&edit.name));
                        format!(
                            "{} {name} {}",
                            mark(edit.change),
                            safe::code(&line(&edit.subject.id()))
                        )
                    })
                    .collect();
                let _ = write!(why, "<br>{}", named.join("<br>"));
                if flow.edits.len() > EDITS {
                    let _ = write!(why, "<br>and {} more", flow.edits.len() - EDITS);
                }
            }
            table.push(format!(
                "| {} | **{}** {} | {} | {} | {why} |",
                sign(flow.state),
                safe::inline(&line(&flow.name)),
                safe::code(&line(flow.path.as_str())),
                version(flow.version.as_ref()),
                version(now),
            ));
        }
        if told.len() > ROWS {
            table.push(format!("| … | and {} more | | | |", told.len() - ROWS));
        }
        parts.push(table.join("\n"));
    }
    if let Some(commit) = &drift.commit {
        parts.push(format!(
            "<sub>Compared with commit {}</sub>",
            commit.short()
        ));
    }
    format!("{}\n", parts.join("\n\n"))
}

fn sign(state: DriftState) -> &'static str {
    match state {
        DriftState::Unknown => "❓",
        DriftState::Edited => "✏️",
        DriftState::Wrong => "⚠️",
        DriftState::Behind => "⏳",
        DriftState::Held => "↩️",
        DriftState::Absent => "➖",
        DriftState::UnmanagedAndDifferent | DriftState::Unmanaged => "▫️",
        DriftState::InSync => "✅",
    }
}

fn mark(change: ChangeKind) -> char {
    match change {
        ChangeKind::Added => '+',
        ChangeKind::Removed => '-',
        ChangeKind::Modified | ChangeKind::Moved => '~',
    }
}

fn totals(drift: &Drift) -> String {
    let parts: Vec<String> = DriftState::ALL
        .into_iter()
        .filter_map(|state| {
            let flows = drift.flows.iter();
            let number = flows.filter(|flow| flow.state == state).count();
            (number > 0).then(|| format!("{number} {}", state.words()))
        })
        .collect();
    let flows = count(drift.flows.len(), "flow");
    if parts.is_empty() {
        flows
    } else {
        format!("{flows}: {}", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delta::Subject;
    use crate::drift::{ConsoleEdit, LiveVersion};
    use crate::report::fixture::HOSTILE;
    use crate::report::json::Outcome;

    fn flow(name: &str, state: DriftState, why: &str) -> FlowDrift {
        let id = name.to_lowercase().replace(' ', "-");
        FlowDrift {
            path: format!("flows/{id}.json").parse().unwrap(),
            flow_id: id.parse().ok(),
            name: name.to_owned(),
            version: Some("1.2.0".parse().unwrap()),
            state,
            why: why.to_owned(),
            live: Some(LiveVersion {
                version: Some("1.2.1".parse().unwrap()),
                version_id: Some("v-7".parse().unwrap()),
                edited_by: Some("ann".to_owned()),
                ..LiveVersion::default()
            }),
            edits: Vec::new(),
        }
    }

    fn drift() -> Drift {
        let mut edited = flow(
            "Main line",
            DriftState::Edited,
            "1.2.1 is live and was edited",
        );
        edited.edits.push(ConsoleEdit {
            subject: Subject::Element("ivr-2".parse().unwrap()),
            name: "Main menu".to_owned(),
            change: ChangeKind::Modified,
            also_here: false,
        });
        Drift {
            commit: Some("9f3c2e1a".repeat(5).parse().unwrap()),
            flows: vec![
                flow(
                    "Survey",
                    DriftState::InSync,
                    "1.2.0 is live, as the file says",
                ),
                flow("Night line", DriftState::Held, "1.2.0 was taken back"),
                edited,
            ],
            on_drift: OnDrift::Fail,
        }
    }

    #[test]
    fn the_worst_comes_first_and_what_is_in_sync_is_counted() {
        let redactor = Redactor::default();
        insta::assert_snapshot!(text(&drift(), &redactor), @r##"
    ✏️ Main line (flows/main-line.json): edited in the console
        1.2.1 is live and was edited
        ~ Main menu (ivr-2)
    ↩️ Night line (flows/night-line.json): held
        1.2.0 was taken back
    3 flows: 1 edited in the console, 1 held, 1 in sync
    "##);
        insta::assert_snapshot!(markdown(&drift(), &redactor), @r##"
    ### ⚠️ What is live: 3 flows: 1 edited in the console, 1 held, 1 in sync

    | | Flow | File says | Live now | |
    |---|---|---|---|---|
    | ✏️ | **Main line** `flows/main-line.json` | 1.2.0 | 1.2.1 | edited in the console: 1.2.1 is live and was edited<br>~ Main menu `ivr-2` |
    | ↩️ | **Night line** `flows/night-line.json` | 1.2.0 | 1.2.1 | held: 1.2.0 was taken back |

    <sub>Compared with commit 9f3c2e1</sub>
    "##);
    }

    #[test]
    fn programs_get_every_flow_and_every_count() {
        let report = data(&drift(), Outcome::Failed, &Redactor::default());
        let mut report = serde_json::to_value(&report).unwrap();
        let flows = report["flows"].take();
        insta::assert_snapshot!(report, @r#"{"commit":"9f3c2e1a9f3c2e1a9f3c2e1a9f3c2e1a9f3c2e1a","counts":{"absent":0,"behind":0,"edited":1,"held":1,"inSync":1,"unknown":0,"unmanaged":0,"unmanagedAndDifferent":0,"wrong":0},"driftCount":2,"flows":null,"result":"failed","schemaVersion":1}"#);
        insta::assert_snapshot!(flows[0], @r#"{"edits":[{"change":"modified","id":"ivr-2","kind":"element","name":"Main menu"}],"flowId":"main-line","live":{"commit":null,"editedBy":"ann","pullRequest":null,"version":"1.2.1","versionId":"v-7"},"message":"1.2.1 is live and was edited","name":"Main line","path":"flows/main-line.json","severity":"error","state":"edited","version":"1.2.0"}"#);
    }

    #[test]
    fn what_a_flow_or_the_console_says_is_harmless() {
        let mut hostile = drift();
        for flow in &mut hostile.flows {
            flow.name = HOSTILE.to_owned();
            flow.why = HOSTILE.to_owned();
            for edit in &mut flow.edits {
                edit.name = HOSTILE.to_owned();
            }
        }
        let redactor = Redactor::default();
        let (text, markdown) = (text(&hostile, &redactor), markdown(&hostile, &redactor));
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
