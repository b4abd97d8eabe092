//! HTTP/1.1 over one kept-alive connection: as little work as an honest client can do, since it shares the machine with the server.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::failure::Failure;

/// An answer slower than this counts as none.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection to one server, opened when first needed and again when the server closes it.
pub struct Connection {
    authority: String,
    stream: Option<TcpStream>,
    out: Vec<u8>,
    received: Vec<u8>,
}

/// What to send.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub method: &'static str,
    /// Path and query.
    pub target: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    /// Content type and bytes.
    pub body: Option<(&'a str, &'a [u8])>,
}

impl<'a> Request<'a> {
    pub fn get(target: &'a str, headers: &'a [(&'a str, &'a str)]) -> Self {
        Self { method: "GET", target, headers, body: None }
    }

    pub fn post_json(target: &'a str, headers: &'a [(&'a str, &'a str)], body: &'a str) -> Self {
        Self { method: "POST", target, headers, body: Some(("application/json", body.as_bytes())) }
    }
}

/// An answer, valid until the next request.
pub struct Answer<'a> {
    pub status: u16,
    head: &'a str,
    pub body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// The values of a header, whose name is given in lower case.
    fn values(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        values(self.head, name)
    }

    pub fn location(&self) -> Result<&'a str, Failure> {
        self.values("location").next().ok_or_else(|| Failure::wrong("no Location"))
    }

    /// `name=value` of every cookie that is set, as a Cookie header sends them back. Cookies that are taken away are left out.
    pub fn cookies(&self) -> String {
        let mut all = String::new();
        for cookie in self.values("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            if pair.ends_with('=') || pair.ends_with("=\"\"") {
                continue;
            }
            if !all.is_empty() {
                all.push_str("; ");
            }
            all.push_str(pair);
        }
        all
    }

    pub fn expect(self, status: u16) -> Result<Self, Failure> {
        if self.status == status { Ok(self) } else { Err(Failure::Status(self.status)) }
    }
}

fn values<'a>(head: &'a str, name: &'static str) -> impl Iterator<Item = &'a str> {
    head.split("\r\n").skip(1).filter_map(move |line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Where the parts of an answer lie in the received bytes.
struct Frame {
    head: usize,
    body: usize,
    end: usize,
    keep: bool,
}

impl Connection {
    /// To the server of a base URL such as `http://127.0.0.1:8000`.
    pub fn to(base: &str) -> Self {
        let authority = base.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned();
        Self { authority, stream: None, out: Vec::with_capacity(2048), received: Vec::with_capacity(8192) }
    }

    /// Opens the connection now, so that opening it is not measured.
    pub async fn open(&mut self) -> Result<(), Failure> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(&self.authority).await.map_err(Failure::transport)?;
            stream.set_nodelay(true).map_err(Failure::transport)?;
            self.stream = Some(stream);
        }
        Ok(())
    }

    /// Sends a request and reads the whole answer. A connection that the server had closed meanwhile is opened again, once.
    pub async fn send(&mut self, request: Request<'_>) -> Result<Answer<'_>, Failure> {
        self.write_down(request);
        let reused = self.stream.is_some();
        let exchanged = match timeout(PATIENCE, self.exchange()).await {
            Ok(Err(_)) if reused && self.received.is_empty() => {
                self.stream = None;
                timeout(PATIENCE, self.exchange()).await
            }
            exchanged => exchanged,
        };
        let frame = match exchanged {
            Ok(Ok(frame)) => frame,
            Ok(Err(failure)) => {
                self.stream = None;
                return Err(failure);
            }
            Err(_) => {
                self.stream = None;
                return Err(Failure::Timeout);
            }
        };
        if !frame.keep {
            self.stream = None;
        }
        let head = std::str::from_utf8(&self.received[..frame.head]).map_err(|_| Failure::wrong("head is not text"))?;
        let status = head.get(9..12).and_then(|code| code.parse().ok()).ok_or_else(|| Failure::wrong("no status"))?;
        Ok(Answer { status, head, body: &self.received[frame.body..frame.end] })
    }

    fn write_down(&mut self, request: Request<'_>) {
        let out = &mut self.out;
        out.clear();
        for part in [request.method, " ", request.target, " HTTP/1.1\r\nhost: ", &self.authority, "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        for (name, value) in request.headers {
            for part in [name, ": ", value, "\r\n"] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        if let Some((kind, body)) = request.body {
            let length = body.len().to_string();
            for part in ["content-type: ", kind, "\r\ncontent-length: ", &length, "\r\n\r\n"] {
                out.extend_from_slice(part.as_bytes());
            }
            out.extend_from_slice(body);
        } else {
            out.extend_from_slice(b"\r\n");
        }
    }

    async fn exchange(&mut self) -> Result<Frame, Failure> {
        self.received.clear();
        self.open().await?;
        let Some(stream) = &mut self.stream else { return Err(Failure::Closed) };
        stream.write_all(&self.out).await.map_err(Failure::transport)?;
        loop {
            let read = stream.read_buf(&mut self.received).await.map_err(Failure::transport)?;
            if let Some(frame) = frame(&mut self.received, read == 0)? {
                return Ok(frame);
            }
            if read == 0 {
                return Err(Failure::transport(io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }
}

/// The frame of a complete answer; a chunked body is made one piece in place. `None` while bytes are missing.
fn frame(received: &mut Vec<u8>, is_end: bool) -> Result<Option<Frame>, Failure> {
    let Some(head) = received.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let body = head + 4;
    let text = std::str::from_utf8(&received[..head]).map_err(|_| Failure::wrong("head is not text"))?;
    let mut keep = text.starts_with("HTTP/1.1");
    if let Some(value) = values(text, "connection").next() {
        keep = !value.eq_ignore_ascii_case("close") && (keep || value.eq_ignore_ascii_case("keep-alive"));
    }
    let is_bodiless = matches!(text.get(9..12), Some("204" | "304"));
    let length = values(text, "content-length").next().and_then(|value| value.parse::<usize>().ok());
    let chunked = values(text, "transfer-encoding").any(|value| value.eq_ignore_ascii_case("chunked"));
    let end = match length {
        _ if is_bodiless => Some(body),
        Some(length) => (received.len() >= body + length).then_some(body + length),
        None if chunked => join_chunks(received, body)?,
        None => is_end.then_some(received.len()),
    };
    let keep = keep && (length.is_some() || chunked || is_bodiless);
    Ok(end.map(|end| Frame { head, body, end, keep }))
}

/// RFC 9112 section 7.1, without trailers. The end of the joined body, `None` while the last chunk is missing.
fn join_chunks(received: &mut Vec<u8>, body: usize) -> Result<Option<usize>, Failure> {
    let (mut at, mut joined) = (body, Vec::new());
    loop {
        let Some(line) = received[at..].windows(2).position(|two| two == b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&received[at..at + line]).ok();
        let size = size.and_then(|size| usize::from_str_radix(size.split(';').next()?.trim(), 16).ok());
        let size = size.ok_or_else(|| Failure::wrong("chunk size"))?;
        let (start, end) = (at + line + 2, at + line + 2 + size);
        if received.len() < end + 2 {
            return Ok(None);
        }
        if size == 0 {
            received.truncate(body);
            received.extend_from_slice(&joined);
            return Ok(Some(received.len()));
        }
        joined.extend_from_slice(&received[start..end]);
        at = end + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8], is_end: bool) -> Option<(Vec<u8>, bool)> {
        let mut received = bytes.to_vec();
        let frame = frame(&mut received, is_end).unwrap()?;
        Some((received[frame.body..frame.end].to_vec(), frame.keep))
    }

    #[test]
    fn an_answer_is_complete_only_with_its_whole_body() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
        assert_eq!(parse(&whole[..whole.len() - 1], false), None);
        assert_eq!(parse(whole, false), Some((b"body".to_vec(), true)));
        assert_eq!(parse(b"HTTP/1.1 204 No Content\r\n\r\n", false), Some((Vec::new(), true)));
    }

    #[test]
    fn chunks_are_joined_and_half_of_them_are_not_enough() {
        let whole = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nfir\r\n2;x=y\r\nst\r\n0\r\n\r\n";
        for half in 20..whole.len() {
            assert_eq!(parse(&whole[..half], false), None, "{half}");
        }
        assert_eq!(parse(whole, false), Some((b"first".to_vec(), true)));
    }

    #[test]
    fn a_server_that_closes_is_not_kept() {
        let closing = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(parse(closing, false), Some((Vec::new(), false)));
        assert_eq!(parse(b"HTTP/1.0 200 OK\r\n\r\nuntil the end", false), None);
        assert_eq!(parse(b"HTTP/1.0 200 OK\r\n\r\nuntil the end", true), Some((b"until the end".to_vec(), false)));
    }

    #[test]
    fn cookies_come_back_as_they_were_set_and_removed_ones_do_not() {
        let head =
            "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/; HttpOnly\r\nset-cookie: b=2\r\nset-cookie: gone=; Max-Age=0";
        let answer = Answer { status: 200, head, body: b"" };
        assert_eq!(answer.cookies(), "a=1; b=2");
    }
}
