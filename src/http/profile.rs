//! Tag `profile`: the user, and the sample every tutorial has.

use std::sync::Arc;

use poem::{Request, web::Data};
use poem_openapi::{ApiResponse, Object, OpenApi, payload::Json};

use super::{
    Shared, Tag,
    auth::{FirstParty, SignedIn},
    body::Body,
    context::FromCaller,
    faults,
    problem::{Codes, Problem},
    token_answer::Profile,
};
use crate::{
    domain::{
        private_fields::PrivateFields,
        user::{Nickname, User},
    },
    error_code::ErrorCode,
};

/// Codes of the profile.
pub struct ProfileCodes;

impl Codes for ProfileCodes {
    const CODES: &'static [ErrorCode] = &[
        ErrorCode::InvalidRequest,
        ErrorCode::InvalidNickname,
        ErrorCode::Unauthenticated,
        ErrorCode::InvalidToken,
        ErrorCode::TokenExpired,
        ErrorCode::SessionRevoked,
        ErrorCode::SessionExpired,
        ErrorCode::ClientNotAllowed,
        ErrorCode::InternalError,
        ErrorCode::StorageUnavailable,
    ];
}

/// What a user may change. Anything else is refused, not ignored.
#[derive(Object)]
#[oai(example, deny_unknown_fields)]
struct ProfileChange {
    /// 1 to 30 visible characters. Later logins leave it alone.
    nickname: String,
}

impl poem_openapi::types::Example for ProfileChange {
    fn example() -> Self {
        Self { nickname: "문지기".into() }
    }
}

/// The sample answer.
#[derive(Object)]
#[oai(example)]
struct Protected {
    /// A greeting.
    message: String,
    /// Our id of the user.
    user_id: String,
}

impl poem_openapi::types::Example for Protected {
    fn example() -> Self {
        let user_id = "019aa2f0-7c00-7b1e-9c6d-0f2d6a1c9e55".to_owned();
        Self { message: "안녕하세요, 김문지님!".to_owned(), user_id }
    }
}

#[derive(ApiResponse)]
enum LeaveAnswer {
    /// Gone.
    #[oai(status = 204)]
    Left(#[oai(header = "Set-Cookie")] Option<String>),
}

/// Private fields as far as they are asked for now: what was sealed under other settings may be more.
pub fn private_of(shared: &Shared, user: &User) -> PrivateFields {
    shared.context.open_private(user).only(&shared.config.kakao.profile_fields)
}

/// The profile as its owner sees it.
fn shown(shared: &Shared, user: User) -> Profile {
    let private = private_of(shared, &user);
    let mut profile = Profile::of(user, &shared.config.server);
    profile.private_fields = (!shared.config.kakao.profile_fields.is_empty()).then(|| private.into());
    profile
}

/// The profile routes.
pub struct ProfileApi;

#[OpenApi(prefix_path = "/api", tag = "Tag::Profile")]
impl ProfileApi {
    /// Read the profile
    #[oai(path = "/auth/profile", method = "get", operation_id = "getProfile")]
    async fn profile(
        &self,
        shared: Data<&Arc<Shared>>,
        signed_in: SignedIn,
    ) -> Result<Json<Profile>, Problem<ProfileCodes>> {
        let user = shared.context.profile(signed_in.0.user_id()).await.map_err(|error| faults::of_storage(&error))?;
        let show = |user| {
            if signed_in.0.is_first_party() { shown(&shared, user) } else { Profile::of(user, &shared.config.server) }
        };
        // A user who has left, and their sessions with them, of which this process may hear a moment later.
        user.map(|user| Json(show(user))).ok_or_else(|| ErrorCode::SessionRevoked.into())
    }

    /// Change the nickname
    #[oai(path = "/auth/profile", method = "patch", operation_id = "changeProfile")]
    async fn change(
        &self,
        shared: Data<&Arc<Shared>>,
        // Before the body: whoever is nobody is told nothing about it.
        signed_in: FirstParty,
        body: Body<ProfileChange>,
    ) -> Result<Json<Profile>, Problem<ProfileCodes>> {
        let nickname = Nickname::parse(&body.0.nickname).map_err(faults::of_nickname)?;
        let renamed = shared.context.rename(signed_in.0.user_id(), &nickname).await;
        let user = renamed.map_err(|error| faults::of_storage(&error))?;
        user.map(|user| Json(shown(&shared, user))).ok_or_else(|| ErrorCode::SessionRevoked.into())
    }

    /// Leave
    ///
    /// Ends every session of the user and erases their personal data, at once and for good; Kakao is asked to unlink the app from
    /// their account, until it has. The same person signing in later is a new user.
    #[oai(path = "/auth/profile", method = "delete", operation_id = "leave")]
    async fn leave(
        &self,
        shared: Data<&Arc<Shared>>,
        signed_in: FirstParty,
        req: &Request,
        caller: FromCaller,
    ) -> Result<LeaveAnswer, Problem<ProfileCodes>> {
        let left = shared.context.leave(signed_in.0.user_id(), &caller.0).await;
        left.map_err(|error| faults::of_storage(&error))?;
        let had_cookie = shared.cookies.refresh_token(req).is_some();
        Ok(LeaveAnswer::Left(had_cookie.then(|| shared.cookies.clear_refresh())))
    }

    /// A protected sample
    ///
    /// Needs a valid access token and asks no database. Copy its shape for your own API.
    #[oai(path = "/protected", method = "get", operation_id = "protected")]
    async fn protected(&self, signed_in: SignedIn) -> Result<Json<Protected>, Problem<ProfileCodes>> {
        let claims = &signed_in.0.claims;
        // The nickname is in the token only if JWT_EXTRA_CLAIMS asks for it.
        let message = match &claims.nickname {
            Some(nickname) => format!("안녕하세요, {nickname}님!"),
            None => "안녕하세요!".to_owned(),
        };
        Ok(Json(Protected { message, user_id: claims.sub.to_string() }))
    }
}
