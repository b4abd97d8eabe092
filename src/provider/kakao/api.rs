//! kapi: people, asked in their own name or in the app's.

use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;

use super::{
    super::{
        LinkedPage, Person, ProviderError,
        endpoint::Endpoint,
        http::{Ask, Credentials, UpstreamAnswer},
    },
    error, wire,
};
use crate::{
    config::{KakaoConfig, PrivateField},
    domain::identity::{Identity, ProviderKind, Subject},
};

/// The largest page Kakao gives.
const PAGE: &str = "100";

/// kapi, an [`Endpoint`] for each of its paths.
pub(super) struct Api {
    base_url: String,
    admin_key: Option<SecretString>,
    fields: Vec<PrivateField>,
    user_me: Endpoint,
    token_info: Endpoint,
    signup: Endpoint,
    unlink: Endpoint,
    user_ids: Endpoint,
}

impl Api {
    pub(super) fn new(config: &KakaoConfig, endpoint: impl Fn() -> Endpoint) -> Self {
        Self {
            base_url: config.api_base_url.as_str().trim_end_matches('/').to_owned(),
            admin_key: config.admin_key.clone(),
            fields: config.profile_fields.clone(),
            user_me: endpoint(),
            token_info: endpoint(),
            signup: endpoint(),
            unlink: endpoint(),
            user_ids: endpoint(),
        }
    }

    /// The profile of the person a token belongs to. Somebody who is only registered in advance is signed up first: the
    /// gateway's user is the service's.
    pub(super) async fn profile(&self, access_token: &SecretString) -> Result<Person, ProviderError> {
        let credentials = Credentials::Bearer(access_token);
        let mut me = self.user_me(credentials, "").await?;
        if me.is_preregistered() {
            self.sign_up(credentials).await?;
            me = self.user_me(credentials, "").await?;
        }
        self.person(me)
    }

    /// The profile of a linked person, in the app's name.
    pub(super) async fn profile_of(&self, subject: &Subject) -> Result<Person, ProviderError> {
        let target = format!("&target_id_type=user_id&target_id={}", subject.as_str());
        let me = self.user_me(self.admin()?, &target).await?;
        self.person(me)
    }

    /// Whom an access token belongs to, if it was made for the app of this number.
    pub(super) async fn subject_of_token(
        &self,
        access_token: &SecretString,
        app_id: i64,
    ) -> Result<Subject, ProviderError> {
        // What cannot stand in a header is not worth a request, and its failure is no outage of the endpoint.
        if !access_token.expose_secret().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ProviderError::TokenRefused { what: "it is not an access token", code: None });
        }
        let url = format!("{}/v1/user/access_token_info", self.base_url);
        let ask = Ask { url: &url, credentials: Credentials::Bearer(access_token), form: None };
        let answer = read(&self.token_info, ask).await.map_err(|error| match error {
            // -2 malformed, -401 unknown or expired: the caller's token, not Kakao's fault.
            ProviderError::Unacceptable { code: Some(code), .. } => {
                ProviderError::TokenRefused { what: "Kakao does not know it, or it has expired", code: Some(code) }
            }
            other => other,
        })?;
        let info: wire::TokenInfo = json(&answer)?;
        if info.app_id != Some(app_id) {
            return Err(ProviderError::TokenRefused { what: "it was made for another app", code: None });
        }
        info.subject().ok_or(ProviderError::unacceptable("the token information has no user number"))
    }

    /// Withdraws the person's link to the app.
    pub(super) async fn unlink(&self, subject: &Subject) -> Result<(), ProviderError> {
        let url = format!("{}/v1/user/unlink", self.base_url);
        let form = [("target_id_type", "user_id"), ("target_id", subject.as_str())];
        let ask = Ask { url: &url, credentials: self.admin()?, form: Some(&form) };
        let answer = self.unlink.ask(ask).await.map_err(error::of_upstream)?;
        match checked(answer) {
            Ok(_) => Ok(()),
            // Not linked, or no account any more: done before, by us or by the person.
            Err(ProviderError::PersonRefused { code: Some(code) }) if code == "-101" || code == "-103" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A page of linked people, by ascending number.
    pub(super) async fn linked_subjects(&self, after: Option<&Subject>) -> Result<LinkedPage, ProviderError> {
        // `from_id` is part of the page, so the next one begins one further.
        let next = after.and_then(|after| after.as_str().parse::<u64>().ok()?.checked_add(1));
        let from = next.map(|next| format!("&from_id={next}")).unwrap_or_default();
        let url = format!("{}/v1/user/ids?limit={PAGE}&order=asc{from}", self.base_url);
        let ask = Ask { url: &url, credentials: self.admin()?, form: None };
        let answer = read(&self.user_ids, ask).await?;
        let page: wire::UserIds = json(&answer)?;
        let (subjects, is_last) = page.read().ok_or(ProviderError::unacceptable("the list holds no user numbers"))?;
        Ok(LinkedPage { is_last: is_last || subjects.is_empty(), subjects })
    }

    async fn user_me(&self, credentials: Credentials<'_>, target: &str) -> Result<wire::UserMe, ProviderError> {
        let url = format!("{}/v2/user/me?secure_resource=true{target}", self.base_url);
        let answer = read(&self.user_me, Ask { url: &url, credentials, form: None }).await?;
        json(&answer)
    }

    async fn sign_up(&self, credentials: Credentials<'_>) -> Result<(), ProviderError> {
        let url = format!("{}/v1/user/signup", self.base_url);
        let ask = Ask { url: &url, credentials, form: Some(&[]) };
        let answer = self.signup.ask(ask).await.map_err(error::of_upstream)?;
        match checked(answer) {
            Ok(_) => Ok(()),
            // Signed up already: by another of their logins at this moment.
            Err(error) if error.code() == Some("-102") => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn person(&self, me: wire::UserMe) -> Result<Person, ProviderError> {
        let subject = me.subject().ok_or(ProviderError::unacceptable("the profile has no user number"))?;
        let identity = Identity { provider: ProviderKind::Kakao, subject };
        Ok(Person { identity, profile: me.into_profile(&self.fields) })
    }

    fn admin(&self) -> Result<Credentials<'_>, ProviderError> {
        let key = self.admin_key.as_ref().filter(|key| !key.expose_secret().is_empty());
        key.map(Credentials::KakaoAdmin).ok_or(ProviderError::NotConfigured("KAKAO_ADMIN_KEY"))
    }
}

async fn read(endpoint: &Endpoint, ask: Ask<'_>) -> Result<UpstreamAnswer, ProviderError> {
    checked(endpoint.read(ask, error::is_transient).await.map_err(error::of_upstream)?)
}

fn checked(answer: UpstreamAnswer) -> Result<UpstreamAnswer, ProviderError> {
    if answer.status == http::StatusCode::OK { Ok(answer) } else { Err(error::of_api(&answer)) }
}

fn json<T: DeserializeOwned>(answer: &UpstreamAnswer) -> Result<T, ProviderError> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| ProviderError::unavailable("its answer is not the documented JSON"))
}
