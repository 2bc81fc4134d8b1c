//! Where a store is, as the configuration writes it. Knows which kinds there are, and opens them.

use crate::error::Error;
use crate::postgres::{Postgres, Site};
use crate::sqlite::Sqlite;
use crate::store::Store;
use std::path::PathBuf;

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// One SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL database, or one that speaks its language.
    Postgres(Box<Site>),
}

impl Address {
    pub(crate) fn parse(read: &str) -> Result<Self, Error> {
        let bad = |why| Err(Error::BadStore { read: veil(read), why });
        if read.starts_with("postgres://") || read.starts_with("postgresql://") {
            return Site::parse(read).map(|site| Self::Postgres(Box::new(site))).or_else(bad);
        }
        let Some(path) = read.strip_prefix("sqlite:") else { return bad("only sqlite: and postgres:// are known") };
        match path {
            "" => bad("the path is empty"),
            ":memory:" => bad("memory is not durable"),
            _ if path.contains('\0') => bad("a path has no null character"),
            _ if path.starts_with("//") && !path.starts_with("///") => bad("there is no host, so no // either"),
            _ => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }

    /// The store, not opened yet; `origin` is what its log is called if it begins here.
    pub(crate) fn store(&self, origin: &str) -> Box<dyn Store> {
        match self {
            Self::Sqlite(path) => Box::new(Sqlite::new(path.clone(), origin)),
            Self::Postgres(site) => Box::new(Postgres::new(Site::clone(site), origin)),
        }
    }

    /// The store for reading only: nothing in it is made or changed.
    pub(crate) fn reader(&self) -> Box<dyn Store> {
        match self {
            Self::Sqlite(path) => Box::new(Sqlite::reader(path.clone())),
            Self::Postgres(site) => Box::new(Postgres::reader(site)),
        }
    }

    /// Whether the store is there, where that can be said without opening it.
    pub(crate) fn found(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(path) if !path.exists() => {
                Err(Error::Unreadable { why: format!("there is no file {}", path.display()) })
            }
            _ => Ok(()),
        }
    }

    /// What this node's own files are called, before `.spool` and `.checkpoint`.
    pub(crate) fn local(&self) -> PathBuf {
        match self {
            Self::Sqlite(path) => path.clone(),
            Self::Postgres(_) => PathBuf::from("bandeau"),
        }
    }
}

/// What was read, without what may be a password: after a `//` only what comes behind the last `@`, and no parameters.
fn veil(read: &str) -> String {
    let Some((scheme, rest)) = read.split_once("//") else { return read.to_owned() };
    let rest = match rest.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => rest.to_owned(),
    };
    let rest = rest.split_once('?').map_or(rest.clone(), |(front, _)| format!("{front}?…"));
    format!("{scheme}//{rest}")
}

/// A store as it may be shown to anybody: a password in it is left out.
pub fn shown_store(read: &str) -> String {
    if read.starts_with("sqlite:") { read.to_owned() } else { veil(read) }
}

/// Begins the log of a store anew under another name, for a store or a secret that cannot be restored: every record gets
/// a place in it again. What this node showed of the old log is put aside as `.checkpoint.old`. `local` is what this
/// node's own files are called, where the store is no file. No gateway may run meanwhile.
///
/// # Errors
/// When the URL names no store, or the store or this node's file cannot be written.
pub fn restart(store: &str, local: Option<PathBuf>, origin: &str) -> Result<(), Error> {
    let address = Address::parse(store)?;
    address.found()?;
    let mut checkpoint = local.unwrap_or_else(|| address.local()).into_os_string();
    checkpoint.push(".checkpoint");
    let mut old = checkpoint.clone();
    old.push(".old");
    let mut store = address.store(origin);
    store.ready()?;
    store.restart(origin)?;
    match std::fs::rename(&checkpoint, old) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::Output(error)),
        _ => Ok(()),
    }
}

/// What the log of a store is called.
///
/// # Errors
/// When the URL names no store, or the store cannot be read.
pub fn origin(store: &str) -> Result<String, Error> {
    let mut store = Address::parse(store)?.reader();
    store.ready()?;
    Ok(store.head()?.origin)
}

/// What the log is called that is begun anew after one of this name: `…/log`, `…/log/2`, `…/log/3`.
pub fn successor(origin: &str) -> String {
    let last = origin.rsplit_once('/').and_then(|(log, last)| Some((log, last.parse::<u64>().ok()?)));
    match last {
        Some((log, number)) => format!("{log}/{}", number.saturating_add(1)),
        None => format!("{origin}/2"),
    }
}

/// Whether a text names a store, without opening it.
///
/// # Errors
/// [`Error::BadStore`], which says what would.
pub fn names_store(read: &str) -> Result<(), Error> {
    Address::parse(read).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_that_follow_have_names_of_their_own() {
        let first = "www.gazette.test/.well-known/bandeau/log";
        assert_eq!(successor(first), format!("{first}/2"));
        assert_eq!(successor(&successor(first)), format!("{first}/3"));
        assert_eq!(successor(&format!("{first}/9")), format!("{first}/10"));
    }

    #[test]
    fn store_urls() {
        for good in ["sqlite:book.db", "sqlite:/var/lib/book.db", "sqlite:///var/lib/book.db", "sqlite:a?b"] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "book.db", "sqlite:", "sqlite::memory:", "sqlite://host/book", "mysql://x", "sqlite:a\0b"] {
            assert!(matches!(Address::parse(bad), Err(Error::BadStore { .. })), "{bad}");
        }
        for good in
            ["postgres://u:hush@db.example/book", "postgresql://db.example:5433,db2.example/book?sslmode=require"]
        {
            assert!(matches!(Address::parse(good), Ok(Address::Postgres(_))), "{good}");
            assert!(!format!("{:?}", Address::parse(good)).contains("hush"));
        }
    }

    #[test]
    fn no_password_is_ever_said() {
        for bad in [
            "postgre://u:hush@db.example/book",
            "postgres://u:hu@sh@db.example/book",
            "postgres://u:hush@db.example/book?sslmode=perhaps",
            "postgres://u:hush@db.example/book?password=hush&sslmode=perhaps",
            "postgres://db.example/book?password=hush&hosted=1",
            "postgres://u:hush@/book",
        ] {
            let said = Address::parse(bad).unwrap_err().to_string();
            assert!(!said.contains("hu") && !said.contains("sh@"), "{said}");
            assert!(!shown_store(bad).contains("hu"), "{}", shown_store(bad));
        }
    }
}
