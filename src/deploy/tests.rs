//! Stories of deployments.
