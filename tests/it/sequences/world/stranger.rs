//! Runs that are none of a merge.

use serde_json::json;

use super::{FLOWS, World, path};
use crate::run_check::propose;
use crate::run_deploy::stage::{Stage, flow};

/// What starts a run and is no merge.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stranger {
    /// A pull request whose flow is broken and whose settings would let it through.
    Proposal,
    /// The same, from a workflow that runs with the base's rights.
    Target,
    /// A fork's pull request, merged.
    Fork,
    Tag,
    /// A trial of the merge queue.
    Queue,
}

impl Stranger {
    pub(crate) const ALL: [Self; 5] = [
        Self::Proposal,
        Self::Target,
        Self::Fork,
        Self::Tag,
        Self::Queue,
    ];
}

impl World {
    /// A run that is none of a merge writes nothing.
    pub(crate) fn let_in(&mut self, stranger: Stranger) {
        let writes = self.stage.writes();
        self.pulls += 1;
        let number = self.pulls;
        let broken = flow(FLOWS[0], "9.9.9", "Let me in")
            .replace(r#""targetId": "e""#, r#""targetId": "nowhere""#);
        let excuse = "fail-on = \"never\"\ndirect-push = \"deploy\"\non-drift = \"overwrite\"\n";
        let files = [
            (path(0), broken),
            ("flowgate.toml".to_owned(), excuse.to_owned()),
        ];
        let files = [
            (files[0].0.as_str(), files[0].1.clone()),
            (files[1].0.as_str(), files[1].1.clone()),
        ];
        let mut payload = propose(&self.stage, number, &files);
        let trial = self.stage.head();
        let (name, code) = match stranger {
            Stranger::Proposal => ("pull_request", 1),
            Stranger::Target => {
                self.checkout("main");
                ("pull_request_target", 1)
            }
            Stranger::Fork => {
                payload["action"] = json!("closed");
                payload["pull_request"]["merged"] = json!(true);
                payload["pull_request"]["head"]["repo"]["id"] = json!(99);
                ("pull_request", 3)
            }
            Stranger::Tag => {
                payload = Stage::push_of(&self.pushes[0].before, &trial);
                payload["ref"] = json!("refs/tags/v1");
                ("push", 0)
            }
            Stranger::Queue => {
                let base = self.stage.repo.run_git(&["rev-parse", "main"]);
                payload = json!({"merge_group": {
                    "head_sha": trial, "base_sha": base, "base_ref": "refs/heads/main",
                }});
                ("merge_group", 1)
            }
        };
        let done = self.begun(name, &payload).end();
        assert_eq!(done.code, code, "{stranger:?}: {}", done.log);
        assert_eq!(self.stage.writes(), writes, "{stranger:?} wrote");
        self.checkout("main");
    }
}
