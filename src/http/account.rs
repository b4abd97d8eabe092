//! The account page: everything a user can see and do about themselves, without a front end and without JavaScript.

use std::{sync::Arc, time::Duration};

use poem::{
    FromRequest, IntoResponse, Request, RequestBody, Response, Route, get, handler,
    http::{HeaderValue, StatusCode, header},
    post,
    web::Data,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Shared,
    account_page::{self, Shown},
    auth, body,
    context::RequestContext,
    faults,
    problem::Fault,
    profile,
    see_other::SeeOther,
};
use crate::{
    domain::{
        session::{FIRST_PARTY_CLIENT, Session},
        user::User,
    },
    error_code::ErrorCode,
    flow::{Caller, session::LogoutScope},
};

/// Where it is.
pub const PATH: &str = "/account";

/// Leaving cannot be taken back, so it asks for a login that is younger than this (ASVS 7.5.1).
const FRESH: Duration = Duration::from_mins(5);

/// What has to be typed to leave, in either language.
const CONFIRMATIONS: [&str; 2] = ["탈퇴", "leave"];

/// Adds the page and what its forms do.
pub fn add_routes(routes: Route) -> Route {
    routes
        .at(PATH, get(show))
        .at("/account/data.json", get(data))
        .at("/account/sessions", post(end_sessions))
        .at("/account/leave", post(leave))
}

/// Leads from `/`, where there is nothing else, to the page.
pub fn add_home(routes: Route) -> Route {
    let to_page = |_| SeeOther { location: PATH.to_owned(), cookies: Vec::new() }.into_response();
    routes.at("/", get(poem::endpoint::make_sync(to_page)))
}

/// The methods of a path that is in no document: pages and files, and the forms of this one.
pub fn methods(path: &str) -> &'static str {
    if matches!(path.trim_end_matches('/'), "/account/sessions" | "/account/leave") { "POST" } else { "GET, HEAD" }
}

/// Somebody whose refresh cookie is the living head of a session.
struct Visitor {
    session: Session,
    form_token: String,
}

async fn visitor(shared: &Shared, req: &Request) -> Result<Option<Visitor>, Fault> {
    let Some(token) = shared.cookies.refresh_token(req) else { return Ok(None) };
    let Ok(facts) = shared.context.read_refresh_token(&token) else { return Ok(None) };
    let living = shared.context.refresh_token_is_live(&facts).await.map_err(|error| faults::of_session(&error))?;
    let living = living.filter(|session| session.client_id == FIRST_PARTY_CLIENT);
    Ok(living.map(|session| Visitor { form_token: shared.context.form_tokens.of(session.id), session }))
}

impl Visitor {
    /// Whether they signed in just now.
    fn is_fresh(&self, shared: &Shared) -> bool {
        shared.context.clock.now().since(self.session.created_at) < FRESH
    }
}

#[handler]
async fn show(shared: Data<&Arc<Shared>>, context: RequestContext, req: &Request) -> Response {
    shown(&shared, &context, req).await.unwrap_or_else(IntoResponse::into_response)
}

async fn shown(shared: &Arc<Shared>, context: &RequestContext, req: &Request) -> Result<Response, Fault> {
    let done = parameter(req.uri().query().unwrap_or_default().as_bytes(), "done");
    let Some(visitor) = visitor(shared, req).await? else {
        // The cookie is `Strict`: a browser that comes straight from Kakao does not send it. It does when our own page sends it on.
        let is_on_its_way = req.headers().get("sec-fetch-site").is_some_and(|site| site == "cross-site")
            && shared.cookies.refresh_token(req).is_none();
        return Ok(account_page::signed_out(shared, context, is_on_its_way, done.as_deref()));
    };
    let (user_id, session_id) = (visitor.session.user_id, visitor.session.id);
    let Some((user, sessions)) = read(shared, user_id).await? else {
        return Ok(account_page::signed_out(shared, context, false, done.as_deref()));
    };
    let shown =
        Shown { user, sessions, session_id, may_leave: visitor.is_fresh(shared), form_token: visitor.form_token };
    Ok(account_page::account(shared, context, &shown, done.as_deref()))
}

/// A user and their living sessions; `None` when they have left.
async fn read(shared: &Shared, user_id: Uuid) -> Result<Option<(User, Vec<Session>)>, Fault> {
    let user = shared.context.profile(user_id).await.map_err(|error| faults::of_storage(&error))?;
    let Some(user) = user else { return Ok(None) };
    let sessions = shared.context.sessions(user_id).await.map_err(|error| faults::of_session(&error))?;
    Ok(Some((user, sessions)))
}

/// The profile and the living sessions, as a file.
#[handler]
async fn data(shared: Data<&Arc<Shared>>, req: &Request) -> Response {
    collected(&shared, req).await.unwrap_or_else(IntoResponse::into_response)
}

async fn collected(shared: &Arc<Shared>, req: &Request) -> Result<Response, Fault> {
    let visitor = visitor(shared, req).await?.ok_or_else(|| Fault::new(ErrorCode::Unauthenticated))?;
    let found = read(shared, visitor.session.user_id).await?;
    let (user, sessions) = found.ok_or_else(|| Fault::new(ErrorCode::Unauthenticated))?;
    let sessions: Vec<_> = sessions
        .iter()
        .map(|session| {
            json!({
                "id": session.id,
                "client_id": session.client_id,
                "ip": session.ip,
                "user_agent": session.user_agent,
                "created_at": session.created_at.rfc3339(),
                "last_used_at": session.last_used_at.rfc3339(),
                "expires_at": session.expires_at.rfc3339(),
            })
        })
        .collect();
    let document = json!({
        "id": user.id,
        "username": user.username,
        "nickname": user.nickname,
        "email": user.email,
        "email_verified": user.email_verified,
        "profile_image": user.profile_image,
        "private_fields": profile::private_of(shared, &user),
        "created_at": user.created_at.rfc3339(),
        "sessions": sessions,
    });
    Ok(Response::builder()
        .content_type("application/json")
        .header("Content-Disposition", "attachment; filename=\"munjigi-account.json\"")
        .body(format!("{document:#}\n")))
}

/// Signs out one device, all others, or every one.
#[handler]
async fn end_sessions(shared: Data<&Arc<Shared>>, form: AccountForm, context: RequestContext) -> Response {
    let caller = caller(&context);
    let (user_id, own) = (form.visitor.session.user_id, form.visitor.session.id);
    let (ended, done) = match form.field("end").as_deref() {
        Some("others") => (shared.context.sign_out(user_id, own, LogoutScope::Others, &caller).await, "others"),
        Some("all") => (shared.context.sign_out(user_id, own, LogoutScope::All, &caller).await, "all"),
        Some(id) => match id.parse::<Uuid>() {
            Ok(id) if id == own => (shared.context.sign_out(user_id, own, LogoutScope::This, &caller).await, "this"),
            Ok(id) => (shared.context.end_session(user_id, id, &caller).await, "one"),
            Err(_) => return Fault::new(ErrorCode::InvalidRequest).into_response(),
        },
        None => return Fault::new(ErrorCode::InvalidRequest).into_response(),
    };
    match ended {
        Ok(()) => back(&shared, &context, done, matches!(done, "this" | "all")),
        Err(error) => faults::of_session(&error).into_response(),
    }
}

/// Leaves, once it was typed and the login is fresh.
#[handler]
async fn leave(shared: Data<&Arc<Shared>>, form: AccountForm, context: RequestContext) -> Response {
    let typed = form.field("confirmation").unwrap_or_default().trim().to_lowercase();
    if !form.visitor.is_fresh(&shared) || !CONFIRMATIONS.contains(&typed.as_str()) {
        return back(&shared, &context, "not-confirmed", false);
    }
    match shared.context.leave(form.visitor.session.user_id, &caller(&context)).await {
        Ok(()) => back(&shared, &context, "left", true),
        Err(error) => faults::of_storage(&error).into_response(),
    }
}

/// See Other: a reload of the page does not send the form again.
fn back(shared: &Shared, context: &RequestContext, done: &str, signed_out: bool) -> Response {
    let location = format!("{PATH}?done={done}&lang={}", context.language.tag());
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    if signed_out {
        super::cookies::add(&mut response, [shared.cookies.clear_refresh()]);
    }
    response
}

fn caller(context: &RequestContext) -> Caller {
    Caller { device: context.device.clone(), request_id: context.request_id.clone() }
}

/// A form of the account page: sent by the page itself, from the browser it was shown to.
struct AccountForm {
    visitor: Visitor,
    body: Vec<u8>,
}

impl AccountForm {
    fn field(&self, name: &str) -> Option<String> {
        parameter(&self.body, name)
    }
}

impl<'a> FromRequest<'a> for AccountForm {
    async fn from_request(req: &'a Request, request_body: &mut RequestBody) -> poem::Result<Self> {
        let shared = req.data::<Arc<Shared>>().ok_or_else(|| Fault::new(ErrorCode::InternalError))?;
        if !auth::is_from_own_page(shared, req.headers()) {
            return Err(Fault::new(ErrorCode::CsrfRefused).into());
        }
        let visitor = visitor(shared, req).await?.ok_or_else(|| Fault::new(ErrorCode::Unauthenticated))?;
        let body = body::read(request_body, body::MAX_BODY).await?.to_vec();
        let token = parameter(&body, "form_token").unwrap_or_default();
        if !shared.context.form_tokens.is_of(&token, visitor.session.id) {
            return Err(Fault::new(ErrorCode::CsrfRefused).into());
        }
        Ok(Self { visitor, body })
    }
}

fn parameter(text: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(text).find(|(found, _)| found == name).map(|(_, value)| value.into_owned())
}
