//! `GET /oauth/authorize`: the checks, and the answer as a redirect or a page. The consent page, a machine (`mock_user`) and
//! [`MockKakao::consent`](crate::MockKakao::consent) all come through here.

use std::collections::HashMap;
use std::sync::Arc;

use url::{Url, form_urlencoded};

use crate::consent::Items;
use crate::errors::KoeCode;
use crate::fault_queue::Queue;
use crate::faults::{Endpoint, Fault};
use crate::links::Link;
use crate::persons::Person;
use crate::state::{Grant, Mock};

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
    Choose(Box<Question>),
}

/// What the page asks.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) request: AuthorizeRequest,
    /// The person who is signed in and linked, and only has to agree to more. Otherwise the page asks who it is as well.
    pub(crate) person: Option<Arc<Person>>,
    /// The consent items to show.
    pub(crate) items: Items,
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
    scopes: Option<Scopes>,
    prompt: Prompt,
    login_hint: Option<String>,
    service_terms: Vec<String>,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    mock_user: Option<String>,
    mock_deny: bool,
}

/// The `scope` parameter.
#[derive(Debug, Clone, Copy)]
struct Scopes {
    items: Items,
    openid: bool,
}

/// The `prompt` parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// Only what is needed: nothing for somebody who is signed in and linked.
    Needed,
    /// No page at all.
    None,
    /// The login page, also for somebody who is signed in (`login`, `select_account`).
    Login,
    /// A new Kakao account first.
    Create,
}

/// Answers an authorize request. `signed_in` is the name of the person who is signed in at the mock in this browser.
pub(crate) fn authorize(mock: &Mock, query: &str, signed_in: Option<&str>) -> Outcome {
    mock.faults.count(Endpoint::Authorize);
    let request = match AuthorizeRequest::parse(mock, query) {
        Ok(request) => request,
        Err(code) => return Outcome::Page(code),
    };
    match mock.faults.take(Queue::Of(Endpoint::Authorize)) {
        Some(Fault::AuthorizePage(code)) => return Outcome::Page(code),
        Some(Fault::AuthorizeError { error, description }) => return request.refuse(&error, &description),
        _ => {}
    }
    if request.mock_deny {
        return request.deny();
    }
    if let Some(name) = &request.mock_user {
        return match mock.person(name) {
            Some(person) if request.prompt == Prompt::None => request.silently(mock, &person),
            Some(person) => request.consent(mock, &person, None),
            None => Outcome::Refused(format!(
                "mock_user={name}: 없는 사람입니다. 이름이나 1부터 9223372036854775807 사이의 번호를 쓰세요."
            )),
        };
    }
    let person = signed_in.and_then(|name| mock.person(name));
    match (request.prompt, person) {
        (Prompt::None, Some(person)) => request.silently(mock, &person),
        (Prompt::None, None) => request.refuse("login_required", "user authentication required."),
        (Prompt::Needed, Some(person)) if mock.config.stay_signed_in => request.known(mock, person),
        _ => request.ask_all(mock),
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
        let scopes = take("scope").map(|scope| parse_scopes(mock, &scope)).transpose()?;
        let prompt = parse_prompt(take("prompt").as_deref())?;
        let service_terms = take("service_terms").map(|tags| parse_terms(mock, &tags)).transpose()?;
        let code_challenge = parse_challenge(take("code_challenge"), take("code_challenge_method").as_deref())?;
        Ok(Self {
            client_id,
            redirect_uri: redirect_uri.ok_or(KoeCode::Koe207)?,
            scopes,
            prompt,
            login_hint: take("login_hint"),
            service_terms: service_terms.unwrap_or_default(),
            state: take("state"),
            nonce: take("nonce"),
            code_challenge,
            mock_user: take("mock_user"),
            mock_deny: take("mock_deny").is_some_and(|value| value == "1"),
        })
    }

    /// Without a page: only for somebody who is linked and asked for nothing new.
    fn silently(&self, mock: &Mock, person: &Arc<Person>) -> Outcome {
        if person.sanctioned {
            return self.refuse("interaction_required", "user interaction required.");
        }
        match mock.links.get(person.id) {
            Some(link) if self.missing(&link).is_empty() => self.grant(mock, person, link),
            _ => self.refuse("consent_required", "user consent required."),
        }
    }

    /// Somebody is signed in: at once if nothing is missing, else a page with what is.
    fn known(self, mock: &Mock, person: Arc<Person>) -> Outcome {
        match mock.links.get(person.id) {
            Some(link) if self.missing(&link).is_empty() => self.grant(mock, &person, link),
            Some(link) => {
                let items = self.missing(&link);
                Outcome::Choose(Box::new(Question { request: self, person: Some(person), items }))
            }
            None => self.ask_all(mock),
        }
    }

    fn ask_all(self, mock: &Mock) -> Outcome {
        let items = mock.items.shown_first.or(self.asked());
        Outcome::Choose(Box::new(Question { request: self, person: None, items }))
    }

    /// The person agrees: to what the page left ticked, or without a page to what this person always agrees to. What was
    /// agreed to earlier is not asked again and stays.
    pub(crate) fn consent(&self, mock: &Mock, person: &Arc<Person>, ticked: Option<Items>) -> Outcome {
        if person.under_14 && mock.config.refuse_under_14 {
            return self.refuse("access_denied", "Not allowed under age 14");
        }
        let asked = self.asked();
        let (shown, terms) = match mock.links.get(person.id) {
            Some(link) => (self.missing(&link), Vec::new()),
            None => (mock.items.shown_first.or(asked), self.first_terms(mock)),
        };
        let agreed = match ticked {
            Some(ticked) => ticked.and(person.consents.or(asked)),
            None => person.consents.or(person.on_request.and(asked)),
        };
        let link = mock.link(person, agreed.and(shown));
        self.agree_to_terms(mock, &link, terms);
        self.grant(mock, person, link)
    }

    fn grant(&self, mock: &Mock, person: &Person, link: Arc<Link>) -> Outcome {
        let code = mock.grant(Grant {
            client_id: self.client_id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            link,
            openid: mock.config.oidc && self.scopes.is_none_or(|scopes| scopes.openid),
            nonce: self.nonce.clone(),
            code_challenge: self.code_challenge.clone(),
            granted_at: mock.now(),
        });
        let signed_in = Some(person.name.clone().into_owned());
        Outcome::Redirect(Redirect { location: self.back(&[("code", &code)]), signed_in })
    }

    /// Everybody who links agrees to the app's terms: those named, or all of them.
    fn first_terms(&self, mock: &Mock) -> Vec<String> {
        if self.service_terms.is_empty() {
            mock.config.service_terms.iter().map(|term| term.tag.clone()).collect()
        } else {
            self.service_terms.clone()
        }
    }

    fn agree_to_terms(&self, mock: &Mock, link: &Link, first: Vec<String>) {
        let now = mock.now();
        if first.is_empty() && self.service_terms.is_empty() {
            return;
        }
        let mut details = link.details();
        for tag in first.into_iter().chain(self.service_terms.iter().cloned()) {
            details.terms.entry(tag).or_insert((now, "KAUTH"));
        }
    }

    fn asked(&self) -> Items {
        self.scopes.map_or(Items::NONE, |scopes| scopes.items)
    }

    /// What is asked for and not yet agreed to.
    fn missing(&self, link: &Link) -> Items {
        self.asked().without(link.agreed())
    }

    /// The person pressed cancel.
    pub(crate) fn deny(&self) -> Outcome {
        self.refuse("access_denied", "User denied access")
    }

    /// The app that asks, for the page.
    pub(crate) fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Whom the app expects to sign in, for the page.
    pub(crate) fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// Whether a new account is asked for, for the page.
    pub(crate) fn creates_account(&self) -> bool {
        self.prompt == Prompt::Create
    }

    /// Where the answer will go, for the page.
    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    fn refuse(&self, error: &str, description: &str) -> Outcome {
        let location = self.back(&[("error", error), ("error_description", description)]);
        Outcome::Redirect(Redirect { location, signed_in: None })
    }

    /// The redirect URI with these parameters and the state.
    fn back(&self, parameters: &[(&str, &str)]) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        with_parameters(&self.redirect_uri, parameters.iter().copied().chain(state))
    }
}

/// A redirect URI, repeated byte for byte, with more query parameters.
pub(crate) fn with_parameters<'text>(
    redirect_uri: &str,
    parameters: impl IntoIterator<Item = (&'text str, &'text str)>,
) -> String {
    let mut location = redirect_uri.to_owned();
    let mut separator = if location.contains('?') { '&' } else { '?' };
    for (name, value) in parameters {
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
pub(crate) fn is_redirectable(uri: &str) -> bool {
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
fn parse_scopes(mock: &Mock, scope: &str) -> Result<Scopes, KoeCode> {
    let mut scopes = Scopes { items: Items::NONE, openid: false };
    for id in words(scope) {
        if id == "openid" {
            scopes.openid = true;
        } else {
            let item = Items::named(id).filter(|item| mock.items.configured.has(*item)).ok_or(KoeCode::Koe205)?;
            scopes.items = scopes.items.or(item);
        }
    }
    Ok(scopes)
}

/// `none` has to be alone.
fn parse_prompt(prompt: Option<&str>) -> Result<Prompt, KoeCode> {
    let mut parsed = Prompt::Needed;
    for value in words(prompt.unwrap_or_default()) {
        parsed = match (value, parsed) {
            ("none", Prompt::Needed) => Prompt::None,
            ("create", Prompt::Needed | Prompt::Login | Prompt::Create)
            | ("login" | "select_account", Prompt::Create) => Prompt::Create,
            ("login" | "select_account", Prompt::Needed | Prompt::Login) => Prompt::Login,
            _ => return Err(KoeCode::Koe204),
        };
    }
    Ok(parsed)
}

/// A list without a required term shows no page about terms, so nothing is agreed to.
fn parse_terms(mock: &Mock, tags: &str) -> Result<Vec<String>, KoeCode> {
    let known = &mock.config.service_terms;
    let mut required = false;
    let mut terms = Vec::new();
    for tag in words(tags) {
        let term = known.iter().find(|term| term.tag == tag).ok_or(KoeCode::Koe204)?;
        required |= term.required;
        terms.push(term.tag.clone());
    }
    Ok(if required { terms } else { Vec::new() })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|word| !word.is_empty())
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
