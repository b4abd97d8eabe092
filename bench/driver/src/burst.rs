//! Many logins at once, and what they do to somebody who only shows an access token meanwhile.

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::watch;

use crate::{
    failure::Failure,
    load::{Latency, Seen},
    system::{Browser, System},
};

pub struct Burst {
    pub system: System,
    pub app: String,
    pub kakao: String,
    pub logins: u32,
    /// People whom the system knows already.
    pub returning: bool,
    pub bystanders: u32,
    /// How long the bystanders are watched before.
    pub calm: Duration,
    pub first_person: u64,
}

#[derive(Serialize)]
pub struct Measured {
    pub logins: u32,
    pub seconds_until_all: f64,
    pub login_us: Option<Latency>,
    pub bystander_before_us: Option<Latency>,
    pub bystander_during_us: Option<Latency>,
    pub errors: std::collections::BTreeMap<String, u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Before,
    During,
    Over,
}

/// A bystander asks this often: it is to notice a stall, not to be load of its own.
const PACE: Duration = Duration::from_millis(2);

pub async fn run(burst: &Burst) -> Result<Measured, Failure> {
    let person = |index: u32| burst.first_person + u64::from(index);
    let mut browsers = Vec::new();
    for index in 0..burst.logins {
        let mut browser = Browser::new(burst.system, &burst.app, &burst.kakao);
        browser.open().await?;
        browsers.push((browser, person(index)));
    }
    if burst.returning {
        browsers = acquaint(browsers).await?;
    }
    let (phase, watching) = watch::channel(Phase::Before);
    let mut bystanders = Vec::new();
    for index in 0..burst.bystanders {
        let mut browser = Browser::new(burst.system, &burst.app, &burst.kakao);
        let session = browser.login(person(burst.logins + index)).await?;
        bystanders.push(tokio::spawn(stand_by(browser, session, watching.clone())));
    }
    tokio::time::sleep(burst.calm).await;
    phase.send_replace(Phase::During);
    let begun = Instant::now();
    let logins: Vec<_> = browsers
        .into_iter()
        .map(|(mut browser, person)| {
            tokio::spawn(async move {
                let begun = Instant::now();
                browser.login(person).await.map(|_| begun.elapsed())
            })
        })
        .collect();
    let mut seen = Seen::default();
    for login in logins {
        match login.await.map_err(|_| Failure::Closed)? {
            Ok(elapsed) => seen.took(elapsed),
            Err(failure) => seen.failed(&failure),
        }
    }
    let seconds_until_all = begun.elapsed().as_secs_f64();
    phase.send_replace(Phase::Over);
    let (mut before, mut during) = (Seen::default(), Seen::default());
    for bystander in bystanders {
        let (calm, stormy) = bystander.await.map_err(|_| Failure::Closed)?;
        before.add(calm);
        during.add(stormy);
    }
    let login_us = seen.latency();
    let (bystander_before_us, bystander_during_us) = (before.latency(), during.latency());
    seen.add(Seen { errors: before.errors, ..Seen::default() });
    seen.add(Seen { errors: during.errors, ..Seen::default() });
    Ok(Measured {
        logins: burst.logins,
        seconds_until_all,
        login_us,
        bystander_before_us,
        bystander_during_us,
        errors: seen.errors,
    })
}

/// Signs everybody in once, a few at a time.
async fn acquaint(browsers: Vec<(Browser, u64)>) -> Result<Vec<(Browser, u64)>, Failure> {
    let mut waiting = browsers.into_iter();
    let mut known = Vec::new();
    loop {
        let group: Vec<_> = waiting.by_ref().take(64).collect();
        if group.is_empty() {
            return Ok(known);
        }
        let group: Vec<_> = group
            .into_iter()
            .map(|(mut browser, person)| {
                tokio::spawn(async move { browser.login(person).await.map(|_| (browser, person)) })
            })
            .collect();
        for login in group {
            known.push(login.await.map_err(|_| Failure::Closed)??);
        }
    }
}

async fn stand_by(
    mut browser: Browser,
    session: crate::system::Session,
    watching: watch::Receiver<Phase>,
) -> (Seen, Seen) {
    let (mut before, mut during) = (Seen::default(), Seen::default());
    loop {
        let phase = *watching.borrow();
        let seen = match phase {
            Phase::Before => &mut before,
            Phase::During => &mut during,
            Phase::Over => return (before, during),
        };
        let begun = Instant::now();
        match browser.show_session(&session).await {
            Ok(()) => seen.took(begun.elapsed()),
            Err(failure) => seen.failed(&failure),
        }
        tokio::time::sleep(PACE).await;
    }
}
