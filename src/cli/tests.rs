//! Promises about what can be typed.

use super::*;
use crate::settings::{FileSettings, PlatformSettings, PolicySettings, ReadSettings};

fn all_args(command: &clap::Command, seen: &mut Vec<clap::Arg>) {
    let own = command.get_arguments();
    let ours = own.filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version"));
    seen.extend(ours.cloned());
    for sub in command.get_subcommands() {
        all_args(sub, seen);
    }
}

#[test]
fn every_flag_is_an_environment_variable_of_the_same_name() {
    Cli::command().debug_assert();
    let mut args = Vec::new();
    all_args(&Cli::whole(), &mut args);
    assert!(args.len() > 40);
    for arg in args {
        if let Some(long) = arg.get_long() {
            let expected = format!("FLOWGATE_{}", long.to_uppercase().replace('-', "_"));
            assert_eq!(arg.get_env().unwrap().to_str(), Some(expected.as_str()));
            assert!(
                arg.is_hide_env_values_set(),
                "--{long} would show its environment value"
            );
        }
    }
}

#[test]
fn every_key_of_the_file_is_a_flag() {
    let mut args = Vec::new();
    all_args(&Cli::whole(), &mut args);
    for key in FileSettings::KEYS {
        assert!(args.iter().any(|arg| arg.get_long() == Some(*key)), "{key}");
    }
}

/// The defaults stand in the help text because flags must be told from defaults; this holds them to what is meant.
#[test]
fn the_defaults_that_the_help_tells_are_the_defaults() {
    let file = FileSettings::default();
    let read = ReadSettings::resolve(&ReadArgs::default(), &file).unwrap();
    let policy = PolicySettings::resolve(&PolicyArgs::default(), &file);
    let platform = PlatformSettings::resolve(&PlatformArgs::default(), &file);
    let page = crate::reference::markdown();
    for default in [
        read.layout.fields().collect::<Vec<_>>().join(","),
        format!("{}MiB", read.max_file_size.0 >> 20),
        policy.flows.join(","),
        policy.allowed_node_types.join(","),
        policy.max_version_history.to_string(),
        policy.max_rollback_depth.to_string(),
        platform.created_by,
        format!("{}s", platform.request_timeout.as_secs()),
        format!("{}m", platform.run_deadline.as_secs() / 60),
        platform.concurrency.to_string(),
        platform.paths.token.to_string(),
        platform.paths.flow.to_string(),
        platform.paths.versions.to_string(),
        platform.paths.version.to_string(),
        platform.paths.publish.to_string(),
        platform.read_scope,
        platform.deploy_scope,
        platform.webhook_repository,
        format!("{}s", platform.webhook_timeout.as_secs()),
    ] {
        assert!(page.contains(&format!("[default: {default}]")), "{default}");
    }
}
