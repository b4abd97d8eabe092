//! The table of all settings: `.env.example`, the page about settings, "did you mean" and `check-config` are made from it.

use std::fmt::Write as _;

use crate::error_code::Texts;

/// One setting as contract 2 promises it.
#[derive(Debug)]
pub struct Setting {
    /// Name of the variable.
    pub name: &'static str,
    /// Shown in `.env.example`; `None` means there is no default.
    pub default: Option<&'static str>,
    /// Never printed; may also be given as `NAME_FILE`.
    pub secret: bool,
    /// One line for people.
    pub about: Texts,
}

impl Setting {
    /// Whether the gateway does not start without it.
    pub fn is_required(&self) -> bool {
        self.default.is_none() && !OPTIONAL.contains(&self.name)
    }
}

const fn plain(name: &'static str, default: Option<&'static str>, about: Texts) -> Setting {
    Setting { name, default, secret: false, about }
}

const fn secret(name: &'static str, about: Texts) -> Setting {
    Setting { name, default: None, secret: true, about }
}

/// A heading and its settings, in the order of `.env.example`.
pub const SETTINGS: &[(Texts, &[Setting])] = &[
    (
        ("서버", "Server"),
        &[
            plain(
                "APP_ENV",
                Some("production"),
                (
                    "production 또는 development. development에서는 루프백 주소에 http를 쓸 수 있습니다",
                    "production or development; development allows http on loopback",
                ),
            ),
            plain("LISTEN_ADDR", Some("127.0.0.1:8000"), ("요청을 받을 주소와 포트", "address and port to listen on")),
            plain(
                "PUBLIC_URL",
                Some("http://localhost:8000"),
                (
                    "브라우저가 접속하는 주소. 토큰의 발급자(iss)이기도 합니다",
                    "base URL the browser uses; also the token issuer",
                ),
            ),
            plain(
                "CORS_ALLOWED_ORIGINS",
                Some(""),
                (
                    "프런트엔드의 출처. 정확히 적고 쉼표로 구분합니다",
                    "exact origins of your front ends, comma-separated",
                ),
            ),
            plain(
                "LOGIN_RETURN_URLS",
                Some(""),
                (
                    "return_to로 돌아갈 수 있는 출처를 더합니다 (PUBLIC_URL은 항상 됩니다)",
                    "further origins return_to may point at (PUBLIC_URL always may)",
                ),
            ),
            plain(
                "TRUSTED_PROXIES",
                Some(""),
                ("X-Forwarded-For를 믿을 프록시의 CIDR", "CIDRs of proxies whose X-Forwarded-For counts"),
            ),
            plain(
                "RATE_LIMIT_LOGIN_PER_MINUTE",
                Some("30"),
                (
                    "로그인 경로 전체에서 클라이언트 IP마다 1분에 받을 요청 수. 0이면 제한하지 않습니다",
                    "per client IP over the login routes; 0 = off",
                ),
            ),
        ],
    ),
    (
        ("카카오", "Kakao"),
        &[
            plain(
                "KAKAO_CLIENT_ID",
                None,
                ("REST API 키: [앱] > [플랫폼 키] > [REST API 키]", "REST API key: [앱] > [플랫폼 키] > [REST API 키]"),
            ),
            secret("KAKAO_CLIENT_SECRET", ("그 키의 클라이언트 시크릿", "client secret of that key")),
            plain(
                "KAKAO_REDIRECT_URI",
                Some("{PUBLIC_URL}/api/auth/kakao/callback"),
                ("카카오 콘솔에 글자 그대로 등록할 주소", "register exactly this at Kakao"),
            ),
            plain(
                "KAKAO_EXTRA_REDIRECT_URIS",
                Some(""),
                (
                    "프런트엔드가 직접 코드를 받을 때 쓰는 주소. 정확히 적고 쉼표로 구분합니다",
                    "further exact URIs a front end may name (SPA flow)",
                ),
            ),
            plain(
                "KAKAO_SCOPES",
                Some(""),
                (
                    "요청할 동의항목. 비우면 카카오 콘솔의 설정을 따릅니다",
                    "consent items to ask for; empty = Kakao's console decides",
                ),
            ),
            plain("KAKAO_PKCE", Some("true"), ("카카오에 PKCE(S256)를 씁니다", "S256 towards Kakao")),
            plain(
                "KAKAO_AUTH_BASE_URL",
                Some("https://kauth.kakao.com"),
                (
                    "카카오 인증 서버. 카카오 ID 토큰의 발급자이기도 합니다",
                    "Kakao's login host; also the issuer of Kakao's ID tokens",
                ),
            ),
            plain("KAKAO_API_BASE_URL", Some("https://kapi.kakao.com"), ("카카오 API 서버", "Kakao's API host")),
            plain(
                "PROFILE_MAX_AGE_HOURS",
                Some("24"),
                (
                    "프로필이 이보다 오래되었으면 응답하기 전에 카카오에서 다시 읽습니다",
                    "older profiles are read again from Kakao before the answer",
                ),
            ),
            plain(
                "KAKAO_APP_ID",
                Some(""),
                (
                    "앱 ID: [앱] > [일반]. 네이티브 앱이 카카오 액세스 토큰으로 로그인할 수 있게 됩니다",
                    "app id: [앱] > [일반]; native apps may then sign in with Kakao's access token",
                ),
            ),
            plain(
                "KAKAO_APP_KEYS",
                Some(""),
                (
                    "ID 토큰으로 로그인할 수 있는 네이티브 앱 키와 JavaScript 키. 쉼표로 구분합니다",
                    "native and JavaScript keys whose ID tokens sign people in, comma-separated",
                ),
            ),
            secret(
                "KAKAO_ADMIN_KEY",
                (
                    "탈퇴한 사람의 연결 끊기, reconcile, 연결 끊기 웹훅에 씁니다",
                    "for unlinking people who leave, reconcile and the unlink webhook",
                ),
            ),
            secret(
                "KAKAO_WEBHOOK_ADMIN_KEY",
                (
                    "대표 어드민 키가 KAKAO_ADMIN_KEY와 다를 때 그 키",
                    "the primary admin key when KAKAO_ADMIN_KEY is another one",
                ),
            ),
            plain(
                "ON_UNLINK",
                Some("keep"),
                (
                    "카카오에서 연결을 끊은 사용자: keep, anonymize, delete. 세션은 항상 끝납니다",
                    "users who unlink at Kakao: keep, anonymize or delete; sessions end always",
                ),
            ),
            plain(
                "KAKAO_PROFILE_FIELDS",
                Some(""),
                (
                    "name, gender, age_range, birthday, birthyear, phone_number 가운데 저장할 항목",
                    "any of name, gender, age_range, birthday, birthyear, phone_number",
                ),
            ),
            plain(
                "KAKAO_LOGOUT_REDIRECT_URI",
                Some(""),
                (
                    "등록한 로그아웃 리다이렉트 URI. 카카오에서도 로그아웃할 수 있게 합니다",
                    "registered logout redirect URI: offers a logout of Kakao too",
                ),
            ),
            plain(
                "KAKAO_TALK_AUTO_LOGIN",
                Some("true"),
                (
                    "카카오톡 안의 브라우저에서는 먼저 prompt=none으로 시도합니다",
                    "inside KakaoTalk try prompt=none first",
                ),
            ),
        ],
    ),
    (
        ("토큰과 세션", "Tokens and sessions"),
        &[
            secret(
                "JWT_SECRET_KEY",
                (
                    "최상위 비밀 값. 무작위 32바이트 이상: openssl rand -base64 48",
                    "master secret, at least 32 random bytes: openssl rand -base64 48",
                ),
            ),
            plain(
                "JWT_ALGORITHM",
                Some("ES256"),
                (
                    "ES256, RS256, EdDSA, HS256 (HS256은 JWKS가 없습니다)",
                    "ES256, RS256, EdDSA or HS256 (HS256 has no JWKS)",
                ),
            ),
            plain("JWT_TYP", Some("JWT"), ("JWT. RFC 9068 검증기라면 at+jwt", "JWT, or at+jwt for RFC 9068 verifiers")),
            plain("JWT_ISSUER", Some("{PUBLIC_URL}"), ("액세스 토큰의 iss", "iss of access tokens")),
            plain("JWT_AUDIENCE", Some("munjigi"), ("액세스 토큰의 aud", "aud of access tokens")),
            plain(
                "JWT_ACCESS_TOKEN_EXPIRE_MINUTES",
                Some("15"),
                ("액세스 토큰의 수명(분)", "lifetime of an access token"),
            ),
            plain(
                "JWT_REFRESH_TOKEN_EXPIRE_DAYS",
                Some("7"),
                ("세션을 쓰지 않고 둘 수 있는 기간(일)", "idle limit of a session"),
            ),
            plain(
                "JWT_EXTRA_CLAIMS",
                Some(""),
                (
                    "액세스 토큰에 더할 개인정보: username, nickname, email",
                    "any of username, nickname, email: personal data in access tokens",
                ),
            ),
            plain("SESSION_MAX_DAYS", Some("90"), ("세션의 최대 수명(일)", "absolute limit of a session")),
            plain(
                "REFRESH_REUSE_WINDOW_SECONDS",
                Some("30"),
                (
                    "교체된 리프레시 토큰에 같은 후속 토큰을 다시 돌려주는 시간(초)",
                    "a rotated token answers its successor again this long",
                ),
            ),
            plain(
                "REFRESH_RECOVERY_HOURS",
                Some("24"),
                (
                    "후속 토큰이 한 번도 쓰이지 않았을 때 그것을 다시 돌려주는 시간(시간)",
                    "the same while the successor was never presented",
                ),
            ),
            secret(
                "OAUTH_CLIENTS",
                (
                    "{id, redirect_uris, secret?}의 JSON 목록. secret이 있는 클라이언트는 introspect를 쓸 수 있습니다",
                    "JSON list of {id, redirect_uris, secret?}; one with a secret may introspect",
                ),
            ),
        ],
    ),
    (
        ("저장소", "Storage"),
        &[
            Setting {
                name: "DATABASE_URL",
                default: Some("sqlite://data/munjigi.db"),
                secret: true,
                about: (
                    "sqlite:, postgres:, mysql:(MariaDB 포함). postgres:에는 호스트를 여럿 적을 수 있습니다: postgres://user@one:5432,two:5432/name",
                    "sqlite:, postgres: or mysql: (MariaDB too); postgres: may name several hosts: postgres://user@one:5432,two:5432/name",
                ),
            },
            plain(
                "DATABASE_POOL_SIZE",
                Some("16"),
                (
                    "프로세스 하나가 데이터베이스 서버에 여는 연결 수. 절반은 쓰기용입니다",
                    "connections of one process to a database server, half of them for writes",
                ),
            ),
            secret(
                "DATABASE_LISTEN_URL",
                (
                    "DATABASE_URL이 트랜잭션 모드의 풀러를 가리킬 때 PostgreSQL에 바로 닿는 주소",
                    "PostgreSQL itself, when DATABASE_URL leads to a pooler in transaction mode",
                ),
            ),
            plain(
                "AUTO_MIGRATE",
                Some("true"),
                ("serve가 시작할 때 스키마를 최신으로 올립니다", "serve brings the schema up to date at its start"),
            ),
            plain(
                "BATCH_WRITES",
                Some("true"),
                (
                    "false이면 로그인과 갱신마다 트랜잭션이 하나씩입니다. 더 느리며, 비교할 때 씁니다",
                    "false: every login and refresh is a transaction of its own; slower, to compare with",
                ),
            ),
            secret(
                "REDIS_URL",
                (
                    "redis: 또는 rediss:. 모든 서버가 함께 쓰는 요청 제한과, 끝난 세션을 더 빨리 알리는 데 씁니다",
                    "redis: or rediss:, for limits all replicas share and faster news of revoked sessions",
                ),
            ),
        ],
    ),
    (
        ("운영", "Operation"),
        &[
            plain(
                "LOG_FORMAT",
                Some("auto"),
                (
                    "json, text, auto. auto는 터미널이 아니면 json입니다",
                    "json, text, or auto: json when not a terminal",
                ),
            ),
            plain("LOG_LEVEL", Some("info"), ("error, warn, info, debug, trace", "error, warn, info, debug or trace")),
            plain(
                "METRICS_ADDR",
                Some(""),
                (
                    "Prometheus용 GET /metrics를 여는 주소와 포트. 비우면 끕니다",
                    "address and port of GET /metrics for Prometheus; empty = off",
                ),
            ),
        ],
    ),
];

/// Every setting, flat.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().flat_map(|(_, settings)| settings.iter())
}

/// The setting of this name.
pub fn find(name: &str) -> Option<&'static Setting> {
    all().find(|setting| setting.name == name)
}

/// Secrets that nothing depends on by itself.
const OPTIONAL: &[&str] =
    &["OAUTH_CLIENTS", "KAKAO_ADMIN_KEY", "KAKAO_WEBHOOK_ADMIN_KEY", "DATABASE_LISTEN_URL", "REDIS_URL"];

/// The text of `.env.example`; a test keeps the committed file equal to it.
pub fn env_example() -> String {
    let mut text = String::from(
        "# Settings of munjigi. Copy to .env and fill in what has no value; commented lines show the defaults.\n\
         # Every secret can also come from a file: NAME_FILE=/run/secrets/name\n\
         # Check with: munjigi check-config        No Kakao app yet? munjigi demo needs none of this.\n",
    );
    for ((_, heading), settings) in SETTINGS {
        let _ = write!(text, "\n# --- {heading} ---\n");
        for setting in *settings {
            let _ = writeln!(text, "# {}", setting.about.1);
            match setting.default {
                Some(default) => {
                    let _ = writeln!(text, "#{}={default}", setting.name);
                }
                None if setting.is_required() => {
                    let _ = writeln!(text, "{}=", setting.name);
                }
                None => {
                    let _ = writeln!(text, "#{}=", setting.name);
                }
            }
        }
    }
    text
}

/// Prefixes that are ours alone: a name that begins so and is no setting is a typing error.
const PREFIXES: &[&str] = &[
    "KAKAO_",
    "JWT_",
    "OAUTH_CLIENT",
    "DATABASE_",
    "REDIS_",
    "CORS_",
    "RATE_LIMIT_",
    "REFRESH_",
    "LOGIN_RETURN",
    "TRUSTED_P",
];

/// The nearest setting to `name`, when `name` looks like one of ours but is none.
pub fn did_you_mean(name: &str) -> Option<Option<&'static str>> {
    let stem = name.strip_suffix("_FILE").unwrap_or(name);
    // Only secrets come from files.
    let known = find(stem).is_some_and(|setting| setting.secret || stem == name);
    if known || !PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return None;
    }
    let nearest = all().map(|setting| (strsim::damerau_levenshtein(stem, setting.name), setting.name)).min();
    Some(nearest.filter(|(distance, _)| *distance <= 5).map(|(_, name)| name))
}
