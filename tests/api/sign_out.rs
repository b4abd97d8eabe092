//! Signing out, and the list of devices.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{World, claims, text};

async fn is_alive(world: &World, tokens: &Value) -> bool {
    world.browser().get_as("/api/protected", &text(tokens, "access_token")).await.status == 200
}

async fn log_out(world: &World, tokens: &Value, scope: &str) {
    let bearer = format!("Bearer {}", text(tokens, "access_token"));
    let headers = [("authorization", bearer.as_str())];
    let answer = world.browser().post_with("/api/auth/logout", &json!({"scope": scope}), &headers).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({"kakao_logout_url": null})));
}

#[tokio::test]
async fn signing_out_ends_this_session_at_once_and_no_other() {
    let world = World::new().await;
    let (one, two) = (world.sign_in("full").await, world.sign_in("full").await);
    log_out(&world, &one, "this").await;
    assert_eq!((is_alive(&world, &one).await, is_alive(&world, &two).await), (false, true));
    let refused = world.browser().refresh(&text(&one, "refresh_token")).await;
    assert_eq!(refused.refusal(), (401, "SESSION_REVOKED".into()));
    log_out(&world, &one, "this").await;
}

#[tokio::test]
async fn others_and_all_end_what_they_say() {
    let world = World::new().await;
    let (one, two, three) = (world.sign_in("full").await, world.sign_in("full").await, world.sign_in("full").await);
    let stranger = world.sign_in("nickname-only").await;
    log_out(&world, &two, "others").await;
    let alive = async || [is_alive(&world, &one).await, is_alive(&world, &two).await, is_alive(&world, &three).await];
    assert_eq!(alive().await, [false, true, false]);
    let four = world.sign_in("full").await;
    log_out(&world, &two, "all").await;
    assert_eq!(alive().await, [false, false, false]);
    assert!(!is_alive(&world, &four).await);
    assert!(is_alive(&world, &stranger).await, "somebody else's session is not touched");
}

#[tokio::test]
async fn a_refresh_token_or_the_cookie_signs_out_too() {
    let world = World::new().await;
    let tokens = world.sign_in("full").await;
    let body = json!({"refresh_token": text(&tokens, "refresh_token")});
    world.browser().post("/api/auth/logout", &body).await.ok();
    assert!(!is_alive(&world, &tokens).await);

    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    let stolen = browser.cookie("munjigi_rt").unwrap();
    browser.send(Method::POST, "/api/auth/logout", &[("x-munjigi-cookie", "1")], None).await.ok();
    assert!(browser.cookie("munjigi_rt").is_none());
    assert_eq!(world.browser().refresh(&stolen).await.refusal(), (401, "SESSION_REVOKED".into()));
}

#[tokio::test]
async fn signing_out_without_being_signed_in_is_no_error() {
    let world = World::new().await;
    assert_eq!(world.browser().post("/api/auth/logout", &json!({})).await.status, 200);
    let body = json!({"refresh_token": "not a token", "scope": "all"});
    assert_eq!(world.browser().post("/api/auth/logout", &body).await.status, 200);
}

#[tokio::test]
async fn another_site_cannot_sign_a_browser_out() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    let headers = [("origin", "https://evil.example"), ("x-munjigi-cookie", "1")];
    let answer = browser.send(Method::POST, "/api/auth/logout", &headers, None).await;
    assert_eq!(answer.refusal(), (403, "CSRF_REFUSED".into()));
    assert_eq!(browser.refresh_cookie().await.status, 200);
}

#[tokio::test]
async fn devices_are_listed_and_can_be_ended_by_their_owner_only() {
    let world = World::new().await;
    let (mine, other) = (world.sign_in("full").await, world.sign_in("full").await);
    let stranger = world.sign_in("nickname-only").await;
    let list = async |tokens: &Value| {
        let listed = world.browser().get_as("/api/auth/sessions", &text(tokens, "access_token")).await.ok().json();
        listed.as_array().unwrap().clone()
    };
    let sessions = list(&mine).await;
    assert_eq!(sessions.len(), 2);
    let current: Vec<_> =
        sessions.iter().filter(|session| session["current"] == true).map(|s| s["id"].clone()).collect();
    assert_eq!(current, [claims(&text(&mine, "access_token"))["sid"].clone()]);
    assert!(sessions.iter().all(|session| session["ip"].is_string() && session["created_at"].is_string()));

    let other_id = text(&claims(&text(&other, "access_token")), "sid");
    let end = async |tokens: &Value, id: &str| {
        let bearer = format!("Bearer {}", text(tokens, "access_token"));
        let url = format!("/api/auth/sessions/{id}");
        world.browser().send(Method::DELETE, &url, &[("authorization", &bearer)], None).await
    };
    let foreign = end(&stranger, &other_id).await;
    assert_eq!(foreign.refusal(), (404, "SESSION_NOT_FOUND".into()));
    assert!(is_alive(&world, &other).await, "nothing changed");
    assert_eq!(end(&mine, &other_id).await.status, 204);
    assert!(!is_alive(&world, &other).await);
    assert_eq!(end(&mine, &other_id).await.refusal(), (404, "SESSION_NOT_FOUND".into()));
    assert_eq!(end(&mine, "not-a-uuid").await.refusal(), (400, "INVALID_REQUEST".into()));
    assert_eq!(list(&mine).await.len(), 1);
}

#[tokio::test]
async fn expired_sessions_are_not_listed() {
    let world = World::new().await;
    world.sign_in("full").await;
    world.advance(Duration::from_hours(192));
    let tokens = world.sign_in("full").await;
    let listed = world.browser().get_as("/api/auth/sessions", &text(&tokens, "access_token")).await.ok().json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn another_instance_learns_of_a_sign_out_within_its_next_look() {
    let world = World::new().await;
    let replica = world.second_gateway().await;
    let tokens = world.sign_in("full").await;
    log_out(&world, &tokens, "this").await;
    let context = &replica.shared.context;
    context.revocations.poll(&context.storage, context.clock.now()).await.unwrap();
    let elsewhere = crate::support::Browser::new(&replica.base);
    let answer = elsewhere.get_as("/api/protected", &text(&tokens, "access_token")).await;
    assert_eq!(answer.refusal(), (401, "SESSION_REVOKED".into()));
}

#[tokio::test]
async fn a_restart_does_not_bring_a_signed_out_session_back() {
    let world = World::new().await;
    let tokens = world.sign_in("full").await;
    log_out(&world, &tokens, "this").await;
    let restarted = world.second_gateway().await;
    let answer =
        crate::support::Browser::new(&restarted.base).get_as("/api/protected", &text(&tokens, "access_token")).await;
    assert_eq!(answer.refusal(), (401, "SESSION_REVOKED".into()));
}
