//! Integration tests: one binary, one story a test.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests")]

mod cxone;
mod support;
