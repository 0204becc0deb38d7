//! The one redactor: secrets never reach a log, a comment, an artifact, an error or a diff.
