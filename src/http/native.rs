//! Tag `Native apps`: sign-in with a token that Kakao's SDK gave to an app (contract 3).

use std::sync::Arc;

use poem::{Request, web::Data};
use poem_openapi::{Object, OpenApi, payload::Json};

use super::{
    Shared, Tag,
    body::Body,
    context::FromCaller,
    faults,
    limits::LoginBudget,
    problem::{Codes, Fault, Problem},
    token_answer::SignedInAnswer,
};
use crate::{
    error_code::ErrorCode,
    flow::native::{NONCE_LIFETIME, NativeProof},
};

/// Codes of a nonce.
pub struct NonceCodes;

impl Codes for NonceCodes {
    const CODES: &'static [ErrorCode] = &[ErrorCode::RateLimitExceeded];
}

/// Codes of a native login.
pub struct NativeCodes;

impl Codes for NativeCodes {
    const CODES: &'static [ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::KakaoTokenInvalid,
        ErrorCode::InvalidNonce,
        ErrorCode::NativeLoginOff,
        ErrorCode::KakaoPersonRefused,
        ErrorCode::KakaoUnderAge,
        ErrorCode::KakaoConsentRequired,
        ErrorCode::RateLimitExceeded,
        ErrorCode::InternalError,
        ErrorCode::KakaoLoginFailed,
        ErrorCode::KakaoMisconfigured,
        ErrorCode::KakaoUnavailable,
        ErrorCode::StorageUnavailable,
    ];
}

/// A nonce for one login.
#[derive(Object)]
#[oai(example)]
struct Nonce {
    /// Give it, or its SHA-256 as hex or base64url, to Kakao's SDK; send it back as it is together with the ID token.
    nonce: String,
    /// Seconds until it is no longer accepted.
    expires_in: u64,
}

impl poem_openapi::types::Example for Nonce {
    fn example() -> Self {
        Self { nonce: "f0xkQ2Zt…".into(), expires_in: NONCE_LIFETIME.as_secs() }
    }
}

/// What Kakao's SDK gave: an ID token with its nonce (better), or an access token.
#[derive(Object)]
#[oai(example)]
struct NativeLogin {
    /// Kakao's ID token.
    #[oai(validator(min_length = 1, max_length = 8192))]
    id_token: Option<String>,
    /// The nonce it was asked for with, as `POST /api/auth/kakao/nonce` gave it.
    #[oai(validator(min_length = 1, max_length = 256))]
    nonce: Option<String>,
    /// Kakao's access token, instead of the two.
    #[oai(validator(min_length = 1, max_length = 4096))]
    access_token: Option<String>,
}

impl poem_openapi::types::Example for NativeLogin {
    fn example() -> Self {
        Self { id_token: Some("eyJraWQiOiI5Zj…".into()), nonce: Some("f0xkQ2Zt…".into()), access_token: None }
    }
}

impl NativeLogin {
    fn proof(self) -> Result<NativeProof, Fault> {
        match (self.id_token, self.nonce, self.access_token) {
            (Some(id_token), Some(nonce), None) => Ok(NativeProof::IdToken { id_token: id_token.into(), nonce }),
            (None, None, Some(token)) => Ok(NativeProof::AccessToken(token.into())),
            _ => {
                let detail = "Send either id_token and nonce, or access_token.";
                Err(Fault::new(ErrorCode::InvalidRequest).with_detail(detail))
            }
        }
    }
}

/// The routes for native apps.
pub struct NativeApi;

#[OpenApi(prefix_path = "/api/auth/kakao", tag = "Tag::Native")]
impl NativeApi {
    /// Get a nonce
    ///
    /// For one login of a native app: the ID token that comes back must repeat it, so that nobody else's can be used.
    #[oai(path = "/nonce", method = "post", operation_id = "getNonce")]
    async fn nonce(
        &self,
        _budget: LoginBudget,
        shared: Data<&Arc<Shared>>,
    ) -> Result<Json<Nonce>, Problem<NonceCodes>> {
        Ok(Json(Nonce { nonce: shared.logins.native_nonce(), expires_in: NONCE_LIFETIME.as_secs() }))
    }

    /// Sign in with a token of Kakao's SDK
    ///
    /// Only tokens that were made for your own app count: ID tokens for a key of KAKAO_APP_KEYS, access tokens for KAKAO_APP_ID.
    /// The same person from web and app is the same user.
    #[oai(path = "/token", method = "post", operation_id = "signInWithToken")]
    async fn token(
        &self,
        _budget: LoginBudget,
        shared: Data<&Arc<Shared>>,
        body: Body<NativeLogin>,
        req: &Request,
        caller: FromCaller,
    ) -> Result<SignedInAnswer, Problem<NativeCodes>> {
        let proof = body.0.proof()?;
        let issued = shared.logins.finish_native(proof, caller.0).await.map_err(|error| faults::of_login(&error))?;
        Ok(SignedInAnswer::of(issued, &shared, req.headers()))
    }
}
