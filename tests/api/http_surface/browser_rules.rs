//! What other sites may do through a person's browser: CORS and CSRF (contract 2, security V3.4.2 and V3.5).

use reqwest::Method;
use serde_json::json;

use super::{assert_problem, send};
use crate::support::{Answer, Browser, FRONT_END, World};

/// Origins that look like the listed one, and are not.
const STRANGERS: [&str; 8] = [
    "https://evil.example",
    "null",
    "https://localhost:3000",
    "http://localhost:3001",
    "http://localhost",
    "http://localhost:3000.evil.example",
    "http://evil.localhost:3000",
    "HTTP://LOCALHOST:3000",
];

const JSON_ROUTES: [(&str, &str); 6] = [
    ("GET", "/api/auth/kakao/login-url"),
    ("POST", "/api/auth/kakao/callback"),
    ("POST", "/api/auth/refresh"),
    ("GET", "/api/protected"),
    ("POST", "/oauth/token"),
    ("GET", "/openapi.json"),
];

/// Allow-Origin and Allow-Credentials.
fn cors(answer: &Answer) -> (String, String) {
    (answer.header("access-control-allow-origin"), answer.header("access-control-allow-credentials"))
}

fn varies_by_origin(answer: &Answer) -> bool {
    answer.headers.get_all("vary").iter().any(|value| value == "Origin")
}

async fn preflight(world: &World, method: &str, path: &str, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", method),
        ("access-control-request-headers", "content-type,x-munjigi-cookie"),
    ];
    send(world, "OPTIONS", path, &headers).await
}

#[tokio::test]
async fn a_listed_front_end_may_read_json_and_send_cookies() {
    let world = World::new().await;
    let listed = (FRONT_END.to_owned(), "true".to_owned());
    for (method, path) in JSON_ROUTES {
        let simple = send(&world, method, path, &[("origin", FRONT_END)]).await;
        assert_eq!((cors(&simple), varies_by_origin(&simple)), (listed.clone(), true), "{method} {path}");
        let exposed = simple.header("access-control-expose-headers").to_lowercase();
        for name in ["retry-after", "www-authenticate", "x-request-id"] {
            assert!(exposed.contains(name), "{name} cannot be read: {exposed}");
        }
        let asked = preflight(&world, method, path, FRONT_END).await;
        assert_eq!(
            (asked.status.as_u16(), cors(&asked), varies_by_origin(&asked)),
            (204, listed.clone(), true),
            "{path}"
        );
        let (methods, headers) =
            (asked.header("access-control-allow-methods"), asked.header("access-control-allow-headers").to_lowercase());
        assert!(methods.contains(method) && !methods.contains('*'), "{methods}");
        for name in ["authorization", "content-type", "x-munjigi-cookie"] {
            assert!(headers.contains(name), "{name} cannot be sent: {headers}");
        }
    }
    for (method, path) in [("PATCH", "/api/auth/profile"), ("DELETE", "/api/auth/sessions/x")] {
        let methods = preflight(&world, method, path, FRONT_END).await.header("access-control-allow-methods");
        assert!(methods.contains(method), "{methods}");
    }
}

#[tokio::test]
async fn nobody_else_may_read_anything() {
    let world = World::new().await;
    for origin in STRANGERS {
        for (method, path) in JSON_ROUTES {
            let simple = send(&world, method, path, &[("origin", origin)]).await;
            let asked = preflight(&world, method, path, origin).await;
            for answer in [simple, asked] {
                let names: Vec<_> = answer.headers.keys().filter(|name| name.as_str().starts_with("access-")).collect();
                assert!(names.is_empty(), "{origin} on {method} {path}: {names:?}");
                assert!(varies_by_origin(&answer), "a cache must not give a stranger the answer of a friend");
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_can_be_read_by_the_front_end_it_concerns() {
    let world = World::with(&[("RATE_LIMIT_LOGIN_PER_MINUTE", "1")]).await;
    let origin = [("origin", FRONT_END)];
    for (method, path, status) in [
        ("GET", "/api/nothing", 404),
        ("DELETE", "/api/protected", 405),
        ("GET", "/api/protected", 401),
        ("GET", "/api/auth/kakao/login-url", 200),
        ("GET", "/api/auth/kakao/login-url", 429),
    ] {
        let answer = send(&world, method, path, &origin).await;
        assert_eq!((answer.status.as_u16(), cors(&answer).0), (status, FRONT_END.to_owned()), "{method} {path}");
    }
    let large = world.browser().post_with("/api/auth/verify", &json!({"token": "x".repeat(17_000)}), &origin).await;
    assert_eq!((large.status.as_u16(), cors(&large).0), (413, FRONT_END.to_owned()));
}

#[tokio::test]
async fn addresses_made_for_navigation_are_open_to_no_script() {
    let world = World::new().await;
    let routes = [
        "/api/auth/kakao/login",
        "/api/auth/kakao/login/",
        "/api/auth/kakao/callback",
        "/api/auth/kakao/callback/",
        "/docs",
    ];
    for path in routes {
        for answer in
            [send(&world, "GET", path, &[("origin", FRONT_END)]).await, preflight(&world, "GET", path, FRONT_END).await]
        {
            assert_eq!(cors(&answer), (String::new(), String::new()), "{path}");
        }
    }
}

#[tokio::test]
async fn keys_and_metadata_are_for_everybody_without_credentials() {
    let world = World::new().await;
    for path in ["/.well-known/jwks.json", "/.well-known/jwks.json/", "/.well-known/openid-configuration"] {
        for origin in [FRONT_END, "https://anybody.example", "null"] {
            let etag = send(&world, "GET", path, &[]).await.header("etag");
            for headers in [vec![("origin", origin)], vec![("origin", origin), ("if-none-match", &etag)]] {
                let answer = send(&world, "GET", path, &headers).await;
                assert_eq!(cors(&answer), ("*".to_owned(), String::new()), "{path} for {origin}");
                assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
            }
        }
    }
}

/// A refresh with the cookie and these headers.
async fn refresh(browser: &Browser, headers: &[(&str, &str)]) -> Answer {
    browser.send(Method::POST, "/api/auth/refresh", headers, None).await
}

#[tokio::test]
async fn a_cookie_alone_refreshes_nothing() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    let cookie = browser.cookie("munjigi_rt").unwrap();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let refused: [&[(&str, &str)]; 8] = [
        &[],
        &[("x-munjigi-cookie", "0")],
        &[("x-munjigi-cookie", "")],
        &[("origin", "https://evil.example"), ("x-munjigi-cookie", "1")],
        &[("origin", "null"), ("x-munjigi-cookie", "1")],
        &[("origin", FRONT_END)],
        &[("sec-fetch-site", "cross-site"), ("x-munjigi-cookie", "1")],
        &[("sec-fetch-site", "same-site")],
    ];
    for headers in refused {
        let answer = refresh(&browser, headers).await;
        assert_problem(&answer, 403, "CSRF_REFUSED");
        assert!(!answer.headers.contains_key("set-cookie"), "{headers:?}: the cookie stays as it is");
    }
    let by_form = refresh(&browser, &[form, ("origin", "https://evil.example")]).await;
    assert!(by_form.status.is_client_error() && !by_form.headers.contains_key("set-cookie"), "{}", by_form.status);
    assert_eq!(browser.cookie("munjigi_rt").unwrap(), cookie);
    assert!(!world.audit().await.iter().any(|event| event.starts_with("refresh")), "nothing was rotated");
}

#[tokio::test]
async fn a_cookie_with_proof_of_our_own_page_or_a_listed_one_refreshes() {
    let world = World::new().await;
    let own = world.gateway.base.clone();
    let accepted: [&[(&str, &str)]; 6] = [
        &[("x-munjigi-cookie", "1")],
        &[("origin", &own)],
        &[("origin", &own), ("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "same-origin")],
        &[("origin", FRONT_END), ("x-munjigi-cookie", "1")],
        &[("origin", FRONT_END), ("x-munjigi-cookie", "1"), ("sec-fetch-site", "cross-site")],
    ];
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    for headers in accepted {
        let before = browser.cookie("munjigi_rt").unwrap();
        let answer = refresh(&browser, headers).await;
        assert_eq!(answer.status, 200, "{headers:?}: {}", answer.body);
        assert_ne!(browser.cookie("munjigi_rt").unwrap(), before, "{headers:?}");
        assert!(answer.json().get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn opening_an_address_changes_nothing() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    let cookie = browser.cookie("munjigi_rt").unwrap();
    for path in ["/api/auth/refresh", "/api/auth/logout", "/oauth/revoke", "/oauth/token", "/api/auth/kakao/callback"] {
        let answer = browser.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.status);
    }
    assert_eq!(browser.cookie("munjigi_rt").unwrap(), cookie);
    assert_eq!(browser.refresh_cookie().await.status, 200);
}

#[tokio::test]
async fn a_scanner_that_opens_the_callback_first_does_not_spoil_it() {
    let world = World::new().await;
    let browser = world.browser();
    let callback = world.kakao.consent(&browser.begin("").await, "full").unwrap();
    for method in [Method::HEAD, Method::GET] {
        let answer = world.browser().send(method, &callback, &[], None).await;
        assert_eq!(answer.status, 400);
    }
    assert_eq!(browser.get(&callback).await.status, 303);
    assert!(browser.cookie("munjigi_rt").is_some());
}
