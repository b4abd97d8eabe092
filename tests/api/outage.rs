//! The database is away: nobody is signed out for it, and what needs no database goes on (contract 4.3, 6).

use reqwest::Method;
use serde_json::json;

use crate::support::{World, text};

#[tokio::test]
async fn contention_and_outages_are_503_and_never_the_clients_fault() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    let tokens = browser.refresh_cookie().await.ok().json();
    let access = text(&tokens, "access_token");
    let callback = world.browser().callback_body(&world.kakao, "nickname-only").await;
    world.gateway.shared.context.storage.clone().close().await;

    let unavailable = (503, "STORAGE_UNAVAILABLE".to_owned());
    let refreshed = browser.refresh_cookie().await;
    assert_eq!(refreshed.refusal(), unavailable);
    assert!(!refreshed.header("retry-after").is_empty());
    assert!(browser.cookie("munjigi_rt").is_some(), "the session is not lost");
    assert_eq!(refreshed.json()["action"], "retry");
    assert_eq!(world.browser().post("/api/auth/kakao/callback", &callback).await.refusal(), unavailable);
    assert_eq!(world.kakao.counts().token, 1, "no code is spent on a login that cannot be stored");
    assert_eq!(browser.get_as("/api/auth/profile", &access).await.refusal(), unavailable);
    assert_eq!(browser.get_as("/api/auth/sessions", &access).await.refusal(), unavailable);
    assert_eq!(browser.get("/readyz").await.refusal(), unavailable);
    let form = [("grant_type", "refresh_token"), ("refresh_token", browser.cookie("munjigi_rt").unwrap().leak())];
    let oauth = browser.post_form("/oauth/token", &form, &[]).await;
    assert_eq!((oauth.status.as_u16(), &oauth.json()["error"]), (503, &json!("temporarily_unavailable")));

    assert_eq!(browser.get_as("/api/protected", &access).await.status, 200);
    assert_eq!(browser.post("/api/auth/verify", &json!({"token": access})).await.status, 200);
    for path in ["/livez", "/api/health", "/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/docs"]
    {
        assert_eq!(browser.send(Method::GET, path, &[], None).await.status, 200, "{path}");
    }
    assert_eq!(world.browser().get("/api/auth/kakao/login").await.status, 303, "a login may begin");
}
