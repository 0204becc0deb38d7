//! What the bench finds: values that the page is made of.

/// What one part found.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) targets: Vec<Target>,
    /// Things that did the same work, side by side.
    pub(crate) tables: Vec<Table>,
    /// What stands in a chapter of its own: its title and its text.
    pub(crate) chapters: Vec<(&'static str, String)>,
}

/// What was asked for, what is, and whether that is enough.
pub(crate) struct Target {
    /// What `notes.md` calls it.
    pub(crate) key: &'static str,
    pub(crate) wanted: &'static str,
    pub(crate) figure: String,
    pub(crate) met: bool,
}

/// Things that did the same work; the first one is this program.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) rows: Vec<Row>,
}

/// One thing that was measured.
pub(crate) struct Row {
    pub(crate) what: &'static str,
    pub(crate) command: String,
    pub(crate) took: Took,
}

/// What one command took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    /// The best wall time, in milliseconds.
    pub(crate) best: f64,
    /// The median wall time, in milliseconds.
    pub(crate) wall: f64,
    /// The median CPU time, user and system, in milliseconds.
    pub(crate) cpu: f64,
    /// The greatest peak of memory, in MiB.
    pub(crate) peak: f64,
}

impl Found {
    pub(crate) fn target(
        &mut self,
        key: &'static str,
        wanted: &'static str,
        figure: impl Into<String>,
        met: bool,
    ) {
        self.targets.push(Target {
            key,
            wanted,
            figure: figure.into(),
            met,
        });
    }
}
