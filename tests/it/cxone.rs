//! The client of CXone against the embedded sandbox: what it sends, what it repeats, what it says when it fails.

mod answers;
mod failures;
mod reading;
mod tokens;
mod writing;
