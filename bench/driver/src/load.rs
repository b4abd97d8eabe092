//! A closed loop: so many connections, each with its next operation as soon as the last one is answered.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use clap::ValueEnum;
use serde::Serialize;
use tokio::time::sleep_until;

use crate::{
    failure::Failure,
    system::{Browser, Session, System},
    watch::{self, Look, Machine, TICKS_PER_SECOND, Watched},
};

/// After a failure, so that a server that refuses everything is not asked a hundred thousand times a second.
const BREATH: Duration = Duration::from_millis(20);

/// Known persons a connection signs in by turns.
const POOL: u64 = 8;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Whether the process answers
    Health,
    /// The sample route that checks an access token
    Protected,
    /// Who is signed in: one read of the database
    Profile,
    /// Each connection continues a session of its own, token after token
    Refresh,
    /// First logins, each of another person
    LoginNew,
    /// Logins of people the system knows
    LoginReturning,
}

pub struct Plan {
    pub system: System,
    pub scenario: Scenario,
    pub app: String,
    pub kakao: String,
    pub connections: u32,
    pub warm_up: Duration,
    pub seconds: Duration,
    /// Numbers of people nobody has used before begin here.
    pub first_person: u64,
    /// Sessions to refresh by turns instead of one a connection.
    pub sessions: Vec<Session>,
    /// People the system knows already, to sign in instead of a few of its own making.
    pub known: Vec<u64>,
    pub watched: Vec<Watched>,
}

#[derive(Serialize)]
pub struct Measured {
    pub operations: u64,
    pub seconds: f64,
    pub per_second: f64,
    pub errors: BTreeMap<String, u64>,
    pub latency_us: Option<Latency>,
    pub watched: BTreeMap<String, WatchedCost>,
    pub driver_cpu_us_per_operation: f64,
    /// Share of the machine's processors that something else used meanwhile: of a quiet machine, near nothing.
    pub others_cpu_share: f64,
    /// Share that other guests of the host took.
    pub stolen_cpu_share: f64,
}

/// Processor time before and after the measured time.
struct Spent {
    before: Vec<u64>,
    after: Vec<Look>,
    own: u64,
    machine: Machine,
}

#[derive(Serialize)]
pub struct Latency {
    pub p50: u32,
    pub p90: u32,
    pub p99: u32,
    pub max: u32,
}

#[derive(Serialize)]
pub struct WatchedCost {
    pub cpu_seconds: f64,
    pub cpu_us_per_operation: f64,
    #[serde(flatten)]
    pub memory: Look,
}

/// What one connection saw inside the measured time.
#[derive(Default)]
pub struct Seen {
    pub latencies_us: Vec<u32>,
    pub errors: BTreeMap<String, u64>,
}

impl Seen {
    pub fn failed(&mut self, failure: &Failure) {
        *self.errors.entry(failure.to_string()).or_default() += 1;
    }

    pub fn took(&mut self, elapsed: Duration) {
        self.latencies_us.push(u32::try_from(elapsed.as_micros()).unwrap_or(u32::MAX));
    }

    pub fn add(&mut self, other: Self) {
        self.latencies_us.extend(other.latencies_us);
        for (kind, count) in other.errors {
            *self.errors.entry(kind).or_default() += count;
        }
    }

    pub fn latency(&mut self) -> Option<Latency> {
        self.latencies_us.sort_unstable();
        let sorted = &self.latencies_us;
        let at = |percent: usize| sorted.get((sorted.len().checked_sub(1)? * percent).div_ceil(100)).copied();
        Some(Latency { p50: at(50)?, p90: at(90)?, p99: at(99)?, max: at(100)? })
    }
}

/// One connection and what it repeats.
struct Worker {
    browser: Browser,
    scenario: Scenario,
    sessions: Vec<Session>,
    next_person: u64,
    pool: Vec<u64>,
    turn: usize,
}

/// Runs a plan. The error is that of the preparation, without which nothing can be measured.
pub async fn run(mut plan: Plan) -> Result<Measured, Failure> {
    let mut preparing = Vec::new();
    let (mut sessions, mut known) =
        (deal(&mut plan.sessions, plan.connections), deal(&mut plan.known, plan.connections));
    for index in 0..plan.connections {
        preparing.push(tokio::spawn(Worker::prepare(
            Browser::new(plan.system, &plan.app, &plan.kakao),
            plan.scenario,
            // No two connections ever use one person.
            plan.first_person + u64::from(index) * 10_000_000,
            sessions.pop().unwrap_or_default(),
            known.pop().unwrap_or_default(),
        )));
    }
    let mut workers = Vec::new();
    for worker in preparing {
        workers.push(worker.await.map_err(|_| Failure::Closed)??);
    }
    let from = Instant::now() + plan.warm_up;
    let until = from + plan.seconds;
    let running: Vec<_> = workers.into_iter().map(|worker| tokio::spawn(worker.repeat(from, until))).collect();
    sleep_until(from.into()).await;
    let (begun, own_before, machine) = (Instant::now(), watch::own_cpu_ticks(), Machine::now());
    let before: Vec<u64> = plan.watched.iter().map(Watched::cpu_ticks).collect();
    sleep_until(until.into()).await;
    let after: Vec<Look> = plan.watched.iter().map(Watched::look).collect();
    let spent = Spent { before, after, own: watch::own_cpu_ticks() - own_before, machine: machine.until_now() };
    // What is on its way when the time is up is not counted; what was on its way when it began is.
    let seconds = (until - begun).as_secs_f64();
    let mut seen = Seen::default();
    for worker in running {
        seen.add(worker.await.map_err(|_| Failure::Closed)?);
    }
    Ok(summarize(&plan, seen, seconds, &spent))
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn summarize(plan: &Plan, mut seen: Seen, seconds: f64, spent: &Spent) -> Measured {
    let operations = seen.latencies_us.len() as u64;
    let cpu_seconds = |ticks: u64| ticks as f64 / TICKS_PER_SECOND as f64;
    let per_operation = |ticks: u64| cpu_seconds(ticks) * 1e6 / (operations.max(1)) as f64;
    let mut ours = spent.own;
    let costs = plan.watched.iter().zip(&spent.before).zip(&spent.after).map(|((watched, before), memory)| {
        let ticks = memory.cpu_ticks.saturating_sub(*before);
        ours += ticks;
        let cost = WatchedCost {
            cpu_seconds: cpu_seconds(ticks),
            cpu_us_per_operation: per_operation(ticks),
            memory: *memory,
        };
        (watched.name.clone(), cost)
    });
    let watched = costs.collect();
    let share = |ticks: u64| ticks as f64 / spent.machine.all.max(1) as f64;
    Measured {
        operations,
        seconds,
        per_second: operations as f64 / seconds,
        errors: std::mem::take(&mut seen.errors),
        watched,
        driver_cpu_us_per_operation: per_operation(spent.own),
        others_cpu_share: share(spent.machine.busy.saturating_sub(ours)),
        stolen_cpu_share: share(spent.machine.stolen),
        latency_us: seen.latency(),
    }
}

/// Each connection its share, in an order that has nothing to do with how the system stores them.
fn deal<T>(all: &mut Vec<T>, connections: u32) -> Vec<Vec<T>> {
    let mut shares: Vec<Vec<T>> = (0..connections).map(|_| Vec::new()).collect();
    for (index, one) in all.drain(..).enumerate() {
        let share = index % shares.len();
        shares[share].push(one);
    }
    shares
}

impl Worker {
    async fn prepare(
        mut browser: Browser,
        scenario: Scenario,
        first_person: u64,
        mut sessions: Vec<Session>,
        mut pool: Vec<u64>,
    ) -> Result<Self, Failure> {
        browser.open().await?;
        let strangers = match scenario {
            Scenario::Protected | Scenario::Profile => 1,
            Scenario::Refresh => u64::from(sessions.is_empty()),
            Scenario::LoginReturning if pool.is_empty() => POOL,
            Scenario::Health | Scenario::LoginNew | Scenario::LoginReturning => 0,
        };
        for person in first_person..first_person + strangers {
            sessions.push(browser.login(person).await?);
            pool.push(person);
        }
        Ok(Self { browser, scenario, sessions, next_person: first_person + strangers, pool, turn: 0 })
    }

    async fn repeat(mut self, from: Instant, until: Instant) -> Seen {
        let mut seen = Seen::default();
        loop {
            let begun = Instant::now();
            if begun >= until {
                return seen;
            }
            let result = self.operate().await;
            let ended = Instant::now();
            let counts = (from..=until).contains(&ended);
            match result {
                Ok(()) if counts => seen.took(ended - begun),
                Ok(()) => {}
                Err(failure) => {
                    // Also outside the measured time: an error is an error.
                    seen.failed(&failure);
                    tokio::time::sleep(BREATH).await;
                    if self.scenario == Scenario::Refresh {
                        // The chain may be lost; the next operations are to be refreshes again.
                        let at = self.turn % self.sessions.len();
                        if let Ok(session) = self.browser.login(self.sessions[at].person).await {
                            self.sessions[at] = session;
                        }
                    }
                }
            }
        }
    }

    async fn operate(&mut self) -> Result<(), Failure> {
        self.turn += 1;
        let turn = self.turn;
        let at = if self.sessions.is_empty() { 0 } else { turn % self.sessions.len() };
        match self.scenario {
            Scenario::Health => self.browser.read_health().await,
            Scenario::Protected => self.browser.read_protected(&self.sessions[at]).await,
            Scenario::Profile => self.browser.read_profile(&self.sessions[at]).await,
            Scenario::Refresh => self.browser.refresh(&mut self.sessions[at]).await,
            Scenario::LoginNew => {
                self.next_person += 1;
                self.browser.login(self.next_person).await.map(drop)
            }
            Scenario::LoginReturning => {
                let person = self.pool[turn % self.pool.len()];
                self.browser.login(person).await.map(drop)
            }
        }
    }
}
