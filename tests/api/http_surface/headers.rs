//! Headers of every kind of answer, cookies, credentials in headers.

use reqwest::Method;
use serde_json::json;

use super::{assert_problem, send};
use crate::support::{Answer, Browser, FRONT_END, SPA_REDIRECT, World, raw::send_raw, text};

const PUBLIC: &str = "https://auth.example.com";

fn cookies(answer: &Answer) -> Vec<String> {
    answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
}

/// One answer of every kind the gateway gives, by name. The browser is signed in by cookie in the end.
async fn every_kind(world: &World, browser: &Browser) -> Vec<(&'static str, Answer)> {
    let token = text(&world.sign_in("full").await, "access_token");
    let refused = world.browser();
    refused.set_cookie("munjigi_rt", "dead");
    let etag = browser.get("/.well-known/jwks.json").await.header("etag");
    let preflight = [("origin", FRONT_END), ("access-control-request-method", "POST")];
    vec![
        ("a redirect", browser.get("/api/auth/kakao/login").await),
        ("a login", browser.log_in(&world.kakao, "full", "").await),
        ("JSON", browser.get("/livez").await),
        ("a person", browser.get_as("/api/auth/profile", &token).await),
        ("devices", browser.get_as("/api/auth/sessions", &token).await),
        ("claims", browser.get_as("/oauth/userinfo", &token).await),
        ("a refresh", browser.refresh_cookie().await),
        ("a refused refresh", refused.refresh_cookie().await),
        ("nothing", world.browser().post("/api/auth/refresh", &json!({})).await),
        ("a problem", browser.get("/nothing").await),
        ("a page", send(world, "GET", "/nothing", &[("accept", "text/html")]).await),
        ("a missing credential", browser.get("/api/protected").await),
        ("an OAuth error", browser.post_form("/oauth/token", &[("grant_type", "password")], &[]).await),
        ("a wrong method", send(world, "TRACE", "/livez", &[]).await),
        ("too much", browser.post("/api/auth/verify", &json!({"token": "x".repeat(17_000)})).await),
        ("documentation", browser.get("/docs").await),
        ("a script", browser.get("/docs/docs.js").await),
        ("a style", browser.get("/assets/style.css").await),
        ("a document", browser.get("/openapi.json").await),
        ("keys", browser.get("/.well-known/jwks.json").await),
        ("unchanged keys", send(world, "GET", "/.well-known/jwks.json", &[("if-none-match", &etag)]).await),
        ("a preflight", send(world, "OPTIONS", "/api/auth/refresh", &preflight).await),
    ]
}

#[tokio::test]
async fn every_kind_of_answer_carries_the_security_headers_and_no_banner() {
    let world = World::new().await;
    let browser = world.browser();
    for (kind, answer) in every_kind(&world, &browser).await {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {kind}");
        }
        assert!(!answer.header("cross-origin-resource-policy").is_empty(), "{kind}");
        let csp = answer.header("content-security-policy");
        for directive in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(csp.contains(directive), "{directive} is not in the policy of {kind}: {csp}");
        }
        let script = csp.split(';').find(|directive| directive.trim().starts_with("script-src")).unwrap_or_default();
        assert!(!script.contains("unsafe") && !csp.contains('*'), "{kind}: {csp}");
        for banner in ["server", "x-powered-by", "strict-transport-security"] {
            assert!(!answer.headers.contains_key(banner), "{banner} of {kind} over http");
        }
        let content_type = answer.header("content-type");
        let has_type = answer.body.is_empty() || !content_type.is_empty();
        assert!(has_type && (!content_type.starts_with("text/") || content_type.contains("charset=utf-8")), "{kind}");
    }
}

#[tokio::test]
async fn nothing_with_a_token_a_cookie_or_a_person_is_ever_kept() {
    let world = World::with(&[("OAUTH_CLIENTS", r#"[{"id":"api","secret":"s3cret"}]"#)]).await;
    let browser = world.browser();
    let mut answers = every_kind(&world, &browser).await;
    answers.retain(|(kind, _)| !["documentation", "a script", "a style", "a document"].contains(kind));
    answers.retain(|(kind, _)| !["keys", "unchanged keys"].contains(kind));
    let tokens = world.sign_in("full").await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let asked = [("token", access.as_str()), ("client_id", "api"), ("client_secret", "s3cret")];
    let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let body = browser.callback_body(&world.kakao, "full").await;
    answers.extend([
        ("a login URL", browser.get("/api/auth/kakao/login-url").await),
        ("a posted login", browser.post("/api/auth/kakao/callback", &body).await),
        ("an introspection", browser.post_form("/oauth/introspect", &asked, &[]).await),
        ("a token answer", browser.post_form("/oauth/token", &grant, &[]).await),
        ("a check", browser.post("/api/auth/verify", &json!({"token": access})).await),
        ("a revocation", browser.post_form("/oauth/revoke", &[("token", &access)], &[]).await),
        ("a sign-out", browser.send(Method::POST, "/api/auth/logout", &[("x-munjigi-cookie", "1")], None).await),
    ]);
    assert!(answers.iter().filter(|(_, answer)| !cookies(answer).is_empty()).count() >= 5);
    for (kind, answer) in answers {
        assert_eq!(answer.header("cache-control"), "no-store", "{kind}");
    }
}

#[tokio::test]
async fn behind_https_cookies_are_bound_to_the_host_and_the_browser_is_told_to_stay() {
    let world = World::with(&[("PUBLIC_URL", PUBLIC)]).await;
    let browser = world.browser();
    let begun = browser.get("/api/auth/kakao/login").await;
    let year = begun.header("strict-transport-security").strip_prefix("max-age=").unwrap().parse::<u64>().unwrap();
    assert!(year >= 31_536_000, "{year}");
    let attempt = cookies(&begun).remove(0);
    assert!(attempt.starts_with("__Host-munjigi_login_"), "{attempt}");
    assert!(attempt.ends_with("; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600"), "{attempt}");

    let callback = world.kakao.consent(&begun.location(), "full").unwrap();
    let finished = browser.get(callback.strip_prefix(PUBLIC).unwrap()).await;
    assert_eq!(finished.location(), format!("{PUBLIC}/"));
    let refresh = cookies(&finished).into_iter().find(|cookie| cookie.starts_with("__Host-munjigi_rt=")).unwrap();
    assert!(refresh.ends_with("; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=604800"), "{refresh}");
    assert!(cookies(&finished).iter().all(|cookie| !cookie.contains("Domain")));

    // A sibling host can plant a cookie of the plain name, but not of the other.
    let planted = world.browser();
    planted.set_cookie("munjigi_rt", &browser.cookie("__Host-munjigi_rt").unwrap());
    assert_eq!(planted.refresh_cookie().await.status, 204);
    assert_eq!(browser.refresh_cookie().await.status, 200);
}

#[tokio::test]
async fn no_cookie_is_larger_than_browsers_keep() {
    let world = World::new().await;
    let browser = world.browser();
    for character in ["a", "가", "%"] {
        let path = format!("/{}", character.repeat(2047 / character.len()));
        let encoded: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let answer = browser.get(&format!("/api/auth/kakao/login?return_to={encoded}")).await;
        let largest = cookies(&answer).iter().map(|cookie| cookie.split(';').next().unwrap().len()).max();
        // Refused is as good: a cookie the browser drops is a login that can never be finished.
        assert!(answer.status == 400 || largest.is_some_and(|size| size <= 4096), "{character}: {largest:?}");
    }
    browser.log_in(&world.kakao, "full", "").await;
    assert!(browser.cookie("munjigi_rt").unwrap().len() < 3000);
}

#[tokio::test]
async fn a_missing_credential_is_asked_for_and_a_bad_one_is_called_bad() {
    let world = World::new().await;
    let tokens = world.sign_in("full").await;
    for path in ["/api/protected", "/api/auth/profile", "/api/auth/sessions"] {
        let answer = send(&world, "GET", path, &[]).await;
        assert_problem(&answer, 401, "UNAUTHENTICATED");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "without a reason when nothing was sent (RFC 6750)");
        let other_scheme = send(&world, "GET", path, &[("authorization", "Basic YTpi")]).await;
        assert_eq!(other_scheme.header("www-authenticate"), "Bearer");
        for token in ["garbage", "a.b.c", &text(&tokens, "refresh_token")] {
            let headers = [("authorization", &*format!("Bearer {token}")), ("accept-language", "ko")];
            let answer = send(&world, "GET", path, &headers).await;
            assert_problem(&answer, 401, "INVALID_TOKEN");
            let challenge = answer.header("www-authenticate");
            assert!(challenge.starts_with("Bearer error=\"invalid_token\", error_description=\""), "{challenge}");
            let printable = challenge.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'\\');
            assert!(printable && challenge.matches('"').count() == 4, "{challenge}");
        }
    }
    let token = text(&tokens, "access_token");
    for scheme in ["bearer", "BEARER", "BeArEr"] {
        let answer = send(&world, "GET", "/api/protected", &[("authorization", &format!("{scheme} {token}"))]).await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
}

#[tokio::test]
async fn a_malformed_authorization_header_is_a_malformed_request() {
    let world = World::new().await;
    let token = text(&world.sign_in("full").await, "access_token");
    for value in ["Bearer", "Bearer ", "Bearer a b", "Bearer \"quoted\"", "Bearer a,b", "Bearer 가"] {
        let answer = send(&world, "GET", "/api/protected", &[("authorization", value)]).await;
        assert_problem(&answer, 400, "INVALID_REQUEST");
    }
    let twice = [("authorization", &*format!("Bearer {token}")), ("authorization", "Bearer other")];
    assert_problem(&send(&world, "GET", "/api/protected", &twice).await, 400, "INVALID_REQUEST");
    // Tokens in addresses end in logs and histories: they are no credential (RFC 9700).
    let answer = send(&world, "GET", &format!("/api/protected?access_token={token}"), &[]).await;
    assert_problem(&answer, 401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn the_host_a_request_names_changes_no_address() {
    let world = World::new().await;
    let base = &world.gateway.base;
    let evil = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "host=evil.example;proto=https"),
        ("accept", "text/html, application/json"),
    ];
    let redirect: String = url::form_urlencoded::byte_serialize(SPA_REDIRECT.as_bytes()).collect();
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/openapi.json",
        "/docs",
        "/nothing",
        "/api/auth/kakao/login",
        "/api/auth/kakao/callback?error=access_denied&state=x",
        &format!("/api/auth/kakao/login-url?redirect_uri={redirect}"),
    ] {
        let answer = send(&world, "GET", path, &evil).await;
        assert!(!format!("{:?}{}", answer.headers, answer.body).contains("evil"), "{path}: {}", answer.body);
        let absolute =
            format!("GET http://evil.example{path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        let answer = send_raw(base, absolute).await;
        assert!(!format!("{}{}", answer.head, answer.body).contains("evil"), "{path}: {}", answer.head);
    }
    let location = url::Url::parse(&send(&world, "GET", "/api/auth/kakao/login", &evil).await.location()).unwrap();
    let redirect = location.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    assert_eq!(redirect, format!("{base}/api/auth/kakao/callback"));
    let document = send(&world, "GET", "/openapi.json", &evil).await.json();
    assert_eq!(document["servers"][0]["url"], "/");
}
