//! Processes of an audit, looked at from outside: how much memory they take, which are left. Reads `/proc` and knows no
//! site and no report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// What one look found.
#[derive(Debug, Default, Clone)]
pub(crate) struct Look {
    /// The most the process itself ever had in memory, in kB (`VmHWM`).
    pub(crate) own: u64,
    /// What all its descendants have in memory together, in kB; pages they share count for each.
    pub(crate) others: u64,
    /// The descendants.
    pub(crate) children: BTreeSet<u32>,
}

/// Whether there is a browser to test with.
pub(crate) fn browser() -> bool {
    let ask = "command -v chromium || command -v chromium-browser || command -v google-chrome";
    Command::new("sh").args(["-c", ask]).output().is_ok_and(|output| output.status.success())
}

/// A process and all below it.
pub(crate) fn look(root: u32) -> Look {
    let mut parents = BTreeMap::<u32, u32>::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // proc(5): the name stands in parentheses and may hold any byte; the parent is the second word after it.
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let after = stat.rsplit(") ").next().unwrap_or_default();
        if let Some(parent) = after.split(' ').nth(1).and_then(|parent| parent.parse().ok()) {
            parents.insert(id, parent);
        }
    }
    let below = |mut id: u32| {
        for _ in 0..64 {
            match parents.get(&id) {
                Some(parent) if *parent == root => return true,
                Some(parent) => id = *parent,
                None => return false,
            }
        }
        false
    };
    let children: BTreeSet<u32> = parents.keys().copied().filter(|id| below(*id)).collect();
    let others = children.iter().map(|id| field(*id, "VmRSS:")).sum();
    Look { own: field(root, "VmHWM:"), others, children }
}

fn field(id: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|kb| kb.parse().ok()).unwrap_or(0)
}

/// Those that have this in their environment: whoever was started with a temporary directory of its own, and all theirs.
pub(crate) fn marked(directory: &Path) -> Vec<u32> {
    let wanted = format!("TMPDIR={}\0", directory.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let ended = std::fs::read_to_string(entry.path().join("stat")).is_ok_and(|stat| stat.contains(") Z "));
        if !ended && String::from_utf8_lossy(&environment).contains(&wanted) {
            found.push(id);
        }
    }
    found
}

/// Processes of a kind (`renderer`), by what Chromium calls them on their command line.
pub(crate) fn kind(children: &BTreeSet<u32>, kind: &str) -> Vec<u32> {
    let wanted = format!("--type={kind}");
    let of = |id: &u32| std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    let line = |id: &u32| String::from_utf8_lossy(&of(id)).into_owned();
    match kind {
        "browser" => children
            .iter()
            .copied()
            .filter(|id| line(id).contains("--user-data-dir=") && !line(id).contains("--type="))
            .collect(),
        _ => children.iter().copied().filter(|id| line(id).contains(&wanted)).collect(),
    }
}

/// Ends processes at once, by their numbers.
pub(crate) fn end(ids: &[u32], signal: &str) {
    for id in ids {
        let _ = Command::new("kill").args([signal, &id.to_string()]).stderr(std::process::Stdio::null()).status();
    }
}
