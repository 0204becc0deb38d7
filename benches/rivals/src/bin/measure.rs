//! Runs a command several times: `measure RUNS COMMAND ARGUMENT…` prints the best and the median wall time, the best and
//! the median CPU time (user and system, microseconds), and the greatest peak memory (KiB).
//!
//! A process of its own, and a small one: Linux counts the memory of who starts a process as the process's own.

use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let runs = words.next().and_then(|word| word.to_str()?.parse().ok());
    let (Some(runs), Some(program)) = (runs, words.next()) else {
        eprintln!("usage: measure RUNS COMMAND ARGUMENT…");
        return ExitCode::from(2);
    };
    let arguments: Vec<_> = words.collect();
    let (mut wall, mut cpu, mut peak) = (Vec::new(), Vec::new(), 0);
    for _ in 0..runs {
        let begin = Instant::now();
        let child = Command::new(&program)
            .args(&arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = match child {
            Ok(child) => child,
            Err(error) => {
                eprintln!("could not start {}: {error}", program.display());
                return ExitCode::FAILURE;
            }
        };
        let (status, usage) = wait(child.id());
        wall.push(begin.elapsed().as_micros() as u64);
        // A check that finds faults ends with 1, and has done its work.
        if !(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) <= 1) {
            eprintln!("{} ended badly: {status:#x}", program.display());
            return ExitCode::FAILURE;
        }
        let time = |time: libc::timeval| time.tv_sec as u64 * 1_000_000 + time.tv_usec as u64;
        cpu.push(time(usage.ru_utime) + time(usage.ru_stime));
        peak = peak.max(usage.ru_maxrss);
    }
    wall.sort_unstable();
    cpu.sort_unstable();
    let middle = wall.len() / 2;
    println!("{} {} {} {} {peak}", wall[0], wall[middle], cpu[0], cpu[middle]);
    ExitCode::SUCCESS
}

fn wait(pid: u32) -> (i32, libc::rusage) {
    let mut status = 0;
    // SAFETY: plain data, for which all zeros is a value; both pointers are to live variables of their types.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::wait4(pid as libc::pid_t, &raw mut status, 0, &raw mut usage);
        (status, usage)
    }
}
