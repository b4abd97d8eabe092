//! A stand-in for both of Kakao's hosts that answers in bytes, so that it can do what no HTTP server would.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

pub const TOKEN: &str = "/oauth/token";
pub const USER_ME: &str = "/v2/user/me";
pub const TOKEN_INFO: &str = "/v1/user/access_token_info";
pub const SIGNUP: &str = "/v1/user/signup";

/// What a request gets.
#[derive(Debug, Clone)]
pub enum Reply {
    /// These bytes, then the end of the connection.
    Bytes(Vec<u8>),
    /// No byte, and the connection breaks.
    Reset,
    /// These bytes, then one after another for as long as somebody listens.
    Dribble(Vec<u8>),
    /// No byte for as long as somebody listens.
    Silence,
}

impl Reply {
    /// A whole answer. `headers` are lines; the length of the body is added.
    pub fn answer(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let length = format!("content-length: {}", body.len());
        Self::Bytes([head(status, &[headers, &[&length, "connection: close"]].concat()), body.to_vec()].concat())
    }

    pub fn json(status: &str, body: &Value) -> Self {
        Self::answer(status, &["content-type: application/json;charset=UTF-8"], body.to_string())
    }

    pub fn html(status: &str) -> Self {
        Self::answer(status, &["content-type: text/html"], "<html><body>canary-4711</body></html>")
    }

    /// An error of the token endpoint; the description is nobody's business.
    pub fn koe(status: &str, error: &str, code: &str, headers: &[&str]) -> Self {
        let body = json!({"error": error, "error_description": "canary-4711", "error_code": code});
        Self::answer(status, &[headers, &["content-type: application/json"]].concat(), body.to_string())
    }

    /// An error of the API host.
    pub fn api(status: &str, code: i64, headers: &[&str]) -> Self {
        let body = json!({"msg": "canary-4711", "code": code});
        Self::answer(status, &[headers, &["content-type: application/json"]].concat(), body.to_string())
    }
}

/// The first lines of an answer.
pub fn head(status: &str, headers: &[&str]) -> Vec<u8> {
    let lines: String = headers.iter().map(|line| [*line, "\r\n"].concat()).collect();
    format!("HTTP/1.1 {status}\r\n{lines}\r\n").into_bytes()
}

/// The stand-in. Stops when dropped.
pub struct Stub {
    pub base: String,
    state: Arc<State>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    asked: Mutex<HashMap<String, usize>>,
    always: Mutex<HashMap<&'static str, Reply>>,
    next: Mutex<HashMap<&'static str, VecDeque<Reply>>>,
}

impl Stub {
    /// Kakao in good health, without ID tokens: everybody is person 4711 of app 1.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let state = Arc::clone(&shared);
                tokio::spawn(async move { serve(stream, &state).await });
            }
        });
        let stub = Self { base, state, task };
        stub.heal();
        stub
    }

    /// Every path answers as it should from now on.
    pub fn heal(&self) {
        let token = json!({
            "token_type": "bearer", "access_token": "canary-4711-token", "expires_in": 21599,
            "refresh_token": "canary-4711-refresh", "refresh_token_expires_in": 5_183_999,
        });
        self.always(TOKEN, Reply::json("200 OK", &token));
        let me = json!({"id": 4711, "kakao_account": {"profile": {"nickname": "스텁"}}});
        self.always(USER_ME, Reply::json("200 OK", &me));
        self.always(TOKEN_INFO, Reply::json("200 OK", &json!({"id": 4711, "expires_in": 1, "app_id": 1})));
        self.always(SIGNUP, Reply::json("200 OK", &json!({"id": 4711})));
    }

    /// What a path answers from now on.
    pub fn always(&self, path: &'static str, reply: Reply) {
        self.state.always.lock().unwrap().insert(path, reply);
    }

    /// What its next request gets first.
    pub fn next(&self, path: &'static str, reply: Reply) {
        self.state.next.lock().unwrap().entry(path).or_default().push_back(reply);
    }

    /// How often a path was asked.
    pub fn asked(&self, path: &str) -> usize {
        self.state.asked.lock().unwrap().get(path).copied().unwrap_or_default()
    }

    /// How often anything was asked.
    pub fn asked_in_all(&self) -> usize {
        self.state.asked.lock().unwrap().values().sum()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, state: &State) {
    let Some(path) = read_request(&mut stream).await else { return };
    *state.asked.lock().unwrap().entry(path.clone()).or_default() += 1;
    let next = state.next.lock().unwrap().get_mut(path.as_str()).and_then(VecDeque::pop_front);
    let reply = next.or_else(|| state.always.lock().unwrap().get(path.as_str()).cloned());
    match reply.unwrap_or_else(|| Reply::html("404 Not Found")) {
        Reply::Bytes(bytes) => {
            // The gateway may have heard enough before the end.
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Reset => stream.set_zero_linger().unwrap(),
        Reply::Silence => {
            let _ = stream.read_u8().await;
        }
        Reply::Dribble(bytes) => {
            let mut sent = stream.write_all(&bytes).await;
            while sent.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
                sent = stream.write_all(b" ").await;
            }
        }
    }
}

/// Reads a request to its end, since whoever closes before that resets; its path.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines().filter_map(|line| line.split_once(':'));
            let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            let length = length.map_or(0, |(_, value)| value.trim().parse().unwrap());
            if body.len() >= length {
                let target = head.split(' ').nth(1)?;
                return Some(target.split('?').next()?.to_owned());
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
