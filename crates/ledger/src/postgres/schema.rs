//! The shape of the database: made where there is none, refused where it is another's or from the future. Knows nothing
//! of what is kept in it.

use super::link::{Failure, Link};
use super::sql;
use crate::store::Fault;
use std::time::Duration;

/// The shape that is written. A later one adds a step to [`ready`] under the head's lock, and never changes this text.
pub(super) const V1: &str = include_str!("schema.sql");

/// The version that is written.
pub(super) const VERSION: i64 = 1;

/// How long making it may take.
const MAKING: Duration = Duration::from_secs(60);

/// The statements of a text.
pub(super) fn statements(text: &str) -> impl Iterator<Item = &str> {
    text.split(";\n").map(str::trim).filter(|statement| !statement.is_empty())
}

/// Sees that the database has today's shape, and gives it that where it has none.
pub(super) fn ready(link: &mut Link, origin: &str, reads: bool) -> Result<(), Failure> {
    link.begin(None);
    match version(link)? {
        Some(VERSION) => Ok(()),
        Some(other) => Err(Failure::Act(Fault(format!(
            "the database has version {other} of the book and this gateway knows version {VERSION}: run the gateway that \
             wrote it, or a newer one"
        )))),
        None if reads => Err(Failure::Act(Fault::new("no book was ever opened in this database"))),
        None => make(link, origin),
    }
}

/// The version of the database, if it has one; a fault if it is another's.
fn version(link: &mut Link) -> Result<Option<i64>, Failure> {
    let tables: Vec<&str> = statements(V1).filter_map(table).collect();
    let found = link.one(sql::FOREIGN, &[&tables])?;
    let Some(first) = found.first() else { return Ok(None) };
    if found.iter().all(|row| row.try_get::<_, &str>(0).is_ok_and(|name| name != "schema_version")) {
        let name: &str = first.try_get(0)?;
        return Err(Failure::Act(Fault(format!(
            "the database has a table {name:?} that is not the book's: give the book a database, or a schema, of its own"
        ))));
    }
    let found = link.one(sql::VERSION, &[])?;
    Ok(found.first().map(|row| row.try_get(0)).transpose()?)
}

/// The table a statement makes.
fn table(statement: &str) -> Option<&str> {
    statement.split("CREATE TABLE IF NOT EXISTS ").nth(1)?.split_whitespace().next()
}

/// Makes everything, each statement by itself: engines that change shapes elsewhere than in transactions allow no other
/// way. The table that has the version is made first and filled last, so whoever is cut off begins again.
fn make(link: &mut Link, origin: &str) -> Result<(), Failure> {
    link.begin(Some(MAKING));
    link.plain(sql::UNBOUND)?;
    for statement in statements(V1) {
        let mut tries = 0;
        while let Err(failure) = link.plain(statement) {
            tries += 1;
            if tries == 5 || !rival(&failure) {
                return Err(failure);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    link.one(sql::FOUND, &[&origin])?;
    link.one(sql::MADE, &[&VERSION])?;
    link.plain(sql::BOUNDS)?;
    tracing::info!("the book was made in the database");
    Ok(())
}

/// Whether another node made the same thing at the same moment: `IF NOT EXISTS` looks before it makes.
fn rival(failure: &Failure) -> bool {
    match failure {
        Failure::Again(_) => true,
        Failure::Lost(why) => ["(42P07)", "(42710)", "(XX000)"].iter().any(|code| why.ends_with(code)),
        Failure::Act(_) => false,
    }
}
