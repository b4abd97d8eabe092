//! Security event tokens as Kakao pushes them.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Browser, CLIENT_ID, World, is_signed_in, text};

pub const PATH: &str = "/api/webhooks/kakao/account-status";
pub const SECEVENT: (&str, &str) = ("content-type", "application/secevent+jwt");
pub const OAUTH: &str = "https://schemas.openid.net/secevent/oauth/event-type/";
pub const RISC: &str = "https://schemas.openid.net/secevent/risc/event-type/";
pub const CAEP: &str = "https://schemas.openid.net/secevent/caep/event-type/";
pub const KAKAO: &str = "https://schemas.kakao.com/platevent/kakao/event-type/";
pub const SETTINGS: &[(&str, &str)] =
    &[("KAKAO_APP_ID", "1234567"), ("KAKAO_APP_KEYS", "native-app-key"), ("ON_UNLINK", "delete")];

pub async fn world() -> World {
    World::with(SETTINGS).await
}

pub async fn push_to(base: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    Browser::new(base).send(Method::POST, PATH, headers, Some(body.to_owned())).await
}

pub async fn push(world: &World, set: &str) -> Answer {
    push_to(&world.gateway.base, &[SECEVENT], set).await
}

/// Good claims about somebody, with these members changed and those that are null left out.
pub fn claims(world: &World, user_id: &str, event: &str, changes: &Value) -> Value {
    let mut claims = world.kakao.set_claims(CLIENT_ID, user_id, event);
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

/// Pushes a good token about somebody with these changes.
pub async fn report(world: &World, user_id: &str, event: &str, changes: &Value) -> Answer {
    push(world, &world.kakao.sign_set(&json!({}), &claims(world, user_id, event, changes))).await
}

#[track_caller]
pub fn assert_taken(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (202, ""));
}

/// RFC 8935 section 2.3.
#[track_caller]
pub fn assert_refused(answer: &Answer, err: &str, what: &str) {
    assert_eq!(answer.status, 400, "{what}: {}", answer.body);
    let body = answer.json();
    assert_eq!(body["err"], err, "{what}: {body}");
    assert!(!text(&body, "description").is_empty() && body.as_object().unwrap().len() == 2, "{what}: {body}");
    assert!(answer.header("content-type").starts_with("application/json"), "{what}");
    assert!(!answer.header("content-language").is_empty(), "{what}");
}

pub async fn lives(world: &World, tokens: &Value) -> bool {
    is_signed_in(&world.gateway.base, tokens).await
}

pub async fn count(world: &World, event: &str) -> usize {
    world.audit().await.iter().filter(|found| *found == event).count()
}

pub fn unlinked() -> String {
    format!("{OAUTH}user-unlinked")
}
