//! The outputs of a step, all that there are. `action.yml` and `docs/usage.md` tell the same; a test holds them together.

/// The name of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutputName {
    /// How the run ended, in one word.
    Result,
    /// Flow files that the change touches.
    ChangedCount,
    /// Elements that were added.
    Added,
    /// Elements that were removed.
    Removed,
    /// Elements that were modified.
    Modified,
    /// Elements that only moved.
    Moved,
    /// Findings that are errors.
    ErrorCount,
    /// Findings that are warnings.
    WarningCount,
    /// Flows that were edited in the console.
    DriftCount,
    /// What was published.
    Published,
    /// The file with the whole report.
    ReportPath,
    /// The file with the findings for code scanning.
    SarifPath,
    /// The file with the audit.
    AuditPath,
    /// The file with the metrics.
    MetricsPath,
    /// The comment's number.
    CommentId,
    /// The comment's address.
    CommentUrl,
    /// The digest of the audit's last line.
    AuditHead,
}

impl OutputName {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 17] = [
        Self::Result,
        Self::ChangedCount,
        Self::Added,
        Self::Removed,
        Self::Modified,
        Self::Moved,
        Self::ErrorCount,
        Self::WarningCount,
        Self::DriftCount,
        Self::Published,
        Self::ReportPath,
        Self::SarifPath,
        Self::AuditPath,
        Self::MetricsPath,
        Self::CommentId,
        Self::CommentUrl,
        Self::AuditHead,
    ];

    /// As workflows write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::ChangedCount => "changed-count",
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Modified => "modified",
            Self::Moved => "moved",
            Self::ErrorCount => "error-count",
            Self::WarningCount => "warning-count",
            Self::DriftCount => "drift-count",
            Self::Published => "published",
            Self::ReportPath => "report-path",
            Self::SarifPath => "sarif-path",
            Self::AuditPath => "audit-path",
            Self::MetricsPath => "metrics-path",
            Self::CommentId => "comment-id",
            Self::CommentUrl => "comment-url",
            Self::AuditHead => "audit-head",
        }
    }

    /// What it tells, for the documentation.
    pub fn about(self) -> &'static str {
        match self {
            Self::Result => {
                "How the run ended: `passed`, `findings`, `refused`, `failed` or `unknown`"
            }
            Self::ChangedCount => "How many flow files the change touches",
            Self::Added => "How many elements were added",
            Self::Removed => "How many elements were removed",
            Self::Modified => "How many elements were modified",
            Self::Moved => "How many elements only moved on the canvas",
            Self::ErrorCount => "How many findings are errors",
            Self::WarningCount => "How many findings are warnings",
            Self::DriftCount => "How many flows were edited in the console since",
            Self::Published => {
                "What was published, as JSON: a list with flowId, path, version, versionId, verified and asReviewed"
            }
            Self::ReportPath => "The file with the whole report (markdown)",
            Self::SarifPath => "The file with the findings for code scanning (SARIF)",
            Self::AuditPath => "The file with the audit (JSON lines)",
            Self::MetricsPath => "The file with the metrics (JSON)",
            Self::CommentId => "The number of the comment on the pull request",
            Self::CommentUrl => "The address of the comment on the pull request",
            Self::AuditHead => {
                "The digest of the audit's last line, for `flowgate audit verify --head`"
            }
        }
    }
}
