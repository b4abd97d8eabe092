//! What Kakao reports by itself: people who unlinked, and changes of their accounts.
//!
//! Kakao waits three seconds. What it reports is committed before the answer; should the database be slower than that, the
//! answer says so while the work goes on, and a delivery that comes again has no second effect.

use std::{future::Future, sync::Arc, time::Duration};

use tracing::Instrument;
use uuid::Uuid;

use super::{Caller, Context};
use crate::{
    config::OnUnlink,
    domain::identity::Identity,
    provider::{EventError, Provider},
    storage::{StorageError, leaving::IfBack},
};

/// Kakao counts a webhook as failed after three seconds; the way there and back needs some of them.
const ANSWER_WITHIN: Duration = Duration::from_millis(2500);

/// Between two tries of something the database refused.
const PAUSE: Duration = Duration::from_secs(1);

/// How often a report is tried before it is left to `munjigi reconcile`.
const TRIES: u32 = 300;

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Not an event we accept.
    #[error("the delivery was refused")]
    Event(#[from] EventError),
    /// Not committed in time. It is still being tried.
    #[error("the report could not be stored in time")]
    NotStored,
}

/// Takes reports of one provider.
pub struct Webhooks {
    context: Arc<Context>,
    provider: Arc<dyn Provider>,
    policy: OnUnlink,
}

impl Webhooks {
    /// Reports of `provider`; people who unlink there are treated by `policy`.
    pub fn new(context: Arc<Context>, provider: Arc<dyn Provider>, policy: OnUnlink) -> Self {
        Self { context, provider, policy }
    }

    /// Whose reports these are.
    pub fn provider(&self) -> &dyn Provider {
        self.provider.as_ref()
    }

    /// Somebody unlinked. Nobody we know is as good as done.
    pub async fn unlinked(self: &Arc<Self>, identity: Identity, caller: Caller) -> Result<(), WebhookError> {
        // It happened now, however late it can be stored: who comes back meanwhile is not meant.
        let occurred_at = self.context.clock.now();
        let report = Arc::clone(self);
        let store = move || {
            let (report, identity, caller) = (Arc::clone(&report), identity.clone(), caller.clone());
            async move {
                let (trace, back) = (caller.trace(report.context.clock.now()), IfBack::EndOlderSessions);
                report.context.storage.end_link(&identity, report.policy, occurred_at, back, trace).await
            }
        };
        in_time(self.commit(store)).await
    }

    /// Checks a security event token and carries out what it asks.
    pub async fn events(self: &Arc<Self>, token: &str, caller: Caller) -> Result<(), WebhookError> {
        // Reading the keys may take its time too; Kakao waits for both together.
        in_time(self.read_and_commit(token, caller)).await
    }

    async fn read_and_commit(self: &Arc<Self>, token: &str, caller: Caller) -> Result<(), WebhookError> {
        let delivery = self.provider.read_events(token).await?;
        for event in &delivery.events {
            tracing::info!(event = "kakao_event", name = event.name);
        }
        let report = Arc::clone(self);
        let store = move || {
            let (report, delivery, caller) = (Arc::clone(&report), delivery.clone(), caller.clone());
            async move {
                let (now, kind) = (report.context.clock.now(), report.provider.kind());
                let trace = caller.trace(now);
                let ended = report.context.storage.take_events(kind, &delivery, report.policy, trace).await?;
                report.context.owed.notify_one();
                Ok(ended.unwrap_or_default())
            }
        };
        self.commit(store).await
    }

    /// Runs `store` until it has committed, also when nobody waits for that any more.
    async fn commit<F, R>(self: &Arc<Self>, store: F) -> Result<(), WebhookError>
    where
        F: Fn() -> R + Send + 'static,
        R: Future<Output = Result<Vec<Uuid>, StorageError>> + Send,
    {
        let report = Arc::clone(self);
        let run = async move {
            for _ in 0..TRIES {
                match store().await {
                    Ok(ended) => {
                        tracing::info!(event = "kakao_report_taken", sessions = ended.len());
                        report.context.revocations.insert(ended, report.context.clock.now());
                        return true;
                    }
                    Err(error) => tracing::warn!(event = "kakao_report_not_stored", error = %error),
                }
                tokio::time::sleep(PAUSE).await;
            }
            tracing::error!(event = "kakao_report_lost", fix = "run: munjigi reconcile --apply");
            false
        };
        match tokio::spawn(run.in_current_span()).await {
            Ok(true) => Ok(()),
            _ => Err(WebhookError::NotStored),
        }
    }
}

/// Waits as long as Kakao does.
async fn in_time(taken: impl Future<Output = Result<(), WebhookError>>) -> Result<(), WebhookError> {
    tokio::time::timeout(ANSWER_WITHIN, taken).await.unwrap_or(Err(WebhookError::NotStored))
}
