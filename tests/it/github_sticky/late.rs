//! GitHub that knows of a push later than it starts the run for it.

use flowgate::sticky::Place;

use super::*;

async fn check_of_head(world: &World) -> Outcome {
    let before = sha("before").parse().unwrap();
    let place = Place {
        pull: 7,
        before: Some(&before),
        workflow: None,
    };
    let mine = marker("head", 3, 1);
    let wish = Wish::Show("red");
    publish(&world.client, place, &mine, wish, &mut Writes::default())
        .await
        .unwrap()
}

#[tokio::test]
async fn an_answer_that_still_names_the_head_before_this_push_is_asked_for_again() {
    let world = world().await;
    world.fake.state().pulls.get_mut(&7).unwrap().late_heads = vec![sha("before"), sha("before")];
    assert!(matches!(check_of_head(&world).await, Outcome::Written(_)));
    stands(&world, &[marker("head", 3, 1).over("red")]);
    assert_eq!(world.waits(), [1, 2]);
}

#[tokio::test]
async fn a_push_that_was_taken_back_is_believed_after_half_a_minute_and_another_one_at_once() {
    for (now, waited) in [("before", 30), ("a later one", 0)] {
        let world = world().await;
        world.fake.state().open_pull(7, now);
        let outcome = check_of_head(&world).await;
        assert!(matches!(outcome, Outcome::HeadMoved { .. }), "{outcome:?}");
        assert!(world.fake.writes().is_empty());
        assert_eq!(world.waits().iter().sum::<u64>(), waited, "{now}");
    }
}
