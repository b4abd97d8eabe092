//! Compact JSON web signatures, sound and forged.

use std::sync::Arc;

use aws_lc_rs::error::Unspecified;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::keys::SigningKey;

/// A token before it is signed.
pub(crate) struct Draft {
    pub(crate) header: Map<String, Value>,
    pub(crate) claims: Map<String, Value>,
    pub(crate) signature: Signature,
    /// Flip one bit of the finished signature.
    pub(crate) flip: bool,
}

/// How a token is signed.
pub(crate) enum Signature {
    Rs256(Arc<SigningKey>),
    /// With the PEM text of the public key as the secret.
    Hs256Pem(Arc<SigningKey>),
    /// With the DER bytes of the public key as the secret.
    Hs256Der(Arc<SigningKey>),
    None,
}

impl Draft {
    /// RFC 7515, compact serialisation.
    pub(crate) fn compact(self) -> Result<String, Unspecified> {
        let mut token = String::with_capacity(900);
        URL_SAFE_NO_PAD.encode_string(Value::Object(self.header).to_string(), &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(Value::Object(self.claims).to_string(), &mut token);
        let mut signature = match self.signature {
            Signature::Rs256(key) => key.sign(token.as_bytes())?,
            Signature::Hs256Pem(key) => SigningKey::sign_confused(key.public_pem()?.as_bytes(), token.as_bytes()),
            Signature::Hs256Der(key) => SigningKey::sign_confused(&key.public_der()?, token.as_bytes()),
            Signature::None => Vec::new(),
        };
        if self.flip
            && let Some(byte) = signature.first_mut()
        {
            *byte ^= 1;
        }
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// The members of a JSON object; none of anything else.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
