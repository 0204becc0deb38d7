//! Nothing is written through a symbolic link that a repository brought, whichever output it is; and nothing is read without an
//! end, whichever input.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::run_check::propose;
use crate::run_deploy::stage::{Stage, flow};
use crate::support::{Ended, FLOW, Repo};

/// What stands outside of the repository, and is to stay as it is.
const KEPT: &str = "kept\n";

/// Links at these places, each to a file outside, to nothing, or from its folder to a folder outside.
const LINKS: [(&str, &str); 3] = [
    ("file", "out/file"),
    ("dangling", "out/dangling"),
    ("folder/new", "out/folder"),
];

struct Outside(TempDir);

impl Outside {
    fn new() -> Self {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("kept"), KEPT).unwrap();
        fs::create_dir(outside.path().join("folder")).unwrap();
        Self(outside)
    }

    /// Puts the links into a repository.
    fn linked_from(&self, root: &Path) {
        let out = root.join("out");
        fs::create_dir_all(&out).unwrap();
        symlink(self.0.path().join("kept"), out.join("file")).unwrap();
        symlink(self.0.path().join("new"), out.join("dangling")).unwrap();
        symlink(self.0.path().join("folder"), out.join("folder")).unwrap();
    }

    #[track_caller]
    fn is_untouched(&self, what: &str) {
        let kept = fs::read_to_string(self.0.path().join("kept")).unwrap();
        assert_eq!(kept, KEPT, "{what}");
        assert!(!self.0.path().join("new").exists(), "{what}");
        let inside = fs::read_dir(self.0.path().join("folder")).unwrap();
        assert_eq!(inside.count(), 0, "{what}");
    }
}

#[track_caller]
fn names_the_link(ended: &Ended, link: &str, what: &str) {
    assert_eq!(ended.code, 2, "{what}: {}", ended.all());
    let said = format!("{link}` is a symbolic link");
    assert!(ended.err.contains(&said), "{what}: {}", ended.all());
}

#[test]
fn each_output_of_a_command_refuses_a_link_and_names_it() {
    let outside = Outside::new();
    let repo = Repo::git().file("flows/a.json", FLOW).commit("begin");
    outside.linked_from(&repo.root());
    let commands: [&[&str]; 2] = [&["check", "--sarif-file"], &["graph", "flows/a.json", "-o"]];
    for command in commands {
        for (place, link) in LINKS {
            let place = format!("out/{place}");
            let args = [command, &[place.as_str()]].concat();
            let what = args.join(" ");
            names_the_link(&repo.flowgate(&args).end(), link, &what);
            outside.is_untouched(&what);
        }
    }
    let ours = repo
        .flowgate(&["check", "--sarif-file", "out/found.sarif"])
        .end();
    assert_eq!(ours.code, 0, "{}", ours.all());
    assert!(repo.root().join("out/found.sarif").is_file());
}

#[test]
fn each_output_of_a_run_refuses_a_link_and_names_it_before_anything_is_written() {
    let outside = Outside::new();
    let mut stage = Stage::new();
    let before = stage.head();
    stage.merge(7, &[("flows/a.json", flow("a", "1.0.0", "Hello"))]);
    let payload = propose(
        &stage,
        8,
        &[("flows/a.json", flow("a", "1.1.0", "Good day"))],
    );
    stage.repo.run_git(&["checkout", "--quiet", "main"]);
    outside.linked_from(&stage.repo.root());
    for (variable, is_check) in [
        ("FLOWGATE_REPORT_FILE", true),
        ("FLOWGATE_SARIF_FILE", true),
        ("FLOWGATE_REPORT_FILE", false),
        ("FLOWGATE_METRICS_FILE", false),
        ("FLOWGATE_AUDIT_FILE", false),
    ] {
        for (place, link) in LINKS {
            let place = stage
                .repo
                .root()
                .join("out")
                .join(place)
                .display()
                .to_string();
            let run = if is_check {
                stage.event("pull_request", &payload)
            } else {
                stage.push(&before)
            };
            let what = format!("{variable} {place}");
            let done = run.env(variable, &place).end();
            let done = done.ends(2, &format!("{link}` is a symbolic link"));
            outside.is_untouched(&what);
            assert_eq!(stage.writes(), (0, 0), "{what}: {}", done.log);
        }
    }
}

#[test]
fn what_is_accepted_goes_through_no_link_nor_is_a_link_taken_away() {
    const FILE: &str = "flowgate-accepted.toml";
    let faulty = FLOW.replace(
        r#"{"id": "e", "type": "End", "configuration": {}}"#,
        r#"{"id": "e", "type": "End", "configuration": {"endpoint": "http://crm.example.com/v1"}}"#,
    );
    assert_ne!(faulty, FLOW);
    let list = {
        let repo = Repo::git().file("flows/a.json", &faulty).commit("begin");
        assert_eq!(repo.flowgate(&["accept"]).end().code, 0);
        fs::read_to_string(repo.root().join(FILE)).unwrap()
    };
    // There is something to accept; and there is nothing any more, so that the file goes.
    for flow in [faulty.as_str(), FLOW] {
        let outside = tempfile::tempdir().unwrap();
        let there = outside.path().join("list");
        fs::write(&there, &list).unwrap();
        let repo = Repo::git().file("flows/a.json", flow).commit("begin");
        symlink(&there, repo.root().join(FILE)).unwrap();
        let ended = repo.flowgate(&["accept"]).end();
        names_the_link(&ended, FILE, flow);
        assert_eq!(fs::read_to_string(&there).unwrap(), list);
        let link = repo.root().join(FILE).symlink_metadata().unwrap();
        assert!(link.is_symlink());
        // Where it is a file, it is replaced as a whole, or goes.
        fs::remove_file(repo.root().join(FILE)).unwrap();
        repo.write(FILE, &list);
        let ended = repo.flowgate(&["accept"]).end();
        assert_eq!(ended.code, 0, "{}", ended.all());
        assert_eq!(repo.root().join(FILE).exists(), flow == faulty);
    }
}

#[test]
fn what_is_formatted_or_bumped_is_no_link() {
    let outside = tempfile::tempdir().unwrap();
    let there = outside.path().join("flow.json");
    fs::write(&there, FLOW).unwrap();
    let repo = Repo::git().file("flows/b.json", FLOW).commit("begin");
    symlink(&there, repo.root().join("flows/a.json")).unwrap();
    symlink(outside.path(), repo.root().join("flows/there")).unwrap();
    for args in [
        &["fmt"][..],
        &["fmt", "flows/a.json"],
        &["fmt", "flows/there/flow.json"],
        &["bump", "flows/a.json"],
    ] {
        let ended = repo.flowgate(args).end();
        assert_eq!(
            fs::read_to_string(&there).unwrap(),
            FLOW,
            "{args:?}: {}",
            ended.all()
        );
        match args {
            ["fmt"] => names_the_link(&ended, "flows/a.json", "fmt"),
            ["fmt", path] => names_the_link(&ended, path.trim_end_matches("/flow.json"), path),
            _ => assert_ne!(ended.code, 0, "{args:?}: {}", ended.all()),
        }
    }
    // The others are formatted.
    assert_ne!(
        fs::read_to_string(repo.root().join("flows/b.json")).unwrap(),
        FLOW
    );
    // Who only looks writes nothing through it.
    let ended = repo.flowgate(&["fmt", "--check", "flows/a.json"]).end();
    assert_eq!(ended.code, 1, "{}", ended.all());
}

/// Ends well before a person would.
#[track_caller]
fn soon(repo: &Repo, args: &[&str]) -> Ended {
    let began = Instant::now();
    let ended = repo.flowgate(args).end();
    assert!(began.elapsed() < Duration::from_secs(60), "{args:?}");
    ended
}

#[test]
fn no_input_of_a_command_is_waited_for_or_read_without_an_end() {
    let repo = Repo::git()
        .file("flows/a.json", FLOW)
        .commit("begin")
        .file("base/flows/a.json", FLOW)
        .pipe("base/flows/pipe.json")
        .pipe("flows/pipe.json")
        .pipe("pipe.toml");
    symlink("/dev/zero", repo.root().join("zero.toml")).unwrap();
    symlink("/dev/zero", repo.root().join("base/flows/zero.json")).unwrap();
    for config in ["pipe.toml", "zero.toml", "/dev/zero", "/dev/stdin", "flows"] {
        for command in ["check", "fmt", "accept", "bump"] {
            let ended = soon(&repo, &[command, "--config", config]);
            assert_eq!(ended.code, 2, "{command} {config}: {}", ended.all());
            assert!(ended.err.contains(config), "{command}: {}", ended.all());
            assert!(
                ended.err.contains("no regular file"),
                "{command}: {}",
                ended.all()
            );
        }
    }
    for path in ["flows/pipe.json", "/dev/zero", "/dev/stdin"] {
        for command in ["check", "fmt"] {
            let ended = soon(&repo, &[command, path]);
            assert_ne!(ended.code, 0, "{command} {path}: {}", ended.all());
            let shown = path.trim_start_matches('/');
            assert!(ended.all().contains(shown), "{command}: {}", ended.all());
        }
    }
    for path in ["flows/pipe.json", "/dev/zero"] {
        for args in [&["diff", "flows/a.json", path][..], &["graph", path]] {
            let ended = soon(&repo, args);
            assert!(
                ended.code == 2 || ended.code == 4 || ended.code == 1,
                "{}",
                ended.all()
            );
            assert!(ended.err.contains(path), "{args:?}: {}", ended.all());
        }
    }
    fs::remove_file(repo.root().join("flows/pipe.json")).unwrap();
    // Nobody waits for a pipe on the other side of a comparison either, or takes it for nothing.
    let ended = soon(&repo, &["check", "--base-dir", "base"]);
    assert_eq!(ended.code, 2, "{}", ended.all());
    let said = "`flows/pipe.json` before the change, in the directory base";
    assert!(ended.err.contains(said), "{}", ended.all());
    let ended = soon(&repo, &["check", "--base-dir", "pipe.toml"]);
    assert_eq!(ended.code, 2, "{}", ended.all());
    assert!(ended.err.contains("pipe.toml"), "{}", ended.all());
}

#[test]
fn a_file_that_grows_is_read_up_to_the_limit() {
    let repo = Repo::git().file("flows/a.json", FLOW).commit("begin");
    let path = repo.root().join("flows/grows.json");
    fs::write(&path, "[").unwrap();
    let ends = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
            let piece = "1,".repeat(32 * 1024);
            // Sixty megabytes at most, as fast as they can be written.
            for _ in 0..1_000 {
                if ends.load(Ordering::Relaxed) {
                    break;
                }
                file.write_all(piece.as_bytes()).unwrap();
            }
        });
        while fs::metadata(&path).unwrap().len() < 2 * 1024 * 1024 {
            thread::sleep(Duration::from_millis(1));
        }
        let ended = soon(&repo, &["check", "--max-file-size", "1MiB"]);
        ends.store(true, Ordering::Relaxed);
        assert_eq!(ended.code, 1, "{}", ended.all());
        assert!(ended.all().contains("flows/grows.json"), "{}", ended.all());
        assert!(ended.all().contains("file-too-large"), "{}", ended.all());
    });
}

/// To take for nothing what cannot be read would call a flow new that is not.
#[test]
fn a_base_that_cannot_be_read_is_an_error_that_names_it() {
    let begin = || Repo::git().file("flows/a.json", FLOW).commit("begin");
    let changed = FLOW.replace("1.0.0", "1.1.0");
    assert_ne!(changed, FLOW);
    let commands = [&["check"][..], &["check", "flows/a.json"], &["bump"]];
    // Another directory: a pipe, a file that is too large.
    for is_pipe in [true, false] {
        let repo = begin().directory("base/flows");
        let repo = if is_pipe {
            repo.pipe("base/flows/a.json")
        } else {
            repo.file("base/flows/a.json", " ".repeat(300_000))
        };
        for command in commands {
            let limits = ["--max-file-size", "200000", "--base-dir", "base"];
            let ended = soon(&repo, &[command, &limits[..]].concat());
            assert_eq!(ended.code, 2, "{command:?}: {}", ended.all());
            let said = "could not read what stood in `flows/a.json` before the change, in the directory base";
            assert!(ended.err.contains(said), "{}", ended.all());
        }
    }
    // An older commit: this clone has lost what it says.
    let repo = begin().file("flows/a.json", &changed).commit("change");
    let blob = repo.run_git(&["rev-parse", "HEAD~1:flows/a.json"]);
    let (folder, name) = blob.split_at(2);
    let object = repo.root().join(".git/objects").join(folder).join(name);
    fs::remove_file(object).unwrap();
    for command in commands {
        let ended = soon(&repo, &[command, &["--base", "HEAD~1"]].concat());
        assert_eq!(ended.code, 4, "{command:?}: {}", ended.all());
        let said = "could not read what stood in `flows/a.json` before the change, in HEAD~1";
        assert!(ended.err.contains(said), "{}", ended.all());
    }
}

/// What git reads of a work tree besides flow files, a repository can lead anywhere.
#[test]
fn what_says_which_files_count_is_read_without_following_it_for_ever() {
    let repo = Repo::git().file("flows/a.json", FLOW).commit("begin");
    repo.write("flows/a.json", FLOW.replace("1.0.0", "1.1.0"));
    symlink("/dev/zero", repo.root().join(".gitattributes")).unwrap();
    let ended = soon(&repo, &["check"]);
    assert_eq!(ended.code, 0, "{}", ended.all());
    for folder in ["", "flows/"] {
        let ignores = format!("{folder}.gitignore");
        symlink("/dev/zero", repo.root().join(&ignores)).unwrap();
        for command in ["check", "fmt", "accept", "bump"] {
            let ended = soon(&repo, &[command]);
            assert_eq!(ended.code, 2, "{command}: {}", ended.all());
            let said = format!("{ignores}`: it is no regular file");
            assert!(ended.err.contains(&said), "{command}: {}", ended.all());
        }
        fs::remove_file(repo.root().join(&ignores)).unwrap();
    }
}
