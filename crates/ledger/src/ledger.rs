//! The handle the house holds: hand in a record, ask how the book stands, close it. Knows neither SQL
//! nor files beyond their names.

use crate::address::Address;
use crate::error::Error;
use crate::guard::Guard;
use crate::keeper::Keeper;
use crate::queue::{Noted, Queue};
use crate::reader::Readers;
use crate::revoked::Revoked;
use crate::row::Row;
use crate::signer::Signer;
use crate::spill::Spill;
use crate::spool::Spool;
use crate::state::{State, Status};
use crate::store::Store;
use crate::writer::Writer;
use bandeau_consent::{Pseudonym, Receipt, Record, RecordId};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long an append waits for the store.
const ANSWER: Duration = Duration::from_secs(2);

/// How long a noted record waits for the store before it goes to this node's disk; less where the store is known to be
/// away.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(250), Duration::from_millis(25));

/// How long opening waits for the store.
const BEGIN: Duration = Duration::from_secs(3);

/// How long closing waits for the writer.
const CLOSE: Duration = Duration::from_secs(5);

/// What the book needs to be told.
#[derive(Clone)]
pub struct Options {
    /// What the log is called if it begins with this book (C2SP tlog-checkpoint, "origin"): a host and a path.
    pub origin: String,
    /// What this node's own files are called, before `.spool` and `.checkpoint`; a store that is a file lends its name,
    /// and one that is none leaves it at `bandeau`, in the working directory.
    pub local: Option<PathBuf>,
    /// How long records are kept; for good if not said.
    pub retain: Option<Duration>,
    /// The clock: milliseconds since 1970-01-01T00:00:00Z.
    pub now: fn() -> u64,
    /// Names for records that nobody decided: a UUID of version 7.
    pub name: fn() -> RecordId,
}

/// The book. Clones are one book; the last one dropped closes it.
#[derive(Clone)]
pub struct Ledger(Arc<Inside>);

struct Inside {
    shared: Arc<Shared>,
    spill: Arc<Spill>,
    readers: Arc<Readers>,
    /// For what anybody may ask, so that a crowd at the log keeps nobody from their receipt.
    shelves: Arc<Readers>,
    options: Options,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// What the threads of one book share.
pub(crate) struct Shared {
    pub(crate) queue: Arc<Queue>,
    pub(crate) spool: Arc<Spool>,
    pub(crate) guard: Arc<Guard>,
    pub(crate) signer: Signer,
    pub(crate) stop: Stop,
    pub(crate) revoked: Revoked,
    /// Whether this node sequenced when it last looked.
    leads: AtomicBool,
}

/// A bell that is rung once, at the end.
#[derive(Default)]
pub(crate) struct Stop(Mutex<bool>, Condvar);

impl Stop {
    /// Waits for the bell, at most this long; returns whether it rang.
    pub(crate) fn wait(&self, most: Duration) -> bool {
        let rung = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *self.1.wait_timeout_while(rung, most, |rung| !*rung).unwrap_or_else(PoisonError::into_inner).0
    }

    fn ring(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.1.notify_all();
    }
}

impl Shared {
    pub(crate) fn lead(&self, leads: bool) {
        self.leads.store(leads, Relaxed);
    }

    pub(crate) fn leads(&self) -> bool {
        self.leads.load(Relaxed)
    }
}

impl Ledger {
    /// Opens or creates the store named by a URL such as `sqlite:bandeau.db` or `postgres://bandeau@db.example/book`, and
    /// starts what writes to it.
    ///
    /// A store that cannot be opened, or whose log contradicts what this node showed before, is no error here: the
    /// book is then closed, says so in [`Ledger::state`], and is retried, so that a gateway starts and keeps refusing
    /// while its disk is away. Blocks for one attempt: about a second at most when another process holds the
    /// file, a few when a database does not answer.
    ///
    /// # Errors
    /// When the URL names no store ([`Error::BadStore`]), or a thread cannot start ([`Error::Thread`]).
    pub fn open(store: &str, signer: Signer, options: Options) -> Result<Self, Error> {
        let address = Address::parse(store)?;
        let local = options.local.clone().unwrap_or_else(|| address.local());
        let options = Options { local: Some(local), ..options };
        Self::over(address.store(&options.origin), signer, options)
    }

    pub(crate) fn over(store: Box<dyn Store>, signer: Signer, options: Options) -> Result<Self, Error> {
        let local = options.local.clone().unwrap_or_default();
        let beside = |ending| {
            let mut name = local.clone().into_os_string();
            name.push(ending);
            PathBuf::from(name)
        };
        let shared = Arc::new(Shared {
            queue: Arc::new(Queue::new()),
            spool: Arc::new(Spool::new(beside(".spool"))),
            guard: Arc::new(Guard::new(beside(".checkpoint"), signer.clone())),
            signer: signer.clone(),
            stop: Stop::default(),
            revoked: Revoked::new(beside(".revoked")),
            leads: AtomicBool::new(false),
        });
        let readers = Arc::new(Readers::new(store.sibling(), Arc::clone(&shared.guard)));
        let shelves = Arc::new(Readers::new(store.sibling(), Arc::clone(&shared.guard)));
        let keeper = Keeper::new(store.sibling(), Arc::clone(&shared), options.clone());
        let mut writer = Writer::new(store, &shared);
        let (begun, beginning) = mpsc::channel();
        let start = |name: &str, work: Box<dyn FnOnce() + Send>| {
            thread::Builder::new().name(name.to_owned()).spawn(work).map_err(Error::Thread)
        };
        let threads = vec![
            start(
                "bandeau-book",
                Box::new(move || {
                    writer.begin();
                    let _ = begun.send(());
                    writer.run();
                }),
            )?,
            start("bandeau-log", Box::new(move || keeper.run()))?,
        ];
        // An older store is brought to today's shape meanwhile, which may take minutes: the site does not wait for it.
        if beginning.recv_timeout(BEGIN).is_err() {
            shared.queue.report(Status::Closed { why: "the store is still being opened".to_owned() });
        }
        let spill = Spill::new(Arc::clone(&shared.spool), signer, Arc::clone(&shared.queue));
        let (spill, threads) = (Arc::new(spill), Mutex::new(threads));
        Ok(Self(Arc::new(Inside { shared, spill, readers, shelves, options, threads })))
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
        self.0.shared.queue.append(record, answer)?;
        match tokio::time::timeout(ANSWER, receipt).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Error::Closed { why: "the writer has stopped".to_owned() }),
            Err(_) => Err(Error::Late),
        }
    }

    /// Records a refusal or withdrawal, which takes effect whether or not the book is open. The record is handed in at
    /// once; what comes back resolves as soon as it is durable somewhere: in the store or, where that is away or slow,
    /// on this node's disk. That takes a quarter of a second and a sync at most, and never fails. Runs on Tokio.
    pub fn note(&self, record: Record) -> impl Future<Output = Noted> + Send + use<> {
        let (told, noted) = oneshot::channel();
        let row = Row::from(&record);
        let inside = Arc::clone(&self.0);
        inside.shared.queue.note(record, told);
        async move {
            let open = inside.shared.queue.state().is_open();
            let patience = if open { PATIENCE.0 } else { PATIENCE.1 };
            if let Ok(Ok(noted)) = tokio::time::timeout(patience, noted).await {
                return noted;
            }
            match tokio::time::timeout(ANSWER, inside.spill.add(row)).await {
                Ok(Ok(true)) => Noted::Spooled,
                _ => Noted::Held,
            }
        }
    }

    /// Says how many records share one transaction at most; 256 do if nothing is said, and no more ever do. For measuring
    /// what sharing is worth: with one, every record waits for a sync of its own.
    #[doc(hidden)]
    pub fn share(&self, most: usize) {
        self.0.shared.queue.share(most);
    }

    /// How the book stands.
    pub fn state(&self) -> State {
        let mut state = self.0.shared.queue.state();
        state.log = self.0.shared.guard.shown().map(|shown| shown.head.size);
        state
    }

    /// Whose grants were taken back by a receipt, so that their cookies are worth nothing any more. At most about a
    /// second old while the store is open.
    pub fn revoked(&self) -> Arc<HashSet<Pseudonym>> {
        self.0.shared.revoked.all()
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0.shared
    }

    pub(crate) fn readers(&self) -> &Arc<Readers> {
        &self.0.readers
    }

    pub(crate) fn shelves(&self) -> &Arc<Readers> {
        &self.0.shelves
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    /// Closes the book for all clones: writes or spools what waits, for five seconds at most.
    pub fn close(self) {
        self.0.close();
    }
}

impl Inside {
    fn close(&self) {
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        if threads.is_empty() {
            return;
        }
        self.shared.queue.close();
        if self.shared.queue.ended(CLOSE) {
            self.shared.stop.ring();
            for thread in threads {
                // It only has to return; a panic of its has been reported by the panic itself.
                let _ = thread.join();
            }
        } else {
            self.shared.stop.ring();
            let waiting = self.shared.queue.state().backlog;
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
    fn ledgers_are_shared() {
        fn shared<T: Clone + Send + Sync>() {}
        shared::<Ledger>();
    }
}
