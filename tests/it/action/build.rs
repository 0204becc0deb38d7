//! A version between releases is built from the action's own checkout, and nothing of the job has a say in it.

use std::fs;
use std::path::Path;

use super::checkout::{Checkout, PROGRAM};

/// A cargo that writes down how it was called, and builds.
fn with_cargo(checkout: &Checkout) -> String {
    let program = checkout.program("made", PROGRAM);
    let text = format!(
        "#!/bin/bash\n{{ pwd; printf '%s\\n' \"$@\"; }} >'{called}'\nenv >'{environment}'\nmkdir -p target/release\ncp '{made}' target/release/flowgate\n",
        called = checkout.path("called").display(),
        environment = checkout.path("environment").display(),
        made = program.display(),
    );
    let cargo = checkout.program("bin/cargo", &text);
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", cargo.parent().unwrap().display())
}

#[test]
fn only_a_version_between_releases_is_built_and_locked() {
    let checkout = Checkout::of("0.2.0-dev");
    let path = with_cargo(&checkout);
    let ended = checkout.run(&[("PATH", &path), ("FLOWGATE_MODE", "check")]);
    let ended = ended.ends(0, "ran run as");
    assert!(
        ended
            .log
            .contains("::notice title=Flowgate::0.2.0-dev is no release: its binary is built"),
        "{}",
        ended.log
    );
    assert!(
        ended.log.contains("mode check, left over: \n"),
        "{}",
        ended.log
    );
    let called = fs::read_to_string(checkout.path("called")).unwrap();
    let mut called = called.lines();
    // Not the workspace, whose `.cargo/config.toml` a pull request may have written.
    let started_in = Path::new(called.next().unwrap()).canonicalize().unwrap();
    let root = checkout.path("action checkout").canonicalize().unwrap();
    assert_eq!(started_in, root);
    assert!(called.any(|arg| arg == "--locked"));

    let released = Checkout::of("0.2.0");
    let path = with_cargo(&released);
    released.run(&[("PATH", &path)]).ends(
        2,
        "::error title=Flowgate::release 0.2.0 has no binary for x86_64-unknown-linux-musl. Build one on such a machine (docs/install.md) and name it by `binary-path`",
    );
    assert!(!released.path("called").exists(), "it is not built instead");
}

#[test]
fn what_the_job_has_in_its_environment_does_not_reach_the_build() {
    let checkout = Checkout::of("0.2.0-dev");
    let path = with_cargo(&checkout);
    checkout
        .run(&[
            ("PATH", &path),
            ("https_proxy", "http://proxy.example:3128"),
            ("CARGO_HOME", "/somewhere"),
            ("RUSTFLAGS", "-Clinker=/tmp/evil"),
            ("RUSTC_WRAPPER", "/tmp/evil"),
            ("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", "/tmp/evil"),
            ("CARGO_BUILD_TARGET_DIR", "/tmp/evil"),
            ("GITHUB_TOKEN", "secret-1"),
            ("CXONE_CLIENT_SECRET", "secret-2"),
            ("GIT_WEBHOOK_URL", "https://secret-3.example"),
            ("GITHUB_ENV", "/tmp/evil"),
            ("FLOWGATE_MODE", "evil"),
        ])
        .ends(0, "mode evil");
    let environment = fs::read_to_string(checkout.path("environment")).unwrap();
    for evil in ["evil", "secret", "FLOWGATE", "GITHUB", "CXONE"] {
        assert!(!environment.contains(evil), "{evil} in\n{environment}");
    }
    for kept in [
        "https_proxy=http://proxy.example:3128",
        "CARGO_HOME=/somewhere",
        "HOME=",
    ] {
        assert!(environment.contains(kept), "{kept} not in\n{environment}");
    }
}

#[test]
fn a_build_that_fails_and_a_runner_without_cargo_are_told_apart() {
    let checkout = Checkout::of("0.2.0-dev");
    let cargo = checkout.program("bin/cargo", "#!/bin/sh\necho no such crate >&2\nexit 101\n");
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", cargo.parent().unwrap().display());
    let ended = checkout.run(&[("PATH", &path)]);
    let ended = ended.ends(4, "::error title=Flowgate::could not build the binary");
    assert!(ended.log.contains("no such crate"), "{}", ended.log);

    // All that the script needs, but no cargo.
    let tools = checkout.path("tools-alone");
    fs::create_dir_all(&tools).unwrap();
    for tool in ["bash", "dirname", "uname", "env"] {
        let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
            .map(|folder| folder.join(tool))
            .find(|path| path.exists())
            .unwrap();
        std::os::unix::fs::symlink(found, tools.join(tool)).unwrap();
    }
    checkout.run(&[("PATH", tools.to_str().unwrap())]).ends(
        2,
        "this runner has no cargo. Use a release of the action, or `binary-path`",
    );
}
