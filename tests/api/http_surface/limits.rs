//! How much and how often: body sizes, framing, logins a minute.

use reqwest::Method;
use serde_json::json;

use super::{assert_problem, send};
use crate::support::{Answer, World, raw::send_raw};

const BODY_LIMIT: usize = 16 * 1024;

fn login_rate(limit: &'static str) -> [(&'static str, &'static str); 1] {
    [("RATE_LIMIT_LOGIN_PER_MINUTE", limit)]
}

/// `token` in a body of exactly `size` bytes.
fn body_of(size: usize) -> String {
    format!("{{\"token\":\"x\"{}}}", " ".repeat(size - r#"{"token":"x"}"#.len()))
}

#[tokio::test]
async fn a_body_is_16_kib_at_most_whether_its_length_is_declared_or_not() {
    let world = World::new().await;
    let headers = [("content-type", "application/json")];
    for (size, status) in [(BODY_LIMIT, 401), (BODY_LIMIT + 1, 413), (1_000_000, 413)] {
        let body = body_of(size);
        let chunked = format!(
            "POST /api/auth/verify HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\n\r\n{size:x}\r\n{body}\r\n0\r\n\r\n"
        );
        let answer = send_raw(&world.gateway.base, chunked).await;
        assert_eq!(answer.status, status, "{size} bytes in chunks: {}", answer.body);
        if size <= BODY_LIMIT + 1 {
            let declared = world.browser().send(Method::POST, "/api/auth/verify", &headers, Some(body)).await;
            assert_eq!(declared.status, status, "{size} bytes declared: {}", declared.body);
            if status == 413 {
                assert_problem(&declared, 413, "PAYLOAD_TOO_LARGE");
                assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            }
        }
    }
}

#[tokio::test]
async fn a_length_that_is_declared_too_large_is_refused_before_anything_is_read() {
    let world = World::new().await;
    let request = "POST /api/auth/verify HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                   Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{";
    let answer = send_raw(&world.gateway.base, request).await;
    assert_eq!(answer.status, 413, "{}", answer.body);
}

#[tokio::test]
async fn requests_with_two_lengths_are_refused() {
    let world = World::new().await;
    let start = "POST /api/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    for framing in [
        "Content-Length: 4\r\nContent-Length: 5\r\n\r\n{}\r\n\r\n",
        "Content-Length: -1\r\n\r\n{}",
        "Content-Length: 2, 2x\r\n\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\n{}",
    ] {
        let answer = send_raw(&world.gateway.base, format!("{start}Connection: close\r\n{framing}")).await;
        assert!(answer.status == 0 || (400..500).contains(&answer.status), "{framing:?}: {}", answer.status);
    }
    // Chunks win over the length and the rest of the connection is not a second request (RFC 9112 section 6.1).
    let smuggled =
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let answer = send_raw(&world.gateway.base, format!("{start}{smuggled}")).await;
    assert!(!answer.body.contains("HTTP/1.1"), "one answer at most: {}", answer.body);
}

#[tokio::test]
async fn absurd_cookies_and_paths_are_refused_or_ignored_but_never_a_fault() {
    let world = World::new().await;
    let huge = format!("munjigi_rt={}", "x".repeat(64 * 1024));
    let answer = send(&world, "GET", "/livez", &[("cookie", &huge)]).await;
    assert!(answer.status.is_success() || answer.status.is_client_error(), "{}", answer.status);
    let refused = send(&world, "POST", "/api/auth/refresh", &[("cookie", &huge), ("x-munjigi-cookie", "1")]).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    if refused.status == 400 {
        // Otherwise the browser would send it, and be refused, for ever.
        assert!(refused.header("set-cookie").contains("Max-Age=0"), "{}", refused.header("set-cookie"));
    }
    let long = format!("/{}", "x".repeat(30_000));
    assert!(send(&world, "GET", &long, &[]).await.status.is_client_error());
}

#[track_caller]
fn assert_over_the_limit(answer: &Answer) {
    assert_problem(answer, 429, "RATE_LIMIT_EXCEEDED");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn the_login_routes_share_one_budget_and_nothing_else_is_limited() {
    let world = World::with(&login_rate("3")).await;
    let browser = world.browser();
    let answers = [
        browser.get("/api/auth/kakao/login").await,
        browser.get("/api/auth/kakao/login-url/").await,
        browser.post("/api/auth/kakao/callback", &json!({"code": "x", "state": "y"})).await,
    ];
    assert_eq!(answers.map(|answer| answer.status.as_u16()), [303, 200, 400]);
    for path in ["/api/auth/kakao/callback?code=x&state=y", "/api/auth/kakao/login", "/api/auth/kakao/login-url"] {
        assert_over_the_limit(&browser.get(path).await);
    }
    assert_over_the_limit(&browser.post("/api/auth/kakao/callback", &json!({"code": "x", "state": "y"})).await);
    let page = browser.send(Method::GET, "/api/auth/kakao/login", &[("accept", "text/html")], None).await;
    assert!(page.status == 429 && page.body.contains("RATE_LIMIT_EXCEEDED") && !page.header("retry-after").is_empty());
    for path in ["/livez", "/.well-known/jwks.json", "/docs"] {
        assert_eq!(browser.get(path).await.status, 200, "{path}");
    }
    assert_eq!(browser.post("/api/auth/refresh", &json!({})).await.status, 204);
    assert_eq!(world.kakao.counts().token, 0);
}

#[tokio::test]
async fn asking_whether_one_may_call_does_not_use_up_the_budget() {
    let world = World::with(&login_rate("2")).await;
    let headers = [("origin", crate::support::FRONT_END), ("access-control-request-method", "POST")];
    for _ in 0..5 {
        assert_eq!(send(&world, "OPTIONS", "/api/auth/kakao/callback", &headers).await.status, 204);
    }
    assert_eq!(send(&world, "GET", "/api/auth/kakao/login-url", &[]).await.status, 200);
}

#[tokio::test]
async fn a_client_cannot_talk_itself_out_of_the_limit() {
    let world = World::with(&login_rate("3")).await;
    let mut statuses = Vec::new();
    for client in 1..=6 {
        let address = format!("198.51.100.{client}");
        let forwarded = format!("for={address}");
        let headers = [("x-forwarded-for", &*address), ("x-real-ip", &address), ("forwarded", &forwarded)];
        statuses.push(send(&world, "GET", "/api/auth/kakao/login", &headers).await.status.as_u16());
    }
    assert_eq!(statuses, [303, 303, 303, 429, 429, 429]);
}

#[tokio::test]
async fn behind_a_trusted_proxy_every_client_has_a_budget_of_its_own() {
    let [rate] = login_rate("1");
    let world = World::with(&[rate, ("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let login = async |forwarded: &str| {
        send(&world, "GET", "/api/auth/kakao/login", &[("x-forwarded-for", forwarded)]).await.status.as_u16()
    };
    for client in ["198.51.100.1", "198.51.100.2", "2001:db8:1::1"] {
        assert_eq!((login(client).await, login(client).await), (303, 429), "{client}");
    }
    assert_eq!(login("203.0.113.66, 198.51.100.1").await, 429, "what a client says of itself counts for nothing");
    assert_eq!(login("198.51.100.3, 127.0.0.9").await, 303, "a second trusted proxy is passed over");
    assert_eq!(login("2001:db8:1::2").await, 429, "one IPv6 customer has a whole /64");
    assert_eq!(login("2001:db8:2::1").await, 303);
}

#[tokio::test]
async fn a_flood_from_one_address_does_not_lock_another_out() {
    let world = World::with(&login_rate("2")).await;
    let client = |address: [u8; 4]| {
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        builder.local_address(std::net::IpAddr::from(address)).build().unwrap()
    };
    let url = format!("{}/api/auth/kakao/login", world.gateway.base.replace("localhost", "127.0.0.1"));
    let flood = client([127, 0, 0, 2]);
    let mut last = 0;
    for _ in 0..5 {
        last = flood.get(&url).send().await.unwrap().status().as_u16();
    }
    assert_eq!(last, 429);
    assert_eq!(client([127, 0, 0, 3]).get(&url).send().await.unwrap().status(), 303);
}
