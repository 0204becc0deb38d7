//! Which files are looked at, and what they are compared with.

use std::path::PathBuf;

use flowgate::settings::Environment;
use flowgate::source::{
    BaseChoice, ComparedWith, Place, Request, SourceError, Sources, Untouched, When, gather,
};
use flowgate_core::flow::Content;
use flowgate_core::ids::RepoPath;

use crate::support::{FLOW, Repo};

fn gathered(repo: &Repo, paths: &[&str], base: BaseChoice) -> Result<Sources, SourceError> {
    let cwd = repo.root();
    let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
    gather(&Request {
        place: &Place::find(&cwd, &paths),
        cwd: &cwd,
        paths: &paths,
        flows: &["flows/**/*.json".to_owned()],
        base,
        limit: 1000,
        allow_empty: false,
        untouched: Untouched::Read,
        environment: &Environment::new(std::env::vars_os()),
    })
}

fn head(sources: &Sources) -> Vec<&str> {
    sources.head.iter().map(RepoPath::as_str).collect()
}

fn changed(sources: &Sources) -> Vec<&str> {
    sources.changed.iter().map(RepoPath::as_str).collect()
}

fn asked(sources: &Sources) -> Vec<&str> {
    sources.asked.iter().map(RepoPath::as_str).collect()
}

fn content(sources: &Sources, path: &str) -> Content {
    let path = path.parse().unwrap();
    sources.texts.read(When::After, &path).unwrap()
}

#[test]
fn a_change_is_what_differs_from_where_the_branch_left_main() {
    let repo = Repo::git()
        .file("flows/kept.json", "kept")
        .file("flows/edited.json", "before")
        .file("flows/gone.json", "gone")
        .file("flows/old name.json", "moved")
        .file("readme.json", "no flow")
        .commit("main");
    repo.run_git(&["checkout", "--quiet", "-b", "work"]);
    repo.run_git(&["mv", "flows/old name.json", "flows/new\nname.json"]);
    repo.run_git(&["rm", "--quiet", "flows/gone.json"]);
    let repo = repo.file("flows/edited.json", "after").commit("work");
    repo.run_git(&["checkout", "--quiet", "main"]);
    let repo = repo.file("flows/kept.json", "main went on").commit("later");
    repo.run_git(&["checkout", "--quiet", "work"]);
    repo.write("flows/deep/down/new.json", "not committed");

    let sources = gathered(&repo, &[], BaseChoice::Default).unwrap();
    assert_eq!(
        head(&sources),
        [
            "flows/deep/down/new.json",
            "flows/edited.json",
            "flows/kept.json",
            "flows/new\nname.json"
        ]
    );
    assert_eq!(
        changed(&sources),
        [
            "flows/deep/down/new.json",
            "flows/edited.json",
            "flows/gone.json",
            "flows/new\nname.json",
            "flows/old name.json"
        ]
    );
    let before: Vec<_> = sources
        .base
        .iter()
        .map(|path| {
            let content = sources.texts.read(When::Before, path).unwrap();
            (path.as_str(), content)
        })
        .collect();
    let bytes = |text: &str| Content::Bytes(text.into());
    assert_eq!(
        before,
        [
            ("flows/edited.json", bytes("before")),
            ("flows/gone.json", bytes("gone")),
            ("flows/old name.json", bytes("moved"))
        ]
    );
    let id = repo
        .run_git(&["merge-base", "main", "work"])
        .parse()
        .unwrap();
    let name = "where this branch left main".to_owned();
    assert_eq!(sources.compared_with, ComparedWith::Commit { name, id });
    assert_eq!(
        sources.commit.unwrap().as_str(),
        repo.run_git(&["rev-parse", "HEAD"])
    );
}

#[test]
fn on_main_only_what_is_not_committed_is_a_change() {
    let repo = Repo::git()
        .file("flows/a.json", "1")
        .file("flows/b.json", "1")
        .commit("all");
    repo.write("flows/b.json", "2");
    let sources = gathered(&repo, &[], BaseChoice::Default).unwrap();
    assert_eq!(changed(&sources), ["flows/b.json"]);
    assert!(
        sources
            .compared_with
            .to_string()
            .starts_with("the last commit (")
    );
}

#[test]
fn without_a_commit_or_a_repository_every_flow_is_new() {
    let repo = Repo::git().file("flows/a.json", "1");
    let sources = gathered(&repo, &[], BaseChoice::Default).unwrap();
    assert_eq!(changed(&sources), ["flows/a.json"]);
    assert_eq!(
        sources.compared_with.to_string(),
        "nothing: the repository has no commit yet"
    );

    let sources = gathered(
        &Repo::new().file("flows/a.json", "1"),
        &[],
        BaseChoice::Default,
    )
    .unwrap();
    assert_eq!(changed(&sources), ["flows/a.json"]);
    assert_eq!(
        sources.compared_with.to_string(),
        "nothing: this is not a git repository"
    );
}

#[test]
fn a_directory_can_stand_for_the_time_before() {
    let repo = Repo::new()
        .file("flows/same.json", "1")
        .file("flows/new.json", "1")
        .file("before/flows/same.json", "1")
        .file("before/flows/gone.json", "1");
    let sources = gathered(&repo, &[], BaseChoice::Directory("before".into())).unwrap();
    assert_eq!(changed(&sources), ["flows/gone.json", "flows/new.json"]);
    let missing = gathered(&repo, &[], BaseChoice::Directory("behind".into()));
    assert!(matches!(missing, Err(SourceError::NoBaseDirectory(_))));
}

#[test]
fn whatever_stands_where_a_flow_should_be_is_said_and_never_followed() {
    let repo = Repo::new()
        .file("outside/secret.json", "secret")
        .file("flows/good.json", FLOW)
        .file("flows/large.json", "x".repeat(1001))
        .directory("flows/directory.json")
        .symlink("flows/link.json", "../outside/secret.json")
        .symlink("flows/linked", "../outside")
        .pipe("flows/pipe.json");
    let sources = gathered(&repo, &[], BaseChoice::Default).unwrap();
    assert_eq!(
        head(&sources),
        [
            "flows/directory.json",
            "flows/good.json",
            "flows/large.json",
            "flows/link.json",
            "flows/pipe.json"
        ]
    );
    assert_eq!(
        content(&sources, "flows/directory.json"),
        Content::Directory
    );
    assert_eq!(
        content(&sources, "flows/good.json"),
        Content::Bytes(FLOW.into())
    );
    assert_eq!(
        content(&sources, "flows/large.json"),
        Content::TooLarge {
            size: 1001,
            limit: 1000
        }
    );
    assert_eq!(content(&sources, "flows/link.json"), Content::Symlink);
    let why = "it is not a regular file".to_owned();
    assert_eq!(
        content(&sources, "flows/pipe.json"),
        Content::Unreadable(why)
    );
    assert_eq!(
        sources.unseen,
        [
            "`flows/linked` is a symbolic link and was not followed: flow files behind it were not looked at"
        ]
    );

    // Named by hand, the way over the linked directory is refused as well.
    let sources = gathered(&repo, &["flows/linked/secret.json"], BaseChoice::Default).unwrap();
    assert_eq!(
        content(&sources, "flows/linked/secret.json"),
        Content::Symlink
    );
}

#[test]
fn a_symbolic_link_in_the_base_is_a_link_and_a_submodule_is_not_ours() {
    let repo = Repo::git()
        .symlink("flows/link.json", "../x")
        .file("flows/a.json", "1")
        .commit("all");
    let commit = repo.run_git(&["rev-parse", "HEAD"]);
    let submodule = format!("160000,{commit},flows/sub.json");
    repo.run_git(&["update-index", "--add", "--cacheinfo", &submodule]);
    repo.run_git(&["commit", "--quiet", "--message", "submodule"]);
    std::fs::remove_file(repo.root().join("flows/link.json")).unwrap();
    repo.write("flows/link.json", "a file now");
    let sources = gathered(&repo, &[], BaseChoice::Default).unwrap();
    assert_eq!(changed(&sources), ["flows/link.json"]);
    let link = "flows/link.json".parse().unwrap();
    let before = sources.texts.read(When::Before, &link).unwrap();
    assert_eq!((sources.base.len(), before), (1, Content::Symlink));
}

#[test]
fn ignored_and_hidden_files_are_no_flows_unless_git_tracks_them_or_somebody_names_them() {
    let repo = Repo::git()
        .file(".gitignore", "/flows/tmp/\n")
        .file("flows/tmp/tracked.json", "1")
        .file("flows/a.json", "1")
        .commit("all")
        .file("flows/tmp/scratch.json", "1")
        .file("flows/.hidden.json", "1");
    let sources = gathered(&repo, &[], BaseChoice::Default).unwrap();
    assert_eq!(head(&sources), ["flows/a.json", "flows/tmp/tracked.json"]);
    assert!(changed(&sources).is_empty());
    let sources = gathered(&repo, &["flows/.hidden.json"], BaseChoice::Default).unwrap();
    assert_eq!(changed(&sources), ["flows/.hidden.json"]);
}

#[test]
fn asking_for_paths_narrows_what_counts_as_changed_but_all_flows_are_still_read() {
    let repo = Repo::git().file("flows/a.json", "1").commit("all");
    let repo = repo
        .file("flows/b.json", "2")
        .file("drafts/eu/c.json", "3")
        .file("drafts/eu/d.txt", "4");
    let all = ["drafts/eu/c.json", "flows/a.json", "flows/b.json"];
    for path in [
        "drafts",
        "./drafts/eu",
        "drafts/eu/c.json",
        "drafts/**/*.json",
        "flows/../drafts",
    ] {
        let sources = gathered(&repo, &[path], BaseChoice::Default).unwrap();
        assert_eq!(head(&sources), all, "{path}");
        assert_eq!(changed(&sources), ["drafts/eu/c.json"], "{path}");
        assert_eq!(asked(&sources), ["drafts/eu/c.json"], "{path}");
    }
    let sources = gathered(&repo, &["flows/a.json"], BaseChoice::Default).unwrap();
    assert!(changed(&sources).is_empty());
    assert_eq!(asked(&sources), ["flows/a.json"]);
    let sources = gathered(&repo, &[], BaseChoice::Default).unwrap();
    assert_eq!(changed(&sources), ["flows/b.json"]);
    assert!(asked(&sources).is_empty());
}

#[test]
fn many_files_come_out_of_git_each_under_its_own_name() {
    let mut repo = Repo::git();
    for number in 0..150 {
        repo = repo.file(
            &format!("flows/{number}.json"),
            format!("{number} ").repeat(number),
        );
    }
    let repo = repo.commit("all");
    for number in 0..150 {
        repo.write(&format!("flows/{number}.json"), "changed");
    }
    let sources = gathered(&repo, &[], BaseChoice::Default).unwrap();
    assert_eq!(sources.base.len(), 150);
    for path in &sources.base {
        let content = sources.texts.read(When::Before, path).unwrap();
        let number: usize = path.as_str()[6..]
            .trim_end_matches(".json")
            .parse()
            .unwrap();
        let text = format!("{number} ").repeat(number);
        let expected = match text.len() as u64 {
            size @ 1001.. => Content::TooLarge { size, limit: 1000 },
            _ => Content::Bytes(text.into()),
        };
        assert_eq!(content, expected, "{path}");
    }
}

#[test]
fn the_callers_git_variables_and_a_repositorys_hooks_have_no_say() {
    let other = Repo::git().file("flows/other.json", "1").commit("other");
    let repo = Repo::git().file("flows/a.json", "1").commit("all");
    repo.run_git(&["config", "core.fsmonitor", "touch ran; false"]);
    let ended = repo
        .flowgate(&["check", "-v"])
        .env("GIT_DIR", &other.root().join(".git").display().to_string())
        .env("GIT_INDEX_FILE", "/nowhere")
        .end();
    assert!(
        ended.err.contains("compared with the last commit ("),
        "{}",
        ended.err
    );
    assert!(!ended.err.contains("changed:"), "{}", ended.err);
    assert!(!repo.root().join("ran").exists());
}
