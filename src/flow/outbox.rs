//! Calls owed to the provider, made until they succeed: unlinking people who left, reading changed profiles again.

use std::{sync::Arc, time::Duration};

use super::Context;
use crate::{
    provider::{Provider, ProviderError},
    storage::{
        StorageError,
        outbox::{Owed, OwedKind},
    },
};

/// Calls taken up at once.
const BATCH: u64 = 20;

/// A call that was taken up and not finished is taken up again after this: the process may have died over it.
const CLAIM: Duration = Duration::from_secs(30);

/// Before the second try; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(5);

/// Never longer than this between two tries.
const LONGEST_PAUSE: Duration = Duration::from_hours(6);

/// The profile of somebody is not worth more tries: it is read at their next login anyway.
const PROFILE_TRIES: u32 = 5;

/// What became of a call.
enum Outcome {
    Done,
    Again(Option<Duration>),
}

/// Makes owed calls.
pub struct Outbox {
    context: Arc<Context>,
    provider: Arc<dyn Provider>,
}

impl Outbox {
    /// Calls to `provider`.
    pub fn new(context: Arc<Context>, provider: Arc<dyn Provider>) -> Self {
        Self { context, provider }
    }

    /// Waits until something may be due: somebody rang, or `at_most` has passed.
    pub async fn wait(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.context.owed.notified()).await;
    }

    /// Makes every call that is due, and returns how many were made.
    pub async fn settle_due(&self) -> Result<usize, StorageError> {
        let mut done = 0;
        loop {
            let now = self.context.clock.now();
            // Without the admin key nobody can be unlinked: those calls are left for when it is there, or for who has it.
            let kinds: &[OwedKind] =
                if self.provider.acts_for_the_app() { &OwedKind::ALL } else { &[OwedKind::Profile] };
            let due = self.context.storage.owed_calls(kinds, now, BATCH).await?;
            let count = due.len();
            for owed in due {
                // Several replicas look at the same rows: the statement's row count decides whose this one is.
                if self.context.storage.claim(&owed, now + CLAIM).await? && self.settle(&owed).await? {
                    done += 1;
                }
            }
            if u64::try_from(count).unwrap_or(u64::MAX) < BATCH {
                return Ok(done);
            }
        }
    }

    async fn settle(&self, owed: &Owed) -> Result<bool, StorageError> {
        let (storage, now) = (&self.context.storage, self.context.clock.now());
        match self.call(owed).await? {
            Outcome::Done => {
                storage.settle(owed).await?;
                tracing::info!(event = "owed_call_made", kind = owed.kind.as_str(), attempts = owed.attempts + 1);
                Ok(true)
            }
            Outcome::Again(wait) => {
                let pause = FIRST_PAUSE.saturating_mul(1 << owed.attempts.min(20)).min(LONGEST_PAUSE);
                storage.postpone(owed, now + wait.map_or(pause, |wait| wait.max(pause))).await?;
                Ok(false)
            }
        }
    }

    async fn call(&self, owed: &Owed) -> Result<Outcome, StorageError> {
        let subject = &owed.identity.subject;
        let called = match owed.kind {
            // They have signed up again since: this is no longer the link that was to go.
            OwedKind::Unlink if self.context.storage.profile_read_at(&owed.identity).await?.is_some() => Ok(()),
            OwedKind::Unlink => self.provider.unlink(subject).await,
            OwedKind::Profile => match self.provider.profile_of(subject).await {
                Ok(person) => {
                    self.context.store_profile(&owed.identity, &person.profile).await?;
                    Ok(())
                }
                Err(error) => Err(error),
            },
        };
        let Err(error) = called else { return Ok(Outcome::Done) };
        let gives_up = owed.kind == OwedKind::Profile
            && (owed.attempts >= PROFILE_TRIES
                || matches!(error, ProviderError::NotConfigured(_) | ProviderError::PersonRefused { .. }));
        tracing::warn!(
            event = "owed_call_failed",
            kind = owed.kind.as_str(),
            attempts = owed.attempts + 1,
            error = %error,
            kakao_code = error.code()
        );
        Ok(match error {
            _ if gives_up => Outcome::Done,
            ProviderError::Unavailable { retry_after, .. } => Outcome::Again(retry_after),
            _ => Outcome::Again(None),
        })
    }
}
