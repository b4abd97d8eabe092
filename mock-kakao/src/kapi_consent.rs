//! The API server's endpoints about consent: consent items and service terms.

use std::sync::Arc;

use poem::web::Data;
use poem::{Body, Request, Response, handler};
use serde_json::{Value, json};

use crate::caller::{Parameters, parameters, respond, subject, text_list};
use crate::config::ServiceTerm;
use crate::consent::Items;
use crate::faults::Endpoint;
use crate::links::Link;
use crate::state::Mock;
use crate::times::rfc3339;

#[handler]
pub(crate) async fn user_scopes(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::Scopes, async {
        let parameters = parameters(request, body).await;
        let link = subject(mock, request, &parameters)?;
        let asked = items(mock, &link, &parameters)?;
        Ok(state(mock, &link, asked))
    })
    .await
}

/// A required item stays until the person unlinks.
#[handler]
pub(crate) async fn revoke_scopes(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::RevokeScopes, async {
        let parameters = parameters(request, body).await;
        let link = subject(mock, request, &parameters)?;
        let asked = items(mock, &link, &parameters)?.ok_or(-2)?;
        if !mock.items.required.and(asked).is_empty() {
            return Err(-3);
        }
        link.withdraw(asked);
        Ok(state(mock, &link, Some(asked)))
    })
    .await
}

/// The items asked about; an unknown one, or one that is neither configured nor agreed to, is a bad argument.
fn items(mock: &Mock, link: &Link, parameters: &Parameters) -> Result<Option<Items>, i64> {
    let Some(ids) = text_list(parameters, "scopes")? else {
        return Ok(None);
    };
    let mut items = Items::NONE;
    for id in ids {
        items = items.or(Items::named(&id).ok_or(-2)?);
    }
    let known = mock.items.configured.or(link.agreed());
    if known.has(items) { Ok(Some(items)) } else { Err(-2) }
}

fn state(mock: &Mock, link: &Link, asked: Option<Items>) -> Value {
    let agreed = link.agreed();
    let shown = asked.unwrap_or(mock.items.configured.or(agreed));
    let scopes: Vec<Value> = shown
        .list()
        .map(|item| {
            let mut scope = json!({
                "id": item.id,
                "display_name": item.name,
                "type": item.kind,
                "using": mock.items.configured.has(item.set()),
                "agreed": agreed.has(item.set()),
            });
            if agreed.has(item.set()) {
                scope["revocable"] = json!(!mock.items.required.has(item.set()));
            }
            scope
        })
        .collect();
    json!({"id": link.person().id, "scopes": scopes})
}

#[handler]
pub(crate) async fn service_terms(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::ServiceTerms, async {
        let parameters = parameters(request, body).await;
        let link = subject(mock, request, &parameters)?;
        let all = match parameters.get("result").map(String::as_str) {
            None | Some("agreed_service_terms") => false,
            Some("app_service_terms") => true,
            Some(_) => return Err(-2),
        };
        let details = link.details();
        let terms = terms(mock, &parameters)?.unwrap_or_else(|| mock.config.service_terms.iter().collect());
        let shown = terms.into_iter().filter(|term| all || details.terms.contains_key(&term.tag));
        let list: Vec<Value> = shown
            .map(|term| {
                let agreed = details.terms.get(&term.tag);
                let mut value = json!({
                    "tag": term.tag, "required": term.required, "agreed": agreed.is_some(), "revocable": !term.required,
                });
                describe(&mut value, agreed);
                value
            })
            .collect();
        Ok(json!({"id": link.person().id, "service_terms": list}))
    })
    .await
}

#[handler]
pub(crate) async fn revoke_service_terms(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::RevokeServiceTerms, async {
        let parameters = parameters(request, body).await;
        let link = subject(mock, request, &parameters)?;
        let terms = terms(mock, &parameters)?.ok_or(-2)?;
        if terms.iter().any(|term| term.required) {
            return Err(-3);
        }
        let mut details = link.details();
        let revoke = |term: &ServiceTerm| {
            details.terms.remove(&term.tag);
            json!({"tag": term.tag, "agreed": false})
        };
        let list: Vec<Value> = terms.into_iter().map(revoke).collect();
        Ok(json!({"id": link.person().id, "revoked_service_terms": list}))
    })
    .await
}

/// Records a consent the app has on its own; no page is shown.
#[handler]
pub(crate) async fn upgrade_service_terms(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::UpgradeServiceTerms, async {
        let parameters = parameters(request, body).await;
        let link = subject(mock, request, &parameters)?;
        let terms = terms(mock, &parameters)?.ok_or(-2)?;
        let now = mock.now();
        let mut details = link.details();
        let upgrade = |term: &ServiceTerm| {
            let agreed = *details.terms.entry(term.tag.clone()).or_insert((now, "KAPI"));
            let mut value = json!({"tag": term.tag, "agreed": true});
            describe(&mut value, Some(&agreed));
            value
        };
        let list: Vec<Value> = terms.into_iter().map(upgrade).collect();
        Ok(json!({"id": link.person().id, "agreed_service_terms": list}))
    })
    .await
}

/// `tags=a,b`; an unknown one is a bad argument.
fn terms<'mock>(mock: &'mock Mock, parameters: &Parameters) -> Result<Option<Vec<&'mock ServiceTerm>>, i64> {
    let Some(tags) = parameters.get("tags") else {
        return Ok(None);
    };
    let find = |tag: &str| mock.config.service_terms.iter().find(|term| term.tag == tag).ok_or(-2);
    tags.split(',').map(str::trim).map(find).collect::<Result<_, _>>().map(Some)
}

fn describe(value: &mut Value, agreed: Option<&(i64, &'static str)>) {
    if let Some((at, by)) = agreed {
        value["agreed_at"] = json!(rfc3339(*at));
        value["agreed_by"] = json!(by);
    }
}
