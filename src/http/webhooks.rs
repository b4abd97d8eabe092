//! Tag `webhooks`: what Kakao calls by itself (contract 3).

use std::sync::Arc;

use poem::{Request, RequestBody, http::header, web::Data};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions, Object, OpenApi,
    param::Query,
    registry::{MetaMediaType, MetaRequest, MetaSecurityScheme, Registry},
    types::Type,
};
use serde_json::Value;

use super::{
    Shared, Tag,
    body::{self, FORM},
    context::FromCaller,
    problem::{Codes, Fault, Problem},
    set_error::SetError,
};
use crate::{
    domain::identity::{Identity, ProviderKind, Subject},
    error_code::ErrorCode,
    flow::webhook::WebhookError,
};

/// Name of the security scheme in the OpenAPI document.
const SCHEME: &str = "KakaoAdminKey";

/// Kakao's call has a few dozen bytes.
const MAX_UNLINK_BODY: usize = 4096;

/// The media type of a security event token (RFC 8417 section 2.3).
const SECEVENT: &str = "application/secevent+jwt";

/// A call that shows the admin key. Checked before the body is read.
pub struct FromKakao;

impl<'a> ApiExtractor<'a> for FromKakao {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "apiKey",
            description: Some(
                "`KakaoAK` and the primary admin key of the app: KAKAO_ADMIN_KEY or KAKAO_WEBHOOK_ADMIN_KEY.",
            ),
            name: Some("Authorization"),
            key_in: Some("header"),
            scheme: None,
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(SCHEME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(
        req: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let shared = req.data::<Arc<Shared>>().ok_or_else(|| Fault::new(ErrorCode::InternalError))?;
        let mut values = req.headers().get_all(header::AUTHORIZATION).iter();
        let shown = values.next().and_then(|value| key_of(value.to_str().ok()?)).unwrap_or_default();
        // Compared even when nothing was shown: how long a refusal takes tells nothing.
        let is_right = shared.webhooks.provider().is_webhook_key(shown);
        if is_right && values.next().is_none() && !shown.is_empty() {
            return Ok(Self);
        }
        tracing::warn!(event = "webhook_key_refused", shown = !shown.is_empty());
        Err(Fault::new(ErrorCode::WebhookKeyInvalid).into())
    }
}

/// The key behind the scheme, which is compared without regard to case (RFC 9110 section 11.1).
fn key_of(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("KakaoAK").then_some(key)
}

/// Codes of the unlink webhook.
pub struct UnlinkCodes;

impl Codes for UnlinkCodes {
    const CODES: &'static [ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::WebhookKeyInvalid,
        ErrorCode::PayloadTooLarge,
        ErrorCode::StorageUnavailable,
    ];
}

/// Who took the app off their account.
#[derive(Object)]
#[oai(rename = "UnlinkCall")]
struct UnlinkCall {
    /// The app's number; must be KAKAO_APP_ID when that is set.
    app_id: Option<String>,
    /// Kakao's number of the person.
    user_id: String,
    /// How it came about: `ACCOUNT_DELETE`, `FORCED_ACCOUNT_DELETE`, `UNLINK_FROM_ADMIN`, `UNLINK_FROM_APPS`, `INCOMPLETE_SIGN_UP`.
    referrer_type: Option<String>,
    /// Group apps only.
    group_user_token: Option<String>,
}

/// The body of the unlink webhook: Kakao's pages name both a form and JSON.
struct UnlinkBody(UnlinkCall);

impl<'a> ApiExtractor<'a> for UnlinkBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        UnlinkCall::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = [FORM, "application/json"]
            .map(|content_type| MetaMediaType { content_type, schema: UnlinkCall::schema_ref() });
        let description = Some("The fields may also stand in the query.");
        Some(MetaRequest { description, content: content.into(), required: false })
    }

    async fn from_request(
        req: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = body::read(body, MAX_UNLINK_BODY).await?;
        let essence = req.content_type().and_then(|text| text.split(';').next()).unwrap_or_default().trim();
        let from_body = if essence.eq_ignore_ascii_case("application/json") { body::unique(&bytes) } else { None };
        let in_body: Vec<(String, String)> = match &from_body {
            Some(Value::Object(members)) => {
                members.iter().filter_map(|(name, value)| Some((name.clone(), text_of(value)?))).collect()
            }
            Some(_) => Vec::new(),
            None => url::form_urlencoded::parse(&bytes).into_owned().collect(),
        };
        let in_query = url::form_urlencoded::parse(req.uri().query().unwrap_or_default().as_bytes()).into_owned();
        let (mut app_id, mut user_id, mut referrer_type) = (None, None, None);
        for (name, value) in in_query.chain(in_body) {
            let field = match name.as_str() {
                "app_id" => &mut app_id,
                "user_id" => &mut user_id,
                "referrer_type" => &mut referrer_type,
                _ => continue,
            };
            if field.replace(value).is_some() {
                let detail = format!("{name} is given twice.");
                return Err(Fault::new(ErrorCode::InvalidRequest).with_detail(detail).into());
            }
        }
        let user_id = user_id.unwrap_or_default();
        Ok(Self(UnlinkCall { app_id, user_id, referrer_type, group_user_token: None }))
    }
}

/// Numbers come as numbers or as texts.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[derive(ApiResponse)]
enum UnlinkAnswer {
    /// Taken: stored, and the person's sessions have ended. The same for people we do not know.
    #[oai(status = 200)]
    Taken,
}

#[derive(ApiResponse)]
enum EventAnswer {
    /// Taken. The same delivery again has no second effect.
    #[oai(status = 202)]
    Taken,
}

/// A security event token as the whole body.
struct EventToken(String);

impl<'a> ApiExtractor<'a> for EventToken {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_registry: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: SECEVENT, schema: String::schema_ref() }];
        Some(MetaRequest { description: Some("A compact JWS (RFC 8417)."), content, required: true })
    }

    async fn from_request(
        req: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let essence = req.content_type().and_then(|text| text.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case(SECEVENT) {
            return Err(Fault::new(ErrorCode::UnsupportedMediaType).into());
        }
        let bytes = body::read(body, body::MAX_BODY).await?;
        let text = String::from_utf8(bytes.into()).map_err(|_| Fault::new(ErrorCode::InvalidRequest))?;
        Ok(Self(text.trim().to_owned()))
    }
}

/// What Kakao calls.
pub struct WebhookApi;

#[OpenApi(prefix_path = "/api/webhooks/kakao", tag = "Tag::Webhooks")]
impl WebhookApi {
    /// A person unlinked (GET)
    ///
    /// Register it as the unlink webhook. Ends the person's sessions at once; ON_UNLINK says what becomes of the user.
    #[oai(path = "/unlink", method = "get", operation_id = "unlinkedByQuery")]
    async fn unlinked_by_query(
        &self,
        _kakao: FromKakao,
        shared: Data<&Arc<Shared>>,
        /// The app's number.
        app_id: Query<Option<String>>,
        /// Kakao's number of the person.
        user_id: Query<String>,
        /// How it came about.
        referrer_type: Query<Option<String>>,
        /// Group apps only.
        #[oai(name = "group_user_token")]
        _group_user_token: Query<Option<String>>,
        caller: FromCaller,
    ) -> Result<UnlinkAnswer, Problem<UnlinkCodes>> {
        let (app_id, user_id, referrer_type) = (app_id.0, user_id.0, referrer_type.0);
        let call = UnlinkCall { app_id, user_id, referrer_type, group_user_token: None };
        unlinked(&shared, call, caller).await
    }

    /// A person unlinked (POST)
    ///
    /// The same as by GET, with the fields in a form, in JSON or in the query.
    #[oai(path = "/unlink", method = "post", operation_id = "unlinked")]
    async fn unlinked(
        &self,
        _kakao: FromKakao,
        shared: Data<&Arc<Shared>>,
        body: UnlinkBody,
        caller: FromCaller,
    ) -> Result<UnlinkAnswer, Problem<UnlinkCodes>> {
        unlinked(&shared, body.0, caller).await
    }

    /// An account changed
    ///
    /// Register it as the account-status webhook. Takes security event tokens (RFC 8935) signed by Kakao for this app: unlinked
    /// people, revoked tokens and sessions, changed credentials, profiles and consents. Other events are recorded only.
    #[oai(path = "/account-status", method = "post", operation_id = "accountStatus")]
    async fn account_status(
        &self,
        shared: Data<&Arc<Shared>>,
        body: EventToken,
        caller: FromCaller,
    ) -> Result<EventAnswer, SetError> {
        shared.webhooks.events(&body.0, caller.0).await.map(|()| EventAnswer::Taken).map_err(|error| match error {
            WebhookError::Event(error) => {
                tracing::warn!(event = "kakao_event_refused", why = %error);
                SetError::refused(&error)
            }
            WebhookError::NotStored => SetError::unavailable(),
        })
    }
}

async fn unlinked(
    shared: &Arc<Shared>,
    call: UnlinkCall,
    caller: FromCaller,
) -> Result<UnlinkAnswer, Problem<UnlinkCodes>> {
    let refuse = |detail: &str| Err(Fault::new(ErrorCode::InvalidRequest).with_detail(detail).into());
    let Some(subject) = Subject::kakao(&call.user_id) else { return refuse("user_id is no Kakao user number.") };
    // A call that names no app is Kakao's word all the same: it shows the key.
    if call.app_id.as_deref().is_some_and(|app_id| !shared.webhooks.provider().is_our_app(app_id)) {
        return refuse("app_id is not KAKAO_APP_ID.");
    }
    let known =
        ["ACCOUNT_DELETE", "FORCED_ACCOUNT_DELETE", "UNLINK_FROM_ADMIN", "UNLINK_FROM_APPS", "INCOMPLETE_SIGN_UP"];
    let referrer = known.into_iter().find(|known| call.referrer_type.as_deref() == Some(known)).unwrap_or("unknown");
    tracing::info!(event = "unlink_webhook", referrer);
    let identity = Identity { provider: ProviderKind::Kakao, subject };
    match shared.webhooks.unlinked(identity, caller.0).await {
        Ok(()) => Ok(UnlinkAnswer::Taken),
        Err(_) => Err(ErrorCode::StorageUnavailable.into()),
    }
}
