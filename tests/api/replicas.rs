//! Several replicas over one PostgreSQL: what one revokes the others refuse, told by the database or by Redis.

mod shared_limit;

use std::{sync::Arc, time::Duration};

use munjigi::clock::ManualClock;
use serde_json::{Value, json};

use crate::support::{Browser, Gateway, START, TestDatabase, World, eventually, is_signed_in, text};

/// Two replicas whose clocks differ so much that polling, which looks back half a minute, finds nothing: what the second one
/// knows of the first it was told.
pub struct Apart {
    pub world: World,
    pub other: Gateway,
}

impl Apart {
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let world = World::over(TestDatabase::on_postgres().await, settings, |_| ()).await;
        let ahead = Arc::new(ManualClock::starting_at(START + Duration::from_mins(5)));
        let other = world.gateway_at(&ahead, &[]).await;
        Self { world, other }
    }

    /// Signs out at the first replica, and whether the second one hears of it.
    pub async fn assert_told(&self) {
        let tokens = self.world.sign_in("full").await;
        assert!(is_signed_in(&self.other.base, &tokens).await);
        sign_out(&self.world.gateway.base, &tokens).await;
        eventually("the other replica refuses the session", async || !counts(&self.other.base, &tokens).await).await;
    }

    /// How many connections listen.
    pub async fn listeners(&self) -> i64 {
        self.world.database.count(&format!("SELECT COUNT(*) {LISTENERS}")).await
    }
}

const LISTENERS: &str =
    "FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' AND query LIKE 'LISTEN%'";

pub async fn sign_out(base: &str, tokens: &Value) {
    let body = json!({"refresh_token": text(tokens, "refresh_token")});
    assert_eq!(Browser::new(base).post("/api/auth/logout", &body).await.status, 200);
}

/// Whether the access token counts where no database is asked.
async fn counts(base: &str, tokens: &Value) -> bool {
    Browser::new(base).get_as("/api/protected", &text(tokens, "access_token")).await.status == 200
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ended_on_one_replica_is_refused_by_the_other() {
    let world = World::new().await;
    let other = world.second_gateway().await;
    let tokens = world.sign_in("full").await;
    assert!(is_signed_in(&other.base, &tokens).await);
    sign_out(&world.gateway.base, &tokens).await;
    eventually("the other replica refuses the session", async || !counts(&other.base, &tokens).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_tells_what_another_replica_revoked() {
    Apart::with(&[]).await.assert_told().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_whose_ear_was_cut_off_listens_again_and_reads_what_it_missed() {
    let apart = Apart::with(&[]).await;
    eventually("both listen", async || apart.listeners().await == 2).await;
    apart.world.database.count(&format!("SELECT COUNT(pg_terminate_backend(pid)) {LISTENERS}")).await;
    apart.assert_told().await;
    eventually("both listen", async || apart.listeners().await == 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_the_database_closed_are_replaced_before_anybody_sees() {
    let world = World::over(TestDatabase::on_postgres().await, &[], |_| ()).await;
    let mut token = text(&world.sign_in("full").await, "refresh_token");
    for _ in 0..3 {
        let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        assert!(world.database.count(&format!("SELECT COUNT(pg_terminate_backend(pid)) {others}")).await > 0);
        eventually("a refresh goes well", async || {
            let answer = world.browser().refresh(&token).await;
            assert!([200, 503].contains(&answer.status.as_u16()), "{}", answer.body);
            answer.status == 200
        })
        .await;
        token = text(&world.browser().refresh(&token).await.ok().json(), "refresh_token");
    }
}
