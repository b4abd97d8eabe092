//! Sends webhooks and remembers what the receiver answered.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde::Serialize;

/// Kakao waits no longer for an answer.
const LIMIT: Duration = Duration::from_secs(3);
/// How much of an answer is kept.
const BODY_KEPT: usize = 2048;
/// How many deliveries are kept.
const REMEMBERED: usize = 50;

/// Which webhook a delivery belongs to; it decides which answers are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Unlink,
    AccountStatus,
}

/// What was sent and what came back.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Delivery {
    /// Counted from the start of the mock.
    pub(crate) number: u64,
    /// Unix seconds.
    pub(crate) at: i64,
    pub(crate) kind: Kind,
    pub(crate) method: String,
    pub(crate) url: String,
    /// What it said, in a few words.
    pub(crate) summary: String,
    /// 1 for the first.
    pub(crate) attempt: u32,
    /// Missing if there was no answer.
    pub(crate) status: Option<u16>,
    pub(crate) content_type: Option<String>,
    /// The first 2 KB.
    pub(crate) body: String,
    /// Why there was no answer.
    pub(crate) error: Option<String>,
    pub(crate) latency_ms: u64,
    pub(crate) within_3_seconds: bool,
    /// Whether Kakao is content with the answer.
    pub(crate) as_expected: bool,
}

/// What a delivery is about.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) kind: Kind,
    pub(crate) method: &'static str,
    pub(crate) url: String,
    pub(crate) summary: String,
    /// Unix seconds.
    pub(crate) at: i64,
    pub(crate) attempt: u32,
}

/// The HTTP client and the newest deliveries.
#[derive(Default)]
pub(crate) struct Sender {
    /// Made when first needed: most mocks of a test suite send nothing.
    client: OnceLock<Client>,
    counter: AtomicU64,
    log: Mutex<VecDeque<Delivery>>,
}

impl Sender {
    #[expect(clippy::disallowed_methods, reason = "the mock's only client; it has the limits the rule is about")]
    pub(crate) fn client(&self) -> &Client {
        self.client.get_or_init(|| {
            // Receivers are on this machine or in the operator's network; a proxy would only be in the way.
            let client = Client::builder().redirect(Policy::none()).timeout(LIMIT).no_proxy();
            client.build().expect("the TLS library starts")
        })
    }

    /// Sends one request, waits for the answer and remembers it.
    pub(crate) async fn send(&self, subject: Subject, request: RequestBuilder) -> Delivery {
        let began = Instant::now();
        let answer = request.send().await;
        let mut delivery = Delivery {
            number: self.counter.fetch_add(1, Ordering::Relaxed) + 1,
            at: subject.at,
            kind: subject.kind,
            method: subject.method.to_owned(),
            url: subject.url,
            summary: subject.summary,
            attempt: subject.attempt,
            status: None,
            content_type: None,
            body: String::new(),
            error: None,
            latency_ms: 0,
            within_3_seconds: false,
            as_expected: false,
        };
        match answer {
            Ok(answer) => delivery.read(answer).await,
            Err(error) => delivery.error = Some(reason(&error)),
        }
        let took = began.elapsed();
        delivery.latency_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        delivery.within_3_seconds = delivery.error.is_none() && took <= LIMIT;
        delivery.as_expected = delivery.within_3_seconds && delivery.is_right();
        self.remember(delivery.clone());
        delivery
    }

    /// The newest deliveries first.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }

    pub(crate) fn reset(&self) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.counter.store(0, Ordering::Relaxed);
    }

    fn remember(&self, delivery: Delivery) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_back(delivery);
        while log.len() > REMEMBERED {
            log.pop_front();
        }
    }
}

impl Delivery {
    async fn read(&mut self, mut answer: Response) {
        self.status = Some(answer.status().as_u16());
        let content_type = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        self.content_type = content_type.map(str::to_owned);
        let mut body = Vec::new();
        while body.len() < BODY_KEPT {
            match answer.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => {
                    self.error = Some(reason(&error));
                    break;
                }
            }
        }
        body.truncate(BODY_KEPT);
        self.body = String::from_utf8_lossy(&body).into_owned();
    }

    /// Whether the status needs no other attempt.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.status, Some(202 | 400)) && self.error.is_none()
    }

    /// Unlink: 200 always. Account status: 202, or 400 with the members of RFC 8935 section 2.4.
    fn is_right(&self) -> bool {
        match (self.kind, self.status) {
            (Kind::Unlink, Some(200)) | (Kind::AccountStatus, Some(202)) => true,
            (Kind::AccountStatus, Some(400)) => {
                let body: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
                body["err"].is_string() && body["description"].is_string()
            }
            _ => false,
        }
    }
}

/// The cause alone: the message around it repeats the URL, which stands beside it anyway.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer within 3 seconds".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
