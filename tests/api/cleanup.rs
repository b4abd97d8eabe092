//! What is removed, and when.

use std::time::Duration;

use serde_json::json;

use crate::support::{World, text};

#[tokio::test]
async fn what_nobody_needs_any_more_is_removed_and_nothing_else() {
    let world = World::new().await;
    let storage = &world.gateway.shared.context.storage;
    let clean = async || storage.clean_up(world.gateway.shared.context.clock.now()).await.unwrap();
    world.sign_in("full").await;
    assert_eq!(clean().await, 0);
    world.advance(Duration::from_hours(192));
    assert_eq!(clean().await, 1, "the expired token");
    assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 1, "the session is still told of");
    world.advance(Duration::from_hours(744));
    assert_eq!(clean().await, 1);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 0);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users").await, 1, "people stay");
}

#[tokio::test]
async fn a_session_lives_while_its_old_tokens_go_and_is_removed_a_month_after_the_last() {
    let world = World::new().await;
    let storage = &world.gateway.shared.context.storage;
    let clean = async || storage.clean_up(world.gateway.shared.context.clock.now()).await.unwrap();
    let count = async |what: &str| world.database.count(&format!("SELECT COUNT(*) FROM {what}")).await;
    let mut token = text(&world.sign_in("full").await, "refresh_token");
    let ended = json!({"refresh_token": text(&world.sign_in("full").await, "refresh_token")});
    world.browser().post("/api/auth/logout", &ended).await.ok();
    // More of them than one transaction removes, and the newest among those that stay.
    for _ in 0..600 {
        world.advance(Duration::from_mins(30));
        token = text(&world.browser().refresh(&token).await.ok().json(), "refresh_token");
    }
    let expired = count("refresh_tokens").await - (7 * 48 + 1);
    let mut removed = 0;
    while let some @ 1.. = clean().await {
        removed += some;
    }
    assert_eq!(i64::try_from(removed).unwrap(), expired);
    token = text(&world.browser().refresh(&token).await.ok().json(), "refresh_token");
    assert_eq!(count("sessions").await, 2);
    world.advance(Duration::from_hours(24 * 25));
    while clean().await > 0 {}
    assert_eq!((count("sessions").await, count("refresh_tokens").await), (1, 0), "the one that was ended is gone");
    assert_eq!(world.browser().refresh(&token).await.refusal().0, 401);
    world.advance(Duration::from_hours(24 * 12 + 1));
    assert_eq!(clean().await, 1);
    assert_eq!(count("sessions").await, 0);
}
