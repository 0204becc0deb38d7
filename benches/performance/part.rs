//! The parts of the bench. Each can be run by itself.

use std::path::Path;

use anyhow::Result;

use crate::binary::Shipped;
use crate::found::Found;
use crate::rivals::Rivals;
use crate::{binary, counts, network, process, stages};

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Small,
    Thousand,
    TwentyThousand,
    TwoHundredThousand,
    Many,
    Untouched,
    Stages,
    Counts,
    Network,
    Binary,
}

impl Part {
    pub(crate) const ALL: [Self; 10] = [
        Self::Small,
        Self::Thousand,
        Self::TwentyThousand,
        Self::TwoHundredThousand,
        Self::Many,
        Self::Untouched,
        Self::Stages,
        Self::Counts,
        Self::Network,
        Self::Binary,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Thousand => "1000",
            Self::TwentyThousand => "20000",
            Self::TwoHundredThousand => "200000",
            Self::Many => "many",
            Self::Untouched => "untouched",
            Self::Stages => "stages",
            Self::Counts => "counts",
            Self::Network => "network",
            Self::Binary => "binary",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

/// What every part needs.
pub(crate) struct Bench<'a> {
    pub(crate) root: &'a Path,
    /// Where the files are that are measured.
    pub(crate) work: &'a Path,
    pub(crate) rivals: Rivals,
    pub(crate) shipped: Shipped,
}

impl<'a> Bench<'a> {
    pub(crate) fn new(root: &'a Path, work: &'a Path) -> Result<Self> {
        Ok(Self {
            root,
            work,
            rivals: Rivals::prepare(root, work)?,
            shipped: Shipped::build(root)?,
        })
    }

    pub(crate) fn measure(&self, part: Part) -> Result<Found> {
        println!("measuring {}", part.name());
        let found = match part {
            Part::Small => process::small(self),
            Part::Thousand => process::large(self, 1_000),
            Part::TwentyThousand => process::large(self, 20_000),
            Part::TwoHundredThousand => process::large(self, 200_000),
            Part::Many => process::many(self),
            Part::Untouched => process::untouched(self),
            Part::Stages => stages::measure(),
            Part::Counts => counts::measure(self),
            Part::Network => network::measure(self),
            Part::Binary => binary::measure(self),
        };
        if let Err(error) = &found {
            println!("NOT MEASURED: {}: {error:#}", part.name());
        }
        found
    }
}
