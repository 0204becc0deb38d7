//! The figures of a deployment: the tutorial's five, latencies per operation, and counts by outcome.
//!
//! Pure: results and calls come in, values and a table go out. Where they are written to is the command's.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use flowgate_core::receipt::State;
use flowgate_core::report::json::SCHEMA_VERSION;
use flowgate_core::report::receipts::Deed;
use serde::Serialize;

use crate::cxone::{CallRecord, Operation};
use crate::deploy::Deployment;

/// The latencies of one operation.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Latency {
    /// How many calls.
    pub calls: usize,
    /// Half of them took no longer.
    pub p50_ms: u64,
    /// Of 100, 95 took no longer.
    pub p95_ms: u64,
    /// Of 100, 99 took no longer.
    pub p99_ms: u64,
}

/// The figures of a deployment.
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metrics {
    /// That of the reports: see [`SCHEMA_VERSION`].
    #[cfg_attr(test, schemars(extend("const" = SCHEMA_VERSION)))]
    pub schema_version: u32,
    /// Versions for which a write was sent.
    pub total_versions_processed: usize,
    /// Those of them that were published and were not found to be wrong.
    pub successful_snapshots: usize,
    /// The share of them, `97.50%`; `0.00%` where there was none (the tutorial's word).
    pub snapshot_success_rate: String,
    /// Mean time of creating a version; 0 where none was created (the tutorial's word).
    pub average_latency_ms: u64,
    /// Events of the run in the audit.
    pub audit_log_count: u64,
    /// Latencies per operation.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Latency>"))]
    pub latency: BTreeMap<Operation, Latency>,
    /// Requests that were repeats.
    pub retries: u64,
    /// Time spent waiting for a turn or before repeats, over all calls.
    pub waited_ms: u64,
    /// Versions that this run created.
    pub versions_created: usize,
    /// Versions that this run published, whatever came after.
    pub versions_published: usize,
    /// Flows with nothing to do.
    pub skipped: usize,
    /// Flows whose version before was published again: by a rollback, or because CXone showed other content.
    pub rolled_back: usize,
    /// Flows that something stood in the way of.
    pub blocked: usize,
    /// Flows that failed.
    pub failed: usize,
    /// Flows whose outcome is not known.
    pub unknown: usize,
}

impl Metrics {
    /// The figures of this deployment, whose calls were these.
    pub fn of(deployment: &Deployment, calls: &[CallRecord], deed: Deed) -> Self {
        let results = &deployment.results;
        let in_state = |state: State| {
            results
                .iter()
                .filter(|result| result.receipt.state == state)
                .count()
        };
        let processed = results
            .iter()
            .filter(|result| result.progress.attempted)
            .count();
        let successful = results
            .iter()
            .filter(|result| {
                result.progress.published
                    && matches!(
                        result.receipt.state,
                        State::Verified | State::PublishedUnverified
                    )
            })
            .count();
        let latency = latencies(calls);
        Self {
            schema_version: SCHEMA_VERSION,
            total_versions_processed: processed,
            successful_snapshots: successful,
            snapshot_success_rate: rate(successful, processed),
            average_latency_ms: average(calls),
            audit_log_count: deployment.audit_events,
            latency,
            retries: calls
                .iter()
                .map(|call| u64::from(call.attempts.saturating_sub(1)))
                .sum(),
            waited_ms: calls.iter().map(|call| call.waited_ms).sum(),
            versions_created: results
                .iter()
                .filter(|result| result.progress.created)
                .count(),
            versions_published: results
                .iter()
                .filter(|result| result.progress.published)
                .count(),
            skipped: in_state(State::Skipped),
            rolled_back: match deed {
                Deed::Deployed => in_state(State::RolledBack),
                Deed::TakenBack => successful,
            },
            blocked: in_state(State::Blocked),
            failed: in_state(State::Failed),
            unknown: in_state(State::Unknown),
        }
    }

    /// The figures as two small markdown tables. They hold no text from outside.
    pub fn markdown(&self) -> String {
        let rows = [
            (
                "Versions processed",
                self.total_versions_processed.to_string(),
            ),
            (
                "Successful snapshots",
                match self.total_versions_processed {
                    0 => "no version was written".to_owned(),
                    _ => format!(
                        "{} ({})",
                        self.successful_snapshots, self.snapshot_success_rate
                    ),
                },
            ),
            (
                "Average latency of a create",
                match self.latency.get(&Operation::CreateVersion) {
                    None => "none was sent".to_owned(),
                    Some(_) => format!("{} ms", self.average_latency_ms),
                },
            ),
            ("Audit events", self.audit_log_count.to_string()),
            (
                "Created · published",
                format!("{} · {}", self.versions_created, self.versions_published),
            ),
            (
                "Skipped · blocked",
                format!("{} · {}", self.skipped, self.blocked),
            ),
            (
                "Rolled back · failed · unknown",
                format!("{} · {} · {}", self.rolled_back, self.failed, self.unknown),
            ),
            (
                "Repeated requests · time waited",
                format!("{} · {} ms", self.retries, self.waited_ms),
            ),
        ];
        let mut table = "| Figure | Value |\n| --- | --- |\n".to_owned();
        for (name, value) in rows {
            let _infallible = writeln!(table, "| {name} | {value} |");
        }
        if !self.latency.is_empty() {
            table.push_str(
                "\n| Call | Calls | p50 | p95 | p99 |\n| --- | ---: | ---: | ---: | ---: |\n",
            );
        }
        for (operation, latency) in &self.latency {
            let Latency {
                calls,
                p50_ms,
                p95_ms,
                p99_ms,
            } = latency;
            let _infallible = writeln!(
                table,
                "| {operation} | {calls} | {p50_ms} ms | {p95_ms} ms | {p99_ms} ms |"
            );
        }
        table
    }
}

fn latencies(calls: &[CallRecord]) -> BTreeMap<Operation, Latency> {
    let mut times: BTreeMap<Operation, Vec<u64>> = BTreeMap::new();
    for call in calls {
        times
            .entry(call.operation)
            .or_default()
            .push(call.latency_ms);
    }
    times
        .into_iter()
        .map(|(operation, mut times)| {
            times.sort_unstable();
            let latency = Latency {
                calls: times.len(),
                p50_ms: percentile(&times, 50),
                p95_ms: percentile(&times, 95),
                p99_ms: percentile(&times, 99),
            };
            (operation, latency)
        })
        .collect()
}

/// Nearest rank: the smallest time that so many of 100 did not exceed.
fn percentile(sorted: &[u64], share: usize) -> u64 {
    let rank = (sorted.len() * share).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

/// Mean time of the creates, to the nearest millisecond.
fn average(calls: &[CallRecord]) -> u64 {
    let times = calls
        .iter()
        .filter(|call| call.operation == Operation::CreateVersion)
        .map(|call| call.latency_ms);
    let (count, sum) = times.fold((0, 0), |(count, sum), time| (count + 1, sum + time));
    (sum + count / 2).checked_div(count).unwrap_or(0)
}

/// Two decimals without a float: hundredths of a per cent, rounded half up.
fn rate(part: usize, whole: usize) -> String {
    let hundredths = (part * 10_000 + whole / 2).checked_div(whole).unwrap_or(0);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use schemars::generate::SchemaSettings;

    use super::*;
    use crate::testing::{committed, is_fresh};

    /// The rest of the schema is the core's, whose own test takes these parts as they are.
    #[test]
    fn the_figures_in_the_schema_of_reports_are_those_that_are_written() {
        let mut generator = SchemaSettings::draft2020_12()
            .for_serialize()
            .into_generator();
        generator.subschema_for::<Metrics>();
        let mut report = committed("report");
        for (name, made) in generator.take_definitions(true) {
            report["$defs"][name] = made;
        }
        is_fresh("report", &report);
    }

    fn create(latency_ms: u64, attempts: u32) -> CallRecord {
        CallRecord {
            operation: Operation::CreateVersion,
            flow: None,
            latency_ms,
            attempts,
            waited_ms: 5,
            status: Some(201),
            request_id: None,
        }
    }

    #[test]
    fn a_rate_has_two_decimals_and_none_is_the_tutorials_zero() {
        assert_eq!(rate(39, 40), "97.50%");
        assert_eq!(rate(2, 3), "66.67%");
        assert_eq!(rate(3, 3), "100.00%");
        assert_eq!(rate(0, 0), "0.00%");
    }

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let calls: Vec<CallRecord> = (1..=100).rev().map(|time| create(time, 1)).collect();
        let latency = latencies(&calls)[&Operation::CreateVersion];
        assert_eq!(
            (latency.p50_ms, latency.p95_ms, latency.p99_ms),
            (50, 95, 99)
        );
        let one = latencies(&[create(7, 1)])[&Operation::CreateVersion];
        assert_eq!((one.p50_ms, one.p99_ms), (7, 7));
    }

    #[test]
    fn the_average_is_of_creates_alone() {
        let read = CallRecord {
            operation: Operation::ReadPublished,
            ..create(9_000, 1)
        };
        assert_eq!(average(&[create(10, 1), create(15, 3), read.clone()]), 13);
        assert_eq!(average(&[read]), 0);
    }

    #[test]
    fn the_wire_has_the_tutorials_names() {
        let nothing = Deployment {
            results: Vec::new(),
            audit_error: None,
            branch_error: None,
            audit_events: 2,
            audit_head: String::new(),
        };
        let metrics = Metrics::of(&nothing, &[create(10, 3)], Deed::Deployed);
        let json = serde_json::to_value(&metrics).expect("JSON");
        for name in [
            "totalVersionsProcessed",
            "successfulSnapshots",
            "snapshotSuccessRate",
            "averageLatencyMs",
            "auditLogCount",
        ] {
            assert!(!json[name].is_null(), "{name}");
        }
        assert_eq!(json["latency"]["CREATE_VERSION"]["p95Ms"], 10);
        let idle = Metrics::of(&nothing, &[], Deed::Deployed).markdown();
        assert!(idle.contains("| Successful snapshots | no version was written |"));
        assert!(idle.contains("| Average latency of a create | none was sent |"));
        assert_eq!((metrics.retries, metrics.waited_ms), (2, 5));
        assert!(
            metrics
                .markdown()
                .contains("| create the version | 1 | 10 ms | 10 ms | 10 ms |")
        );
    }
}
