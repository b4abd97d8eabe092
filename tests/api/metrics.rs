//! `GET /metrics`: off unless asked for, on a listener of its own, and as many series as there are operations.

use mock_kakao::{MockClient, MockConfig, MockKakao};
use serde_json::Value;

use crate::support::{
    Browser, CLIENT_ID, CLIENT_SECRET, MASTER_SECRET, SPA_REDIRECT, World,
    binary::{Binary, Running},
    text,
};

struct Measured {
    // Its folder holds the database.
    _binary: Binary,
    kakao: MockKakao,
    running: Running,
    base: String,
    metrics: String,
}

impl Measured {
    async fn start() -> Self {
        let client = MockClient {
            client_id: CLIENT_ID.into(),
            client_secret: Some(CLIENT_SECRET.into()),
            redirect_uris: Vec::new(),
        };
        let kakao = MockKakao::start(MockConfig { clients: vec![client], ..MockConfig::default() }).await.unwrap();
        let settings = [
            ("APP_ENV", "development"),
            ("LISTEN_ADDR", "127.0.0.1:0"),
            ("METRICS_ADDR", "127.0.0.1:0"),
            ("LOG_LEVEL", "info"),
            ("JWT_SECRET_KEY", MASTER_SECRET),
            ("KAKAO_CLIENT_ID", CLIENT_ID),
            ("KAKAO_CLIENT_SECRET", CLIENT_SECRET),
            ("KAKAO_AUTH_BASE_URL", kakao.base_url()),
            ("KAKAO_API_BASE_URL", kakao.base_url()),
            ("KAKAO_EXTRA_REDIRECT_URIS", SPA_REDIRECT),
            ("RATE_LIMIT_LOGIN_PER_MINUTE", "6"),
        ];
        let binary = Binary::new();
        let running = binary.start(&["serve"], &settings);
        let listen = |event: &str| running.find_in_stderr(|log| listen_of(log, event));
        let (base, metrics) = (listen("started"), listen("metrics"));
        Self { _binary: binary, kakao, running, base, metrics }
    }

    async fn read(&self) -> String {
        Browser::new(&self.metrics).get("/metrics").await.ok().body
    }
}

fn listen_of(log: &str, event: &str) -> Option<String> {
    let complete = &log[..=log.rfind('\n')?];
    let line = complete.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    line.filter(|line| line["event"] == event).map(|line| format!("http://{}", text(&line, "listen"))).next()
}

/// The value of a sample.
#[track_caller]
fn value(text: &str, sample: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{sample} is missing in\n{text}")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_rotations_requests_and_the_process_are_counted() {
    let measured = Measured::start().await;
    let before = measured.read().await;
    assert!(value(&before, "munjigi_logins_total{outcome=\"signed_in\"}").abs() < 0.5, "counted from nothing");

    let browser = Browser::new(&measured.base);
    let tokens = browser.sign_in(&measured.kakao, "full").await;
    let token = text(&tokens, "refresh_token");
    browser.refresh(&token).await.ok();
    browser.refresh(&token).await.ok();
    for path in ["/nothing-here", "/nothing-there", "/../etc/passwd"] {
        assert_eq!(browser.get(path).await.status, 404);
    }
    for _ in 0..8 {
        browser.get("/api/auth/kakao/login").await;
    }
    let gone = format!("/api/auth/sessions/{}", uuid_of(&tokens));
    let bearer = format!("Bearer {}", text(&tokens, "access_token"));
    browser.send(reqwest::Method::DELETE, &gone, &[("authorization", &bearer)], None).await.ok();

    let after = measured.read().await;
    for (sample, count) in [
        ("munjigi_logins_total{outcome=\"signed_in\"}", 1.0),
        ("munjigi_rotations_total{kind=\"rotated\"}", 1.0),
        ("munjigi_rotations_total{kind=\"replayed\"}", 1.0),
        ("munjigi_rotations_total{kind=\"reused\"}", 0.0),
        ("munjigi_sessions_revoked_total", 1.0),
        ("munjigi_revocations", 1.0),
        ("munjigi_logins_limited_total", 4.0),
        ("munjigi_http_requests_total{method=\"POST\",route=\"/api/auth/refresh\",status=\"200\"}", 2.0),
        ("munjigi_http_requests_total{method=\"GET\",route=\"/api/auth/kakao/login\",status=\"429\"}", 4.0),
        ("munjigi_http_request_duration_seconds_count{method=\"POST\",route=\"/api/auth/refresh\"}", 2.0),
        ("munjigi_http_request_duration_seconds_bucket{method=\"POST\",route=\"/api/auth/refresh\",le=\"+Inf\"}", 2.0),
        ("munjigi_http_requests_total{method=\"\",route=\"other\",status=\"404\"}", 3.0),
        ("munjigi_owed_calls{kind=\"unlink\"}", 0.0),
    ] {
        assert!((value(&after, sample) - count).abs() < 0.5, "{sample} is {} and not {count}", value(&after, sample));
    }
    for sample in [
        "munjigi_kakao_calls_total{outcome=\"answered\"}",
        "munjigi_database_connections{pool=\"reader\",state=\"idle\"}",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_start_time_seconds",
    ] {
        assert!(value(&after, sample) > 0.5, "{sample}");
    }
    assert!(!after.contains("nothing-here") && !after.contains(&gone), "paths would be series without end");
    assert_eq!(measured.running.stop().code, Some(0));
}

fn uuid_of(tokens: &Value) -> String {
    text(&crate::support::claims(&text(tokens, "access_token")), "sid")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_is_what_prometheus_reads_and_nothing_else_is_served_there() {
    let measured = Measured::start().await;
    let answer = Browser::new(&measured.metrics).get("/metrics").await.ok();
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let mut typed = std::collections::HashSet::new();
    for line in answer.body.lines() {
        if let Some(name) = line.strip_prefix("# TYPE ") {
            let (name, kind) = name.split_once(' ').unwrap();
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(typed.insert(name.to_owned()), "{name} is told of twice");
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let name = name.split('{').next().unwrap();
            let stem = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
            assert!(typed.contains(stem) || typed.contains(name), "{line} has no type before it");
        }
    }
    for path in ["/", "/livez", "/api/auth/kakao/login", "/metrics/x"] {
        assert_eq!(Browser::new(&measured.metrics).get(path).await.status, 404, "{path}");
    }
    assert_eq!(Browser::new(&measured.base).get("/metrics").await.status, 404, "never where the public comes");
}

#[tokio::test]
async fn without_the_setting_nothing_is_counted() {
    let world = World::new().await;
    assert!(world.gateway.shared.requests.is_none());
    assert_eq!(world.browser().get("/metrics").await.status, 404);
}
