//! Reading flows and versions.

use flowgate_sandbox::ConsoleError;
use serde_json::json;

use crate::client::{User, sandbox, send};

#[tokio::test]
async fn a_flow_that_nobody_knows_is_404_everywhere() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    for path in ["a", "a/versions", "a/versions/ver-000001"] {
        assert_eq!(user.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_draft_is_listed_but_not_read_as_the_flow() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let id = user.create("1.0.0").await;
    assert_eq!(user.get("a").await.status, 404);
    let list = user.get("a/versions").await.json();
    assert_eq!(list["totalCount"], 1);
    assert_eq!(list["versions"][0]["status"], "DRAFT");
    assert!(list["versions"][0].get("publishedAt").is_none());
    assert_eq!(user.get(&format!("a/versions/{id}")).await.status, 200);
}

#[tokio::test]
async fn the_flow_and_its_versions_say_what_is_live() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let old = user.create("1.0.0").await;
    user.publish(&old).await;
    let new = user.create("1.1.0").await;
    user.publish(&new).await;

    let flow = user.get("a").await.json();
    assert_eq!(flow["flowId"], "a");
    assert_eq!(flow["version"], "1.1.0");
    assert_eq!(flow["versionId"], new);
    assert_eq!(flow["name"], "Version 1.1.0");
    assert_eq!(flow["elements"][1]["configuration"]["prompt"], "1.1.0");
    assert_eq!(flow["connectors"][0]["sourceId"], "begin");
    assert_eq!(flow["metadata"]["createdBy"], "flow-versioner-service");

    let version = user.get(&format!("a/versions/{old}")).await.json();
    assert_eq!(
        version,
        json!({
            "id": old, "version": "1.0.0", "status": "SUPERSEDED",
            "createdAt": "2026-01-01T00:00:01.000Z", "publishedAt": "2026-01-01T00:00:02.000Z",
            "elements": version["elements"], "connectors": version["connectors"],
            "metadata": {"createdBy": "flow-versioner-service"},
        })
    );
}

#[tokio::test]
async fn versions_come_in_pages() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    for patch in 0..5 {
        user.create(&format!("1.0.{patch}")).await;
    }
    let mut seen = Vec::new();
    let mut page = json!(1);
    while !page.is_null() {
        let list = user
            .get(&format!("a/versions?page={page}&pageSize=2"))
            .await;
        let list = list.json();
        assert_eq!(list["totalCount"], 5);
        let versions = list["versions"].as_array().unwrap();
        seen.extend(
            versions
                .iter()
                .map(|v| v["version"].as_str().unwrap().to_owned()),
        );
        page = list["nextPage"].clone();
    }
    assert_eq!(seen, ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4"]);
    let beyond = user.get("a/versions?page=9").await.json();
    assert_eq!(beyond["versions"], json!([]));
    assert!(beyond.get("nextPage").is_none());
    for query in ["page=0", "pageSize=many"] {
        let reply = user.get(&format!("a/versions?{query}")).await;
        assert_eq!(reply.status, 400, "{query}");
    }
}

#[tokio::test]
async fn percent_encoded_ids_are_the_same_flow() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let id = user.create("1.0.0").await;
    user.publish(&id).await;
    assert_eq!(user.get("%61").await.status, 200);
}

#[tokio::test]
async fn unknown_paths_are_404_and_wrong_methods_405() {
    let sandbox = sandbox().await;
    let path = send(&sandbox, "GET /api/v3/flows", &[], "").await.unwrap();
    assert_eq!(path.status, 404);
    let method = send(&sandbox, "DELETE /api/v2/flows/a", &[], "")
        .await
        .unwrap();
    assert_eq!(method.status, 405);
    assert_eq!(method.header("Allow"), Some("GET"));
}

#[tokio::test]
async fn an_edit_in_the_console_leaves_no_metadata_of_ours() {
    let sandbox = sandbox().await;
    let user = User::log_in(&sandbox).await;
    let flow = r#"{"flowId": "a", "name": "Main", "elements": [{"id": "b", "n": 1.10}], "connectors": []}"#;
    let seeded = sandbox.seed_published(flow, "3.0.0").unwrap();
    let read = user.get("a").await;
    assert!(read.text().contains("1.10"));
    assert_eq!(read.json()["versionId"], seeded);
    assert_eq!(read.json()["name"], "Main");
    assert!(read.json().get("metadata").is_none());

    let edited = sandbox
        .console_edit("a", &flow.replace("1.10", "2"))
        .unwrap();
    let read = user.get("a").await.json();
    assert_eq!(
        (&read["version"], &read["versionId"]),
        (&json!("3.0.1"), &json!(edited))
    );
    assert_eq!(read["elements"][0]["n"], 2);
}

#[tokio::test]
async fn the_console_edits_only_what_is_live_and_only_flows() {
    let sandbox = sandbox().await;
    let flow = r#"{"flowId": "a", "elements": [], "connectors": []}"#;
    let unknown = sandbox.console_edit("a", flow);
    assert!(
        matches!(unknown, Err(ConsoleError::UnknownFlow(_))),
        "{unknown:?}"
    );
    let other = sandbox.console_edit("b", flow);
    assert!(
        matches!(other, Err(ConsoleError::OtherFlow { .. })),
        "{other:?}"
    );
    let no_flow = sandbox.seed_published(r#"{"flowId": "a"}"#, "1.0.0");
    assert!(
        matches!(no_flow, Err(ConsoleError::NotAFlow)),
        "{no_flow:?}"
    );
    assert!(sandbox.state().flows.is_empty());
}
