//! Logs: one JSON object a line, or aligned text on a terminal. Fields are `ts`, `level`, `event`, `request_id` and the rest.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
};

use serde_json::{Map, Value};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    filter::LevelFilter,
    fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter, format::Writer},
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use crate::{
    clock::{Clock, SystemClock},
    config::LogConfig,
    metrics::{self, CountEvents, Counts},
};

/// A subscriber that writes to `writer`; `terminal` decides the form when the settings leave it open.
pub fn subscriber<W>(
    config: &LogConfig,
    terminal: bool,
    writer: W,
) -> impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let format = Lines { json: config.json.unwrap_or(!terminal) };
    let lines = tracing_subscriber::fmt::layer().event_format(format).with_writer(writer);
    // Libraries speak when something is wrong; SQL and connection chatter is theirs, not an operator's.
    let levels = tracing_subscriber::filter::Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("munjigi", config.level)
        .with_target("mock_kakao", config.level);
    // Without this, spans of libraries would be made for every statement, their fields written out and thrown away.
    let requests = tracing_subscriber::filter::Targets::new().with_target("munjigi", LevelFilter::ERROR);
    tracing_subscriber::registry().with(RequestIds.with_filter(requests)).with(lines.with_filter(levels))
}

/// The same, with the events counted as they pass.
pub fn counting<S>(subscriber: S, counts: Arc<Counts>) -> impl Subscriber + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
    let ours = tracing_subscriber::filter::Targets::new()
        .with_target("munjigi", LevelFilter::INFO)
        .with_target(metrics::TARGET, LevelFilter::DEBUG);
    subscriber.with(CountEvents(counts).with_filter(ours))
}

/// Remembers the request id of a span, so that every line inside carries it.
struct RequestIds;

struct RequestId(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for RequestIds {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut found = FindRequestId(None);
        attributes.record(&mut found);
        if let (Some(span), FindRequestId(Some(request_id))) = (context.span(id), found) {
            span.extensions_mut().insert(RequestId(request_id));
        }
    }
}

struct FindRequestId(Option<String>);

impl Visit for FindRequestId {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "request_id" {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// The fields of an event. serde_json escapes control characters, so a value cannot start a line of its own.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

struct Lines {
    json: bool,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let request_id = context.event_scope().and_then(|scope| {
            scope.from_root().find_map(|span| span.extensions().get::<RequestId>().map(|id| id.0.clone()))
        });
        let metadata = event.metadata();
        let what =
            fields.0.remove("event").or_else(|| fields.0.remove("message")).unwrap_or_else(|| metadata.target().into());
        let ts = SystemClock.now().rfc3339();
        if self.json {
            // Written by hand only for the order: what and when come first, for people who read JSON.
            write!(
                writer,
                "{{\"ts\":\"{ts}\",\"level\":\"{}\",\"event\":{what}",
                metadata.level().as_str().to_ascii_lowercase()
            )?;
            if let Some(request_id) = request_id {
                write!(writer, ",\"request_id\":{}", Value::from(request_id))?;
            }
            for (name, value) in fields.0 {
                write!(writer, ",{}:{value}", Value::from(name))?;
            }
            return writeln!(writer, "}}");
        }
        let mut line = format!("{} {:<5} {:<22}", ts.get(11..23).unwrap_or(&ts), metadata.level(), plain(&what));
        for (name, value) in &fields.0 {
            write!(line, " {name}={}", plain(value))?;
        }
        if let Some(request_id) = request_id {
            write!(line, " request_id={request_id}")?;
        }
        writeln!(writer, "{line}")
    }
}

/// A value for the terminal: text without quotes, but with its control characters escaped.
fn plain(value: &Value) -> String {
    let quoted = value.to_string();
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).map_or(quoted.clone(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Mutex, PoisonError},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines_at(level: tracing::Level, work: impl FnOnce()) -> Vec<Value> {
        let written = Written::default();
        let writer = written.clone();
        let config = LogConfig { json: Some(true), level };
        tracing::subscriber::with_default(subscriber(&config, false, move || writer.clone()), work);
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_carries_its_request_id_whatever_the_level() {
        for level in [tracing::Level::ERROR, tracing::Level::WARN, tracing::Level::DEBUG] {
            let lines = lines_at(level, || {
                let _entered = tracing::error_span!("request", request_id = "abc-123").entered();
                tracing::error!(event = "panic");
            });
            assert_eq!(lines.len(), 1);
            assert_eq!((&lines[0]["event"], &lines[0]["request_id"]), (&"panic".into(), &"abc-123".into()), "{level}");
        }
    }

    #[test]
    fn spans_of_libraries_are_not_even_made() {
        lines_at(tracing::Level::DEBUG, || {
            assert!(tracing::info_span!(target: "sea_orm", "query_one").is_disabled());
            assert!(!tracing::error_span!("request").is_disabled());
        });
    }
}
