//! One file per place that people read.
