//! What is logged of logins, good and bad: every step, one JSON object a line, and nothing that anybody could use
//! (contract 2 and 6, security A3 row 21, V16).

use poem::{EndpointExt, Route, Server, get, handler, listener::TcpAcceptor, post, web::Form};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, Pkce,
    binary::{Binary, Ran, consent_over_http, demo_urls},
    code_and_state, text,
};

const CALLBACK: &str = "/api/auth/kakao/callback";
const FORGED: &str = "\t\"}{\"event\":\"forged\",\"level\":\"error\"}";

/// What must not be in any log, and what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn add(&mut self, what: &'static str, secret: impl Into<String>) {
        self.0.push((what, secret.into()));
    }

    fn add_tokens(&mut self, answer: &Value) {
        for name in ["access_token", "refresh_token"] {
            if let Some(token) = answer[name].as_str() {
                self.add("a token", token);
                self.add("a token's signature", token.rsplit('.').next().unwrap());
            }
        }
    }

    fn add_cookies(&mut self, browser: &Browser) {
        for name in browser.cookie_names().iter().filter(|name| name.starts_with("munjigi_")) {
            self.add("a cookie", browser.cookie(name).unwrap());
        }
    }

    #[track_caller]
    fn assert_absent(&self, ran: &Ran) {
        let output = format!("{}{}", ran.stdout, ran.stderr);
        assert!(self.0.len() > 5);
        for (what, secret) in &self.0 {
            assert!(secret.len() > 5, "{what}: {secret:?} says nothing");
            let found = output.lines().find(|line| line.contains(secret));
            assert_eq!(found, None, "{what} was logged");
        }
    }
}

/// The log of a process; every line of it has to be one JSON object with what, when and how bad.
#[track_caller]
fn lines(ran: &Ran) -> Vec<Value> {
    let parse = |line: &str| -> Value {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let ts = text(&object, "ts");
        assert!(ts.ends_with('Z') && ts.contains('T') && ts.len() == "2026-11-21T03:50:00.123Z".len(), "{line}");
        assert!(["error", "warn", "info", "debug", "trace"].contains(&text(&object, "level").as_str()), "{line}");
        assert!(!text(&object, "event").is_empty() && !line.chars().any(char::is_control), "{line}");
        object
    };
    ran.stderr.lines().map(parse).collect()
}

fn events<'a>(lines: &'a [Value], request_id: &str) -> Vec<&'a str> {
    lines.iter().filter(|line| line["request_id"] == request_id).filter_map(|line| line["event"].as_str()).collect()
}

/// A login by redirect, a refresh, and the old token once more. Answers the request ids of begin, callback and reuse.
async fn good_login(browser: &Browser, secrets: &mut Secrets) -> [String; 3] {
    let headers = [("user-agent", FORGED)];
    let begun = browser.send(Method::GET, "/api/auth/kakao/login?return_to=/", &headers, None).await;
    secrets.add_cookies(browser);
    let callback = consent_over_http(browser, &begun.location(), "full").await;
    let (code, state) = code_and_state(&callback);
    secrets.add("a code", code);
    secrets.add("a state", state);
    let finished = browser.send(Method::GET, &callback, &headers, None).await;
    assert_eq!(finished.location(), format!("{}/", callback.split(CALLBACK).next().unwrap()), "{}", finished.body);
    secrets.add_cookies(browser);
    let first = browser.cookie("munjigi_rt").unwrap();
    let tokens = browser.refresh_cookie().await.ok().json();
    secrets.add_tokens(&tokens);
    secrets.add_cookies(browser);
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    let renamed = json!({"nickname": "canary-nickname"}).to_string();
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    browser.send(Method::PATCH, "/api/auth/profile", &headers, Some(renamed)).await.ok();
    let reused = browser.refresh(&first).await;
    assert_eq!(reused.refusal(), (400, "REFRESH_TOKEN_REUSED".into()));
    [begun, finished, reused].map(|answer| answer.header("x-request-id"))
}

/// A login posted by a front end: refused for its verifier, then good, then with the used code in another login.
async fn posted_logins(browser: &Browser, secrets: &mut Secrets) {
    let (pkce, wrong) = (Pkce::new(), Pkce::new());
    let begun = browser.login_url(&pkce).await;
    let (code, state) = code_and_state(&consent_over_http(browser, &text(&begun, "login_url"), "big-id").await);
    let body =
        |code: &str, state: &str, verifier: &str| json!({"code": code, "state": state, "code_verifier": verifier});
    let refused = browser.post(CALLBACK, &body(&code, &state, &wrong.verifier)).await;
    assert_eq!(refused.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    let tokens = browser.post(CALLBACK, &body(&code, &state, &pkce.verifier)).await.ok().json();
    let later = text(&browser.login_url(&pkce).await, "state");
    let used = browser.post(CALLBACK, &body(&code, &later, &pkce.verifier)).await;
    assert_eq!((used.refusal(), &used.json()["kakao_code"]), ((400, "KAKAO_CODE_USED".into()), &json!("KOE320")));
    secrets.add_tokens(&tokens);
    for (what, secret) in [
        ("a code", code),
        ("a state", state),
        ("a state", later),
        ("a verifier", pkce.verifier),
        ("a verifier", wrong.verifier),
    ] {
        secrets.add(what, secret);
    }
}

/// Everything a client can get wrong, each with a canary in it.
async fn bad_requests(browser: &Browser, mock: &str, secrets: &mut Secrets) -> Vec<Answer> {
    secrets.add("what a client sent", "canary-sent");
    let authorize = browser.begin("?return_to=/").await;
    let denied = browser.get(&format!("{authorize}&mock_deny=1")).await;
    let mut answers = vec![browser.get(&denied.location()).await];
    for path in [
        "/api/auth/kakao/callback?code=canary-sent&state=canary-sent",
        "/api/auth/kakao/callback?error=canary-sent&error_description=canary-sent&state=x",
        "/api/auth/kakao/callback?code=a&state=%0d%0a%7B%22event%22:%22forged%22%7D",
        "/api/auth/kakao/login?return_to=https://canary-sent.example",
        "/api/auth/kakao/login?scope=canary-sent%0a",
        "/api/protected?access_token=canary-sent",
    ] {
        answers
            .push(browser.send(Method::GET, path, &[("user-agent", FORGED), ("referer", "canary-sent")], None).await);
    }
    answers.push(browser.get_as("/api/protected", "canary-sent").await);
    answers.push(browser.refresh("canary-sent").await);
    answers.push(browser.post("/api/auth/verify", &json!({"token": "canary-sent"})).await);
    answers.push(browser.post("/api/auth/verify", &json!({"canary-sent": {}})).await);
    let form = [("grant_type", "refresh_token"), ("refresh_token", "canary-sent"), ("client_secret", "canary-sent")];
    answers.push(browser.post_form("/oauth/token", &form, &[]).await);
    for fault in [
        json!({"error": "KOE010"}),
        json!({"fault": "user_me_error", "value": -101}),
        json!({"fault": "token_garbage"}),
        json!({"fault": "id_token", "value": "bad_signature"}),
    ] {
        browser.post(&format!("{mock}/__mock/next"), &fault).await.ok();
        let callback = consent_over_http(browser, &browser.begin("").await, "nickname-only").await;
        secrets.add("a code", code_and_state(&callback).0);
        answers.push(browser.get(&callback).await);
    }
    answers
}

#[tokio::test]
async fn every_step_of_a_login_is_logged_and_nothing_secret() {
    let binary = Binary::new();
    let settings = [
        ("LOG_FORMAT", "json"),
        ("LOG_LEVEL", "trace"),
        ("REFRESH_REUSE_WINDOW_SECONDS", "0"),
        ("REFRESH_RECOVERY_HOURS", "0"),
    ];
    let demo = binary.start(&["demo", "--listen", "127.0.0.1:0", "--mock-listen", "127.0.0.1:0"], &settings);
    let (base, mock) = demo_urls(&demo);
    let browser = Browser::new(&base);
    let mut secrets = Secrets::default();
    secrets.add("the master secret", std::fs::read_to_string(binary.path("data/demo/secret")).unwrap());
    secrets.add("the client's secret", "munjigi-demo-secret");
    for (what, secret) in
        [("an email", "munji@example.com"), ("a nickname", "김문지"), ("a nickname", "canary-nickname")]
    {
        secrets.add(what, secret);
    }
    let [begun, finished, reused] = good_login(&browser, &mut secrets).await;
    posted_logins(&browser, &mut secrets).await;
    let refusal = bad_requests(&browser, &mock, &mut secrets).await;
    drop(browser);
    let ran = demo.stop();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);

    secrets.assert_absent(&ran);
    let lines = lines(&ran);
    assert_eq!(events(&lines, &begun), ["login_begun", "request"]);
    let steps = ["callback_verified", "code_exchanged", "id_token_checked", "profile_read", "signed_in", "request"];
    let logged: Vec<_> = events(&lines, &finished).into_iter().filter(|event| *event != "jwks_read").collect();
    assert_eq!(logged, steps, "under one request id");
    assert_eq!(events(&lines, &reused), ["refresh_reused", "request"]);
    for answer in refusal {
        let status = answer.status.as_u16();
        let request = lines.iter().find(|line| {
            line["event"] == "request"
                && line["request_id"] == answer.header("x-request-id")
                && line["status"] == status
        });
        assert!(request.is_some(), "{status} {} left no line", answer.body);
    }
    let warned = |event: &str| lines.iter().any(|line| line["event"] == event && line["level"] != "info");
    for event in ["callback_refused", "login_failed_at_kakao", "kakao_misconfigured", "refresh_reused"] {
        assert!(warned(event), "{event}");
    }
    assert!(!lines.iter().any(|line| line["event"] == "forged"));
}

/// A Kakao of our own, whose tokens and texts are known.
#[handler]
fn answer_token(Form(form): Form<Vec<(String, String)>>) -> poem::Response {
    let code = form.iter().find(|(name, _)| name == "code").map(|(_, value)| value.as_str()).unwrap_or_default();
    let (status, body) = if code == "canary-good-code" {
        (
            200,
            json!({"token_type": "bearer", "access_token": "canary-kakao-access", "expires_in": 21599,
            "refresh_token": "canary-kakao-refresh", "refresh_token_expires_in": 5_183_999, "scope": "account_email"}),
        )
    } else {
        (
            400,
            json!({"error": "invalid_grant", "error_code": "KOE320",
            "error_description": format!("authorization code not found for code={code}")}),
        )
    };
    let status = poem::http::StatusCode::from_u16(status).unwrap();
    poem::Response::builder().status(status).content_type("application/json").body(body.to_string())
}

#[handler]
fn answer_me() -> poem::Response {
    let account = json!({
        "profile": {"nickname": "canary-nickname", "profile_image_url": "https://k.kakaocdn.net/canary-picture.jpg"},
        "has_email": true, "is_email_valid": true, "is_email_verified": true, "email": "canary-email@example.com",
    });
    let body = json!({"id": 4_711_471_147_114_711_i64, "kakao_account": account}).to_string();
    poem::Response::builder().content_type("application/json").body(body)
}

async fn stand_in() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let routes = Route::new().at("/oauth/token", post(answer_token)).at("/v2/user/me", get(answer_me)).boxed();
    tokio::spawn(Server::new_with_acceptor(TcpAcceptor::from_std(listener).unwrap()).run(routes));
    base
}

#[tokio::test]
async fn nothing_that_kakao_sends_is_logged() {
    let kakao = stand_in().await;
    let binary = Binary::new();
    let settings = [
        ("APP_ENV", "development"),
        ("LISTEN_ADDR", "127.0.0.1:0"),
        ("DATABASE_URL", "sqlite://data/canary-database.db"),
        ("JWT_SECRET_KEY", "canary-master-secret-of-more-than-32-bytes"),
        ("KAKAO_CLIENT_ID", "rest-api-key"),
        ("KAKAO_CLIENT_SECRET", "canary-client-secret"),
        ("KAKAO_AUTH_BASE_URL", kakao.as_str()),
        ("KAKAO_API_BASE_URL", &kakao),
        ("LOG_LEVEL", "trace"),
    ];
    let gateway = binary.start(&["serve"], &settings);
    let base = gateway.find_in_stderr(|log| {
        let line = log.lines().find(|line| line.contains("\"event\":\"started\"") && line.ends_with('}'))?;
        let line: Value = serde_json::from_str(line).ok()?;
        Some(format!("http://localhost:{}", text(&line, "listen").rsplit(':').next()?))
    });
    let browser = Browser::new(&base);
    for (code, status, location) in [("canary-good-code", 303, "http://localhost:8000/"), ("canary-bad-code", 400, "")]
    {
        let state = code_and_state(&browser.begin("").await).1;
        let answer = browser.get(&format!("{CALLBACK}?code={code}&state={state}")).await;
        assert_eq!((answer.status.as_u16(), answer.location().as_str()), (status, location), "{}", answer.body);
        assert!(!format!("{:?}{}", answer.headers, answer.body).contains("canary"), "not answered either");
    }
    let tokens = browser.refresh_cookie().await.ok().json();
    assert_eq!(tokens["user"]["email"], "canary-email@example.com", "the canaries did come in");
    drop(browser);
    let ran = gateway.stop();
    assert_eq!(ran.code, Some(0));
    let lines = lines(&ran);
    for event in ["code_exchanged", "profile_read", "signed_in", "login_failed_at_kakao"] {
        assert!(lines.iter().any(|line| line["event"] == event), "{event}");
    }
    for canary in ["canary", "4711471147114711"] {
        assert!(!ran.stderr.contains(canary), "{:?}", ran.stderr.lines().find(|line| line.contains(canary)));
    }
}
