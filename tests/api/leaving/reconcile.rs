//! Comparing our people with Kakao's list: what a lost webhook or a lost unlink call left behind.

use std::{sync::Arc, time::Duration};

use mock_kakao::{ApiError, Endpoint, Fault};
use munjigi::{
    config::OnUnlink,
    domain::identity::Identity,
    flow::reconcile::{Differences, Reconciliation},
    provider::{http::UpstreamHttp, kakao::Kakao},
};

use super::{WITH_KEY, is_settled, leave, owed, world};
use crate::support::{World, text};

fn reconciliation(world: &World, policy: OnUnlink) -> Reconciliation {
    let shared = &world.gateway.shared;
    let clock = Arc::clone(&shared.context.clock);
    let kakao = Kakao::new(shared.config.kakao.clone(), &UpstreamHttp::new().unwrap(), Arc::clone(&clock)).unwrap();
    Reconciliation::new(shared.context.storage.clone(), Arc::new(kakao), clock, policy)
}

/// Both sides as they are, some time after everything that happened.
async fn compare(world: &World) -> Differences {
    world.advance(Duration::from_mins(2));
    reconciliation(world, OnUnlink::Keep).compare(|_| ()).await.unwrap()
}

fn names(people: &[Identity]) -> Vec<&str> {
    let mut names: Vec<_> = people.iter().map(|identity| identity.subject.as_str()).collect();
    names.sort_unstable();
    names
}

/// Links somebody at Kakao who never comes to us.
async fn link(world: &World, person: &str) {
    world.kakao.consent(&world.browser().begin("").await, person).unwrap();
}

/// Takes the link off at Kakao, of which we hear nothing.
async fn unlink(world: &World, id: &str) {
    let form = [("target_id_type", "user_id"), ("target_id", id)];
    let url = format!("{}/v1/user/unlink", world.kakao.base_url());
    let key = format!("KakaoAK {}", super::KEY);
    world.browser().post_form(&url, &form, &[("authorization", &key)]).await.ok();
}

#[tokio::test]
async fn two_empty_sides_and_two_equal_sides_do_not_differ() {
    let world = world(&WITH_KEY).await;
    let found = compare(&world).await;
    assert_eq!((found.linked, found.known, found.unlinked.len(), found.unknown.len()), (0, 0, 0, 0));
    for person in ["full", "big-id", "bare"] {
        world.sign_in(person).await;
    }
    let found = compare(&world).await;
    assert_eq!((found.linked, found.known, found.unlinked.len(), found.unknown.len()), (3, 3, 0, 0));
}

#[tokio::test]
async fn a_missed_unlink_and_an_unknown_person_are_found_and_put_right() {
    let world = world(&WITH_KEY).await;
    let (gone, stays) = (world.sign_in("7").await, world.sign_in("8").await);
    link(&world, "9").await;
    unlink(&world, "7").await;
    let found = compare(&world).await;
    assert_eq!((names(&found.unlinked), names(&found.unknown)), (vec!["7"], vec!["9"]));
    assert_eq!(owed(&world).await, 0, "looking changes nothing");

    let reconciliation = reconciliation(&world, OnUnlink::Delete);
    reconciliation.end_links(&found.unlinked).await.unwrap();
    reconciliation.unlink_unknown(&found.unknown).await.unwrap();
    let refused = world.browser().refresh(&text(&gone, "refresh_token")).await;
    assert_eq!(refused.refusal(), (401, "SESSION_REVOKED".into()));
    world.browser().refresh(&text(&stays, "refresh_token")).await.ok();
    world.gateway.shared.context.owed.notify_one();
    is_settled(&world).await;
    let found = compare(&world).await;
    assert_eq!((found.linked, found.known, found.unlinked.len(), found.unknown.len()), (1, 1, 0, 0));
}

#[tokio::test]
async fn an_unlink_call_that_was_never_made_is_found_too() {
    let world = world(&WITH_KEY).await;
    world.kakao.next(Fault::UnlinkStatus(503));
    let tokens = world.sign_in("7").await;
    assert_eq!(leave(&world, &tokens).await.status, 204);
    crate::support::eventually("the call failed", async || world.kakao.counts().unlink == 1).await;
    let begun = reconciliation(&world, OnUnlink::Keep).compare(|_| ()).await.unwrap();
    assert_eq!(names(&begun.unknown), ["7"]);
}

#[tokio::test]
async fn lists_of_many_pages_are_read_to_their_end() {
    let world = world(&WITH_KEY).await;
    let known = ["50", "51", "250", "9223372036854775807"];
    for person in known {
        world.sign_in(person).await;
    }
    for person in 1..=249 {
        link(&world, &person.to_string()).await;
    }
    unlink(&world, "250").await;
    // Kakao says once that it is asked too often, and once nothing at all.
    world.kakao.next(Fault::api(Endpoint::UserIds, ApiError { retry_after: Some(0), ..ApiError::from(-10) }));
    world.kakao.next(Fault::api(Endpoint::UserIds, -1));
    world.advance(Duration::from_mins(2));
    let mut heard = Vec::new();
    let found = reconciliation(&world, OnUnlink::Keep).compare(|count| heard.push(count)).await.unwrap();
    assert_eq!(heard, [100, 200, 250]);
    assert_eq!((found.linked, found.known, names(&found.unlinked), found.unknown.len()), (250, 4, vec!["250"], 247));
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_an_error_and_not_an_empty_list() {
    let world = world(&WITH_KEY).await;
    world.sign_in("full").await;
    for code in [-401, -2, -3] {
        world.kakao.next(Fault::api(Endpoint::UserIds, code));
        let refused = reconciliation(&world, OnUnlink::Delete).compare(|_| ()).await;
        assert!(refused.is_err(), "{code}");
    }
    let keyless = super::world(&[]).await;
    keyless.sign_in("full").await;
    assert!(reconciliation(&keyless, OnUnlink::Delete).compare(|_| ()).await.is_err());
}

#[tokio::test]
async fn whoever_signs_in_while_the_list_is_read_is_no_difference() {
    let world = world(&WITH_KEY).await;
    for person in 1..=101 {
        link(&world, &person.to_string()).await;
    }
    let reconciliation = reconciliation(&world, OnUnlink::Delete);
    // Between two pages: the first was read, the second is not asked for yet.
    let (said, heard) = tokio::sync::oneshot::channel();
    let mut said = Some(said);
    let listing = reconciliation.compare(|_| {
        if let Some(said) = said.take() {
            said.send(()).unwrap();
        }
    });
    let signing_in = async {
        heard.await.unwrap();
        // One who is on the first page, one who is on the second, one who is on a page that was read before they came.
        unlink(&world, "2").await;
        for person in ["1", "101", "2"] {
            world.sign_in(person).await;
        }
        unlink(&world, "101").await;
    };
    let (found, ()) = tokio::join!(listing, signing_in);
    let found = found.unwrap();
    assert_eq!((names(&found.unlinked), found.known), (Vec::new(), 0));
    let unknown = names(&found.unknown);
    assert!(["1", "2", "101"].iter().all(|user| !unknown.contains(user)), "{unknown:?}");
}

#[tokio::test]
async fn whoever_came_back_after_the_comparison_is_left_alone() {
    let world = world(&WITH_KEY).await;
    world.sign_in("7").await;
    unlink(&world, "7").await;
    link(&world, "9").await;
    world.advance(Duration::from_mins(2));
    let reconciliation = reconciliation(&world, OnUnlink::Delete);
    let found = reconciliation.compare(|_| ()).await.unwrap();
    assert_eq!((names(&found.unlinked), names(&found.unknown)), (vec!["7"], vec!["9"]));
    // The operator thinks about it; both sign in meanwhile.
    world.advance(Duration::from_secs(5));
    let (seven, nine) = (world.sign_in("7").await, world.sign_in("9").await);
    world.advance(Duration::from_secs(5));
    reconciliation.end_links(&found.unlinked).await.unwrap();
    reconciliation.unlink_unknown(&found.unknown).await.unwrap();
    for tokens in [&seven, &nine] {
        world.browser().refresh(&text(tokens, "refresh_token")).await.ok();
    }
    assert_eq!(owed(&world).await, 0, "Kakao is not asked to unlink a user of ours");
}
