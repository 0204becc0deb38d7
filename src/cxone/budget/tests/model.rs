//! A deployment against a model server in virtual time: how long it takes, and how often it is refused.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::*;

const SECOND: Duration = Duration::from_secs(1);

/// How a server counts. What it refuses is not counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A token bucket that holds a second's worth.
    Bucket,
    /// One that holds a single token.
    Single,
    /// A fixed window; the client comes so many milliseconds after one has begun.
    Window(u64),
    /// No second sees more.
    Sliding,
}

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) kind: Kind,
    pub(super) rate: u32,
    pub(super) workers: u32,
    /// There and back; half as much again on average where the way is uneven.
    pub(super) latency: Duration,
    pub(super) uneven: bool,
    /// Whether a refusal says `Retry-After: 1`.
    pub(super) retry_after: bool,
    /// Whether each answer says what is left, and when it is more, in whole seconds.
    pub(super) hints: bool,
    pub(super) flows: u32,
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) took: Duration,
    /// What limit and workers allow at best.
    pub(super) best: Duration,
    pub(super) refused: u32,
}

impl Run {
    pub(super) fn times(&self) -> f64 {
        self.took.as_secs_f64() / self.best.as_secs_f64()
    }

    pub(super) fn lost(&self) -> f64 {
        self.took.as_secs_f64() - self.best.as_secs_f64()
    }
}

struct Server {
    kind: Kind,
    rate: u32,
    tokens: f64,
    at: Instant,
    /// When the requests of this window, or of the last second, were counted.
    counted: VecDeque<Instant>,
    window: Instant,
}

impl Server {
    fn new(kind: Kind, rate: u32) -> Self {
        let now = Instant::now();
        let old = if let Kind::Window(old) = kind { old } else { 0 };
        Self {
            kind,
            rate,
            tokens: f64::from(rate),
            at: now,
            counted: VecDeque::new(),
            window: now - Duration::from_millis(old),
        }
    }

    /// Whether it serves one more, and if hints are asked for: for how many whole seconds it serves no other.
    fn accepts(&mut self) -> (bool, Option<Duration>) {
        let now = Instant::now();
        let deep = if self.kind == Kind::Single {
            1.0
        } else {
            f64::from(self.rate)
        };
        let gained = (now - self.at).as_secs_f64() * f64::from(self.rate);
        self.tokens = (self.tokens + gained).min(deep);
        self.at = now;
        match self.kind {
            Kind::Window(_) if now - self.window >= SECOND => {
                self.window += Duration::from_secs((now - self.window).as_secs());
                self.counted.clear();
            }
            Kind::Bucket | Kind::Single | Kind::Window(_) => {}
            Kind::Sliding => self.counted.retain(|&counted| now - counted < SECOND),
        }
        let left = |server: &Self| match server.kind {
            Kind::Bucket | Kind::Single => server.tokens + 1e-9,
            _ => f64::from(server.rate) - f64::from(u32::try_from(server.counted.len()).unwrap()),
        };
        let accepts = left(self) >= 1.0;
        if accepts {
            self.tokens -= 1.0;
            self.counted.push_back(now);
        }
        // Less than a second in every case, and said in whole ones.
        (accepts, (left(self) < 1.0).then_some(SECOND))
    }
}

struct Model {
    budget: Budget,
    server: Mutex<Server>,
    case: Case,
    refused: AtomicU32,
    /// A generator that is no secret.
    seed: AtomicU32,
}

impl Model {
    fn random(&self) -> f64 {
        let seed = self.seed.fetch_add(1, Ordering::SeqCst);
        f64::from(seed.wrapping_mul(2_654_435_761) >> 16) / f64::from(u16::MAX)
    }

    fn there_or_back(&self) -> Duration {
        let Case {
            latency, uneven, ..
        } = self.case;
        (latency / 2).mul_f64(if uneven { 1.0 + self.random() } else { 1.0 })
    }

    /// One request, until it is served.
    async fn call(&self) {
        let mut most = SECOND;
        loop {
            let permit = self.budget.admit(Lateness::TooLate).await.unwrap();
            tokio::time::sleep(self.there_or_back()).await;
            let (accepted, used_up) = self.server.lock().unwrap().accepts();
            tokio::time::sleep(self.there_or_back()).await;
            let used_up = used_up.filter(|_| self.case.hints);
            if accepted {
                permit.served();
                used_up.inspect(|&reset| self.budget.used_up(reset));
                return;
            }
            self.refused.fetch_add(1, Ordering::SeqCst);
            let asked = self.case.retry_after.then_some(SECOND).or(used_up);
            permit.refused(asked);
            if asked.is_none() {
                tokio::time::sleep(most.mul_f64(self.random())).await;
                most = (most * 2).min(Duration::from_secs(60));
            }
        }
    }

    /// So many jobs of so many calls one after the other.
    async fn work(self: &Arc<Self>, at_once: u32, jobs: u32, calls: u32) {
        let left = Arc::new(AtomicU32::new(jobs));
        let workers: Vec<_> = (0..at_once)
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
}

/// A deployment: for the plan each flow is asked about by two calls, four times as many flows at once as are then
/// deployed; after that it needs five calls in a row.
pub(super) async fn deploy(case: Case) -> Run {
    let model = Arc::new(Model {
        budget: Budget::new(Limits {
            run: LONGEST,
            per_second: None,
        }),
        server: Mutex::new(Server::new(case.kind, case.rate)),
        case,
        refused: AtomicU32::new(0),
        seed: AtomicU32::new(7),
    });
    let began = Instant::now();
    let asking = 8 * case.workers;
    model.work(asking, 2 * case.flows, 1).await;
    model.work(case.workers, case.flows, 5).await;
    let latency = case.latency.mul_f64(if case.uneven { 1.5 } else { 1.0 });
    let best = |calls: u32, at_once: u32| {
        let by_limit = SECOND * calls / case.rate;
        by_limit.max(latency * calls / at_once)
    };
    Run {
        took: began.elapsed(),
        best: best(2 * case.flows, asking) + best(5 * case.flows, case.workers),
        refused: model.refused.load(Ordering::SeqCst),
    }
}
