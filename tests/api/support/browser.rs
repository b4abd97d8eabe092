//! A browser as far as the gateway can tell: cookies, no automatic redirects.

use std::{collections::BTreeMap, sync::Mutex};

use mock_kakao::MockKakao;
use munjigi::token::secret::{random_text, s256};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use super::{SPA_REDIRECT, text};

/// One browser with its cookie jar.
pub struct Browser {
    client: reqwest::Client,
    base: String,
    cookies: Mutex<BTreeMap<String, String>>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.body))
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    pub fn location(&self) -> String {
        self.header("location")
    }

    /// Status and `error` code, the two things most tests ask.
    pub fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), text(&self.json(), "error"))
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert!(self.status.is_success(), "{} {}", self.status, self.body);
        self
    }
}

/// A front end's verifier and challenge.
#[derive(Debug, Clone)]
pub struct Pkce {
    pub verifier: String,
    pub challenge: String,
}

impl Pkce {
    pub fn new() -> Self {
        let verifier = random_text();
        let challenge = s256(&verifier);
        Self { verifier, challenge }
    }
}

impl Browser {
    pub fn new(base: &str) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { client, base: base.to_owned(), cookies: Mutex::default() }
    }

    /// Any request. A path is on the gateway; headers are name and value.
    pub async fn send(&self, method: Method, url: &str, headers: &[(&str, &str)], body: Option<String>) -> Answer {
        let url = if url.starts_with('/') { format!("{}{url}", self.base) } else { url.to_owned() };
        let mut request = self.client.request(method, &url);
        let cookies = self.cookie_header();
        if !cookies.is_empty() && url.starts_with(&self.base) {
            request = request.header("cookie", cookies);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            self.store(cookie.to_str().unwrap());
        }
        Answer { status, headers, body: response.text().await.unwrap() }
    }

    pub async fn get(&self, url: &str) -> Answer {
        self.send(Method::GET, url, &[], None).await
    }

    pub async fn get_as(&self, url: &str, access_token: &str) -> Answer {
        self.send(Method::GET, url, &[("authorization", &format!("Bearer {access_token}"))], None).await
    }

    pub async fn post(&self, url: &str, body: &Value) -> Answer {
        self.post_with(url, body, &[]).await
    }

    pub async fn post_with(&self, url: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        self.send(Method::POST, url, &headers, Some(body.to_string())).await
    }

    pub async fn post_form(&self, url: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let headers = [&[("content-type", "application/x-www-form-urlencoded")], headers].concat();
        self.send(Method::POST, url, &headers, Some(body)).await
    }

    /// Posts a refresh token in the body.
    pub async fn refresh(&self, refresh_token: &str) -> Answer {
        self.post("/api/auth/refresh", &json!({"refresh_token": refresh_token})).await
    }

    /// Refreshes with the cookie, as the front end's script does.
    pub async fn refresh_cookie(&self) -> Answer {
        self.send(Method::POST, "/api/auth/refresh", &[("x-munjigi-cookie", "1")], None).await
    }

    /// Begins the redirect flow and returns the authorize URL.
    pub async fn begin(&self, query: &str) -> String {
        let answer = self.get(&format!("/api/auth/kakao/login{query}")).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.location()
    }

    /// The whole redirect flow, up to the answer of the callback.
    pub async fn log_in(&self, kakao: &MockKakao, person: &str, query: &str) -> Answer {
        let callback = kakao.consent(&self.begin(query).await, person).unwrap();
        self.get(&callback).await
    }

    /// Asks for a login URL with a challenge of the front end.
    pub async fn login_url(&self, pkce: &Pkce) -> Value {
        let redirect: String = url::form_urlencoded::byte_serialize(SPA_REDIRECT.as_bytes()).collect();
        let query = format!("?redirect_uri={redirect}&code_challenge={}&code_challenge_method=S256", pkce.challenge);
        self.get(&format!("/api/auth/kakao/login-url{query}")).await.ok().json()
    }

    /// The body a front end posts: code and state as Kakao sent them back, and its verifier.
    pub async fn callback_body(&self, kakao: &MockKakao, person: &str) -> Value {
        let pkce = Pkce::new();
        let begun = self.login_url(&pkce).await;
        let (code, state) = code_and_state(&kakao.consent(&text(&begun, "login_url"), person).unwrap());
        json!({"code": code, "state": state, "code_verifier": pkce.verifier})
    }

    /// The whole SPA flow, in bearer mode; the TokenResponse.
    pub async fn sign_in(&self, kakao: &MockKakao, person: &str) -> Value {
        let body = self.callback_body(kakao, person).await;
        self.post("/api/auth/kakao/callback", &body).await.ok().json()
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub fn cookie_names(&self) -> Vec<String> {
        self.cookies.lock().unwrap().keys().cloned().collect()
    }

    fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn store(&self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        if attributes.contains("Max-Age=0") {
            cookies.remove(name);
        } else {
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// `code` and `state` of a redirect back from Kakao.
pub fn code_and_state(callback: &str) -> (String, String) {
    let url = url::Url::parse(callback).unwrap();
    let query = |name: &str| url.query_pairs().find(|(found, _)| found == name).map(|(_, value)| value.into_owned());
    (query("code").unwrap_or_default(), query("state").unwrap_or_default())
}
