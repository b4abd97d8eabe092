//! Honest clients and what they were told. They sign in, refresh, at times sign out; when told to come again, or nothing at all, they
//! ask the other replica the same again.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use mock_kakao::MockKakao;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Pkce, SPA_REDIRECT, code_and_state, eventually, text};

/// Clients at once.
const CLIENTS: usize = 16;

/// Acknowledged answers that show that all goes on.
const SIGNS_OF_LIFE: usize = 60;

/// One session as its client knows it.
pub struct Chain {
    /// Refresh tokens that were handed out, the oldest first.
    pub tokens: Vec<String>,
    pub is_signed_out: bool,
}

/// Everything that was answered.
#[derive(Default)]
pub struct Ledger {
    pub chains: Vec<Chain>,
    /// By status, or `unreachable`.
    pub answers: BTreeMap<String, usize>,
    /// What no honest client may ever hear.
    pub wrongs: Vec<String>,
    /// When acknowledged requests were sent and answered.
    acknowledged: Vec<(Instant, Instant)>,
}

pub struct Crowd {
    world: Arc<Outside>,
    tasks: JoinSet<()>,
}

struct Outside {
    bases: [String; 2],
    kakao: MockKakao,
    http: reqwest::Client,
    ledger: Mutex<Ledger>,
    is_over: AtomicBool,
}

impl Crowd {
    pub fn enter(bases: [String; 2], kakao: MockKakao) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        let world = Outside { bases, kakao, http, ledger: Mutex::default(), is_over: AtomicBool::default() };
        let world = Arc::new(world);
        let mut tasks = JoinSet::new();
        for number in 0..CLIENTS {
            let world = Arc::clone(&world);
            tasks.spawn(async move { world.client(number).await });
        }
        Self { world, tasks }
    }

    /// Waits until many more requests were acknowledged that were sent from now on.
    pub async fn go_on(&self, what: &str) {
        let now = Instant::now();
        let lives = || self.world.ledger().acknowledged.iter().filter(|(sent, _)| *sent > now).count();
        eventually(&format!("{what}, and the clients go on"), async || lives() >= SIGNS_OF_LIFE).await;
    }

    /// How long after `moment` the first request sent since was acknowledged.
    pub fn first_since(&self, moment: Instant) -> Option<Duration> {
        let ledger = self.world.ledger();
        let since = ledger.acknowledged.iter().filter(|(sent, _)| *sent > moment);
        since.map(|(_, answered)| answered.duration_since(moment)).min()
    }

    /// Lets every client finish what it is doing.
    pub async fn leave(mut self) -> Ledger {
        self.world.is_over.store(true, Ordering::SeqCst);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        std::mem::take(&mut self.world.ledger())
    }
}

impl Outside {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    async fn client(&self, number: usize) {
        let person = ["full", "nickname-only", "big-id"][number % 3];
        for round in 0.. {
            if self.is_over() {
                return;
            }
            let Some(first) = self.sign_in(person).await else { continue };
            let mut chain = Chain { tokens: vec![first], is_signed_out: false };
            for _ in 0..5 + (number + round) % 10 {
                if self.is_over() {
                    break;
                }
                match self.refresh(chain.tokens.last().unwrap()).await {
                    Some(next) => chain.tokens.push(next),
                    None => break,
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            chain.is_signed_out = round % 2 == 0 && self.sign_out(chain.tokens.last().unwrap()).await;
            self.ledger().chains.push(chain);
        }
    }

    async fn sign_in(&self, person: &str) -> Option<String> {
        let pkce = Pkce::new();
        let redirect: String = url::form_urlencoded::byte_serialize(SPA_REDIRECT.as_bytes()).collect();
        let query = format!("?redirect_uri={redirect}&code_challenge={}&code_challenge_method=S256", pkce.challenge);
        let (_, begun) = self.ask(Method::GET, &format!("/api/auth/kakao/login-url{query}"), None).await;
        let (code, state) = code_and_state(&self.kakao.consent(&text(&begun, "login_url"), person).unwrap());
        let body = json!({"code": code, "state": state, "code_verifier": pkce.verifier});
        let (status, answer) = self.ask(Method::POST, "/api/auth/kakao/callback", Some(&body)).await;
        match (status, answer["error"].as_str()) {
            (200, _) => Some(text(&answer, "refresh_token")),
            // Nothing was promised: whoever exchanged the code died before it could store the login. Kakao takes a code once.
            (_, Some("KAKAO_CODE_USED")) => None,
            _ => self.wrong(format!("a login: {status} {answer}")),
        }
    }

    async fn refresh(&self, token: &str) -> Option<String> {
        let body = json!({"refresh_token": token});
        let (status, answer) = self.ask(Method::POST, "/api/auth/refresh", Some(&body)).await;
        if status == 200 {
            Some(text(&answer, "refresh_token"))
        } else {
            self.wrong(format!("a refresh: {status} {answer}"))
        }
    }

    async fn sign_out(&self, token: &str) -> bool {
        let body = json!({"refresh_token": token});
        let (status, answer) = self.ask(Method::POST, "/api/auth/logout", Some(&body)).await;
        status == 200 || self.wrong::<()>(format!("a sign-out: {status} {answer}")).is_some()
    }

    fn wrong<T>(&self, what: String) -> Option<T> {
        self.ledger().wrongs.push(what);
        None
    }

    /// Asks one replica and then the other until there is an answer that is one.
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        for base in self.bases.iter().cycle().skip(path.len() % 2).take(600) {
            let mut request = self.http.request(method.clone(), format!("{base}{path}"));
            if let Some(body) = body {
                request = request.header("content-type", "application/json").body(body.to_string());
            }
            let sent = Instant::now();
            let outcome = match request.send().await {
                Ok(answer) => {
                    let (status, retry_after) =
                        (answer.status().as_u16(), answer.headers().contains_key("retry-after"));
                    answer.text().await.map(|text| (status, retry_after, text))
                }
                Err(error) => Err(error),
            };
            let kind = outcome.as_ref().map_or("unreachable".to_owned(), |(status, ..)| status.to_string());
            *self.ledger().answers.entry(kind).or_default() += 1;
            match outcome {
                Ok((503, true, _)) | Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                Ok((status, _, text)) => {
                    if status == 200 {
                        self.ledger().acknowledged.push((sent, Instant::now()));
                    }
                    return (status, serde_json::from_str(&text).unwrap_or(Value::String(text)));
                }
            }
        }
        (0, json!("no answer in a minute"))
    }
}
