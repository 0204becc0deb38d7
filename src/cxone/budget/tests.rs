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

/// Seconds that four workers need for `requests`, and how many were refused on the way.
async fn run(server: Server, requests: u32, latency: Duration) -> (f64, u32) {
    let budget = Arc::new(Budget::new(Limits::default()));
    let server = Arc::new(Mutex::new(server));
    let (left, refused) = (
        Arc::new(AtomicU32::new(requests)),
        Arc::new(AtomicU32::new(0)),
    );
    let began = Instant::now();
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let (budget, server, left, refused) = (
                budget.clone(),
                server.clone(),
                left.clone(),
                refused.clone(),
            );
            tokio::spawn(async move {
                while left
                    .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                        left.checked_sub(1)
                    })
                    .is_ok()
                {
                    loop {
                        let permit = budget.admit(Lateness::TooLate).await.unwrap();
                        tokio::time::sleep(latency / 2).await;
                        let accepted = server.lock().unwrap().accepts();
                        tokio::time::sleep(latency / 2).await;
                        if accepted {
                            break;
                        }
                        refused.fetch_add(1, Ordering::SeqCst);
                        permit.refused(Some(Duration::from_secs(1)));
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    (
        began.elapsed().as_secs_f64(),
        refused.load(Ordering::SeqCst),
    )
}

#[tokio::test(start_paused = true)]
async fn a_limited_server_is_used_to_the_full_and_hardly_ever_annoyed() {
    let mut slow = Vec::new();
    for rate in [5_u32, 10, 20, 50] {
        for latency in [2, 10, 24, 50] {
            let latency = Duration::from_millis(latency);
            if f64::from(rate) * latency.as_secs_f64() / 4.0 > 0.5 {
                continue; // the workers hardly reach the limit: there is little to pace
            }
            for phase in [0, 300, 700] {
                let now = Instant::now();
                let window = Server::Window {
                    rate,
                    used: 0,
                    start: now - Duration::from_millis(phase),
                };
                let bucket = Server::Bucket {
                    rate: f64::from(rate),
                    tokens: f64::from(rate),
                    at: now,
                };
                for (name, server) in [("window", window), ("bucket", bucket)] {
                    let requests = 500;
                    let (seconds, refused) = run(server, requests, latency).await;
                    let best = f64::from(requests) / f64::from(rate);
                    if seconds > best * 1.15 || f64::from(refused) > 8.0 + best {
                        slow.push(format!(
                            "{name} of {rate}/s, latency {latency:?}, phase {phase}: {seconds:.2} s, best {best:.2} s, {refused} refused"
                        ));
                    }
                }
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
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
