//! Tag `metadata`: keys and what this server can do (RFC 7517, RFC 8414). The documents claim only what works.

use std::sync::Arc;

use poem::{IntoResponse, Request, Response, http::StatusCode, web::Data};
use poem_openapi::{
    ApiResponse, OpenApi,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{Any, Type},
};
use serde_json::{Value, json};

use super::{
    Shared, Tag, authorize,
    problem::{Codes, Problem},
};
use crate::{
    error_code::ErrorCode,
    token::secret::{base64url, sha256},
};

/// Codes of the key set: there is none under a shared secret.
pub struct JwksCodes;

impl Codes for JwksCodes {
    const CODES: &'static [ErrorCode] = &[ErrorCode::NotFound];
}

/// A public document: cached for five minutes, readable from everywhere, 304 when unchanged.
struct Document {
    body: String,
    etag: String,
    not_modified: bool,
}

impl Document {
    fn new(value: &Value, req: &Request) -> Self {
        let body = value.to_string();
        let etag = format!("\"{}\"", base64url(&sha256(body.as_bytes())[..12]));
        let asked = req.headers().get("if-none-match").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let not_modified = asked.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*");
        Self { body, etag, not_modified }
    }
}

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        let response = Response::builder()
            .header("ETag", self.etag)
            .header("Cache-Control", "public, max-age=300")
            .header("Cross-Origin-Resource-Policy", "cross-origin");
        if self.not_modified {
            response.status(StatusCode::NOT_MODIFIED).finish()
        } else {
            response.content_type("application/json").body(self.body)
        }
    }
}

impl ApiResponse for Document {
    fn meta() -> MetaResponses {
        let response = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: Vec::new(),
        };
        let content = vec![MetaMediaType { content_type: "application/json", schema: Any::<Value>::schema_ref() }];
        let responses = vec![
            response(200, "The document. Has an `ETag` and may be cached for five minutes.", content),
            response(304, "`If-None-Match` named the current one.", Vec::new()),
        ];
        MetaResponses { responses }
    }

    fn register(registry: &mut Registry) {
        Any::<Value>::register(registry);
    }
}

/// The metadata routes.
pub struct WellKnownApi;

#[OpenApi(prefix_path = "/.well-known", tag = "Tag::Metadata")]
impl WellKnownApi {
    /// Keys of access tokens (RFC 7517)
    #[oai(path = "/jwks.json", method = "get", operation_id = "jwks")]
    async fn jwks(&self, shared: Data<&Arc<Shared>>, req: &Request) -> Result<Document, Problem<JwksCodes>> {
        let keys = shared.context.keys.current();
        keys.jwks().map(|jwks| Document::new(jwks, req)).ok_or_else(|| ErrorCode::NotFound.into())
    }

    /// Authorization server metadata (RFC 8414)
    #[oai(path = "/oauth-authorization-server", method = "get", operation_id = "oauthMetadata")]
    async fn oauth(&self, shared: Data<&Arc<Shared>>, req: &Request) -> Document {
        Document::new(&metadata(&shared), req)
    }

    /// The same under the name OpenID Connect libraries look for
    #[oai(path = "/openid-configuration", method = "get", operation_id = "openidMetadata")]
    async fn openid(&self, shared: Data<&Arc<Shared>>, req: &Request) -> Document {
        Document::new(&metadata(&shared), req)
    }
}

fn metadata(shared: &Shared) -> Value {
    let url = |path: &str| shared.config.server.url(path);
    let client_auth = json!(["client_secret_basic", "client_secret_post"]);
    let mut document = json!({
        "issuer": shared.config.tokens.issuer,
        "token_endpoint": url("/oauth/token"),
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "revocation_endpoint": url("/oauth/revoke"),
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "introspection_endpoint": url("/oauth/introspect"),
        "introspection_endpoint_auth_methods_supported": client_auth,
        "userinfo_endpoint": url("/oauth/userinfo"),
        "grant_types_supported": ["refresh_token"],
        // Required by RFC 8414, also where there is no authorization endpoint.
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "ui_locales_supported": ["ko", "en"],
        "service_documentation": url("/docs"),
    });
    let has_jwks = shared.context.keys.current().jwks().is_some();
    if has_jwks {
        document["jwks_uri"] = url("/.well-known/jwks.json").into();
    }
    // Without a client that may come back there is nobody to authorize.
    if shared.config.oauth_clients.iter().any(|client| !client.redirect_uris.is_empty()) {
        document["authorization_endpoint"] = url(authorize::PATH).into();
        document["grant_types_supported"] = json!(["authorization_code", "refresh_token"]);
        document["response_types_supported"] = json!(["code"]);
        document["response_modes_supported"] = json!(["query"]);
        document["code_challenge_methods_supported"] = json!(["S256"]);
        document["authorization_response_iss_parameter_supported"] = true.into();
        document["request_uri_parameter_supported"] = false.into();
        document["prompt_values_supported"] = json!(["none", "login", "select_account", "create"]);
        if has_jwks {
            let algorithm = shared.context.keys.profile().algorithm.as_str();
            document["scopes_supported"] = json!(["openid"]);
            document["id_token_signing_alg_values_supported"] = json!([algorithm]);
            document["claims_supported"] = json!(["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "sid"]);
        }
    }
    document
}
