//! The binary: takes arguments, environment and streams from the process, and gives it an exit code.

use std::io::{self, BufWriter, IsTerminal};
use std::process::ExitCode;
use std::time::Instant;

use flowgate::actions::Defused;
use flowgate::commands;
use flowgate::exit::Patient;
use flowgate::process::World;
use flowgate::settings::Environment;

// musl's own allocator is several times slower on the many small values of a flow.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let began = Instant::now();
    let environment = Environment::new(std::env::vars_os());
    let world = World {
        began,
        // Before the first byte is written.
        redactor: environment.redactor(),
        environment,
        cwd: std::env::current_dir(),
        out_is_terminal: io::stdout().is_terminal(),
        err_is_terminal: io::stderr().is_terminal(),
    };
    let out = Patient::new(BufWriter::new(io::stdout().lock()));
    let err = Patient::new(io::stderr());
    // The runner takes commands from any line of either stream; text from a flow file must not give one.
    if world.in_actions() {
        let (mut out, mut err) = (Defused::new(out), Defused::new(err));
        commands::run(std::env::args_os(), &world, &mut out, &mut err).into()
    } else {
        let (mut out, mut err) = (out, err);
        commands::run(std::env::args_os(), &world, &mut out, &mut err).into()
    }
}
