//! The list of everything that can be made to go wrong, with an example of each, for `GET /__mock/faults`.

use serde_json::{Value, json};

use crate::errors::{KAPI_ERRORS, KoeCode};
use crate::faults::{ApiError, Endpoint, Failure, Fault, IdTokenFault};

/// One example of each kind, as `POST /__mock/next` takes it, with what it does.
pub(crate) fn kinds() -> Value {
    let list: Vec<Value> = examples()
        .into_iter()
        .map(|(fault, effect)| {
            let example = json!(fault);
            json!({"fault": example["fault"], "example": example, "effect": effect})
        })
        .collect();
    let codes: Vec<Value> = KAPI_ERRORS.iter().map(|(code, status, msg)| json!([code, status, msg])).collect();
    json!({
        "faults": list,
        "id_token_values": ID_TOKEN_FAULTS,
        "api_errors": codes,
        "short_forms": [
            {"error": "KOE320"},
            {"endpoint": "scopes", "code": -402, "required_scopes": ["phone_number"]},
            {"endpoint": "user_ids", "code": -10, "status": 400, "retry_after": 30},
            {"endpoint": "user_me", "how": "truncated", "times": 3},
        ],
    })
}

const ID_TOKEN_FAULTS: [IdTokenFault; 16] = [
    IdTokenFault::WrongAudience,
    IdTokenFault::WrongIssuer,
    IdTokenFault::AlgNone,
    IdTokenFault::Hs256,
    IdTokenFault::WrongNonce,
    IdTokenFault::NoNonce,
    IdTokenFault::Expired,
    IdTokenFault::FutureIat,
    IdTokenFault::NoIat,
    IdTokenFault::NoSub,
    IdTokenFault::UnknownKid,
    IdTokenFault::NoKid,
    IdTokenFault::ForeignKey,
    IdTokenFault::BadSignature,
    IdTokenFault::OtherSubject,
    IdTokenFault::Missing,
];

const GENERAL: [(Failure, &str); 9] = [
    (Failure::Status(502), "that HTTP status with an HTML body; the request is not carried out"),
    (Failure::Garbage, "status 200 with text/html; the request is not carried out"),
    (Failure::Huge, "10 MB of JSON; the request is not carried out"),
    (Failure::Redirect, "a 302; the request is not carried out"),
    (Failure::Slow(3000), "carried out, answered that many milliseconds later"),
    (Failure::Truncated, "carried out, then the first half of the answer"),
    (Failure::Reset, "carried out, then the connection breaks"),
    (Failure::Empty, "carried out, then the status without a body"),
    (Failure::UnknownFields, "carried out, with members nobody documented"),
];

fn examples() -> Vec<(Fault, &'static str)> {
    let mut list = vec![
        (Fault::AuthorizePage(KoeCode::Koe006), "authorize: the error page of this code, no redirect"),
        (
            Fault::AuthorizeError { error: "access_denied".to_owned(), description: "User denied access".to_owned() },
            "authorize: redirected to the app with this error",
        ),
        (Fault::TokenError(KoeCode::Koe320), "token: this error; the request is not looked at"),
        (Fault::TokenStatus(502), "token: that HTTP status with an HTML body"),
        (Fault::TokenGarbage, "token: status 200 with text/html"),
        (Fault::TokenHuge, "token: 10 MB of JSON"),
        (Fault::TokenRedirect, "token: a 302"),
        (Fault::TokenSlow(5000), "token: carried out, answered late"),
        (Fault::TokenTruncated, "token: carried out, half of the JSON; the code is gone"),
        (Fault::TokenReset, "token: carried out, the connection breaks; the code is gone"),
        (Fault::TokenEmpty, "token: carried out, 200 without a body; the code is gone"),
        (Fault::TokenUnknownFields, "token: carried out, with members nobody documented"),
        (Fault::IdToken(IdTokenFault::WrongAudience), "the ID token of the next successful token answer"),
        (Fault::UserMeError(-401), "user/me: this API error"),
        (Fault::UserMeStatus(500), "user/me: that HTTP status with an HTML body"),
        (Fault::UserMeGarbage, "user/me: status 200 with text/html"),
        (Fault::UserMeSlow(3000), "user/me: answered late"),
        (Fault::UserMeTruncated, "user/me: half of the JSON"),
        (Fault::JwksStatus(503), "key set: that HTTP status"),
        (Fault::JwksEmpty, "key set: no keys"),
        (Fault::JwksUnknownKid, "key set: every kid is another"),
        (Fault::JwksSlow(3000), "key set: answered late"),
        (Fault::JwksGarbage, "key set: status 200 with text/html"),
        (Fault::UnlinkError(-1), "unlink: this API error; nothing is unlinked"),
        (Fault::UnlinkStatus(500), "unlink: that HTTP status; nothing is unlinked"),
    ];
    let quota = ApiError { status: Some(400), retry_after: Some(30), ..ApiError::from(-10) };
    list.push((
        Fault::api(Endpoint::UserIds, quota),
        "any endpoint: an API error, with another status and Retry-After",
    ));
    list.push((Fault::missing_consent(Endpoint::Scopes, &["name"]), "any endpoint: these consent items are missing"));
    let general = GENERAL.into_iter();
    list.extend(general.map(|(how, effect)| (Fault::Endpoint { endpoint: Endpoint::AccessTokenInfo, how }, effect)));
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults;

    #[test]
    fn every_example_is_taken_by_next() {
        let kinds = kinds();
        let examples = kinds["faults"].as_array().unwrap().iter().map(|kind| kind["example"].clone());
        for example in examples.chain(kinds["short_forms"].as_array().unwrap().clone()) {
            assert!(faults::parse(example.to_string().as_bytes()).is_ok(), "{example}");
        }
    }
}
