//! From what was typed to settings and flow files: the same first steps of every command that reads a repository.

use std::path::{Path, PathBuf};

use flowgate_core::plan::PlanSettings;
use flowgate_core::policy::Policy;
use flowgate_core::review;
use flowgate_core::rules::RuleSettings;

use super::World;
use crate::cli::{CheckArgs, DeployArgs, PlatformArgs, PolicyArgs, ReadArgs};
use crate::exit::{Failure, Plain};
use crate::settings::{FileSettings, PlatformSettings, PolicySettings, ReadSettings};
use crate::source::{self, BaseChoice, Place, Request, Sources};

/// Settings and flow files.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) read: ReadSettings,
    pub(super) policy: PolicySettings,
    #[expect(dead_code, reason = "read as soon as a command asks CXone")]
    pub(super) platform: PlatformSettings,
    pub(super) sources: Sources,
}

/// The settings of a command that reads a repository, as they were typed.
pub(super) struct Typed<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) base: BaseChoice,
    pub(super) read: &'a ReadArgs,
    pub(super) policy: &'a PolicyArgs,
    pub(super) platform: &'a PlatformArgs,
}

impl<'a> From<&'a CheckArgs> for Typed<'a> {
    fn from(args: &'a CheckArgs) -> Self {
        let base = match (&args.base, &args.base_dir) {
            (Some(revision), _) => BaseChoice::Revision(revision.clone()),
            (None, Some(directory)) => BaseChoice::Directory(directory.clone()),
            (None, None) => BaseChoice::Default,
        };
        Self {
            paths: &args.paths,
            base,
            read: &args.read,
            policy: &args.policy,
            platform: &args.platform,
        }
    }
}

impl<'a> From<&'a DeployArgs> for Typed<'a> {
    fn from(args: &'a DeployArgs) -> Self {
        Self {
            paths: &[],
            base: BaseChoice::Default,
            read: &args.read,
            policy: &args.policy,
            platform: &args.platform,
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
            environment: &world.environment,
        })?;
        for path in &sources.changed {
            tracing::info!("changed: {path}");
        }
        Ok(Self {
            read,
            policy,
            platform,
            sources,
        })
    }
}

impl Inputs {
    /// What a reader should know about how the files were found, harmless for a terminal.
    pub(super) fn notes(&self) -> Vec<String> {
        let sources = &self.sources;
        let compared = format!("compared with {}", sources.compared_with);
        std::iter::once(&compared)
            .chain(&sources.notes)
            .map(|note| Plain(note).to_string())
            .collect()
    }

    /// What a review depends on.
    pub(super) fn review_settings(&self) -> review::Settings {
        let policy = &self.policy;
        review::Settings {
            plan: PlanSettings {
                layout: self.read.layout.clone(),
                on_drift: policy.on_drift,
                on_new_flow: policy.on_new_flow,
                scope: policy.scope,
            },
            rules: RuleSettings {
                allowed_types: policy.allowed_node_types.clone(),
                on_drift: policy.on_drift,
                on_new_flow: policy.on_new_flow,
            },
            policy: Policy {
                fail_on: policy.fail_on,
                ..Policy::default()
            },
        }
    }
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
