//! What is known of consent tools: what their notices are made of and how they are brought back. It knows no page.

use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    tool: Vec<Tool>,
}

/// A tool, by selectors. Selectors hold within one document or one shadow tree.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Tool {
    /// What it is called.
    pub(super) name: String,
    /// Its boxes, the last layer first.
    pub(super) notice: Vec<String>,
    accept: Vec<String>,
    refuse: Vec<String>,
    settings: Vec<String>,
    save: Vec<String>,
    close: Vec<String>,
    reopen: Vec<String>,
    /// Takes everything back by itself.
    withdraw: Vec<String>,
    /// What it puts into `window`.
    #[serde(skip_serializing)]
    pub(super) object: String,
    /// A script that opens the choice again.
    #[serde(skip_serializing)]
    pub(super) call: String,
}

/// The tools of `tools.toml`.
pub(super) fn tools() -> &'static [Tool] {
    static TOOLS: OnceLock<Vec<Tool>> = OnceLock::new();
    TOOLS.get_or_init(|| toml::from_str(include_str!("tools.toml")).map(|table: Table| table.tool).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        let table: Table = toml::from_str(include_str!("tools.toml")).unwrap();
        assert!(table.tool.len() >= 33 && table.tool.len() == tools().len());
        for tool in tools() {
            assert!(!tool.name.is_empty() && !tool.notice.is_empty(), "{}", tool.name);
            assert!(tool.call.is_empty() || tool.call.contains(&tool.object), "{}", tool.name);
        }
    }
}
