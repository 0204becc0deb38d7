//! Flow files that a change does not touch: no more of them is read than their identity, and whatever could be said of
//! them is said all the same.

use flowgate::settings::Environment;
use flowgate::source::{BaseChoice, Place, Request, Sources, Untouched, gather};
use flowgate_core::ids::RepoPath;

use crate::support::Repo;

fn flow(id: &str, extra: &str) -> String {
    format!(
        r#"{{"flowId": "{id}", "version": "1.0.0"{extra},
  "elements": [{{"id": "begin", "type": "Begin"}}, {{"id": "end", "type": "End"}}],
  "connectors": [{{"id": "c1", "sourceId": "begin", "targetId": "end"}}]}}
"#
    )
}

fn gathered(repo: &Repo) -> Sources {
    let cwd = repo.root();
    gather(&Request {
        place: &Place::find(&cwd, &[]),
        cwd: &cwd,
        paths: &[],
        flows: &["flows/**/*.json".to_owned()],
        base: BaseChoice::Default,
        limit: 10_000,
        allow_empty: false,
        untouched: Untouched::Identify { beyond: 0 },
        environment: &Environment::new(std::env::vars_os()),
    })
    .unwrap()
}

fn bystanders(sources: &Sources) -> Vec<(&str, &str)> {
    let all = sources.bystanders.iter();
    all.map(|(path, id)| (path.as_str(), id.as_str())).collect()
}

fn read(sources: &Sources) -> Vec<&str> {
    sources.head.iter().map(RepoPath::as_str).collect()
}

fn errors(said: &str) -> Vec<&str> {
    said.lines()
        .filter(|line| line.starts_with("error["))
        .collect()
}

#[test]
fn of_sound_files_that_stay_as_they_are_only_the_identity_is_kept() {
    let repo = Repo::git()
        .file("flows/a.json", flow("a", ""))
        .file(
            "flows/b.json",
            flow("b", r#", "note": "\"flowId\": \"x\"""#),
        )
        .file("flows/broken.json", "{\"flowId\": \"broken\", ")
        .file("flows/unversioned.json", r#"{"flowId": "unversioned"}"#)
        .commit("all")
        .file("flows/a.json", flow("a", r#", "x": 1"#));
    let sources = gathered(&repo);
    assert_eq!(bystanders(&sources), [("flows/b.json", "b")]);
    assert_eq!(
        read(&sources),
        [
            "flows/a.json",
            "flows/broken.json",
            "flows/unversioned.json"
        ]
    );
}

#[test]
fn a_file_whose_flow_stands_in_a_changed_file_too_is_read() {
    let repo = Repo::git()
        .file("flows/a.json", flow("a", ""))
        .file("flows/b.json", flow("b", ""))
        .file("flows/c.json", flow("c", ""))
        .file("flows/gone.json", flow("gone", ""))
        .commit("all")
        // Its id is that of `b` now, spelled otherwise; and `c` lives where it was copied from.
        .file("flows/a.json", flow("\\u0062", ""))
        .file("flows/gone.json", flow("c", ""));
    let sources = gathered(&repo);
    assert_eq!(bystanders(&sources), []);
    let ended = repo.flowgate(&["check"]).end();
    assert_eq!(ended.code, 1);
    assert_eq!(
        errors(&ended.all()),
        [
            "error[duplicate-flow-id]: the flow id `b` stands in `flows/b.json` too, line 1",
            "error[flow-id-changed]: the flow id was `a` before",
            "error[duplicate-flow-id]: the flow id `c` stands in `flows/c.json` too, line 1",
            "error[flow-id-changed]: the flow id was `gone` before",
        ]
    );
}

#[test]
fn a_deleted_file_whose_flow_lives_on_untouched_is_not_said_to_be_lost() {
    let repo = Repo::git()
        .file("flows/a.json", flow("a", ""))
        .file("flows/copy.json", flow("a", ""))
        .file("flows/b.json", flow("b", ""))
        .commit("all");
    repo.run_git(&["rm", "--quiet", "flows/copy.json"]);
    let sources = gathered(&repo);
    assert_eq!(bystanders(&sources), [("flows/b.json", "b")]);
    assert_eq!(read(&sources), ["flows/a.json"]);
    let ended = repo.flowgate(&["check"]).end();
    assert_eq!(errors(&ended.all()), Vec::<&str>::new());
    assert_eq!(ended.code, 0);
}
