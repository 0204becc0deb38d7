//! Runs against model servers under paused time: how long a run takes, and how often it is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;

/// A server that counts as real ones do: what it refuses is not counted.
enum Server {
    Bucket {
        rate: f64,
        tokens: f64,
        at: Instant,
    },
    Window {
        rate: u32,
        used: u32,
        start: Instant,
    },
}

impl Server {
    fn accepts(&mut self) -> bool {
        let now = Instant::now();
        match self {
            Server::Bucket { rate, tokens, at } => {
                *tokens = (*tokens + (now - *at).as_secs_f64() * *rate).min(*rate);
                *at = now;
                let yes = *tokens >= 1.0;
                if yes {
                    *tokens -= 1.0;
                }
                yes
            }
            Server::Window { rate, used, start } => {
                if now - *start >= Duration::from_secs(1) {
                    *start += Duration::from_secs((now - *start).as_secs());
                    *used = 0;
                }
                let yes = *used < *rate;
                if yes {
                    *used += 1;
                }
                yes
            }
        }
    }
}

/// How long a request takes: always the same, or unevenly, by a generator that is no secret.
#[derive(Clone, Copy)]
struct Way {
    latency: Duration,
    uneven: bool,
}

impl Way {
    fn there_or_back(self, seed: &AtomicU32) -> Duration {
        let number = seed
            .fetch_add(1, Ordering::SeqCst)
            .wrapping_mul(2_654_435_761);
        let more = f64::from(number >> 16) / f64::from(u16::MAX);
        (self.latency / 2).mul_f64(if self.uneven { 1.0 + more } else { 1.0 })
    }
}

/// A run against a model server, and how often it was refused.
struct Model {
    budget: Budget,
    server: Mutex<Server>,
    way: Way,
    refused: AtomicU32,
    seed: AtomicU32,
}

impl Model {
    fn of(server: Server, way: Way) -> Arc<Self> {
        Arc::new(Self {
            budget: Budget::new(Limits::default()),
            server: Mutex::new(server),
            way,
            refused: AtomicU32::new(0),
            seed: AtomicU32::new(7),
        })
    }

    /// One request, until it is served.
    async fn call(&self) {
        loop {
            let permit = self.budget.admit(Lateness::TooLate).await.unwrap();
            tokio::time::sleep(self.way.there_or_back(&self.seed)).await;
            let accepted = self.server.lock().unwrap().accepts();
            tokio::time::sleep(self.way.there_or_back(&self.seed)).await;
            if accepted {
                return permit.served();
            }
            self.refused.fetch_add(1, Ordering::SeqCst);
            permit.refused(Some(Duration::from_secs(1)));
        }
    }

    /// So many jobs of so many calls one after the other, four jobs at once.
    async fn work(self: &Arc<Self>, jobs: u32, calls: u32) {
        let left = Arc::new(AtomicU32::new(jobs));
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let (model, left) = (self.clone(), left.clone());
                tokio::spawn(async move {
                    let one_less = |left: u32| left.checked_sub(1);
                    while left
                        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less)
                        .is_ok()
                    {
                        for _ in 0..calls {
                            model.call().await;
                        }
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
    }

    /// A deployment: each flow is asked about by two calls at once for the plan, and then needs five in a row.
    async fn deploy(self: &Arc<Self>, flows: u32) {
        let (one, two) = (self.clone(), self.clone());
        let one = tokio::spawn(async move { one.work(flows, 1).await });
        let two = tokio::spawn(async move { two.work(flows, 1).await });
        one.await.unwrap();
        two.await.unwrap();
        self.work(flows, 5).await;
    }
}

/// Both kinds of server; the client comes so many milliseconds after the beginning of a window.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Bucket,
    Window(u64),
}

const KINDS: [Kind; 5] = [
    Kind::Bucket,
    Kind::Window(0),
    Kind::Window(300),
    Kind::Window(500),
    Kind::Window(800),
];

impl Kind {
    fn server(self, rate: u32) -> Server {
        let now = Instant::now();
        match self {
            Kind::Bucket => Server::Bucket {
                rate: f64::from(rate),
                tokens: f64::from(rate),
                at: now,
            },
            Kind::Window(old) => Server::Window {
                rate,
                used: 0,
                start: now - Duration::from_millis(old),
            },
        }
    }
}

/// Runs a deployment of so many flows, and complains where it takes longer than this many times what it must.
async fn complaint(flows: u32, kind: Kind, rate: u32, way: Way, most: f64) -> Option<String> {
    let model = Model::of(kind.server(rate), way);
    let began = Instant::now();
    model.deploy(flows).await;
    let seconds = began.elapsed().as_secs_f64();
    let best = f64::from(7 * flows) / f64::from(rate);
    let refused = model.refused.load(Ordering::SeqCst);
    let is_wrong = seconds > best * most || f64::from(refused) > 20.0 + best;
    is_wrong.then(|| {
        let Way { latency, uneven } = way;
        let took = seconds / best;
        format!("{kind:?} of {rate}/s, {latency:?}, uneven {uneven}: {took:.3} × {best:.2} s, {refused} refused")
    })
}

/// Four workers that could send this many times what the server allows.
fn way(rate: u32, times: f64, uneven: bool) -> Way {
    Way {
        latency: Duration::from_secs_f64(4.0 / (f64::from(rate) * times)),
        uneven,
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_flows_take_no_longer_than_the_limit_asks_for() {
    let mut slow = Vec::new();
    for rate in [5, 10, 20, 50] {
        for times in [1.05, 1.1, 1.2, 1.3, 1.5, 1.7, 2.0, 2.5, 3.0, 5.0, 20.0] {
            // Four workers that hardly exceed a window cannot make up for the second that a refusal costs them, and a run of
            // 14 s has no room for two.
            let most = if rate == 50 && times < 1.3 {
                1.25
            } else {
                1.15
            };
            for kind in KINDS {
                slow.extend(complaint(100, kind, rate, way(rate, times, false), most).await);
            }
        }
        // Some requests take twice as long as others.
        for times in [5.0, 10.0, 20.0] {
            for kind in KINDS {
                slow.extend(complaint(100, kind, rate, way(rate, times, true), 1.15).await);
            }
        }
    }
    assert!(slow.is_empty(), "{}: {slow:#?}", slow.len());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_flows_at_fifty_a_second_take_no_longer_either() {
    let mut slow = Vec::new();
    for times in [1.05, 1.5, 2.0, 20.0] {
        for kind in KINDS {
            slow.extend(complaint(1000, kind, 50, way(50, times, false), 1.15).await);
        }
    }
    assert!(slow.is_empty(), "{}: {slow:#?}", slow.len());
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
