//! Pages as answers: language, headers, and what each shows.

use askama::Template;
use poem::Response;

use super::{
    Shared,
    context::{Language, RequestContext},
    error_docs,
    next_action::NextAction,
    problem::Fault,
};
use crate::{
    error_code::{Action, ErrorCode},
    kakao_code,
    pages::{DemoPage, ErrorPage, Explained},
};

/// Pages load our own style, script and answers, and pictures of people over https; nothing may frame them.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' https:; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(super) fn html(text: Result<String, askama::Error>, shared: &Shared, context: &RequestContext) -> Response {
    match text {
        Ok(text) => Response::builder()
            .content_type("text/html; charset=utf-8")
            .header("Content-Security-Policy", CSP)
            .header("Content-Language", context.language.tag())
            .body(text),
        Err(error) => {
            tracing::error!(event = "page_not_rendered", error = %error);
            Fault::new(ErrorCode::InternalError).to_problem(context, &shared.config.server)
        }
    }
}

/// The error page of a fault.
pub fn error(fault: &Fault, shared: &Shared, context: &RequestContext) -> Response {
    let entry = fault.code.entry();
    let explained = fault.kakao_code.as_deref().and_then(kakao_code::get);
    let kakao = explained.map(|entry| Explained {
        cause: context.language.of(entry.cause),
        remedy: context.language.of(entry.remedy),
        console: entry.console.map(|console| context.language.of(console)),
    });
    // Kakao's own code often says better what the visitor can do.
    let hint = explained.and_then(|entry| entry.visitor).map_or(entry.hint, |visitor| visitor);
    let consent = NextAction::consent(&fault.required_scopes, &shared.config.server);
    let can_retry = matches!(entry.action, Action::Login | Action::Retry);
    let again = || "/api/auth/kakao/login".to_owned();
    let home = shared.config.server.url("/");
    let page = ErrorPage {
        lang: context.language.tag(),
        english: context.language == Language::English,
        message: context.language.of(entry.message),
        hint: context.language.of(hint),
        code: fault.code.as_str(),
        about_url: error_docs::path(explained.map_or(fault.code.as_str(), |entry| entry.code)),
        kakao_code: fault.kakao_code.clone(),
        request_id: &context.request_id,
        title: entry.title,
        detail: fault.detail.clone(),
        asks_consent: consent.is_some(),
        retry_url: consent.map(|consent| consent.url).or_else(|| can_retry.then(again)),
        back_url: &home,
        redirect_uri: shared.logins.redirect_uri(),
        kakao,
    };
    let mut response = html(page.render(), shared, context);
    response.set_status(fault.status());
    response
}

/// The demo page.
pub fn demo(shared: &Shared, context: &RequestContext) -> Response {
    let Some(demo) = &shared.demo else {
        return Fault::new(ErrorCode::NotFound).to_problem(context, &shared.config.server);
    };
    let public_url = shared.config.server.url("");
    let page = DemoPage {
        lang: context.language.tag(),
        english: context.language == Language::English,
        mock_url: &demo.mock_url,
        public_url: &public_url,
        persons: demo.persons.clone(),
    };
    html(page.render(), shared, context)
}
