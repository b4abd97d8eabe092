//! `GET /metrics` on a listener of its own, and what it tells of requests.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use poem::{
    Endpoint, EndpointExt, Response, Route, get, handler,
    http::{Method, StatusCode, header},
    web::Data,
};
use serde_json::Value;

use super::Shared;
use crate::{
    metrics::{Counts, Exposition, Kind, write_process},
    storage::outbox::OwedKind,
};

/// Every status the gateway answers; another one would be counted as 0.
const STATUSES: [u16; 21] =
    [200, 201, 202, 204, 302, 303, 304, 400, 401, 403, 404, 405, 406, 409, 413, 415, 429, 500, 502, 503, 0];

/// Upper ends of the durations in microseconds, and as Prometheus reads them.
const BUCKETS: [(u64, &str); 12] = [
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (2_500_000, "2.5"),
    (5_000_000, "5"),
];

const REQUESTS: &str = "munjigi_http_requests_total";
const DURATIONS: &str = "munjigi_http_request_duration_seconds";

/// Counts requests by operation: as many series as the document has operations, whatever paths people try.
pub struct Requests(Vec<Operation>);

struct Operation {
    method: String,
    path: String,
    statuses: [AtomicU64; STATUSES.len()],
    buckets: [AtomicU64; BUCKETS.len()],
    micros: AtomicU64,
}

impl Operation {
    fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            statuses: std::array::from_fn(|_| AtomicU64::new(0)),
            buckets: std::array::from_fn(|_| AtomicU64::new(0)),
            micros: AtomicU64::new(0),
        }
    }

    fn is(&self, method: &str, path: &str) -> bool {
        let mut parts = path.split('/');
        let fits = |part: &str| parts.next().is_some_and(|segment| part.starts_with('{') || part == segment);
        self.method == method && self.path.split('/').all(fits) && parts.next().is_none()
    }
}

impl Requests {
    /// Nothing was asked yet of the operations of this document.
    pub fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let operations = paths.flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.map(move |(method, _)| Operation::new(&method.to_uppercase(), path))
        });
        Self(operations.chain([Operation::new("", "other")]).collect())
    }

    /// Notes an answer.
    pub fn note(&self, method: &Method, path: &str, status: StatusCode, took: Duration) {
        let method = if method == Method::HEAD { "GET" } else { method.as_str() };
        let Some(operation) = self.0.iter().find(|operation| operation.is(method, path)).or(self.0.last()) else {
            return;
        };
        let place = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len() - 1);
        operation.statuses[place].fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        operation.micros.fetch_add(micros, Ordering::Relaxed);
        if let Some(place) = BUCKETS.iter().position(|(end, _)| micros <= *end) {
            operation.buckets[place].fetch_add(1, Ordering::Relaxed);
        }
    }

    fn write(&self, text: &mut Exposition) {
        for operation in &self.0 {
            for (status, count) in STATUSES.iter().zip(&operation.statuses) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let labels = format!("{},status=\"{status}\"", operation.labels());
                    text.sample(REQUESTS, Kind::Counter, &labels, count);
                }
            }
        }
        for operation in &self.0 {
            let all: u64 = operation.statuses.iter().map(|count| count.load(Ordering::Relaxed)).sum();
            if all == 0 {
                continue;
            }
            let labels = operation.labels();
            let mut up_to = 0;
            for ((_, end), count) in BUCKETS.iter().zip(&operation.buckets) {
                up_to += count.load(Ordering::Relaxed);
                // Read one after the other while requests come in: no bucket may hold more than all.
                text.line(DURATIONS, "_bucket", &format!("{labels},le=\"{end}\""), up_to.min(all));
            }
            text.line(DURATIONS, "_bucket", &format!("{labels},le=\"+Inf\""), all);
            let micros = operation.micros.load(Ordering::Relaxed);
            let seconds = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
            text.line(DURATIONS, "_sum", &labels, seconds);
            text.line(DURATIONS, "_count", &labels, all);
        }
    }
}

impl Operation {
    fn labels(&self) -> String {
        format!("method=\"{}\",route=\"{}\"", self.method, self.path)
    }
}

/// What the listener needs.
struct Sources {
    shared: Arc<Shared>,
    counts: Arc<Counts>,
    started_at: i64,
}

/// `GET /metrics` and nothing else. Asks for no credentials: who may reach the listener may read it.
pub fn endpoint(shared: Arc<Shared>, counts: Arc<Counts>) -> impl Endpoint<Output = Response> {
    let started_at = shared.context.clock.now().secs();
    let sources = Arc::new(Sources { shared, counts, started_at });
    Route::new().at("/metrics", get(metrics)).data(sources).map_to_response()
}

#[handler]
async fn metrics(sources: Data<&Arc<Sources>>) -> Response {
    let mut text = Exposition::default();
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    text.sample("munjigi_build_info", Kind::Gauge, &version, 1);
    sources.counts.write(&mut text);
    if let Some(requests) = &sources.shared.requests {
        requests.write(&mut text);
    }
    write_state(&sources.shared, &mut text).await;
    text.sample("process_start_time_seconds", Kind::Gauge, "", sources.started_at);
    write_process(&mut text);
    Response::builder().header(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8").body(text.into_text())
}

async fn write_state(shared: &Shared, text: &mut Exposition) {
    let context = &shared.context;
    text.sample("munjigi_revocations", Kind::Gauge, "", context.revocations.count());
    for (pool, open, idle) in context.storage.connections() {
        let labels = |state| format!("pool=\"{pool}\",state=\"{state}\"");
        text.sample("munjigi_database_connections", Kind::Gauge, &labels("idle"), idle);
        text.sample("munjigi_database_connections", Kind::Gauge, &labels("busy"), open.saturating_sub(idle));
    }
    if let Some(written) = context.storage.written() {
        for (metric, count) in [
            ("munjigi_write_batches_total", &written.batches),
            ("munjigi_write_batches_undone_total", &written.undone),
            ("munjigi_batched_writes_total", &written.writes),
        ] {
            text.sample(metric, Kind::Counter, "", count.load(Ordering::Relaxed));
        }
    }
    for kind in OwedKind::ALL {
        // Missing while the database is away: a zero would be a lie.
        if let Ok(owed) = context.storage.count_owed(kind).await {
            text.sample("munjigi_owed_calls", Kind::Gauge, &format!("kind=\"{}\"", kind.as_str()), owed);
        }
    }
    if let Some(redis) = &shared.redis {
        text.sample("munjigi_redis_up", Kind::Gauge, "", u8::from(!redis.is_away()));
    }
}
