//! Stories of the audit: whatever is done to it afterwards is found, and a crash is no forgery.

use std::io::Cursor;
use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;
use schemars::generate::SchemaSettings;

use super::memory::Memory;
use super::*;
use crate::clock::FixedClock;
use crate::testing::is_fresh;

fn clock() -> Arc<dyn Clock> {
    Arc::new(FixedClock(Timestamp::UNIX_EPOCH))
}

fn plain() -> Arc<Redactor> {
    Arc::new(str::to_owned)
}

fn event(number: usize) -> Event {
    Event::new(AuditAction::CreateVersion, AuditStatus::Created).detail(format!("event {number}"))
}

/// A run of so many events between its start and its end, and its head.
fn written(events: usize) -> (Vec<String>, String) {
    let disk = Memory::default();
    let audit = Audit::new(Box::new(disk.clone()), &Tail::default(), clock(), plain());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        audit.start_run(RunInfo::default()).await.expect("written");
        for number in 0..events {
            audit.record(event(number)).await.expect("written");
        }
        audit.end_run().await.expect("written");
    });
    (
        disk.text().lines().map(String::from).collect(),
        audit.head(),
    )
}

fn proof(lines: &[String], head: Option<&str>) -> Verification {
    let text = lines.join("\n") + "\n";
    verify(Cursor::new(text), head).expect("readable")
}

fn kinds(proof: &Verification) -> Vec<FaultKind> {
    proof.faults.iter().map(|fault| fault.kind).collect()
}

#[test]
fn what_was_written_is_proved_and_the_first_line_begins_the_chain() {
    let (lines, head) = written(3);
    let proved = proof(&lines, Some(&head));
    assert!(proved.is_sound() && proved.notices.is_empty(), "{proved:?}");
    assert_eq!(proved.events, 5);
    assert!(lines[0].starts_with(&format!(r#"{{"seq":1,"prev":"{}","at":"1970-01-01T00:00:00.000Z","action":"RUN","status":"RUN_START""#, "0".repeat(64))));
    assert!(lines[4].contains(r#""status":"RUN_END","events":5"#));
}

#[test]
fn each_kind_of_tampering_is_named_with_its_event() {
    let (lines, head) = written(4);

    let mut altered = lines.clone();
    altered[2] = altered[2].replace("event 1", "event 7");
    let found = proof(&altered, Some(&head));
    assert_eq!(kinds(&found), [FaultKind::Altered]);
    assert!(
        found.faults[0]
            .to_string()
            .starts_with("line 3: event 3 was altered"),
        "{}",
        found.faults[0]
    );

    let mut dropped = lines.clone();
    dropped.remove(2);
    let found = proof(&dropped, Some(&head));
    assert!(
        found.faults[0].message.contains("event 3 is missing"),
        "{found:?}"
    );

    let mut swapped = lines.clone();
    swapped.swap(2, 3);
    assert!(kinds(&proof(&swapped, Some(&head))).contains(&FaultKind::Reordered));

    let cut = &lines[..4];
    assert_eq!(kinds(&proof(cut, Some(&head))), [FaultKind::Truncated]);
    let unproved = proof(cut, None);
    assert!(unproved.is_sound());
    assert_eq!(
        unproved.notices.len(),
        2,
        "no RUN_END, and no head: {unproved:?}"
    );
}

#[test]
fn a_torn_last_line_is_closed_named_and_forgiven() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let (lines, _) = written(2);
    let whole = lines.join("\n");
    for cut in [whole.len() - 1, whole.len() - 40, whole.len()] {
        std::fs::write(&path, &whole[..cut]).expect("written");
        let before = verify(Cursor::new(&whole[..cut]), None).expect("readable");
        assert_eq!(kinds(&before), [FaultKind::Truncated]);

        let audit = Audit::open(&path, clock(), plain()).expect("opened");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            audit.start_run(RunInfo::default()).await.expect("written");
            audit.end_run().await.expect("written");
        });
        let text = std::fs::read_to_string(&path).expect("readable");
        let after = verify(Cursor::new(&text), Some(&audit.head())).expect("readable");
        assert!(after.is_sound(), "{:?}", after.faults);
        assert!(text.contains("RECOVERED"));
        assert!(
            after
                .notices
                .iter()
                .any(|notice| notice.contains("torn") || notice.contains("cut off"))
        );
    }
}

#[test]
fn an_audit_goes_on_in_its_file_and_has_one_writer() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.jsonl");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    for _ in 0..3 {
        let audit = Audit::open(&path, clock(), plain()).expect("opened");
        runtime.block_on(async {
            audit.start_run(RunInfo::default()).await.expect("written");
            audit.end_run().await.expect("written");
        });
        let second = Audit::open(&path, clock(), plain()).expect_err("one writer");
        assert!(second.to_string().contains("another process"), "{second}");
    }
    let text = std::fs::read_to_string(&path).expect("readable");
    let proved = verify(Cursor::new(&text), None).expect("readable");
    assert!(proved.is_sound(), "{proved:?}");
    assert_eq!(proved.events, 6);
}

#[test]
fn every_text_goes_through_the_redactor() {
    let disk = Memory::default();
    let redact: Arc<Redactor> = Arc::new(|text: &str| text.replace("s3cret", "***"));
    let audit = Audit::new(Box::new(disk.clone()), &Tail::default(), clock(), redact);
    let mut event = event(0).error("said s3cret").detail("s3cret");
    event.request_id = Some("s3cret".to_owned());
    event.version = Some("s3cret".to_owned());
    event.live_now = Some("s3cret".to_owned());
    event.run = Some(RunInfo {
        actor: Some("s3cret".to_owned()),
        reviewers: vec!["s3cret".to_owned()],
        ..RunInfo::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(audit.record(event)).expect("written");
    assert!(!disk.text().contains("s3cret"));
    assert_eq!(disk.text().matches("***").count(), 7);
}

#[test]
fn after_a_failed_append_nothing_follows() {
    let disk = Memory::failing_after(1);
    let audit = Audit::new(Box::new(disk.clone()), &Tail::default(), clock(), plain());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        audit.record(event(0)).await.expect("written");
        let failed = audit.record(event(1)).await.expect_err("disk full");
        assert!(failed.to_string().contains("disk full"));
        assert_eq!(audit.record(event(2)).await, Err(failed));
    });
    assert_eq!(disk.text().lines().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_to_the_bytes_is_found(events in 1_usize..6, at in any::<prop::sample::Index>(), how in 0..5, byte in any::<u8>()) {
        let (lines, head) = written(events);
        let whole: Vec<u8> = lines.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
        let (mut bytes, at) = (whole.clone(), at.index(whole.len()));
        match how {
            0 => bytes[at] = byte,
            1 => bytes.truncate(at),
            2 => { bytes.remove(at); }
            3 => bytes.insert(at, byte),
            _ => {
                let mut rows: Vec<&[u8]> = whole.split_inclusive(|byte| *byte == b'\n').collect();
                let row = at % (rows.len() - 1);
                rows.swap(row, row + 1);
                bytes = rows.concat();
            }
        }
        prop_assume!(bytes != whole);
        let proof = verify(Cursor::new(bytes), Some(&head)).expect("readable");
        prop_assert!(!proof.is_sound());
    }
}

#[test]
fn the_schema_of_audit_lines_is_what_is_written() {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let mut made = generator.into_root_schema_for::<Line<'static>>().to_value();
    made["$id"] = serde_json::json!("urn:flowgate:schema:audit:1");
    made["title"] = serde_json::json!("Line of the audit");
    is_fresh("audit", &made);
}
