//! The standard front door as an OAuth library meets it (RFC 6749, 7009, 7662, 8414; OIDC Core section 5.3).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, World, claims, text};

const CLIENTS: &str =
    r#"[{"id":"api","secret":"s3cret /+:%"},{"id":"spa","redirect_uris":["https://app.example.com/cb"]}]"#;
const SECRET: &str = "s3cret /+:%";

async fn world() -> World {
    World::with(&[("OAUTH_CLIENTS", CLIENTS)]).await
}

/// HTTP Basic as RFC 6749 section 2.3.1 wants it: each part form-encoded first.
fn basic(id: &str, secret: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    format!("Basic {}", STANDARD.encode(format!("{id}:{encoded}")))
}

async fn post(world: &World, path: &str, form: &[(&str, &str)]) -> Answer {
    world.browser().post_form(path, form, &[]).await
}

async fn refresh(world: &World, token: &str) -> Answer {
    post(world, "/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

async fn introspect(world: &World, form: &[(&str, &str)]) -> Value {
    let form = [&[("client_id", "api"), ("client_secret", SECRET)], form].concat();
    post(world, "/oauth/introspect", &form).await.ok().json()
}

async fn reaches_the_api(world: &World, tokens: &Value) -> bool {
    world.browser().get_as("/api/protected", &text(tokens, "access_token")).await.status == 200
}

/// RFC 6749 section 5.2: JSON, an error of its list, a description that fits into a header.
#[track_caller]
fn assert_error(answer: &Answer, status: u16, error: &str) {
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), body["error"].as_str()), (status, Some(error)), "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
    let plain = |text: &str| text.chars().all(|c| (' '..='~').contains(&c) && c != '"' && c != '\\');
    assert!(body["error_description"].as_str().is_none_or(plain), "{}", answer.body);
    assert!(body.as_object().unwrap().keys().all(|name| name == "error" || name == "error_description"), "{body}");
}

#[tokio::test]
async fn a_library_refreshes_with_the_standard_grant_and_gets_a_new_token_each_time() {
    let world = world().await;
    let signed_in = world.sign_in("full").await;
    let first = text(&signed_in, "refresh_token");
    let answer = refresh(&world, &first).await.ok();
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store".into(), "no-cache".into()));
    let tokens = answer.json();
    let second = text(&tokens, "refresh_token");
    assert_ne!(second, first);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
    let session = |tokens: &Value| claims(&text(tokens, "access_token"))["sid"].clone();
    assert_eq!(session(&tokens), session(&signed_in), "the same session goes on");
    assert!(reaches_the_api(&world, &tokens).await);
    // Both doors lead into one room.
    let third = world.browser().refresh(&second).await.ok().json();
    assert_eq!(refresh(&world, &text(&third, "refresh_token")).await.status, 200);
}

#[tokio::test]
async fn errors_are_those_of_the_standard_and_ascii_in_every_language() {
    let world = world().await;
    let korean = [("accept-language", "ko-KR,ko;q=0.9"), ("accept", "text/html")];
    for (form, error) in [
        (&[("grant_type", "refresh_token"), ("refresh_token", "garbage")][..], "invalid_grant"),
        (&[("grant_type", "refresh_token")], "invalid_request"),
        (&[("grant_type", "refresh_token"), ("refresh_token", "")], "invalid_request"),
        (&[("refresh_token", "garbage")], "invalid_request"),
        (&[("grant_type", "password"), ("username", "a"), ("password", "b")], "unsupported_grant_type"),
        (&[("grant_type", "client_credentials")], "unsupported_grant_type"),
        (&[("grant_type", "authorization_code"), ("code", "x")], "invalid_request"),
        (&[("grant_type", "가")], "unsupported_grant_type"),
        (
            &[("grant_type", "refresh_token"), ("grant_type", "refresh_token"), ("refresh_token", "x")],
            "invalid_request",
        ),
        (&[("grant_type", "refresh_token"), ("refresh_token", "x"), ("refresh_token", "y")], "invalid_request"),
    ] {
        assert_error(&world.browser().post_form("/oauth/token", form, &korean).await, 400, error);
    }
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/introspect"] {
        assert_error(&world.browser().post(path, &json!({"token": "x"})).await, 415, "invalid_request");
        let wrong = world.browser().send(Method::GET, path, &korean, None).await;
        assert_error(&wrong, 405, "invalid_request");
        assert_eq!(wrong.header("allow"), "POST");
    }
}

#[tokio::test]
async fn a_token_that_comes_back_late_ends_the_session() {
    let world = world().await;
    let signed_in = world.sign_in("full").await;
    let first = text(&signed_in, "refresh_token");
    let second = text(&refresh(&world, &first).await.ok().json(), "refresh_token");
    let third = refresh(&world, &second).await.ok().json();
    world.advance(Duration::from_secs(31));
    assert_error(&refresh(&world, &first).await, 400, "invalid_grant");
    assert_error(&refresh(&world, &text(&third, "refresh_token")).await, 400, "invalid_grant");
    assert!(!reaches_the_api(&world, &third).await);
    let reused = world.audit().await.into_iter().filter(|event| event == "refresh_reused").count();
    assert_eq!(reused, 1);
}

#[tokio::test]
async fn a_client_that_names_itself_must_be_known_and_prove_it() {
    let world = world().await;
    let token = text(&world.sign_in("full").await, "refresh_token");
    let grant = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    for header in [
        basic("unknown", "x"),
        basic("api", "wrong"),
        basic("api", ""),
        basic("spa", "made-up"),
        "Basic !!!".to_owned(),
        "Basic".to_owned(),
        "Bearer abc".to_owned(),
    ] {
        let answer = world.browser().post_form("/oauth/token", &grant, &[("authorization", &header)]).await;
        assert_error(&answer, 401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic realm="), "{header}");
    }
    for form in [
        vec![("client_id", "unknown")],
        vec![("client_id", "api")],
        vec![("client_id", "api"), ("client_secret", "wrong")],
        vec![("client_id", "munjigi"), ("client_secret", "made-up")],
    ] {
        let answer = post(&world, "/oauth/token", &[&grant[..], &form].concat()).await;
        assert_error(&answer, 401, "invalid_client");
    }
    let both = [("client_secret", SECRET)];
    let headers = [("authorization", &*basic("api", SECRET))];
    let answer = world.browser().post_form("/oauth/token", &[&grant[..], &both].concat(), &headers).await;
    assert_error(&answer, 400, "invalid_request");
    // A known client gets no further with somebody else's token, which stays as good as it was.
    let answer = world.browser().post_form("/oauth/token", &grant, &headers).await;
    assert_error(&answer, 400, "invalid_grant");
    let own = [&grant[..], &[("client_id", "munjigi")]].concat();
    assert_eq!(post(&world, "/oauth/token", &own).await.status, 200);
}

#[tokio::test]
async fn revoking_either_token_ends_the_session_at_once() {
    let world = world().await;
    for kind in ["refresh_token", "access_token"] {
        // The hint is only a hint.
        for hint in [kind, "access_token", "made_up"] {
            let (mine, other) = (world.sign_in("full").await, world.sign_in("full").await);
            let form = [("token", &*text(&mine, kind)), ("token_type_hint", hint)];
            assert_eq!(post(&world, "/oauth/revoke", &form).await.status, 200);
            assert!(!reaches_the_api(&world, &mine).await, "{kind} with hint {hint}");
            assert_error(&refresh(&world, &text(&mine, "refresh_token")).await, 400, "invalid_grant");
            assert!(reaches_the_api(&world, &other).await, "another session is not touched");
            assert_eq!(post(&world, "/oauth/revoke", &form).await.status, 200, "twice is no error");
        }
    }
}

#[tokio::test]
async fn revoking_what_is_no_token_is_no_error_and_revoking_anothers_is() {
    let world = world().await;
    for token in ["garbage", "", "a.b.c"] {
        let answer = post(&world, "/oauth/revoke", &[("token", token)]).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""), "{token:?}");
    }
    assert_error(&post(&world, "/oauth/revoke", &[]).await, 400, "invalid_request");
    assert_error(&post(&world, "/oauth/revoke", &[("token", "x"), ("token", "y")]).await, 400, "invalid_request");
    let tokens = world.sign_in("full").await;
    for kind in ["refresh_token", "access_token"] {
        let form = [("token", &*text(&tokens, kind)), ("client_id", "spa")];
        assert_error(&post(&world, "/oauth/revoke", &form).await, 400, "unauthorized_client");
    }
    assert!(reaches_the_api(&world, &tokens).await);
}

#[tokio::test]
async fn only_a_client_with_a_secret_may_ask_about_tokens() {
    let world = world().await;
    let token = text(&world.sign_in("full").await, "access_token");
    let question = [("token", &*token)];
    let basics = [
        String::new(),
        basic("api", "wrong"),
        basic("unknown", SECRET),
        format!("Bearer {token}"),
        basic("spa", ""),
        basic("munjigi", ""),
    ];
    for header in basics {
        let headers: Vec<_> = (!header.is_empty()).then_some(("authorization", &*header)).into_iter().collect();
        let answer = world.browser().post_form("/oauth/introspect", &question, &headers).await;
        assert_error(&answer, 401, "invalid_client");
        assert!(answer.header("www-authenticate").starts_with("Basic"), "{header}");
    }
    for client in ["spa", "munjigi", "api", "unknown"] {
        let form = [&question[..], &[("client_id", client)]].concat();
        assert_error(&post(&world, "/oauth/introspect", &form).await, 401, "invalid_client");
    }
}

#[tokio::test]
async fn a_live_access_token_is_told_about_and_anything_else_is_only_inactive() {
    let world = world().await;
    let tokens = world.sign_in("full").await;
    let (access, refresh_token) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let headers = [("authorization", &*basic("api", SECRET))];
    let by_basic = world.browser().post_form("/oauth/introspect", &[("token", &access)], &headers).await.ok();
    assert_eq!(by_basic.header("cache-control"), "no-store");
    let told = by_basic.json();
    assert_eq!(introspect(&world, &[("token", &access)]).await, told, "the form is as good as the header");
    let claims = claims(&access);
    assert_eq!((&told["active"], &told["token_type"]), (&json!(true), &json!("Bearer")));
    for name in ["iss", "aud", "sub", "exp", "iat", "jti", "sid", "client_id"] {
        assert_eq!(told[name], claims[name], "{name}");
    }

    let inactive = json!({"active": false});
    for token in ["garbage", "", &refresh_token, &format!("{access}x")] {
        assert_eq!(introspect(&world, &[("token", token)]).await, inactive, "{token}");
    }
    world.advance(Duration::from_mins(16));
    assert_eq!(introspect(&world, &[("token", &access)]).await, inactive, "expired");
    let renewed = refresh(&world, &refresh_token).await.ok().json();
    let access = text(&renewed, "access_token");
    assert_eq!(introspect(&world, &[("token", &access)]).await["active"], true);
    post(&world, "/oauth/revoke", &[("token", &access)]).await.ok();
    assert_eq!(introspect(&world, &[("token", &access)]).await, inactive, "revoked");
}

#[tokio::test]
async fn a_refresh_token_is_told_about_only_to_those_who_say_it_is_one() {
    let world = world().await;
    let tokens = world.sign_in("full").await;
    let first = text(&tokens, "refresh_token");
    let asked = async |token: &str| introspect(&world, &[("token", token), ("token_type_hint", "refresh_token")]).await;
    let told = asked(&first).await;
    assert_eq!((&told["active"], &told["sub"]), (&json!(true), &tokens["user"]["id"]));
    assert!(told.get("token_type").is_none(), "a bearer token it is not");
    let inactive = json!({"active": false});
    assert_eq!(asked(&text(&tokens, "access_token")).await, inactive);
    let second = text(&refresh(&world, &first).await.ok().json(), "refresh_token");
    assert_eq!((asked(&first).await, &asked(&second).await["active"]), (inactive.clone(), &json!(true)));
    post(&world, "/oauth/revoke", &[("token", &second)]).await.ok();
    assert_eq!(asked(&second).await, inactive);
}

#[tokio::test]
async fn userinfo_tells_about_the_owner_of_the_token() {
    let world = world().await;
    let tokens = world.sign_in("full").await;
    let told = world.browser().get_as("/oauth/userinfo", &text(&tokens, "access_token")).await.ok().json();
    assert_eq!(told["sub"], tokens["user"]["id"]);
    assert_eq!((&told["nickname"], &told["name"]), (&json!("김문지"), &json!("김문지")));
    assert_eq!((&told["email"], &told["email_verified"]), (&json!("munji@example.com"), &json!(true)));
    let bare = world.sign_in("bare").await;
    let told = world.browser().get_as("/oauth/userinfo", &text(&bare, "access_token")).await.ok().json();
    assert!(told.get("email").is_none() && told.get("email_verified").is_none() && told.get("picture").is_none());

    let answer = world.browser().get("/oauth/userinfo").await;
    assert_eq!((answer.status.as_u16(), answer.header("www-authenticate").as_str()), (401, "Bearer"));
    for token in ["garbage", &text(&tokens, "refresh_token")] {
        let answer = world.browser().get_as("/oauth/userinfo", token).await;
        assert_error(&answer, 401, "invalid_token");
        assert!(answer.header("www-authenticate").starts_with("Bearer error=\"invalid_token\""));
    }
    let headers = [("authorization", "Bearer a b")];
    let answer = world.browser().send(Method::GET, "/oauth/userinfo", &headers, None).await;
    assert_error(&answer, 400, "invalid_request");
}

#[tokio::test]
async fn the_metadata_claims_only_what_works() {
    let world = World::with(&[("OAUTH_CLIENTS", r#"[{"id":"api","secret":"s3cret /+:%"}]"#)]).await;
    let browser = world.browser();
    let metadata = browser.get("/.well-known/oauth-authorization-server").await.ok().json();
    assert_eq!(metadata, browser.get("/.well-known/openid-configuration").await.ok().json());
    assert_eq!(metadata["issuer"], "https://auth.example.com", "what JWT_ISSUER says");
    assert_eq!(metadata["grant_types_supported"], json!(["refresh_token"]));
    for absent in ["authorization_endpoint", "registration_endpoint", "device_authorization_endpoint"] {
        assert!(metadata.get(absent).is_none(), "{absent}");
    }
    let mut endpoints = 0;
    for (name, value) in metadata.as_object().unwrap() {
        let Some(url) = value.as_str().filter(|url| url.starts_with("http") && name != "issuer") else { continue };
        assert!(url.starts_with(&format!("{}/", world.gateway.base)), "{name}: {url}");
        let answer = browser.get(url).await;
        assert!(answer.status != 404 && !answer.status.is_server_error(), "{name}: {}", answer.status);
        endpoints += 1;
    }
    assert!(endpoints >= 6, "{metadata}");
    let kid = text(&crate::support::header(&text(&world.sign_in("full").await, "access_token")), "kid");
    assert!(browser.get(&text(&metadata, "jwks_uri")).await.body.contains(&kid));
}

#[tokio::test]
async fn a_shared_secret_is_published_nowhere() {
    let world = World::with(&[("JWT_ALGORITHM", "HS256")]).await;
    let browser = world.browser();
    let metadata = browser.get("/.well-known/oauth-authorization-server").await.ok().json();
    assert!(metadata.get("jwks_uri").is_none(), "{metadata}");
    assert_eq!(browser.get("/.well-known/jwks.json").await.refusal(), (404, "NOT_FOUND".into()));
    assert!(reaches_the_api(&world, &world.sign_in("full").await).await);
}
