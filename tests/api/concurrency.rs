//! Races: many at once end as one would (contract 3.1.3, 3.1.6, 4.3). Run on SQLite and on PostgreSQL.

use std::{collections::HashSet, sync::Arc};

use serde_json::Value;

use crate::support::{Answer, Browser, World, on_postgres, text};

/// Runs the same thing many times at once.
async fn at_once<T>(count: usize, run: impl AsyncFn(usize) -> T) -> Vec<T> {
    futures_util::future::join_all((0..count).map(|index| run(index))).await
}

fn distinct(answers: &[Value], name: &str) -> usize {
    answers.iter().map(|answer| text(answer, name)).collect::<HashSet<_>>().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_first_logins_make_one_user_and_one_is_told_so() {
    let world = World::new().await;
    let answers = at_once(64, async |_| world.sign_in("full").await).await;
    let users: HashSet<_> = answers.iter().map(|answer| text(&answer["user"], "id")).collect();
    assert_eq!(users.len(), 1);
    assert_eq!(answers.iter().filter(|answer| answer["is_new_user"] == true).count(), 1);
    assert_eq!(distinct(&answers, "refresh_token"), 64, "every login is a session of its own");
    assert_eq!(world.database.count("SELECT COUNT(*) FROM users").await, 1);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 64);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_two_instances_it_is_still_one_user() {
    let world = World::new().await;
    let replica = world.second_gateway().await;
    let bases = [world.gateway.base.clone(), replica.base.clone()];
    let answers =
        at_once(64, async |index| Browser::new(&bases[index % 2]).sign_in(&world.kakao, "big-id").await).await;
    assert_eq!(answers.iter().filter(|answer| answer["is_new_user"] == true).count(), 1);
    assert_eq!(answers.iter().map(|answer| text(&answer["user"], "id")).collect::<HashSet<_>>().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_code_posted_many_times_at_once_is_one_session() {
    let world = World::new().await;
    let browser = world.browser();
    let body = browser.callback_body(&world.kakao, "full").await;
    let answers =
        at_once(20, async |_| world.browser().post("/api/auth/kakao/callback", &body).await.ok().json()).await;
    assert_eq!(distinct(&answers, "refresh_token"), 1);
    assert_eq!(world.kakao.counts().token, 1, "one exchange");
    assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_code_posted_to_two_instances_is_one_session() {
    let world = World::new().await;
    let replica = world.second_gateway().await;
    let body = world.browser().callback_body(&world.kakao, "full").await;
    let bases = [world.gateway.base.clone(), replica.base.clone()];
    let answers =
        at_once(8, async |index| Browser::new(&bases[index % 2]).post("/api/auth/kakao/callback", &body).await).await;
    let signed_in: Vec<_> = answers.iter().filter(|answer| answer.status == 200).map(Answer::json).collect();
    assert_eq!(distinct(&signed_in, "refresh_token"), 1);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM sessions").await, 1);
    // Replicas are PostgreSQL's business. On SQLite a second process says that Kakao calls the code used.
    let refused: HashSet<_> = answers.iter().filter(|answer| answer.status != 200).map(|a| a.refusal().1).collect();
    let allowed: &[&str] = if on_postgres() { &[] } else { &["KAKAO_CODE_USED"] };
    assert!(refused.iter().all(|code| allowed.contains(&code.as_str())), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_refreshes_of_one_token_get_the_identical_successor() {
    let world = World::new().await;
    let token = text(&world.sign_in("full").await, "refresh_token");
    let answers = at_once(20, async |_| world.browser().refresh(&token).await.ok().json()).await;
    assert_eq!(distinct(&answers, "refresh_token"), 1);
    assert_eq!(world.database.count("SELECT COUNT(*) FROM refresh_tokens").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshes_on_two_instances_get_the_identical_successor() {
    let world = World::new().await;
    let replica = world.second_gateway().await;
    let token = text(&world.sign_in("full").await, "refresh_token");
    let bases = [world.gateway.base.clone(), replica.base.clone()];
    let answers = at_once(20, async |index| Browser::new(&bases[index % 2]).refresh(&token).await.ok().json()).await;
    assert_eq!(distinct(&answers, "refresh_token"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_and_a_sign_out_at_once_never_leave_a_living_session() {
    let world = Arc::new(World::new().await);
    for _ in 0..10 {
        let tokens = world.sign_in("full").await;
        let refresh = text(&tokens, "refresh_token");
        let body = serde_json::json!({"refresh_token": refresh});
        let (one, two) = (world.browser(), world.browser());
        let (refreshed, _) = tokio::join!(one.refresh(&refresh), two.post("/api/auth/logout", &body));
        if refreshed.status == 200 {
            let next = text(&refreshed.json(), "refresh_token");
            assert_eq!(world.browser().refresh(&next).await.refusal(), (401, "SESSION_REVOKED".into()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_in_the_middle_finds_the_login_finished() {
    let world = World::new().await;
    let body = world.browser().callback_body(&world.kakao, "full").await;
    world.kakao.next(mock_kakao::Fault::UserMeSlow(300));
    let gone = world.browser();
    let _ =
        tokio::time::timeout(std::time::Duration::from_millis(100), gone.post("/api/auth/kakao/callback", &body)).await;
    let again = world.browser().post("/api/auth/kakao/callback", &body).await.ok().json();
    assert_eq!(again["is_new_user"], true);
    assert_eq!(world.kakao.counts().token, 1, "the code was spent once and not lost");
}
