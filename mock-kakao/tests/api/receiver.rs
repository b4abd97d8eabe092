//! A receiver of webhooks on a free port: answers what it is told, and keeps what came.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Clone)]
pub struct Received {
    pub head: String,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

pub struct Receiver {
    addr: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    /// Answers the first request with the first answer and so on; the last answer stays. An answer is a status line with
    /// headers, and a body. Without any, requests are read and never answered.
    pub async fn start(answers: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let received = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<String> = answers
            .iter()
            .map(|(head, body)| {
                format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
            })
            .collect();
        let kept = Arc::clone(&received);
        tokio::spawn(async move {
            let mut unanswered = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                let position = {
                    let mut received = kept.lock().expect("no panic before");
                    received.push(request);
                    received.len() - 1
                };
                match answers.get(position).or(answers.last()) {
                    Some(answer) => stream.write_all(answer.as_bytes()).await.expect("the sender listens"),
                    None => unanswered.push(stream),
                }
            }
        });
        Self { addr, received }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.addr)
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no panic before").clone()
    }
}

async fn read(stream: &mut TcpStream) -> Received {
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 65536]);
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let received = Received { head: head.to_owned(), body: body.to_owned() };
            let length = received.header("content-length").map_or(0, |length| length.parse().expect("a length"));
            if received.body.len() >= length {
                return received;
            }
        }
        let read = stream.read(&mut buffer).await.expect("a request");
        assert!(read > 0, "the request ended early");
        bytes.extend_from_slice(&buffer[..read]);
    }
}
