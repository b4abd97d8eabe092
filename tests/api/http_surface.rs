//! The wire as every client meets it: shapes of errors, methods, languages, headers, documents (contract 3 and 6).

mod browser_rules;
mod documents;
mod error_docs;
mod headers;
mod limits;

use munjigi::error_code::ErrorCode;
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, World, raw::send_raw, text};

/// Everything contract 6 promises of an error, whoever found it.
#[track_caller]
fn assert_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", answer.body);
    let problem = answer.json();
    assert_eq!((&problem["status"], text(&problem, "error")), (&json!(status), code.to_owned()));
    assert!(text(&problem, "type").ends_with(&format!("/docs/errors/{code}")), "{problem}");
    assert_eq!(problem["request_id"], answer.header("x-request-id"));
    for name in ["title", "message", "hint", "request_id"] {
        assert!(!text(&problem, name).is_empty(), "{name} in {problem}");
    }
    assert!(["login", "retry", "fix_config", "none"].contains(&text(&problem, "action").as_str()), "{problem}");
    assert_eq!(answer.header("cache-control"), "no-store");
}

async fn send(world: &World, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    world.browser().send(Method::from_bytes(method.as_bytes()).unwrap(), path, headers, None).await
}

#[tokio::test]
async fn unknown_addresses_are_problems_too_and_never_kept() {
    let world = World::new().await;
    let token = text(&world.sign_in("full").await, "access_token");
    let bearer = format!("Bearer {token}");
    // The last ones are known from cache deception: a cache would take them for files of everybody.
    for path in [
        "/nothing",
        "/api/nothing",
        "/.well-known/nothing",
        "/docs/nothing",
        "/metrics",
        "/api/auth/profile/x.css",
        "/api/auth/profile;.js",
        "/api/auth/profile%2f..%2fa.css",
        "/api/auth/profile%00",
    ] {
        let answer = send(&world, "GET", path, &[("authorization", &bearer)]).await;
        assert_problem(&answer, 404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_which_ones_there_are() {
    let world = World::new().await;
    for (method, path, allow) in [
        ("GET", "/api/auth/refresh", "POST"),
        ("GET", "/api/auth/logout", "POST"),
        ("GET", "/oauth/token", "POST"),
        ("POST", "/api/protected", "GET, HEAD"),
        ("PUT", "/api/auth/profile", "DELETE, GET, HEAD, PATCH"),
        ("PUT", "/api/auth/kakao/callback", "GET, HEAD, POST"),
        ("PATCH", "/api/auth/sessions/019aa2f0-7c00-7b1e-9c6d-0f2d6a1c9e55", "DELETE"),
        ("DELETE", "/docs", "GET, HEAD"),
        ("POST", "/openapi.json", "GET, HEAD"),
        ("POST", "/.well-known/jwks.json/", "GET, HEAD"),
    ] {
        let answer = send(&world, method, path, &[]).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, allow.to_owned()), "{method} {path}");
        if !path.starts_with("/oauth/") {
            assert_problem(&answer, 405, "METHOD_NOT_ALLOWED");
        }
    }
}

#[tokio::test]
async fn trace_and_made_up_methods_are_refused_and_repeat_nothing() {
    let world = World::new().await;
    for method in ["TRACE", "PUT", "PROPFIND", "SMUGGLE"] {
        for path in ["/livez", "/api/auth/refresh", "/docs", "/.well-known/jwks.json"] {
            let answer = send(&world, method, path, &[("x-canary", "canary-4711")]).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert!(!answer.body.contains("canary-4711"));
        }
    }
    let tunnel = "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nConnection: close\r\n\r\n";
    let status = send_raw(&world.gateway.base, tunnel).await.status;
    assert!((400..500).contains(&status), "{status}");
}

#[tokio::test]
async fn bodies_of_the_wrong_kind_are_refused() {
    let world = World::new().await;
    let browser = world.browser();
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "garbage"]
    {
        let headers = [("content-type", content_type)];
        let body = Some(r#"{"token":"x"}"#.to_owned());
        let answer = browser.send(Method::POST, "/api/auth/verify", &headers, body).await;
        assert_problem(&answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let compressed = [("content-encoding", "gzip")];
    let answer = browser.post_with("/api/auth/verify", &json!({"token": "x"}), &compressed).await;
    assert_problem(&answer, 415, "UNSUPPORTED_MEDIA_TYPE");
    let with_charset = [("content-type", "application/json; charset=utf-8")];
    let body = Some(r#"{"token":"x"}"#.to_owned());
    let answer = browser.send(Method::POST, "/api/auth/verify", &with_charset, body).await;
    assert_problem(&answer, 401, "INVALID_TOKEN");
}

#[tokio::test]
async fn malformed_json_is_refused_without_being_repeated() {
    let world = World::new().await;
    let browser = world.browser();
    for body in [
        "",
        "{",
        "nul",
        "null",
        "[]",
        "{}",
        "canary-4711",
        r#""canary-4711""#,
        r"{'token':'canary-4711'}",
        r#"{"token":"canary-4711",}"#,
        r#"{"token":"canary-4711"} {}"#,
        r#"{"token":1e999}"#,
        r#"{"token":["canary-4711"]}"#,
        r#"{"token":{"canary-4711":1}}"#,
        "{\"token\":\"canary-4711\u{1}\"}",
        r#"{"token":"\ud800"}"#,
        "\u{feff}{\"token\":\"canary-4711\"}",
    ] {
        let headers = [("content-type", "application/json")];
        let answer = browser.send(Method::POST, "/api/auth/verify", &headers, Some(body.to_owned())).await;
        assert_problem(&answer, 400, "INVALID_REQUEST");
        assert!(!answer.body.contains("4711"), "{}", answer.body);
    }
    let bytes: &[u8] = b"POST /api/auth/verify HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
        Content-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"token\":\"\xff\xfe\"}";
    assert_eq!(send_raw(&world.gateway.base, bytes).await.status, 400);
}

#[tokio::test]
async fn a_member_or_parameter_given_twice_is_refused_wherever_it_stands() {
    let world = World::new().await;
    let browser = world.browser();
    for body in [
        r#"{"token":"a","token":"b"}"#,
        r#"{"token":"a","tok\u0065n":"b"}"#,
        r#"{"token":"a","more":{"x":1,"x":2}}"#,
        r#"{"token":"a","more":[{"x":1,"x":1}]}"#,
    ] {
        let headers = [("content-type", "application/json")];
        let answer = browser.send(Method::POST, "/api/auth/verify", &headers, Some(body.to_owned())).await;
        assert_problem(&answer, 400, "INVALID_REQUEST");
    }
    for path in [
        "/api/auth/kakao/login?prompt=login&prompt=none",
        "/api/auth/kakao/login?return_to=/a&return_to=/b",
        "/api/auth/kakao/login-url?scope=a&scope=a",
        "/api/auth/kakao/callback?code=a&code=b&state=x",
        "/api/auth/kakao/callback?code=a&c%6fde=b&state=x",
    ] {
        assert_problem(&send(&world, "GET", path, &[]).await, 400, "INVALID_REQUEST");
    }
    assert_eq!(world.kakao.counts().token, 0);
}

#[tokio::test]
async fn deeply_nested_json_is_refused_and_the_process_lives_on() {
    let world = World::new().await;
    let browser = world.browser();
    for body in ["[".repeat(16_000), format!("{{\"token\":{}", "[".repeat(16_000)), "{\"token\":".repeat(1_500)] {
        let headers = [("content-type", "application/json")];
        let answer = browser.send(Method::POST, "/api/auth/verify", &headers, Some(body)).await;
        assert_problem(&answer, 400, "INVALID_REQUEST");
    }
    assert_eq!(browser.get("/livez").await.status, 200);
}

#[tokio::test]
async fn texts_are_korean_unless_english_is_preferred() {
    let world = World::new().await;
    let (korean, english) = ErrorCode::NotFound.entry().message;
    for (accept, expected, tag) in [
        (None, korean, "ko"),
        (Some("ko-KR,ko;q=0.9,en;q=0.8"), korean, "ko"),
        (Some("en-US,en;q=0.9,ko;q=0.8"), english, "en"),
        (Some("EN"), english, "en"),
        (Some("fr-FR, *;q=0.1"), korean, "ko"),
        (Some(";;q=,,-"), korean, "ko"),
    ] {
        let headers: Vec<_> = accept.iter().map(|value| ("accept-language", *value)).collect();
        let answer = send(&world, "GET", "/nothing", &headers).await;
        assert_eq!(
            (text(&answer.json(), "message").as_str(), answer.header("content-language").as_str()),
            (expected, tag)
        );
        let vary: Vec<_> = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap()).collect();
        assert!(vary.contains(&"Accept-Language"), "{accept:?}: a cache must not mix languages up, {vary:?}");
        assert_eq!(answer.json()["title"], ErrorCode::NotFound.entry().title, "titles never change");
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_our_own_making() {
    let world = World::new().await;
    let headers = [("x-request-id", "canary-4711"), ("traceparent", "00-canary-4711")];
    let mut ids = std::collections::HashSet::new();
    for path in ["/nothing", "/livez", "/docs", "/api/auth/kakao/login", "/oauth/token", "/.well-known/jwks.json"] {
        for _ in 0..2 {
            let answer = send(&world, "GET", path, &headers).await;
            let id = answer.header("x-request-id");
            assert!(!id.is_empty() && !format!("{:?}{}", answer.headers, answer.body).contains("4711"), "{path}");
            assert!(ids.insert(id), "{path}: the id came twice");
        }
    }
}

#[tokio::test]
async fn a_trailing_slash_makes_no_difference() {
    let world = World::new().await;
    for (method, path) in [
        ("GET", "/livez"),
        ("GET", "/api/protected"),
        ("GET", "/api/auth/kakao/login"),
        ("GET", "/api/auth/kakao/callback"),
        ("POST", "/api/auth/refresh"),
        ("POST", "/oauth/token"),
        ("GET", "/.well-known/jwks.json"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
    ] {
        let plain = send(&world, method, path, &[]).await;
        let slash = send(&world, method, &format!("{path}/"), &[]).await;
        assert_ne!(plain.status, 404, "{path}");
        assert_eq!(
            (plain.status, plain.header("content-type")),
            (slash.status, slash.header("content-type")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let world = World::new().await;
    for path in [
        "/livez",
        "/readyz",
        "/docs",
        "/openapi.json",
        "/.well-known/jwks.json",
        "/api/protected",
        "/oauth/userinfo",
        "/api/auth/kakao/login",
        "/nothing",
    ] {
        for accept in ["*/*", "text/html"] {
            let get = send(&world, "GET", path, &[("accept", accept)]).await;
            let head = send(&world, "HEAD", path, &[("accept", accept)]).await;
            assert_eq!(head.body, "");
            for name in ["content-type", "cache-control", "etag", "www-authenticate", "content-security-policy"] {
                assert_eq!(head.header(name), get.header(name), "{name} of {path} for {accept}");
            }
            assert_eq!(head.status, get.status, "{path}");
        }
    }
}

#[tokio::test]
async fn a_page_in_a_browser_gets_an_error_page_with_the_same_facts() {
    let world = World::new().await;
    let accept = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8"), ("accept-language", "en")];
    let answer = send(&world, "GET", "/nothing", &accept).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type").as_str()), (404, "text/html; charset=utf-8"));
    let (_, english) = ErrorCode::NotFound.entry().message;
    for fact in [english, "NOT_FOUND", &answer.header("x-request-id")] {
        assert!(answer.body.contains(fact), "{fact}");
    }
    for machine in ["/.well-known/nothing", "/oauth/nothing"] {
        let answer = send(&world, "GET", machine, &accept).await;
        assert!(answer.header("content-type").ends_with("json"), "{machine} is for machines alone");
    }
}
