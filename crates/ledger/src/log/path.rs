//! Where tiles and bundles of entries are served (tlog-tiles, "Merkle Tree", "Log entries"), and what a bundle holds.
//! Knows no HTTP.

use std::fmt;
use std::str::FromStr;

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// Hashes of the tree.
    Hashes {
        /// Of which level of tiles, at most 63.
        level: u8,
    },
    /// Entries, in bundles.
    Entries,
}

/// The path of one tile below the log's prefix, such as `tile/0/x001/234.p/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TilePath {
    /// What is in it.
    pub what: What,
    /// Its number on its level.
    pub index: u64,
    /// How many there are in it, 1 to 255; nothing for a full tile of 256.
    pub width: Option<u16>,
}

/// Why a text is no path of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no path of a tile: expected such as tile/0/x001/234 or tile/entries/x001/234.p/5")]
pub struct PathError;

/// Reads a path in its one spelling, so that nothing can be cached under two names.
impl FromStr for TilePath {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        let read = read(path).ok_or(PathError)?;
        if read.to_string() == path { Ok(read) } else { Err(PathError) }
    }
}

/// Reads what `Display` writes, and some spellings that it does not.
fn read(path: &str) -> Option<TilePath> {
    let (what, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let what = match what {
        "entries" => What::Entries,
        level => What::Hashes { level: level.parse().ok().filter(|level| *level <= 63)? },
    };
    let (digits, width) = match rest.split_once(".p/") {
        Some((digits, width)) => (digits, Some(width.parse().ok().filter(|width| (1..=255).contains(width))?)),
        None => (rest, None),
    };
    let mut index = 0_u64;
    for part in digits.split('/') {
        let part: u64 = part.strip_prefix('x').unwrap_or(part).parse().ok().filter(|part| *part < 1000)?;
        index = index.checked_mul(1000)?.checked_add(part)?;
    }
    Some(TilePath { what, index, width })
}

impl fmt::Display for TilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what {
            What::Hashes { level } => write!(f, "tile/{level}")?,
            What::Entries => f.write_str("tile/entries")?,
        }
        let above: Vec<u64> = std::iter::successors(Some(self.index / 1000), |rest| Some(rest / 1000))
            .take_while(|rest| *rest > 0)
            .map(|rest| rest % 1000)
            .collect();
        above.iter().rev().try_for_each(|part| write!(f, "/x{part:03}"))?;
        write!(f, "/{:03}", self.index % 1000)?;
        self.width.map_or(Ok(()), |width| write!(f, ".p/{width}"))
    }
}

/// The bundle of these entries: each with its length before it, in two bytes, big-endian. Nothing when an entry is
/// longer than 65,535 bytes; those of the book have 33.
pub fn bundle<E: AsRef<[u8]>>(entries: &[E]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for entry in entries {
        let entry = entry.as_ref();
        out.extend(u16::try_from(entry.len()).ok()?.to_be_bytes());
        out.extend(entry);
    }
    Some(out)
}
