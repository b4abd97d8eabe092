//! Signing keys over their life (contract 4.4).

use std::time::Duration;

use munjigi::{flow::keys::KeysError, token::keyring::KeyState};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::support::{Browser, World, header, text};

async fn published(base: &str) -> Vec<String> {
    let jwks = Browser::new(base).get("/.well-known/jwks.json").await.json();
    jwks["keys"].as_array().unwrap().iter().map(|key| text(key, "kid")).collect()
}

fn kid(tokens: &Value) -> String {
    text(&header(&text(tokens, "access_token")), "kid")
}

async fn reload(world: &World) {
    let context = &world.gateway.shared.context;
    context.keys.reload(&context.storage, context.clock.now()).await.unwrap();
}

#[tokio::test]
async fn a_rotation_publishes_first_signs_later_and_refuses_no_living_token() {
    let world = World::new().await;
    let context = &world.gateway.shared.context;
    let before = world.sign_in("full").await;
    let old = kid(&before);
    let new = context.keys.rotate(&context.storage, context.clock.now()).await.unwrap().kid;

    reload(&world).await;
    assert_eq!(published(&world.gateway.base).await, [old.clone(), new.clone()]);
    assert_eq!(kid(&world.sign_in("full").await), old, "published, not signing yet");

    world.advance(Duration::from_secs(599));
    reload(&world).await;
    let last_of_old = world.sign_in("full").await;
    assert_eq!(kid(&last_of_old), old);
    world.advance(Duration::from_secs(1));
    reload(&world).await;
    assert_eq!(kid(&world.sign_in("full").await), new);
    let still_good = world.browser().get_as("/api/protected", &text(&last_of_old, "access_token")).await;
    assert_eq!(still_good.status, 200);

    world.advance(Duration::from_secs(929));
    reload(&world).await;
    assert_eq!(published(&world.gateway.base).await.len(), 2);
    world.advance(Duration::from_secs(1));
    reload(&world).await;
    assert_eq!(published(&world.gateway.base).await, [new]);
}

#[tokio::test]
async fn only_a_key_that_no_living_token_needs_can_be_retired() {
    let world = World::new().await;
    let context = &world.gateway.shared.context;
    let (keys, storage) = (&context.keys, &context.storage);
    let old = kid(&world.sign_in("full").await);
    let new = keys.rotate(storage, context.clock.now()).await.unwrap().kid;
    for kid in [&old, &new] {
        assert!(matches!(keys.retire(storage, kid, context.clock.now()).await, Err(KeysError::StillNeeded(None))));
    }
    world.advance(Duration::from_secs(700));
    let refused = keys.retire(storage, &old, context.clock.now()).await;
    assert!(matches!(refused, Err(KeysError::StillNeeded(Some(_)))));
    world.advance(Duration::from_mins(15));
    keys.retire(storage, &old, context.clock.now()).await.unwrap();
    assert!(matches!(keys.retire(storage, &old, context.clock.now()).await, Err(KeysError::Unknown)));
    let states: Vec<_> =
        keys.list(storage, context.clock.now()).await.unwrap().into_iter().map(|key| key.state).collect();
    assert_eq!(states, [KeyState::Active]);
}

#[tokio::test]
async fn instances_that_start_together_share_one_first_key() {
    let world = World::new().await;
    let (one, two) = tokio::join!(world.second_gateway(), world.second_gateway());
    let expected = published(&world.gateway.base).await;
    assert_eq!(expected.len(), 1);
    assert_eq!((published(&one.base).await, published(&two.base).await), (expected.clone(), expected));
    let token = text(&world.sign_in("full").await, "access_token");
    assert_eq!(Browser::new(&one.base).get_as("/api/protected", &token).await.status, 200);
}

#[tokio::test]
async fn the_schema_goes_up_down_and_up_again() {
    let world = World::new().await;
    let storage = world.database.storage().await;
    let changes = storage.schema_status().await.unwrap();
    assert!(!changes.is_empty() && changes.iter().all(|change| change.applied));
    let reverted = storage.migrate_down(u32::try_from(changes.len()).unwrap()).await.unwrap();
    assert_eq!(reverted.len(), changes.len());
    assert!(!storage.schema_is_current().await.unwrap());
    let readyz = world.browser().get("/readyz").await;
    assert_eq!(readyz.status, 503, "{}", readyz.body);
    assert_eq!(world.browser().get("/livez").await.status, 200);
    assert_eq!(storage.migrate_up().await.unwrap().len(), changes.len());
    assert!(storage.migrate_up().await.unwrap().is_empty());
    assert_eq!(world.browser().get("/readyz").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_may_migrate_at_once() {
    let database = crate::support::TestDatabase::create().await;
    let runs = (0..4).map(|_| async {
        let storage = database.storage().await;
        storage.migrate_up().await.unwrap();
        storage.schema_is_current().await.unwrap()
    });
    assert!(futures_util::future::join_all(runs).await.into_iter().all(|current| current));
}

#[tokio::test]
async fn a_change_of_the_schema_that_was_cut_off_is_done_again() {
    let database = crate::support::TestDatabase::create().await;
    let storage = database.storage().await;
    // In the way of the last step of the newest change, and not what it would have made.
    let hand = database.connect().await;
    hand.execute_unprepared("CREATE TABLE seen_events (id INT)").await.unwrap();
    storage.migrate_up().await.unwrap_err();
    assert!(!storage.schema_is_current().await.unwrap());
    hand.execute_unprepared("DROP TABLE seen_events").await.unwrap();
    let done = storage.migrate_up().await.unwrap();
    assert!(storage.schema_is_current().await.unwrap());
    // MySQL keeps the changes before it; elsewhere nothing was left of any.
    let all = storage.schema_status().await.unwrap().len();
    assert_eq!(done.len() < all, crate::support::on_mariadb(), "{done:?}");
    if crate::support::on_mariadb() {
        // All was done, and then nobody was left to note it.
        hand.execute_unprepared("DELETE FROM seaql_migrations").await.unwrap();
        assert_eq!(storage.migrate_up().await.unwrap().len(), all);
        assert!(storage.schema_is_current().await.unwrap());
    }
}
