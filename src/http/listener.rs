//! The listening socket. poem's own has no deadline for a request's head, does not set TCP_NODELAY and spins when the process
//! is out of file descriptors.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use poem::{
    http::uri::Scheme,
    listener::Acceptor,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep},
};

/// Open connections at once; further ones wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 10_000;

/// A connection without a request, or whose peer does not take its answer, is closed after this long.
const IDLE: Duration = Duration::from_secs(75);

/// From the first byte of a request to the first byte of its answer. Above the deadline of any handler.
const REQUEST: Duration = Duration::from_secs(30);

/// Accepts connections within limits.
pub struct Limited {
    listener: TcpListener,
    local: SocketAddr,
    places: Arc<Semaphore>,
}

impl Limited {
    /// Over a bound socket.
    pub fn new(listener: TcpListener) -> io::Result<Self> {
        let local = listener.local_addr()?;
        Ok(Self { listener, local, places: Arc::new(Semaphore::new(MAX_CONNECTIONS)) })
    }
}

impl Acceptor for Limited {
    type Io = Connection;

    fn local_addr(&self) -> Vec<LocalAddr> {
        vec![LocalAddr(self.local.into())]
    }

    async fn accept(&mut self) -> io::Result<(Connection, LocalAddr, RemoteAddr, Scheme)> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    // Small answers must not wait for the acknowledgement of the one before.
                    let _ = stream.set_nodelay(true);
                    let deadline = Box::pin(tokio::time::sleep(IDLE));
                    let connection = Connection { stream, deadline, busy: false, _place: place };
                    return Ok((connection, LocalAddr(self.local.into()), RemoteAddr(peer.into()), Scheme::HTTP));
                }
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => {}
                Err(error) => {
                    // Out of descriptors, most likely: trying again at once would only burn the processor.
                    tracing::warn!(event = "accept_failed", kind = %error.kind());
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }
}

/// A connection with a deadline: for the next request while idle, for the whole request once its first byte has come.
pub struct Connection {
    stream: TcpStream,
    deadline: Pin<Box<Sleep>>,
    busy: bool,
    _place: OwnedSemaphorePermit,
}

impl Connection {
    fn turn(&mut self, busy: bool, span: Duration) {
        if self.busy != busy {
            self.busy = busy;
            self.deadline.as_mut().reset(Instant::now() + span);
        }
    }

    /// A peer that does not send, or does not read, holds its place until the deadline and no longer.
    fn unless_late<T>(&mut self, progress: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        match progress {
            Poll::Pending => self.deadline.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into())),
            done @ Poll::Ready(_) => done,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.stream).poll_read(cx, buf);
        if progress.is_ready() {
            self.turn(true, REQUEST);
        }
        self.unless_late(progress, cx)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.turn(false, IDLE);
        let progress = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.unless_late(progress, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.turn(false, IDLE);
        let progress = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.unless_late(progress, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
