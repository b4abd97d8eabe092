//! The unlink call that Kakao is owed: made until it succeeds, by whichever process is there (contract 3, 5).

use std::time::Duration;

use mock_kakao::{ApiError, Endpoint, Failure, Fault, MockConfig, MockKakao};

use super::{KEY, WITH_KEY, is_settled, leave, leave_at, owed, settle, world};
use crate::support::{
    Browser, CLIENT_ID, CLIENT_SECRET, MASTER_SECRET, SPA_REDIRECT, World,
    binary::{Binary, Running},
    eventually, text,
};

async fn unlinks(world: &World, count: u64) {
    eventually("Kakao is asked to unlink", async || world.kakao.counts().unlink >= count).await;
    assert_eq!(world.kakao.counts().unlink, count);
}

/// Numbers linked at Kakao, by its own list.
async fn linked(kakao: &MockKakao) -> Vec<i64> {
    let url = format!("{}/v1/user/ids", kakao.base_url());
    let list = Browser::new(kakao.base_url())
        .send(reqwest::Method::GET, &url, &[("authorization", &format!("KakaoAK {KEY}"))], None)
        .await
        .ok()
        .json();
    list["elements"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect()
}

#[tokio::test]
async fn kakao_is_asked_once_to_unlink_the_person_who_left_and_nobody_else() {
    let world = world(&WITH_KEY).await;
    let (mine, _theirs) = (world.sign_in("full").await, world.sign_in("nickname-only").await);
    assert_eq!(linked(&world.kakao).await, [4_000_000_001, 4_000_000_002]);
    assert_eq!(leave(&world, &mine).await.status, 204);
    is_settled(&world).await;
    unlinks(&world, 1).await;
    assert_eq!(linked(&world.kakao).await, [4_000_000_002]);
    world.advance(Duration::from_hours(24));
    assert_eq!((settle(&world.gateway).await, world.kakao.counts().unlink), (0, 1), "and never again");
}

#[tokio::test]
async fn nobody_to_unlink_is_as_good_as_done() {
    let world = world(&WITH_KEY).await;
    let tokens = world.sign_in("full").await;
    world.kakao.forget_links();
    assert_eq!(leave(&world, &tokens).await.status, 204);
    is_settled(&world).await;
    assert_eq!(world.kakao.counts().unlink, 1);
}

#[tokio::test]
async fn a_call_that_failed_is_made_again_after_a_pause_and_not_before() {
    let failures = [
        Failure::Status(503),
        Failure::Error(ApiError::from(-1)),
        Failure::Error(ApiError::from(-10)),
        Failure::Error(ApiError::from(-401)),
        Failure::Error(ApiError::from(-777)),
        Failure::Reset,
        Failure::Redirect,
        Failure::Huge,
    ];
    for how in failures {
        let name = format!("{how:?}");
        let world = world(&WITH_KEY).await;
        let tokens = world.sign_in("full").await;
        world.kakao.next_times(Fault::Endpoint { endpoint: Endpoint::Unlink, how }, 2);
        assert_eq!(leave(&world, &tokens).await.status, 204, "{name}: leaving never waits for Kakao");
        for (made, pause) in [(1, 5), (2, 10)] {
            unlinks(&world, made).await;
            // The failure is noted after it is seen by Kakao.
            let due = format!("SELECT COUNT(*) FROM outbox WHERE due_at = {}", now(&world) + pause * 1000);
            eventually(&format!("{name}: put off by {pause} s"), async || world.database.count(&due).await == 1).await;
            world.advance(Duration::from_millis(u64::try_from(pause).unwrap() * 1000 - 1));
            settle(&world.gateway).await;
            assert_eq!(world.kakao.counts().unlink, made, "{name}: not before the pause is over");
            world.advance(Duration::from_millis(1));
            world.gateway.shared.context.owed.notify_one();
        }
        is_settled(&world).await;
        assert_eq!(world.kakao.counts().unlink, 3, "{name}");
        assert!(linked(&world.kakao).await.is_empty(), "{name}");
    }
}

fn now(world: &World) -> i64 {
    world.gateway.shared.context.clock.now().millis()
}

#[tokio::test]
async fn kakaos_retry_after_is_respected() {
    let world = world(&WITH_KEY).await;
    let tokens = world.sign_in("full").await;
    let error = ApiError { retry_after: Some(120), ..ApiError::from(-10) };
    world.kakao.next(Fault::api(Endpoint::Unlink, error));
    assert_eq!(leave(&world, &tokens).await.status, 204);
    let due = format!("SELECT COUNT(*) FROM outbox WHERE due_at = {}", now(&world) + 120_000);
    eventually("it waits as long as Kakao said", async || world.database.count(&due).await == 1).await;
    world.advance(Duration::from_secs(119));
    settle(&world.gateway).await;
    assert_eq!(world.kakao.counts().unlink, 1);
    world.advance(Duration::from_secs(1));
    world.gateway.shared.context.owed.notify_one();
    is_settled(&world).await;
    assert_eq!(world.kakao.counts().unlink, 2);
}

#[tokio::test]
async fn pauses_grow_to_hours_and_the_call_is_never_given_up() {
    let world = world(&WITH_KEY).await;
    let tokens = world.sign_in("full").await;
    world.kakao.next_times(Fault::UnlinkStatus(503), 40);
    assert_eq!(leave(&world, &tokens).await.status, 204);
    let mut longest = 0;
    for made in 1..=40 {
        unlinks(&world, made).await;
        // Later than the claim of a call that is being made.
        let due = async || {
            let due = world.database.texts("SELECT '' || due_at FROM outbox").await;
            due.first().map_or(0, |due| due.parse::<i64>().unwrap()) - now(&world)
        };
        eventually("it is put off", async || due().await > 0 && due().await != 30_000).await;
        longest = due().await;
        assert!(longest <= 6 * 3_600_000, "{longest}");
        world.advance(Duration::from_hours(6));
        world.gateway.shared.context.owed.notify_one();
    }
    assert_eq!(longest, 6 * 3_600_000);
    is_settled(&world).await;
}

#[tokio::test]
async fn without_an_admin_key_the_call_waits_for_one_and_is_then_made_at_once() {
    let world = world(&[]).await;
    let tokens = world.sign_in("full").await;
    assert_eq!(leave(&world, &tokens).await.status, 204);
    for _ in 0..20 {
        settle(&world.gateway).await;
        world.advance(Duration::from_hours(1));
    }
    assert_eq!((owed(&world).await, world.kakao.counts().unlink), (1, 0));
    let _with_key = world.gateway_with(&WITH_KEY).await;
    is_settled(&world).await;
    assert_eq!(world.kakao.counts().unlink, 1);
    assert!(linked(&world.kakao).await.is_empty());
}

#[tokio::test]
async fn a_wrong_admin_key_is_tried_again_until_it_is_right() {
    let world = world(&[("KAKAO_ADMIN_KEY", "an-old-key")]).await;
    let tokens = world.sign_in("full").await;
    assert_eq!(leave(&world, &tokens).await.status, 204);
    unlinks(&world, 1).await;
    assert_eq!(linked(&world.kakao).await, [4_000_000_001]);
    let with_key = world.gateway_with(&WITH_KEY).await;
    world.advance(Duration::from_secs(30));
    with_key.shared.context.owed.notify_one();
    eventually("it is unlinked", async || linked(&world.kakao).await.is_empty()).await;
    is_settled(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_instances_make_each_call_once() {
    let world = world(&[]).await;
    for person in 1..=60 {
        let tokens = world.sign_in(&person.to_string()).await;
        assert_eq!(leave(&world, &tokens).await.status, 204);
    }
    assert_eq!(owed(&world).await, 60);
    world.advance(Duration::from_hours(6));
    let (one, two) = tokio::join!(world.gateway_with(&WITH_KEY), world.gateway_with(&WITH_KEY));
    tokio::join!(settle(&one), settle(&two), settle(&one), settle(&two));
    is_settled(&world).await;
    assert_eq!(world.kakao.counts().unlink, 60);
    assert!(linked(&world.kakao).await.is_empty());
}

#[tokio::test]
async fn somebody_who_leaves_twice_is_unlinked_twice() {
    let world = world(&WITH_KEY).await;
    for times in 1..=2 {
        let tokens = world.sign_in("full").await;
        assert_eq!((&tokens["is_new_user"], linked(&world.kakao).await.len()), (&serde_json::json!(true), 1));
        assert_eq!(leave(&world, &tokens).await.status, 204);
        is_settled(&world).await;
        assert_eq!((world.kakao.counts().unlink, linked(&world.kakao).await.len()), (times, 0));
    }
}

/// The program in a folder of its own, in front of a mock in this process.
fn serve(binary: &Binary, kakao: &MockKakao) -> (Running, String) {
    let settings = [
        ("APP_ENV", "development"),
        ("KAKAO_CLIENT_ID", CLIENT_ID),
        ("KAKAO_CLIENT_SECRET", CLIENT_SECRET),
        ("KAKAO_ADMIN_KEY", KEY),
        ("KAKAO_AUTH_BASE_URL", kakao.base_url()),
        ("KAKAO_API_BASE_URL", kakao.base_url()),
        ("KAKAO_EXTRA_REDIRECT_URIS", SPA_REDIRECT),
        ("JWT_SECRET_KEY", MASTER_SECRET),
        ("LISTEN_ADDR", "127.0.0.1:0"),
        ("LOG_FORMAT", "json"),
    ];
    let gateway = binary.start(&["serve"], &settings);
    let base = gateway.find_in_stderr(|log| {
        let line = log.lines().find(|line| line.contains("\"event\":\"started\"") && line.ends_with('}'))?;
        let line = serde_json::from_str(line).ok()?;
        Some(format!("http://localhost:{}", text(&line, "listen").rsplit(':').next()?))
    });
    (gateway, base)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_over_the_call_makes_it_after_a_restart() {
    // Carried out and the answer lost; not carried out. Whichever it was cannot be known from here, so it is made again.
    for how in [Failure::Slow(600_000), Failure::Status(503)] {
        let config = MockConfig { admin_keys: vec![KEY.to_owned()], ..MockConfig::default() };
        let kakao = MockKakao::start(config).await.unwrap();
        kakao.next(Fault::Endpoint { endpoint: Endpoint::Unlink, how });
        let binary = Binary::new();
        let (gateway, base) = serve(&binary, &kakao);
        let tokens = Browser::new(&base).sign_in(&kakao, "full").await;
        assert_eq!(leave_at(&base, &tokens).await.status, 204);
        eventually("the call is on its way", async || kakao.counts().unlink == 1).await;
        // SIGKILL: nothing of it can say goodbye.
        drop(gateway);

        let file = format!("sqlite://{}", binary.path("data/munjigi.db").display());
        let database = sea_orm::Database::connect(file).await.unwrap();
        // Later, as far as the table knows: the dead process had taken the call for half a minute.
        let later = sea_orm::ConnectionTrait::execute_unprepared(&database, "UPDATE outbox SET due_at = 1").await;
        assert_eq!(later.unwrap().rows_affected(), 1, "the call is still owed");
        database.close().await.unwrap();
        let (restarted, base) = serve(&binary, &kakao);
        restarted.find_in_stderr(|log| log.contains("\"event\":\"owed_call_made\"").then_some(()));
        assert_eq!((kakao.counts().unlink, linked(&kakao).await), (2, Vec::new()));
        let answer = Browser::new(&base).get_as("/api/auth/profile", &text(&tokens, "access_token")).await;
        assert_eq!(answer.refusal().0, 401, "whoever left stays away");
    }
}
