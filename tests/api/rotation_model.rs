//! Rotation against a small reference model: random histories of an honest client and a thief (contract 4.3).
//!
//! The model keeps the chain as a list. The gateway keeps rows. They must agree on every answer, there is never more than one
//! live head, an honest client is never signed out inside the limits, and thief plus victim ends revoked.

use std::time::Duration;

use munjigi::{
    domain::{
        device::Device,
        identity::{Identity, ProviderKind, Subject},
    },
    flow::{Caller, session::SessionError},
    storage::{
        audit::Trace,
        sign_in::{Once, SignIn},
    },
    token::refresh::RefreshFacts,
};
use proptest::{prelude::*, test_runner::TestRunner};
use secrecy::ExposeSecret;

use crate::support::World;

const REUSE_WINDOW: u64 = 30;
const RECOVERY: u64 = 86_400;
const IDLE: u64 = 7 * 86_400;
const ABSOLUTE: u64 = 20 * 86_400;

/// One step of a history.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// The client presents the newest token it has and stores the answer.
    Refresh,
    /// The same, but the answer is lost on the way.
    LoseAnswer,
    /// The client presents a token it presented before (a second tab, a retry): its index from the newest.
    Replay(usize),
    /// A thief copies what the client has now.
    Steal,
    /// The thief presents what they have and keeps the answer.
    ThiefRefresh,
    /// Seconds pass.
    Wait(u64),
    /// The session is ended.
    Revoke,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => Just(Step::Refresh),
        2 => Just(Step::LoseAnswer),
        2 => (0_usize..4).prop_map(Step::Replay),
        1 => Just(Step::Steal),
        2 => Just(Step::ThiefRefresh),
        4 => prop_oneof![1_u64..29, 30_u64..4000, 80_000_u64..90_000, 200_000_u64..700_000].prop_map(Step::Wait),
        1 => Just(Step::Revoke),
    ]
}

/// What an answer is, in model and gateway alike. A token is its place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Token(usize),
    Reused,
    Expired,
    Revoked,
}

/// The reference: every token's fate in one list, newest last.
struct Model {
    /// When each token was consumed, in seconds since the start; `None` for the head.
    consumed_at: Vec<Option<u64>>,
    /// When each expires.
    expires_at: Vec<u64>,
    revoked: bool,
}

impl Model {
    fn new() -> Self {
        Self { consumed_at: vec![None], expires_at: vec![IDLE.min(ABSOLUTE)], revoked: false }
    }

    fn present(&mut self, index: usize, now: u64) -> Outcome {
        // A token past its own end is refused before anything is asked.
        if self.expires_at[index] <= now {
            return Outcome::Expired;
        }
        if self.revoked {
            return Outcome::Revoked;
        }
        let Some(consumed_at) = self.consumed_at[index] else {
            self.consumed_at[index] = Some(now);
            self.consumed_at.push(None);
            self.expires_at.push((now + IDLE).min(ABSOLUTE));
            return Outcome::Token(index + 1);
        };
        let successor = index + 1;
        if self.expires_at[successor] <= now {
            return Outcome::Expired;
        }
        let never_presented = self.consumed_at[successor].is_none();
        if now < consumed_at + REUSE_WINDOW || (never_presented && now < consumed_at + RECOVERY) {
            return Outcome::Token(successor);
        }
        self.revoked = true;
        Outcome::Reused
    }
}

/// The gateway's side of one history.
struct Run<'a> {
    world: &'a World,
    caller: Caller,
    /// Every token of the chain as the gateway issued it.
    chain: Vec<String>,
    now: u64,
}

impl Run<'_> {
    async fn present(&mut self, index: usize) -> Outcome {
        let context = &self.world.gateway.shared.context;
        let presented: RefreshFacts = match context.read_refresh_token(&self.chain[index]) {
            Ok(facts) => facts,
            Err(SessionError::Expired) => return Outcome::Expired,
            Err(error) => panic!("a token of ours was not read: {error}"),
        };
        match context.rotate(&presented, &self.caller).await {
            Ok(issued) => {
                let token = issued.refresh_token.expose_secret().to_owned();
                let place = self.chain.iter().position(|known| *known == token).unwrap_or_else(|| {
                    self.chain.push(token);
                    self.chain.len() - 1
                });
                Outcome::Token(place)
            }
            Err(SessionError::Reused) => Outcome::Reused,
            Err(SessionError::Expired) => Outcome::Expired,
            Err(SessionError::Revoked) => Outcome::Revoked,
            Err(error) => panic!("not an answer of rotation: {error}"),
        }
    }
}

/// What one side knows: places of tokens it has, newest last.
struct Client {
    has: Vec<usize>,
}

impl Client {
    fn newest(&self) -> usize {
        *self.has.last().unwrap()
    }

    fn store(&mut self, outcome: Outcome) {
        if let Outcome::Token(place) = outcome
            && place > self.newest()
        {
            self.has.push(place);
        }
    }
}

async fn start(world: &World, number: u64) -> Run<'_> {
    let context = &world.gateway.shared.context;
    let identity =
        Identity { provider: ProviderKind::Kakao, subject: Subject::kakao(&(1000 + number).to_string()).unwrap() };
    let device = Device { ip: None, user_agent: None };
    let caller = Caller { device: device.clone(), request_id: format!("history-{number}") };
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&number.to_be_bytes());
    let input = SignIn {
        identity,
        profile: None,
        client_id: "munjigi".to_owned(),
        device,
        once: Some(Once { attempt_hash: hash, code_hash: hash }),
        replaces: None,
        awaits_code: None,
        limits: context.limits,
        trace: Trace { now: context.clock.now(), request_id: "model", ip: None }.into(),
    };
    let rows = context.storage.sign_in(input).await.unwrap().unwrap();
    let first = context.refresh_tokens.write(&rows.token).expose_secret().to_owned();
    Run { world, caller, chain: vec![first], now: 0 }
}

async fn play(run: &mut Run<'_>, steps: &[Step]) {
    let context = &run.world.gateway.shared.context;
    let session = context.read_refresh_token(&run.chain[0]).unwrap();
    let mut model = Model::new();
    let (mut honest, mut thief) = (Client { has: vec![0] }, None::<Client>);
    let (mut stolen, mut interfered) = (false, false);
    for step in steps {
        let who = match step {
            Step::Wait(secs) => {
                run.world.advance(Duration::from_secs(*secs));
                run.now += secs;
                continue;
            }
            Step::Revoke => {
                context.revoke_session(session.user_id, session.session_id, &run.caller).await.unwrap();
                model.revoked = true;
                interfered = true;
                continue;
            }
            Step::Steal => {
                thief = Some(Client { has: vec![honest.newest()] });
                continue;
            }
            Step::ThiefRefresh => match &thief {
                Some(thief) => thief.newest(),
                None => continue,
            },
            Step::Replay(back) => honest.has[honest.has.len().saturating_sub(1 + back)],
            Step::Refresh | Step::LoseAnswer => honest.newest(),
        };
        let inside_limits = model.expires_at[who] > run.now;
        let expected = model.present(who, run.now);
        let answered = run.present(who).await;
        assert_eq!(answered, expected, "{step:?} with token {who} at {}", run.now);
        match step {
            Step::ThiefRefresh => {
                stolen = true;
                thief.as_mut().unwrap().store(answered);
            }
            Step::Refresh | Step::Replay(_) => honest.store(answered),
            _ => {}
        }
        // Presenting the newest token one has is honest; so it is never punished, except for a day-long silence after an answer
        // that was lost, which no server can tell from theft.
        let lost_for_long = model.consumed_at[who].is_some_and(|at| run.now >= at + RECOVERY);
        if matches!(step, Step::Refresh) && inside_limits && !stolen && !interfered && !lost_for_long {
            assert!(matches!(answered, Outcome::Token(_) | Outcome::Revoked), "an honest client was signed out");
            assert!(answered != Outcome::Revoked || model.revoked, "revoked without a reason");
        }
    }
    let heads = model.consumed_at.iter().filter(|at| at.is_none()).count();
    assert_eq!(heads, 1, "one head in the model");
    one_live_head(run.world, session.session_id).await;
}

async fn one_live_head(world: &World, sid: uuid::Uuid) {
    let of_session = if crate::support::on_postgres() {
        format!("session_id = '{sid}'")
    } else {
        format!("hex(session_id) = '{:X}'", sid.simple())
    };
    let sql = format!("SELECT COUNT(*) FROM refresh_tokens WHERE consumed_at IS NULL AND {of_session}");
    assert_eq!(world.database.count(&sql).await, 1, "never two live heads");
}

/// After a theft the thief goes on twice; the victim's next refresh ends it for both.
async fn thief_and_victim(run: &mut Run<'_>) {
    if !matches!(run.present(0).await, Outcome::Token(1)) {
        return;
    }
    assert_eq!(run.present(1).await, Outcome::Token(2));
    run.world.advance(Duration::from_secs(REUSE_WINDOW));
    assert_eq!(run.present(0).await, Outcome::Reused);
    assert_eq!(run.present(2).await, Outcome::Revoked);
}

#[test]
fn random_histories_agree_with_the_model() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let days = (ABSOLUTE / 86_400).to_string();
    let world = runtime.block_on(World::with(&[("SESSION_MAX_DAYS", days.as_str())]));
    let number = std::cell::Cell::new(0);
    let config = ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() };
    let histories = proptest::collection::vec(step(), 1..40);
    let result = TestRunner::new(config).run(&histories, |steps| {
        number.set(number.get() + 2);
        runtime.block_on(async {
            play(&mut start(&world, number.get()).await, &steps).await;
            thief_and_victim(&mut start(&world, number.get() + 1).await).await;
        });
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
