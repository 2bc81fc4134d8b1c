//! The handle the house holds: hand in a record, ask how the book stands, close it. Knows neither SQL
//! nor files beyond their names.

use crate::error::Error;
use crate::queue::Queue;
use crate::signer::Signer;
use crate::spool::Spool;
use crate::sqlite::Sqlite;
use crate::state::State;
use crate::store::Store;
use crate::writer::Writer;
use bandeau_consent::{Receipt, Record};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long an append waits for the store.
const ANSWER: Duration = Duration::from_secs(2);

/// How long closing waits for the writer.
const CLOSE: Duration = Duration::from_secs(5);

/// The book. Clones are one book; the last one dropped closes it.
#[derive(Clone)]
pub struct Ledger(Arc<Inside>);

struct Inside {
    queue: Arc<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Where a store is.
pub(crate) enum Address {
    /// One SQLite file.
    Sqlite(PathBuf),
}

impl Address {
    pub(crate) fn parse(read: &str) -> Result<Self, Error> {
        let bad = |why| Err(Error::BadStore { read: read.to_owned(), why });
        let Some(path) = read.strip_prefix("sqlite:") else { return bad("only sqlite: is known") };
        match path {
            "" => bad("the path is empty"),
            ":memory:" => bad("memory is not durable"),
            _ if path.contains('\0') => bad("a path has no null character"),
            _ if path.starts_with("//") && !path.starts_with("///") => bad("there is no host, so no // either"),
            _ => Ok(Self::Sqlite(PathBuf::from(path))),
        }
    }
}

impl Ledger {
    /// Opens or creates the store named by a URL such as `sqlite:bandeau.db` and starts the one writer.
    ///
    /// A store that cannot be opened is no error here: the book is then closed, says so in
    /// [`Ledger::state`], and is retried, so that a gateway starts and keeps refusing while its disk is
    /// away. Blocks for one attempt, about a second at most when another process holds the store.
    ///
    /// # Errors
    /// When the URL names no store ([`Error::BadStore`]) or the thread cannot start ([`Error::Thread`]).
    pub fn open(store: &str, signer: Signer) -> Result<Self, Error> {
        let Address::Sqlite(path) = Address::parse(store)?;
        let mut spool = path.clone().into_os_string();
        spool.push(".spool");
        Self::over(Box::new(Sqlite::new(path)), spool.into(), signer)
    }

    pub(crate) fn over(store: Box<dyn Store>, spool: PathBuf, signer: Signer) -> Result<Self, Error> {
        let queue = Arc::new(Queue::new());
        let mut writer = Writer::new(store, Spool::new(spool), signer, Arc::clone(&queue));
        writer.begin();
        let thread = thread::Builder::new()
            .name("bandeau-book".to_owned())
            .spawn(move || writer.run())
            .map_err(Error::Thread)?;
        Ok(Self(Arc::new(Inside { queue, thread: Mutex::new(Some(thread)) })))
    }

    /// Records a decision and resolves once it is durable. Runs on Tokio with its timer enabled.
    ///
    /// Appending the same record again is harmless and gives the same receipt. A call that is dropped
    /// while the record still waits withdraws it.
    ///
    /// # Errors
    /// Within about two seconds, and then nothing was granted: the store is away ([`Error::Closed`]),
    /// slow ([`Error::Late`]) or overrun ([`Error::Busy`]), or another record has the same name
    /// ([`Error::Conflict`]). The record is then not written later, with one exception nobody can rule
    /// out: a commit that failed or came late may have reached the disk. The book then shows an answer
    /// that was given and never took effect.
    pub async fn append(&self, record: Record) -> Result<Receipt, Error> {
        let (answer, receipt) = oneshot::channel();
        self.0.queue.append(record, answer)?;
        match tokio::time::timeout(ANSWER, receipt).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Error::Closed { why: "the writer has stopped".to_owned() }),
            Err(_) => Err(Error::Late),
        }
    }

    /// Records a refusal or withdrawal, which takes effect whether or not the book is open: returns at
    /// once, never fails, and the record is written as soon as the store can.
    pub fn note(&self, record: Record) {
        self.0.queue.note(record);
    }

    /// How the book stands.
    pub fn state(&self) -> State {
        self.0.queue.state()
    }

    /// Closes the book for all clones: writes or spools what waits, for five seconds at most.
    pub fn close(self) {
        self.0.close();
    }
}

impl Inside {
    fn close(&self) {
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        self.queue.close();
        if self.queue.ended(CLOSE) {
            // The writer only has to return; a panic of its has been reported by the panic itself.
            let _ = thread.join();
        } else {
            let waiting = self.queue.state().backlog;
            tracing::error!(waiting, "the book did not close in time; what still waits may be lost");
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_urls() {
        for good in ["sqlite:book.db", "sqlite:/var/lib/book.db", "sqlite:///var/lib/book.db", "sqlite:a?b"] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "book.db", "sqlite:", "sqlite::memory:", "sqlite://host/book", "postgres://x", "sqlite:a\0b"] {
            assert!(matches!(Address::parse(bad), Err(Error::BadStore { .. })), "{bad}");
        }
    }

    #[test]
    fn ledgers_are_shared() {
        fn shared<T: Clone + Send + Sync>() {}
        shared::<Ledger>();
    }
}
