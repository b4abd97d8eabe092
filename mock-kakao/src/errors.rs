//! Kakao's error codes: the KOE codes of the login server and the negative numbers of the API server.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An error code of Kakao's login server, written `KOE320` in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum KoeCode {
    /// Malformed request.
    Koe001,
    /// Wrong URL.
    Koe002,
    /// Temporary fault of the login server.
    Koe003,
    /// Kakao Login is not activated for the app.
    Koe004,
    /// Somebody who is not a member used a test app.
    Koe005,
    /// Redirect URI not registered.
    Koe006,
    /// Logout redirect URI not registered.
    Koe007,
    /// App key of the wrong type.
    Koe008,
    /// Token asked for from an unregistered platform.
    Koe009,
    /// Client secret missing or wrong.
    Koe010,
    /// The popup mode of the JavaScript SDK is not available.
    Koe023,
    /// Unknown client id, or none in the body.
    Koe101,
    /// `channel_public_id` for an app without a channel.
    Koe102,
    /// Unsupported `response_type`.
    Koe201,
    /// `response_type=token`.
    Koe202,
    /// A required consent item was not agreed to.
    Koe203,
    /// Invalid parameter.
    Koe204,
    /// A scope the app is not configured for.
    Koe205,
    /// Required parameter missing.
    Koe207,
    /// Too many token requests.
    Koe237,
    /// The redirect URI differs from the one the code was issued for.
    Koe303,
    /// `grant_type` missing or unknown.
    Koe310,
    /// `refresh_token` missing.
    Koe319,
    /// Authorization code used, expired or unknown.
    Koe320,
    /// Refresh token unknown or expired.
    Koe322,
    /// The ID token shown to `/oauth/tokeninfo` is not valid.
    Koe400,
}

/// An answer of the token endpoint that is an error.
#[derive(Debug)]
pub(crate) struct TokenError {
    /// HTTP status.
    pub(crate) status: u16,
    error: &'static str,
    description: String,
    code: &'static str,
}

impl TokenError {
    /// No KOE code is known for a wrong PKCE verifier, so the marker is visibly ours (RFC 7636 section 4.6 gives the error).
    pub(crate) fn pkce() -> Self {
        Self {
            status: 400,
            error: "invalid_grant",
            description: "code_verifier does not match code_challenge".to_owned(),
            code: "MOCK_PKCE",
        }
    }

    pub(crate) fn body(&self) -> Value {
        json!({"error": self.error, "error_description": self.description, "error_code": self.code})
    }
}

impl KoeCode {
    /// The code as Kakao writes it, such as `KOE320`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Koe001 => "KOE001",
            Self::Koe002 => "KOE002",
            Self::Koe003 => "KOE003",
            Self::Koe004 => "KOE004",
            Self::Koe005 => "KOE005",
            Self::Koe006 => "KOE006",
            Self::Koe007 => "KOE007",
            Self::Koe008 => "KOE008",
            Self::Koe009 => "KOE009",
            Self::Koe010 => "KOE010",
            Self::Koe023 => "KOE023",
            Self::Koe101 => "KOE101",
            Self::Koe102 => "KOE102",
            Self::Koe201 => "KOE201",
            Self::Koe202 => "KOE202",
            Self::Koe203 => "KOE203",
            Self::Koe204 => "KOE204",
            Self::Koe205 => "KOE205",
            Self::Koe207 => "KOE207",
            Self::Koe237 => "KOE237",
            Self::Koe303 => "KOE303",
            Self::Koe310 => "KOE310",
            Self::Koe319 => "KOE319",
            Self::Koe320 => "KOE320",
            Self::Koe322 => "KOE322",
            Self::Koe400 => "KOE400",
        }
    }

    /// Whether the code belongs to the token endpoint rather than to the authorize page. KOE101 occurs at both; it counts
    /// as a page, where a wrong key shows first.
    pub(crate) fn is_token_code(self) -> bool {
        matches!(
            self,
            Self::Koe009
                | Self::Koe010
                | Self::Koe237
                | Self::Koe303
                | Self::Koe310
                | Self::Koe319
                | Self::Koe320
                | Self::Koe322
                | Self::Koe400
        )
    }

    /// The token endpoint's answer. `subject` is the client id or the authorization code: Kakao's descriptions contain them
    /// in the clear, and a client that logs them should be caught here.
    pub(crate) fn token_error(self, subject: &str) -> TokenError {
        let (status, error, description) = match self {
            Self::Koe009 => {
                (400, "misconfigured", "invalid android_key_hash or ios_bundle_id or web_site_url".to_owned())
            }
            Self::Koe010 => (401, "invalid_client", "Bad client credentials".to_owned()),
            Self::Koe101 => (401, "invalid_client", format!("Not exist client_id [{subject}]")),
            Self::Koe237 => (429, "invalid_request", "token request rate limit exceeded".to_owned()),
            Self::Koe303 => (400, "invalid_grant", "Redirect URI mismatch.".to_owned()),
            Self::Koe310 => (400, "unsupported_grant_type", format!("unsupported grant_type [{subject}]")),
            Self::Koe319 => (400, "invalid_grant", "refresh_token is missing".to_owned()),
            Self::Koe320 => (400, "invalid_grant", format!("authorization code not found for code={subject}")),
            Self::Koe322 => (400, "invalid_grant", "expired_or_invalid_refresh_token".to_owned()),
            Self::Koe400 => (400, "invalid_token", "invalid id_token".to_owned()),
            _ => (400, "invalid_request", format!("{} [{subject}]", self.meaning())),
        };
        TokenError { status, error, description, code: self.as_str() }
    }

    /// HTTP status of the error page.
    pub(crate) fn page_status(self) -> u16 {
        if self == Self::Koe101 { 401 } else { 400 }
    }

    /// One Korean sentence: what went wrong.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Koe001 => "요청 형식이 올바르지 않습니다.",
            Self::Koe002 => "잘못된 주소입니다.",
            Self::Koe003 => "일시적인 오류가 발생했습니다.",
            Self::Koe004 => "앱에서 로그인이 활성화되어 있지 않습니다.",
            Self::Koe005 => "테스트 앱의 팀원이 아닙니다.",
            Self::Koe006 => "등록하지 않은 리다이렉트 URI입니다.",
            Self::Koe007 => "등록하지 않은 로그아웃 리다이렉트 URI입니다.",
            Self::Koe008 => "이 호출에 쓸 수 없는 종류의 앱 키입니다.",
            Self::Koe009 => "등록하지 않은 플랫폼에서 토큰을 요청했습니다.",
            Self::Koe010 => "클라이언트 시크릿이 없거나 다릅니다.",
            Self::Koe023 => "JavaScript SDK의 팝업 방식을 쓸 수 없습니다.",
            Self::Koe101 => "앱 키가 없거나 다릅니다.",
            Self::Koe102 => "채널이 없는 앱에 channel_public_id를 보냈습니다.",
            Self::Koe201 => "지원하지 않는 response_type입니다.",
            Self::Koe202 => "response_type=token은 지원하지 않습니다.",
            Self::Koe203 => "필수 동의 항목에 동의하지 않았습니다.",
            Self::Koe204 => "요청 파라미터의 값이 올바르지 않습니다.",
            Self::Koe205 => "앱에 설정하지 않은 동의 항목을 scope로 요청했습니다.",
            Self::Koe207 => "필수 파라미터가 없습니다.",
            Self::Koe237 => "토큰 요청이 너무 많습니다.",
            Self::Koe303 => "인가 코드를 받을 때와 리다이렉트 URI가 다릅니다.",
            Self::Koe310 => "grant_type이 없거나 올바르지 않습니다.",
            Self::Koe319 => "refresh_token이 없습니다.",
            Self::Koe320 => "인가 코드가 이미 쓰였거나 만료되었거나 없는 값입니다.",
            Self::Koe322 => "리프레시 토큰이 만료되었거나 없는 값입니다.",
            Self::Koe400 => "ID 토큰이 올바르지 않습니다.",
        }
    }
}

/// The API errors the mock knows by name: number, usual HTTP status, message.
pub(crate) const KAPI_ERRORS: [(i64, u16, &str); 24] = [
    (-1, 400, "internal server error"),
    (-2, 400, "wrong parameter format"),
    (-3, 403, "unsupported feature"),
    (-4, 403, "this account is restricted"),
    (-5, 403, "no permission for this api"),
    (-6, 403, "this action is not allowed"),
    (-7, 400, "internal problem, maintenance"),
    (-8, 400, "wrong header"),
    (-9, 400, "this api is terminated"),
    // Documented as 400 in the table of errors and as 429 in the sample of `/v1/user/ids`.
    (-10, 429, "API limit has been exceeded."),
    (-11, 400, "api cost limit has been exceeded"),
    (-12, 403, "this app is blocked"),
    (-101, 400, "NotRegisteredUserException"),
    (-102, 400, "AlreadyRegisteredUserException"),
    (-103, 400, "NotExistKakaoAccountException"),
    (-201, 400, "NotExistPropertyException"),
    (-301, 400, "NotExistAppException"),
    (-401, 401, "this access token does not exist"),
    (-402, 403, "insufficient scopes."),
    (-405, 400, "age verification is needed"),
    (-406, 401, "not allowed under age 14"),
    (-603, 400, "internal timeout"),
    (-903, 400, "unregistered developer"),
    (-9798, 503, "service is under maintenance"),
];

/// Usual status and body of an API error by its number; an unknown number is answered as 400.
pub(crate) fn kapi_error(code: i64) -> (u16, Value) {
    let known = KAPI_ERRORS.iter().find(|(number, ..)| *number == code);
    let (status, msg) = known.map_or((400, "error"), |(_, status, msg)| (*status, *msg));
    let mut body = json!({"msg": msg, "code": code});
    if code == -402 {
        body["api_type"] = json!("USER_ME");
        body["required_scopes"] = json!(["account_email"]);
        body["allowed_scopes"] = json!(["profile_nickname"]);
    }
    (status, body)
}
