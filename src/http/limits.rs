//! Limits before any handler: body size, repeated parameters, logins per client.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use governor::{Quota, RateLimiter, clock::Clock, clock::DefaultClock, state::keyed::DefaultKeyedStateStore};
use poem::{Endpoint, FromRequest, IntoResponse, Middleware, Request, RequestBody, Response, http::header};

use super::{Shared, body, context::RequestContext, problem::Fault};
use crate::{error_code::ErrorCode, metrics, replicas::Redis};

/// Refuses bodies that say they are too large, compressed ones, and parameters given twice.
pub struct RequestLimits;

impl<E: Endpoint> Middleware<E> for RequestLimits {
    type Output = RequestLimitsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        RequestLimitsEndpoint { inner }
    }
}

/// See [`RequestLimits`].
pub struct RequestLimitsEndpoint<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for RequestLimitsEndpoint<E> {
    type Output = Response;

    async fn call(&self, req: Request) -> poem::Result<Response> {
        if let Some(fault) = limit_body(&req) {
            return Ok(fault.into_response());
        }
        if repeats_a_name(req.uri().query().unwrap_or_default()) {
            let fault = Fault::new(ErrorCode::InvalidRequest).with_detail("A query parameter is given twice.");
            return Ok(fault.into_response());
        }
        Ok(self.inner.call(req).await?.into_response())
    }
}

/// Two values of one name: which one counts would depend on who reads (RFC 6749 section 3.1, RFC 9700 section 2.1).
fn repeats_a_name(query: &str) -> bool {
    let mut seen = HashSet::new();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| !seen.insert(name))
}

/// What can be refused before anybody reads the body; the rest is up to who does ([`body::read`]).
fn limit_body(req: &Request) -> Option<Fault> {
    let encoded = req.headers().get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity");
    if encoded {
        let detail = "Compressed bodies are not accepted.";
        return Some(Fault::new(ErrorCode::UnsupportedMediaType).with_detail(detail));
    }
    let declared =
        req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    declared.is_some_and(|length| length > body::MAX_BODY).then(|| Fault::new(ErrorCode::PayloadTooLarge))
}

/// Requests a minute and client over the login routes together.
pub struct LoginRate {
    budget: Option<Budget>,
    redis: Option<Arc<Redis>>,
}

struct Budget {
    per_minute: NonZeroU32,
    own: RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock>,
}

impl LoginRate {
    /// `per_minute` 0 switches the limit off. With Redis all replicas count together.
    pub fn new(per_minute: u32, redis: Option<Arc<Redis>>) -> Self {
        let budget = NonZeroU32::new(per_minute)
            .map(|per_minute| Budget { per_minute, own: RateLimiter::keyed(Quota::per_minute(per_minute)) });
        Self { budget, redis }
    }

    /// Counts a request of `client`; `Err` when it is one too many.
    async fn check(&self, client: Option<IpAddr>) -> Result<(), Fault> {
        let (Some(budget), Some(ip)) = (&self.budget, client) else { return Ok(()) };
        let network = network_of(ip);
        let shared = match &self.redis {
            Some(redis) => redis.take_login(network, budget.per_minute).await,
            None => None,
        };
        let wait = shared.unwrap_or_else(|| budget.take(network));
        if wait.is_zero() {
            return Ok(());
        }
        tracing::debug!(target: metrics::TARGET, event = "login_limited");
        let mut fault = Fault::new(ErrorCode::RateLimitExceeded);
        fault.retry_after = Some(wait.as_secs() + 1);
        Err(fault)
    }

    /// Forgets clients that have all their requests back.
    pub fn forget_idle(&self) {
        if let Some(Budget { own, .. }) = &self.budget {
            own.retain_recent();
            own.shrink_to_fit();
        }
    }
}

impl Budget {
    /// How long to wait; zero when there was a place.
    fn take(&self, network: IpAddr) -> Duration {
        let now = DefaultClock::default().now();
        self.own.check_key(&network).err().map_or(Duration::ZERO, |until| until.wait_time_from(now))
    }
}

/// One IPv6 customer has a /64 at least.
fn network_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
    }
}

/// A place in the client's budget of login requests. A parameter of every login operation, so that no spelling of a path can
/// go around it.
pub struct LoginBudget;

impl<'a> FromRequest<'a> for LoginBudget {
    async fn from_request(req: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let context = RequestContext::from_request_without_body(req).await?;
        let shared = req.data::<Arc<Shared>>().ok_or_else(|| Fault::new(ErrorCode::InternalError))?;
        shared.login_rate.check(context.device.ip).await?;
        Ok(Self)
    }
}
