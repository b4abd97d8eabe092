//! Kakao at its worst, byte by byte: one token request each, reads tried twice at most, an endpoint that keeps failing left in
//! peace, and everything else unharmed (contract 3.1.3).

use std::time::Duration;

use mock_kakao::{Fault, IdTokenFault};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, CLIENT_ID, Gateway, World,
    stub::{Reply, SIGNUP, Stub, TOKEN, TOKEN_INFO, USER_ME, head},
    text,
};

const CALLBACK: &str = "/api/auth/kakao/callback";

/// A gateway before the stub, and somebody who signed in while Kakao was well.
struct Bad {
    stub: Stub,
    gateway: Gateway,
    tokens: Value,
    world: World,
}

impl Bad {
    async fn new() -> Self {
        let world = World::new().await;
        let tokens = world.sign_in("full").await;
        let stub = Stub::start().await;
        let changes =
            [("KAKAO_AUTH_BASE_URL", &*stub.base), ("KAKAO_API_BASE_URL", &*stub.base), ("KAKAO_APP_ID", "1")];
        let gateway = world.gateway_with(&changes).await;
        Self { stub, gateway, tokens, world }
    }

    fn browser(&self) -> Browser {
        Browser::new(&self.gateway.base)
    }

    async fn log_in(&self) -> Answer {
        let body = self.browser().callback_body(&self.world.kakao, "full").await;
        self.browser().post(CALLBACK, &body).await
    }

    /// A login of an app, which needs no token request.
    async fn log_in_natively(&self) -> Answer {
        self.browser().post("/api/auth/kakao/token", &json!({"access_token": "an-access-token"})).await
    }

    async fn sessions(&self) -> i64 {
        self.world.database.count("SELECT COUNT(*) FROM sessions").await
    }

    /// What never asks Kakao goes on.
    async fn everything_else_works(&self) {
        let (browser, access) = (self.browser(), text(&self.tokens, "access_token"));
        for path in ["/livez", "/readyz", "/api/health", "/.well-known/jwks.json"] {
            assert_eq!(browser.get(path).await.status, 200, "{path}");
        }
        for path in ["/api/auth/profile", "/api/protected", "/api/auth/sessions"] {
            assert_eq!(browser.get_as(path, &access).await.status, 200, "{path}");
        }
        browser.post("/api/auth/verify", &json!({"token": access})).await.ok();
        // The same token again is answered again, so this can go on for ever.
        browser.refresh(&text(&self.tokens, "refresh_token")).await.ok();
        assert_eq!(browser.get("/api/auth/kakao/login").await.status, 303);
    }
}

fn large() -> Vec<u8> {
    let mut body = br#"{"token_type":"bearer","access_token":""#.to_vec();
    body.resize(10_000_000, b'x');
    [&body, &br#"","expires_in":1}"#[..]].concat()
}

const TYPED: &str = "content-type: application/json";

/// Answers no client can use, by what is wrong with them.
fn unusable(elsewhere: &str) -> Vec<(&'static str, Reply)> {
    let good = r#"{"token_type":"bearer","access_token":"canary-4711","expires_in":1,"id":4711}"#;
    let to = format!("location: {elsewhere}/oauth/token");
    let chunked = |body: &[u8]| Reply::Bytes([&head("200 OK", &[TYPED, "transfer-encoding: chunked"]), body].concat());
    let cut = [head("200 OK", &[TYPED, "content-length: 5000"]), good.into()].concat();
    let lines: Vec<_> = (0..300).map(|index| format!("x-{index}: y")).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    vec![
        ("reset", Reply::Reset),
        ("closed without a byte", Reply::Bytes(Vec::new())),
        ("half a line", Reply::Bytes(b"HTTP/1.1 20".to_vec())),
        ("no HTTP at all", Reply::Bytes(b"\x16\x03\x01\x02\x00\x01garbage\r\n\r\n".to_vec())),
        ("a body cut off", Reply::Bytes(cut)),
        ("chunked nonsense", chunked(b"zz\r\nno number\r\n0\r\n\r\n")),
        ("chunks without an end", chunked(b"5\r\n{\"a\":\r\n")),
        ("too many headers", Reply::answer("200 OK", &lines, good)),
        ("10 MB", Reply::answer("200 OK", &[TYPED], large())),
        ("10 MB in one chunk", chunked(&[b"989680\r\n", &large()[..]].concat())),
        ("HTML with 200", Reply::html("200 OK")),
        ("another type", Reply::answer("200 OK", &["content-type: text/plain"], r#"{"half":"#)),
        ("an empty body", Reply::answer("200 OK", &[TYPED], "")),
        ("null", Reply::answer("200 OK", &[TYPED], "null")),
        ("a list", Reply::answer("200 OK", &[TYPED], "[]")),
        ("bytes that are no text", Reply::answer("200 OK", &[TYPED], b"{\"access_token\":\"\xff\xfe\"}")),
        ("204", Reply::answer("204 No Content", &[], "")),
        ("500 without a word", Reply::answer("500 Internal Server Error", &[], "")),
        ("502 in HTML", Reply::html("502 Bad Gateway")),
        ("301", Reply::answer("301 Moved Permanently", &[&to], "")),
        ("302", Reply::answer("302 Found", &[&to], "")),
        ("307", Reply::answer("307 Temporary Redirect", &[&to], "")),
        ("308", Reply::answer("308 Permanent Redirect", &[&to], "")),
    ]
}

#[tokio::test]
async fn whatever_the_token_endpoint_does_it_is_asked_once_and_nobody_is_signed_in() {
    let (bad, elsewhere) = (Bad::new().await, Stub::start().await);
    for (name, reply) in unusable(&elsewhere.base) {
        let (asked, read, sessions) = (bad.stub.asked(TOKEN), bad.stub.asked(USER_ME), bad.sessions().await);
        bad.stub.next(TOKEN, reply);
        let answer = bad.log_in().await;
        assert_eq!(answer.refusal(), (503, "KAKAO_UNAVAILABLE".into()), "{name}");
        assert_eq!((answer.header("retry-after").as_str(), &answer.json()["action"]), ("1", &json!("login")), "{name}");
        assert!(!answer.body.contains("canary"), "{name}: {}", answer.body);
        assert_eq!(bad.stub.asked(TOKEN), asked + 1, "{name}: one request");
        assert_eq!((bad.stub.asked(USER_ME), bad.sessions().await), (read, sessions), "{name}");
        bad.everything_else_works().await;
        bad.log_in().await.ok();
    }
    assert_eq!(elsewhere.asked_in_all(), 0, "no redirect is followed with a code and a secret");
}

#[tokio::test]
async fn kakaos_refusals_are_told_apart_and_its_waiting_time_is_passed_on() {
    let bad = Bad::new().await;
    let (bad_request, denied, busy) = ("400 Bad Request", "401 Unauthorized", "429 Too Many Requests");
    let unavailable = "KAKAO_UNAVAILABLE";
    let koe = |status, error, code| Reply::koe(status, error, code, &[]);
    let throttled = |status, wait: &str| Reply::koe(status, "invalid_request", "KOE237", &[wait]);
    let cases = [
        (koe(bad_request, "invalid_grant", "KOE320"), 400, "KAKAO_CODE_USED", "", Some("KOE320")),
        (koe(bad_request, "invalid_grant", "KOE303"), 502, "KAKAO_MISCONFIGURED", "", Some("KOE303")),
        (koe(denied, "invalid_client", "KOE010"), 502, "KAKAO_MISCONFIGURED", "", Some("KOE010")),
        (koe(denied, "invalid_client", "KOE101"), 502, "KAKAO_MISCONFIGURED", "", Some("KOE101")),
        (koe(bad_request, "invalid_client", "KOE101"), 502, "KAKAO_MISCONFIGURED", "", Some("KOE101")),
        (koe(bad_request, "invalid_client", "KOE999"), 502, "KAKAO_MISCONFIGURED", "", Some("KOE999")),
        (koe(bad_request, "invalid_grant", "<b>KOE</b>"), 502, "KAKAO_LOGIN_FAILED", "", None),
        (koe(bad_request, "something_new", "KOE999"), 502, "KAKAO_LOGIN_FAILED", "", Some("KOE999")),
        (koe("500 Error", "server_error", "KOE999"), 503, unavailable, "1", Some("KOE999")),
        (throttled(busy, "x: y"), 503, unavailable, "60", Some("KOE237")),
        (throttled(bad_request, "x: y"), 503, unavailable, "60", Some("KOE237")),
        (throttled(busy, "retry-after: 17"), 503, unavailable, "17", Some("KOE237")),
        (throttled(busy, "retry-after: 0"), 503, unavailable, "1", Some("KOE237")),
        (throttled(busy, "retry-after: 86400"), 503, unavailable, "3600", Some("KOE237")),
        (throttled(busy, "retry-after: -5"), 503, unavailable, "60", Some("KOE237")),
        (throttled(busy, "retry-after: Sat, 21 Nov 2026 00:00:00 GMT"), 503, unavailable, "60", Some("KOE237")),
        (Reply::answer("503 Away", &["retry-after: 9"], "<html>"), 503, unavailable, "9", None),
        (Reply::answer(busy, &["retry-after: 8"], ""), 503, unavailable, "8", None),
    ];
    let sessions = bad.sessions().await;
    for (asked, (reply, status, code, wait, kakao)) in (1..).zip(cases) {
        let name = format!("{:?}", String::from_utf8_lossy(if let Reply::Bytes(bytes) = &reply { bytes } else { b"" }));
        bad.stub.next(TOKEN, reply);
        let answer = bad.log_in().await;
        assert_eq!(answer.refusal(), (status, code.into()), "{name}");
        assert_eq!(answer.header("retry-after"), wait, "{name}");
        assert_eq!(answer.json().get("kakao_code").and_then(Value::as_str), kakao, "{name}");
        assert!(!answer.body.contains("canary") && !answer.body.contains("<b>"), "{name}: {}", answer.body);
        assert_eq!((bad.stub.asked(TOKEN), bad.sessions().await), (asked, sessions), "{name}: one request");
    }
    bad.everything_else_works().await;
}

#[tokio::test]
async fn a_profile_is_read_twice_at_most_and_only_when_the_fault_may_pass() {
    let bad = Bad::new().await;
    let elsewhere = Stub::start().await;
    let to = format!("location: {}/v2/user/me", elsewhere.base);
    let unavailable = (503, "KAKAO_UNAVAILABLE");
    let passing = |code| Reply::api("400 Bad Request", code, &[]);
    let away = "503 Service Unavailable";
    // What Kakao does, how often it is asked, what the front end hears, and for how long to wait.
    let cases = [
        ("reset", Reply::Reset, 2, unavailable, "1"),
        ("closed", Reply::Bytes(Vec::new()), 2, unavailable, "1"),
        ("garbage", Reply::Bytes(b"garbage\r\n\r\n".to_vec()), 2, unavailable, "1"),
        ("502 in HTML", Reply::html("502 Bad Gateway"), 2, unavailable, "1"),
        ("-1", passing(-1), 2, unavailable, "1"),
        ("-603", passing(-603), 2, unavailable, "1"),
        ("-9798", Reply::api(away, -9798, &[]), 2, unavailable, "1"),
        ("-9798 for a while", Reply::api(away, -9798, &["retry-after: 30"]), 1, unavailable, "30"),
        ("503 for a while", Reply::answer(away, &["retry-after: 30"], ""), 1, unavailable, "30"),
        ("-10", Reply::api("429 Too Many Requests", -10, &["retry-after: 12"]), 1, unavailable, "12"),
        ("-10 as 400", passing(-10), 1, unavailable, "1"),
        ("429 in HTML", Reply::html("429 Too Many Requests"), 1, unavailable, "1"),
        ("HTML with 200", Reply::html("200 OK"), 1, unavailable, "1"),
        ("10 MB", Reply::answer("200 OK", &[TYPED], large()), 1, unavailable, "1"),
        ("unknown code of a server in trouble", Reply::api(away, -7777, &[]), 2, unavailable, "1"),
        ("-401", Reply::api("401 Unauthorized", -401, &[]), 1, (502, "KAKAO_LOGIN_FAILED"), ""),
        ("-2", passing(-2), 1, (502, "KAKAO_LOGIN_FAILED"), ""),
        ("-4", Reply::api("403 Forbidden", -4, &[]), 1, (403, "KAKAO_PERSON_REFUSED"), ""),
        ("-5", Reply::api("403 Forbidden", -5, &[]), 1, (502, "KAKAO_MISCONFIGURED"), ""),
        ("no id", Reply::json("200 OK", &json!({})), 1, (502, "KAKAO_LOGIN_FAILED"), ""),
        ("302", Reply::answer("302 Found", &[&to], ""), 1, (502, "KAKAO_LOGIN_FAILED"), ""),
        ("404", Reply::html("404 Not Found"), 1, (502, "KAKAO_LOGIN_FAILED"), ""),
    ];
    for (name, reply, times, (status, code), wait) in cases {
        let (tokens, read, sessions) = (bad.stub.asked(TOKEN), bad.stub.asked(USER_ME), bad.sessions().await);
        bad.stub.always(USER_ME, reply);
        let answer = bad.log_in().await;
        assert_eq!(answer.refusal(), (status, code.into()), "{name}");
        assert_eq!(answer.header("retry-after"), wait, "{name}");
        assert!(!answer.body.contains("canary"), "{name}");
        assert_eq!((bad.stub.asked(TOKEN) - tokens, bad.stub.asked(USER_ME) - read), (1, times), "{name}");
        assert_eq!(bad.sessions().await, sessions, "{name}");
        bad.everything_else_works().await;
        // Well again, so that nothing adds up to an outage.
        bad.stub.heal();
        bad.log_in_natively().await.ok();
    }
    assert_eq!(elsewhere.asked_in_all(), 0, "no redirect is followed with somebody's token");
    // A fault that passes is never noticed.
    for first in [Reply::Reset, Reply::html("502 Bad Gateway"), passing(-1)] {
        bad.stub.next(USER_ME, first.clone());
        bad.log_in().await.ok();
        bad.stub.next(TOKEN_INFO, first);
        bad.log_in_natively().await.ok();
    }
}

#[tokio::test]
async fn what_changes_something_at_kakao_is_sent_once() {
    let bad = Bad::new().await;
    bad.stub.always(USER_ME, Reply::json("200 OK", &json!({"id": 4711, "has_signed_up": false})));
    let failures =
        [Reply::Reset, Reply::Bytes(Vec::new()), Reply::html("502 Bad Gateway"), Reply::api("400 No", -1, &[])];
    for (asked, reply) in (1..).zip(failures) {
        bad.stub.next(SIGNUP, reply);
        assert_eq!(bad.log_in().await.refusal(), (503, "KAKAO_UNAVAILABLE".into()));
        assert_eq!((bad.stub.asked(SIGNUP), bad.stub.asked(TOKEN)), (asked, asked));
    }
    assert_eq!(bad.world.database.count("SELECT COUNT(*) FROM users").await, 1, "only whoever was here before");
}

#[tokio::test]
async fn an_endpoint_that_fails_twenty_times_in_a_row_is_left_in_peace_and_then_tried_once() {
    let bad = Bad::new().await;
    bad.stub.always(TOKEN, Reply::html("503 Service Unavailable"));
    for _ in 0..20 {
        assert_eq!(bad.log_in().await.refusal(), (503, "KAKAO_UNAVAILABLE".into()));
    }
    assert_eq!(bad.stub.asked(TOKEN), 20);
    for (passed, wait) in [(0, "5"), (2, "3"), (2, "1")] {
        bad.world.advance(Duration::from_secs(passed));
        let answer = bad.log_in().await;
        assert_eq!(answer.refusal(), (503, "KAKAO_UNAVAILABLE".into()));
        assert_eq!((answer.header("retry-after").as_str(), bad.stub.asked(TOKEN)), (wait, 20), "not asked");
    }
    // Each endpoint has its own rest: a login that needs no token request goes on.
    bad.log_in_natively().await.ok();
    bad.everything_else_works().await;

    bad.world.advance(Duration::from_secs(1));
    let at_once = futures_util::future::join_all((0..8).map(|_| bad.log_in())).await;
    assert!(at_once.iter().all(|answer| answer.status == 503));
    assert_eq!(bad.stub.asked(TOKEN), 21, "one tries for all");
    assert_eq!((bad.log_in().await.header("retry-after").as_str(), bad.stub.asked(TOKEN)), ("5", 21));

    bad.world.advance(Duration::from_secs(5));
    bad.stub.heal();
    for _ in 0..3 {
        bad.log_in().await.ok();
    }
    assert_eq!(bad.stub.asked(TOKEN), 24, "one success and it is as before");
}

#[tokio::test]
async fn refusals_and_single_failures_are_no_outage() {
    let bad = Bad::new().await;
    let login = async |reply: Reply| {
        bad.stub.next(TOKEN, reply);
        bad.log_in().await.status.as_u16()
    };
    for _ in 0..25 {
        assert_eq!(login(Reply::koe("400 Bad Request", "invalid_grant", "KOE322", &[])).await, 502);
    }
    for _ in 0..25 {
        assert_eq!(login(Reply::koe("429 Too Many Requests", "invalid_request", "KOE237", &[])).await, 503);
    }
    for _ in 0..2 {
        for _ in 0..19 {
            assert_eq!(login(Reply::Reset).await, 503);
        }
        bad.log_in().await.ok();
    }
    assert_eq!(bad.stub.asked(TOKEN), 25 + 25 + 2 * 20, "it was asked every time");
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_ends_after_the_time_limit_counts_as_a_failure_and_disturbs_nobody() {
    let (silent, dribbling) = (Bad::new().await, Bad::new().await);
    silent.stub.always(USER_ME, Reply::Silence);
    let long = [head("200 OK", &[TYPED, "content-length: 60000"]), b"{".to_vec()].concat();
    dribbling.stub.always(TOKEN, Reply::Dribble(long));
    let (answers, dribbled, ()) =
        tokio::join!(futures_util::future::join_all((0..20).map(|_| silent.log_in())), dribbling.log_in(), async {
            crate::support::eventually("all of them wait", async || {
                silent.stub.asked(USER_ME) == 20 && dribbling.stub.asked(TOKEN) == 1
            })
            .await;
            silent.everything_else_works().await;
            dribbling.everything_else_works().await;
            let leaving = format!("Bearer {}", text(&dribbling.tokens, "access_token"));
            let logout = [("authorization", leaving.as_str())];
            dribbling.browser().post_with("/api/auth/logout", &json!({}), &logout).await.ok();
        },);
    for answer in answers.iter().chain([&dribbled]) {
        assert_eq!(answer.refusal(), (503, "KAKAO_UNAVAILABLE".into()));
    }
    assert_eq!((silent.stub.asked(TOKEN), silent.stub.asked(USER_ME)), (20, 20), "a second try would take as long");
    assert_eq!((dribbling.stub.asked(TOKEN), dribbling.stub.asked(USER_ME)), (1, 0));
    // Twenty in a row: the profile is not asked for now.
    let answer = silent.log_in().await;
    assert_eq!((answer.header("retry-after").as_str(), silent.stub.asked(USER_ME)), ("5", 20));
}

#[tokio::test]
async fn with_nobody_at_kakaos_address_only_logins_fail() {
    let world = World::new().await;
    let tokens = world.sign_in("full").await;
    let gone = Stub::start().await.base.clone();
    let changes = [("KAKAO_AUTH_BASE_URL", gone.as_str()), ("KAKAO_API_BASE_URL", &gone), ("KAKAO_ADMIN_KEY", "key")];
    let gateway = world.gateway_with(&changes).await;
    let browser = Browser::new(&gateway.base);
    let body = browser.callback_body(&world.kakao, "full").await;
    assert_eq!(browser.post(CALLBACK, &body).await.refusal(), (503, "KAKAO_UNAVAILABLE".into()));
    let refreshed = browser.refresh(&text(&tokens, "refresh_token")).await.ok().json();
    let access = text(&refreshed, "access_token");
    assert_eq!(browser.get_as("/api/auth/profile", &access).await.status, 200);
    browser.post("/api/auth/verify", &json!({"token": access})).await.ok();
    let bearer = format!("Bearer {access}");
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(browser.send(Method::DELETE, "/api/auth/profile", &headers, None).await.status, 204);
    browser.post_with("/api/auth/logout", &json!({}), &headers).await.ok();
    assert_eq!(world.database.count("SELECT COUNT(*) FROM outbox").await, 1, "Kakao hears of it when it is back");
}

#[tokio::test]
async fn somebody_who_returns_does_not_wait_for_the_profile() {
    let world = World::new().await;
    world.sign_in("full").await;
    world.kakao.next_times(Fault::UserMeStatus(503), 100);
    let before = world.kakao.counts();
    for _ in 0..3 {
        assert_eq!(world.sign_in("full").await["user"]["nickname"], "김문지");
    }
    assert_eq!((world.kakao.counts().token - before.token, world.kakao.counts().jwks - before.jwks), (3, 0));
    let body = world.browser().callback_body(&world.kakao, "big-id").await;
    assert_eq!(
        world.browser().post(CALLBACK, &body).await.refusal(),
        (503, "KAKAO_UNAVAILABLE".into()),
        "unlike others"
    );
}

#[tokio::test]
async fn kakaos_keys_are_read_twice_a_minute_at_most_whatever_arrives() {
    for is_broken in [false, true] {
        let world = World::new().await;
        if is_broken {
            world.kakao.next_times(Fault::JwksStatus(500), 10_000);
        }
        let mut read = Vec::new();
        for turn in 0..36 {
            world.kakao.next(Fault::IdToken(IdTokenFault::UnknownKid));
            let body = world.browser().callback_body(&world.kakao, "full").await;
            assert!(world.browser().post(CALLBACK, &body).await.status.as_u16() >= 500);
            let claims = world.kakao.set_claims(CLIENT_ID, "1", "https://example.com/made-up");
            let event = world.kakao.sign_set(&json!({"kid": format!("made-up-{turn}")}), &claims);
            let headers = [("content-type", "application/secevent+jwt")];
            let url = "/api/webhooks/kakao/account-status";
            let sent = world.browser().send(Method::POST, url, &headers, Some(event)).await;
            assert!(matches!(sent.status.as_u16(), 400 | 503), "{}", sent.body);
            read.push(world.kakao.counts().jwks);
            world.advance(Duration::from_secs(3));
        }
        assert!(read[35] > 2, "they are read again after all: {read:?}");
        // Twenty turns take a minute; what was read before the first of them is not counted.
        for minute in read.windows(21) {
            assert!(minute[20] - minute[0] <= 2, "{read:?}");
        }
    }
}
