//! Questions to the store, from whoever serves the log or a receipt. A few connections of their own, in threads that
//! may block, so that neither the writer nor a page ever waits for an answer.

use crate::error::Error;
use crate::store::{Fault, Store};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How many questions are asked at once. More are told to come back.
const ASKERS: usize = 4;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(3);

/// Connections for questions.
pub(crate) struct Readers {
    first: Mutex<Box<dyn Store>>,
    idle: Mutex<Vec<Box<dyn Store>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(first: Box<dyn Store>) -> Self {
        Self { first: Mutex::new(first), idle: Mutex::default(), permits: Arc::new(Semaphore::new(ASKERS)) }
    }

    /// Asks, and waits for so long at most. A question that goes on longer keeps its connection, and goes unheard.
    pub(crate) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&mut dyn Store) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Error> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().map_err(|_| Error::Busy { waiting: ASKERS })?;
        let readers = Arc::clone(self);
        let asked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut store = readers.take();
            store.ready()?;
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
