//! The API server's endpoints about one person: user/me and its relatives, logout, unlink, signup.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::web::Data;
use poem::{Body, Request, Response, handler};
use serde_json::{Value, json};

use crate::caller::{Caller, Parameters, bearer, caller, parameters, respond, subject, target, text_list};
use crate::faults::Endpoint;
use crate::profile::{self, Wanted};
use crate::state::Mock;

#[handler]
pub(crate) async fn user_me(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::UserMe, async {
        let parameters = parameters(request, body).await;
        let link = subject(mock, request, &parameters)?;
        Ok(profile::user_me(&link, mock.items, !mock.config.auto_link, &wanted(&parameters)?))
    })
    .await
}

/// What user/me is asked for.
pub(crate) fn wanted(parameters: &Parameters) -> Result<Wanted, i64> {
    let secure = parameters.get("secure_resource").is_some_and(|value| value == "true");
    Ok(Wanted { secure, keys: text_list(parameters, "property_keys")? })
}

#[handler]
pub(crate) async fn access_token_info(Data(mock): Data<&Arc<Mock>>, request: &Request) -> Response {
    respond(mock, Endpoint::AccessTokenInfo, async {
        let session = bearer(mock, request)?;
        let left = session.expires_at - mock.now();
        Ok(json!({"id": session.link.person().id, "expires_in": left, "app_id": mock.config.app_id}))
    })
    .await
}

#[handler]
pub(crate) async fn userinfo(Data(mock): Data<&Arc<Mock>>, request: &Request) -> Response {
    respond(mock, Endpoint::Userinfo, async {
        let session = bearer(mock, request)?;
        Ok(profile::userinfo(&session.link, mock.items))
    })
    .await
}

/// With a token: forgets that token. With the admin key: all tokens of the person.
#[handler]
pub(crate) async fn logout(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::Logout, async {
        match caller(mock, request)? {
            Caller::Person { token, session } => {
                mock.forget_access_token(token);
                Ok(json!({"id": session.link.person().id}))
            }
            Caller::App => {
                let id = target(&parameters(request, body).await)?;
                if let Some(link) = mock.links.get(id) {
                    link.end_tokens();
                }
                Ok(json!({"id": id}))
            }
        }
    })
    .await
}

/// Withdraws the consent and ends every token of the person. Sends no webhook, as Kakao does for the app's own call.
#[handler]
pub(crate) async fn unlink(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::Unlink, async {
        let id = match caller(mock, request)? {
            Caller::Person { session, .. } => session.link.person().id,
            Caller::App => target(&parameters(request, body).await)?,
        };
        mock.links.remove(id).map(|_| json!({"id": id})).ok_or(-101)
    })
    .await
}

/// For apps that link people themselves.
#[handler]
pub(crate) async fn signup(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::Signup, async {
        let session = bearer(mock, request)?;
        let given = properties(mock, &parameters(request, body).await)?;
        if !session.link.sign_up() {
            return Err(-102);
        }
        session.link.details().properties.extend(given);
        Ok(json!({"id": session.link.person().id}))
    })
    .await
}

#[handler]
pub(crate) async fn update_profile(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::UpdateProfile, async {
        let session = bearer(mock, request)?;
        let parameters = parameters(request, body).await;
        if !parameters.contains_key("properties") {
            return Err(-2);
        }
        let given = properties(mock, &parameters)?;
        session.link.details().properties.extend(given);
        Ok(json!({"id": session.link.person().id}))
    })
    .await
}

/// `properties={"key":"value"}`; none is fine.
fn properties(mock: &Mock, parameters: &Parameters) -> Result<BTreeMap<String, String>, i64> {
    let Some(text) = parameters.get("properties") else {
        return Ok(BTreeMap::new());
    };
    let given: BTreeMap<String, String> = serde_json::from_str(text).map_err(|_| -2)?;
    let known = &mock.config.user_properties;
    let unknown = !known.is_empty() && given.keys().any(|key| !known.contains(key));
    if unknown { Err(-201) } else { Ok(given) }
}

/// Two addresses of the one person who has some. With a token or the admin key.
#[handler]
pub(crate) async fn shipping_address(Data(mock): Data<&Arc<Mock>>, request: &Request, body: Body) -> Response {
    respond(mock, Endpoint::ShippingAddress, async {
        let parameters = parameters(request, body).await;
        let link = subject(mock, request, &parameters)?;
        let person = link.person();
        let agreed = link.agreed().has(crate::consent::Items::SHIPPING_ADDRESS);
        let mut answer = json!({"user_id": person.id, "shipping_addresses_needs_agreement": !agreed});
        if agreed && person.optional.shipping_address {
            answer["shipping_addresses"] = json!(chosen(addresses(), &parameters)?);
        } else if agreed {
            answer["shipping_addresses"] = json!([]);
        }
        Ok(answer)
    })
    .await
}

/// The default address first, then the newest.
fn addresses() -> Vec<Value> {
    let address = |id: i64, name: &str, default: bool, updated_at: i64, detail: &str| {
        json!({
            "id": id, "name": name, "is_default": default, "updated_at": updated_at, "type": "NEW",
            "base_address": "경기 성남시 분당구 판교역로 1", "detail_address": detail,
            "receiver_name": "서모두", "receiver_phone_number1": "010-1234-5678", "receiver_phone_number2": "",
            "zone_number": "13529", "zip_code": "463-400",
        })
    };
    vec![address(56, "집", true, 1_500_000_000, "101동 101호"), address(57, "회사", false, 1_600_000_000, "7층")]
}

fn chosen(addresses: Vec<Value>, parameters: &Parameters) -> Result<Vec<Value>, i64> {
    let number = |name: &str| parameters.get(name).map(|text| text.parse::<i64>().map_err(|_| -2)).transpose();
    let (id, from) = (number("address_id")?, number("from_updated_at")?);
    let size = number("page_size")?.unwrap_or(10);
    if size < 2 {
        return Err(-2);
    }
    let wanted = |address: &Value| {
        id.is_none_or(|id| address["id"] == id)
            && from.is_none_or(|from| address["updated_at"].as_i64().is_some_and(|at| at <= from))
    };
    Ok(addresses.into_iter().filter(wanted).take(usize::try_from(size).unwrap_or(usize::MAX)).collect())
}
