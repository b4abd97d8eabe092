//! The API server's endpoints for the app itself, with an admin key: many people, and the list of numbers.

use std::sync::Arc;

use poem::web::Data;
use poem::{Body, Request, Response, handler};
use serde_json::{Value, json};

use crate::caller::{Parameters, app, parameters, respond};
use crate::faults::Endpoint;
use crate::kapi::wanted;
use crate::profile;
use crate::state::Mock;

const PAGE: usize = 100;

/// Everybody who is linked, by number, in pages.
#[handler]
pub(crate) async fn user_ids(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::UserIds, async {
        app(mock, request)?;
        if !mock.limits.admits_ids(mock.now()) {
            return Err(-10);
        }
        list(mock, &parameters(request, body).await)
    })
    .await
}

/// `from_id` is the first number of the page. How Kakao counts it is not known.
fn list(mock: &Mock, parameters: &Parameters) -> Result<Value, i64> {
    let limit = match parameters.get("limit").map(|limit| limit.parse()) {
        None => PAGE,
        Some(Ok(limit)) if (1..=PAGE).contains(&limit) => limit,
        Some(_) => return Err(-2),
    };
    let from: Option<i64> = parameters.get("from_id").map(|from| from.parse().map_err(|_| -2)).transpose()?;
    let order = parameters.get("order").map_or("asc", String::as_str);
    if !matches!(order, "asc" | "desc") {
        return Err(-2);
    }
    let ascending = order == "asc";
    let mut ids = mock.links.ids(from, limit + 1, ascending);
    let next = if ids.len() > limit { ids.pop() } else { None };
    // The page before ends just before this one begins.
    let before = from.and_then(|from| {
        let earlier = mock.links.ids(
            Some(if ascending { from.saturating_sub(1) } else { from.saturating_add(1) }),
            limit,
            !ascending,
        );
        earlier.last().copied()
    });
    let url = |from: Option<i64>| {
        from.map(|from| format!("{}/v1/user/ids?limit={limit}&order={order}&from_id={from}", mock.base_url))
    };
    Ok(json!({"elements": ids, "before_url": url(before), "after_url": url(next)}))
}

/// Kakao's table wraps the list, its sample does not; the mock follows the sample. Numbers that are not linked are left out.
#[handler]
pub(crate) async fn app_users(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::AppUsers, async {
        app(mock, request)?;
        let parameters = parameters(request, body).await;
        let wanted = wanted(&parameters)?;
        let is_user = parameters.get("target_id_type").is_some_and(|kind| kind == "user_id");
        let ids = parameters.get("target_ids").filter(|_| is_user).ok_or(-2)?;
        let ids: Vec<i64> = serde_json::from_str(ids).map_err(|_| -2)?;
        if ids.len() > if wanted.keys.is_some() { 20 } else { PAGE } {
            return Err(-2);
        }
        let signed_up = !mock.config.auto_link;
        let linked = ids.into_iter().filter_map(|id| mock.links.get(id));
        Ok(linked.map(|link| profile::user_me(&link, mock.items, signed_up, &wanted)).collect())
    })
    .await
}
