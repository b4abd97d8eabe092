//! The HTML pages, and the answers to a browser.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use poem::http::{HeaderValue, header};
use poem::web::Data;
use poem::{Body, Request, Response, handler};
use url::form_urlencoded;

use crate::answers;
use crate::authorize::{self, AuthorizeRequest, Outcome, Question, Redirect};
use crate::consent::{ITEMS, Item};
use crate::errors::KoeCode;
use crate::faults::Fault;
use crate::kauth::{LogoutRequest, query};
use crate::persons::Person;
use crate::state::Mock;

const STYLE: &str = include_str!("../templates/style.css");
const FORM_LIMIT: usize = 64 * 1024;

/// Names the person signed in at the mock in this browser, for `prompt=none` and as the choice offered first.
const SIGNED_IN: &str = "mock_kakao_person";

/// Errors that show instead of the redirect.
const PAGE_CODES: [KoeCode; 4] = [KoeCode::Koe004, KoeCode::Koe006, KoeCode::Koe101, KoeCode::Koe205];

#[derive(Template)]
#[template(path = "consent.html")]
struct ConsentPage<'page> {
    /// Somebody who is signed in and only agrees to more.
    fixed: Option<&'page Person>,
    persons: Vec<Arc<Person>>,
    /// The name of the person offered first; empty if that is whoever is typed in.
    chosen: &'page str,
    /// What stands in the box for a number or an address.
    typed: &'page str,
    /// The number of a new account, when the app asks for one.
    new_account: Option<String>,
    items: Vec<ItemRow>,
    client_id: &'page str,
    redirect_uri: &'page str,
    query: &'page str,
    page_codes: [KoeCode; 4],
    token_faults: [TokenFault; 6],
}

/// A consent item on the page.
struct ItemRow {
    id: &'static str,
    name: &'static str,
    required: bool,
}

impl ConsentPage<'_> {
    fn is_chosen(&self, name: &str) -> bool {
        name == self.chosen
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'page> {
    title: &'page str,
    text: &'page str,
    advice: &'page str,
}

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage<'page> {
    client_id: &'page str,
    signed_in: Option<&'page str>,
    query: &'page str,
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage<'page> {
    base_url: &'page str,
    persons: Vec<Arc<Person>>,
}

/// A button that makes the next answer to the client fail.
struct TokenFault {
    value: &'static str,
    label: &'static str,
    text: &'static str,
    fault: Fault,
}

#[handler]
pub(crate) fn index(Data(mock): Data<&Arc<Mock>>) -> Response {
    render(200, &IndexPage { base_url: &mock.base_url, persons: mock.listed() })
}

#[handler]
pub(crate) fn style() -> Response {
    Response::builder().content_type("text/css; charset=utf-8").body(STYLE)
}

#[handler]
pub(crate) fn show_authorize(Data(mock): Data<&Arc<Mock>>, request: &Request) -> Response {
    let query = query(request);
    let signed_in = signed_in(request);
    answer(mock, authorize::authorize(mock, query, signed_in), query, signed_in)
}

/// What the consent page sends. The authorize query comes along and is checked again, since the form may have been edited.
#[handler]
pub(crate) async fn decide(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    let Ok(body) = body.into_bytes_limit(FORM_LIMIT).await else {
        return answers::text(413, "form too large");
    };
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let query = form.get("query").map_or("", String::as_str);
    let outcome = match AuthorizeRequest::parse(mock, query) {
        Ok(request) => decision(mock, &request, &form),
        Err(code) => Outcome::Page(code),
    };
    answer(mock, outcome, query, None)
}

fn decision(mock: &Mock, request: &AuthorizeRequest, form: &HashMap<String, String>) -> Outcome {
    let value = |name: &str| form.get(name).map(String::as_str);
    if value("decision") == Some("deny") {
        return request.deny();
    }
    if let Some(wanted) = value("fault") {
        if let Some(code) = PAGE_CODES.into_iter().find(|code| code.as_str() == wanted) {
            return Outcome::Page(code);
        }
        match token_faults().into_iter().find(|fault| fault.value == wanted) {
            Some(button) => mock.faults.push(button.fault, 1),
            None => return Outcome::Refused(format!("fault={wanted}: 모르는 오류입니다.")),
        }
    }
    let typed = |name: &str| {
        if name.is_empty() { value("account").and_then(|text| by_account(mock, text)) } else { mock.person(name) }
    };
    let Some(person) = value("person").and_then(typed) else {
        return Outcome::Refused("사람을 먼저 고르세요.".to_owned());
    };
    // A required item has no box that could be emptied.
    let ticked = ITEMS.iter().filter(|item| form.contains_key(item.id));
    let ticked = ticked.fold(mock.items.required, |ticked, item| ticked.or(item.set()));
    request.consent(mock, &person, Some(ticked))
}

fn answer(mock: &Mock, outcome: Outcome, query: &str, signed_in: Option<&str>) -> Response {
    match outcome {
        Outcome::Redirect(redirect) => back(&redirect),
        Outcome::Page(code) => error_page(code),
        Outcome::Refused(text) => render(
            400,
            &ErrorPage {
                title: "잘못된 요청",
                text: &text,
                advice: "목의 첫 화면에 사람의 이름과 쓰는 법이 있습니다.",
            },
        ),
        Outcome::Choose(question) => consent_page(mock, &question, query, signed_in),
    }
}

fn back(redirect: &Redirect) -> Response {
    let response = answers::found(&redirect.location);
    match &redirect.signed_in {
        Some(name) => sign_in(response, name),
        None => response,
    }
}

/// The browser is signed in at the mock from now on; with an empty name it is signed out.
pub(crate) fn sign_in(mut response: Response, name: &str) -> Response {
    let life = if name.is_empty() { "; Max-Age=0" } else { "" };
    let cookie = format!("{SIGNED_IN}={name}; Path=/; HttpOnly; SameSite=Lax{life}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Logout with the Kakao account: a page, then back to the app.
#[handler]
pub(crate) fn show_logout(Data(mock): Data<&Arc<Mock>>, request: &Request) -> Response {
    let query = query(request);
    match LogoutRequest::parse(mock, query) {
        Ok(logout) => render(200, &LogoutPage { client_id: &logout.client_id, signed_in: signed_in(request), query }),
        Err(code) => error_page(code),
    }
}

/// What the logout page sends; checked again.
#[handler]
pub(crate) async fn log_out(Data(mock): Data<&Arc<Mock>>, body: Body) -> Response {
    let Ok(body) = body.into_bytes_limit(FORM_LIMIT).await else {
        return answers::text(413, "form too large");
    };
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    match LogoutRequest::parse(mock, form.get("query").map_or("", String::as_str)) {
        Ok(logout) => {
            let response = answers::found(&logout.location());
            if form.get("scope").is_some_and(|scope| scope == "service") { response } else { sign_in(response, "") }
        }
        Err(code) => error_page(code),
    }
}

fn error_page(code: KoeCode) -> Response {
    let advice = match code {
        KoeCode::Koe004 => "실제 콘솔에서는 [카카오 로그인] > [사용 설정]을 켭니다.",
        KoeCode::Koe006 => {
            "실제 콘솔에서는 [앱] > [플랫폼 키] > [REST API 키]의 리다이렉트 URI에 보낸 값과 똑같이 등록합니다."
        }
        KoeCode::Koe007 => "실제 콘솔에서는 [카카오 로그인] > [고급]의 로그아웃 리다이렉트 URI에 등록합니다.",
        KoeCode::Koe101 => "실제 콘솔에서는 [앱] > [플랫폼 키] > [REST API 키]의 값을 client_id로 씁니다.",
        KoeCode::Koe205 => "scope에서 설정하지 않은 항목을 빼거나, 실제 콘솔의 [동의항목]에서 설정합니다.",
        _ => "요청의 파라미터를 확인하세요.",
    };
    render(code.page_status(), &ErrorPage { title: code.as_str(), text: code.meaning(), advice })
}

fn consent_page(mock: &Mock, question: &Question, query: &str, signed_in: Option<&str>) -> Response {
    let request = &question.request;
    let persons = mock.listed();
    let hint = request.login_hint();
    let hinted = hint.map(|hint| persons.iter().find(|person| person.answers_to(hint)));
    let new_account = request.creates_account().then(|| mock.random.account_number().to_string());
    let known = persons.iter().find(|person| Some(person.name.as_ref()) == signed_in);
    let chosen = match (&new_account, hinted) {
        (Some(number), _) => number.clone(),
        (None, Some(Some(person))) => person.name.to_string(),
        (None, Some(None)) => String::new(),
        (None, None) => known.unwrap_or(&persons[0]).name.to_string(),
    };
    let required = mock.items.required;
    let row = |item: &Item| ItemRow { id: item.id, name: item.name, required: required.has(item.set()) };
    let mut items: Vec<ItemRow> = question.items.list().map(row).collect();
    // As on Kakao's page: what is required comes first.
    items.sort_by_key(|item| !item.required);
    let page = ConsentPage {
        fixed: question.person.as_deref(),
        chosen: &chosen,
        typed: hint.filter(|_| chosen.is_empty()).unwrap_or_default(),
        new_account,
        items,
        persons,
        client_id: request.client_id(),
        redirect_uri: request.redirect_uri(),
        query,
        page_codes: PAGE_CODES,
        token_faults: token_faults(),
    };
    render(200, &page)
}

/// The person a login page would find: by name, number, e-mail address or telephone number.
fn by_account(mock: &Mock, text: &str) -> Option<Arc<Person>> {
    let listed = mock.listed().into_iter().find(|person| person.answers_to(text));
    listed.or_else(|| mock.person(text))
}

fn token_faults() -> [TokenFault; 6] {
    let code =
        |value, label, code: KoeCode| TokenFault { value, label, text: code.meaning(), fault: Fault::TokenError(code) };
    let other = |value, label, text, fault| TokenFault { value, label, text, fault };
    [
        code("KOE010", "KOE010", KoeCode::Koe010),
        code("KOE303", "KOE303", KoeCode::Koe303),
        code("KOE320", "KOE320", KoeCode::Koe320),
        other("slow", "5초 지연", "토큰 응답이 5초 늦습니다.", Fault::TokenSlow(5000)),
        other("status", "500", "토큰 요청에 500과 HTML로 답합니다.", Fault::TokenStatus(500)),
        other("truncated", "깨진 JSON", "토큰 응답이 중간에서 끊긴 JSON입니다.", Fault::TokenTruncated),
    ]
}

pub(crate) fn signed_in(request: &Request) -> Option<&str> {
    let cookies = request.header(header::COOKIE)?;
    cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix(SIGNED_IN)?.strip_prefix('='))
}

pub(crate) fn render(status: u16, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => answers::page(status, html),
        Err(error) => {
            tracing::error!(%error, "a page of the mock could not be rendered");
            answers::text(500, "page could not be rendered")
        }
    }
}
