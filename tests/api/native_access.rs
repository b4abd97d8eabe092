//! Apps that bring Kakao's access token: only one that was made for this very app, and only for the person it belongs to
//! (contract 3, security A3 row 5). And what both kinds of proof have in common.

use std::time::Duration;

use mock_kakao::{ApiError, Endpoint, Failure, Fault, MockConfig, MockKakao};
use poem::{EndpointExt, Route, Server, get, handler, listener::TcpAcceptor, web::Data};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{
    Answer, Browser, World,
    binary::{Binary, Running},
    text,
};

const TOKEN: &str = "/api/auth/kakao/token";
const APP_KEY: &str = "native-app-key";
const SETTINGS: &[(&str, &str)] = &[("KAKAO_APP_KEYS", APP_KEY), ("KAKAO_APP_ID", "1234567")];

async fn world() -> World {
    World::with(SETTINGS).await
}

fn access_token(world: &World, person: &str) -> String {
    world.kakao.sdk_login(APP_KEY, person, None).unwrap().access_token
}

async fn bring(world: &World, token: &str) -> Answer {
    world.browser().post(TOKEN, &json!({"access_token": token})).await
}

async fn bring_id_token(world: &World, person: &str) -> Answer {
    let nonce = text(&world.browser().post("/api/auth/kakao/nonce", &json!({})).await.ok().json(), "nonce");
    let id_token = world.kakao.sdk_login(APP_KEY, person, Some(&nonce)).unwrap().id_token.unwrap();
    world.browser().post(TOKEN, &json!({"id_token": id_token, "nonce": nonce})).await
}

async fn nobody_was_signed_in(world: &World) -> bool {
    world.database.count("SELECT COUNT(*) FROM users").await == 0
        && world.database.count("SELECT COUNT(*) FROM sessions").await == 0
}

#[tokio::test]
async fn an_app_signs_in_with_an_access_token_of_its_own() {
    let world = world().await;
    let tokens = bring(&world, &access_token(&world, "full")).await.ok().json();
    assert_eq!((&tokens["user"]["nickname"], &tokens["is_new_user"]), (&json!("김문지"), &json!(true)));
    assert_eq!(world.browser().refresh(&text(&tokens, "refresh_token")).await.status, 200);
    let big = bring(&world, &access_token(&world, "big-id")).await.ok().json();
    assert_eq!(big["user"]["username"], "kakao_1376016924429759228");
}

#[tokio::test]
async fn an_access_token_of_another_app_signs_nobody_in_and_its_owner_is_not_even_looked_at() {
    let world = World::with(&[("KAKAO_APP_ID", "7654321")]).await;
    let answer = bring(&world, &access_token(&world, "full")).await;
    assert_eq!(answer.refusal(), (401, "KAKAO_TOKEN_INVALID".into()));
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    assert_eq!((world.kakao.counts().access_token_info, world.kakao.counts().user_me), (1, 0));
    assert!(nobody_was_signed_in(&world).await);
}

#[tokio::test]
async fn without_knowing_its_own_number_the_gateway_believes_no_access_token() {
    let world = World::with(&[("KAKAO_APP_KEYS", APP_KEY)]).await;
    let answer = bring(&world, &access_token(&world, "full")).await;
    assert_eq!(answer.refusal(), (403, "NATIVE_LOGIN_OFF".into()));
    assert_eq!((world.kakao.counts().access_token_info, world.kakao.counts().user_me), (0, 0));
    assert!(nobody_was_signed_in(&world).await);
    assert_eq!(bring_id_token(&world, "full").await.status, 200, "ID tokens need no number");
}

#[tokio::test]
async fn tokens_that_kakao_does_not_know_or_that_have_expired_are_refused() {
    let world = world().await;
    let old = access_token(&world, "full");
    world.advance(Duration::from_hours(7));
    for token in [&old, "made-up", "x y", "x\ny", "x\r\nx-evil: 1", "토큰", " ", "\0"] {
        let answer = bring(&world, token).await;
        assert_eq!(answer.refusal(), (401, "KAKAO_TOKEN_INVALID".into()), "{token:?}: {}", answer.body);
    }
    for code in [-2, -401] {
        world.kakao.next(Fault::api(Endpoint::AccessTokenInfo, code));
        let answer = bring(&world, &access_token(&world, "full")).await;
        assert_eq!(answer.refusal(), (401, "KAKAO_TOKEN_INVALID".into()), "{code}");
    }
    assert_eq!(world.kakao.counts().user_me, 0);
    assert!(nobody_was_signed_in(&world).await);
}

#[tokio::test]
async fn nonsense_for_tokens_does_not_keep_others_from_signing_in() {
    let world = world().await;
    for _ in 0..30 {
        assert_eq!(bring(&world, "x\ny").await.refusal(), (401, "KAKAO_TOKEN_INVALID".into()));
    }
    assert_eq!(world.kakao.counts().access_token_info, 0);
    assert_eq!(bring(&world, &access_token(&world, "full")).await.status, 200);
}

#[tokio::test]
async fn a_passing_fault_of_kakaos_is_tried_again_once_and_is_not_the_persons_fault() {
    let world = world().await;
    world.kakao.next(Fault::api(Endpoint::AccessTokenInfo, -1));
    assert_eq!(bring(&world, &access_token(&world, "full")).await.status, 200);
    assert_eq!(world.kakao.counts().access_token_info, 2);
    let throttled = Failure::Error(ApiError { status: Some(429), retry_after: Some(7), ..ApiError::from(-10) });
    for (how, asked) in [
        (Failure::Error((-1).into()), 2),
        (Failure::Status(502), 2),
        (throttled, 1),
        (Failure::Garbage, 1),
        (Failure::Truncated, 1),
        (Failure::Huge, 1),
        (Failure::Redirect, 1),
    ] {
        let (name, before) = (format!("{how:?}"), world.kakao.counts().access_token_info);
        world.kakao.next_times(Fault::Endpoint { endpoint: Endpoint::AccessTokenInfo, how }, asked);
        let answer = bring(&world, &access_token(&world, "full")).await;
        assert!(answer.status == 503 || answer.status == 502, "{name}: {}", answer.body);
        if answer.status == 503 {
            assert_eq!(answer.refusal().1, "KAKAO_UNAVAILABLE", "{name}");
            assert!(!answer.header("retry-after").is_empty(), "{name}");
        }
        assert_eq!(world.kakao.counts().access_token_info - before, u64::from(asked), "{name}");
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 1);
}

#[tokio::test]
async fn a_person_whom_kakao_restricts_is_turned_away() {
    let world = world().await;
    let answer = bring(&world, &access_token(&world, "sanctioned")).await;
    assert_eq!(answer.refusal(), (403, "KAKAO_PERSON_REFUSED".into()));
    assert!(nobody_was_signed_in(&world).await);
}

/// A Kakao of our own: what it says of every token, and of every person.
#[handler]
fn token_info(Data(said): Data<&[Value; 2]>) -> poem::Response {
    poem::Response::builder().content_type("application/json").body(said[0].to_string())
}

#[handler]
fn user_me(Data(said): Data<&[Value; 2]>) -> poem::Response {
    poem::Response::builder().content_type("application/json").body(said[1].to_string())
}

async fn stand_in(info: Value, me: Value) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let base = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let routes = Route::new().at("/v1/user/access_token_info", get(token_info)).at("/v2/user/me", get(user_me));
    let routes = routes.data([info, me]).boxed();
    tokio::spawn(Server::new_with_acceptor(TcpAcceptor::from_std(listener).unwrap()).run(routes));
    base
}

#[tokio::test]
async fn token_and_profile_have_to_name_one_person_and_this_app() {
    let cases = [
        ("the same", json!({"id": 1, "app_id": 1_234_567}), json!({"id": 1}), 200),
        ("another person", json!({"id": 1, "app_id": 1_234_567}), json!({"id": 2}), 502),
        ("no person in the token", json!({"app_id": 1_234_567}), json!({"id": 1}), 502),
        ("no person in the profile", json!({"id": 1, "app_id": 1_234_567}), json!({}), 502),
        ("no app", json!({"id": 1}), json!({"id": 1}), 401),
        ("the old name of the app", json!({"id": 1, "appId": 1_234_567}), json!({"id": 1}), 401),
        ("another app", json!({"id": 1, "app_id": 1_234_568, "appId": 1_234_567}), json!({"id": 1}), 401),
    ];
    for (what, info, me, status) in cases {
        let base = stand_in(info, me).await;
        let world = World::with(&[("KAKAO_APP_ID", "1234567"), ("KAKAO_API_BASE_URL", &base)]).await;
        let answer = bring(&world, "token").await;
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
        assert_eq!(nobody_was_signed_in(&world).await, status != 200, "{what}");
    }
}

#[tokio::test]
async fn a_proof_is_an_id_token_with_its_nonce_or_an_access_token_and_nothing_else() {
    let world = world().await;
    let nonce = text(&world.browser().post("/api/auth/kakao/nonce", &json!({})).await.ok().json(), "nonce");
    let tokens = world.kakao.sdk_login(APP_KEY, "full", Some(&nonce)).unwrap();
    let (id_token, access_token) = (tokens.id_token.unwrap(), tokens.access_token);
    for body in [
        json!({}),
        json!({"id_token": id_token}),
        json!({"nonce": nonce}),
        json!({"id_token": id_token, "nonce": nonce, "access_token": access_token}),
        json!({"id_token": id_token, "access_token": access_token}),
        json!({"nonce": nonce, "access_token": access_token}),
        json!({"id_token": id_token, "nonce": ""}),
        json!({"id_token": id_token, "nonce": null}),
        json!({"id_token": "", "nonce": nonce}),
        json!({"access_token": ""}),
        json!({"access_token": 1}),
        json!({"access_token": "x".repeat(4097)}),
        json!({"id_token": "x".repeat(8193), "nonce": nonce}),
        json!([access_token]),
        json!(access_token),
    ] {
        let answer = world.browser().post(TOKEN, &body).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{body}");
    }
    let twice = format!(r#"{{"access_token":"x","access_token":"{access_token}"}}"#);
    let headers = [("content-type", "application/json")];
    assert_eq!(world.browser().send(Method::POST, TOKEN, &headers, Some(twice)).await.status, 400);
    assert_eq!(world.browser().post_form(TOKEN, &[("access_token", &access_token)], &[]).await.status, 415);
    assert_eq!(world.kakao.counts().access_token_info, 0);
    assert!(nobody_was_signed_in(&world).await);
}

#[tokio::test]
async fn the_same_person_by_web_and_app_is_the_same_user() {
    let world = world().await;
    let web_first = [
        world.sign_in("full").await,
        bring_id_token(&world, "full").await.ok().json(),
        bring(&world, &access_token(&world, "full")).await.ok().json(),
    ];
    let app_first = [
        bring_id_token(&world, "big-id").await.ok().json(),
        bring(&world, &access_token(&world, "big-id")).await.ok().json(),
        world.sign_in("big-id").await,
    ];
    for answers in [&web_first, &app_first] {
        let ids: Vec<_> = answers.iter().map(|answer| text(&answer["user"], "id")).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        let new: Vec<_> = answers.iter().map(|answer| answer["is_new_user"] == true).collect();
        assert_eq!(new, [true, false, false]);
    }
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users").await, 2);
    assert_eq!(app_first[2]["user"]["email"], "big@example.com");
}

#[tokio::test]
async fn a_refusal_does_not_tell_whether_the_person_is_known() {
    let world = world().await;
    world.sign_in("full").await;
    let now = world.kakao.set_claims(APP_KEY, "1", "x")["iat"].clone();
    let mut bodies = Vec::new();
    for subject in ["4000000001", "4000000099"] {
        let nonce = text(&world.browser().post("/api/auth/kakao/nonce", &json!({})).await.ok().json(), "nonce");
        let claims = json!({"iss": world.kakao.base_url(), "aud": "of-another-app", "sub": subject, "iat": now,
            "exp": now.as_i64().unwrap() + 60, "nonce": nonce});
        let id_token = world.kakao.sign_set(&json!({"typ": "JWT"}), &claims);
        let answer = world.browser().post(TOKEN, &json!({"id_token": id_token, "nonce": nonce})).await;
        let mut problem = answer.json();
        problem.as_object_mut().unwrap().remove("request_id");
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        bodies.push((answer.status, problem, names));
    }
    assert_eq!(bodies[0], bodies[1]);
}

/// A gateway of its own process that logs everything, in front of `kakao`; and its address.
fn start(binary: &Binary, kakao: &MockKakao) -> (Running, String) {
    let settings = [
        ("APP_ENV", "development"),
        ("LISTEN_ADDR", "127.0.0.1:0"),
        ("JWT_SECRET_KEY", "canary-master-secret-of-more-than-32-bytes"),
        ("KAKAO_CLIENT_ID", "rest-api-key"),
        ("KAKAO_CLIENT_SECRET", "canary-client-secret"),
        ("KAKAO_AUTH_BASE_URL", kakao.base_url()),
        ("KAKAO_API_BASE_URL", kakao.base_url()),
        ("KAKAO_APP_KEYS", APP_KEY),
        ("KAKAO_APP_ID", "1234567"),
        ("KAKAO_ADMIN_KEY", "canary-admin-key"),
        ("LOG_LEVEL", "trace"),
    ];
    let gateway = binary.start(&["serve"], &settings);
    let base = gateway.find_in_stderr(|log| {
        let line = log.lines().find(|line| line.contains("\"event\":\"started\"") && line.ends_with('}'))?;
        let line: Value = serde_json::from_str(line).ok()?;
        Some(format!("http://localhost:{}", text(&line, "listen").rsplit(':').next()?))
    });
    (gateway, base)
}

/// Whatever apps and Kakao bring, the log knows steps and no secrets: neither tokens nor keys nor people.
#[tokio::test]
async fn nothing_of_tokens_keys_and_people_is_logged() {
    let kakao = MockKakao::start(MockConfig::default()).await.unwrap();
    let binary = Binary::new();
    let (gateway, base) = start(&binary, &kakao);
    let browser = Browser::new(&base);
    let mut secrets = vec!["canary".to_owned(), "4000000001".into(), "munji@example.com".into(), "김문지".into()];
    let nonce = text(&browser.post("/api/auth/kakao/nonce", &json!({})).await.ok().json(), "nonce");
    let tokens = kakao.sdk_login(APP_KEY, "full", Some(&nonce)).unwrap();
    let (good, other) = (tokens.id_token.unwrap(), kakao.sdk_login(APP_KEY, "full", Some("x")).unwrap());
    for (body, status) in [
        (json!({"id_token": other.id_token, "nonce": nonce}), 401),
        (json!({"id_token": good, "nonce": nonce}), 200),
        (json!({"id_token": good, "nonce": "canary-nonce"}), 401),
        (json!({"access_token": tokens.access_token}), 200),
        (json!({"access_token": "canary-token"}), 401),
    ] {
        let answer = browser.post(TOKEN, &body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        let issued = answer.json()["refresh_token"].clone();
        let members = body.as_object().unwrap().values().chain([&issued]);
        secrets.extend(members.filter_map(|member| member.as_str().map(ToOwned::to_owned)));
    }
    let unlink = "/api/webhooks/kakao/unlink?app_id=1234567&user_id=4000000001&referrer_type=canary-referrer";
    for (key, status) in [("KakaoAK canary-admin-key", 200), ("KakaoAK canary-wrong-key", 401)] {
        assert_eq!(browser.send(Method::GET, unlink, &[("authorization", key)], None).await.status, status);
    }
    let mut claims = kakao.set_claims("rest-api-key", "4000000001", "https://canary.example/event");
    for (aud, status) in [("rest-api-key", 202), ("canary-audience", 400)] {
        claims["aud"] = json!(aud);
        let set = kakao.sign_set(&json!({}), &claims);
        secrets.push(set.clone());
        let headers = [("content-type", "application/secevent+jwt")];
        let answer = browser.send(Method::POST, "/api/webhooks/kakao/account-status", &headers, Some(set)).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert!(!answer.body.contains("canary"));
    }
    secrets.push(text(&claims, "jti"));
    drop(browser);
    let log = gateway.stop().stderr;
    for event in ["signed_in", "login_failed_at_kakao", "unlink_webhook", "webhook_key_refused", "kakao_event_refused"]
    {
        assert!(log.contains(&format!("\"event\":\"{event}\"")), "{event}");
    }
    let signatures = secrets.iter().filter_map(|secret| secret.rsplit_once('.').map(|(_, last)| last.to_owned()));
    for secret in signatures.chain(secrets.clone()).filter(|secret| secret.len() > 3) {
        let found = log.lines().find(|line| line.contains(&secret));
        assert_eq!(found, None, "{secret}");
    }
}
