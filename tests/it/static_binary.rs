//! What is shipped: TLS with an authority of one's own; and the static binary, alone in the world.
//!
//! The tests of the static binary need it (`cargo static`), its path in `FLOWGATE_STATIC`, and root for `chroot`;
//! `.ci/run` sees to all three. Without the path they are left out, and say so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use flowgate_sandbox::{CLIENT_ID, CLIENT_SECRET, Config, ENVIRONMENT, Sandbox};
use tempfile::TempDir;

use crate::support::FLOW;
use crate::support::tls::Authorities;

/// A folder with one flow file, and certificates beside it.
struct Place {
    folder: TempDir,
    authorities: Authorities,
}

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let authorities = Authorities::new();
        fs::create_dir(folder.path().join("flows")).unwrap();
        fs::write(folder.path().join("flows/main.json"), FLOW).unwrap();
        fs::copy(authorities.right(), folder.path().join("right.pem")).unwrap();
        fs::copy(authorities.wrong(), folder.path().join("wrong.pem")).unwrap();
        Self {
            folder,
            authorities,
        }
    }

    /// Checks the flow against a CXone behind TLS: with the right authority, with a wrong one, with none.
    async fn talks_tls_to_whom_it_is_told_to_trust(&self, command: impl Fn() -> Command) {
        let sandbox = Sandbox::start(Config::default()).await.unwrap();
        sandbox.seed_published(FLOW, "1.0.0").unwrap();
        let door = self.authorities.door_to(&sandbox.base_url()).await;
        let check = |authority: &str| {
            let output = command()
                .args(["check", "--baseline", "published", "--retry-base", "1ms"])
                .args(["--run-deadline", "20s"])
                .env("CXONE_CLIENT_ID", CLIENT_ID)
                .env("CXONE_CLIENT_SECRET", CLIENT_SECRET)
                .env("CXONE_ENVIRONMENT", ENVIRONMENT)
                .env("CXONE_BASE_URL", &door)
                .env("FLOWGATE_CA_FILE", authority)
                .output()
                .unwrap();
            let said = text(&output.stdout) + &text(&output.stderr);
            (output.status.code(), said)
        };
        let (code, said) = check("right.pem");
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("1.0.0 is live with this content"), "{said}");
        assert!(!sandbox.requests().is_empty());
        let before = sandbox.requests().len();
        for authority in ["wrong.pem", ""] {
            let (code, said) = check(authority);
            assert_ne!(code, Some(0), "{said}");
            assert!(said.contains("certificate"), "{said}");
            assert!(said.contains("`ca-file`"), "{said}");
        }
        assert_eq!(
            sandbox.requests().len(),
            before,
            "nothing was said to a stranger"
        );
        let (code, said) = check("gone.pem");
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("could not read the CA file `gone.pem`"),
            "{said}"
        );
    }

    /// The static binary, with this folder as its whole world.
    fn alone(&self, binary: &Path) -> Command {
        fs::copy(binary, self.folder.path().join("flowgate")).unwrap();
        let mut command = Command::new("chroot");
        command.arg(self.folder.path()).arg("/flowgate");
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[expect(clippy::print_stdout, reason = "what a test leaves out it says aloud")]
/// The static binary; `None`, said aloud, where nobody built one.
fn shipped() -> Option<PathBuf> {
    let path = std::env::var_os("FLOWGATE_STATIC").map(PathBuf::from);
    if path.is_none() {
        println!("left out: FLOWGATE_STATIC names no static binary");
    }
    path
}

fn readelf(option: &str, path: &Path) -> String {
    let Output { status, stdout, .. } = Command::new("readelf")
        .args(["--wide", option])
        .arg(path)
        .output()
        .unwrap();
    assert!(status.success());
    text(&stdout)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_is_talked_to_whom_the_ca_file_says_and_to_nobody_else() {
    let place = Place::new();
    let command = || {
        let mut command = Command::new(cargo_bin!("flowgate"));
        command.current_dir(place.folder.path()).env_clear();
        command
    };
    place.talks_tls_to_whom_it_is_told_to_trust(command).await;
}

#[test]
fn the_static_binary_needs_no_library_and_is_small() {
    let Some(binary) = shipped() else { return };
    let dynamic = readelf("--dynamic", &binary);
    assert!(!dynamic.contains("NEEDED"), "{dynamic}");
    let segments = readelf("--segments", &binary);
    assert!(!segments.contains("INTERP"), "{segments}");
    let size = fs::metadata(&binary).unwrap().len();
    assert!(size < 12 * 1024 * 1024, "{size} bytes");
}

#[test]
fn the_static_binary_plays_the_demo_in_an_empty_root() {
    let Some(binary) = shipped() else { return };
    let place = Place::new();
    let mut alone = place.alone(&binary);
    for path in ["flows", "right.pem", "wrong.pem"] {
        let path = place.folder.path().join(path);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }
    let output = alone.arg("demo").output().unwrap();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1.1.0") || said.contains("2.1.0"), "{said}");
    let left: Vec<_> = fs::read_dir(place.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["flowgate"], "and leaves nothing there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_static_binary_talks_tls_in_an_empty_root() {
    let Some(binary) = shipped() else { return };
    let place = Place::new();
    place
        .talks_tls_to_whom_it_is_told_to_trust(|| place.alone(&binary))
        .await;
}
