//! The pure heart of Flowgate.
