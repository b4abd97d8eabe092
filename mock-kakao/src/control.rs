//! The routes below `/__mock/` that tests and scripts use: people, faults, counters, keys, time, reset, webhooks.

use std::sync::Arc;

use poem::web::Data;
use poem::{Body, Response, handler};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::answers;
use crate::fault_kinds;
use crate::faults;
use crate::new_person::NewPerson;
use crate::sender::Delivery;
use crate::state::{Mock, SIGN_UP_WITHIN};
use crate::webhooks;

const BODY_LIMIT: usize = 64 * 1024;
const DOCUMENT: &str = include_str!("../openapi.json");

#[handler]
pub(crate) fn persons(Data(mock): Data<&Arc<Mock>>) -> Response {
    let list: Vec<Value> = mock.listed().iter().map(|person| person.listing()).collect();
    answers::json(200, &json!({"persons": list}))
}

/// Adds a person for this process, or changes one.
#[handler]
pub(crate) async fn add_person(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    let added = match read::<NewPerson>(body).await {
        Ok(new) => new.into_person(mock),
        Err(refusal) => return refusal,
    };
    match added {
        Ok(person) => answers::json(200, &mock.add_person(person).listing()),
        Err(error) => refuse(&error),
    }
}

#[handler]
pub(crate) async fn next(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    let Ok(body) = body.into_bytes_limit(BODY_LIMIT).await else {
        return answers::text(413, "body too large");
    };
    match faults::parse(&body) {
        Ok((fault, times)) => {
            mock.faults.push(fault.clone(), times);
            answers::json(200, &json!({"queued": fault, "times": times}))
        }
        Err(error) => refuse(&error),
    }
}

/// What waits, and everything that could.
#[handler]
pub(crate) fn list_faults(Data(mock): Data<&Arc<Mock>>) -> Response {
    answers::json(200, &json!({"pending": mock.faults.pending(), "kinds": fault_kinds::kinds()}))
}

#[handler]
pub(crate) fn clear_faults(Data(mock): Data<&Arc<Mock>>) -> Response {
    mock.faults.clear();
    answers::text(204, "")
}

#[handler]
pub(crate) fn counts(Data(mock): Data<&Arc<Mock>>) -> Response {
    answers::json(200, &mock.faults.counts())
}

#[handler]
pub(crate) async fn rotate(Data(mock): Data<&Arc<Mock>>) -> Response {
    let mock = Arc::clone(mock);
    // Beyond the keys that are files, one has to be made.
    match tokio::task::spawn_blocking(move || mock.keys.rotate()).await {
        Ok(()) => answers::text(204, ""),
        Err(error) => answers::text(500, error.to_string()),
    }
}

#[handler]
pub(crate) fn reset(Data(mock): Data<&Arc<Mock>>) -> Response {
    mock.reset();
    answers::text(204, "")
}

/// Moves the mock's time. Who has not signed up within a day is unlinked, and the app is told.
#[handler]
pub(crate) async fn clock(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Advance {
        advance_seconds: i64,
    }

    let advance = match read::<Advance>(body).await {
        Ok(advance) => advance.advance_seconds,
        Err(refusal) => return refusal,
    };
    if advance.unsigned_abs() > 100 * 365 * 86_400 {
        return refuse("advance_seconds: at most a hundred years");
    }
    mock.advance(advance);
    let late = mock.links.not_signed_up_for(SIGN_UP_WITHIN, mock.now());
    let mut unlinked = Vec::new();
    for link in late {
        let id = link.person().id;
        mock.links.remove(id);
        webhooks::unlinked(mock, id, "INCOMPLETE_SIGN_UP").await;
        unlinked.push(id);
    }
    answers::json(200, &json!({"now": mock.now(), "unlinked": unlinked}))
}

#[handler]
pub(crate) async fn send_unlink(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    match read(body).await {
        Ok(notice) => delivered(webhooks::send_unlink(mock, notice).await),
        Err(refusal) => refusal,
    }
}

#[handler]
pub(crate) async fn send_status(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    match read(body).await {
        Ok(notice) => delivered(webhooks::send_status(mock, notice).await),
        Err(refusal) => refusal,
    }
}

#[handler]
pub(crate) fn deliveries(Data(mock): Data<&Arc<Mock>>) -> Response {
    answers::json(200, &json!({"deliveries": mock.sender.deliveries()}))
}

#[handler]
pub(crate) fn openapi() -> Response {
    answers::raw_json(200, DOCUMENT.as_bytes().to_vec())
}

fn delivered(outcome: Result<Delivery, String>) -> Response {
    match outcome {
        Ok(delivery) => answers::json(200, &delivery),
        Err(error) => refuse(&error),
    }
}

fn refuse(error: &str) -> Response {
    answers::json(400, &json!({"error": error}))
}

/// The JSON body; an empty one is an empty object.
async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Response> {
    let body = body.into_bytes_limit(BODY_LIMIT).await.map_err(|_| answers::text(413, "body too large"))?;
    let body = if body.is_empty() { &b"{}"[..] } else { &body };
    serde_json::from_slice(body).map_err(|error| refuse(&error.to_string()))
}
