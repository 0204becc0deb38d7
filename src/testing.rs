//! Helpers of this package's own tests.

use serde_json::Value;

fn path(name: &str) -> String {
    format!("{}/schemas/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

/// A schema as it is committed.
pub(crate) fn committed(name: &str) -> Value {
    let text = std::fs::read_to_string(path(name)).unwrap_or_else(|_| "{}".to_owned());
    serde_json::from_str(&text).unwrap()
}

/// Holds a committed schema to what was made; with `UPDATE_DOCS=1` it is written anew.
pub(crate) fn is_fresh(name: &str, made: &Value) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path(name), format!("{made:#}\n")).unwrap();
    }
    assert!(
        committed(name) == *made,
        "schemas/{name}.json is behind: UPDATE_DOCS=1 cargo test --lib schema"
    );
}
