//! The login limit over several replicas: one budget in Redis, a budget of each while Redis is away.

use super::Apart;
use crate::support::{
    Browser, CLIENT_ID, CLIENT_SECRET, MASTER_SECRET, TestDatabase, World,
    binary::{Binary, Running, started},
    eventually,
    redis::{Authority, RedisServer},
};

/// How many of `count` begun logins are let through.
async fn admitted(base: &str, count: usize) -> usize {
    let browser = Browser::new(base);
    let mut admitted = 0;
    for _ in 0..count {
        let answer = browser.get("/api/auth/kakao/login").await;
        match answer.status.as_u16() {
            303 => admitted += 1,
            status => {
                assert_eq!((status, answer.refusal().1.as_str()), (429, "RATE_LIMIT_EXCEEDED"));
                assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()));
            }
        }
    }
    admitted
}

async fn status_of(base: &str) -> String {
    Browser::new(base).get("/readyz").await.ok().json()["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_redis_all_replicas_count_together_and_without_it_each_by_itself() {
    let redis = RedisServer::start(None);
    let settings = [("REDIS_URL", redis.url()), ("RATE_LIMIT_LOGIN_PER_MINUTE", "6".to_owned())];
    let settings = settings.each_ref().map(|(name, value)| (*name, value.as_str()));
    let world = World::with(&settings).await;
    let other = world.second_gateway().await;
    let (one, two) = (world.gateway.base.clone(), other.base.clone());

    assert_eq!((admitted(&one, 4).await, admitted(&two, 4).await, admitted(&one, 1).await), (4, 2, 0));
    assert_eq!(status_of(&one).await, "healthy");
    let keys = redis.keys();
    assert!(keys.len() == 1 && keys[0].starts_with("munjigi:login:"), "{keys:?}");
    assert!(!keys[0].contains("127.0.0.1"), "an address is a personal datum: {keys:?}");

    let port = redis.stop();
    assert_eq!((admitted(&one, 8).await, admitted(&two, 8).await), (6, 6));
    assert_eq!((status_of(&one).await, status_of(&two).await), ("degraded".into(), "degraded".into()));

    let redis = RedisServer::start(Some(port));
    eventually("Redis is used again", async || {
        admitted(&one, 1).await;
        status_of(&one).await == "healthy"
    })
    .await;
    assert!(!redis.keys().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_does_not_answer_keeps_nobody_from_signing_in() {
    let redis = RedisServer::start(None);
    let world = World::with(&[("REDIS_URL", &redis.url()), ("RATE_LIMIT_LOGIN_PER_MINUTE", "1000")]).await;
    redis.signal("-STOP");
    assert_eq!(admitted(&world.gateway.base, 20).await, 20);
    world.sign_in("full").await;
    assert_eq!(status_of(&world.gateway.base).await, "degraded");
    redis.signal("-CONT");
    eventually("it is used again", async || {
        admitted(&world.gateway.base, 1).await;
        status_of(&world.gateway.base).await == "healthy"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_refused_the_password_is_used_once_it_takes_it() {
    let redis = RedisServer::guarded("before");
    let world = World::with(&[("REDIS_URL", &redis.url_with("after")), ("RATE_LIMIT_LOGIN_PER_MINUTE", "1000")]).await;
    let base = &world.gateway.base;
    assert_eq!((admitted(base, 5).await, status_of(base).await), (5, "degraded".into()));
    redis.change_password("before", "after");
    eventually("it is used", async || admitted(base, 1).await == 1 && status_of(base).await == "healthy").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_tells_what_another_replica_revoked() {
    let redis = RedisServer::start(None);
    // The database says nothing here: both listen at another one.
    let elsewhere = TestDatabase::on_postgres().await;
    let apart = Apart::with(&[("REDIS_URL", &redis.url()), ("DATABASE_LISTEN_URL", &elsewhere.direct)]).await;
    apart.assert_told().await;
}

/// A gateway of its own process, because whom it trusts is a matter of its environment.
fn serve(binary: &Binary, database: &TestDatabase, redis: &RedisServer, trusted: &Authority) -> Running {
    let settings = [
        ("APP_ENV", "development"),
        ("PUBLIC_URL", "http://localhost:8000"),
        ("DATABASE_URL", &database.url),
        ("KAKAO_CLIENT_ID", CLIENT_ID),
        ("KAKAO_CLIENT_SECRET", CLIENT_SECRET),
        ("JWT_SECRET_KEY", MASTER_SECRET),
        ("LISTEN_ADDR", "127.0.0.1:0"),
        ("LOG_FORMAT", "json"),
        ("REDIS_URL", &redis.tls_url()),
        ("RATE_LIMIT_LOGIN_PER_MINUTE", "6"),
        ("SSL_CERT_FILE", trusted.path().to_str().unwrap()),
    ];
    binary.start(&["serve"], &settings)
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_replicas_count_together_if_they_trust_the_certificate() {
    let (ours, of_others) = (Authority::new(), Authority::new());
    let redis = RedisServer::over_tls(&ours);
    let (binary, database) = (Binary::new(), TestDatabase::create().await);
    let gateways = [&ours, &ours, &of_others].map(|trusted| serve(&binary, &database, &redis, trusted));
    let [one, two, other] = gateways.each_ref().map(started);

    assert_eq!((admitted(&one, 4).await, admitted(&two, 4).await, admitted(&one, 1).await), (4, 2, 0));
    assert_eq!((status_of(&one).await, status_of(&two).await), ("healthy".into(), "healthy".into()));

    assert_eq!(admitted(&other, 8).await, 6, "a budget of its own");
    assert_eq!(status_of(&other).await, "degraded");
    let line = gateways[2].find_in_stderr(|log| {
        log.lines().find(|line| line.contains("redis_away") && line.ends_with('}')).map(ToOwned::to_owned)
    });
    assert!(line.contains("invalid peer certificate"), "{line}");
}
