//! How long a deployment takes against servers that limit it, and what nobody may do meanwhile. All in virtual time.

mod model;

use super::*;
use model::{Case, Kind, Run, deploy};

const KINDS: [Kind; 6] = [
    Kind::Bucket,
    Kind::Window(0),
    Kind::Window(300),
    Kind::Window(500),
    Kind::Window(800),
    Kind::Sliding,
];

/// `concurrency` where nobody sets it.
const USUAL: u32 = 4;

/// What is the same in all cases of a sweep.
const PLAIN: Case = Case {
    kind: Kind::Bucket,
    rate: 50,
    workers: USUAL,
    latency: Duration::ZERO,
    uneven: false,
    retry_after: true,
    hints: false,
    flows: 100,
};

/// How much is tried: a part, or with `FLOWGATE_SWEEP=whole` all of it, which takes minutes (`scripts/reliability`).
#[derive(Clone, Copy)]
enum Sweep {
    Part,
    Whole,
}

impl Sweep {
    fn wanted() -> Self {
        match std::env::var("FLOWGATE_SWEEP").as_deref() {
            Ok("whole") => Self::Whole,
            _ => Self::Part,
        }
    }

    fn rates(self, whole: &[u32]) -> &[u32] {
        match self {
            Sweep::Part => &whole[whole.len() - 1..],
            Sweep::Whole => whole,
        }
    }

    fn workers(self) -> &'static [u32] {
        match self {
            Sweep::Part => &[4, 16],
            Sweep::Whole => &[1, 4, 16],
        }
    }

    /// How many times what the server allows the workers could send.
    fn times(self) -> &'static [f64] {
        match self {
            Sweep::Part => &[1.05, 1.3, 20.0],
            Sweep::Whole => &[0.8, 1.0, 1.05, 1.2, 1.3, 1.5, 2.0, 5.0, 100.0],
        }
    }

    /// No server answers faster than in 2 ms or slower than in 500; the clock here knows whole milliseconds, one each way.
    fn cases(self, like: Case, kinds: &[Kind], rates: &[u32]) -> Vec<Case> {
        let mut cases = Vec::new();
        for &kind in kinds {
            for &rate in self.rates(rates) {
                for &workers in self.workers() {
                    for times in self.times() {
                        let each_way = f64::from(workers) / (f64::from(rate) * times) / 2.0;
                        let each_way = (each_way * 1000.0).round().clamp(1.0, 250.0);
                        cases.push(Case {
                            kind,
                            rate,
                            workers,
                            latency: Duration::from_secs_f64(each_way / 500.0),
                            ..like
                        });
                    }
                }
            }
        }
        cases
    }
}

/// Runs all of them, prints the worst, and complains of each that is too slow or was refused more often than it should be.
async fn hold(what: &str, cases: Vec<Case>, is_fine: impl Fn(&Run) -> bool) {
    let mut runs = Vec::new();
    for case in cases {
        runs.push((case, deploy(case).await));
    }
    let worst = |of: fn(&Run) -> f64| runs.iter().map(|(_, run)| of(run)).fold(0.0, f64::max);
    println!(
        "MODEL | {what} | {} | {:.2} | {:.1}",
        runs.len(),
        worst(Run::times),
        worst(Run::lost)
    );
    let complaints: Vec<String> = runs
        .iter()
        .filter(|(case, run)| {
            // Whoever is under way when the first one is refused, and now and then one who felt for more.
            let under_way = 8 * case.workers;
            let tries = 25 + case.flows / 20;
            !is_fine(run) || run.refused > under_way + tries
        })
        .map(|(case, run)| {
            let (times, lost, refused) = (run.times(), run.lost(), run.refused);
            format!("{times:.2}, {lost:.1} s lost, {refused} refused: {case:?}")
        })
        .collect();
    assert!(complaints.is_empty(), "{what}: {complaints:#?}");
}

async fn what_the_limit_asks_for(sweep: Sweep) {
    let cases = sweep.cases(PLAIN, &KINDS, &[1, 3, 10, 25, 50]);
    hold("up to 50/s", cases, |run| run.times() <= 1.15).await;
    let cases = sweep.cases(PLAIN, &KINDS, &[100, 200]);
    let (many, few): (Vec<Case>, Vec<Case>) =
        cases.into_iter().partition(|case| case.workers > USUAL);
    let what = "100 and 200/s, as many workers as usual or fewer";
    hold(what, few, |run| run.times() <= 1.15).await;
    // Each refusal is a second in which nobody may send, and a run of 4 to 7 s cannot always make up for it.
    hold("100 and 200/s, four times as many workers", many, |run| {
        run.times() <= 1.15 || run.lost() <= 2.0
    })
    .await;
    let kinds = [Kind::Bucket, Kind::Window(500)];
    let like = Case {
        flows: 1000,
        ..PLAIN
    };
    let cases = match sweep {
        Sweep::Part => Vec::from([true, false].map(|quick| Case {
            kind: kinds[1],
            latency: Duration::from_millis(if quick { 4 } else { 76 }),
            ..like
        })),
        Sweep::Whole => sweep.cases(like, &kinds, &[50, 200]),
    };
    hold("a thousand flows", cases, |run| run.times() <= 1.15).await;
}

async fn no_two_at_once(sweep: Sweep) {
    for (what, retry_after, hints) in [
        ("a bucket of one token, `Retry-After`", true, false),
        ("a bucket of one token, hints", false, true),
        ("a bucket of one token, neither", false, false),
    ] {
        let like = Case {
            retry_after,
            hints,
            ..PLAIN
        };
        let cases = sweep.cases(like, &[Kind::Single], &[1, 10, 200, 50]);
        hold(what, cases, |run| run.times() <= 1.15 || run.lost() <= 18.0).await;
    }
    let like = Case {
        kind: Kind::Single,
        latency: Duration::from_millis(20),
        retry_after: false,
        hints: true,
        flows: 1000,
        ..PLAIN
    };
    hold(
        "a thousand flows, a bucket of one token",
        vec![like],
        |run| run.times() <= 1.2,
    )
    .await;
}

async fn whatever_is_said(sweep: Sweep) {
    for (what, retry_after, hints, lost) in [
        ("what is left is said", true, true, 0.0),
        ("it is, and `Retry-After` not", false, true, 0.0),
        ("neither is said", false, false, 6.0),
    ] {
        let like = Case {
            retry_after,
            hints,
            ..PLAIN
        };
        let cases = sweep.cases(like, &KINDS, &[1, 10, 50]);
        hold(what, cases, |run| run.times() <= 1.18 || run.lost() <= lost).await;
    }
}

async fn an_uneven_way(sweep: Sweep) {
    let like = Case {
        uneven: true,
        ..PLAIN
    };
    let cases = sweep.cases(like, &KINDS, &[1, 3, 10, 50]);
    hold("some answers take twice as long", cases, |run| {
        run.times() <= 1.6
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_deployment_takes_no_longer_than_the_limit_asks_for() {
    what_the_limit_asks_for(Sweep::wanted()).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_bears_no_two_at_once_is_felt_for_and_then_used() {
    no_two_at_once(Sweep::wanted()).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_server_says_or_does_not_say_makes_nobody_slow() {
    whatever_is_said(Sweep::wanted()).await;
}

#[tokio::test(start_paused = true)]
async fn an_uneven_way_costs_a_little() {
    an_uneven_way(Sweep::wanted()).await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_keeps_everybody_back_for_as_long_as_the_server_asks() {
    let budget = Budget::new(Limits::default());
    let began = Instant::now();
    let bystander = budget.admit(Lateness::TooLate).await.unwrap();
    let permit = budget.admit(Lateness::TooLate).await.unwrap();
    permit.refused(Some(Duration::from_secs(7)));
    drop(bystander);
    drop(budget.admit(Lateness::TooLate).await.unwrap());
    assert_eq!(began.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_set_rate_is_never_exceeded() {
    let budget = Budget::new(Limits {
        per_second: Some(3),
        ..Limits::default()
    });
    let mut sent = Vec::new();
    for _ in 0..10 {
        let permit = budget.admit(Lateness::TooLate).await.unwrap();
        sent.push(Instant::now());
        drop(permit);
    }
    for (first, fourth) in sent.iter().zip(sent.iter().skip(3)) {
        assert!(*fourth - *first >= Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_turn_that_comes_too_late() {
    let budget = Budget::new(Limits {
        run: Duration::from_secs(10),
        per_second: None,
    });
    budget.close_for(Duration::from_secs(11));
    let began = Instant::now();
    assert!(budget.admit(Lateness::TooLate).await.is_err());
    assert!(budget.admit(Lateness::Tolerated).await.is_err());
    assert_eq!(began.elapsed(), Duration::ZERO, "it says so at once");

    tokio::time::sleep(Duration::from_secs(12)).await;
    assert!(budget.admit(Lateness::TooLate).await.is_err());
    assert!(
        budget.admit(Lateness::Tolerated).await.is_ok(),
        "a late run may still look what it has done"
    );
}

#[tokio::test(start_paused = true)]
async fn an_absurd_wait_is_refused_and_overflows_nothing() {
    let budget = Budget::new(Limits {
        run: Duration::MAX,
        per_second: None,
    });
    let permit = budget.admit(Lateness::TooLate).await.unwrap();
    permit.refused(Some(Duration::MAX));
    assert!(budget.has_time_for(Duration::MAX).is_err());
}
