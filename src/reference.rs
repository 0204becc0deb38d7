//! The reference of commands and options, made of the clap structs: as markdown for `docs/usage.md`, and as inputs for
//! `action.yml`. Tests hold them together.

use std::fmt::Write as _;

use clap::Arg;

use crate::cli::Cli;
use crate::settings::FileSettings;

/// Every command with its options, as markdown.
pub fn markdown() -> String {
    let cli = Cli::whole();
    let mut page = String::new();
    describe(&cli, &mut page);
    page
}

/// An option of `flowgate run`, as the Action offers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionInput {
    /// `foo-bar`, of `--foo-bar`.
    pub name: String,
    /// `FLOWGATE_FOO_BAR`.
    pub variable: String,
    /// What it does.
    pub about: String,
}

/// Every option that `flowgate run` takes.
pub fn action_inputs() -> Vec<ActionInput> {
    let cli = Cli::whole();
    let run = cli.find_subcommand("run");
    let args = run.into_iter().flat_map(clap::Command::get_arguments);
    // What every command takes comes last.
    let (all, own): (Vec<&Arg>, Vec<&Arg>) = args
        .filter(|arg| shown(arg))
        .partition(|arg| arg.is_global_set());
    own.into_iter()
        .chain(all)
        .filter_map(|arg| {
            Some(ActionInput {
                name: arg.get_long()?.to_owned(),
                variable: arg.get_env()?.to_str()?.to_owned(),
                about: help(arg),
            })
        })
        .collect()
}

fn describe(command: &clap::Command, page: &mut String) {
    for sub in command.get_subcommands() {
        if sub.has_subcommands() {
            describe(sub, page);
            continue;
        }
        let name = sub.get_bin_name().unwrap_or_else(|| sub.get_name());
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        let positionals: String = sub
            .get_positionals()
            .fold(String::new(), |all, arg| all + " " + &arg.to_string());
        // Writing to a String cannot fail.
        let _ = write!(page, "### `{name}{positionals}`\n\n{about}.\n\n");
        for arg in sub.get_positionals() {
            let _ = writeln!(page, "- `{arg}`: {}", help(arg));
        }
        if sub.get_positionals().next().is_some() {
            page.push('\n');
        }
        let own: Vec<&Arg> = sub
            .get_arguments()
            .filter(|arg| !arg.is_positional() && !arg.is_global_set() && shown(arg))
            .collect();
        table(&own, page);
    }
    if command.get_name() == "flowgate" {
        page.push_str("### Options of every command\n\n");
        let global: Vec<&Arg> = command
            .get_arguments()
            .filter(|arg| arg.is_global_set() && shown(arg))
            .collect();
        table(&global, page);
    }
}

fn shown(arg: &Arg) -> bool {
    !arg.is_hide_set() && !matches!(arg.get_id().as_str(), "help" | "version")
}

fn table(args: &[&Arg], page: &mut String) {
    if args.is_empty() {
        return;
    }
    page.push_str("| flag | environment | `flowgate.toml` | what it does |\n|---|---|---|---|\n");
    for arg in args {
        let environment = arg
            .get_env()
            .map_or_else(String::new, |name| format!("`{}`", name.to_string_lossy()));
        let key = arg
            .get_long()
            .filter(|long| FileSettings::KEYS.contains(long))
            .map_or_else(String::new, |long| format!("`{long}`"));
        let _ = writeln!(
            page,
            "| `{}` | {environment} | {key} | {} |",
            flag(arg),
            help(arg).replace('|', "\\|")
        );
    }
    page.push('\n');
}

fn flag(arg: &Arg) -> String {
    let name = match (arg.get_long(), arg.get_short()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some(short)) => format!("-{short}"),
        (None, None) => arg.get_id().to_string(),
    };
    match arg.get_value_names() {
        Some([value, ..]) if arg.get_action().takes_values() => {
            if arg
                .get_num_args()
                .is_some_and(|count| count.min_values() == 0)
            {
                format!("{name}[=<{value}>]")
            } else {
                format!("{name} <{value}>")
            }
        }
        _ => name,
    }
}

fn help(arg: &Arg) -> String {
    let mut help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let values: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let boolean = arg
        .get_num_args()
        .is_some_and(|count| count.min_values() == 0);
    if !values.is_empty() && !boolean && arg.get_action().takes_values() {
        let _ = write!(help, " ({})", values.join(", "));
    }
    for default in arg.get_default_values() {
        let _ = write!(help, " [default: {}]", default.to_string_lossy());
    }
    help
}
