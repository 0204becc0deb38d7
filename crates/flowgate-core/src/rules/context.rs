//! What each kind of rule is shown.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use semver::Version;

use super::broken::Broken;
use super::graph_view::GraphView;
use super::outline::Outline;
use super::settings_seen;
use super::texts::{self, Text};
use super::variables::Declared;
use crate::day::Day;
use crate::delta::Delta;
use crate::drift::{LookedBack, OnDrift, OnNewFlow, Standing};
use crate::finding::Finding;
use crate::flow::json::PerKey;
use crate::flow::vocabulary::{Meaning, NATIVE};
use crate::flow::words::{any_run, split};
use crate::flow::{ElementType, ElementTypes, Flow, Problem, ProblemKind};
use crate::ids::{Digest, FlowId, RepoPath};
use crate::parallel::Halt;
use crate::platform::FlowOnPlatform;
use crate::redact::{Redactor, Secret};
use crate::risk::FlowRisk;
use crate::waiver::{Accepted, Waiver};

/// Settings that rules read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSettings {
    /// Element types that the tenant accepts (`allowed-node-types`).
    pub allowed_types: Vec<String>,
    /// What types mean, where a team says so (`[types]`); those that it names are accepted too.
    pub types: ElementTypes,
    /// What to do about console edits.
    pub on_drift: OnDrift,
    /// What to do with a flow that CXone does not know.
    pub on_new_flow: OnNewFlow,
    /// What ways for failures are called: words that stand side by side in a label or condition (`error-labels`).
    pub error_labels: ErrorLabels,
    /// Letters that a prompt may have (`longest-prompt`).
    pub longest_prompt: usize,
    /// What is known to be secret whatever stands around it: credentials of the run.
    pub redactor: Redactor,
    /// Ends a judgement in its middle, which then is to be thrown away.
    pub halt: Halt,
}

/// What ways for failures are called.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ErrorLabels {
    /// As the vocabulary has it.
    #[default]
    Usual,
    /// As a team has it: each label written as one word in lower case.
    Own(BTreeSet<String>),
}

impl ErrorLabels {
    /// These labels and no others.
    pub fn own<L: AsRef<str>>(labels: impl IntoIterator<Item = L>) -> Self {
        let labels = labels.into_iter();
        let words = labels.map(|label| split(label.as_ref()).concat());
        Self::Own(words.filter(|word| !word.is_empty()).collect())
    }

    /// Whether words that stand side by side in a text are one of these labels.
    pub(super) fn stand_in(&self, text: &str) -> bool {
        /// No label has more words.
        const LONGEST: usize = 4;
        let words = split(text);
        match self {
            Self::Usual => NATIVE.within(&words).has(Meaning::Failure),
            Self::Own(labels) => any_run(&words, LONGEST, |run| labels.contains(run)),
        }
    }
}

/// About a minute of speech.
const LONGEST_PROMPT: usize = 900;

impl Default for RuleSettings {
    fn default() -> Self {
        let known = ElementType::KNOWN.iter();
        Self {
            allowed_types: known.map(|kind| kind.as_str().to_owned()).collect(),
            types: ElementTypes::default(),
            on_drift: OnDrift::default(),
            on_new_flow: OnNewFlow::default(),
            error_labels: ErrorLabels::default(),
            longest_prompt: LONGEST_PROMPT,
            redactor: Redactor::default(),
            halt: Halt::default(),
        }
    }
}

/// One flow. Views that several rules need are made once, when first asked for.
pub struct FlowContext<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// Settings that rules read.
    pub settings: &'a RuleSettings,
    /// What is different from its baseline, where it has one; for better hints only, never for whether to raise.
    pub delta: Option<&'a Delta>,
    problems: &'a [Problem],
    broken: OnceCell<Vec<Broken>>,
    graph: OnceCell<GraphView<'a>>,
    texts: OnceCell<Vec<Text<'a>>>,
    secrets: OnceCell<Vec<(Text<'a>, Vec<Secret>)>>,
    declared: OnceCell<Declared>,
    for_failures: OnceCell<PerKey<bool>>,
    failure_ways: OnceCell<Box<[OnceCell<bool>]>>,
}

impl<'a> FlowContext<'a> {
    /// A flow with the shape problems of its file.
    pub fn new(
        flow: &'a Flow,
        problems: &'a [Problem],
        settings: &'a RuleSettings,
        delta: Option<&'a Delta>,
    ) -> Self {
        Self {
            flow,
            settings,
            delta,
            problems,
            broken: OnceCell::new(),
            graph: OnceCell::new(),
            texts: OnceCell::new(),
            secrets: OnceCell::new(),
            declared: OnceCell::new(),
            for_failures: OnceCell::new(),
            failure_ways: OnceCell::new(),
        }
    }

    /// Whether the file's list of elements could be read; without it, no id is known to be missing.
    pub(super) fn elements_known(&self) -> bool {
        !self
            .problems
            .iter()
            .any(|problem| problem.kind == ProblemKind::ElementsNotArray)
    }

    /// Whether every element and connector could be read: only then can the flow be judged as a graph.
    pub(super) fn is_whole(&self) -> bool {
        let harmless = |problem: &Problem| {
            matches!(
                problem.kind,
                ProblemKind::FlowIdInvalid
                    | ProblemKind::VersionRequired
                    | ProblemKind::VersionNotSemver
                    | ProblemKind::ByteOrderMark
            )
        };
        self.flow.is_whole() && self.problems.iter().all(harmless)
    }

    /// Connectors that name an element which does not exist, in file order.
    pub(super) fn broken(&self) -> &[Broken] {
        self.broken.get_or_init(|| Broken::all(self))
    }

    /// Every text value of the flow, in file order within each element.
    pub(super) fn texts(&self) -> &[Text<'a>] {
        self.texts.get_or_init(|| texts::all(self.flow))
    }

    /// The texts of the flow that hold secrets, with these; also of elements and connectors that could not be read.
    pub(super) fn secrets(&self) -> &[(Text<'a>, Vec<Secret>)] {
        self.secrets.get_or_init(|| {
            let unread = texts::unread(self.flow);
            let texts = self.texts().iter().chain(&unread);
            texts
                .map(|text| (text, text.secrets(&self.settings.redactor)))
                .filter(|(_, secrets)| !secrets.is_empty())
                .map(|(text, secrets)| (text.clone(), secrets))
                .collect()
        })
    }

    /// Where secrets stand in the file, in bytes, in order and apart.
    pub(super) fn secret_places(&self) -> Vec<Range<usize>> {
        let mut places: Vec<Range<usize>> = Vec::new();
        for (text, secrets) in self.secrets() {
            let parts: Vec<_> = secrets.iter().map(|secret| secret.range.clone()).collect();
            places.extend(text.value.sources_of(&parts));
        }
        places.sort_by_key(|place| place.start);
        places
    }

    /// The variables that the flow declares.
    pub(super) fn declared(&self) -> &Declared {
        self.declared.get_or_init(|| Declared::of(self.flow))
    }

    /// Keys under which elements say what happens when they fail.
    pub(super) fn for_failures(&self) -> &PerKey<bool> {
        self.for_failures
            .get_or_init(|| settings_seen::for_failures(self.flow))
    }

    /// Whether a way is called as one for failures, found out once.
    pub(super) fn is_failure(&self, way: usize, find_out: impl FnOnce() -> bool) -> bool {
        let ways = self.failure_ways.get_or_init(|| {
            let ways = 0..self.flow.index().way_count();
            ways.map(|_| OnceCell::new()).collect()
        });
        *ways[way].get_or_init(find_out)
    }

    /// Elements and connectors as a graph, for rules that judge the flow as a whole: `None` where an element or a
    /// connector could not be read, or where there is no element.
    pub(super) fn graph(&self) -> Option<&GraphView<'a>> {
        (self.is_whole() && !self.flow.elements().is_empty()).then(|| {
            self.graph
                .get_or_init(|| GraphView::new(self.flow, &self.settings.types))
        })
    }
}

/// A flow and what it is compared with.
pub struct ChangeContext<'a> {
    /// The proposed flow.
    pub head: &'a Flow,
    /// The proposed flow's digest, where it has one.
    pub digest: Option<&'a Digest>,
    /// The baseline.
    pub baseline: &'a Flow,
    /// What is different.
    pub delta: &'a Delta,
    /// What that means for callers.
    pub risk: &'a FlowRisk,
    /// What CXone said, where it was asked.
    pub platform: Option<&'a FlowOnPlatform>,
    /// The number that the plan gives its version, which need not be the file's.
    pub number: Option<&'a Version>,
    /// The number that the file has on the base branch, where it stands for other content and is proposed again.
    pub taken_on_base: Option<&'a Version>,
}

/// One flow file of the repository.
pub struct FileContext {
    /// Where it stands.
    pub path: RepoPath,
    /// Whether a file stands there, readable or not.
    pub exists: bool,
    /// The flow; `None` where the file is gone or could not be read at all.
    pub flow: Option<Outline>,
    /// The flow before this change; `None` where the file is new or could not be read at all.
    pub base: Option<Outline>,
    /// Whether this change touches the file.
    pub changed: bool,
}

/// All flow files together.
pub struct RepositoryContext<'a> {
    /// In order of their paths.
    pub files: &'a [FileContext],
    /// Flows of other files, which the change does not touch; none of them stands in `files` too.
    pub others: &'a BTreeMap<RepoPath, FlowId>,
    /// Changed files that say what a change may do.
    pub policy: &'a [RepoPath],
    /// Set where nobody can say what the change is compared with.
    pub unknown_base: Option<&'a UnknownBase>,
}

/// Why nobody can say what the change is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownBase {
    /// Why, in half a sentence.
    pub why: String,
    /// What brings the base.
    pub hint: String,
    /// What is looked at all the same.
    pub instead: Instead,
}

/// What is looked at where nobody can say what a change is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// What is not committed yet.
    Uncommitted,
    /// Every flow, as if all of them were new.
    Everything,
}

/// A file whose flow of before stands in no file any more.
pub(super) struct Gone<'a> {
    pub path: &'a RepoPath,
    pub base: &'a Outline,
    /// Whether there is a file now.
    pub exists: bool,
    /// What stands in the file now.
    pub flow: Option<&'a Outline>,
}

impl RepositoryContext<'_> {
    /// Files that this change touches and whose flow of before stands in no file any more, in order of their paths.
    pub(super) fn gone(&self) -> impl Iterator<Item = Gone<'_>> {
        let flows = self.files.iter().filter_map(|file| file.flow.as_ref());
        let here = flows.filter_map(|flow| flow.id.as_ref());
        let present: HashSet<&FlowId> = here.chain(self.others.values()).collect();
        self.files
            .iter()
            .filter(|file| file.changed)
            .filter_map(move |file| {
                let base = file.base.as_ref()?;
                let lost = base.id.as_ref().is_some_and(|id| !present.contains(id));
                lost.then_some(Gone {
                    path: &file.path,
                    base,
                    exists: file.exists,
                    flow: file.flow.as_ref(),
                })
            })
    }
}

/// A flow and what CXone said about it.
pub struct PlatformContext<'a> {
    /// The proposed flow.
    pub head: &'a Flow,
    /// The proposed flow's digest, where it has one.
    pub digest: Option<&'a Digest>,
    /// What CXone said.
    pub platform: &'a FlowOnPlatform,
    /// Where what is live stands against the branch, where something is live.
    pub standing: Option<Standing>,
    /// How far back it was looked for what is live without a record.
    pub looked_back: LookedBack,
    /// Settings that rules read.
    pub settings: &'a RuleSettings,
    /// Whether merging would create a version if nothing stood in the way.
    pub creates_version: bool,
    /// The number that the plan gives its version, which need not be the file's.
    pub number: Option<&'a Version>,
}

/// The plan as a whole.
pub struct PlanContext<'a> {
    /// The flows that it writes, in order of their paths.
    pub writes: &'a [&'a Outline],
    /// How many one run may write.
    pub max_changes: usize,
    /// Flows that it blocks since what is live does not come from a commit that this one builds on, and why.
    pub out_of_order: &'a [(&'a Outline, &'a str)],
}

/// What a team lives with, and all that was found.
pub struct PolicyContext<'a> {
    /// The waivers.
    pub waivers: &'a [Waiver],
    /// The findings that were accepted.
    pub accepted: &'a [Accepted],
    /// The day of the run.
    pub today: Day,
    /// What was found.
    pub findings: &'a [Finding],
    /// Changed files that say what a change may do.
    pub changing: &'a [RepoPath],
    /// The flows that were looked at.
    pub judged: &'a BTreeSet<&'a FlowId>,
    /// The flows that were not; `None` where that is not known.
    pub others: Option<&'a BTreeSet<&'a FlowId>>,
}

impl PolicyContext<'_> {
    /// Whether this change touches the file, and so may mend what is wrong with it.
    pub(super) fn is_changing(&self, path: &RepoPath) -> bool {
        self.changing.contains(path)
    }

    /// Whether the flow was looked at or is gone; without one: whether every flow was looked at.
    pub(super) fn was_judged(&self, flow: Option<&FlowId>) -> bool {
        match flow {
            Some(flow) => {
                self.judged.contains(flow) || self.others.is_some_and(|all| !all.contains(flow))
            }
            None => self.others.is_some_and(BTreeSet::is_empty),
        }
    }
}
