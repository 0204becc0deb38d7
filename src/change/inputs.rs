//! From what was typed to settings and flow files: the same first steps of every command that reads a repository.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use flowgate_core::day::Day;
use flowgate_core::flow::Content;
use flowgate_core::ids::{CommitSha, RepoPath};
use flowgate_core::plan::{PlanSettings, UnknownFlows};
use flowgate_core::policy::Policy;
use flowgate_core::review;
use flowgate_core::rules::{ErrorLabels, RuleSettings};

use super::job::Job;
use super::merges::{Merges, Pushed};
use super::settings;
use super::trees::{Question, Trees};
use crate::cli::{BaseArgs, FilesArgs, PlatformArgs, TenantArgs};
use crate::clock::{Clock as _, SystemClock};
use crate::deadline::Deadline;
use crate::event::Event;
use crate::exit::{Failure, Plain};
use crate::github::Client;
use crate::process::World;
use crate::settings::{
    Environment, FileSettings, PlatformSettings, PolicySettings, ReadSettings, Tables, accepted,
};
use crate::source::{
    self, BaseChoice, Change, ComparedWith, Differences, FlowGlobs, History, HistoryError, LeftOut,
    Place, Request, SourceError, Sources, Untouched,
};

/// Settings and flow files.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) terms: Terms,
    /// Globs of the flow files.
    pub(crate) flows: Vec<String>,
    /// A larger file is not read.
    pub(crate) max_file_size: u64,
    pub(crate) sources: Sources,
    /// What a reader should know about how the files were found, harmless for a terminal.
    pub(crate) notes: Vec<String>,
}

/// The settings that a run depends on, whatever the flow files are.
#[derive(Debug)]
pub(crate) struct Terms {
    /// What a review depends on.
    pub(crate) review: review::Settings,
    /// How CXone is called.
    pub(crate) platform: PlatformSettings,
    /// When the run has to end.
    pub(crate) deadline: Deadline,
    /// The most versions that the tenant keeps for a flow.
    pub(crate) capacity: u32,
    /// How far a rollback may go back: said in every version that is created.
    pub(crate) max_rollback_depth: u32,
}

/// The settings of a command that reads a repository, as they were typed.
pub(crate) struct Typed<'a> {
    pub(crate) paths: &'a [PathBuf],
    pub(crate) base: BaseChoice,
    pub(crate) files: &'a FilesArgs,
    /// `None` of a command that never calls CXone.
    pub(crate) platform: Option<&'a PlatformArgs>,
    /// What is read of the files that the change leaves as they are.
    pub(crate) untouched: Untouched,
}

impl<'a> Typed<'a> {
    /// Of a command that looks at all flow files and at what is live.
    pub(crate) fn of(tenant: &'a TenantArgs) -> Self {
        Self {
            platform: Some(&tenant.platform),
            ..Self::of_files(&tenant.files)
        }
    }

    /// Of a command that looks at all flow files, and never calls CXone.
    pub(crate) fn of_files(files: &'a FilesArgs) -> Self {
        Self {
            paths: &[],
            base: BaseChoice::Default,
            files,
            platform: None,
            untouched: Untouched::Read,
        }
    }
}

/// What was typed, as it is meant beside what the settings file says.
struct Meant {
    read: ReadSettings,
    policy: PolicySettings,
    platform: PlatformSettings,
}

impl Meant {
    fn by(
        files: &FilesArgs,
        platform: Option<&PlatformArgs>,
        file: &FileSettings,
    ) -> Result<Self, Failure> {
        let untyped = PlatformArgs::default();
        Ok(Self {
            read: ReadSettings::resolve(&files.read, file)?,
            policy: PolicySettings::resolve(&files.policy, file),
            platform: PlatformSettings::resolve(platform.unwrap_or(&untyped), file),
        })
    }

    fn terms(self, today: Day, began: Instant) -> Terms {
        let deadline = Deadline::new(began, self.platform.run_deadline);
        let mut terms = Terms {
            capacity: self.policy.max_version_history,
            max_rollback_depth: self.policy.max_rollback_depth,
            review: review_settings(self.read, self.policy, today),
            platform: self.platform,
            deadline,
        };
        terms.review.rules.halt = terms.deadline.halt();
        terms
    }
}

impl From<&BaseArgs> for BaseChoice {
    fn from(typed: &BaseArgs) -> Self {
        match (&typed.base, &typed.base_dir) {
            (Some(revision), _) => BaseChoice::Revision(revision.clone()),
            (None, Some(directory)) => BaseChoice::Directory(directory.clone()),
            (None, None) => BaseChoice::Default,
        }
    }
}

impl Inputs {
    /// Resolves the settings and reads the flow files.
    pub(crate) fn gather(typed: &Typed<'_>, world: &World) -> Result<Self, Failure> {
        let cwd = world.cwd()?;
        let place = Place::find(cwd, typed.paths);
        let config = typed.files.read.config.as_deref();
        let file = settings_file(&place, cwd, config, &world.environment)?;
        let meant = Meant::by(typed.files, typed.platform, &file)?;
        let sources = source::gather(&Request {
            place: &place,
            cwd,
            paths: typed.paths,
            flows: &meant.policy.flows,
            base: typed.base.clone(),
            limit: meant.read.max_file_size.0,
            allow_empty: meant.policy.allow_empty,
            untouched: typed.untouched,
            environment: &world.environment,
        })?;
        for path in &sources.changed {
            tracing::info!("changed: {path}");
        }
        let mut inputs = Self::new(meant, sources, SystemClock.today(), world.began);
        inputs.terms.review.rules.redactor = world.redactor();
        Ok(inputs)
    }

    /// What a command says first that makes no review of the files: what was not looked at, harmless for a terminal.
    pub(crate) fn unseen(&self) -> Vec<String> {
        let unseen = self.sources.unseen.iter();
        unseen.map(|note| Plain(note).to_string()).collect()
    }

    fn new(meant: Meant, sources: Sources, today: Day, began: Instant) -> Self {
        let compared = format!("compared with {}", sources.compared_with);
        let notes = std::iter::once(&compared).chain(&sources.notes);
        Self {
            notes: notes.map(|note| Plain(note).to_string()).collect(),
            flows: meant.policy.flows.clone(),
            max_file_size: meant.read.max_file_size.0,
            terms: meant.terms(today, began),
            sources,
        }
    }

    /// The same from the commits of a run in Actions; `file` is the settings file that holds for the run. Before the flow
    /// files are read, `meanwhile` may start what takes time.
    pub(super) async fn of_commits<T>(
        asked: &Asked<'_>,
        file: &FileSettings,
        history: &mut History<'_>,
        trees: &Trees,
        meanwhile: impl FnOnce(&PlatformSettings, &Differences) -> Result<T, Failure>,
    ) -> Result<(Self, OfCommits, T), Failure> {
        let Asked {
            job, typed, today, ..
        } = *asked;
        let meant = Meant::by(typed.files, typed.platform, file)?;
        let watched = watched(typed.files.read.config.as_deref());
        let mut change = Change {
            head: &trees.head,
            base: trees
                .base
                .as_ref()
                .map(|base| (base.name.as_str(), &base.id)),
            left_at: trees.base.as_ref().and_then(|base| base.left_at.as_ref()),
            policy: &watched,
            flows: &meant.policy.flows,
            limit: meant.read.max_file_size.0,
            allow_empty: meant.policy.allow_empty,
            untouched: typed.untouched,
        };
        let mut merges = asked.merges(&change, trees, history).await?;
        let own = own_settings(job, typed, &merges, history, today).await?;
        if let Merges::Several(merges) = &mut merges {
            for merge in merges {
                let own = own.iter().find(|own| own.before == merge.before);
                let flows = own.map_or(&meant.policy.flows, |own| &own.flows);
                let look = Change {
                    flows,
                    ..change.clone()
                };
                merge.find_changed(history, &look).await?;
            }
        }
        let mut globs = meant.policy.flows.clone();
        globs.extend(own.iter().flat_map(|own| own.flows.iter().cloned()));
        change.flows = &globs;
        let mut differences = history.compare(&change).await?;
        let mut covered = BTreeSet::new();
        let proposed;
        if asked.question != Question::Tip && differences.touch_policy() {
            let file = settings::of_commit(job, &trees.head, history).await?;
            proposed = Meant::by(typed.files, typed.platform, &file)?.policy.flows;
            if proposed != globs {
                let (holds, comes) = (FlowGlobs::new(&globs)?, FlowGlobs::new(&proposed)?);
                let both: Vec<String> = globs.iter().chain(&proposed).cloned().collect();
                let wider = Change {
                    flows: &both,
                    ..change.clone()
                };
                let found = history.compare(&wider).await?;
                let is_new = |path: &&RepoPath| {
                    comes.matches(path.as_str()) && !holds.matches(path.as_str())
                };
                covered.extend(found.head().filter(is_new).cloned());
                if !covered.is_empty() {
                    differences = found;
                    differences.retain(|path| holds.matches(path) || comes.matches(path));
                    differences.look_at(covered.iter().cloned());
                }
            }
        }
        let begun = meanwhile(&meant.platform, &differences)?;
        let deadline = Deadline::new(job.world.began, meant.platform.run_deadline);
        let between = history.between(&change, differences);
        let mut between = deadline
            .bounds("the flow files were read", between)
            .await??;
        between.sources.notes.extend(trees.notes.iter().cloned());
        if let Some(unknown) = &trees.unknown_base {
            between.sources.compared_with = ComparedWith::Nothing {
                why: unknown.why.clone(),
            };
            between.sources.unknown_base = Some(unknown.clone());
        }
        between
            .sources
            .changed
            .retain(|path| !covered.contains(path));
        between.sources.base.retain(|path| !covered.contains(path));
        between.sources.covered = covered;
        let own_settings = assign(&own, &merges, &meant.policy.flows, &mut between.sources)?;
        let inputs = Self::new(meant, between.sources, today, job.world.began);
        let of_commits = OfCommits {
            policy: between.policy,
            merges,
            own_settings,
        };
        Ok((inputs, of_commits, begun))
    }

    /// The settings of a run that was told nothing: for the demo.
    pub(crate) fn defaults() -> Result<Terms, Failure> {
        let meant = Meant::by(&FilesArgs::default(), None, &FileSettings::default())?;
        Ok(meant.terms(Day::default(), Instant::now()))
    }
}

/// Settings files besides the usual ones that say what a change may do.
fn watched(config: Option<&Path>) -> Vec<RepoPath> {
    let files = config.map_or_else(Vec::new, |config| {
        let mut files = accepted::places(Some(config));
        files.push(config.to_owned());
        files
    });
    let in_repository = files.iter().filter_map(|path| in_repository(path));
    in_repository.collect()
}

/// What a run in Actions asks about.
pub(super) struct Asked<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) github: Option<&'a Client>,
    pub(super) question: Question,
    pub(super) typed: &'a Typed<'a>,
    pub(super) today: Day,
}

/// What the commits of a run say besides settings and flow files.
pub(super) struct OfCommits {
    /// Changed files that say what a change may do.
    pub(super) policy: Vec<RepoPath>,
    pub(super) merges: Merges,
    /// Settings of single files, see [`review::Input::own_settings`].
    pub(super) own_settings: BTreeMap<RepoPath, Arc<review::Settings>>,
}

impl Asked<'_> {
    /// The merges that a push consists of.
    async fn merges(
        &self,
        look: &Change<'_>,
        trees: &Trees,
        history: &mut History<'_>,
    ) -> Result<Merges, HistoryError> {
        let (Event::Push(push), Question::Merge, Some(base)) =
            (self.job.event, self.question, &trees.base)
        else {
            return Ok(Merges::One);
        };
        let pushed = Pushed {
            before: &base.id,
            head: &trees.head,
            branch: push
                .reference
                .strip_prefix("refs/heads/")
                .unwrap_or_default(),
            repository: self.job.context.repository.id,
            look: look.clone(),
        };
        pushed.merges(history, self.github).await
    }
}

/// What the settings of a commit say of flows and their review.
pub(crate) struct Settled {
    /// Globs of the flow files.
    flows: Vec<String>,
    pub(crate) review: review::Settings,
}

impl Settled {
    /// Reads the settings of a commit.
    pub(crate) async fn of_commit(
        job: &Job<'_>,
        commit: &CommitSha,
        history: &mut History<'_>,
    ) -> Result<Self, Failure> {
        let typed = Typed::of(&job.args.tenant);
        let file = settings::of_commit(job, commit, history).await?;
        let meant = Meant::by(typed.files, typed.platform, &file)?;
        Ok(Self {
            flows: meant.policy.flows.clone(),
            review: meant.terms(SystemClock.today(), job.world.began).review,
        })
    }

    /// Whether a file is a flow file by them.
    pub(crate) fn covers(&self, path: &RepoPath) -> bool {
        FlowGlobs::new(&self.flows).is_ok_and(|globs| globs.matches(path.as_str()))
    }
}

/// The settings that a merge of the push was checked under, where an earlier one of the same push changed them.
struct OwnSettings {
    /// The commit that the merge was put upon.
    before: CommitSha,
    flows: Vec<String>,
    review: Arc<review::Settings>,
}

async fn own_settings(
    job: &Job<'_>,
    typed: &Typed<'_>,
    merges: &Merges,
    history: &mut History<'_>,
    today: Day,
) -> Result<Vec<OwnSettings>, Failure> {
    let Merges::Several(merges) = merges else {
        return Ok(Vec::new());
    };
    let mut own = Vec::new();
    let mut is_changed = false;
    for merge in merges {
        if is_changed {
            let file = settings::of_commit(job, &merge.before, history).await?;
            let meant = Meant::by(typed.files, typed.platform, &file)?;
            own.push(OwnSettings {
                before: merge.before.clone(),
                flows: meant.policy.flows.clone(),
                review: Arc::new(meant.terms(today, job.world.began).review),
            });
        }
        is_changed |= merge.changes_settings;
    }
    Ok(own)
}

/// Gives each file the settings that its last merge was checked under, and leaves out those that are no flow files by
/// them.
fn assign(
    own: &[OwnSettings],
    merges: &Merges,
    flows: &[String],
    sources: &mut Sources,
) -> Result<BTreeMap<RepoPath, Arc<review::Settings>>, SourceError> {
    let mut assigned = BTreeMap::new();
    if own.is_empty() {
        return Ok(assigned);
    }
    let usual = FlowGlobs::new(flows)?;
    let mut outside = Vec::new();
    let all: BTreeSet<RepoPath> = sources.head.union(&sources.base).cloned().collect();
    for path in all {
        let merge = merges.last_of(&path);
        let own = merge.and_then(|merge| own.iter().find(|own| own.before == merge.before));
        // Where a flow stood that was moved in.
        let is_elsewhere = !sources.head.contains(&path) && !sources.changed.contains(&path);
        let is_flow_file = match own {
            Some(own) => FlowGlobs::new(&own.flows)?.matches(path.as_str()),
            None => is_elsewhere || usual.matches(path.as_str()),
        };
        if !is_flow_file {
            outside.push(path);
        } else if let Some(own) = own {
            assigned.insert(path, Arc::clone(&own.review));
        }
    }
    for path in outside {
        sources.head.remove(&path);
        sources.base.remove(&path);
        sources.changed.remove(&path);
    }
    Ok(assigned)
}

fn review_settings(read: ReadSettings, policy: PolicySettings, today: Day) -> review::Settings {
    let usual = RuleSettings::default();
    let Tables {
        rules,
        paths,
        types,
        waivers,
    } = policy.tables;
    review::Settings {
        plan: PlanSettings {
            layout: read.layout,
            on_drift: policy.on_drift,
            on_new_flow: policy.on_new_flow,
            scope: policy.scope,
            version_policy: policy.version_policy,
            layout_changes: policy.layout_changes,
            max_changes: policy.max_changes,
            unknown_flows: UnknownFlows::Wait,
            publishes_nothing: None,
        },
        rules: RuleSettings {
            allowed_types: policy.allowed_node_types,
            types,
            on_drift: policy.on_drift,
            on_new_flow: policy.on_new_flow,
            error_labels: policy
                .error_labels
                .map_or(usual.error_labels.clone(), ErrorLabels::own),
            longest_prompt: policy.longest_prompt.unwrap_or(usual.longest_prompt),
            ..usual
        },
        policy: Policy {
            severities: rules,
            paths,
            waivers,
            accepted: policy.accepted,
            today,
            fail_on: policy.fail_on,
            old_faults: policy.old_faults,
        },
    }
}

/// A path in the repository as it was typed; `None` where it is none.
pub(crate) fn in_repository(path: &Path) -> Option<RepoPath> {
    let text = path.to_string_lossy();
    text.strip_prefix("./").unwrap_or(&text).parse().ok()
}

/// The settings of `flowgate.toml`, in the work tree or where git leaves it out of that.
pub(crate) fn settings_file(
    place: &Place,
    cwd: &Path,
    asked: Option<&Path>,
    environment: &Environment,
) -> Result<FileSettings, Failure> {
    /// A larger file is no settings file.
    const LIMIT: u64 = 1024 * 1024;
    let asked = asked.map(|path| cwd.join(path));
    let left_out = OnceCell::new();
    let elsewhere = |path: &Path| -> io::Result<Option<Vec<u8>>> {
        let inside = path.strip_prefix(&place.root).ok().and_then(in_repository);
        let Some(inside) = inside else {
            return Ok(None);
        };
        let found = left_out.get_or_init(|| LeftOut::find(place, environment));
        let found = found.as_ref();
        let found = found.map_err(|error| io::Error::other(error.to_string()))?;
        match found.read(&inside, LIMIT).map_err(io::Error::other)? {
            None => Ok(None),
            Some(Content::Bytes(bytes)) => Ok(Some(bytes)),
            Some(_) => Err(io::Error::other(
                "it is not checked out, and this clone has no content of it",
            )),
        }
    };
    let (settings, from) = FileSettings::load(&place.root, asked.as_deref(), &elsewhere)?;
    if let Some(path) = from {
        tracing::info!("settings from {}", path.display());
    }
    Ok(settings)
}
