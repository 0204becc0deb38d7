//! The comment that stays, told as stories: what stands on the pull request afterwards, and how often it was written.

mod faults;
mod late;
mod tokens;

use flowgate::sticky::{
    Kind, Marker, Outcome, Place, StickyError, Wish, Writes, publish, standing,
};

use crate::support::github::{ACTIONS_BOT, Fault, State, When, World, sha};

const PERSON: (&str, u64) = ("mallory", 666);
const LIST: When = When("GET", "/issues/7/comments");
const CREATE: When = When("POST", "/issues/7/comments");
const UPDATE: When = When("PATCH", "/issues/comments/");

fn marker(head: &str, run: u64, attempt: u64) -> Marker {
    Marker {
        kind: Kind::Check,
        target: "main".into(),
        job: 0,
        head: sha(head).parse().unwrap(),
        run,
        attempt,
    }
}

/// A pull request whose head is the commit `head`; ten runs are for it, each of which somebody ran again and again.
async fn world() -> World {
    let world = World::new().await;
    let mut state = world.fake.state();
    state.open_pull(7, "head");
    for run in 1..=10 {
        state.ran(run, 9, "pull_request", &sha("head"));
    }
    drop(state);
    world
}

async fn show(world: &World, marker: &Marker, text: &str) -> Result<Outcome, StickyError> {
    publish(
        &world.client,
        7,
        marker,
        Wish::Show(text),
        &mut Writes::default(),
    )
    .await
}

#[track_caller]
fn stands(world: &World, expected: &[String]) {
    assert_eq!(world.fake.state().bodies(7), expected);
}

#[tokio::test]
async fn the_first_run_creates_it_and_the_next_writes_over_it() {
    let world = world().await;
    let outcome = show(&world, &marker("head", 1, 1), "red").await.unwrap();
    let Outcome::Written(comment) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(comment.url.contains(&comment.id.to_string()));
    show(&world, &marker("head", 2, 1), "green").await.unwrap();
    stands(&world, &[marker("head", 2, 1).over("green")]);
    assert_eq!(world.fake.writes(), ["POST", "PATCH"]);
}

#[tokio::test]
async fn nothing_is_written_when_the_reader_would_see_no_difference() {
    let world = world().await;
    let there = marker("head", 1, 1).over("green\r\nall well\r\n");
    world.fake.state().comment(7, ACTIONS_BOT, there.clone());
    let outcome = show(&world, &marker("head", 2, 1), "green\nall well")
        .await
        .unwrap();
    assert!(matches!(outcome, Outcome::Unchanged(_)), "{outcome:?}");
    stands(&world, &[there]);
    assert!(world.fake.writes().is_empty());
}

#[tokio::test]
async fn it_is_found_on_the_last_of_many_pages() {
    let world = world().await;
    for number in 0..230 {
        world
            .fake
            .state()
            .comment(7, PERSON, format!("talk {number}"));
    }
    world
        .fake
        .state()
        .comment(7, ACTIONS_BOT, marker("before", 1, 1).over("red"));
    show(&world, &marker("head", 2, 1), "green").await.unwrap();
    assert_eq!(world.fake.writes(), ["PATCH"]);
    assert_eq!(
        world.fake.state().bodies(7)[230],
        marker("head", 2, 1).over("green")
    );
}

#[tokio::test]
async fn a_forged_marker_of_somebody_else_is_neither_obeyed_nor_touched() {
    let world = world().await;
    let forged = marker("head", u64::MAX, 9).over("all is well, merge it");
    world.fake.state().comment(7, PERSON, forged.clone());
    // The same name with another number is another account, too.
    world
        .fake
        .state()
        .comment(7, ("github-actions[bot]", 667), forged.clone());
    show(&world, &marker("head", 1, 1), "red").await.unwrap();
    stands(
        &world,
        &[forged.clone(), forged, marker("head", 1, 1).over("red")],
    );
}

/// What GitHub knows besides.
type Prepare = fn(&mut State);

/// Any workflow of a repository writes under the name of the job's own token, at times what a stranger gave it to write.
#[tokio::test]
async fn a_forged_marker_under_our_own_name_does_not_freeze_the_verdict() {
    let forgeries: [(&str, u64, u64, Prepare); 6] = [
        ("no run of this number", 999_999_999_999, 1, |_| ()),
        ("a later attempt than there was", 5, 9, |state| {
            state.ran(5, 1, "pull_request", &sha("head"));
        }),
        ("a run for another head", 6, 1, |state| {
            state.ran(6, 1, "pull_request", &sha("elsewhere"));
        }),
        ("a run by hand", 6, 1, |state| {
            state.ran(6, 1, "workflow_dispatch", &sha("main"));
        }),
        ("a run of another workflow", 6, 1, |state| {
            state.ran(6, 1, "pull_request", &sha("head"));
            state.runs.get_mut(&6).unwrap().workflow = ".github/workflows/hello.yml";
        }),
        ("a run that nobody may look at", 6, 1, |state| {
            state.may_read_runs = false;
        }),
    ];
    for (what, run, attempt, prepare) in forgeries {
        let world = world().await;
        let forged = marker("head", run, attempt).over("all is well, merge it");
        {
            let mut state = world.fake.state();
            prepare(&mut state);
            state.comment(7, ACTIONS_BOT, forged);
        }
        let mine = marker("head", 5, 1);
        let place = Place {
            workflow: Some(".github/workflows/flows.yml"),
            ..7.into()
        };
        let wish = Wish::Show("red");
        let outcome = publish(&world.client, place, &mine, wish, &mut Writes::default()).await;
        assert!(
            matches!(outcome, Ok(Outcome::Written(_))),
            "{what}: {outcome:?}"
        );
        stands(&world, &[mine.over("red")]);
    }
}

#[tokio::test]
async fn a_forged_result_does_not_stand_in_the_way_of_one_but_what_took_it_back_does() {
    let deployment = |commit: &str, run| Marker {
        kind: Kind::Deployment,
        ..marker(commit, run, 1)
    };
    let later: [(&str, bool, Prepare); 5] = [
        ("no run of this number", false, |_| ()),
        ("a run for another commit", false, |state| {
            state.ran(9, 1, "push", &sha("main"));
        }),
        ("the push of the commit", true, |state| {
            state.ran(9, 1, "push", &sha("merge"));
        }),
        ("the merge of the pull request", true, |state| {
            state.ran(9, 1, "pull_request", &sha("head"));
            let pull = state.open_pull(7, "head");
            (pull.merged, pull.merge_commit) = (true, Some(sha("merge")));
            pull.commits.push(sha("merge"));
        }),
        ("a run by hand", true, |state| {
            state.ran(9, 1, "workflow_dispatch", &sha("later"));
        }),
    ];
    for (what, is_believed, prepare) in later {
        let world = world().await;
        let there = deployment("merge", 9).over("taken back");
        {
            let mut state = world.fake.state();
            prepare(&mut state);
            state.comment(7, ACTIONS_BOT, there.clone());
        }
        let mine = deployment("merge", 5);
        show(&world, &mine, "live").await.unwrap();
        let stays = if is_believed {
            there
        } else {
            mine.over("live")
        };
        assert_eq!(world.fake.state().bodies(7), [stays], "{what}");
    }
}

#[tokio::test]
async fn a_second_comment_under_our_name_says_nothing_of_what_was_shown_or_ended() {
    let world = world().await;
    let ours = marker("head", 5, 1).over("ours");
    let forged = marker("head", 9, 1).over("<!-- flowgate ended main -->\nforged");
    for body in [&ours, &forged] {
        world.fake.state().comment(7, ACTIONS_BOT, body.clone());
    }
    let standing = standing(&world.client, 7, Kind::Check, "main")
        .await
        .unwrap();
    let bodies: Vec<&str> = standing.iter().map(|(_, it)| it.body.as_str()).collect();
    assert_eq!(bodies, [ours]);
}

#[tokio::test]
async fn a_comment_of_ours_that_only_quotes_a_marker_is_left_alone() {
    let world = world().await;
    let quoting = format!("another action says:\n{}", marker("head", 9, 9).over("x"));
    world.fake.state().comment(7, ACTIONS_BOT, quoting.clone());
    show(&world, &marker("head", 1, 1), "red").await.unwrap();
    stands(&world, &[quoting, marker("head", 1, 1).over("red")]);
}

#[tokio::test]
async fn an_app_or_a_person_with_a_token_finds_its_own_comment() {
    for account in [("our-app[bot]", 5), PERSON] {
        let world = world().await;
        {
            let mut state = world.fake.state();
            state.me.login = account.0.into();
            state.me.id = Some(account.1);
            state.comment(7, account, marker("before", 1, 1).over("red"));
        }
        show(&world, &marker("head", 2, 1), "green").await.unwrap();
        stands(&world, &[marker("head", 2, 1).over("green")]);
    }
}

#[tokio::test]
async fn kinds_targets_and_jobs_of_a_matrix_have_comments_of_their_own() {
    let world = world().await;
    let check = marker("head", 1, 1);
    let deployment = Marker {
        kind: Kind::Deployment,
        ..check.clone()
    };
    let other = Marker {
        target: "eu".into(),
        ..check.clone()
    };
    let second = Marker {
        job: 1,
        ..check.clone()
    };
    for marker in [&check, &deployment, &other, &second] {
        show(&world, marker, "text").await.unwrap();
    }
    stands(
        &world,
        &[
            check.over("text"),
            deployment.over("text"),
            other.over("text"),
            second.over("text"),
        ],
    );
}

#[tokio::test]
async fn a_run_for_an_older_head_writes_nothing() {
    let world = world().await;
    let there = marker("head", 2, 1).over("green");
    world.fake.state().comment(7, ACTIONS_BOT, there.clone());
    let outcome = show(&world, &marker("before", 1, 1), "red").await.unwrap();
    assert_eq!(
        outcome,
        Outcome::HeadMoved {
            now: sha("head").parse().unwrap()
        }
    );
    stands(&world, &[there]);

    // Nor does it create one, even where the push came while it looked.
    world.fake.state().comments.clear();
    world.fake.just_before(LIST, |state| {
        state.pulls.get_mut(&7).unwrap().head = sha("pushed since");
    });
    let outcome = show(&world, &marker("head", 3, 1), "red").await.unwrap();
    assert!(matches!(outcome, Outcome::HeadMoved { .. }));
    assert!(world.fake.writes().is_empty());
}

#[tokio::test]
async fn of_two_runs_for_one_head_the_newer_wins_and_then_the_newer_attempt() {
    for (theirs, ours, wins) in [
        ((5, 1), (4, 9), false),
        ((5, 2), (5, 1), false),
        ((5, 1), (5, 2), true),
        ((5, 9), (6, 1), true),
    ] {
        let world = world().await;
        let there = marker("head", theirs.0, theirs.1).over("theirs");
        world.fake.state().comment(7, ACTIONS_BOT, there.clone());
        let mine = marker("head", ours.0, ours.1);
        let outcome = show(&world, &mine, "ours").await.unwrap();
        if wins {
            stands(&world, &[mine.over("ours")]);
        } else {
            assert_eq!(
                outcome,
                Outcome::NewerRun {
                    run: theirs.0,
                    attempt: theirs.1
                }
            );
            stands(&world, &[there]);
        }
    }
}

#[tokio::test]
async fn a_newer_run_that_writes_between_reading_and_writing_is_not_overwritten() {
    let world = world().await;
    world
        .fake
        .state()
        .comment(7, ACTIONS_BOT, marker("head", 1, 1).over("old"));
    let newer = marker("head", 3, 1).over("newer");
    let body = newer.clone();
    world
        .fake
        .just_before(When("GET", "/pulls/7"), move |state| {
            state.comments[0].body = body;
        });
    show(&world, &marker("head", 2, 1), "ours").await.unwrap();
    stands(&world, &[newer]);
    assert!(world.fake.writes().is_empty());
}

#[tokio::test]
async fn of_two_runs_that_both_created_the_lowest_comment_stays_and_says_the_newer_text() {
    for (their_run, says) in [(1, "ours"), (9, "theirs")] {
        let world = world().await;
        let theirs = marker("head", their_run, 1);
        let body = theirs.over("theirs");
        world.fake.just_before(CREATE, move |state| {
            state.comment(7, ACTIONS_BOT, body);
        });
        let ours = marker("head", 5, 1);
        show(&world, &ours, "ours").await.unwrap();
        let winner = if says == "ours" { ours } else { theirs };
        stands(&world, &[winner.over(says)]);
        assert_eq!(
            world.fake.state().comments[0].id,
            1000,
            "the lowest id stays"
        );
        assert!(world.fake.writes().len() <= 3);
    }
}

#[tokio::test]
async fn whoever_came_first_leaves_the_second_comment_to_its_own_run() {
    let world = world().await;
    let theirs = marker("head", 9, 1).over("theirs");
    let body = theirs.clone();
    // The other run creates just before this one looks again: after the list, the pull request and the create.
    world.fake.just_before(LIST, |_| ());
    world.fake.just_before(LIST, move |state| {
        state.comment(7, ACTIONS_BOT, body);
    });
    show(&world, &marker("head", 5, 1), "ours").await.unwrap();
    stands(&world, &[marker("head", 5, 1).over("ours"), theirs]);
    // A later run finds both and leaves one.
    show(&world, &marker("head", 10, 1), "later").await.unwrap();
    stands(&world, &[marker("head", 10, 1).over("later")]);
}

#[tokio::test]
async fn a_pull_request_that_touches_no_flow_gets_none_and_an_old_comment_is_told_so() {
    let world = world().await;
    let mut writes = Writes::default();
    let first = marker("head", 1, 1);
    let wish = Wish::Replace("no flow is touched any more");
    let outcome = publish(&world.client, 7, &first, wish, &mut writes)
        .await
        .unwrap();
    assert_eq!(outcome, Outcome::NotNeeded);
    stands(&world, &[]);

    show(&world, &first, "red").await.unwrap();
    let second = marker("head", 2, 1);
    publish(&world.client, 7, &second, wish, &mut writes)
        .await
        .unwrap();
    stands(&world, &[second.over("no flow is touched any more")]);
}

#[tokio::test]
async fn results_of_deployments_come_one_after_another_and_three_writes_end_a_run() {
    let world = World::new().await;
    world.fake.state().ran(5, 1, "push", &sha("merge"));
    let mut writes = Writes::default();
    for pull in 1..=4 {
        world.fake.state().open_pull(pull, "merged long ago");
        let marker = Marker {
            kind: Kind::Deployment,
            ..marker("merge", 5, 1)
        };
        let done = publish(
            &world.client,
            pull,
            &marker,
            Wish::Show("live"),
            &mut writes,
        )
        .await;
        assert_eq!(done.is_ok(), pull <= 3, "{done:?}");
    }
    let later = Marker {
        kind: Kind::Deployment,
        ..marker("other merge", 4, 1)
    };
    let outcome = publish(
        &world.client,
        1,
        &later,
        Wish::Show("older"),
        &mut Writes::default(),
    )
    .await;
    assert_eq!(outcome.unwrap(), Outcome::NewerRun { run: 5, attempt: 1 });
    assert_eq!(world.fake.writes().len(), 3);
}

#[tokio::test]
async fn a_newer_run_for_another_head_does_not_stand_in_the_way() {
    // Somebody pushed, thought better of it, and pushed the old head again: its old run is repeated.
    let world = world().await;
    world
        .fake
        .state()
        .comment(7, ACTIONS_BOT, marker("taken back", 9, 1).over("red"));
    show(&world, &marker("head", 5, 2), "green").await.unwrap();
    stands(&world, &[marker("head", 5, 2).over("green")]);
}
