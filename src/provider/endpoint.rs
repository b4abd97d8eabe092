//! One endpoint of a provider, with manners: a bound on who waits for it, a rest after it failed too often, one second try
//! for reads. Each endpoint has its own, so that a slow profile does not stop code exchanges.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::http::{Ask, PLACES, TOTAL_TIMEOUT, UpstreamAnswer, UpstreamError, UpstreamHttp};
use crate::{
    clock::{Clock, Timestamp},
    metrics,
    token::secret::random,
};

/// Failures in a row after which an endpoint is left in peace. High enough that one slow person, or a test that goes through
/// every kind of failure, does not count as an outage.
const FAILURES: u32 = 20;

/// How long it is left in peace before one request tries again.
const REST: Duration = Duration::from_secs(5);

/// No `Retry-After` of a provider is believed beyond this.
const LONGEST_WAIT: u64 = 3600;

/// See the module.
pub struct Endpoint {
    http: UpstreamHttp,
    clock: Arc<dyn Clock>,
    places: Semaphore,
    breaker: Mutex<Breaker>,
}

#[derive(Debug, Default)]
struct Breaker {
    failures: u32,
    rests_until: Option<Timestamp>,
    is_probing: bool,
}

/// Leave to ask once. Dropped without a verdict (the caller went away) it says nothing about the endpoint.
struct Pass<'a> {
    endpoint: &'a Endpoint,
    is_probe: bool,
    _place: SemaphorePermit<'a>,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            self.endpoint.breaker().is_probing = false;
        }
    }
}

impl Endpoint {
    /// An endpoint nobody has asked yet.
    pub fn new(http: UpstreamHttp, clock: Arc<dyn Clock>) -> Self {
        Self { http, clock, places: Semaphore::new(PLACES), breaker: Mutex::default() }
    }

    /// Asks exactly once, or not at all.
    pub async fn ask(&self, ask: Ask<'_>) -> Result<UpstreamAnswer, UpstreamError> {
        self.guarded(self.http.ask(ask)).await
    }

    /// Asks for what may be asked twice: again, once, when the connection failed or `is_transient` says so of the answer. Both
    /// tries together take no longer than one may.
    pub async fn read(
        &self,
        ask: Ask<'_>,
        is_transient: impl Fn(&UpstreamAnswer) -> bool,
    ) -> Result<UpstreamAnswer, UpstreamError> {
        // The first try has the client's own limit, which is the same.
        let mut limit = pin!(tokio::time::sleep(TOTAL_TIMEOUT));
        let first = self.ask(ask).await;
        let again = match &first {
            Ok(answer) => is_transient(answer) && answer.retry_after().is_none(),
            Err(error) => *error == UpstreamError::Connection,
        };
        if !again {
            return first;
        }
        // Not all at the same moment: whoever failed together would otherwise come back together.
        let [spread] = random::<1>();
        tokio::time::sleep(Duration::from_millis(50 + u64::from(spread) / 2)).await;
        // The limit is inside: what it ends is a failure of the endpoint, and counted as one.
        self.guarded(async {
            tokio::select! {
                biased;
                answer = self.http.ask(ask) => answer,
                () = &mut limit => Err(UpstreamError::Timeout),
            }
        })
        .await
    }

    async fn guarded(
        &self,
        request: impl Future<Output = Result<UpstreamAnswer, UpstreamError>>,
    ) -> Result<UpstreamAnswer, UpstreamError> {
        let pass = self.admit().inspect_err(|error| count_call(Err(error)))?;
        let outcome = request.await;
        count_call(outcome.as_ref());
        let failed = match &outcome {
            Ok(answer) => answer.status.is_server_error(),
            Err(error) => matches!(error, UpstreamError::Connection | UpstreamError::Timeout),
        };
        self.breaker().learn(failed, pass.is_probe, self.clock.now());
        outcome
    }

    fn admit(&self) -> Result<Pass<'_>, UpstreamError> {
        let place = self.places.try_acquire().map_err(|_| UpstreamError::Crowded)?;
        let is_probe = self.breaker().admit(self.clock.now()).map_err(UpstreamError::Resting)?;
        Ok(Pass { endpoint: self, is_probe, _place: place })
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For the metrics alone: a failure that matters is logged by whoever asked.
fn count_call(outcome: Result<&UpstreamAnswer, &UpstreamError>) {
    let outcome = match outcome {
        Ok(answer) if answer.status.is_server_error() => "failed",
        Ok(answer) if answer.status.is_success() => "answered",
        Ok(_) => "refused",
        Err(UpstreamError::Timeout) => "timeout",
        Err(UpstreamError::Crowded | UpstreamError::Resting(_)) => "not_asked",
        Err(UpstreamError::Connection | UpstreamError::TooLarge) => "connection",
    };
    tracing::debug!(target: metrics::TARGET, event = "kakao_call", outcome);
}

impl Breaker {
    /// Whether the request may go, and whether it is the one that tries the endpoint again; `Err` says how long to wait.
    fn admit(&mut self, now: Timestamp) -> Result<bool, Duration> {
        match self.rests_until {
            None => Ok(false),
            // A rest is never longer than one: the clock may have been set back.
            Some(until) if until > now && until.since(now) <= REST => Err(until.since(now)),
            Some(_) if self.is_probing => Err(Duration::from_secs(1)),
            Some(_) => {
                self.is_probing = true;
                Ok(true)
            }
        }
    }

    fn learn(&mut self, failed: bool, was_probe: bool, now: Timestamp) {
        if !failed {
            *self = Self::default();
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if was_probe || (self.rests_until.is_none() && self.failures >= FAILURES) {
            if !was_probe {
                tracing::warn!(event = "kakao_endpoint_rests", failures = self.failures);
            }
            self.rests_until = Some(now + REST);
        }
    }
}

impl UpstreamAnswer {
    /// `Retry-After` in seconds (RFC 9110 section 10.2.3), at most an hour.
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers)
    }
}

fn retry_after(headers: &http::HeaderMap) -> Option<Duration> {
    let value = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(|secs: u64| Duration::from_secs(secs.min(LONGEST_WAIT)))
}

/// One call of the oauth2 crate to an endpoint. The crate's errors drop headers, so `Retry-After` is kept here.
pub struct OneCall<'a> {
    endpoint: &'a Endpoint,
    retry_after: OnceLock<Duration>,
}

impl<'a> OneCall<'a> {
    /// A call that was not made yet.
    pub fn to(endpoint: &'a Endpoint) -> Self {
        Self { endpoint, retry_after: OnceLock::new() }
    }

    /// What the answer said, if there was one.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after.get().copied()
    }
}

impl<'client> AsyncHttpClient<'client> for OneCall<'_> {
    type Error = UpstreamError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, UpstreamError>> + Send + 'client>>;

    fn call(&'client self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(|_| UpstreamError::Connection)?;
            let answer = self.endpoint.guarded(self.endpoint.http.answer(request)).await?;
            if let Some(wait) = answer.retry_after() {
                let _ = self.retry_after.set(wait);
            }
            let mut response = HttpResponse::new(answer.body);
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            Ok(response)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    #[test]
    fn an_endpoint_that_fails_on_and_on_rests_and_is_then_tried_by_one() {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert_eq!(breaker.admit(NOW), Ok(false));
            breaker.learn(true, false, NOW);
        }
        assert_eq!(breaker.admit(NOW), Err(REST));
        let later = NOW + REST;
        assert_eq!(breaker.admit(later), Ok(true), "one tries");
        assert!(breaker.admit(later).is_err(), "the others wait for its verdict");
        breaker.learn(true, true, later);
        breaker.is_probing = false;
        assert_eq!(breaker.admit(later), Err(REST));
        assert_eq!(breaker.admit(later + REST), Ok(true));
        breaker.learn(false, true, later + REST);
        assert_eq!(breaker.admit(later + REST), Ok(false));
    }

    #[test]
    fn one_success_forgets_all_failures_before_it() {
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES {
            breaker.learn(true, false, NOW);
        }
        breaker.learn(false, false, NOW);
        breaker.learn(true, false, NOW);
        assert_eq!(breaker.admit(NOW), Ok(false));
    }

    fn endpoint(places: usize) -> Endpoint {
        let clock = Arc::new(crate::clock::ManualClock::starting_at(NOW));
        Endpoint { places: Semaphore::new(places), ..Endpoint::new(UpstreamHttp::new().unwrap(), clock) }
    }

    #[test]
    fn nobody_queues_behind_a_full_endpoint() {
        let endpoint = endpoint(2);
        let waiting = [endpoint.admit().unwrap(), endpoint.admit().unwrap()];
        assert_eq!(endpoint.admit().err(), Some(UpstreamError::Crowded));
        drop(waiting);
        assert!(endpoint.admit().is_ok());
        assert_eq!(endpoint.breaker().failures, 0, "a full house is no fault of the provider's");
    }

    #[test]
    fn whoever_tries_an_endpoint_and_goes_away_leaves_the_try_to_the_next() {
        let endpoint = endpoint(8);
        endpoint.breaker().rests_until = Some(NOW);
        let probe = endpoint.admit().unwrap();
        assert!(probe.is_probe);
        assert_eq!(endpoint.admit().err(), Some(UpstreamError::Resting(Duration::from_secs(1))));
        drop(probe);
        assert!(endpoint.admit().unwrap().is_probe);
    }

    #[test]
    fn retry_after_is_believed_up_to_an_hour() {
        let wait = |value: &'static str| {
            retry_after(&http::HeaderMap::from_iter([(http::header::RETRY_AFTER, value.parse().unwrap())]))
        };
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("999999"), Some(Duration::from_hours(1)));
        assert_eq!(wait("Fri, 31 Dec 1999 23:59:59 GMT"), None);
    }
}
