//! Codes of the API host. Passing faults come as HTTP 400 too, so the code decides, not the status.

use super::{
    CONSOLE_CONSENT, CONSOLE_REST_KEY, Class, KakaoCode, LATER, Place, Retry, TELL_OPERATOR, kakao_codes, optional,
};
use crate::error_code::{ErrorCode, Texts};

/// For a request only a fault of the gateway can have made.
const REPORT: Texts = (
    "게이트웨이의 오류일 수 있습니다. 요청 번호와 함께 munjigi 이슈로 알려 주세요. 사이에 있는 프록시도 확인하세요.",
    "Probably a fault of the gateway: report it with the request id. Look for a proxy in between, too.",
);

/// For calls the gateway does not make.
const NOT_OURS: Texts = (
    "게이트웨이는 이 API를 부르지 않습니다. 카카오를 직접 부르는 코드가 있다면 그 요청을 확인하세요.",
    "The gateway does not call this API. If code of yours calls Kakao itself, look at that request.",
);

/// For faults that pass.
const WAIT: Texts = (
    "잠시 기다리세요. 사용자를 로그아웃시키지 마세요. 계속되면 카카오 데브톡의 공지를 확인하세요.",
    "Wait, and do not sign anybody out for it. If it goes on, look at the notices on Kakao DevTalk.",
);

/// For people Kakao has restricted.
const ASK_KAKAO: Texts = ("카카오 고객센터에 문의하세요.", "Ask Kakao's customer service.");

/// The KakaoTalk message APIs.
const MESSAGES: Texts = ("카카오톡 메시지 API의 오류입니다.", "An error of the KakaoTalk message APIs.");

/// For apps that were blocked or are unknown.
const ASK_DEVTALK: Texts = (
    "콘솔에서 앱의 상태를 확인하고, 앱 ID와 함께 카카오 데브톡에 문의하세요.",
    "Look at the app's state in the console, and ask on Kakao DevTalk with the app id.",
);

// Columns: code; class; places; upstream; our code; retry; settings; texts (ko, en).
kakao_codes! {
    "-1" Transient [Api] "400" KakaoUnavailable Soon []
        cause ("카카오 서버 내부에서 오류가 생겼습니다.", "Kakao's server had an internal fault.")
        remedy WAIT
        visitor LATER;
    "-2" OurFault [Api] "400" KakaoLoginFailed Never []
        cause ("인자가 없거나 올바르지 않습니다. 액세스 토큰의 형식이 깨졌을 때도 나옵니다.",
            "An argument is missing or invalid. Also said of an access token that is malformed.")
        remedy REPORT
        visitor TELL_OPERATOR;
    "-3" Misconfigured [Api] "403" KakaoMisconfigured AfterFix ["KAKAO_CLIENT_ID" "KAKAO_ADMIN_KEY"]
        cause ("필요한 기능이 꺼져 있거나, 어드민 키로 부를 수 없는 API입니다.",
            "The feature is not enabled, or the admin key may not call this API.")
        remedy ("카카오 로그인과 동의항목을 켜세요. 연결 끊기에서 났다면 어드민 키의 사용 가능 API에 연결 끊기를 추가하세요.",
            "Enable Kakao Login and its consent items. When unlinking: allow it among the APIs of the admin key.")
        visitor TELL_OPERATOR
        console ("[카카오 로그인] > [일반], [카카오 로그인] > [동의항목], [앱] > [플랫폼 키] > [어드민 키]",
            "[Kakao Login] > [General], [Kakao Login] > [Consent items], [App] > [Platform key] > [Admin key]");
    "-4" PersonRefused [Api] "403" KakaoPersonRefused AfterPerson []
        cause ("카카오계정의 이용이 제한되었습니다.", "The Kakao account is restricted.")
        remedy ("서비스에서 풀 수 없습니다. 사용자에게 카카오 고객센터를 안내하세요.",
            "Nothing you can lift. Point the person to Kakao's customer service.")
        visitor ASK_KAKAO;
    "-5" Misconfigured [Api] "403" KakaoMisconfigured AfterFix ["KAKAO_CLIENT_ID"]
        cause ("앱에 이 API를 쓸 권한이 없습니다.", "The app has no permission for this API.")
        remedy ("콘솔에서 추가 기능(권한)을 신청하고, 승인된 뒤에 다시 시도하세요.",
            "Apply for the permission in the console, and try again once it is granted.")
        visitor TELL_OPERATOR
        console ("신청 메뉴의 위치는 권한마다 다릅니다. 동의항목의 권한은 [카카오 로그인] > [동의항목]에서 시작합니다.",
            "The menu depends on the permission; for consent items begin at [Kakao Login] > [Consent items].");
    "-6" Misconfigured [Api] "403" KakaoMisconfigured AfterFix []
        cause ("카카오가 허용하지 않는 동작입니다.", "Kakao does not allow this action.")
        remedy ("그 API의 문서에서 허용 범위를 확인하고, 필요하면 카카오 데브톡에 문의하세요.",
            "See that API's documentation for what is allowed; if need be, ask on Kakao DevTalk.")
        visitor TELL_OPERATOR;
    "-7" Transient [Api] "400" KakaoUnavailable Soon []
        cause ("카카오 서비스가 점검 중이거나 내부 문제가 있습니다.", "Kakao's service is under maintenance or has an internal problem.")
        remedy WAIT
        visitor LATER;
    "-8" OurFault [Api] "400" KakaoLoginFailed Never []
        cause ("요청 헤더가 올바르지 않습니다.", "A request header is invalid.")
        remedy REPORT
        visitor TELL_OPERATOR;
    "-9" Misconfigured [Api] "400" KakaoMisconfigured AfterFix []
        cause ("서비스가 종료된 API입니다.", "The API has been discontinued.")
        remedy ("munjigi를 새 버전으로 올리세요. 이미 최신이면 카카오의 공지를 확인하고 이슈로 알려 주세요.",
            "Update munjigi. If it is the newest, read Kakao's notices and report it.")
        visitor TELL_OPERATOR;
    "-10" Throttled [Api] "400 (429 in one documented sample)" KakaoUnavailable AppQuota []
        cause ("허용된 호출 횟수를 넘었습니다. 앱 전체는 한 달에 3,000,000회까지 무료입니다.",
            "The quota of calls is used up. All APIs of an app together: 3,000,000 a month.")
        remedy ("쿼터 사용량을 확인하고, 부족하면 카카오 데브톡에 문의하세요. PROFILE_MAX_AGE_HOURS를 늘리면 호출이 줄어듭니다.",
            "Look at the use of the quota and ask on Kakao DevTalk for more. A larger PROFILE_MAX_AGE_HOURS calls less.")
        visitor LATER
        console ("쿼터 화면의 메뉴 위치는 확인하지 못했습니다. 앱 관리 페이지에서 '쿼터'를 찾아보세요.",
            "We could not confirm the menu; look for \"Quota\" on the app's pages.");
    "-11" Misconfigured [Api] "400" KakaoMisconfigured AppQuota []
        cause ("유료 API의 하루 또는 한 달 한도 금액을 넘었습니다.", "The daily or monthly limit of money for paid APIs is used up.")
        remedy ("유료 API의 한도 금액을 확인하고 올리세요. 로그인 자체는 유료 API가 아닙니다.",
            "Look at the limit for paid APIs and raise it. The login itself is not a paid API.")
        visitor TELL_OPERATOR
        console ("유료 API 메뉴의 위치는 확인하지 못했습니다. 앱 관리 페이지에서 '유료 API'를 찾아보세요.",
            "We could not confirm the menu; look for \"Paid API\" on the app's pages.");
    "-12" Misconfigured [Api] "403" KakaoMisconfigured AfterFix ["KAKAO_CLIENT_ID"]
        cause ("앱 또는 개발자 계정이 차단되었습니다. 모든 로그인이 실패하므로 급히 처리해야 합니다.",
            "The app or its developer account is blocked. Every login fails, so this is urgent.")
        remedy ASK_DEVTALK
        visitor TELL_OPERATOR
        console ("[앱] > [일반]의 앱 분류에 '차단 앱'이 있는지", "[App] > [General], whether the app is marked as blocked");
    "-101" NotLinked [Api] "400" KakaoPersonRefused NewLogin []
        cause ("사용자가 앱과 연결되어 있지 않습니다. 연결을 끊었거나 아직 가입하지 않았습니다.",
            "The person is not linked to the app. They unlinked it, or never finished signing up.")
        remedy ("다시 로그인하면 연결됩니다. 자동 연결을 끈 앱이라면 수동 연결(signup) 절차가 필요합니다.",
            "A new login links them. An app whose automatic linking is off needs the manual signup call.")
        visitor ("다시 로그인하고 동의 화면에서 계속하세요.", "Log in again and go on at the consent screen.");
    "-102" AlreadyLinked [Api] "400" KakaoLoginFailed Never []
        cause ("이미 앱과 연결된 사용자입니다.", "The person is linked to the app already.")
        remedy ("바라던 상태이므로 성공으로 다루면 됩니다. 게이트웨이는 수동 연결을 부르지 않습니다.",
            "It is the wanted state: treat it as success. The gateway does not call the manual signup.");
    "-103" PersonRefused [Api] "400" KakaoPersonRefused AfterPerson []
        cause ("휴면 상태이거나 없는 카카오계정입니다.", "The Kakao account is dormant or does not exist.")
        remedy ("사용자에게 카카오에서 계정 상태를 확인하도록 안내하세요.", "Ask the person to look at the account at Kakao.")
        visitor ("카카오에 로그인하여 휴면을 해제한 뒤 다시 시도하세요.", "Sign in at Kakao, wake the account up, then try again.");
    "-201" OurFault [Api] "400" KakaoLoginFailed AfterFix []
        cause ("앱에 없는 사용자 프로퍼티 키입니다.", "The app has no user property of this key.")
        remedy ("게이트웨이는 사용자 프로퍼티를 쓰지 않습니다. 직접 부르는 코드가 있다면 키를 콘솔과 맞추세요.",
            "The gateway uses no user properties. If code of yours does, match its keys with the console.")
        console ("[카카오 로그인] > [고급] > [사용자 프로퍼티]", "[Kakao Login] > [Advanced] > [User properties]");
    "-301" Misconfigured [Api] "HTTP status not documented" KakaoMisconfigured AfterFix ["KAKAO_CLIENT_ID"]
        cause ("앱을 찾을 수 없습니다.", "There is no such app.")
        remedy ("KAKAO_CLIENT_ID의 키가 속한 앱이 콘솔에 남아 있는지 확인하세요.",
            "Check in the console that the app of the key in KAKAO_CLIENT_ID still exists.")
        visitor TELL_OPERATOR
        console CONSOLE_REST_KEY;
    "-401" TokenInvalid [Api] "401" KakaoLoginFailed NewLogin ["KAKAO_CLIENT_ID" "KAKAO_ADMIN_KEY"]
        cause ("앱 키나 액세스 토큰이 유효하지 않습니다. 호출 허용 IP 주소에 없는 서버에서 불러도 같은 코드가 옵니다.",
            "The app key or access token is not valid. A server missing from the allowed IP addresses gets it too.")
        remedy ("로그인 직후에 생긴다면 콘솔의 호출 허용 IP 주소에 이 서버의 아웃바운드 IP가 있는지 확인하세요. 어드민 키를 쓰는 요청이라면 KAKAO_ADMIN_KEY를 확인하세요.",
            "Right after a login: is this server's outgoing address among the allowed IPs? With the admin key: check KAKAO_ADMIN_KEY.")
        visitor ("다시 로그인하세요. 계속되면 서비스 운영자에게 알려 주세요.", "Log in again. If it goes on, tell whoever runs the service.")
        console ("[앱] > [플랫폼 키]. 호출 허용 IP 주소의 메뉴 위치는 확인하지 못했습니다.",
            "[App] > [Platform key]. We could not confirm where the allowed IP addresses are now.");
    "-402" ConsentRequired [Api] "403, with required_scopes" KakaoConsentRequired AfterPerson ["KAKAO_SCOPES"]
        cause ("사용자가 필요한 동의항목에 동의하지 않았습니다.", "The person has not agreed to an item this needs.")
        remedy ("필요한 항목을 scope에 넣어 로그인을 다시 시작하면 카카오가 추가 동의를 묻습니다.",
            "Begin the login again with the missing items as scope: Kakao then asks for them.")
        visitor ("다시 로그인하고 요청된 항목에 동의하세요.", "Log in again and agree to what is asked for.")
        console CONSOLE_CONSENT;
    "-405" PersonRefused [Api] "HTTP status not documented" KakaoPersonRefused AfterPerson []
        cause ("연령 인증이 필요합니다.", "The person's age has to be verified.")
        remedy ("사용자가 카카오에서 연령 인증을 마쳐야 합니다.", "The person has to verify their age at Kakao.")
        visitor ("카카오에서 연령 인증을 마친 뒤 다시 로그인하세요.", "Verify your age at Kakao, then log in again.");
    "-406" PersonRefused [Api] "401" KakaoUnderAge Never []
        cause ("14세 미만은 이용할 수 없는 서비스입니다.", "The service is closed to people under 14.")
        remedy ("앱이 14세 미만을 받지 않도록 설정되어 있습니다. 의도한 것이면 그대로 두고 안내만 하세요.",
            "The app is set to refuse people under 14. If that is intended, just explain it to the visitor.")
        visitor ("14세가 되기 전에는 이 서비스에 카카오로 로그인할 수 없습니다.",
            "Until you are 14 you cannot log in to this service with Kakao.")
        console ("연령 제한 설정의 메뉴 위치는 확인하지 못했습니다. 콘솔에서 '14세 미만'을 찾아보세요.",
            "We could not confirm which menu holds the age limit; look for \"under 14\" in the console.");
    "-501" NotApplicable [Api] "400" KakaoLoginFailed Never [] cause MESSAGES remedy NOT_OURS;
    "-502" NotApplicable [Api] "400" KakaoLoginFailed Never [] cause MESSAGES remedy NOT_OURS;
    "-504" NotApplicable [Api] "400" KakaoLoginFailed Never [] cause MESSAGES remedy NOT_OURS;
    "-530" NotApplicable [Api] "400" KakaoLoginFailed Never [] cause MESSAGES remedy NOT_OURS;
    "-531" NotApplicable [Api] "400" KakaoLoginFailed Never [] cause MESSAGES remedy NOT_OURS;
    "-532" NotApplicable [Api] "400" KakaoLoginFailed Never [] cause MESSAGES remedy NOT_OURS;
    "-602" NotApplicable [Api] "400" KakaoLoginFailed Never []
        cause ("올리려는 이미지가 너무 큽니다.", "The image to upload is too large.")
        remedy NOT_OURS;
    "-603" Transient [Api] "400" KakaoUnavailable Soon []
        cause ("카카오 내부에서 처리 시간이 초과되었습니다.", "Kakao's servers timed out among themselves.")
        remedy WAIT
        visitor LATER;
    "-606" NotApplicable [Api] "400" KakaoLoginFailed Never []
        cause ("올리려는 이미지가 너무 많습니다.", "Too many images were uploaded at once.")
        remedy NOT_OURS;
    "-903" Misconfigured [Api] "400" KakaoMisconfigured AfterFix ["KAKAO_CLIENT_ID"]
        cause ("등록되지 않은 개발자의 앱 키입니다.", "The app key belongs to a developer who is not registered.")
        remedy ASK_DEVTALK
        visitor TELL_OPERATOR
        console CONSOLE_REST_KEY;
    "-911" NotApplicable [Api] "400" KakaoLoginFailed Never []
        cause ("지원하지 않는 이미지 형식입니다.", "The image format is not supported.")
        remedy NOT_OURS;
    "-9798" Transient [Api] "503" KakaoUnavailable Soon []
        cause ("카카오 서비스가 점검 중입니다.", "Kakao's service is under maintenance.")
        remedy WAIT
        visitor LATER;
}
