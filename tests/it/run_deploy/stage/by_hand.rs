//! What a person does in CXone, without Flowgate.

use flowgate::http::{self, ClientOptions, Peer};
use flowgate_sandbox::{CLIENT_ID, CLIENT_SECRET, ENVIRONMENT};
use serde_json::{Value, json};

use super::Stage;

impl Stage {
    /// Publishes a stored version, as a person with rights may.
    pub(crate) fn publish(&self, flow: &str, version_id: &str) {
        let base = self.sandbox.base_url();
        self.runtime.block_on(async {
            let client = http::client(&ClientOptions::new(Peer::Loopback)).unwrap();
            let token: Value = client
                .post(format!("{base}/oauth/token?environment={ENVIRONMENT}"))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(format!("grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}&scope=flows:read+flows:write+flows:publish"))
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            let answer = client
                .post(format!("{base}/api/v2/flows/{flow}/publish"))
                .bearer_auth(token["access_token"].as_str().unwrap())
                .json(
                    &json!({"versionId": version_id, "snapshot": true, "bypassValidation": false}),
                )
                .send()
                .await
                .unwrap();
            assert!(answer.status().is_success(), "{answer:?}");
        });
    }
}
