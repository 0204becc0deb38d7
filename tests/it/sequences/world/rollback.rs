//! Rollbacks that a person asks for, and what ought to come of each.

use std::cmp::Reverse;

use flowgate_sandbox::State;
use semver::Version;
use serde_json::json;

use super::{FLOWS, Live, World, live, routes};

/// A number that no version has.
const NOWHERE: &str = "9.9.9";

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish {
    /// So many published versions below the highest, named by its number; `previous` where there is none.
    pub(crate) rung: Option<usize>,
    /// `max-rollback-depth`.
    pub(crate) depth: u32,
}

/// What ought to come of it.
#[derive(Debug)]
enum Fate {
    /// The one merge is live in place of the other.
    Goes { from: u32, to: u32 },
    /// Nothing is written; the exit code, and what is said.
    Stays(i32, &'static str),
}

/// Numbers and ids of what was ever live, the highest first.
fn ladder(state: &State, id: &str) -> Vec<(Version, String)> {
    let found = state.flow(id).unwrap();
    let mut all: Vec<_> = found
        .versions
        .iter()
        .filter(|stored| found.published_at(&stored.id).is_some())
        .map(|stored| (stored.version.parse().unwrap(), stored.id.clone()))
        .collect();
    all.sort_by_key(|(number, _): &(Version, _)| Reverse(number.clone()));
    all
}

fn foretell(state: &State, id: &str, wish: Wish) -> Fate {
    let ladder = ladder(state, id);
    let rung = wish.rung.unwrap_or(1);
    let Some((number, chosen)) = ladder.get(rung) else {
        return Fate::Stays(
            4,
            match wish.rung {
                None => "no other version with a number was ever live",
                Some(_) => "CXone has no version 9.9.9",
            },
        );
    };
    if state.flow(id).unwrap().published().unwrap().id == *chosen {
        return Fate::Stays(0, "is live already");
    }
    if rung > wish.depth as usize {
        return Fate::Stays(4, "the highest that was ever live");
    }
    let Live::Merge(from) = live(state, id) else {
        return Fate::Stays(4, "was edited in the console since");
    };
    let to = u32::try_from(number.minor).unwrap();
    if routes(from) && !routes(to) {
        return Fate::Stays(4, "has not the routing that is live");
    }
    Fate::Goes { from, to }
}

impl World {
    /// `mode: rollback`, started by hand: what was live before is live again, or nothing is written.
    pub(crate) fn take_back(&mut self, index: usize, wish: Wish) {
        let id = FLOWS[index];
        let before = self.stage.sandbox.state();
        let (versions, publications) = self.stage.writes();
        let fate = foretell(&before, id, wish);
        let to = match wish
            .rung
            .map(|rung| ladder(&before, id).into_iter().nth(rung))
        {
            None => "previous".to_owned(),
            Some(None) => NOWHERE.to_owned(),
            Some(Some((number, _))) => number.to_string(),
        };
        let payload = json!({"ref": "refs/heads/main", "inputs": {}});
        let done = self
            .begun("workflow_dispatch", &payload)
            .env("FLOWGATE_MODE", "rollback")
            .env("FLOWGATE_FLOW", id)
            .env("FLOWGATE_TO", &to)
            .env("FLOWGATE_MAX_ROLLBACK_DEPTH", &wish.depth.to_string())
            .end();
        let writes = self.stage.writes();
        match fate {
            Fate::Stays(code, says) => {
                done.ends(code, says);
                assert_eq!(writes, (versions, publications), "nothing is written");
            }
            Fate::Goes { from, to } => {
                done.ends(0, "1 taken back");
                assert_eq!(writes, (versions, publications + 1), "nothing is created");
                assert_eq!(live(&self.stage.sandbox.state(), id), Live::Merge(to));
                self.lines[index].go(from, to);
            }
        }
    }
}
