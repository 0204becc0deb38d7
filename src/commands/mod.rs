//! Wiring, one file per subcommand: what was typed, to settings, to the rooms that do the work, to an exit code.

mod accept;
mod audit;
mod bump;
mod check;
mod demo;
mod deploy;
mod diff;
mod diff_driver;
mod drift;
mod fmt;
mod graph;
mod merge_driver;
mod pull;
mod rollback;
mod rules;
mod run;
mod sandbox;
mod schema;

use std::ffi::OsString;
use std::io::{self, Write};

use flowgate_core::report::terminal::Colour;
use tracing::level_filters::LevelFilter;

use crate::actions::Defused;
use crate::cli::{AuditCommand, Cli, ColorWhen, Command, GlobalArgs, LogLevel};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::process::World;
use crate::progress;

/// Runs what was typed.
pub fn run(
    typed: impl IntoIterator<Item = OsString>,
    world: &World,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Exit {
    let ended = match Cli::read(typed) {
        Ok(cli) => {
            let colors = Colors::chosen(&cli.global, world);
            progress::begin(world);
            log_to_stderr(&cli.global, colors.err);
            let mut output = Output {
                out: &mut *out,
                err: &mut *err,
                colour: if colors.out {
                    Colour::Ansi
                } else {
                    Colour::Plain
                },
            };
            dispatch(cli.command, world, &mut output)
        }
        Err(answer) => tell(&answer, world, out, err),
    };
    let ended = ended.and_then(|exit| {
        out.flush()?;
        Ok(exit)
    });
    ended.unwrap_or_else(|failure| {
        // What was written so far stands before the error; neither can be reported if it fails.
        let _ = out.flush();
        let mut said = Vec::new();
        let _ = failure.write(&mut said);
        let said = String::from_utf8_lossy(&said);
        let _ = err.write_all(world.redactor().text(&said).as_bytes());
        failure.exit
    })
}

fn dispatch(command: Command, world: &World, output: &mut Output<'_>) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => run::run(&args, world, output),
        Command::Check(args) => check::run(&args, world, output),
        Command::Sandbox(args) => sandbox::run(&args, output),
        Command::Diff(args) => diff::run(&args, world, output),
        Command::Graph(args) => graph::run(&args, world, output),
        Command::Accept(args) => accept::run(&args, world, output),
        Command::Fmt(args) => fmt::run(&args, world, output),
        Command::Bump(args) => bump::run(&args, world, output),
        Command::DiffDriver(args) => diff_driver::run(&args, world, output),
        Command::MergeDriver(args) => merge_driver::run(&args, world, output),
        Command::Rules(args) => rules::list(&args, output),
        Command::Schema(args) => schema::run(&args, output),
        Command::Explain(args) => rules::explain(&args, output),
        Command::Audit(AuditCommand::Verify(args)) => audit::verify(&args, world, output),
        Command::Deploy(args) => deploy::run(&args, world, output),
        Command::Rollback(args) if world.in_actions() && rollback::is_of_tenant(&args) => {
            run::run(&args.into_inner().into(), world, output)
        }
        Command::Rollback(args) => rollback::run(&args, world, output),
        Command::Drift(args) => drift::run(&args, world, output),
        Command::Pull(args) => pull::run(&args, world, output),
        Command::Demo => demo::run(output),
    }
}

/// Help and version are answers; anything else that clap says is wrong use.
fn tell<'a>(
    answer: &clap::Error,
    world: &World,
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
) -> Result<Exit, Failure> {
    let plain = world.environment.get("NO_COLOR").is_some();
    let to_err = answer.use_stderr();
    let (into, terminal) = if to_err {
        (err, world.err_is_terminal)
    } else {
        (out, world.out_is_terminal)
    };
    if terminal && !plain {
        write!(into, "{}", answer.render().ansi())?;
    } else {
        write!(into, "{}", answer.render())?;
    }
    Ok(if to_err { Exit::Usage } else { Exit::Done })
}

struct Colors {
    out: bool,
    err: bool,
}

impl Colors {
    fn chosen(global: &GlobalArgs, world: &World) -> Self {
        let plain = world.environment.get("NO_COLOR").is_some();
        match global.color.unwrap_or(ColorWhen::Auto) {
            ColorWhen::Always => Self {
                out: true,
                err: true,
            },
            ColorWhen::Never => Self {
                out: false,
                err: false,
            },
            ColorWhen::Auto => Self {
                out: world.out_is_terminal && !plain,
                err: world.err_is_terminal && !plain,
            },
        }
    }
}

fn log_to_stderr(global: &GlobalArgs, color: bool) {
    let level = match (global.log, global.verbose) {
        (Some(LogLevel::Off), 0) => LevelFilter::OFF,
        (Some(LogLevel::Error), 0) => LevelFilter::ERROR,
        (Some(LogLevel::Warn) | None, 0) => LevelFilter::WARN,
        (Some(LogLevel::Info), 0) | (_, 1) => LevelFilter::INFO,
        (Some(LogLevel::Debug), 0) | (_, 2) => LevelFilter::DEBUG,
        (Some(LogLevel::Trace), 0) | (_, 3..) => LevelFilter::TRACE,
    };
    // It is set already when several runs share a process, as in tests; the first one's stays.
    let _ = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_ansi(color)
        .with_target(false)
        .without_time()
        .with_writer(|| {
            progress::wipe();
            Defused::new(io::stderr())
        })
        .try_init();
}
