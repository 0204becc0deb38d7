//! How results are written: the formats that commands offer.

use clap::ValueEnum;

/// Formats of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReviewFormat {
    /// For a terminal.
    Text,
    /// As the comment on a pull request.
    Markdown,
    /// For programs.
    Json,
    /// For code scanning.
    Sarif,
}

/// Formats of most commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TextFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Formats of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// One page for a browser, with search and details.
    Html,
    /// For places that draw mermaid.
    Mermaid,
}

/// Formats of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For a terminal.
    Text,
    /// As a page.
    Markdown,
    /// For programs.
    Json,
}
