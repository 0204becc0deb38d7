//! Puts a review together: readings of head and base, what CXone said, and the settings go in; findings, deltas and the
//! plan come out. Pure: nothing is asked or read here.

mod judged;
mod place;
mod refused;
mod subject;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::iter;
use std::num::NonZeroUsize;
use std::sync::Arc;

use semver::Version;

use super::{Baseline, FlowFile, FlowReview, Input, Review, Said, Settings};
use crate::drift::{ConsoleEdit, Standing, console_edits};
use crate::finding::Finding;
use crate::flow::{ElementTypes, Flow, Layout, Reading};
use crate::ids::{FlowId, RepoPath};
use crate::order::Provenances;
use crate::parallel;
use crate::plan::{Action, Facts, NOT_IN_ORDER, Planned, Scope, Touch, decide, settle};
use crate::platform::Answer;
use crate::policy::Policy;
use crate::redact::FoundSecrets;
use crate::rules::{
    Compared, FileContext, FlowInput, OldFaults, Outline, PlanContext, PolicyContext,
    RepositoryContext, RuleSettings, look_at_flow, run_plan, run_policy, run_repository,
};

pub use judged::Judged;
use place::{UNREADABLE, deleted, has_reason, shown, unreadable};
use subject::{Subject, baseline};

/// Puts the review together. The same input gives the same review.
pub fn assemble(input: &Input, settings: &Settings) -> Review {
    let assembly = Assembly::new(input, settings);
    let judged = assembly.judge_each(NonZeroUsize::MIN, || true);
    assembly.conclude(judged.into_iter().flatten().collect(), &Provenances::new())
}

/// A review that is being put together: each file is judged by itself, in any order, and all of them come to a conclusion.
/// Of the input everything is looked at but its files.
pub struct Assembly<'i> {
    input: &'i Input,
    settings: &'i Settings,
    types: Arc<ElementTypes>,
}

impl<'i> Assembly<'i> {
    /// A review of nothing yet.
    pub fn new(input: &'i Input, settings: &'i Settings) -> Self {
        let types = Arc::new(settings.rules.types.clone());
        Self {
            input,
            settings,
            types,
        }
    }

    /// Judges all files of the input, on at most so many threads; `None` where the settings' [`crate::parallel::Halt`]
    /// came in between.
    pub fn judge_all(&self, workers: NonZeroUsize) -> Option<Vec<Judged>> {
        let halt = &self.settings.rules.halt;
        let judged = self.judge_each(workers, || !halt.is_set());
        let judged = judged.into_iter().collect::<Option<Vec<_>>>();
        judged.filter(|_| !halt.is_set())
    }

    /// Judges each file of the input before which `goes_on` still says so.
    fn judge_each(
        &self,
        workers: NonZeroUsize,
        goes_on: impl Fn() -> bool + Sync,
    ) -> Vec<Option<Judged>> {
        let mut bases = BTreeMap::new();
        for file in &self.input.files {
            if let Some(flow) = flow_of(file.base.as_ref())
                && let Some(id) = flow.id()
            {
                bases.insert(id, flow);
            }
        }
        let judge = |file: &FlowFile| {
            let moved = file.moved_from().and_then(|id| bases.get(id));
            goes_on().then(|| self.judge(file, moved.map(|flow| Arc::clone(flow))))
        };
        parallel::map(workers, &self.input.files, judge)
    }

    /// Judges one file. `moved` is the flow that [`FlowFile::moved_from`] asks for, where it stood in another file before.
    pub fn judge(&self, file: &FlowFile, moved: Option<Arc<Flow>>) -> Judged {
        let (flow, findings) = self.flow(file, moved);
        Judged::new(file, flow, findings)
    }

    /// What all of it comes to, once it is known where what is to be written comes from: see [`Judged::review`].
    pub fn conclude(&self, mut judged: Vec<Judged>, provenances: &Provenances) -> Review {
        judged.sort_by(|a, b| a.path().cmp(b.path()));
        for file in &mut judged {
            file.check_provenance(provenances, self.input);
        }
        let mut secrets = FoundSecrets::default();
        for file in &judged {
            secrets.extend(&file.flow.secrets);
        }
        self.settings.rules.redactor.learn_found(&secrets);
        let mut findings = self.repository_findings(&judged);
        findings.append(&mut self.out_of_order(&judged));
        for file in &mut judged {
            findings.append(&mut file.findings);
        }
        once_a_repository(&mut findings);
        let mut findings = self.apply_policies(findings);
        findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let mut by_path: HashMap<&RepoPath, Vec<&Finding>> = HashMap::new();
        for finding in &findings {
            let mine = by_path.entry(&finding.location.path).or_default();
            mine.push(finding);
        }
        for file in &mut judged {
            let mine = by_path.get(file.path()).map_or(&[][..], Vec::as_slice);
            file.flow.plan = settle(file.flow.plan.clone(), mine);
        }
        findings.extend(self.settings.policy.apply(self.too_many(&judged)));
        let lived_with = self.lived_with(&judged, &findings);
        findings.extend(self.settings.policy.apply(lived_with));
        findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let is_untouched = |file: &&Judged| file.touch() == Touch::Untouched && file.exists();
        let untouched = judged.iter().filter(is_untouched);
        let unasked = untouched.clone().filter(|file| self.is_unasked(file));
        let bystanders = self.input.bystanders.len();
        let (untouched, unasked) = (untouched.count(), unasked.count());
        // A file that is gone is nothing where its flow lives on in another one.
        let here = judged.iter().filter_map(Judged::id);
        let present: HashSet<FlowId> = here
            .chain(self.input.bystanders.values())
            .cloned()
            .collect();
        let lives_on = |file: &Judged| file.base().is_some_and(|id| present.contains(id));
        let server_adds = judged
            .iter()
            .flat_map(|file| file.flow.server_adds.iter().cloned())
            .collect();
        judged.retain(|file| (file.exists() || !lives_on(file)) && is_shown(&file.flow));
        Review {
            commit: self.input.commit.clone(),
            flows: judged.into_iter().map(|file| *file.flow).collect(),
            findings,
            old_faults: self.settings.policy.old_faults,
            untouched: untouched + bystanders,
            // Nobody asks about a flow that was not read.
            unasked: unasked + usize::from(self.asks_about_all()) * bystanders,
            server_adds,
            notes: self.input.notes.clone(),
        }
    }

    /// Whether a deployment would ask CXone about a flow that this review did not ask about.
    fn is_unasked(&self, file: &Judged) -> bool {
        self.asks_about_all() && file.id().is_some() && file.flow.said.is_none()
    }

    /// Whether CXone was asked, and a deployment would ask about the flows too that the change does not touch.
    fn asks_about_all(&self) -> bool {
        self.settings.plan.scope == Scope::Managed && self.input.platform.is_some()
    }

    /// More writes than one run may make.
    fn too_many(&self, judged: &[Judged]) -> Vec<Finding> {
        let writes: Vec<&Outline> = judged
            .iter()
            .filter(|file| file.flow.plan.action.writes())
            .filter_map(Judged::outline)
            .collect();
        run_plan(&PlanContext {
            writes: &writes,
            max_changes: self.settings.plan.max_changes,
            out_of_order: &[],
        })
    }

    /// Flows whose write was blocked since this commit does not build on what is live.
    fn out_of_order(&self, judged: &[Judged]) -> Vec<Finding> {
        let blocked = judged.iter().filter_map(|file| {
            let mut reasons = file.flow.plan.reasons.iter();
            let reason = reasons.find(|reason| reason.code == NOT_IN_ORDER)?;
            Some((file.outline()?, reason.text.as_str()))
        });
        let blocked: Vec<(&Outline, &str)> = blocked.collect();
        run_plan(&PlanContext {
            writes: &[],
            max_changes: self.settings.plan.max_changes,
            out_of_order: &blocked,
        })
    }

    /// What is out of date about what the team lives with.
    fn lived_with(&self, files: &[Judged], findings: &[Finding]) -> Vec<Finding> {
        let Policy {
            waivers,
            accepted,
            today,
            ..
        } = &self.settings.policy;
        let mut judged = BTreeSet::new();
        let bystanders = || self.input.bystanders.values().collect::<BTreeSet<_>>();
        let mut others = (self.input.unread == 0).then(bystanders);
        for file in files.iter().filter(|file| file.exists()) {
            match file.id() {
                // It may be any flow.
                None => others = None,
                Some(id) if file.touch() == Touch::Untouched => {
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

    /// The settings that hold for a file.
    fn settings_of(&self, path: &RepoPath) -> &'i Settings {
        self.input
            .own_settings
            .get(path)
            .map_or(self.settings, Arc::as_ref)
    }

    fn layout(&self, path: &RepoPath) -> &'i Layout {
        &self.settings_of(path).plan.layout
    }

    /// What each policy makes of the findings about its files.
    fn apply_policies(&self, findings: Vec<Finding>) -> Vec<Finding> {
        if self.input.own_settings.is_empty() {
            return self.settings.policy.apply(findings);
        }
        let (own, rest): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(|finding| {
            let path = &finding.location.path;
            self.input.own_settings.contains_key(path)
        });
        let mut all = self.settings.policy.apply(rest);
        for (path, settings) in &self.input.own_settings {
            let of_file = own.iter().filter(|finding| finding.location.path == *path);
            all.extend(settings.policy.apply(of_file.cloned().collect()));
        }
        all
    }

    fn repository_findings(&self, judged: &[Judged]) -> Vec<Finding> {
        let files: Vec<FileContext> = judged
            .iter()
            .map(|file| FileContext {
                path: file.path().clone(),
                exists: file.exists(),
                flow: file.outline().cloned(),
                base: file.base.as_deref().cloned(),
                changed: file.touch() == Touch::Touched,
            })
            .collect();
        run_repository(&RepositoryContext {
            files: &files,
            others: &self.input.bystanders,
            policy: &self.input.policy,
            unknown_base: self.input.unknown_base.as_ref(),
        })
    }

    /// One file's place in the review, with its findings.
    fn flow(&self, file: &FlowFile, moved: Option<Arc<Flow>>) -> (FlowReview, Vec<Finding>) {
        let base = flow_of(file.base.as_ref());
        let Some(reading) = &file.head else {
            let id = base.and_then(|flow| flow.id());
            let plan = deleted(file, id.cloned());
            return (shown(file, None, baseline(base, None), plan), Vec::new());
        };
        let Some(head) = &reading.flow else {
            let (findings, _) = self.findings(file, reading, None, None);
            let baseline = Baseline::Unknown("the file cannot be read".to_owned());
            return (
                shown(file, None, baseline, unreadable(file, None)),
                findings,
            );
        };
        // Where the identity cannot be read, the file at the same place is the best guess.
        let base = match file.moved_from() {
            Some(_) => moved,
            None => base.cloned(),
        };
        let subject = Subject::of(self, file, head, base);
        let plan = self.plan(&subject);
        let (findings, of_head) = self.findings(file, reading, Some(&subject), Some(&plan));
        let is_shown = subject
            .delta
            .as_ref()
            .is_some_and(|delta| !delta.is_empty())
            || subject.standing.is_some_and(Standing::is_drift);
        let secrets = match of_head {
            Some(secrets) if !is_shown => secrets,
            Some(mut secrets) => {
                secrets.add_beside(head, subject.compared());
                secrets
            }
            None if !is_shown => FoundSecrets::default(),
            None => FoundSecrets::of(iter::once(head.as_ref()).chain(subject.compared())),
        };
        let console_edits = self.console_edits(&subject);
        let Subject {
            baseline,
            digest,
            delta,
            risk,
            platform,
            standing,
            server_adds,
            ..
        } = subject;
        let review = FlowReview {
            digest,
            delta,
            risk,
            said: platform.map(Said::from),
            platform: platform.cloned(),
            standing,
            console_edits,
            server_adds,
            secrets,
            types: Arc::clone(&self.types),
            ..shown(file, Some(head), baseline, plan)
        };
        (review, findings)
    }

    /// The number of the file on the base branch, where it was given to other content and is proposed again: a
    /// merge that is not live yet, or an earlier group of a merge queue.
    fn taken_on_base(&self, subject: &Subject<'_>) -> Option<Version> {
        let (base, now) = (subject.base.as_ref()?, subject.head.version()?);
        let taken = base
            .version()
            .filter(|taken| now.cmp_precedence(taken).is_eq())?;
        let layout = self.layout(&subject.file.path);
        (!subject.has_content_of_base(layout)).then(|| taken.clone())
    }

    fn console_edits(&self, subject: &Subject<'_>) -> Vec<ConsoleEdit> {
        if !subject.standing.is_some_and(Standing::is_drift) {
            return Vec::new();
        }
        let published = subject.platform.and_then(|it| it.published.known());
        published.map_or_else(Vec::new, |published| {
            console_edits(published, &subject.files(), self.layout(&subject.file.path))
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
            base: subject.base.as_deref(),
            recorded: subject.recorded.map(Arc::as_ref),
            delta: subject.delta.as_ref().filter(|_| !nothing_live),
            platform: subject.platform,
            wrong: subject.wrong,
            by_hand: self.input.by_hand,
            looked_back: self.input.looked_back,
        };
        decide(&facts, &self.settings_of(&subject.file.path).plan)
    }

    /// What rules say about a file. A file that this change does not touch and that stays as it is was judged before;
    /// that it cannot be published is said again, as an old fault, and what blocks it as a new one: merging fails.
    /// With the secrets that stand in it, where it was looked at.
    fn findings(
        &self,
        file: &FlowFile,
        reading: &Reading,
        subject: Option<&Subject<'_>>,
        plan: Option<&Planned>,
    ) -> (Vec<Finding>, Option<FoundSecrets>) {
        let writes = plan.is_some_and(|plan| plan.action.writes());
        let is_old = file.touch == Touch::Untouched && !writes;
        let is_blocked = plan.is_some_and(|plan| matches!(plan.action, Action::Blocked));
        if is_old && !is_blocked && plan.is_some_and(|plan| !has_reason(plan, UNREADABLE)) {
            return (Vec::new(), None);
        }
        let compared = subject.and_then(|subject| {
            Some(Compared {
                flow: subject.baseline.flow()?,
                delta: subject.delta.as_ref()?,
                risk: subject.risk.as_ref()?,
            })
        });
        let taken_on_base = subject.and_then(|subject| self.taken_on_base(subject));
        // Where the change does not touch it, its file was merged before and is not live: what is live tells what is news.
        let is_made_up =
            file.touch == Touch::Untouched && writes && subject.and_then(Subject::live).is_some();
        let before = file.base.as_ref().or(is_old.then_some(reading));
        let input = FlowInput {
            taken_on_base: taken_on_base.as_ref(),
            reading,
            digest: subject.and_then(|subject| subject.digest.as_ref()),
            baseline: compared,
            before: before.filter(|_| !is_made_up),
            old_faults: match file.touch {
                Touch::Asked | Touch::Covered => OldFaults::Count,
                Touch::Touched | Touch::Named | Touch::Untouched => OldFaults::Fold,
            },
            platform: subject.and_then(|subject| subject.platform),
            standing: subject.and_then(|subject| subject.standing),
            looked_back: self.input.looked_back,
            creates_version: plan.is_some_and(|plan| {
                matches!(plan.action, Action::CreateAndPublish(_) | Action::Blocked)
            }),
            number: plan
                .and_then(|plan| plan.action.release())
                .map(|release| &release.version),
        };
        let rules = &self.settings_of(&file.path).rules;
        let redactor = &self.settings.rules.redactor;
        // Settings of a change of its own know no credentials: those are the run's.
        let whole = (rules.redactor != *redactor).then(|| RuleSettings {
            redactor: redactor.clone(),
            halt: self.settings.rules.halt.clone(),
            ..rules.clone()
        });
        let rules = whole.as_ref().unwrap_or(rules);
        let (mut findings, secrets) = look_at_flow(&input, rules);
        let live = subject.and_then(Subject::live);
        refused::let_count(&mut findings, file.touch, plan, live, rules);
        findings.retain(|finding| {
            !is_old
                || match plan.filter(|_| is_blocked) {
                    Some(plan) => has_reason(plan, finding.rule.as_str()),
                    None => finding.existing,
                }
        });
        (findings, Some(secrets))
    }
}

/// Says once what holds of every file alike: which fields are not sent.
fn once_a_repository(findings: &mut Vec<Finding>) {
    const RULE: &str = "field-not-published";
    let is_it = |finding: &Finding| finding.rule.as_str() == RULE;
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    for finding in findings.iter().filter(|finding| is_it(finding)) {
        *told.entry(finding.message.clone()).or_default() += 1;
    }
    let mut said = BTreeSet::new();
    findings.retain(|finding| !is_it(finding) || said.insert(finding.message.clone()));
    for finding in findings.iter_mut().filter(|finding| is_it(finding)) {
        let others = told.get(&finding.message).map_or(0, |all| all - 1);
        if others > 0 {
            let files = if others == 1 { "file" } else { "files" };
            finding.message = format!("{}; so it is in {others} other {files}", finding.message);
        }
    }
}

/// Untouched flows stand in the review only where there is something to say about them.
fn is_shown(FlowReview { touch, plan, .. }: &FlowReview) -> bool {
    let worth_saying = |code| {
        matches!(
            code,
            "edited-in-console"
                | "held"
                | "superseded"
                | "direct-push"
                | "origin-unknown"
                | "newly-covered"
                | "taken-back"
                | "not-looked-after"
        )
    };
    *touch != Touch::Untouched
        || !matches!(plan.action, Action::Nothing)
        || plan.reasons.iter().any(|reason| worth_saying(reason.code))
}

fn flow_of(reading: Option<&Reading>) -> Option<&Arc<Flow>> {
    reading?.flow.as_ref()
}
