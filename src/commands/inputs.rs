//! From what was typed to settings and flow files: the same first steps of every command that reads a repository.

use std::path::{Path, PathBuf};

use flowgate_core::day::Day;
use flowgate_core::ids::{CommitSha, RepoPath};
use flowgate_core::plan::PlanSettings;
use flowgate_core::policy::Policy;
use flowgate_core::review;
use flowgate_core::rules::RuleSettings;

use super::World;
use crate::cli::{
    AcceptArgs, BaseArgs, BumpArgs, CheckArgs, DeployArgs, DriftArgs, PlatformArgs, PolicyArgs,
    PullArgs, ReadArgs, RollbackArgs,
};
use crate::clock::{Clock as _, SystemClock};
use crate::exit::{Failure, Plain};
use crate::github::GitHub;
use crate::settings::{
    FileSettings, PlatformSettings, PolicySettings, ReadSettings, Tables, accepted,
};
use crate::source::{self, BaseChoice, Change, History, Place, Request, Sources, Untouched};

/// Settings and flow files.
#[derive(Debug)]
pub(super) struct Inputs {
    /// What a review depends on.
    pub(super) settings: review::Settings,
    pub(super) platform: PlatformSettings,
    /// The most versions that the tenant keeps for a flow.
    pub(super) capacity: u32,
    /// How far a rollback may go back: said in every version that is created.
    pub(super) max_rollback_depth: u32,
    /// Globs of the flow files.
    pub(super) flows: Vec<String>,
    /// A larger file is not read.
    pub(super) max_file_size: u64,
    pub(super) sources: Sources,
    /// What a reader should know about how the files were found, harmless for a terminal.
    pub(super) notes: Vec<String>,
}

/// The settings of a run that was told nothing.
pub(super) struct Usual {
    pub(super) review: review::Settings,
    pub(super) platform: PlatformSettings,
    pub(super) capacity: u32,
    pub(super) max_rollback_depth: u32,
}

/// The settings of a command that reads a repository, as they were typed.
pub(super) struct Typed<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) base: BaseChoice,
    pub(super) read: &'a ReadArgs,
    pub(super) policy: &'a PolicyArgs,
    pub(super) platform: &'a PlatformArgs,
    /// What is read of the files that the change leaves as they are.
    pub(super) untouched: Untouched,
}

impl<'a> From<&'a CheckArgs> for Typed<'a> {
    fn from(args: &'a CheckArgs) -> Self {
        Self {
            paths: &args.paths,
            base: BaseChoice::from(&args.base),
            read: &args.read,
            policy: &args.policy,
            platform: &args.platform,
            untouched: Untouched::Identify { beyond: 0 },
        }
    }
}

impl<'a> Typed<'a> {
    /// Of a command that never calls CXone.
    pub(super) fn of_bump(args: &'a BumpArgs, platform: &'a PlatformArgs) -> Self {
        Self {
            paths: &args.paths,
            base: BaseChoice::from(&args.base),
            read: &args.read,
            policy: &args.policy,
            platform,
            untouched: Untouched::Identify { beyond: 0 },
        }
    }
}

impl<'a> Typed<'a> {
    /// Of a command that looks at every flow by itself.
    pub(super) fn of_accept(args: &'a AcceptArgs, platform: &'a PlatformArgs) -> Self {
        Self {
            paths: &[],
            base: BaseChoice::Default,
            read: &args.read,
            policy: &args.policy,
            platform,
            untouched: Untouched::Read,
        }
    }
}

impl<'a> From<&'a DeployArgs> for Typed<'a> {
    fn from(args: &'a DeployArgs) -> Self {
        Self {
            paths: &[],
            base: BaseChoice::from(&args.base),
            read: &args.read,
            policy: &args.policy,
            platform: &args.platform,
            untouched: Untouched::Read,
        }
    }
}

impl<'a> From<&'a RollbackArgs> for Typed<'a> {
    fn from(args: &'a RollbackArgs) -> Self {
        Self {
            paths: &[],
            base: BaseChoice::Default,
            read: &args.read,
            policy: &args.policy,
            platform: &args.platform,
            untouched: Untouched::Read,
        }
    }
}

impl<'a> From<&'a DriftArgs> for Typed<'a> {
    fn from(args: &'a DriftArgs) -> Self {
        Self {
            paths: &[],
            base: BaseChoice::Default,
            read: &args.read,
            policy: &args.policy,
            platform: &args.platform,
            untouched: Untouched::Read,
        }
    }
}

impl<'a> From<&'a PullArgs> for Typed<'a> {
    fn from(args: &'a PullArgs) -> Self {
        Self {
            paths: &[],
            base: BaseChoice::Default,
            read: &args.read,
            policy: &args.policy,
            platform: &args.platform,
            untouched: Untouched::Read,
        }
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
    pub(super) fn gather(typed: &Typed<'_>, world: &World) -> Result<Self, Failure> {
        let cwd = world.cwd()?;
        let place = Place::find(cwd, typed.paths);
        let file = settings_file(&place.root, cwd, typed.read.config.as_deref())?;
        let read = ReadSettings::resolve(typed.read, &file)?;
        let policy = PolicySettings::resolve(typed.policy, &file);
        let platform = PlatformSettings::resolve(typed.platform, &file);
        let sources = source::gather(&Request {
            place: &place,
            cwd,
            paths: typed.paths,
            flows: &policy.flows,
            base: typed.base.clone(),
            limit: read.max_file_size.0,
            allow_empty: policy.allow_empty,
            untouched: typed.untouched,
            environment: &world.environment,
        })?;
        for path in &sources.changed {
            tracing::info!("changed: {path}");
        }
        Ok(Self::new(
            read,
            policy,
            platform,
            sources,
            SystemClock.today(),
        ))
    }

    fn new(
        read: ReadSettings,
        policy: PolicySettings,
        platform: PlatformSettings,
        sources: Sources,
        today: Day,
    ) -> Self {
        let compared = format!("compared with {}", sources.compared_with);
        let notes = std::iter::once(&compared).chain(&sources.notes);
        Self {
            notes: notes.map(|note| Plain(note).to_string()).collect(),
            capacity: policy.max_version_history,
            max_rollback_depth: policy.max_rollback_depth,
            flows: policy.flows.clone(),
            max_file_size: read.max_file_size.0,
            settings: review_settings(read, policy, today),
            platform,
            sources,
        }
    }

    /// The same from the commits of a run in Actions; `file` is the settings file of the side that decides.
    pub(super) async fn of_commits<G: GitHub>(
        typed: &Typed<'_>,
        file: &FileSettings,
        history: &mut History<'_, G>,
        head: &CommitSha,
        base: Option<(&str, &CommitSha)>,
        today: Day,
    ) -> Result<(Self, Vec<RepoPath>), Failure> {
        let read = ReadSettings::resolve(typed.read, file)?;
        let policy = PolicySettings::resolve(typed.policy, file);
        let platform = PlatformSettings::resolve(typed.platform, file);
        let asked = typed.read.config.as_deref();
        let watched = asked.map_or_else(Vec::new, |config| {
            let mut files = accepted::places(Some(config));
            files.push(config.to_owned());
            files
        });
        let watched: Vec<RepoPath> = watched
            .iter()
            .filter_map(|path| in_repository(path))
            .collect();
        let between = history
            .between(&Change {
                head,
                base,
                policy: &watched,
                flows: &policy.flows,
                limit: read.max_file_size.0,
                allow_empty: policy.allow_empty,
                untouched: typed.untouched,
            })
            .await?;
        let inputs = Self::new(read, policy, platform, between.sources, today);
        Ok((inputs, between.policy))
    }

    /// The settings of a run that was told nothing: for the demo.
    pub(super) fn defaults() -> Result<Usual, Failure> {
        let file = FileSettings::default();
        let read = ReadSettings::resolve(&ReadArgs::default(), &file)?;
        let policy = PolicySettings::resolve(&PolicyArgs::default(), &file);
        let platform = PlatformSettings::resolve(&PlatformArgs::default(), &file);
        Ok(Usual {
            capacity: policy.max_version_history,
            max_rollback_depth: policy.max_rollback_depth,
            review: review_settings(read, policy, Day::default()),
            platform,
        })
    }
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
        },
        rules: RuleSettings {
            allowed_types: policy.allowed_node_types,
            types,
            on_drift: policy.on_drift,
            on_new_flow: policy.on_new_flow,
            error_labels: policy.error_labels.map_or(usual.error_labels, |labels| {
                labels.iter().map(|label| label.to_lowercase()).collect()
            }),
            longest_prompt: policy.longest_prompt.unwrap_or(usual.longest_prompt),
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
pub(super) fn in_repository(path: &Path) -> Option<RepoPath> {
    let text = path.to_string_lossy();
    text.strip_prefix("./").unwrap_or(&text).parse().ok()
}

/// The settings of `flowgate.toml`.
pub(super) fn settings_file(
    root: &Path,
    cwd: &Path,
    asked: Option<&Path>,
) -> Result<FileSettings, Failure> {
    let asked = asked.map(|path| cwd.join(path));
    let (settings, from) = FileSettings::load(root, asked.as_deref())?;
    if let Some(path) = from {
        tracing::info!("settings from {}", path.display());
    }
    Ok(settings)
}
