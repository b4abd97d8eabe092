//! The batch writer against its reference, the same writes one transaction each: same answers, same rows. And what it does
//! when one of many is bad, or there are too many.

mod against_reference;

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use munjigi::{
    clock::Timestamp,
    config::SessionLimits,
    domain::{
        device::Device,
        identity::{Identity, ProviderKind, ProviderProfile, Subject},
        session::RevokedBecause,
    },
    storage::{
        Storage, StorageError,
        audit::Trace,
        rotate::{Continued, Rotate, Rotation},
        sessions::{Revoke, Which},
        sign_in::{Once, SignIn, SignedInRows},
        users::{ProfileReading, StoredProfile},
    },
    token::refresh::RefreshFacts,
};
use sea_orm::ConnectionTrait;

use crate::support::{START, TestDatabase, World, eventually, on_mariadb, on_postgres, text};

const LIMITS: SessionLimits = SessionLimits {
    idle: Duration::from_hours(24 * 7),
    absolute: Duration::from_hours(24 * 20),
    reuse_window: Duration::from_secs(30),
    recovery: Duration::from_hours(24),
};

/// A database with its schema, and a storage whose writes are batched.
async fn batched() -> (TestDatabase, Storage) {
    let (database, storage) = plain().await;
    (database, storage.batched())
}

/// The same without a batch writer.
async fn plain() -> (TestDatabase, Storage) {
    let database = TestDatabase::create().await;
    let storage = Storage::connect(&database.url.clone().into()).await.unwrap();
    storage.migrate_up().await.unwrap();
    (database, storage)
}

fn at(now: Timestamp) -> Trace<'static> {
    Trace { now, request_id: "test", ip: Some([192, 0, 2, 1].into()) }
}

fn login(person: u64, now: Timestamp) -> SignIn {
    SignIn {
        identity: Identity { provider: ProviderKind::Kakao, subject: Subject::kakao(&person.to_string()).unwrap() },
        profile: None,
        client_id: "munjigi".to_owned(),
        device: Device::default(),
        once: None,
        replaces: None,
        awaits_code: None,
        limits: LIMITS,
        trace: at(now).into(),
    }
}

fn rotate(presented: RefreshFacts, now: Timestamp) -> Rotate {
    Rotate { presented, client_id: "munjigi".to_owned(), limits: LIMITS, trace: at(now).into() }
}

async fn signed_in(storage: &Storage, people: std::ops::Range<u64>) -> Vec<SignedInRows> {
    let logins = people.map(|person| storage.sign_in(login(person, START)));
    futures_util::future::join_all(logins).await.into_iter().map(|rows| rows.unwrap().unwrap()).collect()
}

/// Transactions that were committed and that were undone.
fn transactions(storage: &Storage) -> (u64, u64) {
    let counts = storage.written().unwrap();
    let read = |count: &std::sync::atomic::AtomicU64| count.load(std::sync::atomic::Ordering::Relaxed);
    (read(&counts.batches), read(&counts.undone))
}

#[tokio::test]
async fn what_comes_together_is_committed_together() {
    let (_database, storage) = batched().await;
    // There a batch is dealt out to eight connections.
    let batch = if on_mariadb() { 8 } else { 1 };
    let people = signed_in(&storage, 1..65).await;
    assert_eq!(transactions(&storage), (batch, 0), "sixty-four logins");

    let rotations = people.iter().map(|rows| storage.rotate(rotate(rows.token, START)));
    let answers = futures_util::future::join_all(rotations).await;
    assert!(answers.iter().all(|answer| matches!(answer, Ok(Rotation::Continued { how: Continued::Rotated, .. }))));
    assert_eq!(transactions(&storage), (2 * batch, 0), "sixty-four rotations");

    let endings = people.iter().map(|rows| {
        let (user_id, which) = (rows.user.id, Which::One(rows.session.id));
        storage.revoke(Revoke { user_id, which, because: RevokedBecause::Logout, trace: at(START).into() })
    });
    let ended = futures_util::future::join_all(endings).await;
    assert!(ended.iter().zip(&people).all(|(ended, rows)| ended.as_ref().unwrap() == &[rows.session.id]));
    assert_eq!(transactions(&storage), (3 * batch, 0), "sixty-four endings");
}

#[tokio::test]
async fn two_refreshes_of_one_token_in_one_batch_are_a_rotation_and_a_replay() {
    let (database, storage) = batched().await;
    let token = signed_in(&storage, 1..2).await[0].token;
    let before = transactions(&storage).0;
    let (first, second) = tokio::join!(storage.rotate(rotate(token, START)), storage.rotate(rotate(token, START)));
    // There whoever comes second to a session follows in a transaction of its own.
    assert_eq!(transactions(&storage), (before + if on_mariadb() { 2 } else { 1 }, 0));
    let (Rotation::Continued { token: one, how: Continued::Rotated, .. }, Rotation::Continued { token: two, how, .. }) =
        (first.unwrap(), second.unwrap())
    else {
        panic!("both go on")
    };
    assert_eq!((one, how), (two, Continued::Replayed));
    assert_eq!(database.count("SELECT COUNT(*) FROM refresh_tokens").await, 2);
}

#[tokio::test]
async fn a_bad_write_fails_alone() {
    let (database, storage) = batched().await;
    let people = signed_in(&storage, 1..11).await;
    // The database refuses this one device, as it would refuse a row that violates a rule nobody thought of.
    let poison = if on_postgres() || on_mariadb() {
        "ALTER TABLE sessions ADD CHECK (user_agent <> 'poison')"
    } else {
        "CREATE TRIGGER poison BEFORE INSERT ON sessions WHEN NEW.user_agent = 'poison' \
         BEGIN SELECT RAISE(ABORT, 'poison'); END"
    };
    database.connect().await.execute_unprepared(poison).await.unwrap();
    let mut bad = login(100, START);
    bad.device.user_agent = Some("poison".to_owned());

    let rotations = people.iter().map(|rows| storage.rotate(rotate(rows.token, START)));
    let neighbours = (20..40).map(|person| storage.sign_in(login(person, START)));
    let (rotated, failed, logins) = tokio::join!(
        futures_util::future::join_all(rotations),
        storage.sign_in(bad),
        futures_util::future::join_all(neighbours),
    );
    assert!(matches!(failed, Err(StorageError::Refused(_))), "{failed:?}");
    assert!(rotated.iter().all(|answer| matches!(answer, Ok(Rotation::Continued { .. }))));
    assert!(logins.iter().all(|answer| matches!(answer, Ok(Some(_)))));
    assert_eq!(transactions(&storage).1, 1, "one transaction was undone");
    assert_eq!(database.count("SELECT COUNT(*) FROM sessions").await, 30);
    assert_eq!(database.count("SELECT COUNT(*) FROM users").await, 30, "nothing of the bad login is left");
    assert_eq!(database.count("SELECT COUNT(*) FROM refresh_tokens").await, 40);
}

#[tokio::test]
async fn an_attempt_that_was_finished_before_is_told_so_and_its_neighbours_go_on() {
    let (database, storage) = batched().await;
    let once = Once { attempt_hash: [7; 32], code_hash: [8; 32] };
    let finished = SignIn { once: Some(once), ..login(1, START) };
    assert!(storage.sign_in(finished.clone()).await.unwrap().is_some());
    // By somebody else even: nobody is made for it.
    let stranger = SignIn { once: Some(once), ..login(2, START) };
    let (again, other, neighbour) =
        tokio::join!(storage.sign_in(finished), storage.sign_in(stranger), storage.sign_in(login(3, START)));
    assert!(again.unwrap().is_none() && other.unwrap().is_none());
    assert!(neighbour.unwrap().unwrap().is_new_user);
    assert_eq!(database.count("SELECT COUNT(*) FROM users").await, 2);
    assert_eq!(database.count("SELECT COUNT(*) FROM sessions").await, 2);
}

#[tokio::test]
async fn a_username_of_other_origin_is_gone_around() {
    let (database, storage) = batched().await;
    let first = signed_in(&storage, 5..6).await.remove(0);
    // The identity goes and the user stays, as no flow of ours leaves them.
    database.connect().await.execute_unprepared("DELETE FROM identities").await.unwrap();
    let second = signed_in(&storage, 5..6).await.remove(0);
    assert!(second.is_new_user && second.user.id != first.user.id);
    assert!(second.user.username.starts_with("kakao_5_"), "{}", second.user.username);
}

#[tokio::test]
async fn a_first_login_tells_everything_that_was_told() {
    let (_database, storage) = batched().await;
    let told = ProviderProfile {
        nickname: Some("문지기".to_owned()),
        email: Some("a@example.com".to_owned()),
        email_verified: true,
        needs_agreement: vec!["birthday".to_owned()],
        is_whole: true,
        ..ProviderProfile::default()
    };
    let input = SignIn { profile: Some(StoredProfile { told, sealed: None }), ..login(1, START) };
    let first = storage.sign_in(input).await.unwrap().unwrap().user;
    let stored = storage.user(first.id).await.unwrap().unwrap();
    assert_eq!((first.nickname.as_deref(), first.email_verified), (Some("문지기"), true));
    assert_eq!(first.needs_agreement, ["birthday"]);
    assert_eq!((first.profile_image.clone(), first.updated_at), (None, START));
    assert_eq!(format!("{first:?}"), format!("{stored:?}"));
}

#[tokio::test]
async fn more_than_can_wait_are_told_to_come_again_and_nobody_else_suffers() {
    let (database, storage) = batched().await;
    let people = signed_in(&storage, 1..3).await;
    let lock = database.lock_writes().await;
    // Polled once each, in this order; the writer gets nowhere meanwhile.
    let mut waiting = Vec::new();
    let mut refused = 0;
    for _ in 0..1200 {
        let mut rotation = Box::pin(storage.rotate(rotate(people[0].token, START)));
        match rotation.as_mut().now_or_never() {
            None => waiting.push(rotation),
            Some(Err(StorageError::QueueFull)) => refused += 1,
            Some(other) => panic!("{other:?}"),
        }
    }
    assert!(waiting.len() >= 1024 && refused > 0, "{} wait, {refused} were refused at once", waiting.len());
    lock.release().await;
    for rotation in waiting {
        assert!(matches!(rotation.await, Ok(Rotation::Continued { .. })));
    }
    assert!(matches!(storage.rotate(rotate(people[1].token, START)).await, Ok(Rotation::Continued { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_batches_switched_off_everything_is_as_before() {
    let world = World::with(&[("BATCH_WRITES", "false")]).await;
    assert!(world.gateway.shared.context.storage.written().is_none());
    let tokens = world.sign_in("full").await;
    let next = world.browser().refresh(&text(&tokens, "refresh_token")).await.ok().json();
    assert_ne!(text(&next, "refresh_token"), text(&tokens, "refresh_token"));
    world.browser().post("/api/auth/logout", &serde_json::json!({"refresh_token": next["refresh_token"]})).await.ok();
    assert_eq!(world.browser().refresh(&text(&next, "refresh_token")).await.refusal(), (401, "SESSION_REVOKED".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_writes_in_batches() {
    let world = World::new().await;
    let tokens: Vec<_> = futures_util::future::join_all((1..9).map(|person: u32| {
        let world = &world;
        async move { world.sign_in(&person.to_string()).await }
    }))
    .await;
    let refreshed = futures_util::future::join_all(tokens.iter().map(|tokens| {
        let world = &world;
        async move { world.browser().refresh(&text(tokens, "refresh_token")).await.ok().json() }
    }))
    .await;
    assert_eq!(refreshed.iter().map(|answer| text(answer, "refresh_token")).collect::<HashSet<_>>().len(), 8);
    let (batches, undone) = transactions(&world.gateway.shared.context.storage);
    assert!(batches >= 2, "{batches} batches");
    assert_eq!(undone, 0);
}

#[tokio::test]
async fn a_login_that_loses_a_deadlock_is_done_again() {
    let database = TestDatabase::create().await;
    let storage = database.storage().await;
    storage.migrate_up().await.unwrap();
    storage.sign_in(login(1, START)).await.unwrap().unwrap();
    let other = database.begin().await;
    // Of two the database ends the one that changed less.
    for id in 0..50 {
        let id = if on_postgres() { format!("'\\x{id:064x}'") } else { format!("x'{id:064x}'") };
        other.run(&format!("INSERT INTO seen_events (id, seen_at) VALUES ({id}, 1)")).await;
    }
    other.run("UPDATE users SET updated_at = 1").await;
    let signing_in = tokio::spawn(async move { storage.sign_in(login(1, START)).await });
    if on_mariadb() {
        let waiting = "SELECT COUNT(*) FROM information_schema.processlist \
                       WHERE db = DATABASE() AND info LIKE '%FOR UPDATE'";
        eventually("it waits for the user", async || database.count(waiting).await == 1).await;
    }
    // PostgreSQL ends whichever finds it out.
    if other.try_run("UPDATE identities SET created_at = 1").await.is_ok() {
        other.release().await;
    }
    assert!(matches!(signing_in.await.unwrap(), Ok(Some(_))));
}

/// On SQLite batches hand each other the one connection for writing.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_without_the_writer_has_its_turn_while_batches_follow_each_other() {
    let (_database, storage) = batched().await;
    let people = signed_in(&storage, 1..65).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = people
        .iter()
        .map(|rows| {
            let (storage, is_over, mut token) = (storage.clone(), Arc::clone(&is_over), rows.token);
            tokio::spawn(async move {
                let mut turns = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let Rotation::Continued { token: next, .. } = storage.rotate(rotate(token, START)).await.unwrap()
                    else {
                        panic!("a living token was refused");
                    };
                    (token, turns) = (next, turns + 1);
                }
                turns
            })
        })
        .collect();
    let before = transactions(&storage).0;
    for turn in 1..=20 {
        assert_eq!(storage.clean_up(START + Duration::from_secs(turn)).await.unwrap(), 0);
    }
    let meanwhile = transactions(&storage).0 - before;
    // Sixteen batches, those that were on their way, and the one it is told apart by.
    assert!(on_postgres() || on_mariadb() || meanwhile <= 20 * 20, "{meanwhile} batches went before 20 transactions");
    is_over.store(true, Ordering::Relaxed);
    for client in clients {
        assert!(client.await.unwrap() > 0);
    }
    // And nothing keeps the connection when all is done.
    assert_eq!(storage.clean_up(START + Duration::from_secs(30)).await.unwrap(), 0);
}
