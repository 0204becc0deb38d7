//! A checkout of the action as a runner makes it, with a version and a table of the test's own, and runs of its script.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

pub(super) const PLATFORM: &str = "x86_64-unknown-linux-musl";

/// A program that says who it is, what it was given, and what it must not have been given.
pub(super) const PROGRAM: &str = r#"#!/bin/sh
echo "ran $* as $0"
echo "mode ${FLOWGATE_MODE-none}, left over: ${FLOWGATE_ACTION_PATH-}${FLOWGATE_BINARY_PATH-}${FLOWGATE_DOWNLOAD_URL-}"
"#;

pub(super) struct Checkout {
    folder: TempDir,
}

/// How a run ended.
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) log: String,
}

impl Ended {
    #[track_caller]
    pub(super) fn ends(self, code: i32, says: &str) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.log);
        assert!(self.log.contains(says), "{says:?} is not in\n{}", self.log);
        self
    }
}

pub(super) fn digest(bytes: &str) -> String {
    flowgate_core::ids::hex(&Sha256::digest(bytes))
}

impl Checkout {
    /// A checkout of this version, whose table has no row.
    pub(super) fn of(version: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let root = folder.path().join("action checkout");
        fs::create_dir_all(root.join("action")).unwrap();
        fs::create_dir_all(folder.path().join("temp")).unwrap();
        fs::create_dir_all(folder.path().join("workspace")).unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/action/run");
        fs::copy(script, root.join("action/run")).unwrap();
        let manifest = format!("[workspace]\n\n[workspace.package]\nversion = \"{version}\"\n");
        fs::write(root.join("Cargo.toml"), manifest).unwrap();
        let checkout = Self { folder };
        checkout.rows(&[]);
        checkout
    }

    /// A checkout of release 9.9.9, whose binary for one platform has this digest and stands here.
    pub(super) fn of_release(digest: &str, url: &str) -> Self {
        let checkout = Self::of("9.9.9");
        let commit = "c".repeat(40);
        checkout.rows(&[
            // A row of another version and one of another platform stand before and behind.
            &format!("9.9.8\t{PLATFORM}\t{}\t{commit}\t{url}", "0".repeat(64)),
            &format!("9.9.9\t{PLATFORM}\t{digest}\t{commit}\t{url}"),
            &format!(
                "9.9.9\taarch64-apple-darwin\t{}\t{commit}\t{url}",
                "1".repeat(64)
            ),
        ]);
        checkout
    }

    fn rows(&self, rows: &[&str]) {
        let header = "version\tplatform\tsha256\tcommit\turl";
        let table: String = [&[header], rows].concat().join("\n") + "\n";
        fs::write(self.path("action checkout/action/binaries.tsv"), table).unwrap();
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a program.
    pub(super) fn program(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Where the tool cache has the binary with this digest.
    pub(super) fn cached(&self, digest: &str) -> PathBuf {
        self.path("tools/flowgate/9.9.9").join(digest)
    }

    /// The script, in a workspace of its own and with nothing in its environment but what runners set.
    pub(super) fn command(&self) -> Command {
        let mut command = if cfg!(target_os = "linux") {
            // Tests that run in the background have been told to ignore SIGINT, and what bash ignores at its start it
            // cannot trap.
            let mut command = Command::new("env");
            command.args(["--default-signal=INT", "bash"]);
            command
        } else {
            Command::new("bash")
        };
        command
            .arg(self.path("action checkout/action/run"))
            .current_dir(self.path("workspace"))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path("home"))
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64")
            .env("RUNNER_TEMP", self.path("temp"))
            .env("RUNNER_TOOL_CACHE", self.path("tools"))
            .env("GITHUB_OUTPUT", self.path("output"))
            // Inputs that nobody filled in come as empty variables.
            .env("FLOWGATE_ACTION_PATH", self.path("action checkout"))
            .env("FLOWGATE_BINARY_PATH", "")
            .env("FLOWGATE_DOWNLOAD_URL", "")
            .env("FLOWGATE_DOWNLOAD_TIMEOUT", "");
        command
    }

    pub(super) fn run(&self, pairs: &[(&str, &str)]) -> Ended {
        let output = self.command().envs(pairs.iter().copied()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended {
            code: output.status.code(),
            log: text(&output.stdout) + &text(&output.stderr),
        }
    }
}
