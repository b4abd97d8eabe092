//! A running mock with a clock, and the requests every test makes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mock_kakao::{MockClient, MockConfig, MockKakao};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::http::{Answer, send};

pub const CLIENT: &str = "0123456789abcdef0123456789abcdef";
pub const SECRET: &str = "AbCdEfGhIjKlMnOpQrStUvWxYz012345";
pub const REDIRECT: &str = "http://localhost:8000/api/auth/kakao/callback";
pub const START: i64 = 1_790_000_000;

/// A mock that knows one client.
pub struct Kakao {
    pub mock: MockKakao,
    clock: Arc<AtomicI64>,
}

pub async fn start() -> Kakao {
    start_with(|_| {}).await
}

pub async fn start_with(change: impl FnOnce(&mut MockConfig)) -> Kakao {
    let clock = Arc::new(AtomicI64::new(START));
    let reader = Arc::clone(&clock);
    let mut config = MockConfig {
        clients: vec![MockClient {
            client_id: CLIENT.to_owned(),
            client_secret: Some(SECRET.to_owned()),
            redirect_uris: vec![REDIRECT.to_owned()],
        }],
        clock: Arc::new(move || reader.load(Ordering::Relaxed)),
        ..MockConfig::default()
    };
    change(&mut config);
    Kakao { mock: MockKakao::start(config).await.expect("a free port"), clock }
}

impl Kakao {
    pub fn advance(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.mock.addr(), "GET", path, "", "").await.expect("an answer")
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        let form = "Content-Type: application/x-www-form-urlencoded;charset=utf-8\r\n";
        send(self.mock.addr(), "POST", path, form, body).await.expect("an answer")
    }

    /// With `Authorization: <authorization>`.
    pub async fn authorized(&self, method: &str, path: &str, authorization: &str, body: &str) -> Answer {
        let header = format!("Authorization: {authorization}\r\n");
        send(self.mock.addr(), method, path, &header, body).await.expect("an answer")
    }

    /// The redirect of `person` who agrees, with more authorize parameters.
    pub async fn agree(&self, person: &str, more: &[(&str, &str)]) -> Url {
        let mut parameters = vec![("mock_user", person)];
        parameters.extend_from_slice(more);
        location(&self.get(&authorize_path(&parameters)).await)
    }

    /// An authorization code of `person`.
    pub async fn code(&self, person: &str, more: &[(&str, &str)]) -> String {
        query(&self.agree(person, more).await, "code").expect("a code")
    }

    /// Exchanges a code; later values replace the usual ones, an empty value leaves the parameter out.
    pub async fn exchange(&self, code: &str, more: &[(&str, &str)]) -> Answer {
        let usual = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
            ("redirect_uri", REDIRECT),
            ("code", code),
        ];
        self.post("/oauth/token", &merge(&usual, more)).await
    }

    /// The token answer of a login.
    pub async fn login(&self, person: &str, more: &[(&str, &str)]) -> Value {
        let answer = self.exchange(&self.code(person, more).await, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// user/me of a fresh login.
    pub async fn user_me(&self, person: &str, query: &str) -> Value {
        let tokens = self.login(person, &[]).await;
        let bearer = format!("Bearer {}", text(&tokens, "access_token"));
        self.authorized("GET", &format!("/v2/user/me{query}"), &bearer, "").await.json()
    }
}

/// The path of an authorize request; later values replace the usual ones, an empty value leaves the parameter out.
pub fn authorize_path(more: &[(&str, &str)]) -> String {
    let usual = [("client_id", CLIENT), ("redirect_uri", REDIRECT), ("response_type", "code"), ("state", "s t/1")];
    format!("/oauth/authorize?{}", merge(&usual, more))
}

/// Where a 302 leads.
pub fn location(answer: &Answer) -> Url {
    assert_eq!(answer.status, 302, "{}", answer.text());
    Url::parse(answer.header("location").expect("a location")).expect("a URL")
}

/// A query parameter of a URL.
pub fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A text member of a JSON object.
pub fn text<'value>(value: &'value Value, name: &str) -> &'value str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

/// The header or the claims of a compact JWS, unverified.
pub fn part(token: &str, position: usize) -> Value {
    let encoded = token.split('.').nth(position).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).expect("base64url")).expect("JSON")
}

fn merge(usual: &[(&str, &str)], more: &[(&str, &str)]) -> String {
    let kept = usual.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(kept.chain(more).filter(|(_, value)| !value.is_empty()));
    form.finish()
}

/// The `Authorization` of a fresh login.
pub async fn bearer(kakao: &Kakao, person: &str) -> String {
    format!("Bearer {}", text(&kakao.login(person, &[]).await, "access_token"))
}
