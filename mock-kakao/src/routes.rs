//! Every route, once: the app is built from this list, and the OpenAPI document is compared with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem::http::Method;
use poem::{Endpoint, EndpointExt, IntoEndpoint, IntoResponse, Request, Response, Route, RouteMethod};

use crate::state::Mock;
use crate::{account, answers, control, kapi, kapi_app, kapi_consent, kauth, pages, same_site, token, webhook_page};

/// Handlers by path and method.
#[derive(Default)]
pub(crate) struct Routes {
    by_path: BTreeMap<&'static str, RouteMethod>,
    names: Vec<(Method, &'static str)>,
}

/// What the mock serves.
pub(crate) fn all() -> Routes {
    for_the_mock(for_apps(for_logins(Routes::default())))
}

/// Kakao's `kauth` host.
fn for_logins(routes: Routes) -> Routes {
    routes
        .get("/oauth/authorize", pages::show_authorize)
        .post("/oauth/token", token::post_token)
        .get("/oauth/logout", pages::show_logout)
        .post("/oauth/tokeninfo", kauth::tokeninfo)
        .get("/.well-known/jwks.json", kauth::jwks)
        .get("/.well-known/openid-configuration", kauth::discovery)
        .get("/.well-known/ssf-configuration", kauth::event_metadata)
        .get("/.well-known/sse-configuration", kauth::event_metadata)
}

/// Kakao's `kapi` host.
fn for_apps(routes: Routes) -> Routes {
    routes
        .get("/v2/user/me", kapi::user_me)
        .post("/v2/user/me", kapi::user_me)
        .get("/v1/user/access_token_info", kapi::access_token_info)
        .get("/v1/oidc/userinfo", kapi::userinfo)
        .post("/v1/oidc/userinfo", kapi::userinfo)
        .post("/v1/user/logout", kapi::logout)
        .post("/v1/user/unlink", kapi::unlink)
        .post("/v1/user/signup", kapi::signup)
        .post("/v1/user/update_profile", kapi::update_profile)
        .get("/v1/user/ids", kapi_app::user_ids)
        .get("/v2/app/users", kapi_app::app_users)
        .get("/v2/user/scopes", kapi_consent::user_scopes)
        .post("/v2/user/revoke/scopes", kapi_consent::revoke_scopes)
        .get("/v2/user/service_terms", kapi_consent::service_terms)
        .post("/v2/user/revoke/service_terms", kapi_consent::revoke_service_terms)
        .post("/v2/user/upgrade/service_terms", kapi_consent::upgrade_service_terms)
        .get("/v1/user/shipping_address", kapi::shipping_address)
}

/// The mock's own pages and controls. What changes something is refused to other sites' pages.
fn for_the_mock(routes: Routes) -> Routes {
    routes
        .get("/", pages::index)
        .get("/__mock/style.css", pages::style)
        .post("/__mock/consent", ours(pages::decide))
        .post("/__mock/logout", ours(pages::log_out))
        .get("/__mock/account", account::show)
        .post("/__mock/account", ours(account::act))
        .get("/__mock/persons", control::persons)
        .post("/__mock/persons", ours(control::add_person))
        .post("/__mock/next", ours(control::next))
        .get("/__mock/faults", control::list_faults)
        .delete("/__mock/faults", ours(control::clear_faults))
        .get("/__mock/counts", control::counts)
        .post("/__mock/rotate", ours(control::rotate))
        .post("/__mock/reset", ours(control::reset))
        .post("/__mock/clock", ours(control::clock))
        .get("/__mock/webhooks", webhook_page::show)
        .post("/__mock/webhooks", ours(webhook_page::send))
        .get("/__mock/webhooks/log", control::deliveries)
        .post("/__mock/webhooks/unlink", ours(control::send_unlink))
        .post("/__mock/webhooks/account-status", ours(control::send_status))
        .get("/__mock/openapi.json", control::openapi)
}

impl Routes {
    fn get<Handler>(self, path: &'static str, handler: Handler) -> Self
    where
        Handler: IntoEndpoint,
        Handler::Endpoint: 'static,
    {
        self.with(Method::GET, path, handler)
    }

    fn post<Handler>(self, path: &'static str, handler: Handler) -> Self
    where
        Handler: IntoEndpoint,
        Handler::Endpoint: 'static,
    {
        self.with(Method::POST, path, handler)
    }

    fn delete<Handler>(self, path: &'static str, handler: Handler) -> Self
    where
        Handler: IntoEndpoint,
        Handler::Endpoint: 'static,
    {
        self.with(Method::DELETE, path, handler)
    }

    fn with<Handler>(mut self, method: Method, path: &'static str, handler: Handler) -> Self
    where
        Handler: IntoEndpoint,
        Handler::Endpoint: 'static,
    {
        let methods = self.by_path.remove(path).unwrap_or_default();
        self.by_path.insert(path, methods.method(method.clone(), handler));
        self.names.push((method, path));
        self
    }

    /// The whole as one endpoint.
    pub(crate) fn into_app(self, mock: Arc<Mock>) -> impl Endpoint {
        self.by_path.into_iter().fold(Route::new(), |route, (path, methods)| route.at(path, methods)).data(mock)
    }
}

/// Refuses requests that come from the pages of other sites.
fn ours<Handler: Endpoint + 'static>(handler: Handler) -> impl Endpoint<Output = Response> {
    handler.around(|handler, request: Request| async move {
        if same_site::is_ours(&request) {
            Ok(handler.call(request).await?.into_response())
        } else {
            Ok(answers::text(403, "only the mock's own pages may send this form"))
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_openapi_document_names_exactly_the_routes_there_are() {
        let document: serde_json::Value = serde_json::from_str(include_str!("../openapi.json")).unwrap();
        let mut described = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                assert!(operation["summary"].is_string() && operation["responses"].is_object(), "{method} {path}");
                described.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
        let served: BTreeSet<_> = all().names.iter().map(|(method, path)| format!("{method} {path}")).collect();
        assert_eq!(described, served);
    }
}
