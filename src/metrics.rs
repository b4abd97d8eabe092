//! Numbers for Prometheus: how often what happened, read off the events the log is made of, and the state of the process.

use std::{
    fmt::{self, Display, Write as _},
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

/// The target of events that are counted and not logged: no path of this crate, or its level would let them into the log.
pub const TARGET: &str = "metrics";

/// What is counted: a metric and its label, the event it is read off, and what that event's `outcome` has to be.
struct Counted(&'static str, &'static str, &'static str, Option<&'static str>);

const LOGINS: &str = "munjigi_logins_total";
const ROTATIONS: &str = "munjigi_rotations_total";
const KAKAO: &str = "munjigi_kakao_calls_total";
const OWED: &str = "munjigi_owed_calls_total";

/// Rows of one metric stand together.
const EVENTS: [Counted; 28] = [
    Counted("munjigi_logins_begun_total", "", "login_begun", None),
    Counted(LOGINS, "outcome=\"signed_in\"", "signed_in", None),
    Counted(LOGINS, "outcome=\"replayed\"", "login_replayed", None),
    Counted(LOGINS, "outcome=\"refused_by_person_or_kakao\"", "login_refused_at_kakao", None),
    Counted(LOGINS, "outcome=\"failed_at_kakao\"", "login_failed_at_kakao", None),
    Counted(LOGINS, "outcome=\"misconfigured\"", "kakao_misconfigured", None),
    Counted(LOGINS, "outcome=\"callback_refused\"", "callback_refused", None),
    Counted(LOGINS, "outcome=\"broken\"", "login_broken", None),
    Counted(ROTATIONS, "kind=\"rotated\"", "refresh_rotated", None),
    Counted(ROTATIONS, "kind=\"replayed\"", "refresh_replayed", None),
    Counted(ROTATIONS, "kind=\"recovered\"", "refresh_recovered", None),
    Counted(ROTATIONS, "kind=\"reused\"", "refresh_reused", None),
    Counted("munjigi_sessions_revoked_total", "", "session_revoked", None),
    Counted("munjigi_users_left_total", "", "user_left", None),
    Counted("munjigi_logins_limited_total", "", "login_limited", None),
    Counted(KAKAO, "outcome=\"answered\"", "kakao_call", Some("answered")),
    Counted(KAKAO, "outcome=\"refused\"", "kakao_call", Some("refused")),
    Counted(KAKAO, "outcome=\"failed\"", "kakao_call", Some("failed")),
    Counted(KAKAO, "outcome=\"connection\"", "kakao_call", Some("connection")),
    Counted(KAKAO, "outcome=\"timeout\"", "kakao_call", Some("timeout")),
    Counted(KAKAO, "outcome=\"not_asked\"", "kakao_call", Some("not_asked")),
    Counted("munjigi_kakao_rests_total", "", "kakao_endpoint_rests", None),
    Counted(OWED, "outcome=\"made\"", "owed_call_made", None),
    Counted(OWED, "outcome=\"failed\"", "owed_call_failed", None),
    Counted("munjigi_storage_failures_total", "kind=\"unavailable\"", "storage_unavailable", None),
    Counted("munjigi_storage_failures_total", "kind=\"fault\"", "storage_fault", None),
    Counted("munjigi_redis_outages_total", "", "redis_away", None),
    Counted("munjigi_panics_total", "", "panic", None),
];

/// How often each of them happened.
pub struct Counts([AtomicU64; EVENTS.len()]);

impl Default for Counts {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Counts {
    /// As Prometheus text.
    pub fn write(&self, text: &mut Exposition) {
        for (Counted(metric, labels, ..), count) in EVENTS.iter().zip(&self.0) {
            text.sample(metric, Kind::Counter, labels, count.load(Ordering::Relaxed));
        }
    }
}

/// Counts events as they pass.
pub struct CountEvents(pub Arc<Counts>);

impl<S: Subscriber> Layer<S> for CountEvents {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said { counts: &self.0, event: None, outcome: None };
        event.record(&mut said);
        said.count();
    }
}

/// The two fields that decide, as places in [`EVENTS`]: the text of a field is gone after its visit.
struct Said<'a> {
    counts: &'a Counts,
    event: Option<usize>,
    outcome: Option<&'static str>,
}

impl Said<'_> {
    fn count(&self) {
        let Some(first) = self.event else { return };
        let name = EVENTS[first].2;
        let rows = EVENTS.iter().zip(&self.counts.0).skip(first);
        for (Counted(.., outcome), count) in rows.take_while(|(row, _)| row.2 == name) {
            if outcome.is_none() || *outcome == self.outcome {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

impl Visit for Said<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "event" => self.event = EVENTS.iter().position(|row| row.2 == value),
            "outcome" => self.outcome = EVENTS.iter().filter_map(|row| row.3).find(|outcome| *outcome == value),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// What a metric is.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// Prometheus text format 0.0.4.
#[derive(Default)]
pub struct Exposition {
    text: String,
    metric: String,
}

impl Exposition {
    /// One sample. Samples of one metric come one after the other.
    pub fn sample(&mut self, metric: &str, kind: Kind, labels: &str, value: impl Display) {
        self.begin(metric, kind);
        let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        let _ = writeln!(self.text, "{metric}{labels} {value}");
    }

    /// A line of a histogram, whose names differ from that of the metric.
    pub fn line(&mut self, metric: &str, suffix: &str, labels: &str, value: impl Display) {
        self.begin(metric, Kind::Histogram);
        let _ = writeln!(self.text, "{metric}{suffix}{{{labels}}} {value}");
    }

    fn begin(&mut self, metric: &str, kind: Kind) {
        if self.metric != metric {
            metric.clone_into(&mut self.metric);
            let kind = match kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram => "histogram",
            };
            let _ = writeln!(self.text, "# TYPE {metric} {kind}");
        }
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.text
    }
}

/// The process as the kernel sees it; says nothing where there is no `/proc`.
pub fn write_process(text: &mut Exposition) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
    if let Some(kilobytes) = resident.map(|kilobytes: u64| kilobytes) {
        text.sample("process_resident_memory_bytes", Kind::Gauge, "", kilobytes * 1024);
    }
    // proc(5): behind the name, which may hold anything, user and system time are fields 14 and 15, in hundredths of a second.
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit_once(')').map_or(Vec::new(), |(_, rest)| rest.split_whitespace().collect());
    if let [Some(user), Some(system)] = [11, 12].map(|index: usize| fields.get(index)?.parse::<u64>().ok()) {
        let hundredths = user + system;
        let seconds = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        text.sample("process_cpu_seconds_total", Kind::Counter, "", seconds);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        text.sample("process_open_fds", Kind::Gauge, "", open.count());
    }
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let most = limits.lines().find_map(|line| line.strip_prefix("Max open files")?.split_whitespace().next());
    if let Some(most) = most.and_then(|most| most.parse::<u64>().ok()) {
        text.sample("process_max_fds", Kind::Gauge, "", most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_metric_and_of_one_event_stand_together() {
        for of in [|row: &Counted| row.0, |row: &Counted| row.2] {
            let mut names: Vec<_> = EVENTS.iter().map(of).collect();
            names.dedup();
            let distinct: std::collections::HashSet<_> = names.iter().collect();
            assert_eq!(distinct.len(), names.len());
        }
    }
}
