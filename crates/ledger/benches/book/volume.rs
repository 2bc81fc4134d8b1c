//! How many bytes a store holds, table by table, and how many were written to its log on the way.

use crate::place::Place;
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;

/// What a store holds and what was written for it.
pub struct Volume {
    held: BTreeMap<String, i64>,
    written: i64,
}

/// Every table and index with its bytes; what a table keeps apart for long values counts as the table's.
const RELATIONS: &str = "SELECT coalesce(long.relname, one.relname), sum(pg_relation_size(one.oid))
    FROM pg_class one JOIN pg_namespace space ON space.oid = one.relnamespace
    LEFT JOIN pg_index part ON part.indexrelid = one.oid
    LEFT JOIN pg_class long ON long.reltoastrelid IN (one.oid, part.indrelid)
    WHERE one.relkind IN ('r', 'i', 't') AND space.nspname IN ('public', 'pg_toast')
        AND (space.nspname = 'public' OR long.relnamespace = 'public'::regnamespace) GROUP BY 1";

impl Volume {
    pub fn read(place: &Place) -> Self {
        if place.shared() {
            // What waits in memory is put where it is counted.
            place.ask("CHECKPOINT");
            let text = place.ask(RELATIONS);
            let held = text.lines().filter_map(|line| {
                let (name, bytes) = line.split_once('|')?;
                Some((name.to_owned(), bytes.parse().ok()?))
            });
            let written = place.ask("SELECT (pg_current_wal_lsn() - '0/0')::bigint");
            return Self { held: held.collect(), written: written.parse().unwrap() };
        }
        // What this process had the disk write, the store's own log and its copying back included.
        let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("write_bytes: "));
        let written = line.and_then(|text| text.parse().ok()).unwrap_or(0);
        Self { held: pages(place).unwrap_or_default(), written }
    }

    /// Prints the difference for each decision.
    pub fn since(&self, before: &Self, count: u64) {
        let each = |bytes: i64| bytes as f64 / count as f64;
        let mut parts: Vec<(f64, &str)> = self
            .held
            .iter()
            .map(|(name, bytes)| (each(bytes - before.held.get(name).copied().unwrap_or(0)), name.as_str()))
            .filter(|(bytes, _)| *bytes >= 0.5)
            .collect();
        parts.sort_by(|one, other| other.0.total_cmp(&one.0));
        let all: f64 = parts.iter().map(|(bytes, _)| bytes).sum();
        let written = each(self.written - before.written);
        println!("  {all:.0} bytes a decision in the store, {written:.0} written on the way:");
        let parts: Vec<String> = parts.iter().map(|(bytes, name)| format!("{name} {bytes:.0}")).collect();
        println!("    {}", parts.join(", "));
    }
}

/// The pages of an SQLite file, by table and index (SQLite, "The DBSTAT Virtual Table").
fn pages(place: &Place) -> rusqlite::Result<BTreeMap<String, i64>> {
    let path = place.dir.path().join("book.db");
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut query = connection.prepare("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")?;
    let found = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    found.collect()
}
