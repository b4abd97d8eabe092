//! Kakao Login. Facts: Kakao's REST API page; the numbers in comments are its error codes.

mod error;
mod wire;

use std::sync::Arc;

use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, Client, ClientId, ClientSecret, EmptyExtraTokenFields,
    EndpointNotSet, EndpointSet, PkceCodeVerifier, RedirectUrl, RequestTokenError, StandardRevocableToken,
    StandardTokenIntrospectionResponse, StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{BasicRevocationErrorResponse, BasicTokenType},
};
use secrecy::ExposeSecret;
use url::Url;

use super::{
    AuthorizeOptions, Grant, Person, Provider, ProviderError,
    http::{UpstreamError, UpstreamHttp},
    id_token::{Expected, IdTokens},
};
use crate::{
    clock::Clock,
    config::KakaoConfig,
    domain::{
        identity::{Identity, ProviderKind},
        login_attempt::{LoginAttempt, VerifiedCallback},
    },
    token::secret::s256,
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
    http: UpstreamHttp,
    id_tokens: IdTokens,
}

/// A base URL the oauth2 crate could not use.
#[derive(Debug, thiserror::Error)]
#[error("the provider's URL cannot be used")]
pub struct BadUrl(#[from] oauth2::url::ParseError);

impl Kakao {
    /// Kakao, or whatever stands at the configured URLs.
    pub fn new(config: KakaoConfig, http: UpstreamHttp, clock: Arc<dyn Clock>) -> Result<Self, BadUrl> {
        let oauth = Client::new(ClientId::new(config.client_id.clone()))
            .set_client_secret(ClientSecret::new(config.client_secret.expose_secret().to_owned()))
            // Kakao reads credentials from the form only; the crate's default is HTTP Basic (KOE101).
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::new(format!("{}/oauth/token", config.issuer()))?);
        let jwks_url = format!("{}/.well-known/jwks.json", config.issuer());
        let id_tokens = IdTokens::new(config.issuer().to_owned(), jwks_url, http.clone(), clock);
        Ok(Self { config, oauth, http, id_tokens })
    }

    fn api_url(&self, path: &str) -> String {
        format!("{}{path}", self.config.api_base_url.as_str().trim_end_matches('/'))
    }
}

#[async_trait::async_trait]
impl Provider for Kakao {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Kakao
    }

    fn authorize_url(&self, attempt: &LoginAttempt, state: &str, options: &AuthorizeOptions) -> Url {
        let mut url = self.config.auth_base_url.clone();
        url.set_path(&format!("{}/oauth/authorize", self.config.auth_base_url.path().trim_end_matches('/')));
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
        let client = self.oauth.clone().set_redirect_uri(redirect);
        let mut request = client.exchange_code(AuthorizationCode::new(callback.code().expose_secret().to_owned()));
        if let Some(verifier) = &attempt.provider_verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.clone()));
        }
        let token = request.request_async(&self.http).await.map_err(of_exchange)?;
        tracing::info!(event = "code_exchanged", id_token = token.extra_fields().id_token.is_some());
        let subject = match &token.extra_fields().id_token {
            Some(id_token) => {
                let expected = Expected { audience: &self.config.client_id, nonce: &attempt.nonce };
                let subject = self.id_tokens.check(id_token.expose_secret(), &expected).await?;
                tracing::info!(event = "id_token_checked");
                Some(subject)
            }
            None => None,
        };
        Ok(Grant { access_token: token.access_token().secret().clone().into(), subject })
    }

    async fn profile(&self, grant: &Grant) -> Result<Person, ProviderError> {
        let url = self.api_url("/v2/user/me?secure_resource=true");
        let answer = self.http.get(&url, Some(grant.access_token.expose_secret())).await.map_err(of_upstream)?;
        if answer.status != http::StatusCode::OK {
            return Err(error::of_api(answer.status, &answer.headers, &answer.body));
        }
        let me: wire::UserMe = serde_json::from_slice(&answer.body)
            .map_err(|_| ProviderError::unavailable("its profile answer is not the documented JSON"))?;
        let subject = me.subject().ok_or(ProviderError::unacceptable("the profile has no user number"))?;
        // The ID token and the profile must be about one person (OIDC Core section 5.3.2).
        if grant.subject.as_ref().is_some_and(|expected| *expected != subject) {
            return Err(ProviderError::unacceptable("ID token and profile name different people"));
        }
        tracing::info!(event = "profile_read");
        Ok(Person { identity: Identity { provider: ProviderKind::Kakao, subject }, profile: me.into_profile() })
    }
}

type ExchangeError = RequestTokenError<<UpstreamHttp as AsyncHttpClient<'static>>::Error, wire::TokenError>;

fn of_exchange(error: ExchangeError) -> ProviderError {
    match error {
        RequestTokenError::ServerResponse(answer) => error::of_token_endpoint(&answer),
        RequestTokenError::Request(error) => of_upstream(error),
        // Their own texts quote the body, which may hold a token or a code.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            ProviderError::unavailable("its token answer is not the documented JSON")
        }
    }
}

fn of_upstream(error: UpstreamError) -> ProviderError {
    ProviderError::unavailable(match error {
        UpstreamError::Connection => "the connection failed",
        UpstreamError::Timeout => "it took too long",
        UpstreamError::TooLarge => "its answer was too large",
    })
}
