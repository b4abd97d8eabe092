//! Every error the gateway answers with: one table for JSON, pages, the OpenAPI document and the command line (contract 6).

/// What a client should do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Start a new login.
    Login,
    /// Send the same request again, after `Retry-After` if given.
    Retry,
    /// Somebody has to change a setting.
    FixConfig,
    /// Nothing; the request itself is wrong.
    None,
}

impl Action {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Retry => "retry",
            Self::FixConfig => "fix_config",
            Self::None => "none",
        }
    }
}

/// Korean and English, in this order.
pub type Texts = (&'static str, &'static str);

/// Language of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// The default.
    Korean,
    /// When it is asked for.
    English,
}

impl Language {
    /// RFC 5646 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Korean => "ko",
            Self::English => "en",
        }
    }

    /// The text in this language.
    pub const fn of(self, texts: Texts) -> &'static str {
        match self {
            Self::Korean => texts.0,
            Self::English => texts.1,
        }
    }
}

/// What is fixed about an error: free of anything a request or a provider sent.
#[derive(Debug)]
pub struct Entry {
    /// HTTP status.
    pub status: u16,
    /// What to do next.
    pub action: Action,
    /// For developers, English.
    pub title: &'static str,
    /// May be shown to a visitor as it is.
    pub message: Texts,
    /// What to do about it.
    pub hint: Texts,
}

macro_rules! error_codes {
    ($($variant:ident $name:literal $status:literal $action:ident
        $title:literal
        $message_ko:literal $message_en:literal
        $hint_ko:literal $hint_en:literal;)*) => {
        /// A stable error code. Its spelling in answers is UPPER_SNAKE.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $(#[doc = $title] $variant,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The spelling in answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What is fixed about it.
            pub const fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$variant => &Entry {
                        status: $status,
                        action: Action::$action,
                        title: $title,
                        message: ($message_ko, $message_en),
                        hint: ($hint_ko, $hint_en),
                    },)*
                }
            }
        }
    };
}

// Columns: variant, code, status, action; title; message ko, en; hint ko, en.
error_codes! {
    KakaoLoginCancelled "KAKAO_LOGIN_CANCELLED" 400 Login
        "The person did not consent at Kakao"
        "카카오 로그인을 취소했습니다." "The Kakao login was cancelled."
        "다시 로그인하려면 로그인 버튼을 누르세요." "Press the login button to try again.";
    KakaoInteractionRequired "KAKAO_INTERACTION_REQUIRED" 400 Login
        "Kakao has to ask the person something first; prompt=none forbids that"
        "카카오 로그인 또는 동의가 필요합니다." "A login or a consent at Kakao is needed."
        "prompt=none 없이 다시 로그인하세요." "Log in again without prompt=none.";
    KakaoLoginFailed "KAKAO_LOGIN_FAILED" 502 Login
        "Kakao answered, but not so that anybody may be signed in"
        "카카오 로그인에 실패했습니다." "The Kakao login failed."
        "다시 로그인해 보세요. 계속되면 요청 번호와 함께 문의하세요." "Log in again. If it goes on, report the request id.";
    KakaoCodeUsed "KAKAO_CODE_USED" 400 Login
        "The authorization code was used before, has expired or is unknown (KOE320)"
        "로그인 정보가 이미 사용되었거나 만료되었습니다." "This login was used before or has expired."
        "인가 코드는 한 번만, 10분 안에 사용할 수 있습니다. 다시 로그인하세요." "An authorization code works once, within ten minutes. Log in again.";
    KakaoPersonRefused "KAKAO_PERSON_REFUSED" 403 None
        "Kakao does not let this person use the service"
        "카카오에서 이 계정의 이용을 허용하지 않았습니다." "Kakao does not let this account use the service."
        "14세 미만이거나 이용이 제한된 계정일 수 있습니다. 카카오 고객센터에 문의하세요." "The account may be restricted or under 14. Ask Kakao's customer service.";
    KakaoUnderAge "KAKAO_UNDER_AGE" 403 None
        "Kakao does not let people under 14 use the service"
        "14세 미만은 이 서비스를 이용할 수 없습니다." "This service is closed to people under 14."
        "14세가 된 뒤에 다시 로그인하세요." "Log in again once you are 14.";
    KakaoConsentRequired "KAKAO_CONSENT_REQUIRED" 403 Login
        "The person has to agree to an item at Kakao first"
        "서비스 이용에 필요한 항목에 먼저 동의해야 합니다." "You have to agree to an item at Kakao first."
        "다시 로그인하고 카카오 동의 화면에서 요청된 항목에 동의하세요." "Log in again and agree to what Kakao's consent screen asks for.";
    KakaoMisconfigured "KAKAO_MISCONFIGURED" 502 FixConfig
        "Kakao refused the gateway's own credentials or settings"
        "카카오 로그인 설정에 문제가 있어 로그인할 수 없습니다." "Logins do not work because of a setting."
        "KAKAO_CLIENT_ID, KAKAO_CLIENT_SECRET과 카카오 콘솔의 리다이렉트 URI가 맞는지 확인하세요." "Check KAKAO_CLIENT_ID, KAKAO_CLIENT_SECRET and the redirect URI in Kakao's console.";
    KakaoUnavailable "KAKAO_UNAVAILABLE" 503 Login
        "Kakao is not reachable, too slow or overloaded"
        "카카오 서버가 응답하지 않습니다." "Kakao is not answering."
        "잠시 후 다시 로그인하세요." "Log in again in a moment.";
    KakaoTokenInvalid "KAKAO_TOKEN_INVALID" 401 Login
        "The Kakao token an app brought is not valid, has expired, or was made for another app"
        "카카오 토큰이 유효하지 않습니다." "The Kakao token is not valid."
        "앱에서 카카오 로그인을 다시 하고, 그 앱의 키가 KAKAO_APP_KEYS에 있는지 확인하세요." "Log in at Kakao again in the app, and check that the app's key is in KAKAO_APP_KEYS.";
    InvalidNonce "INVALID_NONCE" 401 Login
        "The nonce is not one of ours, is older than ten minutes, or was used before"
        "로그인 정보가 이미 사용되었거나 만료되었습니다." "This login was used before or has expired."
        "로그인할 때마다 POST /api/auth/kakao/nonce로 새 nonce를 받으세요." "Get a new nonce at POST /api/auth/kakao/nonce for every login.";
    NativeLoginOff "NATIVE_LOGIN_OFF" 403 FixConfig
        "Native apps are not set up for this kind of token"
        "앱 로그인이 설정되지 않았습니다." "Logins from apps are not set up."
        "ID 토큰은 KAKAO_APP_KEYS, 액세스 토큰은 KAKAO_APP_ID를 설정해야 합니다." "Set KAKAO_APP_KEYS for ID tokens, KAKAO_APP_ID for access tokens.";
    WebhookKeyInvalid "WEBHOOK_KEY_INVALID" 401 FixConfig
        "The webhook call does not show the admin key"
        "웹훅의 어드민 키가 맞지 않습니다." "The webhook's admin key is not the right one."
        "카카오는 대표 어드민 키로 웹훅을 보냅니다. KAKAO_WEBHOOK_ADMIN_KEY를 확인하세요." "Kakao sends webhooks with the primary admin key. Check KAKAO_WEBHOOK_ADMIN_KEY.";
    LoginStateInvalid "LOGIN_STATE_INVALID" 400 Login
        "The callback does not belong to a login begun in this browser"
        "로그인이 시작된 브라우저에서만 로그인을 마칠 수 있습니다." "A login can only be finished in the browser that began it."
        "10분이 지났거나 쿠키가 차단되었을 수 있습니다. 처음부터 다시 로그인하세요." "Ten minutes may have passed, or cookies may be blocked. Start the login again.";
    UseNavigation "USE_NAVIGATION" 400 None
        "This address was opened with fetch; it is made for navigation"
        "이 주소는 이동(location.assign)으로 여세요." "Open this address by navigation (location.assign)."
        "fetch나 axios로 부르면 카카오가 CORS로 막습니다." "Called by fetch or axios, Kakao's CORS policy blocks it.";
    InvalidReturnUrl "INVALID_RETURN_URL" 400 None
        "return_to is neither a path nor on an allowed origin"
        "돌아갈 주소가 허용되지 않았습니다." "The return address is not allowed."
        "LOGIN_RETURN_URLS에 등록된 출처만 사용할 수 있습니다." "Only origins in LOGIN_RETURN_URLS may be used.";
    InvalidRedirectUri "INVALID_REDIRECT_URI" 400 None
        "redirect_uri is not one of the configured ones"
        "redirect_uri가 등록되지 않았습니다." "The redirect_uri is not registered."
        "KAKAO_EXTRA_REDIRECT_URIS 또는 OAUTH_CLIENTS에 있는 값과 글자 하나까지 같아야 합니다." "It must equal an entry of KAKAO_EXTRA_REDIRECT_URIS or OAUTH_CLIENTS to the letter.";
    UnknownClient "UNKNOWN_CLIENT" 400 None
        "client_id is not one of OAUTH_CLIENTS"
        "등록되지 않은 클라이언트입니다." "The client is not registered."
        "OAUTH_CLIENTS에 client_id와 redirect_uris를 등록하세요." "Register client_id and redirect_uris in OAUTH_CLIENTS.";
    InvalidRequest "INVALID_REQUEST" 400 None
        "A parameter or the body is malformed"
        "요청 형식이 올바르지 않습니다." "The request is malformed."
        "API 문서(/docs)에서 형식을 확인하세요." "See the API documentation at /docs.";
    InvalidNickname "INVALID_NICKNAME" 400 None
        "A nickname has 1 to 30 visible characters"
        "닉네임은 1자 이상 30자 이하여야 합니다." "A nickname has 1 to 30 visible characters."
        "제어 문자나 줄바꿈은 사용할 수 없습니다." "Control characters and line breaks are not allowed.";
    Unauthenticated "UNAUTHENTICATED" 401 Login
        "No access token was sent"
        "로그인이 필요합니다." "A login is needed."
        "Authorization: Bearer 헤더에 액세스 토큰을 넣으세요." "Send an access token in the Authorization: Bearer header.";
    InvalidToken "INVALID_TOKEN" 401 Login
        "The access token is not valid here"
        "유효하지 않은 토큰입니다." "The token is not valid."
        "액세스 토큰을 갱신하거나 다시 로그인하세요." "Refresh the access token, or log in again.";
    TokenExpired "TOKEN_EXPIRED" 401 Retry
        "The access token has expired"
        "토큰이 만료되었습니다." "The token has expired."
        "POST /api/auth/refresh로 갱신한 뒤 다시 보내세요." "Refresh it at POST /api/auth/refresh and send the request again.";
    SessionRevoked "SESSION_REVOKED" 401 Login
        "The session was ended: signed out, or ended from another device"
        "로그아웃된 세션입니다." "This session has been signed out."
        "다시 로그인하세요." "Log in again.";
    SessionExpired "SESSION_EXPIRED" 401 Login
        "The session reached its idle or absolute limit"
        "세션이 만료되었습니다." "The session has expired."
        "다시 로그인하세요." "Log in again.";
    InvalidRefreshToken "INVALID_REFRESH_TOKEN" 400 Login
        "The refresh token is not one of ours, or is long forgotten"
        "유효하지 않은 리프레시 토큰입니다." "The refresh token is not valid."
        "다시 로그인하세요." "Log in again.";
    RefreshTokenReused "REFRESH_TOKEN_REUSED" 400 Login
        "A refresh token that had been replaced was presented; its session was ended"
        "이미 교체된 토큰이 사용되어 보안을 위해 로그아웃했습니다." "A replaced token was used; you were signed out to be safe."
        "토큰이 유출되었을 수 있습니다. 다시 로그인하고 항상 마지막에 받은 토큰을 저장하세요." "It may have leaked. Log in again, and always store the token received last.";
    ClientNotAllowed "CLIENT_NOT_ALLOWED" 403 None
        "The access token belongs to a client of OAUTH_CLIENTS; only our own front ends may do this"
        "이 앱에서는 할 수 없는 작업입니다." "This app may not do that."
        "서비스의 계정 화면에서 직접 하세요." "Do it on the service's own account page.";
    CsrfRefused "CSRF_REFUSED" 403 None
        "A cookie credential came without proof that our own page sent it"
        "허용되지 않은 출처의 요청입니다." "The request came from an origin that is not allowed."
        "X-Munjigi-Cookie: 1 헤더를 보내고 CORS_ALLOWED_ORIGINS를 확인하세요." "Send the header X-Munjigi-Cookie: 1 and check CORS_ALLOWED_ORIGINS.";
    SessionNotFound "SESSION_NOT_FOUND" 404 None
        "No such session of this user"
        "세션을 찾을 수 없습니다." "No such session."
        "GET /api/auth/sessions로 목록을 다시 확인하세요." "Read the list again at GET /api/auth/sessions.";
    NotFound "NOT_FOUND" 404 None
        "No such route"
        "페이지를 찾을 수 없습니다." "There is nothing here."
        "API 문서(/docs)에서 주소를 확인하세요." "See the API documentation at /docs.";
    MethodNotAllowed "METHOD_NOT_ALLOWED" 405 None
        "The route does not take this method"
        "허용되지 않는 메서드입니다." "This method is not allowed here."
        "Allow 헤더에 허용된 메서드가 있습니다." "The Allow header names the methods that are.";
    PayloadTooLarge "PAYLOAD_TOO_LARGE" 413 None
        "The request body is over 16 KiB"
        "요청이 너무 큽니다." "The request is too large."
        "본문은 16KiB까지 보낼 수 있습니다." "A body has at most 16 KiB.";
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" 415 None
        "The request body has another content type than documented"
        "지원하지 않는 형식입니다." "This content type is not supported."
        "Content-Type 헤더를 확인하세요." "Check the Content-Type header.";
    RateLimitExceeded "RATE_LIMIT_EXCEEDED" 429 Retry
        "Too many login requests from this address"
        "요청이 너무 많습니다. 잠시 후 다시 시도하세요." "Too many requests. Try again in a moment."
        "Retry-After 헤더의 시간(초)만큼 기다리세요." "Wait as many seconds as Retry-After says.";
    RequestTimeout "REQUEST_TIMEOUT" 503 Retry
        "The request took longer than the gateway allows"
        "처리가 너무 오래 걸립니다. 잠시 후 다시 시도하세요." "This takes too long. Try again in a moment."
        "같은 요청을 다시 보내도 안전합니다." "The same request may safely be sent again.";
    StorageUnavailable "STORAGE_UNAVAILABLE" 503 Retry
        "The database is busy or not reachable"
        "지금은 처리할 수 없습니다. 잠시 후 다시 시도하세요." "This cannot be done right now. Try again in a moment."
        "같은 요청을 다시 보내도 안전합니다." "The same request may safely be sent again.";
    InternalError "INTERNAL_ERROR" 500 Retry
        "A fault of the gateway"
        "서버에 문제가 생겼습니다." "Something went wrong on our side."
        "요청 번호와 함께 관리자에게 알려 주세요." "Report it with the request id.";
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_spelling_of_its_own_and_an_error_status() {
        let names: std::collections::HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert!((400..=599).contains(&code.entry().status), "{code}");
            assert!(code.entry().title.is_ascii(), "{code}: the title also stands in RFC 6749 error_description");
        }
    }
}
