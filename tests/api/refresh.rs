//! Rotation, replay, recovery, reuse (contract 4.3).

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{START, World, claims, header, text};

fn refresh_token(tokens: &Value) -> String {
    text(tokens, "refresh_token")
}

const WINDOW: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_refresh_gives_new_tokens_of_the_same_session() {
    let world = World::new().await;
    let first = world.sign_in("full").await;
    world.advance(Duration::from_mins(10));
    let second = world.browser().refresh(&refresh_token(&first)).await.ok().json();
    assert_ne!(refresh_token(&first), refresh_token(&second));
    assert_ne!(first["access_token"], second["access_token"]);
    let sid = |tokens: &Value| claims(&text(tokens, "access_token"))["sid"].clone();
    assert_eq!(sid(&first), sid(&second));
    assert_eq!(second["user"], first["user"]);
}

#[tokio::test]
async fn inside_the_window_the_same_token_gets_the_same_successor_byte_for_byte() {
    let world = World::new().await;
    let first = refresh_token(&world.sign_in("full").await);
    let successor = refresh_token(&world.browser().refresh(&first).await.ok().json());
    world.advance(WINDOW.checked_sub(Duration::from_millis(1)).unwrap());
    assert_eq!(refresh_token(&world.browser().refresh(&first).await.ok().json()), successor);
    // Also after the successor itself went on: two tabs that are one step apart.
    let third = refresh_token(&world.browser().refresh(&successor).await.ok().json());
    assert_eq!(refresh_token(&world.browser().refresh(&first).await.ok().json()), successor);
    assert_eq!(refresh_token(&world.browser().refresh(&successor).await.ok().json()), third);
}

#[tokio::test]
async fn a_replay_does_not_extend_the_window() {
    let world = World::new().await;
    let first = refresh_token(&world.sign_in("full").await);
    let successor = refresh_token(&world.browser().refresh(&first).await.ok().json());
    world.browser().refresh(&successor).await.ok();
    for _ in 0..5 {
        world.advance(Duration::from_secs(5));
        world.browser().refresh(&first).await.ok();
    }
    world.advance(Duration::from_secs(5));
    assert_eq!(world.browser().refresh(&first).await.refusal(), (400, "REFRESH_TOKEN_REUSED".into()));
}

#[tokio::test]
async fn a_lost_answer_is_given_again_for_a_day_and_audited() {
    let world = World::new().await;
    let first = refresh_token(&world.sign_in("full").await);
    let lost = refresh_token(&world.browser().refresh(&first).await.ok().json());
    world.advance(DAY.checked_sub(Duration::from_secs(1)).unwrap());
    assert_eq!(refresh_token(&world.browser().refresh(&first).await.ok().json()), lost);
    assert_eq!(world.audit().await, ["user_created", "signed_in", "refresh_recovered"]);
    world.advance(Duration::from_secs(1));
    assert_eq!(world.browser().refresh(&first).await.refusal(), (400, "REFRESH_TOKEN_REUSED".into()));
}

#[tokio::test]
async fn reuse_after_the_window_ends_the_session_at_once_for_everybody() {
    let world = World::new().await;
    let first = refresh_token(&world.sign_in("full").await);
    let second = refresh_token(&world.browser().refresh(&first).await.ok().json());
    let third = world.browser().refresh(&second).await.ok().json();
    let access = text(&third, "access_token");
    assert_eq!(world.browser().get_as("/api/protected", &access).await.status, 200);
    world.advance(WINDOW);
    let refused = world.browser().refresh(&first).await;
    assert_eq!(refused.refusal(), (400, "REFRESH_TOKEN_REUSED".into()));
    assert_eq!(world.browser().refresh(&refresh_token(&third)).await.refusal(), (401, "SESSION_REVOKED".into()));
    assert_eq!(world.browser().get_as("/api/protected", &access).await.refusal(), (401, "SESSION_REVOKED".into()));
    assert_eq!(world.audit().await, ["user_created", "signed_in", "refresh_reused"]);
}

#[tokio::test]
async fn reuse_ends_that_session_only() {
    let world = World::new().await;
    let (phone, laptop) = (refresh_token(&world.sign_in("full").await), refresh_token(&world.sign_in("full").await));
    let next = refresh_token(&world.browser().refresh(&phone).await.ok().json());
    world.browser().refresh(&next).await.ok();
    world.advance(WINDOW);
    assert_eq!(world.browser().refresh(&phone).await.status, 400);
    assert_eq!(world.browser().refresh(&laptop).await.status, 200);
}

#[tokio::test]
async fn an_idle_session_expires_after_seven_days_and_a_used_one_does_not() {
    let world = World::new().await;
    let (idle, mut used) = (refresh_token(&world.sign_in("full").await), refresh_token(&world.sign_in("full").await));
    for _ in 0..7 {
        world.advance(DAY);
        used = refresh_token(&world.browser().refresh(&used).await.ok().json());
    }
    assert_eq!(world.browser().refresh(&idle).await.refusal(), (401, "SESSION_EXPIRED".into()));
    assert_eq!(world.browser().refresh(&used).await.status, 200);
}

#[tokio::test]
async fn no_rotation_passes_the_absolute_end() {
    let world = World::with(&[("SESSION_MAX_DAYS", "10")]).await;
    let end = START.secs() + 10 * 86_400;
    let mut token = refresh_token(&world.sign_in("full").await);
    for _ in 0..9 {
        world.advance(DAY);
        token = refresh_token(&world.browser().refresh(&token).await.ok().json());
    }
    assert_eq!(claims(&token)["exp"], end);
    world.advance(DAY.checked_sub(Duration::from_mins(1)).unwrap());
    let last = world.browser().refresh(&token).await.ok().json();
    assert_eq!((claims(&refresh_token(&last))["exp"].as_i64(), last["expires_in"].as_i64()), (Some(end), Some(60)));
    world.advance(Duration::from_mins(1));
    assert_eq!(world.browser().refresh(&refresh_token(&last)).await.refusal(), (401, "SESSION_EXPIRED".into()));
    let access = text(&last, "access_token");
    world.advance(Duration::from_mins(1));
    assert_eq!(world.browser().get_as("/api/protected", &access).await.status, 401);
}

#[tokio::test]
async fn called_with_nothing_it_says_nobody_is_signed_in() {
    let world = World::new().await;
    let headers = [("x-munjigi-cookie", "1")];
    assert_eq!(world.browser().send(reqwest::Method::POST, "/api/auth/refresh", &headers, None).await.status, 204);
    assert_eq!(world.browser().post("/api/auth/refresh", &json!({})).await.status, 204);
}

#[tokio::test]
async fn a_dead_cookie_is_taken_away() {
    let world = World::new().await;
    let browser = world.browser();
    browser.log_in(&world.kakao, "full", "").await;
    world.advance(8 * DAY);
    assert_eq!(browser.refresh_cookie().await.refusal(), (401, "SESSION_EXPIRED".into()));
    assert!(browser.cookie("munjigi_rt").is_none());
    assert_eq!(browser.refresh_cookie().await.status, 204);
}

#[tokio::test]
async fn the_token_is_nowhere_in_the_database_and_says_what_it_is() {
    let world = World::new().await;
    let token = refresh_token(&world.sign_in("full").await);
    assert_eq!(header(&token), json!({"alg": "HS256", "typ": "refresh+jwt"}));
    let claims = claims(&token);
    assert_eq!(claims["token_type"], "refresh");
    assert_eq!(claims["aud"], json!(format!("{}/oauth/token", world.gateway.base)));
    let signature = token.rsplit('.').next().unwrap();
    for table in ["refresh_tokens", "sessions", "users", "identities", "audit_events"] {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        assert!(world.database.count(&sql).await > 0, "{table}");
    }
    if let Some(path) = world.database.url.strip_prefix("sqlite://") {
        for file in [path.to_owned(), format!("{path}-wal")] {
            let bytes = std::fs::read(&file).unwrap_or_default();
            assert!(!bytes.windows(signature.len()).any(|window| window == signature.as_bytes()), "{file}");
        }
    }
}

#[tokio::test]
async fn garbage_is_refused_without_a_fault() {
    let world = World::new().await;
    for token in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", &"A".repeat(4000), "토큰", "a b", "\0"] {
        assert_eq!(world.browser().refresh(token).await.refusal(), (400, "INVALID_REFRESH_TOKEN".into()), "{token:?}");
    }
}
