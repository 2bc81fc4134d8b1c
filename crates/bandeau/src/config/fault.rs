//! What is wrong with a configuration, and where.

use std::ops::Range;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where in the file, by byte.
    pub(crate) at: Range<usize>,
    /// Which key, such as `service.hosts`.
    pub(crate) key: String,
    /// What was read and what would be accepted.
    pub(crate) says: String,
}

/// A place in a file, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Fault {
    pub(crate) fn new(at: Range<usize>, key: impl Into<String>, says: impl ToString) -> Self {
        Self { at, key: key.into(), says: says.to_string() }
    }

    /// Where it is in the text.
    pub(crate) fn place(&self, text: &str) -> Place {
        let before = text.get(..self.at.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place { line, column }
    }

    /// `file:line:column: key: what`, as editors and CI read it.
    pub(crate) fn line(&self, file: &str, text: &str) -> String {
        let Place { line, column } = self.place(text);
        let key = if self.key.is_empty() { String::new() } else { format!("{}: ", self.key) };
        format!("{file}:{line}:{column}: {key}{}", self.says.trim().replace('\n', "; "))
    }
}
