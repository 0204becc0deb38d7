//! Rules about a flow as a graph: what callers can reach, and whether they get out again.
