//! The login limit over several replicas: one budget in Redis, a budget of each while Redis is away.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use super::Apart;
use crate::support::{Browser, World, eventually};

/// A private Redis on a free port. Stopped when dropped.
struct RedisServer {
    port: u16,
    process: Child,
}

impl RedisServer {
    fn start(port: Option<u16>) -> Self {
        let free = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let port = port.unwrap_or_else(free);
        let program = if Command::new("valkey-server").arg("--version").output().is_ok() { "valkey" } else { "redis" };
        let mut process = Command::new(format!("{program}-server"))
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::piped())
            .spawn()
            .expect("redis-server or valkey-server is on PATH: make tools");
        let mut log = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(log.any(|line| line.unwrap().contains("Ready to accept connections")), "Redis did not start");
        // It writes on: somebody has to read.
        std::thread::spawn(move || log.for_each(drop));
        Self { port, process }
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn signal(&self, signal: &str) {
        assert!(Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap().success());
    }

    /// Ends it and waits for that.
    fn stop(mut self) -> u16 {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.port
    }

    fn keys(&self) -> Vec<String> {
        let port = self.port.to_string();
        let listed = Command::new("redis-cli").args(["-p", &port, "KEYS", "*"]).output().unwrap();
        String::from_utf8(listed.stdout).unwrap().lines().map(ToOwned::to_owned).collect()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

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
async fn redis_tells_what_another_replica_revoked() {
    let redis = RedisServer::start(None);
    // The database says nothing here: both listen at another one.
    let elsewhere = crate::support::TestDatabase::on_postgres().await;
    let apart = Apart::with(&[("REDIS_URL", &redis.url()), ("DATABASE_LISTEN_URL", &elsewhere.direct)]).await;
    apart.assert_told().await;
}
