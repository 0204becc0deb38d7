//! The binary: takes arguments, environment and streams from the process, and gives it an exit code.

use std::io::{self, BufWriter, IsTerminal};
use std::process::ExitCode;

use flowgate::commands::{self, World};
use flowgate::exit::Patient;
use flowgate::settings::Environment;

// musl's own allocator is several times slower on the many small values of a flow.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let world = World {
        environment: Environment::new(std::env::vars_os()),
        cwd: std::env::current_dir(),
        out_is_terminal: io::stdout().is_terminal(),
        err_is_terminal: io::stderr().is_terminal(),
    };
    let mut out = Patient::new(BufWriter::new(io::stdout().lock()));
    let mut err = Patient::new(io::stderr());
    commands::run(std::env::args_os(), &world, &mut out, &mut err).into()
}
