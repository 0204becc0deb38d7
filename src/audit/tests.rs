//! Stories of the audit.
