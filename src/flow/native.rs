//! Apps that sign people in with Kakao's own SDK and bring its token here (contract 3, native apps).

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use secrecy::{ExposeSecret, SecretString};

use super::{
    Caller, Issued,
    finish::{LoginError, Proof},
    login::Logins,
};
use crate::{
    clock::Timestamp,
    domain::login_attempt::AttemptError,
    storage::sign_in::Once,
    token::secret::{base64url, from_base64url, sha256},
};

/// How long an app may take between asking for a nonce and bringing the ID token.
pub const NONCE_LIFETIME: Duration = Duration::from_mins(10);

/// What an app brings.
pub enum NativeProof {
    /// An ID token in which Kakao repeats a nonce of ours.
    IdToken {
        /// The token.
        id_token: SecretString,
        /// The nonce as we gave it, also when the app gave Kakao only its hash.
        nonce: String,
    },
    /// An access token.
    AccessToken(SecretString),
}

impl Logins {
    /// A nonce for one login of an app. Nothing is stored: it says itself until when it is good.
    pub fn native_nonce(&self) -> String {
        let expires_at = self.context.clock.now() + NONCE_LIFETIME;
        base64url(self.nonces.seal(b"", &expires_at.millis().to_be_bytes()))
    }

    /// Signs in the person whose token an app brings.
    pub async fn finish_native(self: &Arc<Self>, proof: NativeProof, caller: Caller) -> Result<Issued, LoginError> {
        match proof {
            NativeProof::IdToken { id_token, nonce } => {
                if !self.is_living_nonce(&nonce) {
                    return Err(LoginError::Nonce);
                }
                let once = Once {
                    attempt_hash: sha256(format!("native\n{nonce}").as_bytes()),
                    code_hash: sha256(format!("{nonce}\n{}", id_token.expose_secret()).as_bytes()),
                };
                let logins = Arc::clone(self);
                let run = async move { logins.finish_id_token(&id_token, &nonce, once, &caller).await };
                self.once(once.code_hash, run.boxed()).await
            }
            NativeProof::AccessToken(token) => {
                let person = self.provider.identify_access_token(&token).await?;
                self.store(&person.identity, Some(&person.profile), Proof::default(), &caller).await
            }
        }
    }

    async fn finish_id_token(
        &self,
        id_token: &SecretString,
        nonce: &str,
        once: Once,
        caller: &Caller,
    ) -> Result<Issued, LoginError> {
        // The token first: whoever brings none that is good learns nothing about nonces.
        let person = self.provider.identify_id_token(id_token, nonce).await?;
        let used = |error| match error {
            LoginError::Attempt(AttemptError::Finished) => LoginError::Nonce,
            other => other,
        };
        if let Some(earlier) = self.context.storage.earlier_sign_in(&once.attempt_hash).await? {
            return self.replay(earlier, &once).map_err(used);
        }
        let proof = Proof { once: Some(once), ..Proof::default() };
        self.store(&person.identity, Some(&person.profile), proof, caller).await.map_err(used)
    }

    fn is_living_nonce(&self, nonce: &str) -> bool {
        let opened = from_base64url(nonce).and_then(|sealed| self.nonces.open(b"", &sealed));
        let millis = opened.and_then(|plain| plain.try_into().ok()).map(i64::from_be_bytes);
        millis.is_some_and(|millis| Timestamp::from_millis(millis) > self.context.clock.now())
    }
}
