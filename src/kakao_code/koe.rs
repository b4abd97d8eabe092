//! KOE codes: of the token endpoint, and of the pages Kakao shows instead of sending the browser back.

use super::{
    AGAIN, CONSOLE_CONSENT, CONSOLE_REDIRECT, CONSOLE_REST_KEY, Class, KakaoCode, LATER, Place, Retry, TELL_OPERATOR,
    kakao_codes, optional,
};
use crate::error_code::{ErrorCode, Texts};

/// A URL that was not the gateway's own.
const FROM_US: Texts = (
    "주소를 직접 만들지 말고 GET /api/auth/kakao/login으로 로그인을 시작하세요.",
    "Do not build the address by hand: begin the login at GET /api/auth/kakao/login.",
);

// Columns: code; class; places; upstream; our code; retry; settings; texts (ko, en).
kakao_codes! {
    "KOE001" OurFault [Page] "HTML page" KakaoLoginFailed Never []
        cause ("요청 형식이 올바르지 않습니다. 로그인 주소의 파라미터가 빠졌거나 잘못되었습니다.",
            "The request is malformed. A parameter of the login address is missing or damaged.")
        remedy FROM_US
        visitor AGAIN;
    "KOE002" OurFault [Page] "HTML page" KakaoLoginFailed AfterFix ["KAKAO_AUTH_BASE_URL"]
        cause ("잘못된 주소로 요청했습니다.", "The request went to a wrong address.")
        remedy ("KAKAO_AUTH_BASE_URL이 https://kauth.kakao.com인지 확인하고, 경로를 덧붙이지 마세요.",
            "Check that KAKAO_AUTH_BASE_URL is https://kauth.kakao.com, without a path.")
        visitor TELL_OPERATOR;
    "KOE003" Transient [Page Token] "HTML page, or an OAuth error" KakaoUnavailable Soon []
        cause ("카카오 로그인 서버에 일시적인 오류가 있습니다.", "Kakao's login server has a temporary fault.")
        remedy ("잠시 기다리세요. 계속되면 카카오 데브톡에 문의하세요.",
            "Wait a little. If it goes on, ask on Kakao DevTalk.")
        visitor LATER;
    "KOE004" Misconfigured [Page] "HTML page" KakaoMisconfigured AfterFix ["KAKAO_CLIENT_ID"]
        cause ("앱에서 카카오 로그인이 꺼져 있습니다.", "Kakao Login is switched off for the app.")
        remedy ("카카오 로그인의 사용 설정을 ON으로 바꾸세요. 켜져 있다면 KAKAO_CLIENT_ID가 다른 앱의 키가 아닌지 확인하세요.",
            "Switch Kakao Login on. If it is on, check that KAKAO_CLIENT_ID is not a key of another app.")
        visitor TELL_OPERATOR
        console ("[카카오 로그인] > [일반] > [사용 설정]의 상태", "[Kakao Login] > [General] > [Usage settings], state");
    "KOE005" Misconfigured [Page] "HTML page" KakaoMisconfigured AfterFix ["KAKAO_CLIENT_ID"]
        cause ("테스트 앱에 멤버로 등록되지 않은 사람이 로그인했습니다.", "Somebody who is no member of this test app tried to log in.")
        remedy ("그 사람을 앱의 멤버로 초대하거나, 테스트 앱이 아닌 실제 앱의 키를 KAKAO_CLIENT_ID에 넣으세요.",
            "Invite them as a member, or put the key of the real app, not the test app, into KAKAO_CLIENT_ID.")
        visitor ("아직 공개되지 않은 테스트 앱입니다. 서비스 운영자에게 멤버 초대를 요청하세요.",
            "This is a test app that is not public yet. Ask whoever runs it to invite you.")
        console ("[앱] > [멤버]", "[App] > [Members]");
    "KOE006" Misconfigured [Page] "HTML page" KakaoMisconfigured AfterFix
        ["KAKAO_REDIRECT_URI" "KAKAO_EXTRA_REDIRECT_URIS" "PUBLIC_URL"]
        cause ("등록되지 않은 리다이렉트 URI입니다. http와 https, 포트, 마지막 슬래시까지 모두 같아야 합니다.",
            "The redirect URI is not registered. Scheme, port and trailing slash all have to be the same.")
        remedy ("munjigi doctor가 출력하는 주소를 글자 그대로 등록하세요. KAKAO_CLIENT_ID와 같은 키에 등록해야 합니다.",
            "Register the address that munjigi doctor prints, to the letter, under the key in KAKAO_CLIENT_ID.")
        visitor TELL_OPERATOR
        console CONSOLE_REDIRECT;
    "KOE007" Misconfigured [Logout] "HTML page" KakaoMisconfigured AfterFix []
        cause ("등록되지 않은 로그아웃 리다이렉트 URI입니다.", "The logout redirect URI is not registered.")
        remedy ("로그아웃 뒤에 돌아올 주소를 글자 그대로 등록하세요. 로그인용 리다이렉트 URI와는 따로 등록합니다.",
            "Register the address to return to after the logout, to the letter. The list is separate from that of the login.")
        visitor TELL_OPERATOR
        console ("[카카오 로그인] > [고급]의 로그아웃 리다이렉트 URI", "[Kakao Login] > [Advanced], logout redirect URI");
    "KOE008" Misconfigured [Page] "HTML page" KakaoMisconfigured AfterFix ["KAKAO_CLIENT_ID"]
        cause ("앱 키의 종류가 맞지 않습니다.", "The app key is of the wrong kind.")
        remedy ("KAKAO_CLIENT_ID에 JavaScript 키, 네이티브 앱 키, 어드민 키가 아닌 REST API 키를 넣으세요.",
            "KAKAO_CLIENT_ID takes the REST API key, not the JavaScript, native app or admin key.")
        visitor TELL_OPERATOR
        console CONSOLE_REST_KEY;
    "KOE009" Misconfigured [Token] "400 or 401 misconfigured" KakaoMisconfigured AfterFix ["KAKAO_CLIENT_ID"]
        cause ("등록되지 않은 플랫폼에서 토큰을 요청했습니다.", "The token was asked for from a platform that is not registered.")
        remedy ("KAKAO_CLIENT_ID가 REST API 키인지 확인하세요. 앱 SDK에서 났다면 키 해시, 번들 ID, 사이트 도메인을 등록하세요.",
            "Check that KAKAO_CLIENT_ID is the REST API key. From an app's SDK: register its key hash, bundle id or site domain.")
        visitor TELL_OPERATOR
        console ("[앱] > [플랫폼 키]에서 해당 키", "[App] > [Platform key], the key in question");
    "KOE010" Misconfigured [Token] "401 invalid_client" KakaoMisconfigured AfterFix
        ["KAKAO_CLIENT_SECRET" "KAKAO_CLIENT_SECRET_FILE" "KAKAO_CLIENT_ID"]
        cause ("클라이언트 시크릿이 없거나 틀립니다. 2025년 12월부터 새 REST API 키는 시크릿이 켜진 채로 만들어집니다.",
            "The client secret is missing or wrong. Since December 2025 new REST API keys have it switched on.")
        remedy ("KAKAO_CLIENT_ID와 같은 키의 시크릿을 KAKAO_CLIENT_SECRET에 복사하세요. 어드민 키나 JavaScript 키가 아닙니다.",
            "Copy the secret of the very key in KAKAO_CLIENT_ID into KAKAO_CLIENT_SECRET; not the admin or JavaScript key.")
        visitor TELL_OPERATOR
        console ("[앱] > [플랫폼 키] > [REST API 키]의 클라이언트 시크릿", "[App] > [Platform key] > [REST API key], client secret");
    "KOE023" NotApplicable [Page] "HTML page" KakaoLoginFailed AfterFix []
        cause ("JavaScript SDK의 팝업 방식은 사용할 수 없습니다.", "The popup mode of the JavaScript SDK is not available.")
        remedy ("SDK의 리다이렉트 방식을 쓰거나, GET /api/auth/kakao/login으로 이동하여 로그인하세요.",
            "Use the SDK's redirect mode, or navigate to GET /api/auth/kakao/login.")
        visitor TELL_OPERATOR;
    "KOE101" Misconfigured [Page Token] "401 invalid_client (400 in one report), or an HTML page" KakaoMisconfigured AfterFix
        ["KAKAO_CLIENT_ID"]
        cause ("앱 키가 없거나 틀립니다. 오타가 있거나, 다른 종류의 키이거나, 본문에 client_id가 없을 때 생깁니다.",
            "The app key is wrong or missing. Mistyped, of another kind, or not in the body as client_id.")
        remedy ("REST API 키를 KAKAO_CLIENT_ID에 다시 복사하세요. 카카오는 HTTP Basic 인증을 받지 않습니다.",
            "Copy the REST API key into KAKAO_CLIENT_ID again. Kakao does not accept HTTP Basic.")
        visitor TELL_OPERATOR
        console CONSOLE_REST_KEY;
    "KOE102" Misconfigured [Page] "HTML page, invalid_client" KakaoMisconfigured AfterFix []
        cause ("카카오톡 채널이 연결되지 않은 앱입니다. 그런데 요청에 channel_public_id가 있었습니다.",
            "No KakaoTalk channel is connected to the app. Yet the request had a channel_public_id.")
        remedy ("앱에 채널을 연결하거나 channel_public_id를 빼세요. 게이트웨이는 이 값을 보내지 않습니다.",
            "Connect a channel to the app, or leave channel_public_id out. The gateway does not send it.")
        visitor TELL_OPERATOR
        console ("채널 연결 메뉴의 위치는 확인하지 못했습니다. 앱 관리 페이지에서 '카카오톡 채널'을 찾아보세요.",
            "We could not confirm the menu; look for \"Kakao Talk Channel\" on the app's pages.");
    "KOE201" OurFault [Page] "HTML page, invalid_request" KakaoLoginFailed Never []
        cause ("지원하지 않는 response_type입니다.", "The response_type is not supported.")
        remedy ("카카오는 response_type=code만 받습니다. 주소를 직접 만들지 말고 GET /api/auth/kakao/login을 쓰세요.",
            "Kakao takes response_type=code only. Use GET /api/auth/kakao/login instead of an address of your own.")
        visitor TELL_OPERATOR;
    "KOE202" OurFault [Page] "HTML page, invalid_request" KakaoLoginFailed Never []
        cause ("response_type=token은 사용할 수 없습니다. 암시적(implicit) 방식은 지원되지 않습니다.",
            "response_type=token is not available. Kakao has no implicit flow.")
        remedy ("인가 코드 방식(response_type=code)을 쓰세요. 게이트웨이는 항상 그렇게 합니다.",
            "Use the code flow (response_type=code), as the gateway always does.")
        visitor TELL_OPERATOR;
    "KOE203" ConsentRequired [Page] "HTML page" KakaoConsentRequired AfterPerson ["KAKAO_SCOPES"]
        cause ("필수 동의항목에 동의하지 않았습니다.", "A required consent item was not agreed to.")
        remedy ("꼭 필요한 항목만 필수 동의로 두세요. 나머지는 선택 동의로 바꾸면 로그인이 막히지 않습니다.",
            "Keep only what you must have as required; items that are optional do not stop a login.")
        visitor ("다시 로그인하고 동의 화면에서 필수 항목에 동의하세요.", "Log in again and agree to the required items.")
        console CONSOLE_CONSENT;
    "KOE204" OurFault [Page] "HTML page" KakaoLoginFailed Never ["KAKAO_SCOPES"]
        cause ("파라미터 값이 올바르지 않습니다.", "A parameter has an invalid value.")
        remedy ("prompt, scope, login_hint, service_terms로 보낸 값을 확인하세요. prompt는 login, none, create, select_account만 됩니다.",
            "Check what is sent as prompt, scope, login_hint and service_terms. prompt: login, none, create or select_account.")
        visitor TELL_OPERATOR;
    "KOE205" Misconfigured [Page] "HTML page, invalid_scope" KakaoMisconfigured AfterFix ["KAKAO_SCOPES"]
        cause ("앱에 설정되지 않은 동의항목을 요청했습니다. 비즈 앱이 아닌데 account_email을 요청하는 경우가 가장 흔합니다.",
            "The scope names an item the app does not have. Most often account_email without a biz app.")
        remedy ("KAKAO_SCOPES를 비우면 콘솔의 설정을 따릅니다. 이메일이 필요하면 비즈 앱으로 전환하고 동의항목을 켜세요.",
            "Empty KAKAO_SCOPES to follow the console. For the email, convert to a biz app and switch the item on.")
        visitor TELL_OPERATOR
        console ("[카카오 로그인] > [동의항목], 비즈 앱 전환은 [앱] > [일반] > [비즈니스 정보]",
            "[Kakao Login] > [Consent items]; biz app: [App] > [General] > [Business information]");
    "KOE207" OurFault [Page] "HTML page" KakaoLoginFailed Never []
        cause ("필수 파라미터가 빠졌습니다.", "A required parameter is missing.")
        remedy FROM_US
        visitor AGAIN;
    "KOE237" Throttled [Token] "429 or 400 invalid_request" KakaoUnavailable LoginQuota []
        cause ("한 사용자의 토큰 요청이 너무 많습니다. 사용자마다 액세스 토큰은 10분에 20개, 리프레시 토큰은 60분에 30개까지입니다.",
            "Too many tokens were asked for one person. 20 access tokens in 10 minutes, 30 refresh tokens in 60.")
        remedy ("로그인이 되풀이되는 화면이 없는지 확인하세요. 테스트는 munjigi demo나 munjigi mock-kakao로 하세요.",
            "Look for a page that logs in over and over. Test against munjigi demo or munjigi mock-kakao.")
        visitor ("10분쯤 기다린 뒤 다시 로그인하세요.", "Wait about ten minutes, then log in again.");
    "KOE303" Misconfigured [Token] "400 invalid_grant" KakaoMisconfigured AfterFix
        ["KAKAO_REDIRECT_URI" "KAKAO_EXTRA_REDIRECT_URIS" "PUBLIC_URL"]
        cause ("리다이렉트 URI가 로그인할 때와 토큰을 받을 때 서로 다릅니다.",
            "The redirect URI of the login and that of the token request differ.")
        remedy ("프런트엔드가 코드를 받는다면 login-url에 보낸 redirect_uri와 같은 주소로 받아야 합니다. 로그인 도중에 설정을 바꿔도 생깁니다.",
            "A front end must receive the code at the redirect_uri it gave to login-url. A setting changed mid-login does it too.")
        visitor AGAIN
        console CONSOLE_REDIRECT;
    "KOE310" Misconfigured [Token] "400 unsupported_grant_type or invalid_request" KakaoMisconfigured AfterFix
        ["KAKAO_AUTH_BASE_URL"]
        cause ("grant_type이 없거나 지원되지 않습니다.", "The grant_type is missing or not supported.")
        remedy ("게이트웨이는 항상 authorization_code를 보냅니다. 카카오와의 사이에서 본문을 바꾸는 프록시가 없는지 확인하세요.",
            "The gateway always sends authorization_code. Look for a proxy towards Kakao that changes the body.")
        visitor TELL_OPERATOR;
    "KOE319" NotApplicable [Token] "400 invalid_grant" KakaoLoginFailed Never []
        cause ("카카오 토큰을 갱신하는 요청에 refresh_token이 없습니다.", "A refresh of Kakao's token came without refresh_token.")
        remedy ("게이트웨이는 카카오 토큰을 갱신하지 않습니다. 카카오를 직접 부르는 코드가 있다면 그 요청을 확인하세요.",
            "The gateway never refreshes Kakao's tokens. If code of yours calls Kakao itself, look at that request.");
    "KOE320" CodeUsed [Token] "400 invalid_grant" KakaoCodeUsed NewLogin []
        cause ("인가 코드가 이미 사용되었거나 만료되었습니다. React StrictMode, 새로고침, 두 번 클릭처럼 같은 코드를 두 번 보낼 때 흔합니다.",
            "The authorization code was used before or has expired. Often sent twice: React StrictMode, a reload, a double click.")
        remedy ("코드는 한 번만 보내고 곧바로 주소창에서 지우세요(history.replaceState). 같은 코드가 60초 안에 다시 오면 게이트웨이는 같은 세션을 돌려줍니다.",
            "Send a code once and remove it from the address bar (history.replaceState). Within 60 s the gateway answers the same session again.")
        visitor AGAIN;
    "KOE322" NotApplicable [Token] "400 invalid_grant" KakaoLoginFailed NewLogin []
        cause ("카카오 리프레시 토큰이 만료되었거나 알 수 없는 값입니다.", "Kakao's refresh token has expired or is unknown.")
        remedy ("게이트웨이는 카카오 토큰을 보관하지 않습니다. 카카오를 직접 부르는 코드가 있다면 사용자를 다시 로그인시키세요.",
            "The gateway keeps no tokens of Kakao's. If code of yours does, let the person log in again.");
    "KOE400" NotApplicable [TokenInfo] "400 invalid_token" KakaoLoginFailed Never []
        cause ("ID 토큰이 올바르지 않습니다. 디버깅용 주소 /oauth/tokeninfo에서만 나옵니다.",
            "The ID token is not valid. Only the debugging address /oauth/tokeninfo says so.")
        remedy ("운영에서는 이 주소를 부르지 마세요. 게이트웨이는 공개 키(JWKS)로 ID 토큰을 직접 검증합니다.",
            "Do not call it in production. The gateway checks ID tokens itself, with Kakao's public keys (JWKS).");
}
