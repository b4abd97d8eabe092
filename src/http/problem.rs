//! Errors on the wire: RFC 9457 problem+json, RFC 6749 JSON under `/oauth`, a page for browsers (contract 6).
//!
//! Handlers answer with a [`Fault`]; the outermost middleware renders it, since it alone knows language and request id.

use std::marker::PhantomData;

use poem::{
    IntoResponse, Response,
    http::{StatusCode, header},
};
use poem_openapi::{
    ApiResponse, Object,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{ToJSON, Type},
};

use super::{context::RequestContext, error_docs, next_action::NextAction};
use crate::{config::ServerConfig, error_code::ErrorCode};

/// An error on its way out: the code and what is particular about this one. Holds nothing secret and nothing from upstream.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The stable code.
    pub code: ErrorCode,
    /// For developers, English, in our own words.
    pub detail: Option<String>,
    /// Kakao's code, when Kakao gave one.
    pub kakao_code: Option<String>,
    /// Consent items Kakao says are missing.
    pub required_scopes: Vec<String>,
    /// Seconds for `Retry-After`.
    pub retry_after: Option<u64>,
    /// For `Allow`.
    pub allow: Option<String>,
    /// The refresh cookie that came is dead: take it away.
    pub clear_refresh_cookie: bool,
}

impl Fault {
    /// A fault of this code.
    pub fn new(code: ErrorCode) -> Self {
        let retry_after = (code.entry().status == 503).then_some(1);
        Self {
            code,
            detail: None,
            kakao_code: None,
            required_scopes: Vec::new(),
            retry_after,
            allow: None,
            clear_refresh_cookie: false,
        }
    }

    /// Adds what is particular about it.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.entry().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// `WWW-Authenticate` of a 401 (RFC 6750 section 3): without `error` when nothing was sent.
    pub fn challenge(&self) -> Option<String> {
        match (self.code, self.status()) {
            (ErrorCode::Unauthenticated, _) => Some("Bearer".to_owned()),
            (ErrorCode::WebhookKeyInvalid, _) => Some("KakaoAK".to_owned()),
            (code, StatusCode::UNAUTHORIZED) => {
                Some(format!("Bearer error=\"invalid_token\", error_description=\"{}\"", code.entry().title))
            }
            _ => None,
        }
    }

    /// problem+json.
    pub fn to_problem(&self, context: &RequestContext, server: &ServerConfig) -> Response {
        let entry = self.code.entry();
        let problem = ProblemDetails {
            kind: error_docs::url(server, self.code.as_str()),
            title: entry.title.to_owned(),
            status: entry.status,
            detail: self.detail.clone(),
            error: self.code.as_str().to_owned(),
            message: context.language.of(entry.message).to_owned(),
            hint: context.language.of(entry.hint).to_owned(),
            action: entry.action.as_str().to_owned(),
            request_id: context.request_id.clone(),
            kakao_code: self.kakao_code.clone(),
            next_action: NextAction::consent(&self.required_scopes, server),
            required_scopes: (!self.required_scopes.is_empty()).then(|| self.required_scopes.clone()),
        };
        Response::builder()
            .status(self.status())
            .content_type("application/problem+json")
            .header(header::CONTENT_LANGUAGE, context.language.tag())
            .body(problem.to_json_string())
    }
}

/// RFC 9457 problem details.
#[derive(Debug, Clone, Object)]
#[oai(rename = "Problem", skip_serializing_if_is_none)]
pub struct ProblemDetails {
    /// The page about `error`: `{PUBLIC_URL}/docs/errors/{error}`.
    #[oai(rename = "type")]
    pub kind: String,
    /// The kind of problem, English, the same for every occurrence.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What is particular about this occurrence, English.
    pub detail: Option<String>,
    /// Stable code.
    pub error: String,
    /// May be shown to a visitor; Korean or English by `Accept-Language`.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// `login`, `retry`, `fix_config` or `none`.
    pub action: String,
    /// Quote it when reporting the problem.
    pub request_id: String,
    /// Kakao's own code, e.g. `KOE320` or `-401`.
    pub kakao_code: Option<String>,
    /// With `KAKAO_CONSENT_REQUIRED`: Kakao's consent items that are missing.
    pub required_scopes: Option<Vec<String>>,
    /// With `KAKAO_CONSENT_REQUIRED`: where the person can agree to them.
    pub next_action: Option<NextAction>,
}

/// The codes an operation answers with.
pub trait Codes {
    /// All of them.
    const CODES: &'static [ErrorCode];
}

/// An operation's error: a [`Fault`] whose codes the OpenAPI document lists by status.
pub struct Problem<C>(Fault, PhantomData<C>);

impl<C: Codes> From<Fault> for Problem<C> {
    fn from(fault: Fault) -> Self {
        debug_assert!(C::CODES.contains(&fault.code), "{} is not documented for this operation", fault.code);
        Self(fault, PhantomData)
    }
}

impl<C: Codes> From<ErrorCode> for Problem<C> {
    fn from(code: ErrorCode) -> Self {
        Fault::new(code).into()
    }
}

impl<C: Send> IntoResponse for Problem<C> {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        Response::builder().status(self.status()).extension(self).finish()
    }
}

impl<C> From<Problem<C>> for poem::Error {
    fn from(problem: Problem<C>) -> Self {
        problem.0.into()
    }
}

impl From<Fault> for poem::Error {
    fn from(fault: Fault) -> Self {
        let mut error = Self::from_response(fault.clone().into_response());
        // An error's own extensions replace those of its response.
        error.set_data(fault);
        error
    }
}

impl<C: Codes> ApiResponse for Problem<C> {
    fn meta() -> MetaResponses {
        let mut statuses: Vec<u16> = C::CODES.iter().map(|code| code.entry().status).collect();
        statuses.sort_unstable();
        statuses.dedup();
        let responses = statuses.into_iter().map(|status| {
            let codes = C::CODES.iter().filter(|code| code.entry().status == status);
            let names: Vec<_> = codes.map(|code| format!("`{code}`: {}.", code.entry().title)).collect();
            let schema = ProblemDetails::schema_ref();
            MetaResponse {
                // The registry wants 'static text; a few short strings once per start.
                description: names.join(" ").leak(),
                status: Some(status),
                status_range: None,
                content: vec![MetaMediaType { content_type: "application/problem+json", schema }],
                headers: Vec::new(),
            }
        });
        MetaResponses { responses: responses.collect() }
    }

    fn register(registry: &mut Registry) {
        ProblemDetails::register(registry);
    }
}
