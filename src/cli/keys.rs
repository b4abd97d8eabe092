//! `munjigi keys`: signing keys.

use super::{Failure, Outcome, clock, settings};
use crate::{
    app::StartError,
    flow::keys::{Keys, KeysError},
    storage::Storage,
    token::keyring::KeyState,
};

/// What to do with the keys.
#[derive(clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Name, algorithm and state of every key
    List,
    /// Publish a new key; it signs ten minutes later, on every replica
    Rotate,
    /// Delete a key that no living token was signed with
    Retire {
        /// Its name, from `keys list`
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

pub(super) async fn run(options: Options) -> Outcome {
    let config = settings()?;
    let now = clock().now();
    let storage = Storage::connect(&config.database.url).await.map_err(StartError::from)?;
    let keys = Keys::load(&config.tokens, &storage, now).await.map_err(StartError::from)?;
    match options.action {
        Action::List => {
            for key in keys.list(&storage, now).await.map_err(failure)? {
                let state = match key.state {
                    KeyState::Pending => format!("pending   signs from {}", key.activates_at.rfc3339()),
                    KeyState::Active => format!("active    since {}", key.activates_at.rfc3339()),
                    KeyState::Retiring(until) => format!("retiring  may be retired after {}", until.rfc3339()),
                    KeyState::Gone => "gone      may be retired".to_owned(),
                };
                println!("{}  {:<6} {state}", key.kid, key.algorithm.as_str());
            }
        }
        Action::Rotate => {
            let key = keys.rotate(&storage, now).await.map_err(failure)?;
            println!("{}  {:<6} signs from {}", key.kid, key.algorithm.as_str(), key.activates_at.rfc3339());
        }
        Action::Retire { kid } => {
            keys.retire(&storage, &kid, now).await.map_err(failure)?;
            println!("{kid}  retired");
        }
    }
    storage.close().await;
    Ok(())
}

fn failure(error: KeysError) -> Failure {
    match error {
        KeysError::StillNeeded(Some(until)) => Failure::new(
            "not retired",
            "tokens signed with it may still be valid",
            format!("retire it after {}", until.rfc3339()),
        ),
        KeysError::StillNeeded(None) => Failure::new(
            "not retired",
            "it signs, or is about to",
            "rotate first, and wait until another key is active",
        ),
        KeysError::Unknown => Failure::new("not retired", "there is no key of this name", "see: munjigi keys list"),
        KeysError::SharedSecret => {
            Failure::new("there are no keys", error, "choose JWT_ALGORITHM=ES256 to have keys that rotate")
        }
        KeysError::Raced => Failure::new("not rotated", error, "look at: munjigi keys list"),
        KeysError::Storage(_) | KeysError::Key(_) => StartError::Keys(error).into(),
    }
}
