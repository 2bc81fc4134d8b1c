//! Questions to the store, from whoever serves the log or a receipt. A few connections of their own, in threads that
//! may block, so that neither the writer nor a page ever waits for an answer.

use crate::error::Error;
use crate::guard::Guard;
use crate::store::{Fault, Store};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How many questions are asked at once. More wait as long as an answer may take, and are then told to come back.
const ASKERS: usize = 4;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(3);

/// Connections for questions.
pub(crate) struct Readers {
    first: Mutex<Box<dyn Store>>,
    idle: Mutex<Vec<Box<dyn Store>>>,
    permits: Arc<Semaphore>,
    guard: Arc<Guard>,
}

impl Readers {
    pub(crate) fn new(first: Box<dyn Store>, guard: Arc<Guard>) -> Self {
        Self { first: Mutex::new(first), idle: Mutex::default(), permits: Arc::new(Semaphore::new(ASKERS)), guard }
    }

    /// Asks, and waits for so long at most. A question that goes on longer keeps its connection, and goes unheard.
    pub(crate) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&mut dyn Store) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Error> {
        let permit = tokio::time::timeout(ANSWER, Arc::clone(&self.permits).acquire_owned()).await;
        let Ok(Ok(permit)) = permit else { return Err(Error::Busy { waiting: ASKERS }) };
        let readers = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut store = readers.take();
            if store.ready()? {
                // Neither read nor written where the log is not the one that was shown.
                readers.guard.check(&mut *store)?;
            }
            let answer = question(&mut *store)?;
            // Only a connection that answered is kept.
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(store);
            Ok::<T, Fault>(answer)
        });
        match tokio::time::timeout(ANSWER, asked).await {
            Ok(Ok(answer)) => answer.map_err(Error::from),
            Ok(Err(_)) => Err(Error::Unreadable { why: "the question was broken off".to_owned() }),
            Err(_) => Err(Error::Late),
        }
    }

    fn take(&self) -> Box<dyn Store> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_else(|| self.first.lock().unwrap_or_else(PoisonError::into_inner).sibling())
    }
}
