//! The SPA flow: the front end owns the redirect URI and posts code, state and verifier (contract 3.1.1, 3.1.2).

use std::time::Duration;

use serde_json::json;

use crate::support::{Browser, FRONT_END, Pkce, SPA_REDIRECT, World, code_and_state, text};

const CALLBACK: &str = "/api/auth/kakao/callback";

#[tokio::test]
async fn a_front_end_on_another_site_signs_in_with_a_verifier_and_without_any_cookie() {
    let world = World::new().await;
    let browser = world.browser();
    let tokens = browser.sign_in(&world.kakao, "full").await;
    assert!(browser.cookie_names().is_empty());
    assert_eq!(tokens["is_new_user"], true);
    let refreshed = browser.refresh(&text(&tokens, "refresh_token")).await.ok().json();
    assert_eq!(refreshed["is_new_user"], false);
}

#[tokio::test]
async fn in_cookie_mode_the_refresh_token_is_in_the_cookie_only() {
    let world = World::new().await;
    let browser = world.browser();
    let body = browser.callback_body(&world.kakao, "full").await;
    let headers = [("x-munjigi-cookie", "1"), ("origin", FRONT_END)];
    let tokens = browser.post_with(CALLBACK, &body, &headers).await.ok().json();
    assert!(tokens.get("refresh_token").is_none());
    assert!(browser.cookie("munjigi_rt").is_some());
    assert_eq!(browser.refresh_cookie().await.status, 200);
}

#[tokio::test]
async fn the_verifier_is_required_right_and_well_formed() {
    let world = World::new().await;
    let browser = world.browser();
    let good = browser.callback_body(&world.kakao, "full").await;
    let wrong = Pkce::new().verifier;
    for verifier in [json!(null), json!(wrong)] {
        let mut body = good.clone();
        body["code_verifier"] = verifier;
        assert_eq!(browser.post(CALLBACK, &body).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    }
    let mut body = good.clone();
    body["code_verifier"] = json!("short");
    assert_eq!(browser.post(CALLBACK, &body).await.refusal(), (400, "INVALID_REQUEST".into()));
    assert_eq!(world.kakao.counts().token, 0, "nothing reached Kakao");
    assert_eq!(browser.post(CALLBACK, &good).await.status, 200);
}

#[tokio::test]
async fn without_a_challenge_the_login_is_bound_to_the_browser_by_a_cookie() {
    let world = World::new().await;
    let browser = world.browser();
    let begun = browser.get("/api/auth/kakao/login-url").await.ok().json();
    let (code, state) = code_and_state(&world.kakao.consent(&text(&begun, "login_url"), "full").unwrap());
    let body = json!({"code": code, "state": state});
    assert_eq!(world.browser().post(CALLBACK, &body).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    let mut with_verifier = body.clone();
    with_verifier["code_verifier"] = json!(Pkce::new().verifier);
    let downgrade = browser.post(CALLBACK, &with_verifier).await;
    assert_eq!(downgrade.refusal(), (400, "LOGIN_STATE_INVALID".into()), "a verifier nobody asked for");
    let foreign = browser.post_with(CALLBACK, &body, &[("origin", "https://evil.example")]).await;
    assert_eq!(foreign.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert_eq!(browser.post(CALLBACK, &body).await.status, 200);
}

#[tokio::test]
async fn a_state_of_one_flow_is_no_cookie_of_the_other() {
    let world = World::new().await;
    let browser = world.browser();
    let body = browser.callback_body(&world.kakao, "full").await;
    let (code, state) = (text(&body, "code"), text(&body, "state"));
    let other = world.browser();
    other.set_cookie(&format!("munjigi_login_{}", &state[..43]), &state);
    let answer = other.get(&format!("{CALLBACK}?code={code}&state={}", &state[..43])).await;
    assert_eq!(answer.refusal(), (400, "LOGIN_STATE_INVALID".into()));
}

#[tokio::test]
async fn an_altered_state_is_refused() {
    let world = World::new().await;
    let browser = world.browser();
    let good = browser.callback_body(&world.kakao, "full").await;
    let state = text(&good, "state");
    for index in [0, state.len() / 2, state.len() - 2] {
        let replaced = if &state[index..=index] == "A" { "B" } else { "A" };
        let mut body = good.clone();
        body["state"] = json!(format!("{}{replaced}{}", &state[..index], &state[index + 1..]));
        assert_eq!(browser.post(CALLBACK, &body).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    }
    assert_eq!(world.kakao.counts().token, 0);
}

#[tokio::test]
async fn the_same_code_again_gets_the_same_refresh_token_for_a_minute() {
    let world = World::new().await;
    let browser = world.browser();
    let body = browser.callback_body(&world.kakao, "full").await;
    let first = browser.post(CALLBACK, &body).await.ok().json();
    world.advance(Duration::from_secs(59));
    let again = browser.post(CALLBACK, &body).await.ok().json();
    assert_eq!(first["refresh_token"], again["refresh_token"]);
    assert_eq!((&first["is_new_user"], &again["is_new_user"]), (&json!(true), &json!(true)), "the same answer");
    world.advance(Duration::from_secs(1));
    assert_eq!(browser.post(CALLBACK, &body).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
    assert_eq!(world.kakao.counts().token, 1);
}

#[tokio::test]
async fn the_stored_answer_needs_the_same_verifier() {
    let world = World::new().await;
    let browser = world.browser();
    let mut body = browser.callback_body(&world.kakao, "full").await;
    browser.post(CALLBACK, &body).await.ok();
    body["code_verifier"] = json!(Pkce::new().verifier);
    assert_eq!(browser.post(CALLBACK, &body).await.refusal(), (400, "LOGIN_STATE_INVALID".into()));
}

#[tokio::test]
async fn only_configured_redirect_uris_are_allowed_to_the_letter() {
    let world = World::new().await;
    for uri in [
        "http://localhost:3000/auth/kakao/callback/",
        "http://localhost:3000/auth",
        "https://localhost:3000/auth/kakao/callback",
    ] {
        let answer = world.browser().get(&format!("/api/auth/kakao/login-url?redirect_uri={uri}")).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REDIRECT_URI".into()), "{uri}");
    }
    let answer = world.browser().get(&format!("/api/auth/kakao/login-url?redirect_uri={SPA_REDIRECT}")).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn plain_challenges_and_unknown_options_are_refused() {
    let world = World::new().await;
    let challenge = Pkce::new().challenge;
    let bad = [
        format!("code_challenge={challenge}&code_challenge_method=plain"),
        "code_challenge=short".to_owned(),
        "prompt=sometimes".to_owned(),
        "scope=bad%22scope".to_owned(),
        "login_hint=a%0d%0ab".to_owned(),
        "prompt=login&prompt=none".to_owned(),
    ];
    for query in bad {
        let answer = world.browser().get(&format!("/api/auth/kakao/login-url?{query}")).await;
        assert_eq!(answer.refusal(), (400, "INVALID_REQUEST".into()), "{query}");
    }
}

#[tokio::test]
async fn a_new_post_with_an_old_cookie_replaces_the_old_session() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    let old = browser.cookie("munjigi_rt").unwrap();
    browser.sign_in(&world.kakao, "full").await;
    assert_eq!(Browser::new(&world.gateway.base).refresh(&old).await.refusal(), (401, "SESSION_REVOKED".into()));
}
