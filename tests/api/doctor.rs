//! `munjigi doctor`: what stands in the way of a login, told before anybody tries one, without provoking Kakao (contract 1).

use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use mock_kakao::{Counts, Fault, MockConfig, MockKakao};
use munjigi::clock::{Clock, SystemClock, Timestamp};
use serde_json::{Value, json};

use crate::support::{
    CLIENT_ID, CLIENT_SECRET, MASTER_SECRET, TestDatabase,
    binary::{Binary, Ran},
    redis::{Authority, RedisServer},
    text,
};

/// Nobody listens there, and no name has to be looked up.
const PUBLIC_URL: &str = "https://127.0.0.1:1";
const REDIRECT: &str = "https://127.0.0.1:1/api/auth/kakao/callback";

/// A folder, a database and settings with which all is well; `more` comes on top.
struct Patient {
    binary: Binary,
    database: TestDatabase,
    kakao: String,
}

impl Patient {
    async fn with(kakao: &str) -> Self {
        Self { binary: Binary::new(), database: TestDatabase::create().await, kakao: kakao.to_owned() }
    }

    fn run(&self, arguments: &[&str], more: &[(&str, &str)]) -> Ran {
        let settings = [
            ("APP_ENV", "development"),
            ("LISTEN_ADDR", "127.0.0.1:0"),
            ("PUBLIC_URL", PUBLIC_URL),
            ("DATABASE_URL", self.database.url.as_str()),
            ("KAKAO_CLIENT_ID", CLIENT_ID),
            ("KAKAO_CLIENT_SECRET", CLIENT_SECRET),
            ("KAKAO_AUTH_BASE_URL", &self.kakao),
            ("KAKAO_API_BASE_URL", &self.kakao),
            ("JWT_SECRET_KEY", MASTER_SECRET),
        ];
        self.binary.run(arguments, &[&settings, more].concat())
    }

    fn doctor(&self, more: &[(&str, &str)]) -> Ran {
        self.run(&["doctor"], more)
    }

    /// Brings the schema up to date and makes the first key.
    fn prepare(&self) {
        assert_eq!(self.run(&["migrate", "up"], &[]).code, Some(0));
        assert_eq!(self.run(&["keys", "list"], &[]).code, Some(0));
    }
}

async fn mock() -> MockKakao {
    MockKakao::start(MockConfig::default()).await.unwrap()
}

/// The finding about `about` that contains `part`.
#[track_caller]
fn line<'a>(ran: &'a Ran, sign: char, about: &str, part: &str) -> &'a str {
    let begins = format!("{sign} {about}");
    let found = ran.stdout.lines().find(|line| line.starts_with(&begins) && line.contains(part));
    let found = found.unwrap_or_else(|| panic!("no {begins:?} with {part:?} in\n{}{}", ran.stdout, ran.stderr));
    if sign != '✓' {
        assert_eq!(found.matches(" · ").count(), 2, "what, why, what to do: {found}");
    }
    found
}

#[track_caller]
fn assert_exit(ran: &Ran, code: i32) {
    assert_eq!(ran.code, Some(code), "{}{}", ran.stdout, ran.stderr);
    let broken = ran.stdout.lines().any(|line| line.starts_with('✗'));
    assert_eq!(broken, code == 1, "{}", ran.stdout);
    assert_eq!(ran.stderr.is_empty(), code == 0, "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_well_and_kakao_was_asked_for_two_public_documents_only() {
    let kakao = mock().await;
    let patient = Patient::with(kakao.base_url()).await;
    patient.prepare();
    let ran = patient.doctor(&[]);
    assert_exit(&ran, 0);
    for (about, part) in [
        ("settings", "well formed"),
        ("database", "answers"),
        ("schema", "is current"),
        ("keys", "ES256"),
        ("kakao", "keys at"),
        ("clock", "Kakao's"),
        ("openid", "expected"),
        ("listener", "is free"),
    ] {
        line(&ran, '✓', about, part);
    }
    assert!(ran.stdout.contains("\n0 problems, "), "{}", ran.stdout);
    assert_eq!(kakao.counts(), Counts { jwks: 1, discovery: 1, ..Counts::default() });
    for secret in [CLIENT_SECRET, MASTER_SECRET] {
        assert!(!ran.stdout.contains(secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_end_the_examination_before_it_asks_anybody() {
    let kakao = mock().await;
    let patient = Patient::with(kakao.base_url()).await;
    let wrong = [("JWT_ALGORITHM", "none"), ("KAKAO_CLIENT_SECRET", ""), ("KAKAO_CLIENTID", "canary-4711")];
    let ran = patient.doctor(&wrong);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    for expected in ["JWT_ALGORITHM", "KAKAO_CLIENT_SECRET is not set", "did you mean KAKAO_CLIENT_ID?", "2 problems"] {
        assert!(ran.stderr.contains(expected), "{expected} is missing in\n{}", ran.stderr);
    }
    let ran = patient.run(&["doctor", "--format", "json"], &wrong);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &report["problems"], &report["register"]), (Some(2), &json!(2), &Value::Null));
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("4711"));
    assert_eq!(kakao.counts(), Counts::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kakao_that_cannot_be_reached_is_told_apart_from_one_that_talks_nonsense() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let patient = Patient::with(&format!("http://{closed}")).await;
    patient.prepare();
    let ran = patient.doctor(&[]);
    assert_exit(&ran, 1);
    assert!(line(&ran, '✗', "kakao", "cannot be read").contains("firewall"), "{}", ran.stdout);
    line(&ran, '✓', "database", "answers");
    assert!(ran.stderr.contains("1 check failed · "), "{}", ran.stderr);

    let no_tls = Stub::start(0, &json!({}), "");
    let ran = patient.doctor(&[("KAKAO_AUTH_BASE_URL", &no_tls.base.replace("http:", "https:"))]);
    assert_exit(&ran, 1);
    assert!(line(&ran, '✗', "kakao", "cannot be read").contains("CA certificates"), "{}", ran.stdout);

    let kakao = mock().await;
    let elsewhere = [("KAKAO_AUTH_BASE_URL", kakao.base_url()), ("KAKAO_API_BASE_URL", kakao.base_url())];
    for (fault, part) in
        [(Fault::JwksStatus(503), "HTTP 503"), (Fault::JwksEmpty, "no key"), (Fault::JwksGarbage, "no key")]
    {
        kakao.next(fault);
        let ran = patient.doctor(&elsewhere);
        assert_exit(&ran, 1);
        line(&ran, '✗', "kakao", part);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_behind_is_reported_and_left_alone() {
    let kakao = mock().await;
    let patient = Patient::with(kakao.base_url()).await;
    patient.prepare();
    assert_eq!(patient.run(&["migrate", "down", "--yes"], &[]).code, Some(0));
    let ran = patient.doctor(&[]);
    assert_exit(&ran, 0);
    assert!(line(&ran, '!', "schema", "behind").ends_with("munjigi migrate up"), "{}", ran.stdout);
    let by_hand = patient.doctor(&[("AUTO_MIGRATE", "false")]);
    assert_exit(&by_hand, 1);
    line(&by_hand, '✗', "schema", "AUTO_MIGRATE is false");
    let status = patient.run(&["migrate", "status"], &[]).stdout;
    assert_eq!(status.lines().filter(|line| line.starts_with("pending")).count(), 1, "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_empty_database_stays_so() {
    let kakao = mock().await;
    let patient = Patient::with(kakao.base_url()).await;
    let missing = [("DATABASE_URL", "sqlite://data/munjigi.db")];
    line(&patient.doctor(&missing), '!', "database", "data/munjigi.db does not exist yet");
    assert!(!patient.binary.path("data").exists());
    assert_exit(&patient.doctor(&[missing[0], ("AUTO_MIGRATE", "false")]), 1);

    std::fs::create_dir(patient.binary.path("data")).unwrap();
    patient.binary.write("data/munjigi.db", "");
    let ran = patient.doctor(&missing);
    assert_exit(&ran, 0);
    line(&ran, '!', "schema", "behind");
    let file = format!("sqlite://{}", patient.binary.path("data/munjigi.db").display());
    let database = sea_orm::Database::connect(file).await.unwrap();
    let sql = sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, "SELECT name FROM sqlite_master");
    assert_eq!(sea_orm::ConnectionTrait::query_all_raw(&database, sql).await.unwrap().len(), 0, "nothing was made");
    database.close().await.unwrap();

    let unreachable = patient.doctor(&[("DATABASE_URL", "postgres://munjigi:canary-4711@127.0.0.1:1/munjigi")]);
    assert_exit(&unreachable, 1);
    assert!(line(&unreachable, '✗', "database", "cannot be used").ends_with("that the database runs"));
    assert!(!unreachable.stdout.contains("4711"), "{}", unreachable.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_opened_but_never_made() {
    let kakao = mock().await;
    let patient = Patient::with(kakao.base_url()).await;
    let keys = async || patient.database.count("SELECT COUNT(*) FROM signing_keys").await;
    assert_eq!(patient.run(&["migrate", "up"], &[]).code, Some(0));
    let ran = patient.doctor(&[]);
    assert_exit(&ran, 0);
    line(&ran, '✓', "keys", "none signs yet");
    assert_eq!(keys().await, 0);

    patient.prepare();
    line(&patient.doctor(&[]), '✓', "keys", "ES256");
    line(&patient.doctor(&[("JWT_ALGORITHM", "EdDSA")]), '✓', "keys", "none signs yet");
    line(&patient.doctor(&[("JWT_ALGORITHM", "HS256")]), '✓', "keys", "no JWKS");
    let ran = patient.doctor(&[("JWT_SECRET_KEY", "another-master-secret-of-more-than-32-bytes")]);
    assert_exit(&ran, 1);
    assert!(line(&ran, '✗', "keys", "cannot be opened").contains("JWT_SECRET_KEY"), "{}", ran.stdout);
    assert_eq!(keys().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_is_a_warning_and_then_a_failure() {
    let keys = json!({"keys": [{"kty": "RSA", "kid": "a", "alg": "RS256", "use": "sig", "n": "AQAB", "e": "AQAB"}]});
    let patient = Patient::with("http://127.0.0.1:1").await;
    for (offset, age, sign, part, code) in [
        (0, "", '✓', "agrees", 0),
        (-45, "", '!', "ahead of Kakao's", 0),
        (45, "", '!', "behind Kakao's", 0),
        (-90, "", '✗', "ahead of Kakao's", 1),
        (3600, "", '✗', "synchronise", 1),
        (-300, "Age: 300\r\n", '✓', "agrees", 0),
    ] {
        let stub = Stub::start(offset, &keys, age);
        let ran = patient.doctor(&[("KAKAO_AUTH_BASE_URL", &stub.base), ("KAKAO_API_BASE_URL", &stub.base)]);
        assert_exit(&ran, code);
        line(&ran, sign, "clock", part);
        assert_eq!(stub.paths(), ["/.well-known/jwks.json", "/.well-known/openid-configuration"]);
        let differences = line(&ran, '!', "openid", "differs in");
        assert!(differences.contains("issuer") && differences.contains("token_endpoint"), "{differences}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_to_enter_at_kakao_is_printed_to_the_letter() {
    let kakao = mock().await;
    let patient = Patient::with(kakao.base_url()).await;
    let spa = "https://app.example.com/auth/kakao/callback";
    let more = [("KAKAO_EXTRA_REDIRECT_URIS", spa), ("KAKAO_LOGOUT_REDIRECT_URI", "https://app.example.com/bye")];
    let ran = patient.doctor(&more);
    let addresses: Vec<_> = ran.stdout.lines().filter_map(|line| line.strip_prefix("    https://")).collect();
    let webhooks = "127.0.0.1:1/api/webhooks/kakao";
    assert_eq!(
        addresses,
        [
            REDIRECT.trim_start_matches("https://"),
            spa.trim_start_matches("https://"),
            "app.example.com/bye",
            &format!("{webhooks}/unlink"),
            &format!("{webhooks}/account-status"),
        ]
    );
    for place in ["[앱] > [플랫폼 키] > [REST API 키] > [리다이렉트 URI]", "[앱] > [웹훅] > [연결 해제 웹훅]"]
    {
        assert!(ran.stdout.contains(place), "{}", ran.stdout);
    }

    let ran = patient.run(&["doctor", "--format", "json"], &more);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    let register = &report["register"];
    assert_eq!(register["redirect_uris"], json!([REDIRECT, spa]));
    assert_eq!(text(register, "unlink_webhook"), format!("https://{webhooks}/unlink"));
    assert_eq!(report["problems"], 0);
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(checks.iter().filter(|check| check["level"] == "warning").count(), report["warnings"]);
    for check in checks {
        let told = check["why"].is_string() && check["fix"].is_string();
        assert_eq!(told, check["level"] != "ok", "{check}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_listener_is_free_or_ours_or_taken() {
    let kakao = mock().await;
    let patient = Patient::with(kakao.base_url()).await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    // Whoever listens there answers nothing sensible.
    let answer = std::thread::spawn(move || taken.accept().unwrap().0.write_all(b"SSH-2.0\r\n"));
    let ran = patient.doctor(&[("LISTEN_ADDR", &address)]);
    answer.join().unwrap().unwrap();
    assert_exit(&ran, 1);
    assert!(line(&ran, '✗', "listener", &address).contains("another program"), "{}", ran.stdout);
    line(&ran, '!', "public url", "https://127.0.0.1:1/livez does not answer");

    let world = crate::support::World::new().await;
    let base = world.gateway.base.as_str();
    let address = base.replace("http://localhost:", "127.0.0.1:");
    let ran = patient.doctor(&[("LISTEN_ADDR", &address), ("PUBLIC_URL", base)]);
    line(&ran, '✓', "listener", "munjigi answers");
    line(&ran, '✓', "public url", base);
    let other = patient.doctor(&[("PUBLIC_URL", kakao.base_url())]);
    line(&other, '!', "public url", "not as munjigi");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_cannot_be_used_is_a_warning_that_says_why() {
    let kakao = mock().await;
    let patient = Patient::with(kakao.base_url()).await;
    patient.prepare();
    let of = |url: &str, more: &[(&str, &str)]| {
        let ran = patient.doctor(&[&[("REDIS_URL", url)], more].concat());
        assert_exit(&ran, 0);
        assert!(!ran.stdout.contains("4711"), "{}", ran.stdout);
        ran
    };
    assert!(!patient.doctor(&[]).stdout.contains("redis"), "it is optional");

    let redis = RedisServer::start(None);
    line(&of(&redis.url(), &[]), '✓', "redis", "answers");
    let url = redis.url();
    redis.stop();
    line(&of(&url, &[]), '!', "redis", "Connection refused");

    let guarded = RedisServer::guarded("canary-4711");
    line(&of(&guarded.url_with("canary-4711"), &[]), '✓', "redis", "answers");
    for (url, why) in [(guarded.url_with("canary-4711-is-wrong"), "assword"), (guarded.url(), "NOAUTH")] {
        let ran = of(&url, &[]);
        assert!(line(&ran, '!', "redis", why).contains("REDIS_URL"), "{}", ran.stdout);
    }

    let (ours, of_others) = (Authority::new(), Authority::new());
    let redis = RedisServer::over_tls(&ours);
    let trusting = |authority: &Authority| {
        let path = authority.path().to_str().unwrap();
        of(&redis.tls_url(), &[("SSL_CERT_FILE", path)])
    };
    line(&trusting(&ours), '✓', "redis", "answers");
    line(&trusting(&of_others), '!', "redis", "invalid peer certificate");
    line(&of(&redis.url(), &[]), '!', "redis", "cannot be used");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_do_not_fit_together_are_pointed_out() {
    let kakao = mock().await;
    let patient = Patient::with(kakao.base_url()).await;
    let app = ("CORS_ALLOWED_ORIGINS", "https://127.0.0.1:8443");
    let back = ("LOGIN_RETURN_URLS", "https://127.0.0.1:8443");
    let cases: &[Finding] = &[
        (&[], '!', "leaving", "KAKAO_ADMIN_KEY is not set"),
        (&[("KAKAO_ADMIN_KEY", "canary-4711")], '✓', "leaving", "unlinked"),
        (&[], '!', "webhooks", "refused"),
        (&[("KAKAO_WEBHOOK_ADMIN_KEY", "canary-4711")], '✓', "webhooks", "authenticated"),
        (&[], '✓', "native apps", "off"),
        (&[("KAKAO_APP_ID", "1234")], '!', "native apps", "access tokens only"),
        (&[("KAKAO_APP_KEYS", "canary-4711")], '✓', "native apps", "ID tokens"),
        (&[], '!', "rate limit", "for everybody together"),
        (&[("TRUSTED_PROXIES", "10.0.0.0/8")], '✓', "rate limit", "30"),
        (&[app], '!', "front end", "cannot log in"),
        (&[app, back], '✓', "front end", "on the gateway's site"),
        (&[("CORS_ALLOWED_ORIGINS", "https://app.example.net")], '!', "front end", "SameSite"),
        (&[("KAKAO_EXTRA_REDIRECT_URIS", "https://127.0.0.1:8443/cb")], '!', "front end", "add https://127.0.0.1:8443"),
        (&[("KAKAO_REDIRECT_URI", "https://other.example.com/cb")], '!', "redirect", REDIRECT),
        (&[("KAKAO_EXTRA_REDIRECT_URIS", "https://127.0.0.1:8443/cb?a=1")], '!', "redirect", "has a query"),
        (&[("KAKAO_SCOPES", "account_email")], '!', "scopes", "KOE205"),
        (&[("JWT_ISSUER", "https://other.example.com")], '!', "issuer", "JWT_ISSUER"),
        (&[("KAKAO_CLIENTID", "canary-4711")], '!', "settings", "did you mean KAKAO_CLIENT_ID?"),
    ];
    for (settings, sign, about, part) in cases {
        let ran = patient.doctor(settings);
        line(&ran, *sign, about, part);
        assert!(!ran.stdout.contains("4711"), "{}", ran.stdout);
    }
}

/// Settings, and the sign, subject and a part of the line they lead to.
type Finding<'a> = (&'a [(&'a str, &'a str)], char, &'a str, &'a str);

/// A stand-in whose clock is off: answers every request with `body` and notes its path.
struct Stub {
    base: String,
    paths: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    fn start(offset_secs: i64, body: &Value, more_headers: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let paths = Arc::<Mutex<Vec<String>>>::default();
        let (seen, body) = (Arc::clone(&paths), body.to_string());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut buffer = [0; 4096];
                let length = stream.read(&mut buffer).unwrap_or(0);
                let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
                let Some(path) = request.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()) else { continue };
                seen.lock().unwrap().push(path.to_owned());
                let date = http_date(Timestamp::from_secs(SystemClock.now().secs() + offset_secs));
                let head = format!("Content-Length: {}\r\nDate: {date}\r\n{more_headers}Connection: close", body.len());
                let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}").as_bytes());
            }
        });
        Self { base, paths }
    }

    fn paths(&self) -> Vec<String> {
        self.paths.lock().unwrap().clone()
    }
}

/// RFC 9110 section 5.6.7; nobody looks at the day of the week.
fn http_date(at: Timestamp) -> String {
    let text = at.rfc3339();
    let (year, month, day, time) = (&text[..4], &text[5..7], &text[8..10], &text[11..19]);
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    format!("Sun, {day} {} {year} {time} GMT", names[month.parse::<usize>().unwrap() - 1])
}
