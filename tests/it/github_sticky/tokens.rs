//! Whose comment it is, and whether anybody can see it.

use super::*;

const APP: (&str, u64) = ("our-app[bot]", 5);
const GRAPH: When = When("POST", "/graphql");

fn hidden(world: &World) -> Vec<bool> {
    let state = world.fake.state();
    state
        .comments
        .iter()
        .map(|comment| comment.hidden)
        .collect()
}

#[tokio::test]
async fn a_comment_that_somebody_hid_is_shown_again_when_it_has_news() {
    let world = world().await;
    show(&world, &marker("head", 1, 1), "red").await.unwrap();
    world.fake.state().comments[0].hidden = true;
    // The same about the same head: whoever hid it has read it.
    show(&world, &marker("head", 2, 1), "red").await.unwrap();
    assert_eq!(hidden(&world), [true]);
    show(&world, &marker("head", 3, 1), "worse").await.unwrap();
    assert_eq!(hidden(&world), [false]);
    // The same about another head is news, too.
    world.fake.state().comments[0].hidden = true;
    world.fake.state().open_pull(7, "next");
    show(&world, &marker("next", 4, 1), "worse").await.unwrap();
    assert_eq!(hidden(&world), [false]);
}

#[tokio::test]
async fn while_graphql_is_down_there_is_one_comment_all_the_same() {
    let (bot, app) = (ACTIONS_BOT, APP);
    for account in [bot, app] {
        let world = world().await;
        {
            let mut state = world.fake.state();
            state.me.login = account.0.into();
            state.me.id = Some(account.1);
            state.comment(7, account, marker("before", 1, 1).over("red"));
        }
        for _ in 0..20 {
            world.fake.fail_next(GRAPH, Fault::Status(502));
        }
        show(&world, &marker("head", 2, 1), "green").await.unwrap();
        stands(&world, &[marker("head", 2, 1).over("green")]);
        assert_eq!(world.fake.state().comments[0].id, 1000);
    }
}

#[tokio::test]
async fn what_stands_there_under_another_tokens_name_is_hidden_once_it_is_outdated() {
    let world = world().await;
    let old = marker("before", 1, 1).over("red");
    let person = marker("before", 1, 1).over("forged");
    world.fake.state().comment(7, APP, old.clone());
    world.fake.state().comment(7, PERSON, person.clone());
    let ours = marker("head", 2, 1);
    show(&world, &ours, "green").await.unwrap();
    stands(&world, &[old, person, ours.over("green")]);
    assert_eq!(
        hidden(&world),
        [true, false, false],
        "no person's is touched"
    );
    // What is hidden is not hidden again.
    let writes = world.fake.writes().len();
    show(&world, &marker("head", 3, 1), "green").await.unwrap();
    assert_eq!(world.fake.writes().len(), writes);
}

#[tokio::test]
async fn two_tokens_that_both_speak_of_this_head_leave_one_another_alone() {
    let world = world().await;
    world
        .fake
        .state()
        .comment(7, APP, marker("head", 1, 1).over("red"));
    show(&world, &marker("head", 2, 1), "green").await.unwrap();
    assert_eq!(hidden(&world), [false, false]);
}
