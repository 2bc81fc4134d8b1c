//! The one thread that moves the bytes of a store's connections, and waiting for it with a bound. Knows no SQL.
//!
//! Whoever asks blocks on a channel and not on a runtime, so a store may be asked from any thread, also from one that
//! runs tasks.

use crate::store::Fault;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// How long connections have to say goodbye at the end.
const GOODBYE: Duration = Duration::from_millis(50);

/// A runtime in a thread of its own, until the last owner drops it.
pub(super) struct Engine {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

/// What the handles of one store share: their engine, once one of them connects.
#[derive(Clone, Default)]
pub(super) struct Room(Arc<Mutex<Option<Arc<Engine>>>>);

impl Room {
    pub(super) fn engine(&self) -> Result<Arc<Engine>, Fault> {
        let mut engine = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = &*engine {
            return Ok(Arc::clone(engine));
        }
        let new = Engine::start().map_err(|error| Fault(format!("cannot start the thread of the store: {error}")))?;
        Ok(Arc::clone(engine.insert(Arc::new(new))))
    }
}

impl Engine {
    fn start() -> std::io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        thread::Builder::new().name("bandeau-postgres".to_owned()).spawn(move || {
            runtime.block_on(async {
                let _ = stopped.await;
                tokio::time::sleep(GOODBYE).await;
            });
        })?;
        Ok(Self { handle, _stop: stop })
    }

    /// Lets something run on its own.
    pub(super) fn start_task(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(task));
    }

    /// Runs something in the thread, and waits for it until then.
    pub(super) fn run<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
        until: Instant,
    ) -> Option<T> {
        let running = self.handle.spawn(task);
        let stop = running.abort_handle();
        let done = wait(running, until);
        stop.abort();
        done?.ok()
    }
}

struct Bell(Thread);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks this thread until something is there; nothing if it is not there by then.
pub(super) fn wait<F: Future>(future: F, until: Instant) -> Option<F::Output> {
    let mut future = pin!(future);
    let bell = Waker::from(Arc::new(Bell(thread::current())));
    let mut context = Context::from_waker(&bell);
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return Some(done);
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        thread::park_timeout(left);
    }
}

/// All of these side by side, begun in their order.
pub(super) async fn all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<Pin<Box<F>>> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        let mut open = false;
        for (future, slot) in futures.iter_mut().zip(&mut done).filter(|(_, slot)| slot.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(output) => *slot = Some(output),
                Poll::Pending => open = true,
            }
        }
        if open { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_is_bounded_also_where_tasks_run() {
        let room = Room::default();
        let engine = room.engine().unwrap();
        let soon = Instant::now() + Duration::from_millis(50);
        assert_eq!(engine.run(std::future::pending::<()>(), soon), None);
        assert_eq!(engine.run(async { 7 }, Instant::now() + Duration::from_secs(5)), Some(7));
        assert_eq!(wait(std::future::pending::<()>(), soon), None);
    }

    #[test]
    fn all_are_begun_in_order() {
        let begun = Mutex::new(Vec::new());
        let futures = (0..5).map(|number| {
            let begun = &begun;
            async move {
                begun.lock().unwrap().push(number);
                number
            }
        });
        let done = wait(all(futures.collect()), Instant::now() + Duration::from_secs(5));
        assert_eq!((done.unwrap(), begun.into_inner().unwrap()), (vec![0, 1, 2, 3, 4], vec![0, 1, 2, 3, 4]));
    }
}
