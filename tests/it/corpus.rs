//! The corpus in `tests/corpus`: flows as thoughtful designers write them. Rules must be silent on them, must find what
//! is broken in them, and must not mind what changes nothing for callers. What breaks them lives in `mutate`.

mod mutate;

use std::fs;
use std::path::Path;

use flowgate_core::drift::LookedBack;
use flowgate_core::finding::{Finding, Severity};
use flowgate_core::flow::{Content, native};
use flowgate_core::rules::{FlowInput, OldFaults, Role, RuleSettings, TypeMeaning, run_flow};
use serde_json::Value;

use self::mutate::{CONTENT, Dice, HARMFUL, HARMLESS, Seen};

/// Mutants of each flow by each operator.
const TRIES: usize = 3;

/// How many of a hundred mutants the rules find, at least.
const PROMISED: usize = 95;

struct Sample {
    name: String,
    text: String,
}

impl Sample {
    fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

fn corpus() -> Vec<Sample> {
    samples("tests/corpus")
}

fn samples(folder: &str) -> Vec<Sample> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut all: Vec<Sample> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| Sample {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            text: fs::read_to_string(&path).unwrap(),
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// All that the rules say about this text alone: no baseline, no platform.
fn findings(text: &str) -> Vec<Finding> {
    findings_under(text, &RuleSettings::default())
}

fn findings_under(text: &str, settings: &RuleSettings) -> Vec<Finding> {
    let path = "flows/flow.json".parse().unwrap();
    let reading = native::read(path, Content::Bytes(text.as_bytes().to_vec()));
    let input = FlowInput {
        reading: &reading,
        digest: None,
        baseline: None,
        before: None,
        platform: None,
        old_faults: OldFaults::Count,
        standing: None,
        looked_back: LookedBack::default(),
        creates_version: false,
        number: None,
        taken_on_base: None,
    };
    run_flow(&input, settings)
}

fn faults(text: &str) -> Vec<Finding> {
    let mut found = findings(text);
    found.retain(|finding| finding.severity >= Severity::Warning);
    found
}

/// All but the one note that every flow with a name gets: CXone has no place for a flow's own name.
fn worth_a_look(text: &str) -> Vec<Finding> {
    let mut found = findings(text);
    found.retain(|finding| {
        finding.severity > Severity::Info || finding.rule.as_str() != "field-not-published"
    });
    found
}

fn told(name: &str, found: &[Finding]) -> Vec<String> {
    let tell = |finding: &Finding| {
        let line = finding.location.start.line;
        format!(
            "{name}:{line} {} {}: {}",
            finding.severity, finding.rule, finding.message
        )
    };
    found.iter().map(tell).collect()
}

/// Flows in the manner of other platforms: their labels, types and ids. What their types do is said, as a team would.
#[test]
fn no_rule_cries_wolf_over_other_styles() {
    use Role::{Decision, Exit, Fallible, Hold, Input};
    const ROLES: [(&str, &[Role]); 21] = [
        ("InvokeLambdaFunction", &[Fallible]),
        ("TransferContactToQueue", &[Exit, Fallible]),
        ("GetParticipantInput", &[Input]),
        ("Compare", &[Decision]),
        ("CheckHoursOfOperation", &[Decision]),
        ("DisconnectParticipant", &[Exit]),
        ("make-http-request", &[Fallible]),
        ("split-based-on", &[Decision]),
        ("gather-input-on-call", &[Input]),
        ("send-to-flex", &[Exit, Fallible]),
        ("CallDataAction", &[Fallible]),
        ("Decision", &[Decision]),
        ("Menu", &[Input]),
        ("TransferToAcd", &[Exit, Fallible]),
        ("Disconnect", &[Exit]),
        ("RESTPROXY", &[Fallible]),
        ("REQAGENT", &[Exit, Fallible]),
        ("IF", &[Decision]),
        ("HOURS", &[Decision]),
        ("MENU", &[Input]),
        ("MUSIC", &[Hold]),
    ];
    let flows = samples("tests/styles");
    assert_eq!(flows.len(), 30);
    let mut wolves = Vec::new();
    for flow in &flows {
        let value = flow.value();
        let mut settings = RuleSettings::default();
        for element in value["elements"].as_array().unwrap() {
            let kind = element["type"].as_str().unwrap();
            settings.allowed_types.push(kind.to_owned());
            if let Some((_, roles)) = ROLES.iter().find(|(of, _)| *of == kind) {
                let meaning = TypeMeaning {
                    roles: Some(roles.iter().copied().collect()),
                    ..TypeMeaning::default()
                };
                settings.types.declare(kind, meaning);
            }
        }
        wolves.extend(told(&flow.name, &findings_under(&flow.text, &settings)));
    }
    assert!(wolves.is_empty(), "{}", wolves.join("\n"));
}

#[test]
fn the_corpus_is_large_and_varied() {
    let corpus = corpus();
    assert!(corpus.len() >= 40, "{} flows", corpus.len());
    let mut ids: Vec<String> = corpus
        .iter()
        .map(|flow| flow.value()["flowId"].to_string())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), corpus.len(), "each flow is its own");
    let sizes: Vec<usize> = corpus
        .iter()
        .map(|flow| flow.value()["elements"].as_array().unwrap().len())
        .collect();
    assert!(
        sizes.iter().any(|&size| size < 6) && sizes.iter().any(|&size| size > 60),
        "{sizes:?}"
    );
}

#[test]
fn no_rule_cries_wolf_over_the_corpus() {
    let wolves: Vec<String> = corpus()
        .iter()
        .flat_map(|flow| told(&flow.name, &worth_a_look(&flow.text)))
        .collect();
    assert!(
        wolves.is_empty(),
        "{} findings:\n{}",
        wolves.len(),
        wolves.join("\n")
    );
}

#[test]
fn rules_alone_find_what_breaks_a_flow() {
    let corpus = corpus();
    let (mut seen, mut made) = (0, 0);
    let (mut table, mut weak) = (Vec::new(), Vec::new());
    for operator in HARMFUL.iter().chain(CONTENT) {
        let (mut of_these, mut found) = (0, 0);
        let mut missed = Vec::new();
        for flow in &corpus {
            let mut dice = Dice::of(operator.name, &flow.name);
            let value = flow.value();
            for _ in 0..TRIES {
                let Some(mutant) = (operator.apply)(&value, &mut dice) else {
                    continue;
                };
                of_these += 1;
                let told = match operator.seen {
                    Seen::AsANote => worth_a_look(&mutant),
                    Seen::ByRules | Seen::OnlyInTheDelta(_) => faults(&mutant),
                };
                if told.is_empty() {
                    missed.push(flow.name.clone());
                } else {
                    found += 1;
                }
            }
        }
        assert!(of_these > 0, "`{}` applies to no flow", operator.name);
        let rate = found * 100 / of_these;
        let why = match operator.seen {
            Seen::ByRules | Seen::AsANote => {
                (seen, made) = (seen + found, made + of_these);
                if rate < PROMISED {
                    missed.dedup();
                    weak.push(format!("{}: {rate} %, missed in {missed:?}", operator.name));
                }
                ""
            }
            Seen::OnlyInTheDelta(why) => why,
        };
        table.push(format!(
            "{rate:>4} %  {found:>4} of {of_these:<4} {}  {why}\n",
            operator.name
        ));
    }
    table.push(format!(
        "{:>4} %  {seen:>4} of {made:<4} all that a rule can see\n",
        seen * 100 / made
    ));
    let table = table.concat();
    eprintln!("{table}");
    assert!(
        weak.is_empty() && seen * 100 >= made * PROMISED,
        "{table}\n{}",
        weak.join("\n")
    );
}

#[test]
fn what_changes_nothing_for_callers_is_no_finding() {
    let mut wolves = Vec::new();
    for operator in HARMLESS {
        let mut made = 0;
        for flow in corpus() {
            let mut dice = Dice::of(operator.name, &flow.name);
            let Some(text) = (operator.apply)(&flow.value(), &mut dice) else {
                continue;
            };
            assert_ne!(
                text, flow.text,
                "`{}` did nothing to {}",
                operator.name, flow.name
            );
            made += 1;
            wolves.extend(told(
                &format!("{} in {}", operator.name, flow.name),
                &worth_a_look(&text),
            ));
        }
        assert!(made > 0, "`{}` applies to no flow", operator.name);
    }
    assert!(wolves.is_empty(), "{}", wolves.join("\n"));
}
