//! The wire: everything that knows poem. Routes and the order of middleware stand below, on one screen.

mod account;
mod account_page;
pub mod answer;
pub mod auth;
mod authorize;
mod body;
pub mod context;
pub mod cookies;
mod cors;
mod demo;
mod device_name;
pub mod docs;
mod error_docs;
mod faults;
mod framework;
mod health;
mod limits;
pub mod listener;
mod login;
mod login_url;
pub mod metrics;
mod native;
mod next_action;
mod oauth;
mod oauth_client;
mod oauth_error;
pub mod openapi;
mod page;
pub mod problem;
mod profile;
mod see_other;
mod session;
mod set_error;
mod token_answer;
mod webhooks;
mod well_known;

use std::sync::{Arc, LazyLock};

use poem::{
    Endpoint, EndpointExt, IntoEndpoint, IntoResponse, Response, Route,
    middleware::{CatchPanic, NormalizePath, TrailingSlash},
};
use poem_openapi::{OpenApi, Tags};
use serde_json::Value;

pub use self::faults::error_chain;
use self::{cookies::Cookies, limits::LoginRate, openapi::Routes, problem::Fault};
use crate::{
    config::Config,
    error_code::ErrorCode,
    flow::{Context, login::Logins, webhook::Webhooks},
    pages,
    replicas::Redis,
};

/// What handlers share.
pub struct Shared {
    /// Settings.
    pub config: Config,
    /// Sessions and users.
    pub context: Arc<Context>,
    /// Logins.
    pub logins: Arc<Logins>,
    /// What Kakao reports by itself.
    pub webhooks: Arc<Webhooks>,
    /// Names and attributes of cookies.
    pub cookies: Cookies,
    /// Logins per client.
    pub login_rate: LoginRate,
    /// What replicas share, where they do.
    pub redis: Option<Arc<Redis>>,
    /// What was asked, where that is told.
    pub requests: Option<metrics::Requests>,
    /// The mock's base URL, in `demo` only.
    pub demo: Option<DemoPage>,
}

/// What the demo page tells of the mock beside it.
#[derive(Debug, Clone)]
pub struct DemoPage {
    /// Base URL of the mock.
    pub mock_url: String,
    /// Name and peculiarity of each person, in Korean and English.
    pub persons: Vec<(String, &'static str, &'static str)>,
}

impl Shared {
    /// Shares these; the limiter starts empty.
    pub fn new(
        config: Config,
        context: Arc<Context>,
        logins: Arc<Logins>,
        webhooks: Arc<Webhooks>,
        redis: Option<Arc<Redis>>,
        demo: Option<DemoPage>,
    ) -> Self {
        let requests = config.metrics.map(|_| metrics::Requests::of(&document()));
        let cookies = Cookies::new(config.server.secure_cookies());
        let login_rate = LoginRate::new(config.server.login_rate_per_minute, redis.clone());
        Self { config, context, logins, webhooks, cookies, login_rate, redis, requests, demo }
    }
}

#[derive(Tags)]
enum Tag {
    /// Signing in through Kakao.
    Login,
    /// Signing in with a token of Kakao's SDK.
    #[oai(rename = "Native apps")]
    Native,
    /// Refresh, sign out, devices.
    Session,
    /// The user.
    Profile,
    /// RFC 6749, 7009, 7662, OIDC Core.
    #[oai(rename = "OAuth")]
    OAuth,
    /// Called by Kakao.
    Webhooks,
    /// Keys and server metadata.
    Metadata,
    /// For load balancers.
    Health,
}

fn apis() -> impl OpenApi {
    (
        login::LoginApi,
        login_url::LoginUrlApi,
        native::NativeApi,
        session::SessionApi,
        profile::ProfileApi,
        authorize::AuthorizeApi,
        oauth::OAuthApi,
        webhooks::WebhookApi,
        well_known::WellKnownApi,
        health::HealthApi,
    )
}

/// The OpenAPI document.
pub fn document() -> Value {
    openapi::document_of(&openapi::service(apis()))
}

/// Everything the gateway answers, outermost middleware last.
pub fn endpoint(shared: Arc<Shared>) -> impl Endpoint<Output = Response> {
    // The document is made for whoever asks for it: most instances answer neither /docs nor a wrong method, ever.
    let methods: LazyLock<_> = LazyLock::new(|| Routes::of(&document()));
    let docs = error_docs::add_routes(docs::routes());
    let api = Arc::new(openapi::service(apis()).into_endpoint());
    let mut routes = Route::new()
        .nest_no_strip("/api", Arc::clone(&api))
        .nest_no_strip("/oauth", Arc::clone(&api))
        .nest_no_strip("/.well-known", Arc::clone(&api))
        // Browsers ask for it by themselves; a 404 in every console would look like a fault.
        .at("/favicon.ico", poem::get(poem::endpoint::make_sync(|_| poem::http::StatusCode::NO_CONTENT)))
        .at("/livez", Arc::clone(&api))
        .at("/readyz", api)
        .nest("/docs", docs)
        .at("/openapi.json", docs::made_file("application/json", || openapi::json_text(&document())))
        .at("/openapi.yaml", docs::made_file("application/yaml", || openapi::yaml_text(&document())))
        .at("/assets/style.css", docs::file("text/css; charset=utf-8", pages::STYLE_CSS));
    routes = account::add_routes(routes);
    // Where a login ends that was not told where to.
    routes = if shared.demo.is_some() { demo::add_routes(routes) } else { account::add_home(routes) };
    let cors = cors::Cors::new(shared.config.server.cors_origins.clone());
    routes
        .with(CatchPanic::new().with_handler(|_: Box<dyn std::any::Any + Send>| {
            tracing::error!(event = "panic");
            Fault::new(ErrorCode::InternalError).into_response()
        }))
        .data(Arc::clone(&shared))
        .with(limits::RequestLimits)
        .with(framework::Rejections(Arc::new(methods)))
        .with(cors)
        .with(NormalizePath::new(TrailingSlash::Trim))
        .with(answer::Answer(shared))
}
