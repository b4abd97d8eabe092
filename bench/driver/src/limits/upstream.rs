//! Kakao's two calls as the gateway makes them: what a login cannot cost less than.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{Client, header::LOCATION, redirect::Policy};
use serde::{Deserialize, Serialize};
use tokio::{task::JoinSet, time::Instant};

use crate::{Meter, Outcome, Rate, print};

const CALLBACK: &str = "http://127.0.0.1/callback";
const FIRST_PERSON: u64 = 7_000_000_000;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Serialize)]
struct Measured {
    /// The code alone: a returning person.
    exchange: Rate,
    /// And the profile: a new one.
    exchange_and_profile: Rate,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
}

pub async fn measure(kakao: &str, connections: u32, span: Duration) -> Outcome {
    #[expect(clippy::disallowed_methods, reason = "not the gateway: the bare client it is compared with")]
    let client = Client::builder().redirect(Policy::none()).tcp_nodelay(true).build()?;
    let exchange = repeat(&client, kakao, connections, span, false).await?;
    let exchange_and_profile = repeat(&client, kakao, connections, span, true).await?;
    print(&Measured { exchange, exchange_and_profile })
}

async fn repeat(
    client: &Client,
    kakao: &str,
    connections: u32,
    span: Duration,
    profile: bool,
) -> Result<Rate, Failure> {
    let codes = Arc::new(Mutex::new(collect_codes(client, kakao, span).await?));
    let mut meter = Meter::new(span);
    let until = Instant::now() + span;
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        let (client, kakao, codes) = (client.clone(), kakao.to_owned(), Arc::clone(&codes));
        workers.spawn(async move {
            let mut done = 0_u64;
            while Instant::now() < until {
                let code = codes.lock().unwrap_or_else(PoisonError::into_inner).pop();
                // Fewer than the time would have taken: the rate counts the time that was used.
                let Some(code) = code else { break };
                sign_in(&client, &kakao, &code, profile).await?;
                done += 1;
            }
            Ok::<_, Failure>(done)
        });
    }
    while let Some(done) = workers.join_next().await {
        meter.done += done??;
    }
    Ok(meter.rate())
}

/// More codes than can be redeemed in the time: no browser is part of what is measured.
async fn collect_codes(client: &Client, kakao: &str, span: Duration) -> Result<Vec<String>, Failure> {
    let wanted = (span.as_secs_f64().ceil() * 8_000.0).min(60_000.0);
    let mut codes = Vec::new();
    while f64::from(u32::try_from(codes.len())?) < wanted {
        let mut group = JoinSet::new();
        for index in 0..64 {
            let person = FIRST_PERSON + codes.len() as u64 + index;
            let query = format!("client_id=bench&response_type=code&redirect_uri={CALLBACK}&mock_user={person}");
            let request = client.get(format!("{kakao}/oauth/authorize?{query}"));
            group.spawn(request.send());
        }
        while let Some(answer) = group.join_next().await {
            let answer = answer??;
            let location = answer.headers().get(LOCATION).ok_or("no code")?.to_str()?;
            codes.push(location.rsplit_once("code=").ok_or("no code")?.1.to_owned());
        }
    }
    Ok(codes)
}

async fn sign_in(client: &Client, kakao: &str, code: &str, profile: bool) -> Result<(), Failure> {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "bench"),
        ("client_secret", "bench"),
        ("redirect_uri", CALLBACK),
        ("code", code),
    ];
    let answer = client.post(format!("{kakao}/oauth/token")).form(&form).send().await?.error_for_status()?;
    let tokens: Tokens = serde_json::from_slice(&answer.bytes().await?)?;
    if profile {
        let request = client.get(format!("{kakao}/v2/user/me")).bearer_auth(tokens.access_token);
        request.send().await?.error_for_status()?.bytes().await?;
    }
    Ok(())
}
