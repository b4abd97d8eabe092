//! `GET /oauth/authorize`: the checks, and the answer as a redirect or a page. The consent page, a machine (`mock_user`) and
//! [`MockKakao::consent`](crate::MockKakao::consent) all come through here.

use std::collections::HashMap;
use std::sync::Arc;

use url::{Url, form_urlencoded};

use crate::errors::KoeCode;
use crate::faults::{Endpoint, Fault, Queue};
use crate::persons::{Consents, Person};
use crate::state::{Grant, Mock};

/// The consent items the mock's app is configured for.
const SCOPES: [&str; 4] = ["openid", "profile_nickname", "profile_image", "account_email"];

/// What to answer to a browser.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Back to the client.
    Redirect(Redirect),
    /// Kakao's kind of error page: no redirect.
    Page(KoeCode),
    /// The mock itself was asked something it cannot do.
    Refused(String),
    /// Somebody has to choose on the page.
    Choose(Box<AuthorizeRequest>),
}

/// Where the browser goes, and who is signed in at the mock from now on.
#[derive(Debug)]
pub(crate) struct Redirect {
    pub(crate) location: String,
    pub(crate) signed_in: Option<String>,
}

/// An authorize request that passed all checks.
#[derive(Debug)]
pub(crate) struct AuthorizeRequest {
    client_id: String,
    redirect_uri: String,
    scopes: Option<Vec<String>>,
    prompt_none: bool,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    mock_user: Option<String>,
    mock_deny: bool,
}

/// Answers an authorize request. `signed_in` is the name of the person who is signed in at the mock in this browser.
pub(crate) fn authorize(mock: &Mock, query: &str, signed_in: Option<&str>) -> Outcome {
    mock.faults.count(Endpoint::Authorize);
    let request = match AuthorizeRequest::parse(mock, query) {
        Ok(request) => request,
        Err(code) => return Outcome::Page(code),
    };
    match mock.faults.take(Queue::Authorize) {
        Some(Fault::AuthorizePage(code)) => return Outcome::Page(code),
        Some(Fault::AuthorizeError { error, description }) => return request.refuse(&error, &description),
        _ => {}
    }
    if request.mock_deny {
        return request.deny();
    }
    let name = request.mock_user.as_deref().or(signed_in.filter(|_| request.prompt_none));
    match name.map(|name| (name, Person::find(name))) {
        Some((_, Some(person))) if request.prompt_none && !mock.is_linked(person.id) => {
            request.refuse("consent_required", "user consent required.")
        }
        Some((_, Some(person))) => request.consent(mock, person, Consents::ALL),
        Some((name, None)) => Outcome::Refused(format!(
            "mock_user={name}: 없는 사람입니다. 이름이나 1부터 9223372036854775807 사이의 번호를 쓰세요."
        )),
        None if request.prompt_none => request.refuse("login_required", "user authentication required."),
        None => Outcome::Choose(Box::new(request)),
    }
}

impl AuthorizeRequest {
    /// Checks in the order in which Kakao's pages are reported to appear: the app, its redirect URI, then the rest.
    pub(crate) fn parse(mock: &Mock, query: &str) -> Result<Self, KoeCode> {
        let mut parameters: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let mut take = |name: &str| parameters.remove(name).filter(|value| !value.is_empty());
        let client_id = take("client_id").ok_or(KoeCode::Koe101)?;
        let redirect_uri = take("redirect_uri");
        check_client(mock, &client_id, redirect_uri.as_deref())?;
        check_response_type(take("response_type").as_deref())?;
        let scopes = take("scope").map(|scope| parse_scopes(&scope)).transpose()?;
        let prompt_none = parse_prompt(take("prompt").as_deref())?;
        let code_challenge = parse_challenge(take("code_challenge"), take("code_challenge_method").as_deref())?;
        Ok(Self {
            client_id,
            redirect_uri: redirect_uri.ok_or(KoeCode::Koe207)?,
            scopes,
            prompt_none,
            state: take("state"),
            nonce: take("nonce"),
            code_challenge,
            mock_user: take("mock_user"),
            mock_deny: take("mock_deny").is_some_and(|value| value == "1"),
        })
    }

    /// The person agrees, as far as this person ever does and the page left the items ticked.
    pub(crate) fn consent(&self, mock: &Mock, person: Person, ticked: Consents) -> Outcome {
        if person.under_14 {
            return self.refuse("access_denied", "Not allowed under age 14");
        }
        let asks_for_email = self.asks_for("account_email");
        let mut agreed = person.consents;
        agreed.email |= person.email_on_request && asks_for_email;
        let name = person.name.clone().into_owned();
        let code = mock.grant(Grant {
            client_id: self.client_id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            person: Arc::new(person),
            agreed: agreed.and(ticked),
            openid: mock.config.oidc && (self.scopes.is_none() || self.asks_for("openid")),
            nonce: self.nonce.clone(),
            code_challenge: self.code_challenge.clone(),
            granted_at: mock.now(),
        });
        Outcome::Redirect(Redirect { location: self.back(&[("code", &code)]), signed_in: Some(name) })
    }

    /// The person pressed cancel.
    pub(crate) fn deny(&self) -> Outcome {
        self.refuse("access_denied", "User denied access")
    }

    /// The app that asks, for the page.
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where the answer will go, for the page.
    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn refuse(&self, error: &str, description: &str) -> Outcome {
        let location = self.back(&[("error", error), ("error_description", description)]);
        Outcome::Redirect(Redirect { location, signed_in: None })
    }

    fn asks_for(&self, scope: &str) -> bool {
        self.scopes.iter().flatten().any(|asked| asked == scope)
    }

    /// The redirect URI with these parameters and the state. The URI itself is repeated byte for byte.
    fn back(&self, parameters: &[(&str, &str)]) -> String {
        let mut location = self.redirect_uri.clone();
        let mut separator = if location.contains('?') { '&' } else { '?' };
        let state = self.state.as_deref().map(|state| ("state", state));
        for (name, value) in parameters.iter().copied().chain(state) {
            location.push(separator);
            location.push_str(name);
            location.push('=');
            // Kakao writes a space as %20; a plus sign in the value is already %2B here.
            let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            location.push_str(&encoded.replace('+', "%20"));
            separator = '&';
        }
        location
    }
}

fn check_client(mock: &Mock, client_id: &str, redirect_uri: Option<&str>) -> Result<(), KoeCode> {
    let clients = &mock.config.clients;
    let client = clients.iter().find(|client| client.client_id == client_id);
    if client.is_none() && !clients.is_empty() {
        return Err(KoeCode::Koe101);
    }
    let Some(redirect_uri) = redirect_uri else {
        return Err(KoeCode::Koe207);
    };
    let registered = client.map(|client| &client.redirect_uris).filter(|uris| !uris.is_empty());
    let known = registered.is_none_or(|uris| uris.iter().any(|uri| uri == redirect_uri));
    if known && is_redirectable(redirect_uri) { Ok(()) } else { Err(KoeCode::Koe006) }
}

/// An absolute http or https URL without a fragment, in characters that a header can carry.
fn is_redirectable(uri: &str) -> bool {
    uri.bytes().all(|byte| byte.is_ascii_graphic())
        && Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.fragment().is_none())
}

fn check_response_type(response_type: Option<&str>) -> Result<(), KoeCode> {
    match response_type {
        Some("code") => Ok(()),
        Some("token") => Err(KoeCode::Koe202),
        Some(_) => Err(KoeCode::Koe201),
        None => Err(KoeCode::Koe207),
    }
}

/// Kakao's documents separate scopes by commas, its SDK by spaces.
fn parse_scopes(scope: &str) -> Result<Vec<String>, KoeCode> {
    let scopes = scope.split([',', ' ']).filter(|scope| !scope.is_empty());
    scopes.map(|scope| if SCOPES.contains(&scope) { Ok(scope.to_owned()) } else { Err(KoeCode::Koe205) }).collect()
}

/// Whether `none` is among the values, which then has to be alone.
fn parse_prompt(prompt: Option<&str>) -> Result<bool, KoeCode> {
    let values: Vec<_> = prompt.unwrap_or_default().split([',', ' ']).filter(|value| !value.is_empty()).collect();
    let known = |value: &&str| matches!(*value, "login" | "none" | "create" | "select_account");
    let none = values.contains(&"none");
    if values.iter().all(known) && (!none || values.len() == 1) { Ok(none) } else { Err(KoeCode::Koe204) }
}

/// RFC 7636 section 4.3 with S256 only: the challenge is the unpadded base64url of 32 bytes.
fn parse_challenge(challenge: Option<String>, method: Option<&str>) -> Result<Option<String>, KoeCode> {
    let well_formed = |text: &String| {
        text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    match (challenge, method) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if well_formed(&challenge) => Ok(Some(challenge)),
        _ => Err(KoeCode::Koe204),
    }
}
