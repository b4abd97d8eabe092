//! The few HTML pages: server-rendered, no inline script or style. Data in, text out.

use askama::Template;

/// One stylesheet for all of them.
pub const STYLE_CSS: &str = include_str!("style.css");
/// What only the demo page needs of style.
pub const DEMO_CSS: &str = include_str!("demo.css");
/// The live part of the demo page: what `web/demo` becomes, by `cd web && npm run build`.
pub const DEMO_JS: &str = include_str!("assets/demo.js");
/// The page around Swagger UI.
pub const DOCS_HTML: &str = include_str!("docs.html");
/// Its script.
pub const DOCS_JS: &str = include_str!("docs.js");
/// Its style.
pub const DOCS_CSS: &str = include_str!("docs.css");

/// A failed login without a place to return to, or any other error a person navigated into.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    /// `ko` or `en`.
    pub lang: &'a str,
    /// Whether `lang` is `en`.
    pub english: bool,
    /// What happened, for the visitor.
    pub message: &'a str,
    /// What to do, for the visitor.
    pub hint: &'a str,
    /// The stable code.
    pub code: &'a str,
    /// The page about it, or about Kakao's code.
    pub about_url: String,
    /// Kakao's own.
    pub kakao_code: Option<String>,
    /// To be quoted.
    pub request_id: &'a str,
    /// What happened, for the developer.
    pub title: &'a str,
    /// What is particular about it, for the developer.
    pub detail: Option<String>,
    /// Starts the login again.
    pub retry_url: Option<String>,
    /// Where else to go.
    pub back_url: &'a str,
    /// The redirect URI in use, to compare with Kakao's console.
    pub redirect_uri: &'a str,
    /// Whether `retry_url` asks for consent that was missing.
    pub asks_consent: bool,
    /// What Kakao's code means.
    pub kakao: Option<Explained>,
}

/// A code of Kakao's, for the developer.
pub struct Explained {
    /// Why it comes.
    pub cause: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// Where in Kakao's console.
    pub console: Option<&'static str>,
}

/// What a user can see and do about themselves.
#[derive(Template)]
#[template(path = "account.html")]
pub struct AccountPage<'a> {
    /// `ko` or `en`.
    pub lang: &'a str,
    /// Whether `lang` is `en`.
    pub english: bool,
    /// What the form before did.
    pub done: Option<&'a str>,
    /// Of every form.
    pub form_token: &'a str,
    /// Display name.
    pub nickname: Option<&'a str>,
    /// Shown where there is no picture.
    pub initial: String,
    /// https URL.
    pub picture: Option<&'a str>,
    /// Address.
    pub email: Option<&'a str>,
    /// Beside it.
    pub email_verified: bool,
    /// How they sign in.
    pub identity: Option<String>,
    /// Our id.
    pub user_id: String,
    /// When they came.
    pub since: String,
    /// Private fields, named.
    pub private_rows: Vec<(&'static str, String)>,
    /// Consent items, comma-separated.
    pub needs_agreement: String,
    /// Where to agree to them.
    pub consent_url: Option<String>,
    /// Their sessions, the one used last first.
    pub devices: Vec<DeviceRow>,
    /// Whether the login is fresh enough to leave.
    pub may_leave: bool,
    /// Where to sign in again, to be allowed to.
    pub again_url: &'a str,
}

/// One session.
pub struct DeviceRow {
    /// Of the form.
    pub id: String,
    /// "Chrome, Windows".
    pub name: String,
    /// Whether this page is shown on it.
    pub current: bool,
    /// The network.
    pub ip: Option<String>,
    /// When it began.
    pub first_seen: String,
    /// When it was used last.
    pub last_seen: String,
}

/// The account page of somebody who is not signed in.
#[derive(Template)]
#[template(path = "signed_out.html")]
pub struct SignedOutPage<'a> {
    /// `ko` or `en`.
    pub lang: &'a str,
    /// Whether `lang` is `en`.
    pub english: bool,
    /// Whether the browser may be signed in and did not say so, coming from another site.
    pub on_its_way: bool,
    /// What the form before did.
    pub done: Option<&'a str>,
    /// Kakao's own logout.
    pub kakao_logout_url: Option<String>,
}

/// The page at `/` of `munjigi demo`.
#[derive(Template)]
#[template(path = "demo.html")]
pub struct DemoPage<'a> {
    /// `ko` or `en`.
    pub lang: &'a str,
    /// Whether `lang` is `en`.
    pub english: bool,
    /// Base URL of the mock.
    pub mock_url: &'a str,
    /// Base URL of the gateway.
    pub public_url: &'a str,
    /// Name and peculiarity of each person.
    pub persons: Vec<(String, &'static str, &'static str)>,
}

/// What one error code means.
#[derive(Template)]
#[template(path = "code.html")]
pub struct CodePage<'a> {
    /// `ko` or `en`.
    pub lang: &'a str,
    /// Whether `lang` is `en`.
    pub english: bool,
    /// Its spelling.
    pub code: &'a str,
    /// One sentence.
    pub summary: &'a str,
    /// Kakao's, or ours.
    pub of_kakao: bool,
    /// One, or two where Kakao uses one code for two things.
    pub meanings: Vec<CodeMeaning>,
}

/// One meaning of a code.
pub struct CodeMeaning {
    /// For developers, English.
    pub heading: String,
    /// Facts.
    pub rows: Vec<CodeRow>,
}

/// One fact about a code.
pub struct CodeRow {
    /// What kind of fact.
    pub label: &'static str,
    /// The fact.
    pub parts: Vec<CodePart>,
}

/// A piece of a fact.
pub struct CodePart {
    /// Its text.
    pub text: String,
    /// Whether it is a name to be copied.
    pub is_code: bool,
    /// Where it leads.
    pub path: Option<String>,
}

/// All error codes, or those that come near one that does not exist.
#[derive(Template)]
#[template(path = "codes.html")]
pub struct CodesPage<'a> {
    /// `ko` or `en`.
    pub lang: &'a str,
    /// Whether `lang` is `en`.
    pub english: bool,
    /// What was asked for and does not exist.
    pub unknown: Option<String>,
    /// Codes of the gateway.
    pub ours: Vec<CodeLine>,
    /// Codes of Kakao's.
    pub kakaos: Vec<CodeLine>,
}

/// A code in a list.
pub struct CodeLine {
    /// Its spelling.
    pub code: &'static str,
    /// Its page.
    pub path: String,
    /// One sentence.
    pub summary: &'static str,
}
