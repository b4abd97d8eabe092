//! Of transactions that wait for each other in a circle the database ends one. Nothing of it is left, so it is done again.

use super::StorageError;

/// How often a transaction is tried before its caller hears of it.
const TRIES: u32 = 5;

/// Runs `attempt`, a transaction from its beginning to its commit, until it is not the one that was ended.
pub(super) async fn retried<T, F>(mut attempt: impl FnMut() -> F) -> Result<T, StorageError>
where
    F: Future<Output = Result<T, StorageError>>,
{
    for _ in 1..TRIES {
        match attempt().await {
            // Whoever was let live holds what this one waits for: there is nothing to be gained by waiting longer.
            Err(error) if error.is_deadlock() => tracing::debug!(event = "transaction_retried", error = %error),
            result => return result,
        }
    }
    attempt().await
}
