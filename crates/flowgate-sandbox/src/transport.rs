//! The edges of a connection that hyper does not offer: knowing when an answer has left, and
//! a body that promises more than it sends.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::platform::lock;

/// Told once, at the next flush of the connection that completes.
#[derive(Clone, Default)]
pub(crate) struct FlushBell(Arc<Mutex<Option<oneshot::Sender<()>>>>);

impl FlushBell {
    /// Resolves when what is about to be written has been handed to the network; fails when the
    /// connection ends before.
    pub(crate) fn arm(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        *lock(&self.0) = Some(sender);
        receiver
    }

    fn ring(&self) {
        if let Some(sender) = lock(&self.0).take() {
            // Nobody listens any more: then nobody needs to know.
            let _ = sender.send(());
        }
    }
}

/// A connection that rings when it has flushed.
pub(crate) struct Watched {
    pub(crate) stream: TcpStream,
    pub(crate) bell: FlushBell,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.bell.ring();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// An answer's body: `sent` in one piece, and a failure if `promised` is more than that.
pub(crate) struct Payload {
    sent: Option<Bytes>,
    missing: u64,
    flushed: bool,
}

impl Payload {
    pub(crate) fn whole(bytes: Vec<u8>) -> Self {
        Self::broken_off(bytes, 0)
    }

    /// Sends `bytes`, having promised `missing` more.
    pub(crate) fn broken_off(bytes: Vec<u8>, missing: u64) -> Self {
        Self {
            sent: (!bytes.is_empty()).then(|| bytes.into()),
            missing,
            flushed: false,
        }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(bytes) = self.sent.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if self.missing == 0 {
            return Poll::Ready(None);
        }
        if !self.flushed {
            // Let hyper flush what it has: a failure at once would take the first half with it.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::other("scripted truncation"))))
    }

    fn is_end_stream(&self) -> bool {
        self.sent.is_none() && self.missing == 0
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.sent.as_ref().map_or(0, |bytes| bytes.len() as u64);
        SizeHint::with_exact(left + self.missing)
    }
}
