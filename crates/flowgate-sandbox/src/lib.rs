//! An embedded CXone on loopback.
