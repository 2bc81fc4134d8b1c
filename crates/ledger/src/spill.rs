//! Past a store that hangs: noted records that waited long enough go to the spool from here, whatever the writer is
//! doing. Many share one sync. The writer has them as well; the store knows them by name.

use crate::queue::{NOTES, Queue};
use crate::row::Row;
use crate::signer::Signer;
use crate::spool::Spool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Who waits for the disk.
pub(crate) struct Spill {
    spool: Arc<Spool>,
    signer: Signer,
    queue: Arc<Queue>,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    rows: Vec<(Row, oneshot::Sender<bool>)>,
    /// Somebody is at it.
    busy: bool,
}

impl Spill {
    pub(crate) fn new(spool: Arc<Spool>, signer: Signer, queue: Arc<Queue>) -> Self {
        Self { spool, signer, queue, inside: Mutex::default() }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands a row in; what comes back says whether it is on the disk. Runs on Tokio.
    pub(crate) fn add(self: &Arc<Self>, row: Row) -> oneshot::Receiver<bool> {
        let (sure, done) = oneshot::channel();
        let mut inside = self.inside();
        if inside.rows.len() >= NOTES {
            // A disk that hangs this long gets no more: the queue has it still, or has counted it.
            return done;
        }
        inside.rows.push((row, sure));
        if !std::mem::replace(&mut inside.busy, true) {
            let spill = Arc::clone(self);
            tokio::task::spawn_blocking(move || spill.empty());
        }
        done
    }

    fn empty(&self) {
        loop {
            let rows = {
                let mut inside = self.inside();
                if inside.rows.is_empty() {
                    inside.busy = false;
                    return;
                }
                std::mem::take(&mut inside.rows)
            };
            let kept = self.spool.append(rows.iter().map(|(row, _)| row), &self.signer);
            if let Err(error) = &kept {
                tracing::warn!(%error, "noted records could not be spooled");
            } else if self.queue.stopped() {
                // Counted as lost when nobody was there to take them.
                self.queue.saved(rows.len() as u64);
            }
            for (_, sure) in rows {
                // Nobody there any more is no fault.
                let _ = sure.send(kept.is_ok());
            }
        }
    }
}
