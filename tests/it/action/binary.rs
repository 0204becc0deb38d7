//! Where the binary comes from: it is what was released, or it does not run.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use flowgate_sandbox::{Entry, Fault, Operation};

use super::checkout::{Checkout, PROGRAM, digest};
use crate::run_deploy::stage::{Stage, flow};
use crate::support::script::Scripted;

fn file(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn status(code: u16) -> String {
    format!("HTTP/1.1 {code} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

/// A server with these answers, and a checkout of the release that it has.
async fn released(answers: Vec<String>) -> (Scripted, Checkout) {
    let server = Scripted::start(answers).await;
    let url = format!("{}/down/v9.9.9/flowgate-x86_64", server.base_url);
    let checkout = Checkout::of_release(&digest(PROGRAM), &url);
    (server, checkout)
}

#[test]
fn binary_path_comes_first_and_must_name_a_program() {
    let checkout = Checkout::of("9.9.9");
    let program = checkout.program("workspace/mine", PROGRAM);
    for path in [program.to_str().unwrap(), "./mine", "mine"] {
        checkout
            .run(&[("FLOWGATE_BINARY_PATH", path)])
            .ends(0, "ran run as");
    }
    checkout.program("workspace/broken", "#!/no/such/interpreter\n");
    checkout.run(&[("FLOWGATE_BINARY_PATH", "broken")]).ends(
        4,
        "::error title=Flowgate::./broken cannot be started on this machine",
    );
    fs::write(checkout.path("workspace/text"), "text").unwrap();
    for path in ["text", "gone", "."] {
        checkout
            .run(&[("FLOWGATE_BINARY_PATH", path)])
            .ends(2, "::error title=Flowgate::`binary-path` names no program");
    }
    // What a workflow put there cannot begin a command of its own.
    let ended = checkout.run(&[("FLOWGATE_BINARY_PATH", "x\n::set-env name=a::b%0A")]);
    let ended = ended.ends(2, "./x%0A::set-env name=a::b%250A");
    assert!(!ended.log.lines().any(|line| line.starts_with("::set-env")));
    let output = fs::read_to_string(checkout.path("output")).unwrap();
    assert!(output.ends_with("result=failed\n"), "{output}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_is_downloaded_once_and_held_to_its_digest_every_time() {
    let (server, checkout) = released(vec![file(PROGRAM)]).await;
    let first = checkout.run(&[("FLOWGATE_MODE", "check")]);
    let first = first.ends(0, "mode check, left over: \n");
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].starts_with("GET /down/v9.9.9/flowgate-x86_64 "));
    assert!(!first.log.contains("::"), "{}", first.log);

    // The second run asks nobody.
    checkout.run(&[]).ends(0, "ran run");
    assert_eq!(server.requests().len(), 1);

    // What runs is a copy in a folder that is this user's alone, not what lies in the cache.
    let temp = checkout.path("temp");
    let place = first
        .log
        .split(" as ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    assert!(place.starts_with(temp.to_str().unwrap()), "{place}");
    for folder in fs::read_dir(temp).unwrap() {
        let mode = folder.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    // Somebody changes the cache: that is noticed, and what was released is taken instead.
    let cached = checkout.cached(&digest(PROGRAM));
    fs::write(&cached, "#!/bin/sh\necho evil\n").unwrap();
    let ended = checkout.run(&[]).ends(0, "ran run");
    assert!(
        ended.log.contains(
            "::notice title=Flowgate::the copy in the tool cache is not what was released"
        ),
        "{}",
        ended.log
    );
    assert_eq!(server.requests().len(), 2);
    assert_eq!(fs::read_to_string(cached).unwrap(), PROGRAM);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_the_released_binary_is_never_run() {
    let page = "<!DOCTYPE html>\n<html><title>Sign in</title></html>\n";
    let other = "#!/bin/sh\necho evil\n";
    let short = &PROGRAM[..20];
    let whole = file(PROGRAM);
    // A body that is shorter than was announced, and one of which nobody said how long it is.
    let cut = whole[..whole.len() - 20].to_owned();
    let unannounced = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{short}");
    for (answer, requests, says) in [
        (
            file(page),
            1,
            "answered with a web page and not with the binary",
        ),
        (
            file(other),
            1,
            "is not what was released, and was not run: SHA-256",
        ),
        (file(""), 1, "of 0 bytes, and the action says"),
        (unannounced, 1, "of 20 bytes, and the action says"),
        (
            status(404),
            1,
            "Is the release published, and does a mirror have it?",
        ),
        (
            status(403),
            1,
            "was refused (403). Use `download-url` for a mirror",
        ),
        (cut, 4, "tried 4 times: it ended before all of it had come"),
        (status(503), 4, "503"),
    ] {
        let (server, checkout) = released(vec![answer]).await;
        let ended = checkout.run(&[]);
        let ended = ended.ends(4, says);
        let errors = ended
            .log
            .lines()
            .filter(|line| line.starts_with("::error title=Flowgate::"));
        assert_eq!(errors.count(), 1, "{}", ended.log);
        assert!(!ended.log.contains("evil"), "{}", ended.log);
        assert_eq!(server.requests().len(), requests, "{says}");
        assert!(!checkout.cached(&digest(PROGRAM)).exists(), "{says}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stumbles_is_asked_again() {
    let (server, checkout) = released(vec![status(503), status(500), file(PROGRAM)]).await;
    checkout.run(&[]).ends(0, "ran run");
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_server_that_hangs_is_given_up_and_a_signal_ends_the_wait_at_once() {
    // It listens, and nobody ever answers.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/flowgate", hanging.local_addr().unwrap());
    let checkout = Checkout::of_release(&digest(PROGRAM), &url);
    checkout
        .run(&[("FLOWGATE_DOWNLOAD_TIMEOUT", "1")])
        .ends(4, "tried 4 times: nothing came for 1 seconds");
    for bad in ["0", "x", "-1", "1s"] {
        checkout
            .run(&[("FLOWGATE_DOWNLOAD_TIMEOUT", bad)])
            .ends(2, "`download-timeout` must be a number of seconds");
    }

    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let mut child = checkout
            .command()
            .env("FLOWGATE_DOWNLOAD_TIMEOUT", "300")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let id = child.id().to_string();
        let children = || {
            let listed = Command::new("ps")
                .args(["-o", "comm=", "--ppid", &id])
                .output()
                .unwrap();
            String::from_utf8(listed.stdout).unwrap()
        };
        let since = Instant::now();
        while !children().contains("curl") {
            assert!(
                since.elapsed() < Duration::from_secs(30),
                "curl was not started"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        let asked = Instant::now();
        assert!(
            Command::new("kill")
                .args([signal, &id])
                .status()
                .unwrap()
                .success()
        );
        let ended = child.wait().unwrap();
        assert_eq!((ended.code(), ended.signal()), (Some(code), None));
        assert!(asked.elapsed() < Duration::from_secs(7));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_has_the_same_file_and_its_address_cannot_be_plain() {
    let gone = "http://127.0.0.1:1/down/v9.9.9/flowgate-x86_64";
    let checkout = Checkout::of_release(&digest(PROGRAM), gone);
    let mirror = Scripted::start(vec![file(PROGRAM)]).await;
    let address = format!("{}/mirror/", mirror.base_url);
    checkout
        .run(&[("FLOWGATE_DOWNLOAD_URL", &address)])
        .ends(0, "ran run");
    assert!(mirror.requests()[0].starts_with("GET /mirror/v9.9.9/flowgate-x86_64 "));

    fs::remove_file(checkout.cached(&digest(PROGRAM))).unwrap();
    for bad in [
        "http://mirror.example",
        "http://127.0.0.1.example",
        "http://127.0.0.1:80@mirror.example",
        "https://me:pw@mirror.example",
        "https://mirror.example/?x",
        "https://mirror.example/#x",
        "https://mirror.example\\@127.0.0.1",
        "ftp://mirror.example",
        "file:///etc",
        "-o/tmp/x",
        "https://mirror example",
    ] {
        checkout
            .run(&[("FLOWGATE_DOWNLOAD_URL", bad)])
            .ends(2, "::error title=Flowgate::`download-url` must be");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_of_the_environment_is_gone_through() {
    let proxy = Scripted::start(vec![file(PROGRAM)]).await;
    let url = "http://127.0.0.1:1/down/v9.9.9/flowgate-x86_64";
    let checkout = Checkout::of_release(&digest(PROGRAM), url);
    checkout
        .run(&[("http_proxy", &proxy.base_url)])
        .ends(0, "ran run");
    assert!(proxy.requests()[0].starts_with(&format!("GET {url} ")));
}

#[test]
fn a_platform_that_the_release_lacks_is_named() {
    let checkout = Checkout::of_release(&digest(PROGRAM), "https://mirror.example/x");
    for (os, arch, named) in [
        ("Linux", "ARM64", "aarch64-unknown-linux-musl"),
        ("Linux", "ARM", "ARM-unknown-linux-musl"),
        ("macOS", "X64", "x86_64-apple-darwin"),
        ("Windows", "X64", "x86_64-pc-windows-msvc"),
        ("Windows", "ARM64", "aarch64-pc-windows-msvc"),
        ("Plan9", "X64", "x86_64-Plan9"),
    ] {
        let says = format!("release 9.9.9 has no binary for {named}. ");
        let ended = checkout.run(&[("RUNNER_OS", os), ("RUNNER_ARCH", arch)]);
        let ended = ended.ends(2, &says);
        assert!(ended.log.contains("`binary-path`"), "{}", ended.log);
    }
}

/// From the merge to the record, by the way that a runner takes: the script, the binary of the release, and the signal of
/// a cancelled job, which goes to the process that the runner started and to no other.
fn a_signal_reaches_the_binary_through_the_script(signal: &str) {
    let mut stage = Stage::new();
    let before = stage.head();
    let files = [
        ("flows/accounts.json", flow("accounts", "1.0.0", "Hello")),
        ("flows/billing.json", flow("billing", "1.0.0", "Hello")),
    ];
    stage.merge(1, &files);
    stage
        .sandbox
        .add_fault(Entry::new(Operation::CreateVersion, Fault::delay_ms(2_000)));

    // The release is the binary under test, by a name that it is found by.
    let binary = cargo_bin!("flowgate").display();
    let program = format!("#!/bin/sh\nexec '{binary}' \"$@\"\n");
    let checkout = Checkout::of_release(&digest(&program), "http://127.0.0.1:1/flowgate");
    let cached = checkout.cached(&digest(&program));
    fs::create_dir_all(cached.parent().unwrap()).unwrap();
    fs::write(&cached, &program).unwrap();

    let begun = stage
        .push(&before)
        .env("FLOWGATE_CONCURRENCY", "1")
        .by(&checkout.command());
    let done = begun.signalled_once(signal, || {
        // The first create has come, and takes its time.
        let came = stage
            .sandbox
            .requests()
            .iter()
            .any(|request| request.operation == Some(Operation::CreateVersion));
        std::thread::sleep(Duration::from_millis(if came { 200 } else { 0 }));
        came
    });
    // The write under way was waited for and recorded; no other was begun.
    assert_eq!(done.code, 4, "{}", done.log);
    assert_eq!(stage.writes(), (1, 0), "{}", done.log);
    let last = done.audit.lines().last().unwrap();
    assert!(last.contains("RUN_END"), "{}", done.audit);
    assert_eq!(done.outputs["result"], "failed");
    // The same job again ends what was begun.
    let again = stage.push(&before).by(&checkout.command());
    again.end().ends(0, "2 live");
    assert_eq!(stage.writes(), (2, 2));
}

#[test]
fn a_cancelled_job_reaches_the_binary_through_the_script() {
    a_signal_reaches_the_binary_through_the_script("-INT");
}

#[test]
fn a_job_that_is_cancelled_harder_reaches_it_too() {
    a_signal_reaches_the_binary_through_the_script("-TERM");
}
