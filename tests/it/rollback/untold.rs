//! Tenants whose list of versions leaves something out: which versions were live, or what we wrote into them. What was
//! taken back stays so all the same, and nothing is taken for live that nobody said was.

use flowgate_sandbox::{Behaviour, Config, Fault, Operation};

use super::{take_back, twice_deployed_on};
use crate::run_deploy::stage::{Stage, flow};
use crate::run_deploy::{A, B};

fn tenant(that: Behaviour) -> Config {
    Config {
        behaviours: [that].into(),
        ..Config::default()
    }
}

/// Something else is merged: `accounts` is left as it is.
fn merge_something_else(stage: &mut Stage, says: &str) {
    let before = stage.head();
    stage.merge(9, &[(B, flow("billing", "1.0.0", "Hello"))]);
    stage.push(&before).end().ends(0, says);
    assert_eq!(stage.live("billing").as_deref(), Some("1.0.0"));
}

#[test]
fn which_versions_were_live_is_not_guessed() {
    let mut stage = twice_deployed_on(tenant(Behaviour::HidesPublication));
    let begun = take_back(&mut stage).end();
    begun.ends(4, "name the version to go back to, such as 1.0.0");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));

    let named = take_back(&mut stage).env("FLOWGATE_TO", "1.0.0").end();
    named.ends(0, "live, read back and right");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));

    let says = "1.1.0 is stored, and CXone does not tell whether it was live and was taken back";
    merge_something_else(&mut stage, says);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
    // Naming it is the way back.
    let named = stage.dispatch().env("FLOWGATE_FLOW", "accounts").end();
    named.ends(0, "makes 1.1.0 live, which CXone has stored already");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.1.0"));
}

#[test]
fn what_was_taken_back_is_known_by_reading_it_where_the_list_tells_no_content() {
    let mut stage = twice_deployed_on(tenant(Behaviour::ListsNoMetadata));
    take_back(&mut stage).end().ends(0, "1 taken back");
    merge_something_else(&mut stage, "1.1.0 was taken back");
    assert_eq!(stage.live("accounts").as_deref(), Some("1.0.0"));
}

#[test]
fn what_was_created_and_never_published_is_found_by_reading_it() {
    let mut stage = twice_deployed_on(tenant(Behaviour::ListsNoMetadata));
    let before = stage.head();
    stage.merge(3, &[(A, flow("accounts", "1.2.0", "Good evening"))]);
    let refused = Fault::status(403);
    stage.sandbox.fail_next(Operation::Publish, refused);
    stage.push(&before).end().ends(4, "flows:publish");
    let (versions, _) = stage.writes();
    let says = "makes 1.2.0 live, which CXone has stored already";
    merge_something_else(&mut stage, says);
    assert_eq!(stage.live("accounts").as_deref(), Some("1.2.0"));
    assert_eq!(stage.writes().0, versions + 1, "only that of billing");
}
