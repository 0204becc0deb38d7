//! The comment when GitHub fails, or may not be written to.

use super::*;
use crate::support::github::Barrier;

#[tokio::test]
async fn a_create_that_was_stored_in_spite_of_its_failure_is_not_repeated() {
    for fault in [Fault::DoneThenStatus(502), Fault::DoneThenDropped] {
        let world = world().await;
        world.fake.fail_next(CREATE, fault);
        let outcome = show(&world, &marker("head", 1, 1), "red").await.unwrap();
        assert!(matches!(outcome, Outcome::Written(_)));
        stands(&world, &[marker("head", 1, 1).over("red")]);
        assert_eq!(world.fake.writes(), ["POST"], "{fault:?}");
    }
}

#[tokio::test]
async fn a_create_that_was_not_stored_is_tried_once_more_and_no_more() {
    let world = world().await;
    world.fake.fail_next(CREATE, Fault::Dropped);
    show(&world, &marker("head", 1, 1), "red").await.unwrap();
    stands(&world, &[marker("head", 1, 1).over("red")]);
    assert_eq!(world.fake.writes(), ["POST", "POST"]);

    world.fake.state().comments.clear();
    for _ in 0..9 {
        world.fake.fail_next(CREATE, Fault::Status(500));
    }
    let error = show(&world, &marker("head", 1, 1), "red")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no comment on pull request #7: could not write the comment: GitHub answered 500: scripted; see \
         https://www.githubstatus.com, or the state of your own server, and run the job again"
    );
    assert_eq!(world.fake.writes().len(), 4);
}

#[tokio::test]
async fn an_update_that_failed_is_looked_at_before_it_is_repeated() {
    let there = marker("head", 1, 1).over("red");
    let green = marker("head", 2, 1);
    for (fault, writes) in [
        (Fault::DoneThenStatus(502), 1),
        (Fault::DoneThenDropped, 1),
        (Fault::Status(502), 2),
    ] {
        let world = world().await;
        world.fake.state().comment(7, ACTIONS_BOT, there.clone());
        world.fake.fail_next(UPDATE, fault);
        show(&world, &green, "green").await.unwrap();
        stands(&world, &[green.over("green")]);
        assert_eq!(world.fake.writes().len(), writes, "{fault:?}");
    }
}

#[tokio::test]
async fn a_secondary_limit_is_waited_for() {
    let world = world().await;
    world.fake.fail_next(CREATE, Fault::SecondaryLimit(30));
    show(&world, &marker("head", 1, 1), "red").await.unwrap();
    stands(&world, &[marker("head", 1, 1).over("red")]);
    assert_eq!(world.waits(), [30]);
}

#[tokio::test]
async fn a_comment_that_was_deleted_meanwhile_is_written_again() {
    let world = world().await;
    world
        .fake
        .state()
        .comment(7, ACTIONS_BOT, marker("head", 1, 1).over("red"));
    world
        .fake
        .just_before(When("GET", "/issues/comments/"), |state| {
            state.comments.clear();
        });
    show(&world, &marker("head", 2, 1), "green").await.unwrap();
    stands(&world, &[marker("head", 2, 1).over("green")]);
}

#[tokio::test]
async fn without_the_right_to_comment_the_missing_permission_is_named() {
    let world = world().await;
    world.fake.state().may_write = false;
    let error = show(&world, &marker("head", 1, 1), "red")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "no comment on pull request #7: could not write the comment: GitHub answered 403: Resource not accessible by \
         integration; the job lacks `permissions: pull-requests: write` (a run for a fork or by Dependabot has read rights \
         alone)"
    );
    assert_eq!(
        world.fake.writes(),
        ["POST"],
        "a refusal is not tried again"
    );
    // Where GitHub does not say that it is a right, that is a guess.
    for status in [403, 404] {
        world.fake.fail_next(LIST, Fault::Status(status));
        let error = show(&world, &marker("head", 1, 1), "red")
            .await
            .unwrap_err();
        let error = error.to_string();
        let guess = "this may mean that the job lacks `permissions: pull-requests: read`";
        assert!(error.ends_with(guess), "{error}");
        assert!(
            error.contains(&format!("GitHub answered {status}: scripted; ")),
            "{error}"
        );
    }
}

#[tokio::test]
async fn what_github_says_stands_before_advice_and_nothing_else_is_blamed() {
    for (barrier, advice) in [
        (Barrier::Locked, "unlock it"),
        (Barrier::Archived, "unarchives it"),
        (Barrier::Saml, "authorize the token"),
        (
            Barrier::IpAllowList,
            "is not on the organization's IP allow list",
        ),
    ] {
        let world = world().await;
        world.fake.state().barrier = Some(barrier);
        let error = show(&world, &marker("head", 1, 1), "red")
            .await
            .unwrap_err();
        let error = error.to_string();
        let (said, then) = error.split_once(barrier.words()).expect(&error);
        assert!(said.ends_with("GitHub answered 403: "), "{error}");
        assert!(then.contains(advice), "{error}");
        assert!(!error.contains("permissions:"), "{error}");
    }
}

#[tokio::test]
async fn a_body_that_github_would_refuse_is_never_sent() {
    let world = world().await;
    let marker = marker("head", 1, 1);
    let text = "é".repeat(marker.room());
    let long = format!("{text}.");
    assert!(matches!(
        show(&world, &marker, &long).await,
        Err(StickyError::TooLong { .. })
    ));
    assert!(world.fake.requests().is_empty());
    show(&world, &marker, &text).await.unwrap();
    stands(&world, &[marker.over(&text)]);
}

#[tokio::test]
async fn a_token_that_cannot_say_whose_it_is_still_leaves_one_comment() {
    let app = ("our-app[bot]", 5);
    let world = world().await;
    {
        let mut state = world.fake.state();
        state.me.login = app.0.into();
        state.me.id = Some(app.1);
        state.comment(7, app, marker("before", 1, 1).over("red"));
    }
    world
        .fake
        .fail_next(When("POST", "/graphql"), Fault::Status(403));
    show(&world, &marker("head", 2, 1), "green").await.unwrap();
    stands(&world, &[marker("head", 2, 1).over("green")]);
    assert_eq!(
        world.fake.state().comments[0].id,
        1000,
        "the author of what it wrote told it who it is"
    );
}

#[tokio::test]
async fn a_create_that_failed_while_another_run_created_ends_in_one_comment() {
    for (their_run, says) in [(1, "ours"), (9, "theirs")] {
        let world = world().await;
        let theirs = marker("head", their_run, 1);
        let body = theirs.over("theirs");
        world.fake.fail_next(CREATE, Fault::Status(502));
        world.fake.just_before(CREATE, move |state| {
            state.comment(7, ACTIONS_BOT, body);
        });
        let ours = marker("head", 5, 1);
        show(&world, &ours, "ours").await.unwrap();
        let winner = if says == "ours" { ours } else { theirs };
        stands(&world, &[winner.over(says)]);
    }
}
