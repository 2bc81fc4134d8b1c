//! A wire that can be cut: between one gateway and one member of the cluster, passing bytes until it is told otherwise.
//! Knows nothing of what passes.

use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the wire does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Passes everything.
    Pass,
    /// Resets what is open and what is tried.
    Cut,
    /// Accepts and says nothing; what is open stays open and silent. Nothing is lost: it comes once the wire passes.
    Mute,
}

/// One wire.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    mode: watch::Sender<Mode>,
}

impl Proxy {
    /// A wire to this address.
    pub(crate) async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, state) = watch::channel(Mode::Pass);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(carry(stream, target, state.clone()));
            }
        });
        Self { address, mode }
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

/// Carries one connection until either side ends it or the wire is cut.
async fn carry(near: TcpStream, target: SocketAddr, mut state: watch::Receiver<Mode>) {
    // A muted wire connects to nothing; whoever hangs up meanwhile is noticed later.
    let Ok(mode) = state.wait_for(|mode| *mode != Mode::Mute).await.map(|mode| *mode) else { return };
    let far = if mode == Mode::Cut { None } else { TcpStream::connect(target).await.ok() };
    let Some(far) = far else {
        reset(&near);
        return;
    };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    let (there, back) = (pass(near_in, far_out, state.clone()), pass(far_in, near_out, state.clone()));
    let (there, back) = (tokio::spawn(there), tokio::spawn(back));
    let _ = (there.await, back.await);
}

/// Passes one direction. At a cut both sides get a reset, not an end.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, state: watch::Receiver<Mode>) {
    let mut cut = state.clone();
    let ended = tokio::select! {
        cut = cut.wait_for(|mode| *mode == Mode::Cut) => cut.is_err(),
        () = copy(&mut from, &mut to, state) => true,
    };
    if ended {
        let _ = to.shutdown().await;
    } else {
        reset(from.as_ref());
        // Dropped, it would say goodbye first.
        to.forget();
    }
}

async fn copy(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, mut state: watch::Receiver<Mode>) {
    let mut chunk = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut chunk).await {
        let passes = state.wait_for(|mode| *mode != Mode::Mute).await.is_ok();
        if !passes || to.write_all(&chunk[..count]).await.is_err() {
            return;
        }
    }
}

/// Closing this stream sends a reset.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}
