//! The systems under test and their operations. One login is always the same three requests of a browser: begin at the system,
//! agree at Kakao, come back to the system; what the first and the last look like is each system's own affair.

use std::borrow::Cow;

use clap::ValueEnum;
use serde::Deserialize;

use crate::{
    failure::Failure,
    http::{Answer, Connection, Request},
};

/// Where an answer does not name the person, one login in this many is followed by reading the session.
const VERIFIED_SHARE: u64 = 32;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// The gateway as a single-page app uses it: `login-url`, then the code posted back; tokens in the body
    Munjigi,
    /// The gateway as a link uses it: `login`, the registered redirect URI; the refresh token in a cookie
    MunjigiRedirect,
    /// The design of the Django Ninja tutorial
    DjangoNinja,
    /// better-auth on Node.js
    BetterAuth,
    /// django-allauth
    Allauth,
    /// The mock of Kakao alone, called as a gateway would call it: how fast a login could be at all
    Mock,
}

/// Somebody signed in.
#[derive(Default)]
pub struct Session {
    pub person: u64,
    access: String,
    refresh: String,
    cookies: String,
}

/// One browser: a connection to the system, one to Kakao.
pub struct Browser {
    system: System,
    app: Connection,
    kakao: Connection,
    /// Where Kakao sends the browser; the mock alone needs it said.
    callback: String,
    logins: u64,
}

#[derive(Deserialize)]
struct LoginUrl<'a> {
    #[serde(borrow, alias = "url")]
    login_url: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Tokens<'a> {
    #[serde(borrow)]
    access_token: Cow<'a, str>,
    #[serde(borrow, default)]
    refresh_token: Cow<'a, str>,
    #[serde(borrow)]
    user: Option<Named<'a>>,
}

/// Whoever an answer is about, by whatever name of theirs it carries.
#[derive(Deserialize, Default)]
struct Named<'a> {
    #[serde(borrow, default)]
    username: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    email: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Enveloped<'a> {
    #[serde(borrow)]
    user: Named<'a>,
}

#[derive(Deserialize)]
struct Headless<'a> {
    #[serde(borrow)]
    data: Enveloped<'a>,
}

#[derive(Deserialize)]
struct KakaoPerson {
    id: u64,
}

impl Browser {
    pub fn new(system: System, app: &str, kakao: &str) -> Self {
        let callback = format!("{app}/callback");
        Self { system, app: Connection::to(app), kakao: Connection::to(kakao), callback, logins: 0 }
    }

    /// Opens the connections, so that opening them is not measured.
    pub async fn open(&mut self) -> Result<(), Failure> {
        if self.system != System::Mock {
            self.app.open().await?;
        }
        self.kakao.open().await
    }

    /// Signs a person in, from the first request to the answer that carries the session.
    pub async fn login(&mut self, person: u64) -> Result<Session, Failure> {
        self.logins += 1;
        match self.system {
            System::Munjigi => self.login_posting_code("/api/auth/kakao/login-url", person).await,
            System::DjangoNinja => {
                let session = self.login_posting_code("/api/auth/kakao/login-url", person).await?;
                self.verify_some(session).await
            }
            System::MunjigiRedirect => self.login_by_redirect(person).await,
            System::BetterAuth | System::Allauth => {
                let session = self.login_by_redirect(person).await?;
                self.verify_some(session).await
            }
            System::Mock => self.login_without_a_system(person).await,
        }
    }

    async fn verify_some(&mut self, session: Session) -> Result<Session, Failure> {
        if self.logins % VERIFIED_SHARE == 1 {
            self.read_profile(&session).await?;
        }
        Ok(session)
    }

    async fn login_posting_code(&mut self, begin: &str, person: u64) -> Result<Session, Failure> {
        let answer = self.app.send(Request::get(begin, &[])).await?.expect(200)?;
        let cookies = answer.cookies();
        let callback = agree(&mut self.kakao, &json::<LoginUrl>(answer.body)?.login_url, person).await?;
        let (code, state) = (query_value(&callback, "code")?, query_value(&callback, "state").unwrap_or_default());
        let body = format!(r#"{{"code":"{code}","state":"{state}"}}"#);
        let headers = [("cookie", cookies.as_str())];
        let headers = if cookies.is_empty() { &[] } else { &headers[..] };
        let answer =
            self.app.send(Request::post_json("/api/auth/kakao/callback", headers, &body)).await?.expect(200)?;
        let tokens = json::<Tokens>(answer.body)?;
        if let Some(user) = &tokens.user {
            user.must_be(person)?;
        }
        Session::of(&tokens, person)
    }

    async fn login_by_redirect(&mut self, person: u64) -> Result<Session, Failure> {
        let request = match self.system {
            System::BetterAuth => {
                Request::post_json("/api/auth/sign-in/social", &[], r#"{"provider":"kakao","callbackURL":"/done"}"#)
            }
            System::Allauth => Request::get("/accounts/kakao/login/", &[]),
            _ => Request::get("/api/auth/kakao/login", &[]),
        };
        let answer = self.app.send(request).await?;
        let url = if answer.status == 200 {
            json::<LoginUrl>(answer.body)?.login_url.into_owned()
        } else {
            redirected(&answer)?.to_owned()
        };
        let cookies = answer.cookies();
        let callback = agree(&mut self.kakao, &url, person).await?;
        let answer = self.app.send(Request::get(path_of(&callback)?, &[("cookie", &cookies)])).await?;
        if redirected(&answer)?.contains("error=") {
            return Err(Failure::wrong("the login came back with an error"));
        }
        let name = match self.system {
            System::BetterAuth => "session_token",
            System::Allauth => "sessionid",
            _ => "munjigi_rt=",
        };
        let cookies = answer.cookies();
        if !cookies.contains(name) {
            return Err(Failure::wrong("no session cookie after a login"));
        }
        Ok(Session { person, cookies, ..Session::default() })
    }

    /// What a gateway has to ask of Kakao for a first login.
    async fn login_without_a_system(&mut self, person: u64) -> Result<Session, Failure> {
        let begin = format!("/oauth/authorize?client_id=bench&response_type=code&redirect_uri={}", self.callback);
        let callback = agree(&mut self.kakao, &begin, person).await?;
        let code = query_value(&callback, "code")?;
        let form = format!(
            "grant_type=authorization_code&client_id=bench&client_secret=bench&code={code}&redirect_uri={}",
            self.callback
        );
        let body = Some(("application/x-www-form-urlencoded", form.as_bytes()));
        let request = Request { method: "POST", target: "/oauth/token", headers: &[], body };
        let answer = self.kakao.send(request).await?.expect(200)?;
        let access = json::<Tokens>(answer.body)?.access_token.into_owned();
        let session = Session { person, access, ..Session::default() };
        self.read_profile(&session).await?;
        Ok(session)
    }

    /// Continues the session with its refresh token; the old token must not come back.
    pub async fn refresh(&mut self, session: &mut Session) -> Result<(), Failure> {
        if self.system == System::MunjigiRedirect {
            let headers = [("cookie", session.cookies.as_str()), ("x-munjigi-cookie", "1")];
            let answer = self.app.send(Request::post_json("/api/auth/refresh", &headers, "{}")).await?.expect(200)?;
            json::<Tokens>(answer.body)?.user.ok_or(Failure::wrong("nobody"))?.must_be(session.person)?;
            let cookies = answer.cookies();
            if cookies.is_empty() || cookies == session.cookies {
                return Err(Failure::wrong("no new refresh token"));
            }
            session.cookies = cookies;
            return Ok(());
        }
        let body = format!(r#"{{"refresh_token":"{}"}}"#, session.refresh);
        let answer = self.app.send(Request::post_json("/api/auth/refresh", &[], &body)).await?.expect(200)?;
        let tokens = json::<Tokens>(answer.body)?;
        if let Some(user) = &tokens.user {
            user.must_be(session.person)?;
        }
        if tokens.refresh_token == session.refresh {
            return Err(Failure::wrong("no new refresh token"));
        }
        *session = Session::of(&tokens, session.person)?;
        Ok(())
    }

    /// Reads who is signed in, with one read of the database.
    pub async fn read_profile(&mut self, session: &Session) -> Result<(), Failure> {
        let bearer = format!("Bearer {}", session.access);
        let headers = match self.system {
            System::BetterAuth | System::Allauth => [("cookie", session.cookies.as_str())],
            _ => [("authorization", bearer.as_str())],
        };
        let (connection, target) = match self.system {
            System::BetterAuth => (&mut self.app, "/api/auth/get-session"),
            System::Allauth => (&mut self.app, "/_allauth/browser/v1/auth/session"),
            System::Mock => (&mut self.kakao, "/v2/user/me"),
            _ => (&mut self.app, "/api/auth/profile"),
        };
        let answer = connection.send(Request::get(target, &headers)).await?.expect(200)?;
        match self.system {
            System::BetterAuth => json::<Enveloped>(answer.body)?.user.must_be(session.person),
            System::Allauth => json::<Headless>(answer.body)?.data.user.must_be(session.person),
            System::Mock if json::<KakaoPerson>(answer.body)?.id == session.person => Ok(()),
            System::Mock => Err(Failure::wrong("another person")),
            _ => json::<Named>(answer.body)?.must_be(session.person),
        }
    }

    /// The sample that checks a token and asks no database.
    pub async fn read_protected(&mut self, session: &Session) -> Result<(), Failure> {
        let bearer = format!("Bearer {}", session.access);
        let headers = [("authorization", bearer.as_str())];
        let answer = self.app.send(Request::get("/api/protected", &headers)).await?.expect(200)?;
        contains(answer.body, b"\"user_id\"")
    }

    /// What a signed-in person asks for all the time: the cheapest the system has.
    pub async fn show_session(&mut self, session: &Session) -> Result<(), Failure> {
        match self.system {
            System::Munjigi | System::DjangoNinja => self.read_protected(session).await,
            _ => self.read_profile(session).await,
        }
    }

    /// Whether the process answers.
    pub async fn read_health(&mut self) -> Result<(), Failure> {
        let (target, sign) = match self.system {
            System::Munjigi | System::MunjigiRedirect => ("/livez", &b"healthy"[..]),
            System::DjangoNinja | System::Allauth => ("/api/health", &b"healthy"[..]),
            System::BetterAuth => ("/api/auth/ok", &b"true"[..]),
            System::Mock => ("/.well-known/jwks.json", &b"RS256"[..]),
        };
        let connection = if self.system == System::Mock { &mut self.kakao } else { &mut self.app };
        let answer = connection.send(Request::get(target, &[])).await?.expect(200)?;
        contains(answer.body, sign)
    }
}

impl Session {
    /// One that is known by its refresh token alone.
    pub fn to_be_refreshed(person: u64, refresh: &str) -> Self {
        Self { person, refresh: refresh.to_owned(), ..Self::default() }
    }

    fn of(tokens: &Tokens<'_>, person: u64) -> Result<Self, Failure> {
        let (access, refresh) = (tokens.access_token.to_string(), tokens.refresh_token.to_string());
        if access.is_empty() || refresh.is_empty() {
            return Err(Failure::wrong("a token is missing"));
        }
        Ok(Self { person, access, refresh, cookies: String::new() })
    }
}

impl Named<'_> {
    /// The mock gives the person with number N the address N@example.com.
    fn must_be(&self, person: u64) -> Result<(), Failure> {
        let named = self.username.as_deref().and_then(|name| name.strip_prefix("kakao_"));
        let number = named.or_else(|| self.email.as_deref()?.strip_suffix("@example.com"));
        if number.and_then(|number| number.parse().ok()) == Some(person) {
            Ok(())
        } else {
            Err(Failure::wrong("another person"))
        }
    }
}

/// The person agrees at Kakao; where the browser is sent then.
async fn agree(kakao: &mut Connection, authorize_url: &str, person: u64) -> Result<String, Failure> {
    let target = format!("{}&mock_user={person}", path_of(authorize_url)?);
    let answer = kakao.send(Request::get(&target, &[])).await?;
    Ok(redirected(&answer)?.to_owned())
}

fn redirected<'a>(answer: &Answer<'a>) -> Result<&'a str, Failure> {
    if matches!(answer.status, 301..=303 | 307) { answer.location() } else { Err(Failure::Status(answer.status)) }
}

fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|_| Failure::wrong("not the expected JSON"))
}

fn contains(body: &[u8], sign: &[u8]) -> Result<(), Failure> {
    if body.windows(sign.len()).any(|part| part == sign) { Ok(()) } else { Err(Failure::wrong("body")) }
}

/// Path and query of a URL.
fn path_of(url: &str) -> Result<&str, Failure> {
    let rest = ["http://", "https://"].iter().find_map(|scheme| url.strip_prefix(scheme)).unwrap_or(url);
    rest.find('/').map(|at| &rest[at..]).ok_or_else(|| Failure::wrong("a URL without a path"))
}

/// A query value, which in all that passes here is made of characters that need no escape.
fn query_value<'a>(url: &'a str, name: &str) -> Result<&'a str, Failure> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    value.filter(|value| !value.contains('%')).ok_or_else(|| Failure::wrong("no code in the callback"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_of(body: &str, person: u64) -> bool {
        json::<Named>(body.as_bytes()).is_ok_and(|named| named.must_be(person).is_ok())
    }

    #[test]
    fn an_answer_about_another_person_or_nobody_is_wrong() {
        assert!(is_of(r#"{"username":"kakao_42","email":null}"#, 42));
        assert!(is_of(r#"{"email":"42@example.com"}"#, 42));
        assert!(!is_of(r#"{"username":"kakao_43"}"#, 42));
        assert!(!is_of(r#"{"username":"kakao_43","email":"42@example.com"}"#, 42));
        assert!(!is_of("{}", 42));
        assert!(!is_of("null", 42));
    }

    #[test]
    fn tokens_have_to_be_there() {
        let of = |body: &str| json::<Tokens>(body.as_bytes()).and_then(|tokens| Session::of(&tokens, 1));
        assert!(of(r#"{"access_token":"a","refresh_token":"r"}"#).is_ok());
        assert!(of(r#"{"access_token":"a"}"#).is_err());
        assert!(of(r#"{"access_token":"","refresh_token":"r"}"#).is_err());
        assert!(of(r#"{"refresh_token":"r"}"#).is_err());
    }

    #[test]
    fn a_login_goes_on_where_the_url_says_on_whatever_host() {
        assert_eq!(path_of("https://kauth.kakao.com/oauth/authorize?a=b").ok(), Some("/oauth/authorize?a=b"));
        assert_eq!(path_of("/done?to=http://a.example/").ok(), Some("/done?to=http://a.example/"));
        assert!(path_of("http://a.example").is_err());
        assert_eq!(query_value("/callback?state=s&code=c", "code").ok(), Some("c"));
        assert!(query_value("/callback?error=x", "code").is_err());
    }
}
