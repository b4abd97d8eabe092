//! Requests no HTTP client would send: bytes over a connection of their own.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// An answer to bytes.
#[derive(Debug)]
pub struct RawAnswer {
    /// Zero when the server closed without a word.
    pub status: u16,
    /// Header lines, names in lower case.
    pub head: String,
    pub body: String,
}

impl RawAnswer {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

/// Sends the bytes and reads until the server closes; `request` has to ask for that.
pub async fn send_raw(base: &str, request: impl AsRef<[u8]>) -> RawAnswer {
    let addr = base.strip_prefix("http://localhost:").unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", addr.parse::<u16>().unwrap())).await.unwrap();
    // The server may answer and close before it has read everything.
    let _ = stream.write_all(request.as_ref()).await;
    let mut bytes = Vec::new();
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes)).await.expect("the server keeps silent");
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let lower = |line: &str| match line.split_once(':') {
        Some((name, value)) => format!("{}:{value}\n", name.to_ascii_lowercase()),
        None => format!("{line}\n"),
    };
    RawAnswer { status, head: head.lines().map(lower).collect(), body: body.to_owned() }
}
