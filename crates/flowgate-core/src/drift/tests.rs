//! Where one flow stands, told in the words that people read.

use std::fmt::Write as _;
use std::sync::Arc;

use super::*;
use crate::flow::testing::flow;
use crate::flow::{Content, Reading, native};
use crate::platform::{
    Answer, FlowOnPlatform, History, Publication, Record, RecordSource, VersionSummary,
};

/// A flow whose menu says `prompt`.
fn text(version: &str, prompt: &str) -> String {
    format!(
        r#"{{"flowId":"main","version":"{version}","elements":[{{"id":"b","type":"Begin"}},{{"id":"m","type":"IVR","name":"Menu","configuration":{{"prompt":"{prompt}"}}}},{{"id":"e","type":"End"}}],"connectors":[{{"id":"1","sourceId":"b","targetId":"m"}},{{"id":"2","sourceId":"m","targetId":"e"}}]}}"#
    )
}

fn read(text: &str) -> Reading {
    let path = "flows/main.json".parse().unwrap();
    native::read(path, Content::Bytes(text.into()))
}

fn source() -> RecordSource {
    RecordSource {
        commit: Some("c0ffee0000000000000000000000000000000000".parse().unwrap()),
        pull_request: Some(41),
        ..RecordSource::default()
    }
}

/// What we wrote down when we put this content live.
fn ours(content: &str, source: Option<RecordSource>) -> Record {
    let content_digest = digest(&flow(content), &Layout::default()).unwrap();
    Record {
        content_digest,
        source,
    }
}

/// A version that was live, named by its number.
fn stored(number: &str, record: Option<Record>) -> VersionSummary {
    VersionSummary {
        id: format!("v-{number}").parse().unwrap(),
        version: number.parse().ok(),
        publication: Publication::Once,
        created_at: None,
        published_at: Some(format!("2026-01-01T00:00:00Z {number}")),
        record,
    }
}

/// CXone shows this as live, and lists these versions.
fn shows(live: &str, record: Option<Record>, listed: Vec<VersionSummary>) -> FlowOnPlatform {
    let live = flow(live);
    let version_id = live.version().map(|number| format!("v-{number}"));
    FlowOnPlatform {
        published: Answer::Known(Arc::new(Published {
            version_id: version_id.and_then(|id| id.parse().ok()),
            record,
            flow: Arc::new(live),
        })),
        history: History::Listed(listed),
        capacity: 50,
    }
}

/// CXone only lists these versions.
fn lists(listed: Vec<VersionSummary>) -> FlowOnPlatform {
    FlowOnPlatform {
        published: Answer::CannotTell,
        history: History::Listed(listed),
        capacity: 50,
    }
}

/// Where the file stands, and all that is known about what is live.
fn told(file: &str, said: &FlowOnPlatform) -> String {
    let path = "flows/main.json".parse().unwrap();
    let found = drift(
        &path,
        &read(file),
        Some(said),
        None,
        None,
        &Layout::default(),
    );
    let mut text = format!("{}: {}", found.state.words(), found.why);
    if let Some(live) = found.live {
        let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let _ = write!(
            text,
            "\nlive: {} {} {} {} {}",
            or(live.version.map(|version| version.to_string())),
            or(live.version_id.map(|id| id.to_string())),
            or(live.commit.map(|commit| commit.short().to_owned())),
            or(live.pull_request.map(|pull| format!("#{pull}"))),
            or(live.edited_by),
        );
    }
    for edit in found.edits {
        let _ = write!(text, "\nedit: {} ({:?})", edit.name, edit.change);
    }
    text
}

#[test]
fn what_we_put_live_is_told_from_what_somebody_else_did() {
    let file = text("1.1.0", "hello");
    let ours_live = shows(&file, Some(ours(&file, Some(source()))), Vec::new());
    insta::assert_snapshot!(told(&file, &ours_live), @r"
    in sync: 1.1.0 is live, as the file says
    live: 1.1.0 v-1.1.0 c0ffee0 #41 -
    ");
    insta::assert_snapshot!(told(&file, &shows(&file, None, Vec::new())), @r"
    unmanaged: 1.1.0 is live, as the file says; Flowgate did not put it there
    live: 1.1.0 v-1.1.0 - - -
    ");

    let by_hand = text("1.0.0", "by hand").replace(
        r#""flowId""#,
        r#""modifiedBy":" ","createdBy":"Ada","flowId""#,
    );
    insta::assert_snapshot!(told(&file, &shows(&by_hand, None, Vec::new())), @r"
    unmanaged, and different: 1.0.0 is live and not what the file says; Flowgate has not deployed it: `flowgate pull` brings it into the file, a pull request that changes the file replaces it
    live: 1.0.0 v-1.0.0 - - Ada
    edit: Menu (Modified)
    ");
}

#[test]
fn an_edit_in_the_console_is_named_with_who_did_it_where_cxone_tells() {
    let file = text("1.1.0", "hello");
    let who = r#""createdBy":"Flowgate","lastModifiedBy":"Ada","flowId""#;
    let edited = text("1.1.1", "by hand").replace(r#""flowId""#, who);
    let record = || Some(ours(&file, None));
    let inside = shows(&edited, record(), Vec::new());
    insta::assert_snapshot!(told(&file, &inside), @r"
    edited in the console: 1.1.1 is live and was edited in the console by Ada since Flowgate published it: `flowgate pull` brings the edit into the file
    live: 1.1.1 v-1.1.1 - - Ada
    edit: Menu (Modified)
    ");

    // The console made a version of its own: that we had one before tells that it is an edit.
    let nameless = edited.replace("lastModifiedBy", "_");
    let beside = shows(&nameless, record(), vec![stored("1.1.0", record())]);
    insta::assert_snapshot!(told(&file, &beside), @r"
    edited in the console: 1.1.1 is live and was edited in the console since Flowgate published it: `flowgate pull` brings the edit into the file
    live: 1.1.1 v-1.1.1 - - -
    edit: Menu (Modified)
    ");
    let by_another = shows(&edited, None, vec![stored("1.1.0", record())]);
    insta::assert_snapshot!(told(&file, &by_another), @r"
    edited in the console: 1.1.1 is live and was edited in the console by Ada since Flowgate published it: `flowgate pull` brings the edit into the file
    live: 1.1.1 v-1.1.1 - - Ada
    edit: Menu (Modified)
    ");
}

#[test]
fn behind_says_from_where_as_far_as_that_is_known() {
    let (old, file) = (text("1.0.0", "hello"), text("1.1.0", "good day"));
    let from = |source: Option<RecordSource>| {
        told(&file, &shows(&old, Some(ours(&old, source)), Vec::new()))
    };
    insta::assert_snapshot!(from(Some(source())), @r"
    behind: 1.0.0 is live, from commit c0ffee0 (#41); no deployment has brought 1.1.0 live: start the workflow by hand on the deploy branch (a merge by a bot's own token starts none)
    live: 1.0.0 v-1.0.0 c0ffee0 #41 -
    ");
    let by_hand = RecordSource {
        pull_request: None,
        ..source()
    };
    insta::assert_snapshot!(from(Some(by_hand)), @r"
    behind: 1.0.0 is live, from commit c0ffee0; no deployment has brought 1.1.0 live: start the workflow by hand on the deploy branch (a merge by a bot's own token starts none)
    live: 1.0.0 v-1.0.0 c0ffee0 - -
    ");
    insta::assert_snapshot!(from(None), @r"
    behind: 1.0.0 is live; no deployment has brought 1.1.0 live: start the workflow by hand on the deploy branch (a merge by a bot's own token starts none)
    live: 1.0.0 v-1.0.0 - - -
    ");
}

#[test]
fn where_cxone_only_lists_its_records_decide() {
    let (old, file) = (text("1.0.0", "hello"), text("1.1.0", "good day"));
    let first = || stored("1.0.0", Some(ours(&old, Some(source()))));
    insta::assert_snapshot!(told(&old, &lists(vec![first()])), @r"
    in sync: 1.0.0 was published last, with what the file says
    live: 1.0.0 v-1.0.0 c0ffee0 #41 -
    ");
    insta::assert_snapshot!(told(&file, &lists(vec![first()])), @r"
    behind: 1.0.0 is live, from commit c0ffee0 (#41); no deployment has brought 1.1.0 live: start the workflow by hand on the deploy branch (a merge by a bot's own token starts none)
    live: 1.0.0 v-1.0.0 c0ffee0 #41 -
    ");
    insta::assert_snapshot!(told(&file, &lists(vec![first(), stored("1.0.1", None)])), @r"
    edited in the console: 1.0.1 was published last, and not by Flowgate; this tenant cannot show what is in it
    live: 1.0.1 v-1.0.1 - - -
    ");
    insta::assert_snapshot!(told(&file, &lists(Vec::new())), @"not live: CXone has no version of it");
    let untold = VersionSummary {
        publication: Publication::NotTold,
        published_at: None,
        ..first()
    };
    insta::assert_snapshot!(told(&file, &lists(vec![untold])), @"not known: this tenant cannot show what is live, and its list does not say which version was published");
}

#[test]
fn neither_a_move_nor_what_a_server_adds_is_named_as_an_edit() {
    let drawn = |x: u32, more: &str, prompt: &str| {
        let menu = format!(r#""name":"Menu","x":{x}{more}"#);
        text("1.0.0", prompt).replace(r#""name":"Menu""#, &menu)
    };
    let sent = drawn(1, "", "hello");
    let file = flow(&sent);
    let files = Files {
        head: &file,
        base: Some(&file),
        recorded: None,
    };
    let edits = |live: &str| {
        let live = Published {
            flow: Arc::new(flow(live)),
            version_id: None,
            record: Some(ours(&sent, None)),
        };
        console_edits(&live, &files, &Layout::default())
    };
    assert_eq!(edits(&drawn(9, "", "hello")), []);
    assert_eq!(edits(&drawn(1, r#","owner":"server""#, "hello")), []);
    let edited = edits(&drawn(9, r#","owner":"server""#, "by hand"));
    let named: Vec<_> = edited.iter().map(|edit| edit.name.as_str()).collect();
    assert_eq!(named, ["Menu"]);
}

#[test]
fn what_was_typed_into_the_console_too_is_in_sync_though_nobody_recorded_it() {
    let (old, new) = (
        flow(&text("1.0.0", "hello")),
        flow(&text("1.1.0", "good day")),
    );
    let live = |flow: &Flow| Published {
        flow: Arc::new(flow.clone()),
        version_id: None,
        record: None,
    };
    let files = Files {
        head: &new,
        base: Some(&old),
        recorded: None,
    };
    let stands = |flow: &Flow| standing(&live(flow), &files, &Layout::default());
    assert_eq!(stands(&new), Standing::InSync);
    assert_eq!(stands(&old), Standing::Unmanaged);
    let other = flow(&text("1.0.5", "good evening"));
    assert_eq!(stands(&other), Standing::UnmanagedAndDifferent);
}
