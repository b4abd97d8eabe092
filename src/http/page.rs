//! Pages as answers: language, headers, and what each shows.

use askama::Template;
use poem::Response;

use super::{
    Shared,
    context::{Language, RequestContext},
    problem::Fault,
};
use crate::{
    error_code::{Action, ErrorCode},
    pages::{DemoPage, ErrorPage},
};

/// Pages load our own style, script and answers, and pictures of people over https; nothing may frame them.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' https:; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn html(text: Result<String, askama::Error>, shared: &Shared, context: &RequestContext) -> Response {
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
    let console = match fault.code {
        ErrorCode::KakaoMisconfigured => Some("[앱] > [플랫폼 키] > [REST API 키] > 리다이렉트 URI, 클라이언트 시크릿"),
        _ => None,
    };
    let can_retry = matches!(entry.action, Action::Login | Action::Retry);
    let home = shared.config.server.url("/");
    let page = ErrorPage {
        lang: context.language.tag(),
        english: context.language == Language::English,
        message: context.language.of(entry.message),
        hint: context.language.of(entry.hint),
        code: fault.code.as_str(),
        kakao_code: fault.kakao_code.clone(),
        request_id: &context.request_id,
        title: entry.title,
        detail: fault.detail.clone(),
        retry_url: can_retry.then(|| "/api/auth/kakao/login".to_owned()),
        back_url: &home,
        redirect_uri: shared.logins.redirect_uri(),
        setting_hint: console,
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
