//! Puts a review together: readings of head and base, what CXone said, and the settings go in; findings, deltas and the
//! plan come out. Pure: nothing is asked or read here.

mod place;
mod refused;
mod subject;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::{Baseline, FlowFile, FlowReview, Input, Review, Settings};
use crate::drift::{ConsoleEdit, Standing, console_edits};
use crate::finding::Finding;
use crate::flow::{Flow, Layout, Reading};
use crate::ids::{FlowId, RepoPath};
use crate::order::Order;
use crate::parallel;
use crate::plan::{Action, Facts, Planned, Scope, Touch, decide, settle};
use crate::platform::Answer;
use crate::policy::Policy;
use crate::rules::{
    Compared, FileContext, FlowInput, OldFaults, PlanContext, PolicyContext, RepositoryContext,
    run_flow, run_plan, run_policy, run_repository,
};

use place::{UNREADABLE, deleted, has_reason, shown, unreadable};
use subject::{Subject, baseline};

/// Puts the review together. The same input gives the same review.
pub fn assemble(input: &Input, settings: &Settings) -> Review {
    assemble_on(NonZeroUsize::MIN, input, settings)
}

/// The same on at most so many threads.
pub fn assemble_on(workers: NonZeroUsize, input: &Input, settings: &Settings) -> Review {
    let context = Context::new(input, settings);
    let mut findings = context.repository_findings();
    let mut flows = Vec::new();
    let told = parallel::map(workers, &input.files, |file| context.flow(file));
    for (flow, mine) in told.into_iter().flatten() {
        flows.push(flow);
        findings.extend(mine);
    }
    let mut findings = settings.policy.apply(findings);
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    let mut by_path: HashMap<&RepoPath, Vec<&Finding>> = HashMap::new();
    for finding in &findings {
        let mine = by_path.entry(&finding.location.path).or_default();
        mine.push(finding);
    }
    for flow in &mut flows {
        let mine = by_path.get(&flow.path).map_or(&[][..], Vec::as_slice);
        flow.plan = settle(flow.plan.clone(), mine);
    }
    findings.extend(settings.policy.apply(context.too_many(&flows)));
    let lived_with = context.lived_with(&findings);
    findings.extend(settings.policy.apply(lived_with));
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    flows.retain(|flow| context.is_shown(flow));
    let untouched = || {
        let files = input.files.iter();
        files.filter(|file| file.touch == Touch::Untouched)
    };
    let bystanders = input.bystanders.len();
    let unasked = untouched().filter(|file| context.is_unasked(file)).count();
    Review {
        commit: input.commit.clone(),
        flows,
        findings,
        old_faults: settings.policy.old_faults,
        untouched: untouched().count() + bystanders,
        // Nobody asks about a flow that was not read.
        unasked: unasked + usize::from(context.asks_about_all()) * bystanders,
    }
}

struct Context<'i> {
    input: &'i Input,
    settings: &'i Settings,
    /// Flows before this change, by identity: a renamed file is the same flow.
    bases: BTreeMap<&'i FlowId, &'i Arc<Flow>>,
    /// Flows that the repository holds after this change.
    present: BTreeSet<&'i FlowId>,
    /// Files that this change touches, and those that somebody asked about.
    touched: BTreeSet<&'i RepoPath>,
}

impl<'i> Context<'i> {
    fn new(input: &'i Input, settings: &'i Settings) -> Self {
        let by_id = |reading: &'i Option<Reading>| {
            let flow = reading.as_ref()?.flow.as_ref()?;
            Some((flow.id()?, flow))
        };
        let touched = input
            .files
            .iter()
            .filter(|file| file.touch != Touch::Untouched);
        Self {
            input,
            settings,
            bases: input
                .files
                .iter()
                .filter_map(|file| by_id(&file.base))
                .collect(),
            present: input
                .files
                .iter()
                .filter_map(|file| Some(by_id(&file.head)?.0))
                .chain(input.bystanders.values())
                .collect(),
            touched: touched.map(|file| &file.path).collect(),
        }
    }

    /// Whether a deployment would ask CXone about a flow that this review did not ask about.
    fn is_unasked(&self, file: &FlowFile) -> bool {
        let id = flow_of(file.head.as_ref()).and_then(|flow| flow.id());
        let said = self.input.platform.as_ref();
        self.asks_about_all()
            && said.is_some_and(|said| id.is_some_and(|id| !said.contains_key(id)))
    }

    /// Whether CXone was asked, and a deployment would ask about the flows too that the change does not touch.
    fn asks_about_all(&self) -> bool {
        self.settings.plan.scope == Scope::Managed && self.input.platform.is_some()
    }

    /// More writes than one run may make.
    fn too_many(&self, flows: &[FlowReview]) -> Vec<Finding> {
        let writes: Vec<&Flow> = flows
            .iter()
            .filter(|flow| flow.plan.action.writes())
            .filter_map(|flow| flow.head.as_deref())
            .collect();
        run_plan(&PlanContext {
            writes: &writes,
            max_changes: self.settings.plan.max_changes,
        })
    }

    /// What is out of date about what the team lives with.
    fn lived_with(&self, findings: &[Finding]) -> Vec<Finding> {
        let Policy {
            waivers,
            accepted,
            today,
            ..
        } = &self.settings.policy;
        let mut judged = BTreeSet::new();
        let bystanders = || self.input.bystanders.values().collect::<BTreeSet<_>>();
        let mut others = (self.input.unread == 0).then(bystanders);
        for file in &self.input.files {
            let Some(head) = &file.head else { continue };
            match head.flow.as_ref().and_then(|flow| flow.id()) {
                // It may be any flow.
                None => others = None,
                Some(id) if file.touch == Touch::Untouched => {
                    if let Some(others) = &mut others {
                        others.insert(id);
                    }
                }
                Some(id) => {
                    judged.insert(id);
                }
            }
        }
        run_policy(&PolicyContext {
            waivers,
            accepted,
            today: *today,
            findings,
            changing: &self.input.policy,
            judged: &judged,
            others: others.as_ref(),
        })
    }

    fn layout(&self) -> &Layout {
        &self.settings.plan.layout
    }

    fn repository_findings(&self) -> Vec<Finding> {
        let files: Vec<FileContext> = self
            .input
            .files
            .iter()
            .map(|file| FileContext {
                path: file.path.clone(),
                exists: file.head.is_some(),
                flow: flow_of(file.head.as_ref()).cloned(),
                base: flow_of(file.base.as_ref()).cloned(),
                changed: file.touch == Touch::Touched,
            })
            .collect();
        run_repository(&RepositoryContext {
            files: &files,
            others: &self.input.bystanders,
            policy: &self.input.policy,
        })
    }

    /// One file's place in the review, with its findings; `None` for a file whose flow lives on elsewhere.
    fn flow(&self, file: &'i FlowFile) -> Option<(FlowReview, Vec<Finding>)> {
        let Some(reading) = &file.head else {
            return self.gone(file).map(|flow| (flow, Vec::new()));
        };
        let Some(head) = &reading.flow else {
            let findings = self.findings(file, reading, None, None);
            let baseline = Baseline::Unknown("the file cannot be read".to_owned());
            return Some((
                shown(file, None, baseline, unreadable(file, None)),
                findings,
            ));
        };
        let subject = Subject::of(self, file, head);
        let plan = self.plan(&subject);
        let findings = self.findings(file, reading, Some(&subject), Some(&plan));
        let console_edits = self.console_edits(&subject);
        let Subject {
            baseline,
            digest,
            delta,
            platform,
            standing,
            ..
        } = subject;
        let review = FlowReview {
            digest,
            delta,
            platform: platform.cloned(),
            standing,
            console_edits,
            ..shown(file, Some(head), baseline, plan)
        };
        Some((review, findings))
    }

    fn order(&self, subject: &Subject<'_>) -> Option<&'i Order> {
        self.input.orders.get(subject.head.id()?)
    }

    fn console_edits(&self, subject: &Subject<'_>) -> Vec<ConsoleEdit> {
        if !subject.standing.is_some_and(Standing::is_drift) {
            return Vec::new();
        }
        let published = subject.platform.and_then(|it| it.published.known());
        published.map_or_else(Vec::new, |published| {
            console_edits(published, &subject.files(), self.layout())
        })
    }

    fn plan(&self, subject: &Subject<'_>) -> Planned {
        let head = subject.head;
        let (Some(flow_id), Some(version), Some(digest)) =
            (head.id(), head.version(), &subject.digest)
        else {
            return unreadable(subject.file, head.id().cloned());
        };
        // Where nothing is live, the whole flow is new to the platform, whatever the base branch said.
        let nothing_live = subject
            .platform
            .is_some_and(|platform| matches!(platform.published, Answer::Absent));
        let facts = Facts {
            path: &subject.file.path,
            flow_id,
            version,
            head,
            digest,
            touch: subject.file.touch,
            base: subject.base.map(Arc::as_ref),
            recorded: subject.recorded.map(Arc::as_ref),
            delta: subject.delta.as_ref().filter(|_| !nothing_live),
            platform: subject.platform,
            order: self.order(subject),
        };
        decide(&facts, &self.settings.plan)
    }

    /// What rules say about a file. A file that this change does not touch and that stays as it is was judged before;
    /// that it cannot be published is said again, as an old fault, and what blocks it as a new one: merging fails.
    fn findings(
        &self,
        file: &FlowFile,
        reading: &Reading,
        subject: Option<&Subject<'_>>,
        plan: Option<&Planned>,
    ) -> Vec<Finding> {
        let writes = plan.is_some_and(|plan| plan.action.writes());
        let is_old = file.touch == Touch::Untouched && !writes;
        let is_blocked = plan.is_some_and(|plan| matches!(plan.action, Action::Blocked));
        if is_old && !is_blocked && plan.is_some_and(|plan| !has_reason(plan, UNREADABLE)) {
            return Vec::new();
        }
        let compared = subject.and_then(|subject| {
            Some(Compared {
                flow: subject.baseline.flow()?,
                delta: subject.delta.as_ref()?,
            })
        });
        let input = FlowInput {
            reading,
            digest: subject.and_then(|subject| subject.digest.as_ref()),
            baseline: compared,
            before: file.base.as_ref().or(is_old.then_some(reading)),
            old_faults: match file.touch {
                Touch::Asked => OldFaults::Count,
                Touch::Touched | Touch::Named | Touch::Untouched => OldFaults::Fold,
            },
            platform: subject.and_then(|subject| subject.platform),
            standing: subject.and_then(|subject| subject.standing),
            creates_version: plan.is_some_and(|plan| {
                matches!(plan.action, Action::CreateAndPublish(_) | Action::Blocked)
            }),
            number: plan
                .and_then(|plan| plan.action.release())
                .map(|release| &release.version),
            order: subject.and_then(|subject| self.order(subject)),
        };
        let mut findings = run_flow(&input, &self.settings.rules);
        let live = subject.and_then(Subject::live);
        refused::let_count(&mut findings, file.touch, plan, live, &self.settings.rules);
        findings.retain(|finding| {
            !is_old
                || match plan.filter(|_| is_blocked) {
                    Some(plan) => has_reason(plan, finding.rule.as_str()),
                    None => finding.existing,
                }
        });
        findings
    }

    /// A file that is gone: nothing where its flow lives on in another file, else a place in the plan that says so.
    fn gone(&self, file: &'i FlowFile) -> Option<FlowReview> {
        let base = flow_of(file.base.as_ref());
        let id = base.and_then(|flow| flow.id());
        if id.is_some_and(|id| self.present.contains(id)) {
            return None;
        }
        let plan = deleted(file, id.cloned());
        Some(shown(file, None, baseline(base, None), plan))
    }

    /// Untouched flows stand in the review only where there is something to say about them.
    fn is_shown(&self, flow: &FlowReview) -> bool {
        let worth_saying = |code| matches!(code, "edited-in-console" | "held" | "superseded");
        self.touched.contains(&flow.path)
            || !matches!(flow.plan.action, Action::Nothing)
            || flow
                .plan
                .reasons
                .iter()
                .any(|reason| worth_saying(reason.code))
    }
}

fn flow_of(reading: Option<&Reading>) -> Option<&Arc<Flow>> {
    reading?.flow.as_ref()
}
