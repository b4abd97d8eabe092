//! `error` in the redirect back to `redirect_uri`.

use super::{CONSOLE_CONSENT, Class, KakaoCode, LATER, Place, Retry, kakao_codes, optional};
use crate::error_code::ErrorCode;

// Columns: code; class; places; upstream; our code; retry; settings; texts (ko, en).
kakao_codes! {
    "access_denied": "User denied access" Cancelled [Redirect] "302 error=access_denied" KakaoLoginCancelled NewLogin []
        cause ("사용자가 로그인 또는 동의 화면에서 취소했습니다.", "The person cancelled at the login or consent screen.")
        remedy ("오류가 아니므로 로그인 버튼을 다시 보여 주세요. 취소가 잦으면 필수 동의항목을 줄여 보세요.",
            "Not a fault: show the login button again. If it happens often, require fewer consent items.")
        visitor ("다시 로그인하려면 로그인 버튼을 누르세요.", "Press the login button to try again.")
        console CONSOLE_CONSENT;
    "access_denied": "Not allowed under age 14" PersonRefused [Redirect] "302 error=access_denied" KakaoUnderAge Never []
        cause ("14세 미만은 이용할 수 없는 서비스입니다. 카카오가 나이를 확인하고 로그인을 거절했습니다.",
            "The service is closed to people under 14. Kakao checked the age and refused the login.")
        remedy ("앱이 14세 미만을 받지 않도록 설정되어 있습니다. 의도한 것이면 그대로 두고 안내만 하세요.",
            "The app is set to refuse people under 14. If that is intended, just explain it to the visitor.")
        visitor ("14세가 되기 전에는 이 서비스에 카카오로 로그인할 수 없습니다.",
            "Until you are 14 you cannot log in to this service with Kakao.")
        console ("연령 제한 설정의 메뉴 위치는 확인하지 못했습니다. 콘솔에서 '14세 미만'을 찾아보세요.",
            "We could not confirm which menu holds the age limit; look for \"under 14\" in the console.");
    "login_required" Interaction [Redirect] "302 error=login_required" KakaoInteractionRequired NewLogin []
        cause ("브라우저가 카카오에 로그인되어 있지 않습니다. prompt=none이면 카카오는 로그인 화면을 보여 줄 수 없습니다.",
            "The browser is not signed in at Kakao. Under prompt=none Kakao may not show its login page.")
        remedy ("prompt=none 없이 로그인을 다시 시작하세요. 자동 로그인 실패는 정상적인 경우입니다.",
            "Start the login again without prompt=none. A silent login that fails is an ordinary case.")
        visitor ("로그인 버튼을 누르세요.", "Press the login button.");
    "consent_required" Interaction [Redirect] "302 error=consent_required" KakaoInteractionRequired NewLogin []
        cause ("사용자가 아직 이 앱에 동의하지 않았습니다. prompt=none이면 카카오는 동의 화면을 보여 줄 수 없습니다.",
            "The person has not agreed to this app yet. Under prompt=none Kakao may not ask them.")
        remedy ("처음 온 사용자로 보고 prompt=none 없이 로그인을 다시 시작하세요.",
            "Treat them as somebody new and start the login again without prompt=none.")
        visitor ("로그인 버튼을 누르고 동의 화면에서 계속하세요.", "Press the login button and go on at the consent screen.");
    "interaction_required" Interaction [Redirect] "302 error=interaction_required" KakaoInteractionRequired NewLogin []
        cause ("카카오가 사용자에게 먼저 확인할 것이 있습니다. 추가 정보, 통합 약관, 이용 제한 등이 해당합니다.",
            "Kakao has to settle something with the person first: more details, its terms, or a restriction.")
        remedy ("prompt=none 없이 로그인을 다시 시작하세요.", "Start the login again without prompt=none.")
        visitor ("로그인 버튼을 누르고 카카오의 안내를 따르세요.", "Press the login button and follow what Kakao asks.");
    "server_error" Transient [Redirect] "302 error=server_error" KakaoUnavailable Soon []
        cause ("카카오 서버에 오류가 생겼습니다.", "Kakao's server had a fault.")
        remedy ("잠시 기다리세요. 계속되면 카카오 데브톡의 공지를 확인하세요.",
            "Wait a little. If it goes on, look at the notices on Kakao DevTalk.")
        visitor LATER;
    "temporarily_unavailable" Transient [Redirect] "302 error=temporarily_unavailable" KakaoUnavailable Soon []
        cause ("카카오 서버가 점검 중이거나 붐빕니다.", "Kakao's server is overloaded or under maintenance.")
        remedy ("잠시 기다리세요. 계속되면 카카오 데브톡의 공지를 확인하세요.",
            "Wait a little. If it goes on, look at the notices on Kakao DevTalk.")
        visitor LATER;
}
