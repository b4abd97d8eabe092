//! Signatures on one thread: the best of several short windows, which is the one nobody disturbed.

use std::time::{Duration, Instant};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use crate::{Outcome, print};

const WINDOW: Duration = Duration::from_millis(120);
const WINDOWS: usize = 7;

#[derive(Serialize, Deserialize, Clone)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    exp: i64,
    iat: i64,
    jti: String,
    sid: String,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "names in RESULTS.json")]
struct Measured {
    es256_sign_us: f64,
    es256_verify_us: f64,
    hs256_sign_us: f64,
    hs256_verify_us: f64,
}

pub fn measure() -> Outcome {
    let claims = Claims {
        iss: "http://127.0.0.1:8000".into(),
        aud: "munjigi".into(),
        sub: "019aa2f0-7c00-7b1e-9c6d-0f2d6a1c9e55".into(),
        exp: 4_000_000_000,
        iat: 1_700_000_000,
        jti: "019aa2f0-7c00-7b1e-9c6d-0f2d6a1c9e56".into(),
        sid: "019aa2f0-7c00-7b1e-9c6d-0f2d6a1c9e57".into(),
    };
    let rng = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref())?;
    let es256 = encode(&Header::new(Algorithm::ES256), &claims, &EncodingKey::from_ec_der(pkcs8.as_ref()))?;
    let hs256 = encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&[7; 32]))?;
    let public = DecodingKey::from_ec_der(pair.public_key().as_ref());
    let (signed, _) = es256.rsplit_once('.').unwrap_or_default();
    let secret = EncodingKey::from_secret(&[7; 32]);
    print(&Measured {
        es256_sign_us: time(|| pair.sign(&rng, signed.as_bytes()).is_ok())?,
        es256_verify_us: time(verification(&es256, public, Algorithm::ES256))?,
        hs256_sign_us: time(|| encode(&Header::new(Algorithm::HS256), &claims, &secret).is_ok())?,
        hs256_verify_us: time(verification(&hs256, DecodingKey::from_secret(&[7; 32]), Algorithm::HS256))?,
    })
}

fn verification(token: &str, key: DecodingKey, algorithm: Algorithm) -> impl FnMut() -> bool {
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&["munjigi"]);
    move || decode::<Claims>(token, &key, &validation).is_ok()
}

/// Microseconds a call; a call that fails is no measurement.
fn time(mut call: impl FnMut() -> bool) -> Result<f64, &'static str> {
    let mut best = f64::MAX;
    for _ in 0..WINDOWS {
        let begun = Instant::now();
        let mut calls = 0_u32;
        while begun.elapsed() < WINDOW {
            if !call() {
                return Err("a signature failed");
            }
            calls += 1;
        }
        best = best.min(begun.elapsed().as_secs_f64() * 1e6 / f64::from(calls));
    }
    Ok(best)
}
