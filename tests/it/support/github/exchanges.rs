//! What was asked and answered, for the conformance suite: `RECORD_GITHUB` names the file that every exchange is added to.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::{Mutex, OnceLock};

use serde_json::{Value, json};

use super::server::{Recorded, Reply};

static FILE: OnceLock<Option<Mutex<File>>> = OnceLock::new();

/// Writes one exchange down; `reply` is `None` where the connection broke. A scripted fault is marked: GitHub's
/// description says nothing of most of them.
pub(super) fn record(request: &Recorded, reply: Option<&Reply>, scripted: bool) {
    let file = FILE.get_or_init(|| {
        let path = std::env::var_os("RECORD_GITHUB")?;
        let opened = OpenOptions::new().create(true).append(true).open(path);
        Some(Mutex::new(opened.unwrap()))
    });
    let Some(file) = file else {
        return;
    };
    let body = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
    let line = json!({
        "method": request.method, "path": request.path, "query": request.query,
        "headers": request.headers, "body": request.body, "scripted": scripted,
        "status": reply.map(|reply| reply.status), "answer": reply.map(|reply| body(&reply.body)),
    });
    writeln!(file.lock().unwrap(), "{line}").unwrap();
}
