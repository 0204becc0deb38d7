//! Runs the rules: every rule over everything it looks at, then causes, then what was there before, then order. Pure.

use std::collections::{BTreeSet, HashMap};

use semver::Version;

use super::{
    ALL, ChangeContext, Check, FlowContext, PlanContext, PlatformContext, PolicyContext,
    RepositoryContext, RuleSettings, Sink, cascade, excerpts, shape,
};
use crate::delta::Delta;
use crate::drift::{LookedBack, Standing};
use crate::finding::{Finding, Fingerprint, Severity};
use crate::flow::{Flow, Problem, Reading};
use crate::ids::Digest;
use crate::platform::FlowOnPlatform;
use crate::redact::FoundSecrets;
use crate::risk::FlowRisk;

/// What a flow is compared with.
#[derive(Clone, Copy)]
pub struct Compared<'a> {
    /// The baseline.
    pub flow: &'a Flow,
    /// What is different.
    pub delta: &'a Delta,
    /// What that means for callers.
    pub risk: &'a FlowRisk,
}

/// What becomes of findings that the baseline has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OldFaults {
    /// They are marked `existing`: this change did not make them.
    #[default]
    Fold,
    /// They count like new ones: the file is judged as a whole.
    Count,
}

/// One flow file and all that is known about its flow.
#[derive(Clone, Copy)]
pub struct FlowInput<'a> {
    /// The proposed file.
    pub reading: &'a Reading,
    /// Digest of the proposed flow, where it has one.
    pub digest: Option<&'a Digest>,
    /// The baseline, where there is one.
    pub baseline: Option<Compared<'a>>,
    /// The file that held this flow on the base branch, where there is one. What is wrong with its shape is not new.
    pub before: Option<&'a Reading>,
    /// What CXone said, where it was asked.
    pub platform: Option<&'a FlowOnPlatform>,
    /// What becomes of findings that the baseline has already.
    pub old_faults: OldFaults,
    /// Where what is live stands against the branch, where something is live.
    pub standing: Option<Standing>,
    /// How far back it was looked for what is live without a record.
    pub looked_back: LookedBack,
    /// Whether merging would create a version if nothing stood in the way.
    pub creates_version: bool,
    /// The number that the plan gives its version, which need not be the file's.
    pub number: Option<&'a Version>,
    /// The number that the file has on the base branch, where it stands for other content and is proposed again.
    pub taken_on_base: Option<&'a Version>,
}

/// All findings about one flow, sorted. Those that its baseline has too are marked `existing`.
pub fn run_flow(input: &FlowInput<'_>, settings: &RuleSettings) -> Vec<Finding> {
    look_at_flow(input, settings).0
}

/// The same, with the secrets that stand in the proposed flow.
pub fn look_at_flow(
    input: &FlowInput<'_>,
    settings: &RuleSettings,
) -> (Vec<Finding>, FoundSecrets) {
    let mut sink = Sink::default();
    shape(input.reading, &mut sink);
    let Some(head) = input.reading.flow.as_deref() else {
        let mut findings = sink.into_findings();
        let source = &input.reading.source;
        excerpts::hide(&mut findings, source, || {
            settings.redactor.in_words(source.as_str())
        });
        let findings = mark_existing(tidy(findings), input, settings);
        return (findings, FoundSecrets::default());
    };
    let flow = FlowContext::new(
        head,
        &input.reading.problems,
        settings,
        input.baseline.map(|baseline| baseline.delta),
    );
    let change = input
        .baseline
        .map(|Compared { flow, delta, risk }| ChangeContext {
            head,
            digest: input.digest,
            baseline: flow,
            delta,
            risk,
            platform: input.platform,
            number: input.number,
            taken_on_base: input.taken_on_base,
        });
    let platform = input.platform.map(|platform| PlatformContext {
        head,
        digest: input.digest,
        platform,
        standing: input.standing,
        looked_back: input.looked_back,
        settings,
        creates_version: input.creates_version,
        number: input.number,
    });
    for rule in ALL {
        if settings.halt.is_set() {
            break;
        }
        match (&rule.check, &change, &platform) {
            (Check::Flow(check), _, _) => check(&flow, &mut sink),
            (Check::Change(check), Some(change), _) => check(change, &mut sink),
            (Check::Platform(check), _, Some(platform)) => check(platform, &mut sink),
            _ => {}
        }
    }
    let mut findings = sink.into_findings();
    cascade::link(&mut findings, &flow, change.as_ref());
    let mut found = FoundSecrets::default();
    for (text, secrets) in flow.secrets() {
        found.extend_from(&text.text, secrets);
    }
    excerpts::hide(&mut findings, head.source(), || {
        // What is a secret at one place is none to be shown at another.
        let redactor = settings.redactor.with(&found);
        redactor.places(head.source().as_str(), flow.secret_places())
    });
    (mark_existing(tidy(findings), input, settings), found)
}

/// All findings about the repository as a whole, sorted.
pub fn run_repository(repository: &RepositoryContext<'_>) -> Vec<Finding> {
    let mut sink = Sink::default();
    for rule in ALL {
        if let Check::Repository(check) = &rule.check {
            check(repository, &mut sink);
        }
    }
    tidy(sink.into_findings())
}

/// All findings about the plan as a whole, sorted.
pub fn run_plan(plan: &PlanContext<'_>) -> Vec<Finding> {
    let mut sink = Sink::default();
    for rule in ALL {
        if let Check::Plan(check) = &rule.check {
            check(plan, &mut sink);
        }
    }
    tidy(sink.into_findings())
}

/// All findings about what a team lives with, sorted.
pub fn run_policy(policy: &PolicyContext<'_>) -> Vec<Finding> {
    let mut sink = Sink::default();
    for rule in ALL {
        if let Check::Policy(check) = &rule.check {
            check(policy, &mut sink);
        }
    }
    tidy(sink.into_findings())
}

/// Marks what the baseline's own run, or that of the file on the base branch, finds too. Change, repository and platform rules say what this change would do,
/// so they are never marked.
fn mark_existing(
    mut findings: Vec<Finding>,
    input: &FlowInput<'_>,
    settings: &RuleSettings,
) -> Vec<Finding> {
    // A clean flow, which is most of them, costs no second run.
    if !findings.is_empty() && input.old_faults == OldFaults::Fold {
        let before = fingerprints_before(input, settings);
        for finding in &mut findings {
            finding.existing = before.contains(&finding.fingerprint);
            // Who is caught or stranded from now on is so by this change.
            let strands = matches!(finding.rule.as_str(), "dead-end" | "trapped-caller");
            if strands && !finding.existing && input.baseline.is_some() {
                finding.severity = Severity::Error;
            }
        }
    }
    findings
}

fn fingerprints_before(input: &FlowInput<'_>, settings: &RuleSettings) -> BTreeSet<Fingerprint> {
    let mut known = BTreeSet::new();
    // A sink each: the second finding of a kind has another fingerprint than the first.
    let mut learn = |sink: Sink| {
        let findings = sink.into_findings().into_iter();
        known.extend(findings.map(|finding| finding.fingerprint));
    };
    if let Some(before) = input.before {
        let mut sink = Sink::default();
        shape(before, &mut sink);
        learn(sink);
        if let Some(flow) = before.flow.as_deref() {
            learn(flow_rules(flow, &before.problems, settings));
        }
    }
    if let Some(Compared { flow, delta, .. }) = input.baseline {
        // A published flow has no problem of shape that counts: CXone accepted it.
        let problems = input.before.filter(|before| is_flow_of(flow, Some(before)));
        let problems = problems.map(|before| before.problems.as_slice());
        if problems.is_none() {
            learn(flow_rules(flow, &[], settings));
        }
        let renamed = renamed(delta);
        if !renamed.is_empty() {
            let sink = Sink::renaming(renamed);
            learn(flow_rules_into(
                sink,
                flow,
                problems.unwrap_or(&[]),
                settings,
            ));
        }
    }
    known
}

/// Fingerprints of all that is wrong with a flow by itself.
pub fn fingerprints(flow: &Flow, settings: &RuleSettings) -> BTreeSet<Fingerprint> {
    let findings = flow_rules(flow, &[], settings).into_findings().into_iter();
    findings.map(|finding| finding.fingerprint).collect()
}

/// Things that only got another id: from the id before to that of now.
fn renamed(delta: &Delta) -> HashMap<String, String> {
    let changes = delta.changes.iter();
    let renamed = changes
        .filter_map(|change| Some((change.renamed_from.as_ref()?.id(), change.subject.id())));
    renamed.collect()
}

fn flow_rules(flow: &Flow, problems: &[Problem], settings: &RuleSettings) -> Sink {
    flow_rules_into(Sink::default(), flow, problems, settings)
}

fn flow_rules_into(
    mut sink: Sink,
    flow: &Flow,
    problems: &[Problem],
    settings: &RuleSettings,
) -> Sink {
    let context = FlowContext::new(flow, problems, settings, None);
    for rule in ALL {
        if let Check::Flow(check) = &rule.check {
            check(&context, &mut sink);
        }
    }
    sink
}

fn is_flow_of(flow: &Flow, reading: Option<&Reading>) -> bool {
    let read = reading.and_then(|reading| reading.flow.as_deref());
    read.is_some_and(|read| std::ptr::eq(read, flow))
}

/// Sorted, and the same thing at the same place only once.
fn tidy(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    findings.dedup_by(|a, b| a.sort_key() == b.sort_key());
    findings
}
