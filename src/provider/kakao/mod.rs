//! Kakao Login. Facts: Kakao's REST API page; the numbers in comments are its error codes.

mod api;
mod error;
mod fields;
mod webhook;
mod wire;

use std::{borrow::Cow, sync::Arc};

use oauth2::{
    AuthType, AuthorizationCode, Client, ClientId, ClientSecret, EmptyExtraTokenFields, EndpointNotSet, EndpointSet,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, StandardRevocableToken, StandardTokenIntrospectionResponse,
    StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{BasicRevocationErrorResponse, BasicTokenType},
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use self::api::Api;
use super::{
    AuthorizeOptions, EventError, Grant, LinkedPage, Person, Provider, ProviderError,
    endpoint::{Endpoint, OneCall},
    http::{UpstreamError, UpstreamHttp},
    id_token::{self, Expected, ExpectedNonce},
    jwks::KeySet,
};
use crate::{
    clock::Clock,
    config::KakaoConfig,
    domain::{
        identity::{Identity, ProviderKind, ProviderProfile, Subject},
        login_attempt::{LoginAttempt, VerifiedCallback},
        provider_event::EventDelivery,
    },
    token::secret::{s256, same},
};

type OAuthClient = Client<
    wire::TokenError,
    StandardTokenResponse<wire::ExtraTokenFields, BasicTokenType>,
    StandardTokenIntrospectionResponse<EmptyExtraTokenFields, BasicTokenType>,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Kakao as a [`Provider`].
pub struct Kakao {
    config: KakaoConfig,
    oauth: OAuthClient,
    token_endpoint: Endpoint,
    api: Api,
    keys: KeySet,
    clock: Arc<dyn Clock>,
}

/// A base URL the oauth2 crate could not use.
#[derive(Debug, thiserror::Error)]
#[error("the provider's URL cannot be used")]
pub struct BadUrl(#[from] oauth2::url::ParseError);

impl Kakao {
    /// Kakao, or whatever stands at the configured URLs.
    pub fn new(config: KakaoConfig, http: &UpstreamHttp, clock: Arc<dyn Clock>) -> Result<Self, BadUrl> {
        let oauth = Client::new(ClientId::new(config.client_id.clone()))
            .set_client_secret(ClientSecret::new(config.client_secret.expose_secret().to_owned()))
            // Kakao reads credentials from the form only; the crate's default is HTTP Basic (KOE101).
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::new(format!("{}/oauth/token", config.issuer()))?);
        let endpoint = || Endpoint::new(http.clone(), Arc::clone(&clock));
        let jwks_url = format!("{}/.well-known/jwks.json", config.issuer());
        let keys = KeySet::new(jwks_url, endpoint(), Arc::clone(&clock));
        let api = Api::new(&config, endpoint);
        Ok(Self { token_endpoint: endpoint(), api, keys, oauth, config, clock })
    }

    async fn check_id_token(
        &self,
        id_token: &SecretString,
        audiences: &[String],
        nonce: ExpectedNonce<'_>,
    ) -> Result<(Subject, id_token::IdTokenClaims), ProviderError> {
        let expected = Expected { issuer: self.config.issuer(), audiences, nonce };
        id_token::check(id_token.expose_secret(), &self.keys, &expected, self.clock.now()).await
    }
}

#[async_trait::async_trait]
impl Provider for Kakao {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Kakao
    }

    fn authorize_url(&self, attempt: &LoginAttempt, state: &str, options: &AuthorizeOptions) -> Url {
        let mut url = self.config.kauth_url("/oauth/authorize");
        let mut scopes = self.config.scopes.clone();
        scopes.extend(options.scope.iter().filter(|scope| !self.config.scopes.contains(scope)).cloned());
        // With any scope named, Kakao issues an ID token only if `openid` is among them.
        if !scopes.is_empty() && !scopes.iter().any(|scope| scope == "openid") {
            scopes.push("openid".to_owned());
        }
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("client_id", &self.config.client_id)
                .append_pair("redirect_uri", &attempt.redirect_uri)
                .append_pair("response_type", "code")
                .append_pair("state", state)
                .append_pair("nonce", &attempt.nonce);
            if let Some(verifier) = &attempt.provider_verifier {
                query.append_pair("code_challenge", &s256(verifier)).append_pair("code_challenge_method", "S256");
            }
            if !scopes.is_empty() {
                query.append_pair("scope", &scopes.join(","));
            }
            if let Some(prompt) = &options.prompt {
                query.append_pair("prompt", prompt);
            }
            if let Some(hint) = &options.login_hint {
                query.append_pair("login_hint", hint);
            }
            if !options.service_terms.is_empty() {
                query.append_pair("service_terms", &options.service_terms.join(","));
            }
        }
        url
    }

    async fn exchange(&self, callback: &VerifiedCallback) -> Result<Grant, ProviderError> {
        let attempt = callback.attempt();
        let redirect = RedirectUrl::new(attempt.redirect_uri.clone())
            .map_err(|_| ProviderError::unacceptable("the redirect URI is no URL"))?;
        let code = AuthorizationCode::new(callback.code().expose_secret().to_owned());
        let mut request = self.oauth.exchange_code(code).set_redirect_uri(Cow::Owned(redirect));
        if let Some(verifier) = &attempt.provider_verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.clone()));
        }
        let call = OneCall::to(&self.token_endpoint);
        let token = request.request_async(&call).await.map_err(|error| of_exchange(error, &call))?;
        tracing::info!(event = "code_exchanged", id_token = token.extra_fields().id_token.is_some());
        let said = match &token.extra_fields().id_token {
            Some(id_token) => {
                let audience = std::slice::from_ref(&self.config.client_id);
                let nonce = ExpectedNonce::Exactly(&attempt.nonce);
                let said = self.check_id_token(id_token, audience, nonce).await?;
                tracing::info!(event = "id_token_checked");
                Some(said)
            }
            None => None,
        };
        let authenticated_at =
            said.as_ref().and_then(|(_, claims)| claims.auth_time).map(crate::clock::Timestamp::from_secs);
        let subject = said.map(|(subject, _)| subject);
        Ok(Grant { access_token: token.access_token().secret().clone().into(), subject, authenticated_at })
    }

    async fn profile(&self, grant: &Grant) -> Result<Person, ProviderError> {
        let person = self.api.profile(&grant.access_token).await?;
        // The ID token and the profile must be about one person (OIDC Core section 5.3.2).
        if grant.subject.as_ref().is_some_and(|expected| *expected != person.identity.subject) {
            return Err(ProviderError::unacceptable("ID token and profile name different people"));
        }
        tracing::info!(event = "profile_read");
        Ok(person)
    }

    async fn identify_id_token(&self, id_token: &SecretString, nonce: &str) -> Result<Person, ProviderError> {
        if self.config.app_keys.is_empty() {
            return Err(ProviderError::NotConfigured("KAKAO_APP_KEYS"));
        }
        let nonce = ExpectedNonce::MaybeHashed(nonce);
        let checked = self.check_id_token(id_token, &self.config.app_keys, nonce).await;
        let (subject, claims) = checked.map_err(|error| match error {
            // Here the token is the caller's, not Kakao's answer.
            ProviderError::Unacceptable { what, code } => ProviderError::TokenRefused { what, code },
            other => other,
        })?;
        let email = claims.email.and_then(|email| fields::printable(&email, 254));
        let profile = ProviderProfile {
            nickname: claims.nickname.and_then(|nickname| fields::printable(&nickname, 100)),
            email_verified: email.is_some(),
            email,
            profile_image: claims.picture.and_then(|url| wire::https(&url)),
            ..ProviderProfile::default()
        };
        Ok(Person { identity: Identity { provider: ProviderKind::Kakao, subject }, profile })
    }

    async fn identify_access_token(&self, access_token: &SecretString) -> Result<Person, ProviderError> {
        let app_id = self.config.app_id.ok_or(ProviderError::NotConfigured("KAKAO_APP_ID"))?;
        // Whose app the token was made for comes first: a token of another app signs nobody in here (RFC 6750 section 5.2).
        let subject = self.api.subject_of_token(access_token, app_id).await?;
        let person = self.api.profile(access_token).await?;
        if person.identity.subject == subject {
            Ok(person)
        } else {
            Err(ProviderError::unacceptable("token and profile name different people"))
        }
    }

    async fn profile_of(&self, subject: &Subject) -> Result<Person, ProviderError> {
        self.api.profile_of(subject).await
    }

    fn acts_for_the_app(&self) -> bool {
        self.config.admin_key.is_some()
    }

    async fn unlink(&self, subject: &Subject) -> Result<(), ProviderError> {
        self.api.unlink(subject).await
    }

    async fn linked_subjects(&self, after: Option<&Subject>) -> Result<LinkedPage, ProviderError> {
        self.api.linked_subjects(after).await
    }

    fn is_webhook_key(&self, key: &str) -> bool {
        self.config.webhook_admin_key.as_ref().is_some_and(|expected| same(key, expected.expose_secret()))
    }

    fn is_our_app(&self, app_id: &str) -> bool {
        self.config.app_id.is_none_or(|expected| expected.to_string() == app_id)
    }

    async fn read_events(&self, token: &str) -> Result<EventDelivery, EventError> {
        webhook::read_events(token, &self.keys, &self.config, self.clock.now()).await
    }

    fn logout_url(&self) -> Option<Url> {
        let back = self.config.logout_redirect_uri.as_deref()?;
        let mut url = self.config.kauth_url("/oauth/logout");
        url.query_pairs_mut().append_pair("client_id", &self.config.client_id).append_pair("logout_redirect_uri", back);
        Some(url)
    }
}

type ExchangeError = RequestTokenError<UpstreamError, wire::TokenError>;

fn of_exchange(error: ExchangeError, call: &OneCall<'_>) -> ProviderError {
    let mut error = match error {
        RequestTokenError::ServerResponse(answer) => error::of_token_endpoint(&answer),
        RequestTokenError::Request(error) => error::of_upstream(error),
        // Their own texts quote the body, which may hold a token or a code.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            ProviderError::unavailable("its token answer is not the documented JSON")
        }
    };
    if let ProviderError::Unavailable { retry_after, .. } = &mut error {
        *retry_after = call.retry_after().or(*retry_after);
    }
    error
}
